"""`relay archive`, `relay trace`: hostile content is escaped, addresses are masked, octets are poured as they are."""

from __future__ import annotations

import pytest
from support.archive import World
from support.cli import House
from support.world import CUSTOMER_ADDRESS

from relay.transit.crossing import Fate


@pytest.fixture
def message(world: World) -> str:
    """A message that crossed, with an escape sequence in its subject and an address in its text."""
    conversation = world.opened()
    crossing = world.crossing(
        conversation,
        subject="Where\x1b[2J do we meet?",
        body=f"Write to {CUSTOMER_ADDRESS} at the meeting point",
        files="map.pdf",
    )
    world.accepted(crossing)
    return crossing.envelope.id


def test_a_message_is_found_at_once(house: House, message: str) -> None:
    [found] = house.relay("archive", "search", "meeting", "point", "booking:GYG4K7Q2X9ABC", "--json").json
    assert found["message"] == message
    assert found["received_at"] == "2026-06-01T12:00:00Z"
    assert found["shares"] == [{"reference": "GYG4K7Q2X9ABC", "writer": "customer", "fate": "passed", "reason": None}]
    assert found["files"] == ["map.pdf"]
    assert "<address>" in found["snippet"]


def test_what_is_listed_is_harmless_and_reveals_nobody(house: House, message: str) -> None:
    listings = (("archive", "search", "meet*"), ("archive", "search", "meet*", "--json"), ("archive", "show", message))
    for words in (*listings, ("trace", message)):
        done = house.relay(*words)
        assert done.code == 0
        assert message in done.out
        assert "\x1b" not in done.out
        assert "poczta" not in done.out


def test_what_is_found_within_an_address_does_not_tear_it_apart(house: House, message: str) -> None:
    """LEAK-86: brackets around a word of an address would keep it from being known as one."""
    local = CUSTOMER_ADDRESS.partition("@")[0].split(".")[0]
    done = house.relay("archive", "search", local)
    assert message in done.out
    assert "<address>" in done.out
    assert "poczta" not in done.out


def test_nothing_found_is_no_error(house: House, message: str) -> None:
    assert house.relay("archive", "search", "unicorn").out == "nothing found\n"
    assert house.relay("archive", "search", "unicorn", "--json").json == []
    assert house.relay("archive", "search", "--json", "--", "meeting", "-point").json == []


def test_an_unknown_operator_is_an_error_with_a_suggestion(house: House) -> None:
    """AR-2 box"""
    done = house.relay("archive", "search", "bookng:X")
    assert done.code == 1
    assert "did you mean booking:?" in done.err


def test_a_message_is_shown_with_what_came_of_it(house: House, message: str) -> None:
    body = house.relay("archive", "show", message, "--json").json
    assert body["recipients"][0]["removed"] == [{"kind": "address", "place": "text/plain", "treatment": "mask", "count": 1}]
    assert [one["state"] for one in body["deliveries"]] == ["due"]
    assert [one["kind"] for one in body["timeline"]] == ["opened", "message"]
    shown = house.relay("archive", "show", message).out
    assert "recipient 0: from the customer, passed" in shown
    assert "removed: address in text/plain" in shown


def test_octets_are_poured_as_they_are(house: House, message: str) -> None:
    raw = house.relay("archive", "show", message, "--raw").out
    assert raw.startswith("Subject: Where\x1b[2J do we meet?\r\n\r\nWrite to ")
    assert house.relay("archive", "show", message, "--rendition").out == "Subject: rendition\r\n\r\nHello\r\n"


def test_of_a_message_with_damaged_octets_the_rest_is_shown_and_they_are_never_poured(
    house: House, world: World, message: str
) -> None:
    world.tamper(f"UPDATE blobs SET data = '!' WHERE id = '{message}.raw'")
    told = f"blob {message}.raw: not what was written"
    body = house.relay("archive", "show", message, "--json").json
    assert (body["troubles"], len(body["timeline"])) == ([told], 2)
    shown = house.relay("archive", "show", message).out
    assert told in shown
    assert "recipient 0: from the customer, passed" in shown
    poured = house.relay("archive", "show", message, "--raw")
    assert (poured.code, poured.out) == (1, "")
    assert told in poured.err
    assert house.relay("archive", "show", message, "--rendition").code == 0
    assert house.relay("queue", "show", body["deliveries"][0]["delivery"]).code == 0


def test_octets_are_escaped_on_a_terminal(house: House, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.cli.archive.sys.stdout.isatty", lambda: True)
    assert house.relay("archive", "show", message, "--raw").out.startswith("Subject: Where\\x1b[2J do we meet?\n")


def test_what_is_not_there_is_not_shown(house: House, message: str) -> None:
    assert house.relay("archive", "show", "none").code == 1
    assert house.relay("archive", "show", message, "--rendition", "--recipient", "1").code == 1
    assert house.relay("archive", "show", message, "--raw", "--rendition").code == 2
    assert house.relay("trace", "none").code == 1


def test_a_refused_message_says_why(house: House, world: World) -> None:
    crossing = world.crossing(world.opened(), fate=Fate.REFUSED)
    world.accepted(crossing)
    assert "refused (leak)" in house.relay("archive", "show", crossing.envelope.id).out


def test_the_trace_tells_what_happened_in_order(house: House, message: str) -> None:
    events = house.relay("trace", message, "--json").json
    assert [one["kind"] for one in events] == ["received", "removed", "message"]
    assert events[1]["facts"] == {"recipient": "0", "what": "address", "place": "text/plain", "count": "1"}
    assert events[0]["facts"]["message"] == message
