"""Our own footer: put under a text or a page, and taken away again when it comes back quoted (GW-44, CASE-4).

Mail programs strip or prefix classes and comments, so the footer is recognised by two short lines of tildes around it.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Sequence
from typing import Final

OPENING: Final = "~~~~ ~~ ~~~~"
CLOSING: Final = "~~~~ ~ ~~~~"
footer_characters_max: Final = 3_000
"""Between the two marks, quoting included: what is longer is no footer of ours."""

_QUOTE: Final = r"[ \t\u00a0]*(?:[>|][ \t\u00a0]*)*"
_QUOTED: Final = re.compile(
    rf"(?:^{_QUOTE}\n)?^{_QUOTE}{re.escape(OPENING)}[ \t\u00a0]*\n"
    rf"(?:(?!{_QUOTE}~~~~).*\n){{0,30}}?{_QUOTE}{re.escape(CLOSING)}[ \t\u00a0]*(?:\n|\Z)",
    re.MULTILINE,
)
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
_MARK_STYLE: Final = "font-size:9px;color:#bbbbbb"
_BLOCK_STYLE: Final = "margin-top:24px;font-family:sans-serif;font-size:12px;line-height:18px;color:#666666"
_END_OF_PAGE: Final = re.compile(r"</body>\s*</html>\s*\Z", re.IGNORECASE)


def with_footer_text(text: str, lines: Sequence[str]) -> str:
    """`text` with the footer below it. Line ends are LF."""
    if not lines:
        return text
    above = f"{text.rstrip()}\n\n" if text.strip() else ""
    return f"{above}{OPENING}\n" + "".join(f"{line}\n" for line in lines) + f"{CLOSING}\n"


def with_footer_html(html: str, lines: Sequence[str]) -> str:
    """A page of ours (`scrubbed_html`) with the footer at its end; links in the lines can be followed."""
    if not lines:
        return html
    inside = "".join(f"<div>{_linked(line)}</div>" for line in lines)
    mark = f'<div style="{_MARK_STYLE}">{{}}</div>'
    footer = f'<div style="{_BLOCK_STYLE}">{mark.format(OPENING)}{inside}{mark.format(CLOSING)}</div>'
    end = _END_OF_PAGE.search(html)
    return f"{html[: end.start()]}{footer}{html[end.start() :]}" if end else html + footer


def without_quoted_footer(text: str) -> str:
    """`text` without our footers in it, wherever they are quoted; the rest as it was."""
    return _QUOTED.sub("", text) if OPENING in text else text


def footers(text: str) -> Iterator[tuple[int, int]]:
    """Where our footers stand in the words of a page, from mark to mark, in whatever lines the page broke them."""
    at = text.find(OPENING)
    while at >= 0:
        closing = text.find(CLOSING, at, at + footer_characters_max)
        if closing >= 0:
            yield at, closing + len(CLOSING)
        at = text.find(OPENING, closing + len(CLOSING) if closing >= 0 else at + len(OPENING))


def _linked(line: str) -> str:
    pieces: list[str] = []
    done = 0
    for found in _LINK.finditer(line):
        url = entities.escape(found[0])
        pieces += (entities.escape(line[done : found.start()], quote=False), f'<a href="{url}">{url}</a>')
        done = found.end()
    pieces.append(entities.escape(line[done:], quote=False))
    return "".join(pieces)
