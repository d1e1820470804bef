"""Who acts for a partner is found by the address, and follows every change of the partner (OR-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.archive import World
from support.catalogue import GARDA, GIULIA, MARCO
from support.world import NOW

from relay.booking.partner import Partner, PartnerId, StaffId
from relay.store import memberships
from relay.store.bookings.catalogue import PARTNERS
from relay.store.memberships import Member
from relay.values import Language, RealAddress


def of(world: World, address: str) -> tuple[Member, ...]:
    return world.read(lambda connection: memberships.of(connection, RealAddress(address).key))


@pytest.fixture
def garda(world: World) -> Partner:
    world.write(lambda connection: PARTNERS.add(connection, GARDA, now=NOW, by="test"))
    return GARDA


@pytest.mark.parametrize(
    ("address", "member", "sees_team", "language"),
    [
        ("team@garda.example", None, True, Language.IT),
        ("Team+web@Garda.example", None, True, Language.IT),
        ("giulia@garda.example", GIULIA.id, False, Language.IT),
        ("marco@garda.example", MARCO.id, True, Language.DE),
    ],
)
def test_the_team_and_its_staff_act_for_a_partner(
    world: World, garda: Partner, address: str, member: str | None, sees_team: bool, language: Language
) -> None:
    known = RealAddress(address.lower().replace("+web", ""))
    expected = Member(garda.id, garda.name, StaffId(member) if member is not None else None, sees_team, language, known)
    assert of(world, address) == (expected,)


@pytest.mark.usefixtures("garda")
def test_neither_a_reservation_system_nor_anybody_else_does(world: World) -> None:
    assert of(world, "channel@system.example") == of(world, "zofia@poczta.example") == ()


def test_who_leaves_the_staff_acts_for_the_partner_no_more(world: World, garda: Partner) -> None:
    world.write(lambda connection: PARTNERS.put(connection, replace(garda, staff=(MARCO,)), now=NOW, by="test"))
    assert of(world, "giulia@garda.example") == ()
    assert len(of(world, "marco@garda.example")) == 1


def test_one_of_the_staff_who_reads_the_teams_mail_sees_all_of_it(world: World, garda: Partner) -> None:
    alone = replace(garda, addresses=(GIULIA.address,), staff=(GIULIA,))
    world.write(lambda connection: PARTNERS.put(connection, alone, now=NOW, by="test"))
    expected = Member(garda.id, garda.name, GIULIA.id, sees_team=True, language=Language.IT, address=GIULIA.address)
    assert of(world, "giulia@garda.example") == (expected,)


def test_somebody_may_act_for_several_partners(world: World, garda: Partner) -> None:
    other = replace(garda, id=PartnerId("p2"), name="Alpine Tours")
    world.write(lambda connection: PARTNERS.add(connection, other, now=NOW, by="test"))
    assert [one.name for one in of(world, "team@garda.example")] == ["Alpine Tours", "Garda Boats"]
