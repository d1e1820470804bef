"""What stands where. The migrations make these tables; a test holds the two together.

Ids are text that grows with time. Instants are microseconds since 1970-01-01 in UTC. Enums are stored by value.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    false,
    text,
)

from relay.conversation import name_characters_max, reference_characters_max
from relay.store import (  # noqa: F401 -- their tables are of the same metadata
    booking_tables,
    catalogue_tables,
    exchange_tables,
    life_tables,
    operator_tables,
    order_tables,
    people_tables,
    record_tables,
    support_tables,
)
from relay.store.columns import at_most, growing, metadata, one_of, partial
from relay.store.rows import Instant
from relay.transit.alarm import Alarm
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause
from relay.transit.question import Response
from relay.values import Role, address_octets_max

octets_max: Final = 256 * 1024 * 1024
"""One message or rendition, before compression."""
attempts_max: Final = 10_000
"""Attempts of one delivery: 48 hours of retries make some thirty (GW-50); people may ask for more."""
remote_text_characters_max: Final = 1_000
"""Of a receiver's reply, as kept for operators (FAULT-95)."""
detail_characters_max: Final = 4_000
policy_characters_max: Final = 65_536
"""Of what a domain publishes (RFC 8461 §3.3)."""
ties_max: Final = 200
"""Addresses and domains of one party, known, taken back and denied."""
networks_characters_max: Final = 1_000
path_characters_max: Final = 1_000
"""An envelope path or a Message-ID: no line of a message is longer (RFC 5322 §2.1.1)."""


class State(Enum):
    """Where a delivery stands."""

    DUE = "due"
    """Under way: `due_at` says when it is tried next, or, while a worker has claimed it, when the claim runs out."""
    HELD = "held"
    """Stopped by an operator, or because its octets are damaged."""
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"
    """Given up by an operator."""


class Tie(Enum):
    """How an address or a domain is tied to a party."""

    KNOWN = "known"
    FORMER = "former"
    """Taken back: it may not write any more, and still tells who they are."""
    DENIED = "denied"
    """The party said that it is not theirs (GW-6)."""


class Codec(Enum):
    """How the octets of a blob are kept."""

    ZSTD = "zstd"
    PLAIN = "plain"


# The conditions of partial indexes. A query that is to use one says the same words: a parameter could be anything.
IS_DUE: Final = f"state = '{State.DUE.value}'"
UNDER_WAY: Final = f"state IN ('{State.DUE.value}', '{State.HELD.value}')"
IS_FAILED: Final = f"state = '{State.FAILED.value}'"
IS_UNTOLD: Final = "told_at IS NULL"
UNREACHED: Final = (Alarm.ADDRESS_DEAD, Alarm.NOTIFICATION_FAILED, Alarm.NOTIFICATION_PARKED)
"""The alarms that a party was not reached, of which the history of their booking has to know (GW-54)."""
IS_NOT_ENTERED: Final = f"entered_at IS NULL AND kind IN ({', '.join(repr(one.value) for one in UNREACHED)})"
CAUSED_BY_NO_MESSAGE: Final = (Carries.NOTIFICATION, Carries.OPERATOR, Carries.SIGN_IN)
IS_HELD: Final = f"fate = '{Fate.HELD.value}'"
IS_STALE: Final = "stale"

installation: Final = Table(
    # Whose database this is, made with the tables: what is moved, backed up or restored stays the same installation.
    "installation",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    CheckConstraint("number = 1", name="only_one"),
    CheckConstraint("length(id) = 32", name="id_length"),
)

conversations: Final = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("activity_end", Instant, nullable=False),
    Column("opens_at", Instant),
    Column("closes_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("created_at", Instant, nullable=False),
    at_most("reference", reference_characters_max, 1),
)

aliases: Final = Table(
    # Apart from parties, because an alias outlives its party: it is never minted again, not even after erasure (GW-1).
    "aliases",
    metadata,
    Column("local", Text, primary_key=True),
    Column("minted_at", Instant, nullable=False),
    CheckConstraint("local = lower(local)", name="local_lower"),
    at_most("local", 64, 1),
)

parties: Final = Table(
    "parties",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", Text, ForeignKey("conversations.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("alias_local", Text, ForeignKey("aliases.local"), nullable=False, unique=True),
    Column("alias_domain", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    # Since when no mail is handed on to it (FAULT-75).
    Column("suspended_at", Instant),
    UniqueConstraint("conversation", "role"),
    one_of("role", Role),
    at_most("name", name_characters_max),
)

party_addresses: Final = Table(
    # From where a party writes, known or once known, and from where they do not. A whole domain is "@tours.example", with all
    # that lies below it "@.tours.example": no address looks like that.
    "party_addresses",
    metadata,
    Column("party", Text, ForeignKey("parties.id"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("address", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("tie", Text, nullable=False, server_default=Tie.KNOWN.value),
    # From where it was confirmed, separated by spaces (GW-12).
    Column("networks", Text, nullable=False, server_default=""),
    UniqueConstraint("party", "key"),
    Index("party_addresses_by_key", "key"),
    CheckConstraint(f"position BETWEEN 0 AND {ties_max - 1}", name="position_range"),
    one_of("tie", Tie),
    at_most("address", address_octets_max, 3),
    at_most("networks", networks_characters_max),
)

mailboxes: Final = Table(
    # What deliveries have told of the mailbox behind an address, in whatever conversations it is known (GW-54).
    "mailboxes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("hard_failures", Integer, nullable=False),
    Column("failed_at", Instant, nullable=False),
    Column("dead_since", Instant),
    at_most("key", address_octets_max, 3),
)

blobs: Final = Table(
    "blobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("codec", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    # Either the octets, or the key of the object that holds them.
    Column("data", LargeBinary),
    Column("object", Text, unique=True),
    # The blob of which some stretches stand in this one, and where (relay.store.excerpts): `data` is what is left without them.
    # No foreign key: whoever deletes a blob would have to go through all of them to see that it is nobody's source.
    Column("source", Text),
    Column("excerpts", Text),
    CheckConstraint("(data IS NULL) <> (object IS NULL)", name="kept_once"),
    CheckConstraint("(source IS NULL) = (excerpts IS NULL)", name="source_named"),
    one_of("codec", Codec),
    CheckConstraint(f"size BETWEEN 0 AND {octets_max}", name="size_range"),
    CheckConstraint("length(sha256) = 32", name="sha256_length"),
)

messages: Final = Table(
    "messages",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("received_at", Instant, nullable=False),
    Column("return_path", Text, nullable=False),
    # The recipients, separated by spaces.
    Column("aliases", Text, nullable=False),
    Column("client_ip", Text, nullable=False),
    Column("helo", Text, nullable=False),
    Column("tls", Boolean, nullable=False),
    Column("smtputf8", Boolean, nullable=False),
    # JSON: what speaks for its author; null where nobody looked for any.
    Column("evidence", Text),
    Column("size", Integer, nullable=False),
    Column("original_id", Text),
    Column("fingerprint", LargeBinary, nullable=False),
    # Of the mailbox of who was proven to have written it (packing.author_mark); what one has written lately is counted by it.
    Column("author", LargeBinary),
    # Makes the timeline's commitments impossible to guess once it is erased with the message.
    Column("salt", LargeBinary, nullable=False),
    Column("raw", Text, ForeignKey("blobs.id"), nullable=False),
    Index("messages_by_received_at", "received_at"),
    Index("messages_by_fingerprint", "fingerprint"),
    # By it a mail is found that somebody shows us.
    Index("messages_by_original_id", "original_id"),
    Index("messages_by_author", "author", "received_at"),
    CheckConstraint("length(fingerprint) = 32", name="fingerprint_length"),
    at_most("return_path", path_characters_max),
    sqlite_autoincrement=True,
)

passages: Final = Table(
    "passages",
    metadata,
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("ordinal", SmallInteger, primary_key=True),
    Column("conversation", Text, ForeignKey("conversations.id"), nullable=False),
    Column("writer", Text, nullable=False),
    Column("fate", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text, nullable=False),
    # JSON: a list of [kind, place, layer].
    Column("findings", Text, nullable=False),
    Column("rendition", Text, ForeignKey("blobs.id")),
    # The two ids of one message, side by side, are what threads are mapped by (GW-41).
    Column("original_id", Text),
    Column("rendition_id", Text),
    # JSON: a list of [kind, place].
    Column("removed", Text, nullable=False),
    # Nobody wrote it by hand (GW-28).
    Column("automatic", Boolean, nullable=False),
    Column("dropped_at", Instant),
    Index("passages_by_conversation", "conversation", "message"),
    Index("passages_by_original_id", "conversation", "original_id"),
    Index("passages_by_rendition_id", "rendition_id"),
    partial("passages_held", "message", "ordinal", where=IS_HELD),
    one_of("writer", Role),
    one_of("fate", Fate),
    CheckConstraint("fate = 'passed' OR reason IS NOT NULL", name="reason_given"),
    CheckConstraint("dropped_at IS NULL OR fate = 'held'", name="dropped_was_held"),
    at_most("detail", detail_characters_max),
)

deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    # Nothing for mail about a booking, for what tells the operators of such mail, and for links: no message caused it.
    Column("message", Text, ForeignKey("messages.id")),
    Column("passage", SmallInteger),
    Column("conversation", Text, ForeignKey("conversations.id")),
    Column("carries", Text, nullable=False),
    Column("return_path", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("content", Text, ForeignKey("blobs.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("accepted_at", Instant, nullable=False),
    Column("delay_told", Boolean, nullable=False, server_default=false()),
    # An operator wants its next attempt now, even of a destination that is left alone.
    Column("insisted", Boolean, nullable=False, server_default=false()),
    Column("in_doubt", Boolean, nullable=False, server_default=false()),
    Column("last_code", SmallInteger),
    Column("last_text", Text),
    Column("claimed_by", Text),
    # Mail that came to its return path (CASE-54).
    Column("reports", Integer, nullable=False, server_default=text("0")),
    # What told its writer that it failed.
    Column("failure_notice", Text, ForeignKey("deliveries.id")),
    # Why nobody was told that it failed (GW-53); empty while somebody was, or while there is nothing to tell.
    Column("untold", Text, nullable=False, server_default=""),
    ForeignKeyConstraint(["message", "passage"], ["passages.message", "passages.ordinal"]),
    partial("deliveries_due", "due_at", "id", where=IS_DUE),
    # A claim goes from one domain to the next by it, past all that waits for each (FAULT-100).
    partial("deliveries_by_domain", "domain", "due_at", "id", where=IS_DUE),
    partial("deliveries_under_way", "id", where=UNDER_WAY),
    partial("deliveries_failed", "id", where=IS_FAILED),
    Index("deliveries_by_message", "message"),
    Index("deliveries_by_conversation", "conversation", "accepted_at"),
    one_of("carries", Carries),
    one_of("state", State),
    CheckConstraint(f"attempts BETWEEN 0 AND {attempts_max}", name="attempts_range"),
    CheckConstraint("claimed_by IS NULL OR state IN ('due', 'held')", name="claimed_is_open"),
    CheckConstraint(
        f"message IS NOT NULL OR carries IN ({', '.join(repr(one.value) for one in CAUSED_BY_NO_MESSAGE)})",
        name="message_caused_it",
    ),
    at_most("last_text", remote_text_characters_max),
    at_most("recipient", address_octets_max, 3),
)

questions: Final = Table(
    # Who wrote what is held because nobody knows its writer, and what the party said who may have (GW-6, GW-12).
    "questions",
    metadata,
    Column("message", Text, primary_key=True),
    Column("passage", SmallInteger, primary_key=True, autoincrement=False),
    Column("conversation", Text, ForeignKey("conversations.id"), nullable=False),
    Column("writer", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("network", Text, nullable=False),
    # Of the secret in the link. All that waits for the answer to one question has the same; nothing where nobody was asked.
    Column("digest", LargeBinary),
    # When the mail with that link was written: beside one of those that have it.
    Column("asked_at", Instant),
    # From then on it is too late to answer.
    Column("until", Instant, nullable=False),
    Column("response", Text),
    Column("answered_at", Instant),
    ForeignKeyConstraint(["message", "passage"], ["passages.message", "passages.ordinal"]),
    Index("questions_by_conversation", "conversation", "key"),
    Index("questions_by_digest", "digest"),
    one_of("writer", Role),
    one_of("response", Response),
    CheckConstraint("digest IS NULL OR length(digest) = 32", name="digest_length"),
    CheckConstraint("asked_at IS NULL OR digest IS NOT NULL", name="asked_has_link"),
    CheckConstraint("(response IS NULL) = (answered_at IS NULL)", name="answered_once"),
    at_most("address", address_octets_max, 3),
    at_most("network", 64),
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("delivery", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("cause", Text),
    Column("code", SmallInteger),
    Column("text", Text, nullable=False),
    Column("in_doubt", Boolean, nullable=False),
    Index("attempts_by_delivery", "delivery", "seq"),
    CheckConstraint("outcome IN ('delivered', 'deferred', 'failed', 'bounced')", name="outcome_known"),
    one_of("cause", Cause),
    at_most("text", remote_text_characters_max),
)

timeline: Final = Table(
    "timeline",
    metadata,
    Column("conversation", Text, ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq_range"),
    CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="hash_length"),
    sqlite_with_rowid=False,
)

alerts: Final = Table(
    # What somebody at the house has to hear of; it stays when it was told. It came with a message in a conversation, or with mail
    # about a booking.
    "alerts",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("conversation", Text, ForeignKey("conversations.id")),
    # Whose address, or who complained; nothing where the operators themselves were not reached.
    Column("party", Text),
    Column("message", Text, ForeignKey("messages.id")),
    Column("notification", Text, ForeignKey("notifications.id")),
    Column("detail", Text, nullable=False),
    Column("told_at", Instant),
    # When the history of the booking was told, where a party was not reached; also where there is no booking to tell (GW-54).
    Column("entered_at", Instant),
    partial("alerts_untold", "seq", where=IS_UNTOLD),
    partial("alerts_not_entered", "seq", where=IS_NOT_ENTERED),
    Index("alerts_by_notification", "notification"),
    CheckConstraint("(conversation IS NOT NULL AND message IS NOT NULL) OR notification IS NOT NULL", name="is_about"),
    one_of("kind", Alarm),
    one_of("party", Role),
    at_most("detail", 100),
    sqlite_autoincrement=True,
)

texts: Final = Table(
    "texts",
    metadata,
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("files", Text, nullable=False),
    # As the search index holds them; nothing while it does not know the message.
    Column("marks", Text),
    Column("stale", Boolean, nullable=False),
    partial("texts_stale", "message", where=IS_STALE),
)

workers: Final = Table(
    # Who is at work: a worker that lives counts its beats up (relay/store/presence.py).
    "workers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("beat", BigInteger, nullable=False),
)

transport_policies: Final = Table(
    # What domains demand of the hosts that take their mail (RFC 8461), as they published it.
    "transport_policies",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    at_most("domain", 255, 1),
    at_most("id", 32, 1),
    at_most("content", policy_characters_max),
)

tls_results: Final = Table(
    # How sessions with the hosts of a domain were protected, counted by day (UTC, ISO 8601), as RFC 8460 counts.
    "tls_results",
    metadata,
    Column("day", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("followed", Text, primary_key=True),
    Column("finding", Text, primary_key=True),
    Column("sessions", BigInteger, nullable=False),
    at_most("day", 10, 10),
    at_most("domain", 255, 1),
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    # Separated by spaces.
    Column("scopes", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    CheckConstraint("length(digest) = 32", name="digest_length"),
    at_most("name", name_characters_max, 1),
)
