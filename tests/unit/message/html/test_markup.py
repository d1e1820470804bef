"""The tables of allowed markup."""

from __future__ import annotations

from relay.message.html.markup import ATTRIBUTES, BLOCKS, DROPPED, ELEMENTS, RENAMED, TEXTS, VOID


def test_an_element_either_crosses_or_is_dropped() -> None:
    assert not ELEMENTS & DROPPED


def test_void_and_renamed_elements_are_allowed_ones() -> None:
    assert VOID <= ELEMENTS
    assert set(RENAMED.values()) <= ELEMENTS
    assert "table" in BLOCKS


def test_no_attribute_that_leads_somewhere_or_runs_something_is_passed_by_its_shape() -> None:
    names = set(ATTRIBUTES) | TEXTS
    assert not any(name.startswith(("on", "data-")) for name in names)
    assert not names & {
        "src",
        "href",
        "srcset",
        "action",
        "style",
        "class",
        "id",
        "name",
        "cite",
        "background",
        "longdesc",
        "usemap",
    }


def test_no_shape_lets_an_address_through() -> None:
    assert not any(shape.fullmatch("ann@writer.example") for shape in ATTRIBUTES.values())
