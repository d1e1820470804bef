"""Acting on a booking over HTTP: the table of the lifecycle decides, and a refusal says what is possible instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.bookings import NOW, STARTS, paid, terms
from support.web import FakeAccess, Web

from relay.booking.booking import RequiredAction, Stage
from relay.booking.offer import Mode, Rules
from relay.booking.situation import Act
from relay.booking.transitions import TRANSITIONS
from relay.web.booking_acts import BY_PEOPLE
from relay.web.booking_problems import CODES
from relay.web.scopes import Scope

BOOKINGS = "/api/v1/bookings"
ACCEPT = {"act": "accept", "actor": "partner", "terms_version": 1}


async def test_an_accepted_request_waits_for_its_payment_and_the_history_has_who_did_it() -> None:
    """OR-4, SL-14, SL-15, SV-1"""
    web = Web()
    web.booking.bookings.put()
    async with web.client() as client:
        body = (await client.post(f"{BOOKINGS}/BOAT1/acts", json={**ACCEPT, "by": "Giulia", "version": 1})).json()
        history = (await client.get(f"{BOOKINGS}/BOAT1/history")).json()
    assert (body["status"]["stage"], body["version"]) == ("awaiting_payment", 2)
    [step] = history["steps"]
    assert (step["transition"], step["act"], step["actor"], step["by"]) == ("T6", "accept", "partner", "Giulia (token id-all)")
    assert [one["version"] for one in history["terms"]] == [1]


async def test_support_does_not_cancel_once_the_required_action_is_done_and_refers_the_customer_instead() -> None:
    """SV-5, SV-6"""
    web = Web()
    web.booking.bookings.put(Stage.CONFIRMED, paid(), action=RequiredAction.DONE)
    web.booking.bookings.put(Stage.CONFIRMED, paid(), action=RequiredAction.OPEN)
    cancel = {"act": "cancel", "actor": "support"}
    async with web.client() as client:
        refused = await client.post(f"{BOOKINGS}/BOAT1/acts", json=cancel)
        referred = await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "refer", "actor": "support"})
        cancelled = await client.post(f"{BOOKINGS}/BOAT2/acts", json=cancel)
    body = refused.json()
    assert (refused.status_code, body["code"]) == (409, "action_done")
    assert "refer" in body["possible"]
    assert referred.status_code == 200
    assert cancelled.json()["status"]["stage"] == "cancelled"


async def test_what_has_expired_is_not_moved_and_can_be_asked_for_again() -> None:
    """OR-35, T18"""
    web = Web()
    web.booking.bookings.put(Stage.EXPIRED)
    later = {"starts_at": "2026-07-01T09:00:00Z", "ends_at": "2026-07-01T12:00:00Z", "time_zone": "Europe/Rome"}
    async with web.client() as client:
        move = {"act": "reschedule", "actor": "support", "terms": {"occasion": later}}
        refused = await client.post(f"{BOOKINGS}/BOAT1/acts", json=move)
        anew = await client.post(f"{BOOKINGS}/BOAT1/ask-again", json={"occasion": later})
        same = await client.post(f"{BOOKINGS}/BOAT1/ask-again")
        early = await client.post(f"{BOOKINGS}/BOAT2/ask-again")
    assert refused.status_code == 409
    assert "ask-again" in refused.json()["hint"]
    assert anew.status_code == 201
    body = anew.json()
    assert (body["asked_again_of"], body["status"]["stage"]) == ("BOAT1", "requested")
    assert body["terms"]["occasion"]["starts_at"] == "2026-07-01T09:00:00Z"
    assert same.status_code == 201
    assert early.status_code == 409


async def test_who_acts_on_an_old_version_is_told_which_it_is_now() -> None:
    web = Web()
    web.booking.bookings.put(version=3)
    async with web.client() as client:
        answer = await client.post(f"{BOOKINGS}/BOAT1/acts", json={**ACCEPT, "version": 2})
    body = answer.json()
    assert (answer.status_code, body["code"], body["version"]) == (409, "stale", 3)


def test_every_condition_on_room_is_the_same_to_programs() -> None:
    """T1, ST-4, invariant 10: each code stands for conditions that there are."""
    conditions = {one.__name__ for row in TRANSITIONS for one in (*row.guards, *row.checks)}
    assert CODES.keys() <= conditions
    assert {CODES.get(one) for one in conditions if one.startswith("there_is_room")} == {"no_room"}


@pytest.mark.parametrize(
    ("stage", "more", "act", "code"),
    [
        (Stage.REQUESTED, {}, {**ACCEPT, "terms_version": 2}, "terms_changed"),
        (Stage.REQUESTED, {"terms": terms(occasion=replace(terms().occasion, starts_at=NOW))},  # type: ignore[type-var]
         {"act": "book", "actor": "partner"}, "has_begun"),
        (Stage.CANCELLED, {}, {"act": "withdraw", "actor": "customer"}, "not_allowed"),
        (Stage.REQUESTED, {}, {"act": "decline", "actor": "customer"}, "not_allowed"),
    ],
)  # fmt: skip
async def test_a_refusal_says_for_programs_which_condition_does_not_hold(
    stage: Stage, more: dict[str, Any], act: dict[str, Any], code: str
) -> None:
    """OR-34, SL-5"""
    web = Web()
    web.booking.bookings.put(stage, **more)
    async with web.client() as client:
        answer = await client.post(f"{BOOKINGS}/BOAT1/acts", json=act)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_a_counter_offer_has_extras_and_a_discount_and_another_version() -> None:
    """SL-4 to SL-7"""
    web = Web()
    web.booking.bookings.rules = Rules(Mode.CUSTOM_REQUEST)
    web.booking.bookings.put()
    offered = {
        "lines": [{"text": "Boat tour", "unit": {"minor": 9000, "currency": "EUR"}, "is_extra": False},
                  {"text": "Cake", "quantity": 2, "unit": {"minor": 500, "currency": "EUR"}}],
        "discounts": [{"text": "Friends", "basis_points": 1000}],
        "valid_until": "2026-06-10T00:00:00Z",
        "note": "With cake.",
    }  # fmt: skip
    async with web.client() as client:
        answer = await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "counter", "actor": "partner", "terms": offered})
        wrong = await client.post(
            f"{BOOKINGS}/BOAT1/acts",
            json={
                "act": "counter",
                "actor": "partner",
                "terms": {"discounts": [{"text": "Both", "basis_points": 1, "amount": None}, {"text": "None"}]},
            },
        )
    terms_ = answer.json()["terms"]
    assert (terms_["version"], terms_["subtotal"]["minor"], terms_["total"]["minor"]) == (2, 10_000, 9_000)
    assert answer.json()["status"]["waits_for"] == "customer"
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "body.terms.discounts.1"


async def test_money_goes_back_where_it_came_from_and_never_more_of_it() -> None:
    """SL-28, SL-29, SL-30, SL-B3"""
    web = Web()
    web.booking.bookings.put(Stage.CONFIRMED, paid())
    half = {"amount": {"minor": 4500, "currency": "EUR"}, "reason": "rain"}
    async with web.client() as client:
        assert (await client.get(f"{BOOKINGS}/BOAT1")).json()["amounts"]["refundable"]["minor"] == 9000
        first = await client.post(f"{BOOKINGS}/BOAT1/refunds", json=half)
        second = await client.post(f"{BOOKINGS}/BOAT1/refunds", json=half)
        third = await client.post(f"{BOOKINGS}/BOAT1/refunds", json=half)
        elsewhere = await client.post(f"{BOOKINGS}/BOAT1/refunds", json={**half, "account": "DE02"})
        refunds = (await client.get(f"{BOOKINGS}/BOAT1/refunds")).json()
        ledger = (await client.get(f"{BOOKINGS}/BOAT1/ledger")).json()
    assert first.json()["amounts"]["refunding"]["text"] == "45.00 EUR"
    assert (second.status_code, third.status_code, elsewhere.status_code) == (200, 409, 422)
    assert refunds == {"items": [], "days": "5-10"}
    assert [one["kind"] for one in ledger["items"]] == ["paid", "refund_started", "refund_started"]


async def test_a_contact_form_is_filled_and_marking_as_contacted_sends_nothing() -> None:
    """OR-24, OR-38, SL-24"""
    web = Web()
    web.booking.bookings.put()
    async with web.client() as client:
        letter = (await client.get(f"{BOOKINGS}/BOAT1/letter")).json()
        marked = (
            await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "mark_contacted", "actor": "partner", "by": "Giulia"})
        ).json()
    assert letter["to"] == "Zofia"
    assert letter["alternatives"][0]["time_zone"] == "Europe/Rome"
    assert marked["contacted_at"] == "2026-06-01T09:00:00Z"


async def test_seeing_and_assigning_are_acts_like_all_others() -> None:
    """OR-19, OR-20"""
    web = Web()
    web.booking.bookings.put()
    async with web.client() as client:
        seen = (await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "see", "actor": "partner"})).json()
        given = (await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "assign", "actor": "partner", "staff": "s1"})).json()
    assert seen["seen_at"] is not None
    assert given["staff"] == "s1"


async def test_what_comes_next_by_itself_is_told_with_the_reason() -> None:
    web = Web()
    web.booking.bookings.put()
    async with web.client() as client:
        body = (await client.get(f"{BOOKINGS}/BOAT1/forecast")).json()
    assert body["waits_for"]["actor"] == "partner"
    assert body["items"][0]["mails"] == [{"number": "N25", "to": "partner"}]
    last = body["items"][-1]
    assert (last["at"], last["act"]) == ("2026-06-21T09:00:00Z", "lapse")
    assert last["why"]


@pytest.mark.parametrize(
    ("to_do", "field"),
    [
        ({"act": "paid", "actor": "operator"}, "body.act"),
        ({"act": "lapse", "actor": "operator"}, "body.act"),
        ({"act": "request", "actor": "customer"}, "body.act"),
        ({"act": "accept", "actor": "payments"}, "body.actor"),
        ({"act": "accept", "actor": "partner", "by": "giulia@garda.example"}, "body"),
        ({"act": "extend", "actor": "operator", "until": "2026-06-10"}, "body.until"),
        ({"act": "accept", "actor": "partner", "version": 0}, "body.version"),
        ({"act": "accept", "actor": "partner", "reason": "x" * 2001}, "body.reason"),
    ],
)
async def test_what_nobody_may_say_is_a_422(to_do: dict[str, Any], field: str) -> None:
    """Nobody acts as the clock or the payment provider; no address gets into a history."""
    web = Web()
    web.booking.bookings.put()
    async with web.client() as client:
        answer = await client.post(f"{BOOKINGS}/BOAT1/acts", json=to_do)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert "garda.example" not in answer.text


async def test_overruling_takes_a_scope_of_its_own() -> None:
    """SV-B2: what support and operators may is theirs alone."""
    web = Web(access=FakeAccess({"shop": frozenset({Scope.BOOKINGS_WRITE})}))
    web.booking.bookings.put(Stage.AWAITING_PAYMENT)
    until = (STARTS - timedelta(days=1)).isoformat()
    async with web.client(token="shop") as client:
        for actor, status in (("operator", 403), ("support", 403), ("partner", 200)):
            answer = await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "extend", "actor": actor, "until": until})
            assert answer.status_code == status, actor


def test_every_status_change_of_a_person_is_there() -> None:
    """SV-1: none happens by mail alone."""
    assert {Act.PAID, Act.LAPSE, Act.COMPLETE, Act.REQUEST}.isdisjoint(BY_PEOPLE)
    assert {Act.ACCEPT, Act.DECLINE, Act.ACTION_DONE, Act.REDEEM, Act.TAKE_PAYMENT, Act.REINSTATE, Act.PROPOSE} <= BY_PEOPLE
