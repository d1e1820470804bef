"""Where markup could be read back in another way (the reason why some pages are read twice)."""

from __future__ import annotations

from itertools import accumulate

import pytest
from selectolax.lexbor import LexborHTMLParser

from relay.message.html.nesting import OUTSIDE, below, is_ambiguous


def around(path: str) -> int:
    return list(accumulate(path.split(), lambda open_there, tag: below(tag, open_there), initial=OUTSIDE))[-1]


CASES = [
    ("p", "div", True),
    ("p b", "p", True),
    ("p", "span", False),
    ("div", "p", False),
    ("p button", "p", False),
    ("p span", "table", True),
    ("li", "li", True),
    ("li b", "li", True),
    ("li ul", "li", False),
    ("li div", "li", True),
    ("li blockquote", "li", False),
    ("dd", "dt", True),
    ("dd dl", "dd", False),
    ("a", "a", True),
    ("a div", "a", True),
    ("a table tbody tr td", "a", False),
    ("h1", "h2", True),
    ("h1 b", "h2", False),
    ("h1 div", "h2", False),
    ("button", "button", True),
    ("p", "hr", True),
    ("p", "li", True),
]


@pytest.mark.parametrize(("path", "tag", "expected"), CASES)
def test_a_start_tag_that_ends_something_open_is_ambiguous(path: str, tag: str, expected: bool) -> None:
    assert is_ambiguous(tag, around(path), in_quirks=False) is expected


@pytest.mark.parametrize(("path", "tag", "expected"), CASES)
def test_the_parser_agrees(path: str, tag: str, expected: bool) -> None:
    """What is called clear stays where it was written, and what is called ambiguous does not."""
    html = "<!doctype html>" + "".join(f"<{one}>" for one in path.split()) + f"<{tag} id=x>"
    node = LexborHTMLParser(html).css_first("#x")
    above = []
    while node is not None and (node := node.parent) is not None:
        above.insert(0, node.tag or "")
    assert (above[above.index("body") + 1 :] == path.split()) is not expected


def test_a_table_may_stand_in_a_paragraph_of_a_page_in_quirks_mode() -> None:
    assert not is_ambiguous("table", around("p"), in_quirks=True)
