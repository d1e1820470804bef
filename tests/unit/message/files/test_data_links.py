"""Pictures in the page itself (LEAK-46)."""

from __future__ import annotations

import base64

import pytest
from support.canaries import ALL, nobody
from support.pictures import a_picture, saved

from relay.message.files import Cleaned, cleaned, linked_picture, with_clean_pictures

PLAIN = saved(a_picture(), "JPEG")
TOLD = saved(a_picture(), "JPEG", comment=ALL)


def clean(octets: bytes) -> Cleaned:
    return cleaned(octets, nobody)


def a_link(octets: bytes, kind: bytes = b"image/jpeg") -> bytes:
    return b"data:" + kind + b";base64," + base64.b64encode(octets)


def in_lines(link: bytes, end: bytes) -> bytes:
    return link[:22] + end.join(link[at : at + 60] for at in range(22, len(link), 60))


@pytest.mark.parametrize("kind", [b"image/jpeg", b"image/pjpeg", b"IMAGE/PNG", b"image/gif", b"image/webp"])
def test_a_picture_is_cleaned_where_it_stands_whatever_it_is_declared_as(kind: bytes) -> None:
    page = b'<img src="%b"><img src=%b>' % (a_link(TOLD, kind), a_link(TOLD, kind))
    after = with_clean_pictures(page, clean)
    assert after.octets == b'<img src="%b"><img src=%b>' % (a_link(PLAIN, kind), a_link(PLAIN, kind))
    assert after.taken == ("comment",)
    assert with_clean_pictures(after.octets, clean).octets is after.octets


@pytest.mark.parametrize("end", [b"\n", b"\r\n\t", b"&#10;", b"&#xA;"])
def test_line_ends_within_a_link_do_not_hide_a_picture(end: bytes) -> None:
    assert with_clean_pictures(in_lines(a_link(TOLD), end), clean).octets == a_link(PLAIN)
    assert linked_picture(in_lines(a_link(TOLD), end).decode()) == TOLD


@pytest.mark.parametrize("page", [b"", b"plain", a_link(PLAIN), in_lines(a_link(PLAIN), b"\n"), b"data:image/png;base64,A"])
def test_a_page_without_such_a_picture_keeps_its_very_octets(page: bytes) -> None:
    after = with_clean_pictures(page, clean)
    assert after.octets is page
    assert after.taken == ()


@pytest.mark.parametrize(
    "link", ["", "data:image/png;base64,A", "data:text/html;base64,AAAA", "data:image/svg+xml;base64,AAAA", "data:image/png,x"]
)
def test_what_is_no_picture_in_base64_is_none(link: str) -> None:
    assert linked_picture(link) is None
