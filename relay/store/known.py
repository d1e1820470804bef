"""From where a party writes: addresses, whole domains, confirmed networks; and from where they do not (GW-5, GW-6, GW-12).

What is taken back goes on telling who the party is, so it is kept, and stays out of what the other side reads. Each step is in
the timeline, which names no address. `by` says who took it: a word.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from relay.conversation import Conversation, KnownDomain, Party, addresses_max, denied_max, networks_max
from relay.errors import Conflict
from relay.message.identity import is_public
from relay.message.leaks import watched
from relay.registrable import registrable_domain
from relay.store.conversations import by_id, domain_text
from relay.store.rows import Instant
from relay.store.steps import locked, refuse_outside, refuse_own_domain
from relay.store.tables import Tie, party_addresses, questions, ties_max
from relay.store.timeline import Draft, Kind, append
from relay.values import SELF_TEST_DOMAIN, ConversationId, PartyId, RealAddress, Role, ascii_domain


def add_address(
    connection: Connection, reference: str, role: Role, address: RealAddress, *, now: datetime, by: str = "system"
) -> Conversation:
    """One more known address of a party (GW-5); nothing changes when it is known.

    Raises NotFound, and Conflict when it is the other party's, lies on the reply domain, is the self-test's, or is one too many.
    """
    before = locked(connection, reference)
    party = before.party(role)
    if _is_listed(party, address):
        return before
    if before.party(role.other).knows(address):
        raise Conflict(f"that address is the {role.other.value}'s: each party needs their own")
    refuse_own_domain(address, party.alias.domain)
    refuse_outside(address, self_test=party.addresses[0].is_of_self_test)
    _refuse_one_too_many(party)
    _tie(connection, party.id, address.reveal(), address.key, Tie.KNOWN)
    return _with_what_waits(connection, _stepped(connection, before.id, Kind.ADDRESS_ADDED, role, now, by), role, now)


def add_domain(
    connection: Connection, reference: str, role: Role, domain: KnownDomain, *, now: datetime, by: str = "system"
) -> Conversation:
    """Every address at `domain` is the party's from now on (GW-5); nothing changes when it is so already.

    Raises NotFound, and Conflict for a domain at which anybody can have a mailbox, or the other party does, or we do, and for
    one too many.
    """
    before = locked(connection, reference)
    party, other = before.party(role), before.party(role.other)
    if domain in party.domains:
        return before
    _refuse_ours(domain, party.alias.domain)
    _refuse_everybodys(domain)
    if any(domain.holds(one) for one in other.addresses) or any(_overlap(domain, one) for one in other.domains):
        raise Conflict(f"at {domain.name} the {role.other.value} has an address: each party needs their own")
    # The same domain with and without what lies below it is one, as it was said last.
    before_it = next((one for one in party.domains if one.name == domain.name), None)
    if before_it is None:
        _refuse_one_too_many(party)
    else:
        _tie(connection, party.id, domain_text(before_it), domain_text(before_it), Tie.FORMER)
    _tie(connection, party.id, domain_text(domain), domain_text(domain), Tie.KNOWN)
    return _with_what_waits(connection, _stepped(connection, before.id, Kind.DOMAIN_ADDED, role, now, by), role, now)


def remove_address(
    connection: Connection, reference: str, role: Role, address: RealAddress, *, now: datetime, by: str = "system"
) -> Conversation:
    """An address may not write for a party any more, and mail goes there no more. It goes on telling who they are.

    Raises NotFound, and Conflict when it is not known, or the only one: nobody could be written to.
    """
    before = locked(connection, reference)
    party = before.party(role)
    known = next((one for one in party.addresses if one.key == address.key), None)
    if known is None:
        raise Conflict(f"that is no known address of the {role.value} of booking {reference}")
    if len(party.addresses) == 1:
        raise Conflict(f"it is the only address of the {role.value} of booking {reference}; add another one first")
    _tie(connection, party.id, known.reveal(), known.key, Tie.FORMER)
    return _stepped(connection, before.id, Kind.ADDRESS_REMOVED, role, now, by)


def remove_domain(
    connection: Connection, reference: str, role: Role, name: str, *, now: datetime, by: str = "system"
) -> Conversation:
    """The addresses at a domain may not write for a party any more. Raises NotFound, and Conflict when it is not known."""
    before = locked(connection, reference)
    party = before.party(role)
    known = next((one for one in party.domains if one.name == ascii_domain(name)), None)
    if known is None:
        raise Conflict(f"that is no known domain of the {role.value} of booking {reference}")
    _tie(connection, party.id, domain_text(known), domain_text(known), Tie.FORMER)
    return _stepped(connection, before.id, Kind.DOMAIN_REMOVED, role, now, by)


def vouch(
    connection: Connection, reference: str, role: Role, address: RealAddress, network: str, *, now: datetime, by: str
) -> Conversation:
    """The party writes from their known `address` in `network` (GW-12); nothing changes when that is known.

    Of more than `networks_max`, the one that was confirmed first is forgotten. Raises NotFound, and Conflict as `add_address`.
    """
    before = locked(connection, reference)
    party = before.party(role)
    if party.vouches(address, network):
        return before
    if not _is_listed(party, address):
        # It is known by its domain alone.
        add_address(connection, reference, role, address, now=now, by=by)
    confirmed = [one.network for one in party.vouched if one.key == address.key]
    networks = " ".join([*confirmed, network][-networks_max:])
    its_row = party_addresses.c.party == party.id, party_addresses.c.key == address.key
    connection.execute(update(party_addresses).where(*its_row).values(networks=networks))
    return _stepped(connection, before.id, Kind.NETWORK_CONFIRMED, role, now, by)


def deny(connection: Connection, reference: str, role: Role, address: RealAddress, *, now: datetime, by: str) -> Conversation:
    """Nobody asks the party about `address` any more; nothing changes for a known one, nor when they denied very many.

    Raises NotFound.
    """
    before = locked(connection, reference)
    party = before.party(role)
    if party.knows(address) or party.denies(address) or len(party.denied) >= denied_max:
        return before
    _tie(connection, party.id, address.reveal(), address.key, Tie.DENIED)
    return _stepped(connection, before.id, Kind.ADDRESS_DENIED, role, now, by)


_OPEN_QUESTIONS: Final = select(questions).where(
    questions.c.conversation == bindparam("conversation"),
    questions.c.writer == bindparam("role"),
    questions.c.network == "",
    questions.c.response.is_(None),
    questions.c.until > bindparam("now", type_=Instant),
)
_NEXT_POSITION: Final = select(func.coalesce(func.max(party_addresses.c.position) + 1, 0)).where(
    party_addresses.c.party == bindparam("id")
)


def _with_what_waits(connection: Connection, after: Conversation, role: Role, now: datetime) -> Conversation:
    """`after`, in which a party has become known at more addresses. Nobody need answer about those any more: the questions are
    over, and what waits for them is decided (GW-6)."""
    for row in connection.execute(_OPEN_QUESTIONS, {"conversation": after.id, "role": role.value, "now": now}).all():
        if after.party(role).knows(RealAddress(row.address)):
            its_row = questions.c.message == row.message, questions.c.passage == row.passage
            connection.execute(update(questions).where(*its_row).values(until=now))
    return after


def _is_listed(party: Party, address: RealAddress) -> bool:
    """Whether it is known by itself, not by its domain."""
    return any(one.key == address.key for one in party.addresses)


def _refuse_one_too_many(party: Party) -> None:
    if len(party.addresses) + len(party.domains) >= addresses_max:
        raise Conflict(f"a party has at most {addresses_max} addresses and domains")


def _refuse_everybodys(domain: KnownDomain) -> None:
    widest = registrable_domain(domain.name)
    if is_public((domain.name, widest)) or watched.is_public(domain.name) or watched.is_public(widest):
        raise Conflict(
            f"{domain.name} is a public mail provider's, so anybody can have an address there; add the addresses themselves"
        )
    if not widest:
        raise Conflict(f"{domain.name} is nobody's own: names are registered below it; add the domain that is the party's")


def _refuse_ours(domain: KnownDomain, reply_domain: str) -> None:
    for ours in (KnownDomain(reply_domain), KnownDomain(SELF_TEST_DOMAIN, with_subdomains=True)):
        if _overlap(domain, ours):
            raise Conflict(f"at {ours.name} there are no mailboxes of a party")


def _overlap(one: KnownDomain, other: KnownDomain) -> bool:
    """Whether there are addresses that both hold."""
    return (
        one.name == other.name
        or (one.with_subdomains and other.name.endswith(f".{one.name}"))
        or (other.with_subdomains and one.name.endswith(f".{other.name}"))
    )


def _tie(connection: Connection, party: PartyId, text: str, key: str, tie: Tie) -> None:
    """That is how `text` is tied to `party` from now on."""
    its_row = party_addresses.c.party == party, party_addresses.c.key == key
    changed = update(party_addresses).where(*its_row).values(address=text, tie=tie.value, networks="")
    if connection.execute(changed).rowcount:
        return
    position = connection.execute(_NEXT_POSITION, {"id": party}).scalar_one()
    if position >= ties_max:
        raise Conflict(f"a party has at most {ties_max} addresses and domains, those that were taken back included")
    connection.execute(insert(party_addresses).values(party=party, position=position, address=text, key=key, tie=tie.value))


def _stepped(
    connection: Connection, conversation: ConversationId, kind: Kind, role: Role, now: datetime, by: str
) -> Conversation:
    append(connection, [Draft(conversation, kind, {"by": by, "party": role.value})], now)
    return by_id(connection, conversation)
