"""From where a party writes, and from where they do not (GW-5, GW-6, GW-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import Connection, delete, insert
from support.archive import World
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS

from relay.conversation import Conversation, KnownDomain, Vouched, addresses_max, denied_max, networks_max
from relay.errors import Conflict
from relay.store import known
from relay.store.audit import unaccounted
from relay.store.tables import Tie, party_addresses, ties_max
from relay.store.timeline import Kind, entries
from relay.values import RealAddress, Role

REFERENCE: Final = "GYG4K7Q2X9ABC"
LATER: Final = NOW + timedelta(hours=1)
COLLEAGUE: Final = RealAddress("office@alpine-tours.example")

Step = Callable[[Connection], Conversation]


def kinds(world: World, conversation: Conversation) -> list[Kind]:
    return [entry.kind for entry in world.read(lambda connection: entries(connection, conversation.id))]


def adding(address: str, role: Role = Role.CUSTOMER) -> Step:
    return lambda connection: known.add_address(connection, REFERENCE, role, RealAddress(address), now=LATER, by="support")


def removing(address: str, role: Role = Role.CUSTOMER) -> Step:
    return lambda connection: known.remove_address(connection, REFERENCE, role, RealAddress(address), now=LATER, by="support")


def adding_domain(domain: str, *, subdomains: bool = False, role: Role = Role.PARTNER) -> Step:
    whole = KnownDomain(domain, subdomains)
    return lambda connection: known.add_domain(connection, REFERENCE, role, whole, now=LATER, by="support")


def removing_domain(domain: str, role: Role = Role.PARTNER) -> Step:
    return lambda connection: known.remove_domain(connection, REFERENCE, role, domain, now=LATER, by="support")


def vouching(network: str, address: str = PARTNER_ADDRESS) -> Step:
    real = RealAddress(address)
    return lambda connection: known.vouch(connection, REFERENCE, Role.PARTNER, real, network, now=LATER, by="partner")


def denying(address: str) -> Step:
    real = RealAddress(address)
    return lambda connection: known.deny(connection, REFERENCE, Role.PARTNER, real, now=LATER, by="partner")


def test_a_party_gets_further_addresses_and_is_still_written_to_at_the_first(world: World) -> None:
    """GW-5"""
    world.opened()
    after = world.write(adding("zofia@work.example"))
    assert [one.reveal() for one in after.customer.addresses] == [CUSTOMER_ADDRESS, "zofia@work.example"]
    assert kinds(world, after) == [Kind.OPENED, Kind.ADDRESS_ADDED]


def test_adding_what_is_known_changes_nothing(world: World) -> None:
    before = world.opened()
    assert world.write(adding(CUSTOMER_ADDRESS.upper().replace("@", "+tag@"))) == before
    assert kinds(world, before) == [Kind.OPENED]


@pytest.mark.parametrize(
    ("address", "because"),
    [
        (PARTNER_ADDRESS, "is the partner's"),
        ("somebody@anywhere.alpenhof.example", "is the partner's"),
        (f"somebody@{DOMAIN}", "is an alias"),
    ],
)
def test_an_address_of_somebody_else_is_not_added(world: World, address: str, because: str) -> None:
    world.opened()
    world.write(adding_domain("alpenhof.example", subdomains=True))
    with pytest.raises(Conflict, match=because):
        world.write(adding(address))


def test_a_party_has_only_so_many_addresses_and_domains(world: World) -> None:
    world.opened()
    for number in range(addresses_max - 2):
        world.write(adding(f"zofia{number}@work.example"))
    world.write(adding_domain("another.example", role=Role.CUSTOMER))
    for step in (adding("one@too.example"), adding_domain("too.example", role=Role.CUSTOMER)):
        with pytest.raises(Conflict, match=f"at most {addresses_max}"):
            world.write(step)


def test_an_address_that_is_taken_back_writes_no_more_and_still_tells_who_they_are(world: World) -> None:
    """GW-5, LEAK-22: what stands in older mail, quoted, is theirs for good."""
    conversation = world.opened()
    world.write(adding("zofia@work.example"))
    with pytest.raises(Conflict, match="no known address"):
        world.write(removing("somebody@work.example"))
    after = world.write(removing("Zofia+tag@work.example"))
    assert [one.reveal() for one in after.customer.addresses] == [CUSTOMER_ADDRESS]
    assert [one.reveal() for one in after.customer.former_addresses] == ["zofia@work.example"]
    assert not after.customer.knows(RealAddress("zofia@work.example"))
    with pytest.raises(Conflict, match="the only address"):
        world.write(removing(CUSTOMER_ADDRESS))
    again = world.write(adding("zofia@work.example"))
    assert (len(again.customer.addresses), again.customer.former_addresses) == (2, ())
    assert kinds(world, conversation)[1:] == [Kind.ADDRESS_ADDED, Kind.ADDRESS_REMOVED, Kind.ADDRESS_ADDED]


def test_a_whole_domain_counts_and_what_lies_below_it_only_when_that_was_said(world: World) -> None:
    """GW-5: colleagues, and the senders of booking systems."""
    conversation = world.opened()
    below = RealAddress("bot@mail.fare.example")
    narrow = world.write(adding_domain("Fare.example.")).partner
    assert (narrow.knows(RealAddress("Any+tag@FARE.example")), narrow.knows(below)) == (True, False)
    assert not narrow.knows(RealAddress("any@notfare.example"))
    wide = world.write(adding_domain("fare.example", subdomains=True)).partner
    assert (wide.domains, wide.knows(below)) == ((KnownDomain("fare.example", with_subdomains=True),), True)
    assert world.write(adding_domain("fare.example", subdomains=True)).partner == wide
    gone = world.write(removing_domain("FARE.example")).partner
    assert (gone.domains, gone.knows(RealAddress("any@fare.example"))) == ((), False)
    assert KnownDomain("fare.example", with_subdomains=True) in gone.former_domains
    with pytest.raises(Conflict, match="no known domain"):
        world.write(removing_domain("fare.example"))
    assert kinds(world, conversation)[1:] == [Kind.DOMAIN_ADDED, Kind.DOMAIN_ADDED, Kind.DOMAIN_REMOVED]


@pytest.mark.parametrize(
    ("domain", "subdomains", "because"),
    [
        ("gmail.com", False, "public mail provider's"),
        ("mail.gmail.com", False, "public mail provider's"),
        ("yahoo.com.pe", False, "public mail provider's"),
        ("poczta.onet.pl", False, "public mail provider's"),
        ("co.uk", True, "names are registered below it"),
        ("myshopify.com", True, "names are registered below it"),
        (DOMAIN, False, "no mailboxes"),
        ("example.com", True, "no mailboxes"),  # the reply domain lies below it
        ("partner.self-test.invalid", False, "no mailboxes"),
        ("alpine-tours.example", False, "the partner has an address"),
        ("their.example", False, "the partner has an address"),
        ("sub.their.example", False, "the partner has an address"),
    ],
)
def test_a_domain_that_is_not_the_partys_alone_is_not_added(world: World, domain: str, subdomains: bool, because: str) -> None:
    """GW-5: anybody could write as the party."""
    world.opened()
    world.write(adding_domain("their.example", subdomains=True))
    with pytest.raises(Conflict, match=because):
        world.write(adding_domain(domain, subdomains=subdomains, role=Role.CUSTOMER))


def test_a_network_is_remembered_for_the_address_that_was_confirmed_and_the_oldest_gives_way(world: World) -> None:
    """GW-12"""
    world.opened()
    world.write(adding_domain("alpenhof.example"))
    party = world.write(vouching("192.0.2.0/24")).partner
    address = RealAddress(PARTNER_ADDRESS)
    assert party.vouches(address, "192.0.2.0/24")
    assert not party.vouches(address, "198.51.100.0/24")
    assert not party.vouches(COLLEAGUE, "192.0.2.0/24")
    assert world.write(vouching("192.0.2.0/24")).partner == party
    for number in range(networks_max):
        party = world.write(vouching(f"2001:db8:0:{number:x}::/64")).partner
    assert (len(party.vouched), party.vouches(address, "192.0.2.0/24")) == (networks_max, False)
    by_domain = world.write(vouching("192.0.2.0/24", "staff@alpenhof.example")).partner
    assert Vouched("staff@alpenhof.example", "192.0.2.0/24") in by_domain.vouched


def test_who_is_denied_is_remembered_unless_known_and_only_so_often(world: World) -> None:
    """GW-6"""
    world.opened()
    assert world.write(denying(PARTNER_ADDRESS)).partner.denied == ()
    assert world.write(denying("Stranger+x@elsewhere.example")).partner.denies(RealAddress("stranger@elsewhere.example"))
    for number in range(denied_max + 5):
        party = world.write(denying(f"s{number}@elsewhere.example")).partner
    assert len(party.denied) == denied_max
    assert world.write(adding("s1@elsewhere.example", Role.PARTNER)).partner.knows(RealAddress("s1@elsewhere.example"))


def test_what_was_taken_back_is_bounded_too(world: World) -> None:
    """Invariant 12"""
    conversation = world.opened()
    formers = [
        {"position": nth, "address": address, "key": address, "tie": Tie.FORMER.value}
        for nth in range(1, ties_max - 1)
        for address in (f"zofia{nth}@work.example",)
    ]
    party = conversation.customer.id
    world.write(lambda connection: connection.execute(insert(party_addresses).values(party=party), formers))
    world.write(adding("zofia@work.example"))
    world.write(removing("zofia@work.example"))
    with pytest.raises(Conflict, match=f"at most {ties_max}"):
        world.write(adding("one@too.example"))


def test_a_party_with_a_domain_and_no_address_is_found_by_the_audit(world: World) -> None:
    world.opened()
    world.write(adding_domain("alpenhof.example"))
    assert world.read(lambda connection: unaccounted(connection, NOW)) == ()
    world.write(
        lambda connection: connection.execute(delete(party_addresses).where(party_addresses.c.address == PARTNER_ADDRESS))
    )
    [found] = world.read(lambda connection: unaccounted(connection, NOW))
    assert "two parties with an address each" in found.problem


def test_no_timeline_holds_an_address_or_a_name(world: World) -> None:
    """Invariant 11: erasing a person touches no entry."""
    conversation = world.opened()
    steps = (
        adding("zofia@work.example"),
        removing("zofia@work.example"),
        adding_domain("fare.example"),
        vouching("192.0.2.0/24"),
        denying("stranger@elsewhere.example"),
    )
    for step in steps:
        world.write(step)
    told = str([entry.facts for entry in world.read(lambda connection: entries(connection, conversation.id))])
    words = ("@", "work.example", "fare.example", "192.0.2", "stranger", "Zofia", "Bellini")
    assert not [word for word in words if word in told]
