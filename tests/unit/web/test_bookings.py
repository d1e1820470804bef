"""Bookings over HTTP: beginning, looking, listing, counting, exporting."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from support.bookings import NOW, paid, terms
from support.web import FakeAccess, Web
from support.world import CUSTOMER_ADDRESS

from relay.booking.booking import RequiredAction, Stage
from relay.booking.offer import Audience, Channel, Mode, Reach, Rules
from relay.booking.partner import StaffId
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.terms import Choice
from relay.booking.texts import Texts
from relay.values import Language
from relay.web.scopes import Scope

BOOKINGS = "/api/v1/bookings"
TO_BOOK: dict[str, Any] = {
    "offer": "o1",
    "variant": "v1",
    "slot": "t1",
    "customer": {"name": "Zofia Kowalska", "address": CUSTOMER_ADDRESS, "language": "pl", "time_zone": "Europe/Warsaw"},
    "participants": 2,
    "choices": [{"price": "adult", "quantity": 2}, {"price": "wine"}],
    "note": "One of us does not swim.",
}


async def test_a_request_begins_and_is_answered_with_where_it_stands_and_what_each_may_do() -> None:
    """OR-2, OR-20, OR-21, OR-28, SV-20, LEAK-86"""
    web = Web()
    async with web.client() as client:
        answer = await client.post(BOOKINGS, json=TO_BOOK)
    assert answer.status_code == 201
    body = answer.json()
    assert body["status"] == {
        "stage": "requested",
        "payment": "unpaid",
        "hold": None,
        "keeping": None,
        "action": "none",
        "relay": "minted",
        "tab": "requests",
        "waits_for": "partner",
        "overdue": False,
        "release_blocked": False,
        "redeemed": False,
        "no_show": False,
        "on_calendar": False,
        "badges": ["new", "not_contacted", "asked_for"],
    }
    assert body["amounts"]["total"] == {"minor": 9000, "currency": "EUR", "text": "90.00 EUR"}
    assert body["terms"]["occasion"]["time_zone"] == "Europe/Rome"
    assert "accept" in body["possible"]["partner"]
    assert body["possible"]["customer"] == ["write_back", "withdraw"]
    assert not any(word in answer.text for word in (CUSTOMER_ADDRESS, "Kowalska", "garda.example"))
    [asked] = web.booking.bookings.asked
    assert (asked.by, asked.participants, asked.choices) == ("token id-all", 2, (Choice("adult", 2), Choice("wine")))
    assert asked.customer.address.reveal() == CUSTOMER_ADDRESS


async def test_what_is_asked_for_on_request_is_not_booked_at_once_and_the_answer_says_what_to_send() -> None:
    """OR-2: a direct booking is a 409 with a hint, the request works."""
    async with Web().client() as client:
        answer = await client.post(BOOKINGS, json={**TO_BOOK, "way": "check_out"})
        assert (await client.post(BOOKINGS, json={**TO_BOOK, "way": "request"})).status_code == 201
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["way"], body["hint"]) == ("wrong_way", "request", 'Send it with "way": "request".')


async def test_staff_book_for_a_customer_at_the_box_office() -> None:
    """ST-1, ST-5, ST-16"""
    web = Web()
    web.booking.bookings.rules = Rules(Mode.RESERVE)
    staff = {
        **TO_BOOK,
        "actor": "operator",
        "audience": "group",
        "channel": "box_office",
        "hold": "option",
        "composite": "school",
    }
    async with web.client() as client:
        body = (await client.post(BOOKINGS, json=staff)).json()
    assert (body["status"]["stage"], body["audience"], body["channel"]) == ("awaiting_payment", "group", "box_office")
    assert web.booking.bookings.asked[0].reach == Reach(Audience.GROUP, Channel.BOX_OFFICE)
    assert web.booking.bookings.asked[0].composite == "school"


@pytest.mark.parametrize("actor", ["support", "operator"])
async def test_nobody_acts_for_the_house_without_its_scope(actor: str) -> None:
    access = FakeAccess({"shop": frozenset({Scope.BOOKINGS_WRITE})})
    async with Web(access=access).client(token="shop") as client:
        answer = await client.post(BOOKINGS, json={**TO_BOOK, "actor": actor})
    assert answer.status_code == 403
    assert "bookings:operate" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"way": "book"}, "body.way", "'request', 'reserve' or 'check_out'"),
        ({"actor": "clock"}, "body.actor", "'customer'"),
        ({"participants": 0}, "body.participants", "greater than or equal to 1"),
        ({"customer": {"name": "Z", "address": "zofia poczta.example"}}, "body.customer", "address"),
        ({"customer": {"name": "Z", "address": CUSTOMER_ADDRESS, "time_zone": "Europe/Atlantis"}}, "body.customer", "time_zone"),
        (
            {"occasion": {"starts_at": "2026-06-21T09:00:00Z", "ends_at": "2026-06-21T08:00:00Z", "time_zone": "UTC"}},
            "body.occasion",
            "end after it starts",
        ),
        (
            {"occasion": {"starts_at": "2026-06-21T09:00:00Z", "ends_at": "2026-06-21T10:00:00Z", "time_zone": "UTC"}},
            "body",
            "either an occasion or a slot",
        ),
        ({"extras": [{"text": "Cake", "unit": {"minor": -1, "currency": "EUR"}}]}, "body.extras.0.unit.minor", "greater"),
        ({"extras": [{"text": " ", "unit": {"minor": 1, "currency": "EUR"}}]}, "body.extras.0.text", "printable"),
        ({"optoins": []}, "body.optoins", "Extra inputs"),
    ],
)
async def test_what_cannot_be_meant_is_named_field_by_field(changes: dict[str, Any], field: str, said: str) -> None:
    async with Web().client() as client:
        answer = await client.post(BOOKINGS, json={**TO_BOOK, **changes})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert said in error["detail"]
    assert "poczta" not in answer.text


async def test_what_is_not_there_is_a_404() -> None:
    async with Web().client() as client:
        assert (await client.post(BOOKINGS, json={**TO_BOOK, "variant": "v9"})).status_code == 404
        for path in ("NONE", "NONE/history", "NONE/forecast", "NONE/ledger", "NONE/refunds", "NONE/letter"):
            assert (await client.get(f"{BOOKINGS}/{path}")).status_code == 404, path


async def test_lists_leave_out_what_expired_unless_it_is_asked_for() -> None:
    """OR-31, SL-12, SL-19"""
    web = Web()
    bookings = web.booking.bookings
    waiting, gone = bookings.put(Stage.AWAITING_PAYMENT), bookings.put(Stage.EXPIRED)
    async with web.client() as client:

        async def listed(**narrowed: Any) -> list[str]:
            answer = await client.get(BOOKINGS, params=narrowed)
            assert answer.status_code == 200, answer.text
            return [one["reference"] for one in answer.json()["items"]]

        assert await listed() == [waiting.reference]
        assert await listed(expired=True) == [gone.reference, waiting.reference]
        assert await listed(tab="expired") == [gone.reference]
        assert await listed(tab=["awaiting_payment", "booked"]) == [waiting.reference]
        assert await listed(stage="confirmed") == []


async def test_every_filter_reaches_whoever_looks_the_bookings_up() -> None:
    """SV-7, SV-8, SV-9, SL-27, OR-3, OR-20, OR-21, OR-26, ST-18, ST-19, ST-B3"""
    web = Web()
    narrowed = {
        "q": " BOAT ", "payment": "part_refunded", "action": "open", "promotion": "4711", "offer": "o1", "variant": "v1",
        "partner": "p1", "staff": "s1", "assignee": "s2", "waits_for": "customer", "hold": "reservation", "composite": "school",
        "starts_from": "2026-06-01T02:00:00+02:00", "deadline_before": "2026-07-01T00:00:00Z", "overdue": "true", "seen": "false",
        "contacted": "false", "on_calendar": "true", "blocked": "false", "order": "deadline",
    }  # fmt: skip
    async with web.client() as client:
        assert (await client.get(BOOKINGS, params=narrowed)).status_code == 200
    [wanted] = web.booking.bookings.wanted
    assert (wanted.text, wanted.promotion, wanted.offer, wanted.variant, wanted.partner) == ("BOAT", "4711", "o1", "v1", "p1")
    assert (wanted.staff, wanted.assignee, wanted.composite) == ("s1", "s2", "school")
    assert wanted.actions == {RequiredAction.OPEN}
    assert wanted.starts_from is not None
    assert wanted.starts_from.isoformat() == "2026-06-01T00:00:00+00:00"
    assert (wanted.overdue, wanted.seen, wanted.contacted, wanted.on_calendar, wanted.blocked) == (
        True,
        False,
        False,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("narrowed", "field"),
    [({"stage": "paid"}, "query.stage.0"), ({"colour": "red"}, "query.colour"), ({"limit": 0}, "query.limit")],
)
async def test_a_filter_that_nobody_knows_is_a_422_that_names_it(narrowed: dict[str, Any], field: str) -> None:
    async with Web().client() as client:
        answer = await client.get(BOOKINGS, params=narrowed)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_the_bookings_of_one_customer_are_found_by_an_address_that_stands_in_no_url() -> None:
    """ST-11, ST-16, ST-18"""
    web = Web()
    web.booking.bookings.put()
    async with web.client() as client:
        answer = await client.post(
            f"{BOOKINGS}/of-customer", json={"address": CUSTOMER_ADDRESS, "filters": {"waits_for": "customer"}}
        )
        assert (await client.post(f"{BOOKINGS}/of-customer", json={"address": "zofia"})).status_code == 422
    assert answer.status_code == 200
    assert CUSTOMER_ADDRESS not in answer.text
    [wanted] = web.booking.bookings.wanted
    assert wanted.customer is not None
    assert wanted.customer.reveal() == CUSTOMER_ADDRESS


async def test_pages_follow_one_another() -> None:
    web = Web()
    for _ in range(5):
        web.booking.bookings.put()
    seen: list[str] = []
    after: str | None = None
    async with web.client() as client:
        while True:
            page = (await client.get(BOOKINGS, params={"limit": 2, **({"after": after} if after else {})})).json()
            seen += [one["reference"] for one in page["items"]]
            if (after := page["next"]) is None:
                break
    assert seen == ["BOAT5", "BOAT4", "BOAT3", "BOAT2", "BOAT1"]


async def test_how_many_there_are_of_each_kind() -> None:
    """SV-21, SL-19, OR-20, OR-21, ST-18, ST-24"""
    web = Web()
    bookings = web.booking.bookings
    bookings.put()
    bookings.put(contacted_at=NOW, seen_at=NOW)
    bookings.put(Stage.AWAITING_PAYMENT, deadline=NOW)
    bookings.put(Stage.CONFIRMED, paid(), action=RequiredAction.OPEN)
    async with web.client() as client:
        body = (await client.get(f"{BOOKINGS}/counts")).json()
    assert body["tabs"] == {"requests": 2, "awaiting_payment": 1, "booked": 1, "past": 0, "expired": 0, "ended": 0}
    assert body["actions"] == {"none": 3, "open": 1, "done": 0}
    assert (body["unseen"], body["not_contacted"], body["overdue"]) == (1, 1, 1)
    assert body["waits_for"] == {"customer": 2, "partner": 2}


async def test_the_same_status_is_shown_of_a_required_action_to_everybody() -> None:
    """SV-2, SV-3, SV-4, SV-11, SV-13, SV-18, SV-20"""
    web = Web()
    required = Requirement(RequirementKind.SIGN, Texts.of(Language.EN, "Ask office@garda.example for the contract."))
    booking = web.booking.bookings.put(
        Stage.CONFIRMED, paid(), requirement=required, action=RequiredAction.DONE, action_at=NOW, action_by="Giulia"
    )
    async with web.client() as client:
        body = (await client.get(f"{BOOKINGS}/{booking.reference}")).json()
    assert body["status"]["action"] == "done"
    assert body["required_action"] == {
        "kind": "sign",
        "instruction": {"en": "Ask <address> for the contract."},
        "due_at": "2026-06-21T09:00:00Z",
        "changed_at": "2026-06-01T09:00:00Z",
        "changed_by": "Giulia",
    }
    assert body["status"]["on_calendar"] is True


@pytest.mark.parametrize(("assignee", "dated", "shown"), [("s1", True, True), (None, True, False), ("s1", False, False)])
async def test_a_request_is_on_the_calendar_with_a_date_and_somebody_of_the_staff(
    assignee: str | None, dated: bool, shown: bool
) -> None:
    """OR-26, OR-27"""
    web = Web()
    asked = terms() if dated else terms(occasion=None)
    web.booking.bookings.put(terms=asked, assignee=StaffId(assignee) if assignee else None)
    async with web.client() as client:
        assert (await client.get(f"{BOOKINGS}/BOAT1")).json()["status"]["on_calendar"] is shown


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


async def test_what_is_exported_honours_filters_and_ticks_and_reveals_nobody() -> None:
    """SV-10"""
    web = Web()
    bookings = web.booking.bookings
    bookings.put(Stage.CONFIRMED, paid(), terms=terms(note='Write to "zofia@poczta.example"\nplease'))
    bookings.put(Stage.DECLINED, reason="=cmd|' /C calc'!A0")
    bookings.put()
    async with web.client() as client:
        answer = await client.get("/api/v1/bookings.csv", params={"reference": ["BOAT1", "BOAT2"]})
        narrowed = await client.get("/api/v1/bookings.csv", params={"tab": "requests"})
        assert (await client.get("/api/v1/bookings.csv", params={"tab": "red"})).status_code == 422
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    found = rows(answer.content.decode("utf-8-sig"))
    assert [one["reference"] for one in found] == ["BOAT2", "BOAT1"]
    assert found[0]["reason"] == "'=cmd|' /C calc'!A0"
    assert found[1]["paid"] == "90.00"
    assert "zofia@" not in answer.text
    assert [one["reference"] for one in rows(narrowed.content.decode("utf-8-sig"))] == ["BOAT3"]
