"""`relay partner`, `relay offer`, `relay booking`, `relay webhook`: the booking core on the command line."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from support.cli import Done, House

ADDRESS = "zofia.kowalska@poczta.example"
PARTNER = ("partner", "add", "x", "--name", "X", "--language", "it")
REVEALING = ("poczta", "kayak.example", "Kowalska")
OFFER: dict[str, Any] = {
    "id": "kayak",
    "partner": "kayaks",
    "title": {"en": "Kayak"},
    "kind": "one_day",
    "time_zone": "Europe/Rome",
    "currency": "EUR",
    "switches": {"mode": "on_request"},
    "variants": [{
        "id": "kayak-day",
        "title": {"en": "A day"},
        "duration": "PT6H",
        "prices": [{"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": 4500, "currency": "EUR"}, "people": 1}],
    }],
}  # fmt: skip


_stocked: list[bytes] = []
"""The database of a shop, once it was made: each test has a copy."""


@pytest.fixture
def shop(house: House, tmp_path: Path) -> House:
    """A house with a partner, an offer on request, and a slot."""
    database = house.directory / "relay.db"
    if not _stocked:
        _stock(house, tmp_path)
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _stocked.append(database.read_bytes())
    database.write_bytes(_stocked[0])
    return house


def _stock(house: House, tmp_path: Path) -> None:
    added = house.relay(
        *("partner", "add", "kayaks", "--name", "Kayak School", "--language", "it", "--time-zone", "Europe/Rome"),
        *("--address", "team@kayak.example", "--json"),
    )
    assert added.json["lacks"]
    file = tmp_path / "offer.json"
    file.write_text(json.dumps(OFFER))
    assert house.relay("offer", "add", "--file", str(file), "--json").json["id"] == "kayak"
    slot = ("offer", "add-slot", "kayak-day", "--starts", "2099-06-10T09:00", "--lasts", "6h", "--time-zone", "Europe/Rome")
    [added_slot] = house.relay(*slot, "--capacity", "8", "--id", "june", "--json").json
    assert added_slot["occasion"]["starts_at"] == "2099-06-10T07:00:00Z"


def requested(shop: House, *more: str) -> Done:
    return shop.relay(
        *("booking", "request", "kayak", "kayak-day", "--customer-email", ADDRESS, "--customer-name", "Zofia Kowalska"),
        *("--slot", "june", "--participants", "2", "--choose", "adult=2", *more),
    )


def test_a_request_is_accepted_paid_and_refunded_on_the_command_line(shop: House) -> None:
    """OR-4, SL-15, SL-18, SL-28, SV-1"""
    booking = requested(shop, "--json").json
    reference = booking["reference"]
    assert (booking["status"]["stage"], booking["amounts"]["total"]["text"]) == ("requested", "90.00 EUR")
    accepted = shop.relay("booking", "act", reference, "accept", "--actor", "partner", "--by", "Giulia", "--json").json
    assert accepted["status"]["stage"] == "awaiting_payment"
    paid = shop.relay("booking", "act", reference, "take-payment", "--json").json
    assert (paid["status"]["stage"], paid["status"]["payment"]) == ("confirmed", "paid")
    assert paid["customer"]["alias"].startswith("customer-")
    refunded = shop.relay("booking", "act", reference, "refund", "--amount", "45.00", "--json").json
    assert refunded["amounts"]["refundable"]["text"] == "45.00 EUR"
    steps = shop.relay("booking", "history", reference, "--json").json
    assert [one["act"] for one in steps][:3] == ["request", "accept", "take the payment"]
    assert steps[1]["by"].startswith("Giulia")
    assert shop.relay("booking", "ledger", reference, "--json").json[0]["kind"] == "paid"


def test_what_is_done_most_often_has_a_command_of_its_own(shop: House) -> None:
    """SL-15, SL-28, SV-1"""
    reference = requested(shop, "--json").json["reference"]
    assert shop.relay("booking", "accept", reference, "--json").json["status"]["stage"] == "awaiting_payment"
    until = ("--until", "2099-06-01T12:00", "--time-zone", "Europe/Rome")
    assert shop.relay("booking", "extend", reference, *until, "--json").json["deadline"] == "2099-06-01T10:00:00Z"
    assert shop.relay("booking", "block", reference, "--json").json["status"]["release_blocked"] is True
    assert shop.relay("booking", "release", reference).code == 1
    assert shop.relay("booking", "pay", reference, "--json").json["status"]["stage"] == "confirmed"
    cancelled = shop.relay("booking", "cancel", reference, "--reason", "The boat sank.", "--json").json
    assert (cancelled["status"]["stage"], cancelled["reason"]) == ("cancelled", "The boat sank.")


def test_what_is_not_possible_is_said_with_what_is_possible_instead(shop: House) -> None:
    reference = requested(shop, "--json").json["reference"]
    refused = shop.relay("booking", "act", reference, "redeem", "--actor", "partner")
    assert (refused.code, refused.out) == (1, "")
    assert "possible: " in refused.err
    stale = shop.relay("booking", "act", reference, "accept", "--actor", "partner", "--version", "9")
    assert (stale.code, "changed since" in stale.err) == (1, True)
    assert shop.relay("booking", "act", "NONE", "accept").code == 1
    wrong_way = shop.relay(
        *("booking", "reserve", "kayak", "kayak-day", "--customer-email", ADDRESS, "--customer-name", "Z", "--slot", "june")
    )
    assert (wrong_way.code, "send a request" in wrong_way.err) == (1, True)


def test_other_terms_come_from_a_file(shop: House, tmp_path: Path) -> None:
    """OR-25: it is booked with what the form says."""
    reference = requested(shop, "--json").json["reference"]
    file = tmp_path / "terms.json"
    file.write_text(json.dumps({"discounts": [{"text": "Friends", "basis_points": 1000}], "note": "Bring a hat."}))
    booked = shop.relay("booking", "act", reference, "book", "--actor", "partner", "--terms", str(file), "--json").json
    assert booked["terms"]["total"]["text"] == "81.00 EUR"
    file.write_text('{"discounts": [{"text": "Nothing"}]}')
    wrong = shop.relay("booking", "act", reference, "counter", "--actor", "partner", "--terms", str(file))
    assert (wrong.code, "discounts.0" in wrong.err) == (2, True)


def test_bookings_are_listed_counted_and_looked_at_and_nobody_is_revealed(shop: House) -> None:
    """SV-21, SL-27, OR-31, LEAK-86"""
    reference = requested(shop, "--json").json["reference"]
    done = [
        requested(shop),
        shop.relay("booking", "show", reference),
        shop.relay("booking", "show", reference, "--json"),
        shop.relay("booking", "list"),
        shop.relay("booking", "list", "--json"),
        shop.relay("booking", "forecast", reference),
        shop.relay("booking", "history", reference),
        shop.relay("booking", "counts"),
        shop.relay("partner", "show", "kayaks"),
        shop.relay("partner", "list", "--json"),
        shop.relay("offer", "show", "kayak"),
        shop.relay("offer", "variant", "kayak-day"),
        shop.relay("offer", "slots", "kayak-day"),
    ]
    for one in done:
        assert one.code == 0, one.err
        assert one.out
        assert not any(word in one.out + one.err for word in REVEALING)
    assert shop.relay("booking", "counts", "--json").json["requests"] == 2
    assert [one["reference"] for one in shop.relay("booking", "list", "--search", reference, "--json").json] == [reference]
    assert shop.relay("booking", "list", "--tab", "booked").out == "no bookings\n"
    first = shop.relay("booking", "list", "--limit", "1")
    assert "more: --after " in first.out
    wrong = shop.relay("booking", "list", "--tab", "lost")
    assert (wrong.code, "'requests'" in wrong.err) == (2, True)


def test_bookings_are_exported(shop: House, tmp_path: Path) -> None:
    """SV-10"""
    reference = requested(shop, "--note", "=1+1", "--json").json["reference"]
    requested(shop)
    file = tmp_path / "bookings.csv"
    assert shop.relay("booking", "export", "--reference", reference, "--output", str(file)).code == 0
    [row] = csv.DictReader(StringIO(file.read_bytes().decode("utf-8-sig"), newline=""))
    assert (row["reference"], row["note"], row["customer"]) == (reference, "'=1+1", "Zofia")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("partner", "add", "x", "--name", "X", "--language", "it", "--time-zone", "Mars", "--address", "a@b.example"),
            "time_zone",
        ),
        (("partner", "add", "x", "--name", "X", "--language", "it", "--time-zone", "UTC", "--address", "nobody"), "address"),
        (("partner", "change", "kayaks", "--tier", "platinum"), "'gold'"),
        (("offer", "add", "x", "--partner", "kayaks", "--title", "X", "--mode", "sometimes"), "'instant'"),
        (("offer", "add-slot", "kayak-day", "--starts", "tomorrow", "--lasts", "1h", "--capacity", "1"), "--starts"),
        (("offer", "add-slot", "kayak-day", "--starts", "2099-01-01T09:00", "--capacity", "1"), "--ends or --lasts"),
        (("booking", "act", "X", "dance"), ""),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(shop: House, words: tuple[str, ...], said: str) -> None:
    done = shop.relay(*words)
    assert (done.code, done.out) == (2 if said else 1, "")
    assert said in done.err
    assert "nobody" not in done.err


def test_a_partner_s_staff_come_and_go_and_custom_requests_take_what_is_missing(shop: House) -> None:
    """SL-2, OR-3"""
    employed = shop.relay("partner", "employ", "kayaks", "anna", "--name", "Anna", "--address", "anna@kayak.example", "--json")
    assert [one["id"] for one in employed.json["staff"]] == ["anna"]
    assert shop.relay("partner", "dismiss", "kayaks", "anna", "--json").json["staff"] == []
    assert shop.relay("partner", "dismiss", "kayaks", "anna").code == 1
    custom = ("offer", "add", "own", "--partner", "kayaks", "--title", "Your own", "--mode", "custom_request", "--price", "10.00")
    refused = shop.relay(*custom)
    assert (refused.code, "Gold" in refused.err) == (1, True)
    assert shop.relay("partner", "change", "kayaks", "--tier", "gold", "--account", "active", "--json").json["lacks"] is None
    assert shop.relay(*custom).code == 0


def test_an_offer_is_closed_and_opened_and_its_slots_change(shop: House) -> None:
    """SL-B6, ST-4"""
    assert shop.relay("offer", "close", "kayak", "--json").json["is_closed"] is True
    assert requested(shop).code == 1
    assert shop.relay("offer", "open", "kayak", "--json").json["is_closed"] is False
    [changed] = shop.relay("offer", "change-slot", "june", "--capacity", "3", "--json").json
    assert changed["capacity"] == 3
    several = ("offer", "add-slot", "kayak-day", "--starts", "2099-10-24T09:00", "--ends", "2099-10-24T15:00", "--capacity", "8")
    added = shop.relay(*several, "--time-zone", "Europe/Rome", "--every", "1d", "--times", "3", "--json").json
    # The clocks go back on the 25th: it stays nine o'clock there.
    assert [one["occasion"]["starts_at"] for one in added] == [
        "2099-10-24T07:00:00Z",
        "2099-10-25T08:00:00Z",
        "2099-10-26T08:00:00Z",
    ]


def test_what_is_over_is_asked_for_again(shop: House) -> None:
    """OR-35"""
    reference = requested(shop, "--json").json["reference"]
    assert shop.relay("booking", "ask-again", reference).code == 1
    assert shop.relay("booking", "act", reference, "decline", "--actor", "partner", "--reason", "We are full.").code == 0
    again = shop.relay("booking", "ask-again", reference, "--json")
    assert again.json["asked_again_of"] == reference


def test_an_endpoint_is_told_of_each_step(shop: House) -> None:
    added = shop.relay("webhook", "add", "https://shop.example/hook", "--event", "booking.request", "--json").json
    assert added["secret"].startswith("whsec_")
    reference = requested(shop, "--json").json["reference"]
    [sent] = shop.relay("webhook", "log", added["id"], "--json").json
    assert (sent["type"], sent["reference"], sent["state"]) == ("booking.request", reference, "due")
    assert shop.relay("webhook", "rotate", added["id"], "--json").json["secret"] != added["secret"]
    assert shop.relay("webhook", "redeliver", added["id"], sent["id"]).code == 0
    assert shop.relay("webhook", "change", added["id"], "--disable").code == 0
    assert "https://shop.example/hook" in shop.relay("webhook", "list").out
    assert shop.relay("webhook", "remove", added["id"]).code == 0
    assert shop.relay("webhook", "list").out == "no endpoints\n"
    assert shop.relay("webhook", "add", "http://shop.example/hook").code == 1
