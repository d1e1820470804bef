"""The queue as operators see it and step in, without the content of any mail (GW-50 to GW-55, invariant 1)."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from support.operators import Operators
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.transit.delivery import Carries
from relay.web.ports import Narrowed
from relay.web.site.operator import words


async def test_the_shape_and_what_waits_are_on_one_page_and_no_address_is() -> None:
    text = (await Operators().browser().get("/operator/queue")).text
    for expected in ("Google", "all others", "up to 5 minutes", "m2-0", "something in it would tell", "last answer 452"):
        assert expected in text
    assert PARTNER_ADDRESS not in text
    assert CUSTOMER_ADDRESS not in text


async def test_the_list_is_narrowed_by_the_address_of_the_page() -> None:
    house = Operators()
    answer = await house.browser().get("/operator/queue?state=held&carries=notice&domain=gmail.com&reference=GYG1")
    assert answer.status_code == HTTPStatus.OK
    assert house.queue.narrowed == Narrowed("held", "notice", "gmail.com", "GYG1")


async def test_a_held_message_is_shown_with_the_kinds_of_what_was_found_alone() -> None:
    text = (await Operators().browser().get("/operator/queue/m2-0")).text
    for expected in ("a mail address", "part 2 file", "base64", "Release without its files", "Return to its writer"):
        assert expected in text
    assert "Try now" not in text


@pytest.mark.parametrize(
    ("path", "because", "step"),
    [
        ("/operator/queue/d1/retry", "", ("retry", "d1", "account eva")),
        ("/operator/queue/d1/hold", "", ("hold", "d1", "account eva")),
        ("/operator/queue/m2-0/release", "", ("release", "m2-0", "account eva")),
        ("/operator/queue/m2-0/release-without", "", ("release", "m2-0", "account eva", "without attachments")),
        ("/operator/queue/m2-0/return", "asked", ("return", "m2-0", "account eva", "asked")),
        ("/operator/queue/d1/drop", "spam", ("drop", "d1", "account eva", "spam")),
        ("/operator/queue/d1/confirm", "", ("retry", "d1", "account eva", "confirmed")),
    ],
)
async def test_each_step_is_taken_once_and_by_name(path: str, because: str, step: tuple[str, ...]) -> None:
    house = Operators()
    answer = await house.browser().send(path, {"because": because})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["location"].startswith("/operator/queue?told=")
    assert house.queue.steps == [step]


async def test_giving_up_needs_a_reason_and_the_form_comes_back_without_one() -> None:
    house = Operators()
    answer = await house.browser().send("/operator/queue/m2-0/drop", {"because": " "})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Say why." in answer.text
    assert house.queue.steps == []


async def test_what_is_not_possible_any_more_is_said_on_its_page() -> None:
    house = Operators()

    async def refuses(*_: object, **__: object) -> None:
        from relay.errors import Conflict

        raise Conflict("message m2 is not held for recipient number 0")

    house.queue.return_ = refuses  # type: ignore[method-assign, assignment]
    answer = await house.browser().send("/operator/queue/m2-0/return")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "is not held for recipient number 0" in answer.text


@pytest.mark.parametrize("state", ["delivered", "failed", "dropped"])
async def test_what_is_over_is_shown_and_nobody_steps_in_any_more(state: str) -> None:
    answer = await Operators().browser().get(f"/operator/queue/{state}")
    assert answer.status_code == HTTPStatus.OK
    assert "Step in" not in answer.text


async def test_an_unknown_step_and_an_unknown_thing_are_no_pages() -> None:
    browser = Operators().browser()
    assert (await browser.send("/operator/queue/d1/explode")).status_code == HTTPStatus.NOT_FOUND
    assert (await browser.get("/operator/queue/d9")).status_code == HTTPStatus.NOT_FOUND


async def test_dead_letters_say_why_nobody_was_told() -> None:
    """GW-53: nothing is sent about a notice, so a person has to see it."""
    text = (await Operators().browser().get("/operator/queue/dead")).text
    for expected in ("d7", "the mailbox is full", "nothing is sent about a notice"):
        assert expected in text


def test_there_is_a_word_for_whatever_a_delivery_carries() -> None:
    """A page that has none breaks, and the queue's would just when mail with links for signing in waits."""
    assert words.CARRIES.keys() == {"nothing", *(one.value for one in Carries)}


async def test_a_destination_is_suspended_and_resumed_by_forms() -> None:
    house = Operators()
    browser = house.browser()
    done = await browser.send("/operator/queue/destinations/suspend", {"domain": "gmail.com", "because": "they defer all"})
    assert done.headers["location"] == "/operator/queue/destinations?told=suspended"
    text = (await browser.get("/operator/queue/destinations?told=suspended")).text
    for expected in (
        "they defer all",
        "account eva",
        "destinations of few mailboxes",
        "Nothing is sent there until you resume it.",
    ):
        assert expected in text
    again = await browser.send("/operator/queue/destinations/suspend", {"domain": "gmail.com"})
    assert again.status_code == HTTPStatus.CONFLICT
    resumed = await browser.send("/operator/queue/destinations/resume", {"domain": "gmail.com"})
    assert resumed.headers["location"] == "/operator/queue/destinations?told=resumed"
    assert house.operation.is_suspended == {}


async def test_what_is_no_domain_comes_back_with_what_was_entered() -> None:
    answer = await Operators().browser().send("/operator/queue/destinations/suspend", {"domain": "nonsense", "because": "x"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "is no domain" in answer.text
    assert 'value="nonsense"' in answer.text
