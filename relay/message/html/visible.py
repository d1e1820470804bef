"""The text of an HTML page, as somebody who looks at it reads it."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from relay.message.html.attributes import look_of
from relay.message.html.bounds import check_bounds
from relay.message.html.markup import BLOCKS

_BREAKING: Final = ",".join(sorted({"br", "td", "th", *BLOCKS}))
"""Elements that begin and end a line on the screen."""
_UNSAID: Final = ("s", "strike", "del", "select", "datalist", "textarea", "noscript")
_STRUCK: Final = re.compile("line-through", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


def visible_text(html: str, *, with_quotes: bool = True) -> str:
    """The words of a page without markup, scripts and style sheets, or also without what is quoted; one line a block."""
    page = LexborHTMLParser(html)
    page.strip_tags(["script", "style", "head", "template", *(() if with_quotes else ("blockquote",))], recursive=True)
    return page.text(separator="\n", strip=True) if page.root is not None else ""


def visible_lines(html: str) -> str:
    """The words of a page without what is quoted, in the lines in which they are seen: bold words part nothing.

    What is hidden, struck through, or to choose from is not what its writer says. Raises Unreadable for a page beyond the bounds.
    """
    check_bounds(html)
    page = LexborHTMLParser(_SPACE.sub(" ", html))
    page.strip_tags(["script", "style", "head", "template", "blockquote", *_UNSAID], recursive=True)
    for one in _unsaid(page):
        one.decompose(recursive=True)
    for one in page.css(_BREAKING):
        one.insert_before("\n")
        one.insert_after("\n")
    text = page.text(separator="") if page.root is not None else ""
    return "\n".join(line.strip() for line in text.split("\n"))


def _unsaid(page: LexborHTMLParser) -> list[LexborNode]:
    """What is styled away, without what is in it: that goes with it, and must not be touched afterwards."""
    found: dict[int, LexborNode] = {}
    for one in page.css("[hidden], [style]"):
        if look_of(one.attributes).is_hidden or _STRUCK.search(one.attributes.get("style") or ""):
            above = one.parent
            while above is not None and above.mem_id not in found:
                above = above.parent
            if above is None:
                found[one.mem_id] = one
    return list(found.values())
