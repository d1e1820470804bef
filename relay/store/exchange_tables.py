"""What stands where of the booking core's dealings with others: mail, payment providers, other systems, whoever follows a link.

Written as relay.store.tables is. Of a secret that somebody shows us only the SHA-256 is kept; those that we show others by
(endpoints' signing secrets) are kept as they are, for they are needed.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from relay.booking.money import minor_max
from relay.booking.notification import Notification, To
from relay.store.booking_tables import attempts_max, event_characters_max
from relay.store.catalogue_tables import id_characters_max, person_characters_max
from relay.store.columns import at_most, growing, metadata, one_of, partial, sha256
from relay.store.rows import Instant
from relay.transit.answer import Ended

told_characters_max: Final = 1_000
"""Of what a payment provider, or somebody else's server, said."""
answer_characters_max: Final = 10_000
"""Of what somebody answered by mail, as it is passed on."""
url_characters_max: Final = 2_000
why_characters_max: Final = 500
"""Of what an operator reads of mail that did not go out."""
payload_characters_max: Final = 1_000_000
"""Of what a system is told of one event, or was answered to one request, as JSON."""


class Refunding(Enum):
    """Where a refund stands at the payment provider."""

    DUE = "due"
    """`due_at` says when it is asked for next."""
    PENDING = "pending"
    """The provider has taken it on, and tells what came of it."""
    SENT = "sent"
    FAILED = "failed"


class Checkout(Enum):
    """Where a payment that was begun stands at the provider."""

    OPEN = "open"
    PAID = "paid"
    ENDED = "ended"
    """It ran out, failed, or was ended by us (T11)."""


class Telling(Enum):
    """Where an event stands, for one endpoint."""

    DUE = "due"
    TOLD = "told"
    GIVEN_UP = "given up"


IS_OPEN: Final = f"state = '{Checkout.OPEN.value}'"
TELLING_IS_DUE: Final = f"state = '{Telling.DUE.value}'"

IS_NOT_ENDED: Final = "ended_at IS NULL"
IS_NOT_POSTED: Final = "posted_at IS NULL AND parked_at IS NULL"
IS_PARKED: Final = "posted_at IS NULL AND parked_at IS NOT NULL"
REFUND_IS_DUE: Final = f"state IN ('{Refunding.DUE.value}', '{Refunding.PENDING.value}')"

notifications: Final = Table(
    # The outbox of mail about bookings: a row is written with the step that causes it, and rendered afterwards.
    "notifications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    # The booking as it is told.
    Column("version", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("addressee", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # What must not be told twice has one key.
    Column("key", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("posted_at", Instant),
    # Of what was posted; nothing where it was to reach nobody.
    Column("delivery", Text, ForeignKey("deliveries.id")),
    # Since when it waits for a person, because it could not be written, or nobody is reached.
    Column("parked_at", Instant),
    # Why it waits for a person, or has no delivery.
    Column("why", Text, nullable=False, server_default=""),
    UniqueConstraint("booking", "key"),
    partial("notifications_waiting", "id", where=IS_NOT_POSTED),
    partial("notifications_parked", "id", where=IS_PARKED),
    UniqueConstraint("delivery"),
    one_of("number", Notification),
    one_of("addressee", To),
    CheckConstraint("delivery IS NULL OR posted_at IS NOT NULL", name="posted_when_delivered"),
    CheckConstraint("parked_at IS NULL OR why <> ''", name="parked_says_why"),
    CheckConstraint("posted_at IS NULL OR delivery IS NOT NULL OR why <> ''", name="without_delivery_says_why"),
    at_most("why", why_characters_max),
    at_most("key", id_characters_max, 1),
)

refunds: Final = Table(
    # The outbox of refunds: a row is written with the ledger's entry, and the provider asked afterwards.
    "refunds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    # The ledger's `about` of the payment that it goes back to (SL-30).
    Column("payment", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # How often the provider said that it failed, and why, in a word.
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("cause", Text, nullable=False, server_default=""),
    # What the provider calls it.
    Column("provider_id", Text),
    Column("ended_at", Instant),
    Index("refunds_by_booking", "booking"),
    partial("refunds_due", "due_at", "id", where=REFUND_IS_DUE),
    one_of("state", Refunding),
    CheckConstraint(f"amount BETWEEN 1 AND {minor_max}", name="amount_range"),
    CheckConstraint(f"attempts BETWEEN 0 AND {attempts_max}", name="attempts_range"),
    at_most("cause", told_characters_max),
)

checkouts: Final = Table(
    # What a customer pays by, at the provider: a row is written before the provider is asked, so that whoever takes the booking
    # away knows that somebody is about to pay (T11).
    "checkouts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    # What the provider calls it, and where it takes the customer; nothing until it has answered.
    Column("provider_id", Text, unique=True),
    Column("url", Text),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("checkouts_by_booking", "booking"),
    partial("checkouts_open", "booking", where=IS_OPEN),
    one_of("state", Checkout),
    CheckConstraint("(provider_id IS NULL) = (url IS NULL)", name="opened_whole"),
    CheckConstraint(f"amount BETWEEN 1 AND {minor_max}", name="amount_range"),
    at_most("provider_id", event_characters_max, 1),
    at_most("url", url_characters_max, 1),
)

payment_events: Final = Table(
    # What the provider told us, each once, for ever (T12): what comes again or late is known by its id.
    "payment_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id")),
    Column("kind", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    # What became of it, in a word.
    Column("outcome", Text, nullable=False),
    Index("payment_events_by_booking", "booking"),
    at_most("id", event_characters_max, 1),
    at_most("kind", event_characters_max, 1),
    at_most("outcome", told_characters_max),
)

endpoints: Final = Table(
    # Systems that are told of what happens to bookings.
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    # What our messages to it are signed with.
    Column("secret", Text, nullable=False),
    # The kinds that it wants, separated by spaces; all where it is empty.
    Column("kinds", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    # The secret before this one, which signs too for a while.
    Column("old_secret", Text),
    Column("rotated_until", Instant),
    CheckConstraint("(old_secret IS NULL) = (rotated_until IS NULL)", name="rotated_whole"),
    at_most("url", url_characters_max, 1),
    at_most("secret", 200, 1),
    at_most("old_secret", 200, 1),
)

events: Final = Table(
    # What happened to a booking, as other systems are told: no real address, phone or full name.
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("payload", Text, nullable=False),
    Index("events_by_booking", "booking", "id"),
    at_most("kind", id_characters_max, 1),
    at_most("payload", payload_characters_max, 2),
)

tellings: Final = Table(
    # An event, for one endpoint.
    "tellings",
    metadata,
    Column("event", Text, ForeignKey("events.id"), primary_key=True),
    Column("endpoint", Text, ForeignKey("endpoints.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("ended_at", Instant),
    partial("tellings_due", "due_at", "event", where=TELLING_IS_DUE),
    Index("tellings_by_endpoint", "endpoint", "event"),
    one_of("state", Telling),
    CheckConstraint(f"attempts BETWEEN 0 AND {attempts_max}", name="attempts_range"),
)

telling_attempts: Final = Table(
    "telling_attempts",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("event", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # The HTTP status; nothing where it was not reached.
    Column("code", SmallInteger),
    Column("told", Text, nullable=False),
    ForeignKeyConstraint(["event", "endpoint"], ["tellings.event", "tellings.endpoint"]),
    Index("telling_attempts_by_telling", "event", "endpoint", "seq"),
    at_most("told", told_characters_max),
)

idempotency_keys: Final = Table(
    # What was answered to a request, so that the same request has the same answer and is done once.
    "idempotency_keys",
    metadata,
    # Whose request it was: the id of a token, or another name for a caller.
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    # Of the request: another one by the same key is refused.
    Column("digest", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    # Written in the transaction that does it: there is no row of a request that was not carried out.
    Column("answer", Text, nullable=False),
    Index("idempotency_keys_by_at", "at"),
    sha256("digest"),
    at_most("caller", id_characters_max, 1),
    at_most("key", event_characters_max, 1),
    at_most("answer", payload_characters_max),
)

booking_links: Final = Table(
    # What a link in a mail allows: one person, one booking, one act, one version of the terms, once.
    "booking_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    Column("addressee", Text, nullable=False),
    # A member of the staff; the customer, or the whole team, where it is empty.
    Column("person", Text, nullable=False, server_default=""),
    # Empty where it only shows.
    Column("act", Text, nullable=False),
    Column("terms_version", Integer),
    Column("minted_at", Instant, nullable=False),
    Column("until", Instant),
    Column("used_at", Instant),
    Index("booking_links_by_booking", "booking"),
    one_of("addressee", To),
    sha256("digest"),
    at_most("person", person_characters_max),
    at_most("act", id_characters_max),
)

booking_answers: Final = Table(
    # What somebody answered by mail, to be carried out when it can be taken back no more.
    "booking_answers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    Column("addressee", Text, nullable=False),
    # The mail that says it.
    Column("message", Text, ForeignKey("messages.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("words", Text, nullable=False),
    # Of another time that is proposed.
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("zone", Text),
    Column("terms_version", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    # The digest of the secret by which it is taken back.
    Column("undo", LargeBinary, unique=True),
    Column("ended_at", Instant),
    Column("ended", Text),
    partial("booking_answers_due", "due_at", "id", where=IS_NOT_ENDED),
    Index("booking_answers_by_booking", "booking", "id"),
    one_of("addressee", To),
    one_of("ended", Ended),
    CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="ended_whole"),
    CheckConstraint("(starts_at IS NULL) = (zone IS NULL)", name="time_whole"),
    at_most("act", id_characters_max, 1),
    at_most("words", answer_characters_max),
)

answer_addresses: Final = Table(
    # Where a party answers a mail about a booking before they may write to one another: never minted again (GY-6).
    "answer_addresses",
    metadata,
    Column("local", Text, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    Column("addressee", Text, nullable=False),
    Column("minted_at", Instant, nullable=False),
    UniqueConstraint("booking", "addressee"),
    one_of("addressee", To),
    CheckConstraint("local = lower(local)", name="local_lower"),
    at_most("local", 64, 1),
)
