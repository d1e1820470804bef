"""Attributes as they cross (LEAK-40, LEAK-42)."""

from __future__ import annotations

import pytest
from support.masking import HER_ALIAS, HERS, a_masker

from relay.message.html.attributes import Attributes, RemoteImages, is_pixel, look_of
from relay.message.html.css import Names
from relay.message.masked import Kind


def attributes(remote_images: RemoteImages = RemoteImages.REMOVE) -> Attributes:
    return Attributes(a_masker(), {"a@b": "new"}, remote_images, Names())


def test_values_are_escaped_and_empty_ones_stay_when_they_mean_something() -> None:
    written = attributes().written({"title": 'a "b" <c> & d', "nowrap": None, "alt": "", "onclick": "x", "width": "10"})
    assert written == ' title="a &quot;b&quot; &lt;c&gt; &amp; d" nowrap="" width="10"'


BARE = "data:image/gif;base64,R0lGODlhAQABAAAAADs="


@pytest.mark.parametrize(
    ("source", "remove", "keep"),
    [
        ("cid:a@b", "cid:new", "cid:new"),
        ("CID:a%40b", "cid:new", "cid:new"),
        ("cid:other", None, None),
        ("https://t.example/a.png?e=ann.writer%40writer-tours.example", None, "https://t.example/a.png"),
        ("https://writer-tours.example/a.png", None, None),
        ("data:image/gif;base64,R0lGODlh", "data:image/gif;base64,R0lGODlh", "data:image/gif;base64,R0lGODlh"),
        ("data:image/gif;base64,R0lGODlhAQABAAAAACH+A0FubgA7", BARE, BARE),  # with a comment
        ("data:image/png;base64,QkVHSU46VkNBUkQ=", None, None),  # a card
        ("data:image/svg+xml;base64,PHN2Zy8+", None, None),
        ("data:text/html;base64,AAAA", None, None),
        ("file:///C:/Users/ann/logo.png", None, None),
        ("logo.png", None, None),
        ("", None, None),
    ],
)
def test_where_images_may_come_from(source: str, remove: str | None, keep: str | None) -> None:
    """LEAK-45, LEAK-46."""
    assert attributes().image_source(source) == remove
    assert attributes(RemoteImages.KEEP).image_source(source) == keep


def test_a_picture_in_the_page_that_was_cleaned_is_counted() -> None:
    """LEAK-46."""
    one = attributes()
    assert one.image_source(BARE) == BARE
    assert one.removals == []
    assert one.image_source("data:image/gif;base64,R0lGODlhAQABAAAAACH+A0FubgA7") == BARE
    assert one.removals == [Kind.METADATA]


def test_a_link_that_changed_is_counted_and_one_that_did_not_is_not() -> None:
    one = attributes()
    assert one.link("https://t.example/a?b=1") == "https://t.example/a?b=1"
    assert one.removals == []
    assert one.link(f"mailto:{HERS}") == f"mailto:{HER_ALIAS}"
    assert one.removals == [Kind.LINK]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("display: none", True),
        ("DISPLAY:NONE!important", True),
        ("visibility:hidden", True),
        ("mso-hide:all", True),
        ("font-size:0", True),
        ("font-size:0px", True),
        ("max-height:0;x:y", True),
        ("opacity:0", True),
        ("opacity:0.5", False),
        ("font-size:10px", False),
        ("display:block", False),
        ("", False),
    ],
)
def test_what_is_hidden_by_its_style_is_known(style: str, expected: bool) -> None:
    """LEAK-43."""
    assert look_of({"style": style}).is_hidden is expected


def test_what_is_hidden_by_its_attribute_is_known() -> None:
    assert look_of({"hidden": None}).is_hidden


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [("1", "1", True), ("1px", None, True), ("0", "20", True), ("10", "10", False), (None, None, False)],
)
def test_an_image_to_be_fetched_is_told_from_one_to_be_seen(width: str | None, height: str | None, expected: bool) -> None:
    assert is_pixel({"width": width, "height": height}) is expected
