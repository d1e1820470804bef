"""Where markup that was written could be read back in another way than it was meant.

A tree that came out of a parser need not come out of it again: what is misplaced in a table moves in front of it, and an element
that was taken out may have been all that kept two others apart. A page with such a place is read once more.

What is open around a place is a sum of the bits below; looking up a tag in two tables is all it takes to go one level down.
"""

from __future__ import annotations

from typing import Final

from relay.message.html.markup import BLOCKS

_PARAGRAPH: Final = 1
_LINK: Final = 2
_ITEM: Final = 4
_DEFINITION: Final = 8
_BUTTON: Final = 16
_HEADING: Final = 32
"""It is the element right around the place; the others may lie further out."""
_ALL: Final = 63
OUTSIDE: Final = 0

_NOT_IN_A_PARAGRAPH: Final = BLOCKS - frozenset(
    "body br button caption html legend option table tbody td textarea tfoot th thead title tr".split()
)
_SHELTERS: Final = frozenset("caption html table td th".split())
"""What stands in one of these closes nothing outside of it (WHATWG HTML 13.2.4.2)."""
_HEADINGS: Final = frozenset("h1 h2 h3 h4 h5 h6".split())
_OPENS: Final = {
    "p": _PARAGRAPH,
    "a": _LINK,
    "li": _ITEM,
    "dd": _DEFINITION,
    "dt": _DEFINITION,
    "button": _BUTTON,
} | dict.fromkeys(_HEADINGS, _HEADING)


def _kept(tag: str) -> int:
    if tag in _SHELTERS:
        return 0
    kept = _ALL & ~_HEADING
    if tag in BLOCKS and tag not in {"address", "div", "p"}:
        kept &= ~(_ITEM | _DEFINITION)
    return kept & ~_PARAGRAPH if tag == "button" else kept


def _ended(tag: str) -> int:
    own = _OPENS.get(tag, 0) & ~_PARAGRAPH
    return own | _PARAGRAPH if tag in _NOT_IN_A_PARAGRAPH else own


_KEPT: Final = {tag: _kept(tag) for tag in (*BLOCKS, *_SHELTERS)}
_ENDED: Final = {tag: _ended(tag) for tag in (*BLOCKS, *_OPENS)}


def is_ambiguous(tag: str, around: int, *, in_quirks: bool) -> bool:
    """Whether the start of `tag` in a place with `around` would end something that is open there."""
    return bool(_ENDED.get(tag, 0) & around) or (tag == "table" and not in_quirks and bool(around & _PARAGRAPH))


def below(tag: str, around: int) -> int:
    """What is open inside of `tag`, in a place with `around`."""
    return (around & _KEPT.get(tag, _ALL & ~_HEADING)) | _OPENS.get(tag, 0)
