"""The words of a page as one text (LEAK-43, LEAK-44)."""

from __future__ import annotations

import pytest
from support.masking import HER_ALIAS, a_masker

from relay.message.html.flow import Flow
from relay.message.masked import Kind


def a_flow(*texts: str | None, hidden: tuple[int, ...] = ()) -> Flow:
    """A flow of texts; None is a line break."""
    flow = Flow()
    for place, text in enumerate(texts):
        if text is None:
            flow.line_break()
        else:
            flow.add(text, keeps_space=False, is_hidden=place in hidden)
    return flow


def test_a_find_across_texts_is_written_where_it_begins_and_disappears_elsewhere() -> None:
    flow = a_flow("so annwri", "ter77", "@gm", "ail.com now, and annwriter77@gmail", None, ".com")
    assert flow.scrub(a_masker()) == [Kind.ADDRESS, Kind.ADDRESS]
    assert flow.texts == [f"so {HER_ALIAS}", "", "", f" now, and {HER_ALIAS}", ""]


def test_words_in_different_blocks_are_different_words() -> None:
    flow = a_flow("the under", None, "Writer", None, "s")
    flow.scrub(a_masker())
    assert flow.texts == ["the under", "[name removed]", "s"]


def test_hidden_text_neither_hides_nor_shelters_an_address() -> None:
    flow = a_flow("annwriter77", "zzz", "@gmail.com", "annwriter77@gmail.com", hidden=(1, 3))
    flow.scrub(a_masker())
    assert "annwriter77" not in "".join(flow.texts)


def test_a_line_end_inside_a_text_is_white_space_unless_it_is_kept() -> None:
    """A name at the beginning of a line of the source is no attribution."""
    flow = Flow()
    flow.add("see\nAnn\nWriter", keeps_space=False, is_hidden=False)
    flow.add("\n\tx", keeps_space=True, is_hidden=False)
    flow.scrub(a_masker())
    assert flow.texts == ["see\nAnn\n[name removed]", "\n\tx"]


def test_a_clean_flow_stays_as_it_is() -> None:
    flow = a_flow("a", None, "b", " \n", "c")
    assert flow.scrub(a_masker()) == []
    assert flow.texts == ["a", "b", " \n", "c"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Ann Writer", "Director"), ["Ann [name removed]", "Director"]),
        (("Director", "Writer"), ["Director", "[name removed]"]),
        (("Ann Wri", "ter"), ["Ann [name removed]", ""]),
        (("www.writer-tours.example", "News"), ["[address removed]", "News"]),
    ],
)
def test_words_that_styles_alone_set_apart_are_found_apart(texts: tuple[str, ...], expected: list[str]) -> None:
    """LEAK-22: a signature is often made of elements without white space between them."""
    flow = a_flow(*texts)
    assert len(flow.scrub(a_masker())) == 1
    assert flow.texts == expected
