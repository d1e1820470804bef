"""The steps of a conversation: opened, confirmed, extended, moved, closed, reopened, resumed (GW-1 to GW-4).

Each is in the timeline. `by` says who took it: a word, such as "support" or the name of a token, never an address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Connection, Update, bindparam, delete, func, insert, select, update

from relay.conversation import Conversation, Opening, Party, Standing, reference_characters_max
from relay.errors import Conflict, Unavailable
from relay.store.conversations import by_id, by_reference
from relay.store.rows import text
from relay.store.tables import aliases, conversations, mailboxes, parties, party_addresses, passages, texts
from relay.store.timeline import Draft, Fact, Kind, append
from relay.values import SELF_TEST_DOMAIN, Alias, ConversationId, NewId, PartyId, RealAddress, Role, ascii_domain

draws_max: Final = 8
"""Of 48 random bits, two collide once in 10^8 conversations; eight times in a row means that the source is broken."""


@dataclass(frozen=True, slots=True)
class Mint:
    """Where ids and aliases come from. `hex_digits` draws 12 of them from a secure random source (GW-1)."""

    new_id: NewId
    hex_digits: Callable[[], str]
    domain: str
    prefixes: Mapping[Role, str]


def open_conversation(
    connection: Connection,
    opening: Opening,
    mint: Mint,
    *,
    now: datetime,
    window_after: timedelta,
    by: str = "system",
    self_test: bool = False,
) -> Conversation:
    """A new conversation with its two aliases, open at once unless it is `pending`; its window ends `window_after` the activity.

    Raises Conflict when the booking has one, or when an address lies on the reply domain: mail to it would come back (CASE-15).
    The self-test's conversations are between its own mailboxes, and nobody else's has any of them.
    """
    for address in (*opening.partner_addresses, *opening.customer_addresses):
        refuse_own_domain(address, mint.domain)
        refuse_outside(address, self_test=self_test)
    if connection.dialect.name == "postgresql":
        # Of two nodes that open one booking at once, the second waits for the first, and then finds its conversation.
        key = hashlib.sha256(opening.reference.encode("utf-8", "replace")).digest()[:8]
        connection.execute(_OPENING, {"key": int.from_bytes(key, signed=True)})
    if connection.execute(select(conversations.c.id).where(conversations.c.reference == opening.reference)).first():
        raise Conflict(f"booking {opening.reference} has a conversation already")
    id_ = ConversationId(mint.new_id())
    end = opening.activity_end.astimezone(UTC)
    connection.execute(
        insert(conversations).values(
            id=id_,
            reference=opening.reference,
            activity_end=end,
            opens_at=None if opening.pending else now,
            closes_at=end + window_after,
            created_at=now,
        )
    )
    partner = _new_party(connection, opening, Role.PARTNER, mint, now)
    customer = _new_party(connection, opening, Role.CUSTOMER, mint, now)
    for party in (partner, customer):
        _insert_party(connection, id_, party)
    facts: dict[str, Fact] = {
        "by": by,
        "partner_alias": partner.alias.local,
        "customer_alias": customer.alias.local,
        "pending": opening.pending,
        "closes_at": (end + window_after).isoformat(),
    }
    append(connection, [Draft(id_, Kind.OPENED, facts)], now)
    return by_id(connection, id_)


def confirm(
    connection: Connection, reference: str, *, now: datetime, window_after: timedelta, by: str = "system"
) -> Conversation:
    """The booking is confirmed: its conversation opens `now`, until `window_after` the activity's end (GW-3).

    Raises NotFound, and Conflict when it was confirmed before or is closed.
    """
    before = locked(connection, reference)
    if before.window.opens_at is not None:
        raise Conflict(f"booking {reference} is confirmed already")
    _refuse_closed(before, now)
    closes_at = before.activity_end + window_after
    return _step(connection, before, Kind.CONFIRMED, now, by, opens_at=now, closes_at=closes_at)


def extend(connection: Connection, reference: str, closes_at: datetime, *, now: datetime, by: str = "system") -> Conversation:
    """The window lasts until `closes_at` (aware), also when it was over. Raises NotFound, and Conflict unless that is later."""
    before = locked(connection, reference)
    _refuse_closed(before, now)
    if closes_at <= now:
        raise Conflict("the new end of the window must lie in the future")
    if closes_at <= before.window.closes_at:
        raise Conflict(f"the window lasts until {before.window.closes_at.isoformat()} already; to end it, close the conversation")
    return _step(connection, before, Kind.EXTENDED, now, by, closes_at=closes_at)


def move(
    connection: Connection,
    reference: str,
    activity_end: datetime,
    *,
    now: datetime,
    window_after: timedelta,
    by: str = "system",
) -> Conversation:
    """The activity ends at another time (aware), and the window `window_after` that; the aliases stay (GW-3, T20, T22, T24).

    One that is not confirmed waits on, and one that was closed stays so: only its times change. What the window had been
    extended to by hand goes with the time that it was counted from. The same end again is no step. Raises NotFound.
    """
    before = locked(connection, reference)
    closes_at = activity_end + window_after
    if (activity_end, closes_at) == (before.activity_end, before.window.closes_at):
        return before
    # The search index knows the day of the activity, so that it finds those of a day at once (relay.store.marking).
    its_messages = select(passages.c.message).where(passages.c.conversation == before.id)
    connection.execute(update(texts).where(texts.c.message.in_(its_messages)).values(stale=True))
    return _step(connection, before, Kind.MOVED, now, by, activity_end=activity_end, closes_at=closes_at)


def close(connection: Connection, reference: str, *, now: datetime, by: str = "system") -> Conversation:
    """No more mail passes, from `now` on. Raises NotFound, and Conflict when it is closed already."""
    before = locked(connection, reference)
    _refuse_closed(before, now)
    return _step(connection, before, Kind.CLOSED, now, by, closed_at=now)


def reopen(connection: Connection, reference: str, closes_at: datetime, *, now: datetime, by: str = "system") -> Conversation:
    """Mail passes again until `closes_at` (aware), after it was closed or its window was over.

    What was never confirmed still waits for that. Raises NotFound, and Conflict when it is not closed or over, or when
    `closes_at` is not in the future.
    """
    before = locked(connection, reference)
    if before.standing(now) not in {Standing.CLOSED, Standing.OVER}:
        raise Conflict(f"the conversation of booking {reference} is neither closed nor over")
    if closes_at <= now:
        raise Conflict("the end of the window must lie in the future")
    return _step(connection, before, Kind.REOPENED, now, by, closes_at=closes_at, closed_at=None)


def resume(connection: Connection, reference: str, role: Role, *, now: datetime, by: str = "system") -> Conversation:
    """Mail goes to that party again, at all of their addresses: after a complaint, or after they were dead (GW-54, FAULT-75).

    An address is alive again in every conversation that it is known in. Raises NotFound, and Conflict when nothing was stopped.
    """
    before = locked(connection, reference)
    party = before.party(role)
    if party.suspended_at is None and not party.dead:
        raise Conflict(f"mail to the {role.value} of booking {reference} is not stopped")
    connection.execute(update(parties).where(parties.c.id == party.id).values(suspended_at=None))
    connection.execute(delete(mailboxes).where(mailboxes.c.key.in_([one.key for one in party.dead])))
    facts: dict[str, Fact] = {"by": by, "party": role.value, "addresses": len(party.dead)}
    append(connection, [Draft(before.id, Kind.RESUMED, facts)], now)
    return by_id(connection, before.id)


_OPENING: Final = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))
_LOCK: Final = (
    select(conversations.c.id).where(conversations.c.reference == bindparam("reference")).with_for_update(key_share=True)
)


def locked(connection: Connection, reference: str) -> Conversation:
    """The conversation of that booking, in which nobody else takes a step before this transaction ends. Raises NotFound."""
    connection.execute(_LOCK, {"reference": text(reference, reference_characters_max + 1)})
    return by_reference(connection, reference)


def _new_party(connection: Connection, opening: Opening, role: Role, mint: Mint, now: datetime) -> Party:
    partner = role is Role.PARTNER
    addresses = opening.partner_addresses if partner else opening.customer_addresses
    # Two spellings of one mailbox are one address, the first of them.
    distinct = {address.key: address for address in reversed(addresses)}
    return Party(
        id=PartyId(mint.new_id()),
        role=role,
        alias=Alias(_minted(connection, mint, role, now), mint.domain),
        name=opening.partner_name if partner else opening.customer_name,
        language=opening.partner_language if partner else opening.customer_language,
        addresses=tuple(reversed(distinct.values())),
    )


def _minted(connection: Connection, mint: Mint, role: Role, now: datetime) -> str:
    """A local part that never was an alias (GW-1). Raises Unavailable when the random source repeats itself."""
    for _ in range(draws_max):
        local = f"{mint.prefixes[role]}{mint.hex_digits()}".lower()
        if connection.execute(select(aliases.c.local).where(aliases.c.local == local)).first() is None:
            connection.execute(insert(aliases).values(local=local, minted_at=now))
            return local
    raise Unavailable("no new alias: the random source repeats itself")


def _insert_party(connection: Connection, conversation: ConversationId, party: Party) -> None:
    connection.execute(
        insert(parties).values(
            id=party.id,
            conversation=conversation,
            role=party.role.value,
            alias_local=party.alias.local,
            alias_domain=party.alias.domain,
            name=party.name,
            language=party.language.value,
        )
    )
    connection.execute(
        insert(party_addresses),
        [
            {"party": party.id, "position": position, "address": address.reveal(), "key": address.key}
            for position, address in enumerate(party.addresses)
        ],
    )


def _step(
    connection: Connection, before: Conversation, kind: Kind, now: datetime, by: str, **instants: datetime | None
) -> Conversation:
    """`before` with other instants, and the step in its timeline."""
    in_utc = {name: at.astimezone(UTC) if at is not None else None for name, at in instants.items()}
    changed: Update = update(conversations).where(conversations.c.id == before.id).values(in_utc)
    connection.execute(changed)
    facts: dict[str, Fact] = {"by": by, **{name: at.isoformat() if at else None for name, at in in_utc.items()}}
    append(connection, [Draft(before.id, kind, facts)], now)
    return by_id(connection, before.id)


def _refuse_closed(conversation: Conversation, now: datetime) -> None:
    if conversation.standing(now) is Standing.CLOSED:
        raise Conflict(f"the conversation of booking {conversation.reference} is closed; reopen it first")


def refuse_own_domain(address: RealAddress, domain: str) -> None:
    """Raises Conflict for an address at our reply `domain`."""
    if address.domain == ascii_domain(domain):
        raise Conflict(f"an address at {domain} is an alias, not a mailbox of a party")


def refuse_outside(address: RealAddress, *, self_test: bool) -> None:
    """Raises Conflict for an address of the self-test outside it, and for any other inside.

    The self-test's mailboxes are taken to where it listens and nowhere else: real people cannot be reached there.
    """
    if address.is_of_self_test and not self_test:
        raise Conflict(f"an address at {SELF_TEST_DOMAIN} is the self-test's, not a mailbox of a party")
    if self_test and not address.is_of_self_test:
        raise Conflict(f"the self-test writes to addresses at {SELF_TEST_DOMAIN} alone")
