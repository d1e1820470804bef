"""`relay conversation`: the contract's words, aliases and window; nobody's address."""

from __future__ import annotations

import re

import pytest
from support.archive import World
from support.cli import Done, House
from support.world import NOW

from relay.store.alerts import Came
from relay.store.conversations import by_reference
from relay.store.mailboxes import failed_for_good, hard_failures_max
from relay.values import Role

OPEN = {
    "--reference": "GYG4K7Q2X9ABC",
    "--partner-email": "marco.bellini@alpine-tours.example",
    "--partner-name": "Marco Bellini",
    "--customer-email": "zofia.kowalska@poczta.example",
    "--customer-name": "Zofia Kowalska",
    "--activity-end": "2099-06-10T18:00:00+02:00",
}
REVEALING = ("alpine-tours", "poczta", "Bellini", "Kowalska")


def opened(house: House, *more: str, **changes: str) -> Done:
    given = {**OPEN, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return house.relay("conversation", "open", *(word for pair in given.items() for word in pair), *more)


def test_opening_prints_exactly_what_the_contract_says(house: House) -> None:
    body = opened(house, "--json").json
    assert list(body) == ["reference", "partner_alias", "customer_alias", "opens_at", "closes_at"]
    assert body["reference"] == "GYG4K7Q2X9ABC"
    assert re.fullmatch(r"local-partner-[0-9a-f]{12}@reply\.example\.com", body["partner_alias"])
    assert re.fullmatch(r"customer-[0-9a-f]{12}@reply\.example\.com", body["customer_alias"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", body["opens_at"])
    assert body["closes_at"] == "2099-06-17T16:00:00Z"


def test_what_is_pending_opens_when_it_is_confirmed(house: House) -> None:
    """GY-6"""
    assert opened(house, "--pending", "--json").json["opens_at"] is None
    assert house.relay("conversation", "show", "GYG4K7Q2X9ABC", "--json").json["standing"] == "pending"
    assert house.relay("conversation", "confirm", "GYG4K7Q2X9ABC", "--json").json["standing"] == "open"
    again = house.relay("conversation", "confirm", "GYG4K7Q2X9ABC")
    assert (again.code, again.err) == (1, "booking GYG4K7Q2X9ABC is confirmed already\n")


@pytest.mark.parametrize("option", ["--time-zone", "--partner-time-zone"])
def test_a_date_alone_ends_at_midnight_after_it_in_its_zone(house: House, option: str) -> None:
    """GW-3"""
    body = opened(house, option, "Europe/Rome", "--json", activity_end="2099-06-10").json
    assert body["closes_at"] == "2099-06-17T22:00:00Z"


def test_several_addresses_and_languages_may_be_given(house: House) -> None:
    """GW-5"""
    more = ("--partner-email", "office@alpine-tours.example", "--partner-language", "fr", "--customer-language", "pl")
    assert opened(house, *more).code == 0
    shown = house.relay("conversation", "show", "GYG4K7Q2X9ABC", "--json").json
    assert shown["partner"] == {
        "name": "Marco",
        "language": "fr",
        "known_addresses": 2,
        "known_domains": 0,
        "dead_addresses": 0,
        "suspended_at": None,
    }
    assert shown["customer"]["language"] == "pl"


def test_neither_tables_nor_json_reveal_anybody(house: House) -> None:
    """LEAK-86"""
    for done in (
        opened(house),
        house.relay("conversation", "show", "GYG4K7Q2X9ABC"),
        house.relay("conversation", "show", "GYG4K7Q2X9ABC", "--json"),
        house.relay("conversation", "list"),
        house.relay("conversation", "list", "--json"),
        house.relay("trace", house.relay("conversation", "show", "GYG4K7Q2X9ABC", "--json").json["partner_alias"]),
    ):
        assert done.code == 0
        assert done.out
        assert not any(word in done.out + done.err for word in REVEALING)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"partner_email": "marco alpine-tours.example"}, "--partner-email"),
        ({"customer_email": "marco.bellini@alpine-tours.example"}, "share an address"),
        ({"activity_end": "10 June"}, "--activity-end"),
        ({"partner_name": " "}, "partner name"),
        ({"reference": "a\nb"}, "reference"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage_and_no_address_is_repeated(house: House, changes: dict[str, str], said: str) -> None:
    done = opened(house, **changes)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "alpine-tours" not in done.err


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", ""])
def test_a_time_zone_that_does_not_exist_is_wrong_usage(house: House, zone: str) -> None:
    done = opened(house, "--time-zone", zone, activity_end="2099-06-10")
    assert done.code == 2
    assert "--time-zone" in done.err


def test_a_second_conversation_for_a_booking_is_not_made(house: House) -> None:
    opened(house)
    assert opened(house).code == 1


def test_support_may_close_reopen_extend_and_add_an_address(house: House) -> None:
    """GW-3, GW-5"""
    opened(house)
    reference = "GYG4K7Q2X9ABC"
    assert house.relay("conversation", "close", reference, "--json").json["standing"] == "closed"
    assert house.relay("conversation", "extend", reference, "--until", "2100-01-01").code == 1
    reopened = house.relay("conversation", "reopen", reference, "--until", "2099-12-31", "--json").json
    assert (reopened["standing"], reopened["closes_at"]) == ("open", "2100-01-01T00:00:00Z")
    extended = house.relay("conversation", "extend", reference, "--until", "2100-02-01T00:00:00+01:00", "--json").json
    assert extended["closes_at"] == "2100-01-31T23:00:00Z"
    added = house.relay("conversation", "add-address", reference, "partner", "office@alpine-tours.example", "--json").json
    assert added["partner"]["known_addresses"] == 2
    assert house.relay("conversation", "add-address", reference, "partner", "nobody").code == 2
    gone = house.relay("conversation", "remove-address", reference, "partner", "Office@alpine-tours.example", "--json").json
    assert gone["partner"]["known_addresses"] == 1
    assert house.relay("conversation", "remove-address", reference, "partner", "office@alpine-tours.example").code == 1


def test_an_activity_may_be_moved(house: House) -> None:
    """GW-3: the window follows it"""
    opened(house)
    moved = house.relay("conversation", "move", "GYG4K7Q2X9ABC", "--activity-end", "2099-07-01", "--json").json
    assert (moved["activity_end"], moved["closes_at"]) == ("2099-07-02T00:00:00Z", "2099-07-09T00:00:00Z")
    assert house.relay("conversation", "move", "NONE", "--activity-end", "2099-07-01").code == 1
    assert house.relay("conversation", "move", "GYG4K7Q2X9ABC", "--activity-end", "tomorrow").code == 2


def test_a_whole_domain_may_be_added_and_taken_back_but_no_public_providers(house: House) -> None:
    """GW-5"""
    opened(house)
    reference = "GYG4K7Q2X9ABC"
    added = house.relay("conversation", "add-domain", reference, "partner", "fare.example", "--subdomains")
    assert "1 known domain" in added.out
    refused = house.relay("conversation", "add-domain", reference, "customer", "gmail.com")
    assert (refused.code, "public mail provider" in refused.err) == (1, True)
    assert house.relay("conversation", "add-domain", reference, "partner", "no domain").code == 2
    removed = house.relay("conversation", "remove-domain", reference, "partner", "fare.example", "--json").json
    assert removed["partner"]["known_domains"] == 0
    assert house.relay("conversation", "remove-domain", reference, "partner", "fare.example").code == 1


def test_the_list_can_be_narrowed_and_turned_over(house: House) -> None:
    for number in range(3):
        opened(house, *(["--pending"] if number == 1 else []), reference=f"B{number}")
    newest = house.relay("conversation", "list", "--limit", "2", "--json").json
    assert [one["reference"] for one in newest] == ["B2", "B1"]
    rest = house.relay("conversation", "list", "--after", newest[-1]["id"], "--json").json
    assert [one["reference"] for one in rest] == ["B0"]
    pending = house.relay("conversation", "list", "--standing", "pending", "--json").json
    assert [one["reference"] for one in pending] == ["B1"]
    assert house.relay("conversation", "list", "--standing", "over").out == "no conversations\n"


def test_mail_to_a_party_is_resumed_and_what_stopped_it_is_listed(house: House, world: World) -> None:
    """GW-54, FAULT-75"""
    opened(house)
    reference = "GYG4K7Q2X9ABC"
    assert house.relay("conversation", "resume", reference, "customer").code == 1
    conversation = world.read(lambda connection: by_reference(connection, reference))
    (delivery,) = world.accepted(world.crossing(conversation))
    partner = conversation.partner.addresses[0]
    came = Came(conversation.id, Role.PARTNER, delivery.message)
    for _ in range(hard_failures_max):
        world.write(lambda c: failed_for_good(c, partner, came, NOW))
    assert "1 dead" in house.relay("conversation", "show", reference).out
    (alert,) = house.relay("alerts", "--json").json
    assert (alert["alarm"], alert["reference"], alert["party"]) == ("address_dead", reference, "partner")
    assert "address_dead" in house.relay("alerts").out
    assert house.relay("alerts", "--after", str(alert["number"])).out == "no alerts\n"
    assert house.relay("conversation", "resume", reference, "partner", "--json").json["partner"]["dead_addresses"] == 0
