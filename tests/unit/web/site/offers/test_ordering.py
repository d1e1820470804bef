"""The public pages, over a real database: what is read first, how each mode is ordered, and what comes of it."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from support.booking_house import OFFER, PARTNER
from support.own_space import BOOKINGS, OwnSpace, a_space, hidden, text_of

from relay.correspondence.notifications.asking import IN_TOUCH

ADDRESS = "tom.baker@mail.example"
TOM = {"name": "Tom Baker", "address": ADDRESS, "language": "en", "zone": ""}


def slots(mode: str) -> str:
    return f"t-{mode}"


async def count(space: OwnSpace) -> int:
    return len((await space.client.get(BOOKINGS)).json()["items"])


def order(mode: str, **more: Any) -> dict[str, Any]:
    return {**TOM, "slot": f"t-{mode}", "price0": "1", "key": "1", **more}


async def test_what_is_offered_is_listed_with_a_sign_for_each_way_to_have_it(space: OwnSpace) -> None:
    """OR-9, ST-9: icon and words; of the partner no more than the house shows."""
    page = await space.anybody.get("/offers")
    said = text_of(page)
    for sign in ("On request", "Made to your wishes", "Reserve, pay later", "Book at once", "Voucher"):
        assert sign in said
    assert "garda.example" not in page.text
    assert "Boat tour" in text_of(await space.anybody.get("/offers/o1"))
    assert (await space.anybody.get("/offers/none")).status_code == HTTPStatus.NOT_FOUND
    assert (await space.anybody.get("/offers/o1/none")).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("mode", ["on_request", "custom_request"])
async def test_before_anything_is_entered_it_is_said_that_it_is_a_request(space: OwnSpace, mode: str) -> None:
    """OR-2, OR-11, OR-12: the text stands above the first field; the button says "request", and nowhere "buy"."""
    page = await space.anybody.get(f"/offers/o1/v-{mode}")
    said = text_of(page)
    assert "This cannot be booked immediately. The provider gets your request, and says whether they can take you." in said
    assert page.text.index("This cannot be booked immediately.") < page.text.index("<form")
    assert "Request now" in said
    assert "owe nothing" in said
    assert "Buy" not in said
    assert "This cannot be booked immediately." in text_of(await space.anybody.get("/offers/o1"))


@pytest.mark.parametrize(
    ("mode", "button", "means"),
    [
        ("reserve", "Reserve, pay later", "It is no purchase before you have paid."),
        ("instant", "Buy now", "With this button you place an order that you have to pay."),
        ("voucher", "Buy now", "With this button you place an order that you have to pay."),
    ],
)
async def test_the_button_and_what_it_means_follow_the_mode(space: OwnSpace, mode: str, button: str, means: str) -> None:
    """OR-12, ST-9"""
    said = text_of(await space.anybody.get(f"/offers/o1/v-{mode}"))
    assert button in said
    assert means in said
    assert "Request now" not in said


async def test_times_are_listed_by_day_with_free_places_and_reservations_with_their_deadline(space: OwnSpace) -> None:
    """ST-2, ST-4, ST-15: absolute, with the zone."""
    await space.client.patch("/api/v1/offers/o1", json={"switches": {"term": {"days_before": 7}}})
    await space.begun("reserve")
    said = text_of(await space.anybody.get("/offers/o1/v-reserve"))
    assert "Wednesday, 10 June 2099 09:00 –12:00 (Europe/Rome) · 2 places free" in said
    assert "to be paid or cancelled by Wednesday, 3 June 2099, 09:00 (Europe/Rome)" in said
    later = text_of(await space.anybody.get("/offers/o1/v-reserve?from=2099-07-01"))
    assert "There is no time with free places." in later


async def test_whoever_has_signed_in_asks_at_once_and_reads_that_staff_will_be_in_touch(space: OwnSpace) -> None:
    """OR-13, OR-15, OR-18: in the words of the mail, with the reference; the address is that of the session."""
    fields = {**order("on_request"), "address": "eve@elsewhere.example", "staff": "s1", "note": "By the window"}
    sent = await space.zofia.send("/offers/o1/v-on_request", fields)
    assert sent.status_code == HTTPStatus.SEE_OTHER
    reference = sent.headers["location"].split("/")[3]
    page = text_of(await space.zofia.get(sent.headers["location"]))
    assert reference in page
    assert IN_TOUCH in page
    assert reference in text_of(await space.zofia.get("/my?list=asked"))
    stands = await space.one(reference)
    assert (stands["staff"], stands["terms"]["note"], stands["channel"]) == ("s1", "By the window", "online")


async def test_a_form_that_is_sent_twice_makes_one_booking(space: OwnSpace) -> None:
    first, second = [await space.zofia.send("/offers/o1/v-reserve", order("reserve")) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert await count(space) == 1
    await space.zofia.send("/offers/o1/v-reserve", order("reserve", key="2"))
    assert await count(space) == 2


async def test_a_request_may_name_a_date_of_its_own_and_what_is_on_no_list(space: OwnSpace) -> None:
    """SL-3, SL-4, OR-26: free text, quantities, no price; at another place."""
    fields = order("custom_request", slot="", begins="2099-08-01T10:00", ends="2099-08-01T13:00")
    fields |= {"extra0": "A cake for six", "extras0": "2", "place": "At the other pier", "participants": "1"}
    sent = await space.zofia.send("/offers/o1/v-custom_request", fields)
    terms = (await space.one(sent.headers["location"].split("/")[3]))["terms"]
    assert terms["occasion"]["starts_at"] == "2099-08-01T08:00:00Z"
    assert [(one["text"], one["quantity"], one["is_extra"]) for one in terms["lines"]] == [
        ("Adult", 1, False),
        ("A cake for six", 2, True),
    ]
    assert terms["place"] == "At the other pier"


async def test_it_is_reserved_first_and_bought_later(space: OwnSpace) -> None:
    """ST-1, ST-2, ST-12"""
    sent = await space.zofia.send("/offers/o1/v-reserve", order("reserve"))
    said = text_of(await space.zofia.get(sent.headers["location"]))
    assert "It is reserved for you" in said
    assert "Please pay by" in said


async def test_who_buys_is_led_straight_to_the_checkout_without_any_sign_in(space: OwnSpace) -> None:
    """SL-16, SL-18: nothing is confirmed before it is paid."""
    sent = await space.anybody.send("/offers/o1/v-instant", order("instant"))
    [reference] = space.till.begun
    assert (sent.status_code, sent.headers["location"]) == (HTTPStatus.SEE_OTHER, f"https://till.example/{reference}")
    assert (await space.one(reference))["status"]["stage"] == "awaiting_payment"
    assert space.links() == []


@pytest.mark.parametrize("mode", ["on_request", "reserve"])
async def test_without_sign_in_it_counts_once_it_is_confirmed_by_mail(space: OwnSpace, mode: str) -> None:
    """SL-B1: nothing is sent to the partner before, and no place is kept; looking at the link changes nothing."""
    sent = await space.anybody.send(f"/offers/o1/v-{mode}", order(mode, note="By the window"))
    assert sent.headers["location"] == f"/offers/o1/v-{mode}/sent"
    assert "Please look into your mailbox" in text_of(await space.anybody.get(sent.headers["location"]))
    assert await count(space) == 0
    [(to, text)] = space.links()
    assert to == ADDRESS
    assert "Boat tour" in text
    assert "By the window" not in text
    link = re.search(r"https://pages\.example(/orders/\S+)", text)
    assert link is not None
    page = await space.anybody.get(link[1])
    assert "Is this from you?" in text_of(page)
    assert "By the window" in text_of(page)
    assert await count(space) == 0
    first, second = [await space.anybody.send(link[1]) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"] == link[1]
    assert await count(space) == 1
    done = text_of(await space.anybody.get(link[1]))
    [made] = (await space.client.get(BOOKINGS)).json()["items"]
    assert made["reference"] in done
    assert made["terms"]["note"] == "By the window"
    assert "By the window" not in done
    mine = space.signed_in(ADDRESS)
    assert made["reference"] in text_of(await mine.get("/my"))


async def test_a_link_that_nobody_knows_leads_nowhere(space: OwnSpace) -> None:
    assert (await space.anybody.get("/orders/none")).status_code == HTTPStatus.NOT_FOUND
    assert (await space.anybody.send("/orders/none")).status_code == HTTPStatus.NOT_FOUND


async def test_what_was_sold_meanwhile_is_not_begun_by_the_link(space: OwnSpace) -> None:
    """Invariant 10"""
    await space.anybody.send("/offers/o1/v-reserve", order("reserve"))
    for _ in range(3):
        await space.begun("reserve")
    [(_, text)] = space.links()
    path = re.findall(r"https://pages\.example(/orders/\S+)", text)[0]
    late = await space.anybody.send(path)
    assert late.status_code == HTTPStatus.CONFLICT
    assert "Nothing was sent; please choose anew." in text_of(late)


async def test_one_address_cannot_be_flooded(space: OwnSpace) -> None:
    """So many links an hour go to one address; more are refused, and what was entered stays."""
    answers = [await space.anybody.send("/offers/o1/v-on_request", order("on_request", key=str(one))) for one in range(4)]
    assert [one.status_code for one in answers] == [HTTPStatus.SEE_OTHER] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]
    assert 'value="Tom Baker"' in answers[-1].text
    assert len(space.links()) == 3


async def test_a_house_may_take_orders_only_of_those_who_have_signed_in(migrated: Path, tmp_path: Path) -> None:
    """SL-B1: by configuration."""
    space, client = await a_space(migrated, tmp_path, needs_sign_in=True)
    page = await space.anybody.get("/offers/o1/v-on_request")
    assert "Sign in to go on" in text_of(page)
    sent = await space.anybody.send("/offers/o1/v-on_request", order("on_request"))
    assert sent.headers["location"].startswith("/sign-in")
    assert (await space.zofia.send("/offers/o1/v-on_request", order("on_request"))).status_code == HTTPStatus.SEE_OTHER
    await client.aclose()
    await space.store.close()


@pytest.mark.parametrize(
    ("mode", "fields", "field"),
    [
        ("on_request", {"name": ""}, "name"),
        ("on_request", {"address": "nobody"}, "address"),
        ("on_request", {"zone": "Mars/Olympus"}, "zone"),
        ("on_request", {"slot": "", "begins": "2099-08-01T10:00", "ends": "2099-08-01T09:00"}, "begins"),
        ("on_request", {"slot": "", "begins": "2099-08-01T10:00", "ends": "2099-08-03T09:00"}, "begins"),
        ("on_request", {"price0": "many"}, "price0"),
        ("on_request", {"price0": "0", "participants": "0"}, "participants"),
        ("reserve", {"slot": ""}, "slot"),
        ("reserve", {"price0": "0"}, "price"),
        ("reserve", {"note": "x" * 5_500}, "note"),
    ],
)
async def test_what_cannot_be_meant_comes_again_with_the_field_named_and_all_that_was_entered(
    space: OwnSpace, mode: str, fields: dict[str, str], field: str
) -> None:
    page = await space.anybody.send(f"/offers/o1/v-{mode}", order(mode, **{"note": "By the window", **fields}))
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'id="f-{field}-wrong"' in page.text
    assert "By the window" in page.text or field == "note"
    assert space.links() == []


async def test_a_time_without_places_is_named_and_another_can_be_chosen(space: OwnSpace) -> None:
    for _ in range(3):
        await space.begun("reserve")
    page = await space.zofia.send("/offers/o1/v-reserve", order("reserve"))
    assert page.status_code == HTTPStatus.CONFLICT
    assert "There is no place left at that time." in text_of(page)
    gone = await space.zofia.send("/offers/o1/v-reserve", order("reserve", slot="none"))
    assert gone.status_code == HTTPStatus.CONFLICT


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"is_active": False}, "The provider takes no bookings at present."),
        ({"tier": "basic"}, "the Gold profile is missing"),
        ({"account": "pending"}, "an active payment account is missing"),
        ({"tier": "basic", "account": "none"}, "the Gold profile and an active payment account are missing"),
    ],
)
async def test_what_cannot_be_had_says_why(space: OwnSpace, changed: dict[str, Any], said: str) -> None:
    """SL-2: requests that are open go on, and no new one comes in."""
    reference = await space.begun("custom_request")
    answer = await space.client.patch(f"/api/v1/partners/{PARTNER['id']}", json=changed)
    assert answer.status_code == HTTPStatus.OK, answer.text
    page = text_of(await space.anybody.get("/offers/o1/v-custom_request"))
    assert said in page
    assert "Request now" not in page
    assert said in text_of(await space.anybody.get("/offers/o1"))
    refused = await space.zofia.send("/offers/o1/v-custom_request", order("custom_request"))
    assert refused.status_code == HTTPStatus.CONFLICT
    assert reference in text_of(await space.zofia.get("/my"))


async def test_what_is_sold_out_or_not_for_everybody_says_so(space: OwnSpace) -> None:
    """SL-B6, ST-5"""
    await space.client.patch("/api/v1/offers/o1/variants/v-instant", json={"is_closed": True})
    assert "Sold out." in text_of(await space.anybody.get("/offers/o1/v-instant"))
    only = {"switches": {"mode": "reserve", "reservable": [{"audience": "business", "channel": "phone"}]}}
    answer = await space.client.patch("/api/v1/offers/o1/variants/v-reserve", json=only)
    assert answer.status_code == HTTPStatus.OK, answer.text
    assert "at the box office or by telephone alone" in text_of(await space.anybody.get("/offers/o1/v-reserve"))


async def test_goods_have_no_date_and_offers_of_several_days_have_an_end(space: OwnSpace) -> None:
    """SL-8: all three kinds can be asked for."""
    for id_, kind in (("goods", "goods"), ("days", "several_days")):
        variant = {
            "id": f"v-{id_}",
            "title": {"en": id_},
            "switches": {"mode": "custom_request"},
            "prices": OFFER["variants"][0]["prices"],
        }  # type: ignore[index]
        offer = {**OFFER, "id": id_, "kind": kind, "variants": [variant]}
        assert (await space.client.post("/api/v1/offers", json=offer)).status_code == HTTPStatus.CREATED
    goods = await space.anybody.get("/offers/goods/v-goods")
    assert 'name="begins"' not in goods.text
    sent = await space.zofia.send("/offers/goods/v-goods", order("custom_request", slot=""))
    assert (await space.one(sent.headers["location"].split("/")[3]))["terms"]["occasion"] is None
    days = order("custom_request", slot="", begins="2099-08-01T10:00", ends="2099-08-05T18:00")
    sent = await space.zofia.send("/offers/days/v-days", days)
    occasion = (await space.one(sent.headers["location"].split("/")[3]))["terms"]["occasion"]
    assert occasion["ends_at"] == "2099-08-05T16:00:00Z"


async def test_the_form_carries_the_time_at_which_it_was_made(space: OwnSpace) -> None:
    assert float(hidden(await space.anybody.get("/offers/o1/v-instant"), "form.choice")["key"]) > 0
