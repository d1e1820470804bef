"""Messages of a partner, in memory: GY-1, GY-17, GY-18, GY-26, GY-30, SL-24, OR-3, invariant 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from support.bookings import NOW
from support.partner_site import A_FILE, PartnerSite, an_entry
from support.world import CUSTOMER_ADDRESS

from relay.booking.booking import Actor, Stage
from relay.booking.partner import PartnerId, StaffId
from relay.booking.situation import Act
from relay.transit.crossing import Fate
from relay.web.booking_ports import Past
from relay.web.site.thread_ports import DownloadedFile, Reached


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


async def test_the_list_says_where_somebody_waits_for_an_answer(site: PartnerSite) -> None:
    """GY-1"""
    first, second = site.bookings.put(Stage.CONFIRMED), site.bookings.put(Stage.CONFIRMED)
    site.threads.kept = {first.reference: [an_entry(1, "Hello?")], second.reference: [an_entry(2, "Yes", is_mine=True)]}
    page = (await site.team.get("/partner/p1/messages")).text
    assert page.index(second.reference) < page.index(first.reference)
    assert page.count("Waits for your answer") == 1
    waiting = (await site.team.get("/partner/p1/messages?show=waiting")).text
    assert first.reference in waiting
    assert second.reference not in waiting


async def test_a_member_sees_the_conversations_of_their_own_bookings_alone(site: PartnerSite) -> None:
    """OR-3"""
    mine, other = site.bookings.put(assignee=StaffId("s1")), site.bookings.put(assignee=StaffId("s2"))
    for booking in (mine, other):
        await site.conversation_of(booking)
        site.threads.kept[booking.reference] = [an_entry(1, "Hello")]
    page = (await site.giulia.get("/partner/p1/messages")).text
    assert mine.reference in page
    assert other.reference not in page
    assert site.threads.asked == [("p1", "s1")]
    assert (await site.giulia.get(f"/partner/p1/bookings/{mine.reference}/messages")).status_code == HTTPStatus.OK
    for path in ("", "/m001/html", "/m001/files/0"):
        answer = await site.giulia.get(f"/partner/p1/bookings/{other.reference}/messages{path}")
        assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_another_partners_conversation_is_not_there(site: PartnerSite) -> None:
    booking = site.bookings.put(Stage.CONFIRMED, partner=PartnerId("p9"))
    await site.conversation_of(booking)
    answer = await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert (await site.team.get("/partner/p9/messages")).status_code == HTTPStatus.NOT_FOUND


async def test_the_conversation_shows_the_alias_to_copy_and_until_when_never_the_address(site: PartnerSite) -> None:
    """GY-17, GY-18, GY-26, invariant 1"""
    booking = site.bookings.put(Stage.CONFIRMED)
    await site.conversation_of(booking)
    page = (await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")).text
    assert 'data-copy="customer-e338ccb578a9@reply.example.com"' in page
    assert 'href="mailto:customer-e338ccb578a9@reply.example.com"' in page
    assert "You can write to each other until" in page
    assert "Wishes to cancel or change a booking go to our support" in page
    assert CUSTOMER_ADDRESS not in page
    assert "Kowalska" not in page


async def test_before_the_confirmation_a_form_takes_the_place_of_the_alias(site: PartnerSite) -> None:
    """SL-24, GY-6"""
    booking = site.bookings.put(Stage.REQUESTED)
    await site.conversation_of(booking, pending=True)
    page = (await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")).text
    assert "mailto:" not in page
    assert f'href="/partner/p1/bookings/{booking.reference}/contact"' in page


async def test_after_the_window_nobody_is_invited_to_write(site: PartnerSite) -> None:
    """GY-15, GY-25"""
    booking = site.bookings.put(Stage.COMPLETED)
    await site.conversation_of(booking)
    site.now = NOW + timedelta(days=30)
    page = (await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")).text
    assert "mailto:" not in page
    assert "Mail to this address does not pass any more." in page


async def test_what_did_not_pass_says_why_in_plain_words(site: PartnerSite) -> None:
    """GY-21 to GY-25: the reasons, and how far each message came."""
    booking = site.bookings.put(Stage.CONFIRMED)
    await site.conversation_of(booking)
    blocked = replace(A_FILE, can_be_had=False)
    site.threads.kept[booking.reference] = [
        an_entry(1, "Hello", is_mine=True, reached=Reached.FAILED),
        an_entry(2, "See the file", is_mine=True, fate=Fate.REFUSED, reason="virus", reached=None, files=(blocked,)),
        an_entry(3, "Held", is_mine=True, fate=Fate.HELD, reason="leak", reached=None),
        an_entry(4, "", is_mine=True, fate=Fate.HELD, reason="unknown_writer", reached=None, is_known=False, subject=""),
        an_entry(5, "<script>alert(1)</script>"),
    ]
    page = (await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")).text
    assert "An attachment was blocked by the virus scan." in page
    assert "Somebody at our house looks at it first." in page
    assert "It came from an address that we do not know as yours." in page
    assert "Its text cannot be shown." in page
    assert "Could not be delivered" in page
    assert "/files/0" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_a_file_that_crossed_is_kept_and_never_shown_as_a_page(site: PartnerSite) -> None:
    """GY-30: whatever it is, it runs nowhere; one that did not cross is not there."""
    booking = site.bookings.put(Stage.CONFIRMED)
    await site.conversation_of(booking)
    site.threads.kept[booking.reference] = [an_entry(1, "The plan", files=(A_FILE,))]
    site.threads.files[booking.reference, "m001", 0] = DownloadedFile('pl"an\r\n.html', b"<script>alert(1)</script>")
    path = f"/partner/p1/bookings/{booking.reference}/messages/m001/files/"
    assert f'href="{path}0"' in (await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")).text
    answer = await site.team.get(f"{path}0")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''pl%22an%0D%0A.html"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/octet-stream"
    for number in ("1", "-1", "99999999"):
        assert (await site.team.get(path + number)).status_code == HTTPStatus.NOT_FOUND


async def test_html_is_shown_in_a_frame_that_may_do_nothing(site: PartnerSite) -> None:
    booking = site.bookings.put(Stage.CONFIRMED)
    await site.conversation_of(booking)
    site.threads.kept[booking.reference] = [an_entry(1, "Hello", has_page=True)]
    site.threads.pages[booking.reference, "m001"] = b"Content-Type: text/html\r\n\r\n<p onclick=x()>Hello<script>x()</script>\r\n"
    page = (await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")).text
    assert f'<iframe class="mail" sandbox="" src="/partner/p1/bookings/{booking.reference}/messages/m001/html"' in page
    answer = await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages/m001/html")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "script" not in answer.text
    assert "onclick" not in answer.text


async def test_what_was_written_on_pages_stands_among_the_mails(site: PartnerSite) -> None:
    """SL-24, OR-24: before the confirmation the two write by forms; it is one conversation."""
    booking = site.bookings.put(Stage.CONFIRMED)
    await site.conversation_of(booking)
    early = NOW - timedelta(days=1)
    site.bookings.steps[booking.reference] = [
        Past(2, early, "T4", Act.CONTACT.value, Actor.PARTNER, "s1", "Is nine too early?", Stage.REQUESTED),
        Past(
            3, early + timedelta(hours=1), "T4", Act.WRITE_BACK.value, Actor.CUSTOMER, "customer", "Nine is fine", Stage.REQUESTED
        ),
    ]
    site.threads.kept[booking.reference] = [an_entry(number, f"mail {number}") for number in range(25)]
    first = await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages")
    assert "Is nine too early?" not in first.text
    next_ = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    page = (await site.team.get(f"/partner/p1/bookings/{booking.reference}/messages{next_}")).text
    assert page.index("mail 4") < page.index("mail 0") < page.index("Nine is fine") < page.index("Is nine too early?")
    assert "mail 5<" not in page
