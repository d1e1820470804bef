"""By a link in a mail, and out again."""

from __future__ import annotations

import asyncio

import pytest
from support.browsing import Visitor, links_of

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_somebody_signs_in_by_the_link_in_a_mail_and_gets_where_they_wanted(visitor: Visitor) -> None:
    address = f"guest-{visitor.view.name}@mail.example"
    reference = await asyncio.to_thread(visitor.house.asked, customer=address)
    await visitor.goes(f"/my/bookings/{reference}")
    await visitor.sees("Sign in")
    await visitor.fills("Your mail address", address)
    await visitor.presses("Send me a link")
    await visitor.looks_right("sign in link is sent")

    mail = await asyncio.to_thread(visitor.house.mail, address, "sign in")
    [link] = links_of(mail, "/sign-in/")
    await visitor.goes(link)
    await visitor.sees_none_of(address)
    await visitor.looks_right("sign in by link")
    await visitor.presses("Sign in")
    assert visitor.page.url.endswith(f"/my/bookings/{reference}")
    await visitor.sees(reference)

    await visitor.goes(link, expect=410)
    await visitor.looks_right("sign in link is used")

    await visitor.goes("/sessions")
    await visitor.looks_right("where somebody is signed in")
    await visitor.page.locator("main").get_by_role("button", name="Sign out").click()
    await visitor.page.wait_for_url("**/sign-in?told=out")
    await visitor.goes("/my")
    assert "/sign-in" in visitor.page.url


async def test_who_is_not_known_is_told_the_same(visitor: Visitor) -> None:
    await visitor.goes("/sign-in")
    await visitor.fills("Your mail address", f"nobody-{visitor.view.name}@else.example")
    await visitor.presses("Send me a link")
    assert visitor.page.url.endswith("/sign-in/sent")
