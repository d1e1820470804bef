"""Finding a conversation: by alias, which alone decides (invariant 5), by the booking's reference, or in a list."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select

from relay.conversation import Conversation, KnownDomain, Party, Standing, Vouched, reference_characters_max
from relay.errors import NotFound
from relay.store.prepared import Prepared
from relay.store.rows import Found, text
from relay.store.tables import Tie, conversations, mailboxes, parties, party_addresses
from relay.values import Alias, ConversationId, Language, PartyId, RealAddress, Role, Window, address_octets_max

listed_max: Final = 500
"""Conversations of one page of a list."""


def by_alias(connection: Connection, alias: Alias) -> Conversation | None:
    """The conversation of which `alias` reaches a party, whatever its case (GW-1). One round trip."""
    local, domain = (text(part.lower(), address_octets_max) for part in (alias.local, alias.domain))
    return _one(_BY_ALIAS.rows(connection, local=local, domain=domain))


def by_reference(connection: Connection, reference: str) -> Conversation:
    """The conversation of the booking `reference`. Raises NotFound."""
    found = _one(connection.execute(_BY_REFERENCE, {"reference": text(reference, reference_characters_max + 1)}))
    if found is None:
        raise NotFound(f"no conversation for booking {reference}")
    return found


def by_references(connection: Connection, references: Collection[str]) -> dict[str, Conversation]:
    """The conversations of those bookings, by their references, in one question; one that is not there is left out."""
    found = _all(connection.execute(_WHOLE.where(conversations.c.reference.in_(sorted(set(references))))))
    return {one.reference: one for one in found}


def by_id(connection: Connection, conversation: ConversationId) -> Conversation:
    """The conversation of that id. Raises NotFound."""
    found = _one(connection.execute(_BY_ID, {"id": conversation}))
    if found is None:
        raise NotFound(f"no conversation {conversation}")
    return found


def listed(
    connection: Connection,
    *,
    now: datetime,
    standing: Standing | None = None,
    limit: int = 50,
    after: ConversationId | None = None,
) -> tuple[Conversation, ...]:
    """Conversations, the newest first, at most `limit` and `listed_max`; those of that `standing` at `now` where one is given.

    The next page follows `after`, the id of the last one of this page.
    """
    ids = select(conversations.c.id).order_by(conversations.c.id.desc()).limit(min(limit, listed_max))
    if standing is not None:
        ids = ids.where(_stands(standing, now))
    if after is not None:
        ids = ids.where(conversations.c.id < after)
    page = list(connection.execute(ids).scalars())
    found = {one.id: one for one in _all(connection.execute(_WHOLE.where(conversations.c.id.in_(page))))}
    return tuple(found[ConversationId(one)] for one in page)


_WHOLE: Final = (
    select(
        conversations.c.id.label("conversation"),
        conversations.c.reference,
        conversations.c.activity_end,
        conversations.c.opens_at,
        conversations.c.closes_at,
        conversations.c.closed_at,
        parties.c.id.label("party"),
        parties.c.role,
        parties.c.alias_local,
        parties.c.alias_domain,
        parties.c.name,
        parties.c.language,
        parties.c.suspended_at,
        party_addresses.c.address,
        party_addresses.c.tie,
        party_addresses.c.networks,
        mailboxes.c.dead_since,
    )
    .join_from(conversations, parties)
    .outerjoin(party_addresses, party_addresses.c.party == parties.c.id)
    .outerjoin(mailboxes, mailboxes.c.key == party_addresses.c.key)
    .order_by(conversations.c.id, parties.c.role, party_addresses.c.position)
)
_BY_ALIAS: Final = Prepared(
    _WHOLE.where(
        conversations.c.id
        == select(parties.c.conversation)
        .where(parties.c.alias_local == bindparam("local"), parties.c.alias_domain == bindparam("domain"))
        .scalar_subquery()
    )
)
_BY_REFERENCE: Final = _WHOLE.where(conversations.c.reference == bindparam("reference"))
_BY_ID: Final = _WHOLE.where(conversations.c.id == bindparam("id"))


def domain_text(domain: KnownDomain) -> str:
    """A known domain as the table of addresses holds it."""
    return f"@.{domain.name}" if domain.with_subdomains else f"@{domain.name}"


def domain_in(text: str) -> KnownDomain:
    """The domain that the table of addresses holds as `text`."""
    name = text.removeprefix("@")
    return KnownDomain(name.removeprefix("."), with_subdomains=name.startswith("."))


def _stands(standing: Standing, now: datetime) -> ColumnElement[bool]:
    """Conversation.standing, as a condition; a test holds the two together."""
    c = conversations.c
    closed = and_(c.closed_at.is_not(None), c.closed_at <= now)
    not_closed = or_(c.closed_at.is_(None), c.closed_at > now)
    match standing:
        case Standing.CLOSED:
            return closed
        case Standing.PENDING:
            return and_(not_closed, or_(c.opens_at.is_(None), c.opens_at > now))
        case Standing.OPEN:
            return and_(not_closed, c.opens_at <= now, c.closes_at > now)
        case Standing.OVER:
            return and_(not_closed, c.opens_at <= now, c.closes_at <= now)


def _one(rows: Iterable[Found]) -> Conversation | None:
    return next(iter(_all(rows)), None)


def _all(rows: Iterable[Found]) -> list[Conversation]:
    """Each conversation from its rows: one row per known address."""
    by_conversation: dict[str, list[Found]] = {}
    for row in rows:
        by_conversation.setdefault(row.conversation, []).append(row)
    return [_assembled(its_rows) for its_rows in by_conversation.values()]


def _assembled(rows: list[Found]) -> Conversation:
    first = rows[0]
    return Conversation(
        id=ConversationId(first.conversation),
        reference=first.reference,
        partner=_party([row for row in rows if row.role == Role.PARTNER.value]),
        customer=_party([row for row in rows if row.role == Role.CUSTOMER.value]),
        activity_end=first.activity_end,
        window=Window(first.opens_at, first.closes_at),
        closed_at=first.closed_at,
    )


def _party(rows: list[Found]) -> Party:
    first = rows[0]
    addresses = [(Tie(row.tie), RealAddress(row.address)) for row in rows if row.address is not None and row.address[0] != "@"]
    domains = [(Tie(row.tie), domain_in(row.address)) for row in rows if row.address is not None and row.address[0] == "@"]
    return Party(
        id=PartyId(first.party),
        role=Role(first.role),
        alias=Alias(first.alias_local, first.alias_domain),
        name=first.name,
        language=Language(first.language),
        addresses=tuple(one for tie, one in addresses if tie is Tie.KNOWN),
        dead=tuple(RealAddress(row.address) for row in rows if row.dead_since is not None and row.tie == Tie.KNOWN.value),
        suspended_at=first.suspended_at,
        domains=tuple(one for tie, one in domains if tie is Tie.KNOWN),
        former_addresses=tuple(one for tie, one in addresses if tie is Tie.FORMER),
        former_domains=tuple(one for tie, one in domains if tie is Tie.FORMER),
        denied=tuple(one for tie, one in addresses if tie is Tie.DENIED),
        vouched=tuple(
            Vouched(RealAddress(row.address).key, network)
            for row in rows
            if row.networks and row.tie == Tie.KNOWN.value
            for network in row.networks.split()
        ),
    )
