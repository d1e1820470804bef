"""The text of an HTML page, as somebody who looks at it reads it."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from relay.message.html.bounds import check_bounds
from relay.message.html.markup import BLOCKS

_BREAKING: Final = ",".join(sorted({"br", "td", "th", *BLOCKS}))
"""Elements that begin and end a line on the screen."""
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


def visible_text(html: str, *, with_quotes: bool = True) -> str:
    """The words of a page without markup, scripts and style sheets, or also without what is quoted; one line a block."""
    page = LexborHTMLParser(html)
    page.strip_tags(["script", "style", "head", "template", *(() if with_quotes else ("blockquote",))], recursive=True)
    return page.text(separator="\n", strip=True) if page.root is not None else ""


def visible_lines(html: str) -> str:
    """The words of a page without what is quoted, in the lines in which they are seen: bold words part nothing.

    Raises Unreadable for a page beyond the bounds.
    """
    check_bounds(html)
    page = LexborHTMLParser(_SPACE.sub(" ", html))
    page.strip_tags(["script", "style", "head", "template", "blockquote"], recursive=True)
    for one in page.css(_BREAKING):
        one.insert_before("\n")
        one.insert_after("\n")
    text = page.text(separator="") if page.root is not None else ""
    return "\n".join(line.strip() for line in text.split("\n"))
