"""A booking on the page of its customer, over a real database: what it says, what can be done, and that nobody else sees it."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest
from support.own_space import OwnSpace, a_space, hidden, text_of
from support.world import CUSTOMER_ADDRESS

from relay.booking.booking import RequiredAction, Stage
from relay.values import Language
from relay.web.site.status import ACTIONS, STAGES


def home(reference: str) -> str:
    return f"/my/bookings/{reference}"


async def test_what_waits_stands_first_with_its_deadline_and_the_rest_after_it(space: OwnSpace) -> None:
    """OR-18, ST-11, ST-15, ST-18, ST-19: counts and lists; what has to be done next comes first, with date and zone."""
    asked = await space.begun("on_request")
    reserved = await space.begun("reserve")
    offered = await space.begun("custom_request")
    valid = {"valid_until": "2099-06-01T10:00:00Z", "note": "Earlier?"}
    await space.acted(offered, "counter", terms=valid)
    page = await space.zofia.get("/my")
    said = text_of(page)
    assert "Waiting for you 2" in said
    assert "Waiting for an answer" in said
    assert said.index(offered) < said.index(reserved) < said.index(asked)
    assert "Monday, 1 June 2099, 12:00 (Europe/Rome)" in said
    assert 'aria-current="page"' in page.text


async def test_what_staff_made_for_a_customer_stands_with_their_own_and_can_be_paid(space: OwnSpace) -> None:
    """ST-16, ST-17: at the box office or by telephone; no card number is ever told anybody."""
    reference = await space.begun("reserve", actor="operator", channel="phone")
    assert reference in text_of(await space.zofia.get("/my?list=waiting"))
    page = await space.zofia.get(home(reference))
    paid = await space.zofia.send(f"{home(reference)}/pay", {"version": hidden(page)["version"]})
    assert (paid.status_code, paid.headers["location"]) == (HTTPStatus.SEE_OTHER, f"https://till.example/{reference}")
    assert "https:" in page.headers["content-security-policy"].partition("form-action")[2]


async def test_one_click_leads_to_the_checkout_of_exactly_this_booking(space: OwnSpace) -> None:
    """SL-16, SL-17, SL-18, ST-12: the sum stands there, and it is not confirmed until it is paid."""
    reference = await space.begun("reserve")
    said = text_of(await space.zofia.get(home(reference)))
    assert "To be paid : €45.00" in said.replace("paid:", "paid :")
    assert "It is not confirmed until it is paid." in said
    assert "Neither we nor the provider of the activity see your card." in said
    stale = await space.zofia.send(f"{home(reference)}/pay", {"version": "99"})
    assert stale.status_code == HTTPStatus.CONFLICT
    assert space.till.begun == []


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("To the account DE02 1203 0000 0000 2020 51.", "To the account DE02 1203 0000 0000 2020 51."),
        ("", "It is not paid on this page. The provider tells you how to pay"),
    ],
)
async def test_where_people_take_the_money_the_page_says_how(tmp_path: Path, migrated: Path, how: str, said: str) -> None:
    """SL-16, OR-B2: the house's own text where it has one; else whom to ask, and the form to ask with."""
    space, client = await a_space(migrated, tmp_path, pays_online=False, how_to_pay=how)
    try:
        reference = await space.begun("on_request")
        await space.acted(reference, "accept", terms_version=1)
        page = await space.zofia.get(home(reference))
        assert said in text_of(page)
        assert "Pay now" not in page.text
        assert how or '<a href="#write-back">Write to the provider</a>' in page.text
    finally:
        await client.aclose()
        await space.store.close()


async def test_why_somebody_else_ended_it_stands_at_the_top(space: OwnSpace) -> None:
    """OR-37: the provider's words, above everything; one's own reason is no news."""
    declined, withdrawn = await space.begun("on_request"), await space.begun("on_request")
    await space.acted(declined, "decline", reason="The boat is in the dock.")
    await space.acted(withdrawn, "withdraw", "customer", reason="Another day.")
    said = text_of(await space.zofia.get(home(declined)))
    assert said.index("The provider declined. The boat is in the dock.") < said.index("Your booking")
    own = text_of(await space.zofia.get(home(withdrawn)))
    assert own.index("Your booking") < own.index("Another day.")


async def test_other_terms_are_compared_and_exactly_those_that_were_read_are_accepted(space: OwnSpace) -> None:
    """SL-5, SL-6, SL-7: before and after; a newer offer is never accepted by an older page."""
    reference = await space.begun("custom_request")
    await space.offered(reference, 4000, note="Cheaper on that day.")
    page = await space.zofia.get(home(reference))
    said = text_of(page)
    assert "Other terms are offered: do you want them?" in said
    assert "€45.00" in said
    assert "€40.00" in said
    assert "Cheaper on that day." in said
    read = hidden(page)
    # In another window they proposed something else meanwhile, and the partner answered that.
    await space.offered(reference, 3000, actor="customer")
    await space.offered(reference, 5000)
    late = await space.zofia.send(f"{home(reference)}/answer", {**read, "does": "accept"})
    assert late.status_code == HTTPStatus.CONFLICT
    assert "Please look again" in text_of(late)
    taken = await space.zofia.send(f"{home(reference)}/answer", {**hidden(late), "does": "accept"})
    assert taken.headers["location"] == f"{home(reference)}?told=accepted"
    stands = await space.one(reference)
    assert (stands["status"]["stage"], stands["terms"]["total"]["minor"]) == ("awaiting_payment", 5000)


async def test_who_refuses_an_offer_closes_the_request(space: OwnSpace) -> None:
    """SL-5"""
    reference = await space.begun("custom_request")
    await space.offered(reference)
    read = hidden(await space.zofia.get(home(reference)))
    await space.zofia.send(f"{home(reference)}/answer", {**read, "does": "refuse"})
    assert (await space.one(reference))["status"]["stage"] == "withdrawn"


async def test_other_terms_can_be_offered_back(space: OwnSpace) -> None:
    """SL-5: where the offer lets customers; what cannot be meant comes again with all that was entered."""
    reference = await space.begun("custom_request")
    await space.offered(reference)
    page = await space.zofia.get(f"{home(reference)}/terms")
    fields = {**hidden(page), "what0": "Adult", "quantity0": "1", "price0": "30.00", "participants": "1", "note": "For less?"}
    wrong = await space.zofia.send(f"{home(reference)}/terms", {**fields, "price0": "a lot"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="a lot"' in wrong.text
    sent = await space.zofia.send(f"{home(reference)}/terms", fields)
    assert sent.headers["location"] == f"{home(reference)}?told=offered"
    stands = await space.one(reference)
    assert (stands["status"]["waits_for"], stands["terms"]["total"]["minor"]) == ("partner", 3000)
    assert "The provider has to answer." in text_of(await space.zofia.get(home(reference)))


async def test_a_change_of_what_is_booked_is_proposed_and_answered(space: OwnSpace) -> None:
    """SV-B4, GY-17: until it is answered the booking stays as it is; the address stays the same."""
    reference = await space.confirmed()
    alias = (await space.one(reference))["partner"]["alias"]
    later = {"starts_at": "2099-06-11T07:00:00Z", "ends_at": "2099-06-11T10:00:00Z", "time_zone": "Europe/Rome"}
    await space.acted(reference, "propose", terms={"occasion": later})
    page = await space.zofia.get(home(reference))
    assert "A change is proposed: do you want it?" in text_of(page)
    assert "Thursday, 11 June 2099" in text_of(page)
    await space.zofia.send(f"{home(reference)}/answer", {**hidden(page), "does": "accept"})
    after = text_of(await space.zofia.get(home(reference)))
    assert "Thursday, 11 June 2099" in after
    assert alias in after


async def test_a_reservation_is_cancelled_with_a_reason_or_without_and_its_place_is_free(space: OwnSpace) -> None:
    """ST-13, ST-14: what the customer says about themselves does not cross."""
    reference = await space.begun("reserve")
    page = await space.zofia.get(f"{home(reference)}/cancel")
    assert "Nothing was paid, and you owe nothing." in text_of(page)
    reason = f"I am ill, ask {CUSTOMER_ADDRESS}"
    gone = await space.zofia.send(f"{home(reference)}/cancel", {**hidden(page), "reason": reason})
    assert gone.headers["location"] == f"{home(reference)}?told=cancelled"
    stands = await space.one(reference)
    assert stands["status"]["stage"] == "cancelled"
    assert "I am ill" in stands["reason"]
    assert CUSTOMER_ADDRESS not in stands["reason"]
    [slot] = (await space.client.get("/api/v1/offers/o1/variants/v-reserve/slots")).json()["items"]
    assert slot["taken"] == 0


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([{"days_before": 10, "basis_points": 10000}], "€45.00 of the €45.00 that you paid goes back."),
        ([{"days_before": 10, "basis_points": 5000}], "€22.50 of the €45.00 that you paid goes back."),
        ([], "Nothing of the €45.00 that you paid goes back."),
    ],
)
async def test_what_goes_back_stands_there_before_anything_is_cancelled(
    space: OwnSpace, tiers: list[dict[str, int]], said: str
) -> None:
    """SL-B2"""
    changed = await space.client.patch("/api/v1/offers/o1", json={"switches": {"cancellation": tiers}})
    assert changed.status_code == HTTPStatus.OK, changed.text
    reference = await space.confirmed()
    assert said in text_of(await space.zofia.get(f"{home(reference)}/cancel"))
    assert (await space.one(reference))["status"]["stage"] == "confirmed"


async def test_a_request_is_withdrawn(space: OwnSpace) -> None:
    reference = await space.begun("on_request")
    page = await space.zofia.get(f"{home(reference)}/cancel")
    assert "Withdraw the request?" in text_of(page)
    await space.zofia.send(f"{home(reference)}/cancel", hidden(page))
    assert (await space.one(reference))["status"]["stage"] == "withdrawn"


async def test_what_is_closed_is_asked_for_anew_once_and_stays_as_it_is(space: OwnSpace) -> None:
    """OR-35: with the same data; the form sent twice makes one request."""
    reference = await space.begun("on_request", note="By the window")
    await space.acted(reference, "decline", reason="We are full.")
    page = await space.zofia.get(f"{home(reference)}/again")
    assert "By the window" in page.text
    fields = {
        **hidden(page),
        "begins": "2099-06-12T09:00",
        "ends": "2099-06-12T12:00",
        "participants": "1",
        "note": "By the window",
    }
    first, second = [await space.zofia.send(f"{home(reference)}/again", fields) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    made = first.headers["location"].removeprefix("/my/bookings/").partition("?")[0]
    stands = await space.one(made)
    assert (stands["status"]["stage"], stands["asked_again_of"]) == ("requested", reference)
    assert (await space.one(reference))["status"]["stage"] == "declined"
    assert "We are full." in text_of(await space.zofia.get(home(reference)))


async def test_before_it_is_confirmed_they_write_on_the_page_and_afterwards_by_mail(space: OwnSpace) -> None:
    """GY-6, GY-17, GY-18: the whole address to copy, the same as in the API, and until when."""
    reference = await space.begun("on_request")
    await space.acted(reference, "contact", reason="Do you need a child seat?")
    asked = await space.zofia.get(home(reference))
    assert "Do you need a child seat?" in text_of(asked)
    sent = await space.zofia.send(f"{home(reference)}/message", {"text": "Yes, please."})
    assert sent.headers["location"] == f"{home(reference)}?told=sent"
    assert "Yes, please." in text_of(await space.zofia.get(home(reference)))
    assert (await space.zofia.send(f"{home(reference)}/message", {"text": " "})).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    booked = await space.confirmed()
    page = await space.zofia.get(home(booked))
    alias = (await space.one(booked))["partner"]["alias"]
    assert f'data-copy="{alias}"' in page.text
    assert f"mailto:{alias}" in page.text
    assert "Mail passes until Wednesday, 17 June 2099" in text_of(page)


async def test_payments_are_listed_and_what_happened_is_told_in_plain_words(space: OwnSpace) -> None:
    """SL-17: nothing that names who of the house did it."""
    reference = await space.confirmed()
    said = text_of(await space.zofia.get(home(reference)))
    assert "Paid" in said
    assert "The payment was taken by hand." in said
    assert "token" not in said
    assert "s1" not in said


async def test_nobody_sees_or_touches_what_is_anothers(space: OwnSpace) -> None:
    """Invariant 1: as if there were no such booking."""
    reference = await space.confirmed()
    other = space.signed_in("tom@elsewhere.example")
    paths = ("", "/cancel", "/terms", "/again", "/voucher", "/voucher.svg", "/voucher/state")
    assert [(await other.get(home(reference) + path)).status_code for path in paths] == [HTTPStatus.NOT_FOUND] * len(paths)
    acts = ("/answer", "/pay", "/message", "/cancel", "/terms", "/again")
    fields = {"version": "3", "does": "accept", "terms": "1", "text": "x", "act": "cancel", "key": "1"}
    assert [(await other.send(home(reference) + one, fields)).status_code for one in acts] == [HTTPStatus.NOT_FOUND] * len(acts)
    assert reference not in text_of(await other.get("/my?list=booked"))
    assert (await other.get(home("NONE"))).status_code == HTTPStatus.NOT_FOUND


async def test_no_page_tells_the_partners_address_or_name_beyond_what_the_house_shows(space: OwnSpace) -> None:
    """Invariant 1"""
    reference = await space.confirmed()
    for path in ("/my", home(reference), f"{home(reference)}/voucher"):
        page = (await space.zofia.get(path)).text
        assert not [secret for secret in ("garda.example", "Giulia", CUSTOMER_ADDRESS) if secret in page]


async def test_pages_speak_the_readers_language_where_it_is_known(space: OwnSpace) -> None:
    reference = await space.begun("on_request")
    polish = space.signed_in(CUSTOMER_ADDRESS, Language.PL)
    assert 'lang="pl"' in (await polish.get(home(reference))).text


async def test_a_voucher_shows_its_code_and_what_is_to_be_done_until_it_is_done(space: OwnSpace) -> None:
    """SV-11, SV-13, SV-18, SV-19, SV-20: the red box is replaced by a confirmation, not joined by one; with its deadline."""
    reference = await space.confirmed()
    page = await space.zofia.get(f"{home(reference)}/voucher")
    said = text_of(page)
    assert "Before you go, please do this" in said
    assert "Sign the contract." in said
    assert "To be done by Wednesday, 10 June 2099, 09:00 (Europe/Rome)" in said
    assert reference in said
    before = (await space.zofia.get(f"{home(reference)}/voucher/state")).text
    assert f'data-state="{before}"' in page.text
    picture = await space.zofia.get(f"{home(reference)}/voucher.svg")
    assert (picture.headers["content-type"], b"<svg" in picture.content) == ("image/svg+xml", True)
    await space.acted(reference, "action_done")
    done = text_of(await space.zofia.get(f"{home(reference)}/voucher"))
    assert "Done: you are ready to go" in done
    assert "Sign the contract." not in done
    assert (await space.zofia.get(f"{home(reference)}/voucher/state")).text != before
    assert (await space.one(reference))["status"]["action"] == "done"
    assert ACTIONS[RequiredAction.DONE] in done
    assert f"Status: {STAGES[Stage.CONFIRMED]} · {ACTIONS[RequiredAction.DONE]}" in text_of(
        await space.zofia.get(home(reference))
    )


async def test_there_is_no_voucher_before_it_is_paid_and_none_once_it_is_cancelled(space: OwnSpace) -> None:
    """SL-18"""
    reference = await space.begun("reserve")
    assert "There is no voucher now" in text_of(await space.zofia.get(f"{home(reference)}/voucher"))
    assert (await space.zofia.get(f"{home(reference)}/voucher.svg")).status_code == HTTPStatus.NOT_FOUND


async def test_lists_are_in_pages(space: OwnSpace) -> None:
    for _ in range(7):
        await space.begun("on_request", slot=None)
    first = await space.zofia.get("/my?list=asked")
    assert text_of(first).count("Boat tour") == 7
    overview = await space.zofia.get("/my")
    assert text_of(overview).count("Boat tour") == 5
    assert "/my?list=asked" in overview.text


async def test_options_are_told_from_reservations_and_what_ended_from_what_is_overdue(space: OwnSpace) -> None:
    """ST-20, ST-24: whatever became of a reservation can be read in the list."""
    option = await space.begun("reserve", hold="option")
    cancelled = await space.begun("reserve")
    await space.acted(cancelled, "cancel", "customer")
    released = await space.begun("reserve")
    await space.acted(released, "release", "operator")
    assert "Option, not paid yet" in text_of(await space.zofia.get(home(option)))
    past = text_of(await space.zofia.get("/my?list=past"))
    assert "Cancelled" in past
    assert "Expired" in past
    assert "Ask again" in text_of(await space.zofia.get(home(released)))
