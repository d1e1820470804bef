"""The conversation of a booking as its customer has it."""

from __future__ import annotations

from http import HTTPStatus

from support.own_space import OwnSpace, text_of
from support.partner_site import A_FILE, an_entry

from relay.web.site.thread_ports import DownloadedFile


async def test_what_was_written_stands_there_with_the_address_to_write_to(space: OwnSpace) -> None:
    """GY-17, GY-18: mail and what was written on the page before, together; files as they crossed."""
    reference = await space.confirmed()
    space.threads.kept[reference] = [
        an_entry(1, "Where do we meet?", is_mine=True),
        an_entry(2, "At pier three.", files=(A_FILE,), has_page=True),
    ]
    space.threads.files[reference, "m002", 0] = DownloadedFile("plan.pdf", b"%PDF")
    page = await space.zofia.get(f"/my/bookings/{reference}/messages")
    said = text_of(page)
    assert said.index("At pier three.") < said.index("Where do we meet?")
    alias = (await space.one(reference))["partner"]["alias"]
    assert f'data-copy="{alias}"' in page.text
    assert "plan.pdf" in said
    file = await space.zofia.get(f"/my/bookings/{reference}/messages/m002/files/0")
    assert (file.content, file.headers["content-type"]) == (b"%PDF", "application/octet-stream")
    assert "attachment" in file.headers["content-disposition"]


async def test_nobody_else_reads_it(space: OwnSpace) -> None:
    """Invariant 1"""
    reference = await space.confirmed()
    space.threads.kept[reference] = [an_entry(1, "Where do we meet?")]
    space.threads.files[reference, "m001", 0] = DownloadedFile("plan.pdf", b"%PDF")
    space.threads.pages[reference, "m001"] = b"Subject: Hello\r\n\r\nHello"
    other = space.signed_in("tom@elsewhere.example")
    for path in ("", "/m001/html", "/m001/files/0"):
        answer = await other.get(f"/my/bookings/{reference}/messages{path}")
        assert answer.status_code == HTTPStatus.NOT_FOUND
