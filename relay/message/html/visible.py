"""The text of an HTML page, as somebody who looks at it reads it."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser


def visible_text(html: str, *, with_quotes: bool = True) -> str:
    """The words of a page without markup, scripts and style sheets, or also without what is quoted; one line a block."""
    page = LexborHTMLParser(html)
    page.strip_tags(["script", "style", "head", "template", *(() if with_quotes else ("blockquote",))], recursive=True)
    return page.text(separator="\n", strip=True) if page.root is not None else ""
