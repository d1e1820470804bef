"""Pages that are dear to read (GW-30, FAULT-60)."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from relay.errors import Unreadable
from relay.message.html.bounds import check_bounds, page_characters_max


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000,
        "<font color=red><p>" * 20_000,
        "<b><p>" * 20_000,
        "<p>" + "".join(f"<b id={at}>" for at in range(1500)) + "</p><p>x" * 1500,
        "<p>" + "".join(f"<i c='{at}'>" for at in range(3000)) + "</p>" + "<p>x</p>" * 3000,
        "<a" + " b" * 3000 + ">" + "x" * 10,
        "<a" + "".join(f" b{at}=1" for at in range(3000)) + ">",
        "x" * (page_characters_max + 1),
        "<p>" + '<b ="><b id=2>">' * 3000,
        "<ul><li>" * 15_000,
        "<dl><dd><p>" * 15_000,
        "<div></i></span>" * 20_000,
    ],
    ids=[
        "deep",
        "fonts",
        "bold",
        "unclosed",
        "unclosed in closed",
        "names",
        "attributes",
        "size",
        "odd quotes",
        "lists",
        "definitions",
        "closed too often",
    ],
)
def test_a_page_that_would_grow_is_refused(html: str) -> None:
    with pytest.raises(Unreadable):
        check_bounds(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000,
        "<p>x" * 60_000,
        "<p><b>x</b> y <i>z</i></p>" * 20_000,
        "<table>" + "<tr><td><font size=1>x</td></tr>" * 15_000 + "</table>",
        "<font><div>" + "<p>x</p>" * 50_000 + "</div></font>",
        "<ul>" + "<li>x" * 40_000 + "</ul>",
        "<div><p>x</div>" * 20_000,
        "<ul>" + "<li>x<ul><li>y<li>z</ul>" * 20_000 + "</ul>",
        "<!-- <b> -->" * 10_000 + "<p>x</p>" * 10_000,
        f"<img src='data:image/png;base64,{'A' * 2_000_000}'>",
        "a < b " * 50_000,
        "",
        pytest.param("<p><b>x</b> y <i>z</i></p>" * 60_000, marks=pytest.mark.slow),
        pytest.param("<table>" + "<tr><td><font size=1>x</td></tr>" * 30_000 + "</table>", marks=pytest.mark.slow),
    ],
    ids=[
        "deep",
        "paragraphs",
        "formatted",
        "sloppy table",
        "one font",
        "list",
        "paragraphs left open",
        "lists in a list",
        "comments",
        "inline image",
        "mathematics",
        "empty",
        "much formatted",
        "large sloppy table",
    ],
)
def test_large_pages_as_programs_write_them_pass(html: str) -> None:
    check_bounds(html)


@pytest.mark.parametrize("characters", [200_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("unit", ["<", "<b ", '<b a="', "<!--", "<script>", "</", "<b>", "<x='", "<a =", '="', "<b\"'>"])
def test_the_estimate_takes_time_in_proportion_to_the_page(unit: str, characters: int) -> None:
    before = time.process_time()
    with suppress(Unreadable):
        check_bounds(unit * (characters // len(unit)))
    assert time.process_time() - before < 5
