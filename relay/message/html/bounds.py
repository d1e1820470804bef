"""Pages that are made to be dear to read are refused before they are read (FAULT-60, invariant 12).

A browser-grade parser has to build, for 27 kB of unclosed formatting elements and paragraphs, a tree of 800 MB; and 5 MB of
nested divisions take it half an hour. Both follow from the HTML standard (the list of active formatting elements; scopes).
What it will
cost can be estimated from the tags alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Unreadable

page_characters_max: Final = 10 * 1024 * 1024
depth_cost_max: Final = 100_000_000
"""Sum over all tags of the elements then open: 10,000 nested divisions make half of it, in a fifth of a second."""
rebuilt_elements_max: Final = 400_000
"""Formatting elements that the parser may open anew because a block ended before them."""
tag_attributes_max: Final = 2_000
"""Attributes of one tag: each is compared with all the others."""

_careless_product: Final = 2_000_000
"""Formatting tags times all tags: below it nothing can grow beyond what is bearable, and nothing is counted."""
_FORMATTING: Final = re.compile(r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/>]", re.IGNORECASE)
_FORMATTING_NAMES: Final = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_INLINE: Final = frozenset("abbr acronym bdi bdo cite del dfn ins kbd label mark q ruby samp span sub sup time var".split())
_CLOSES_ITS_LIKE: Final = frozenset("li dd dt".split())
_LETS_THROUGH: Final = frozenset("address div p li dd dt".split())
"""Inside any other block, an item does not close the one outside (WHATWG HTML 13.2.6.4.7): lists in lists are deep."""
_CELLS: Final = frozenset("td th caption".split())
_TAG: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<raw>script|style|title|textarea|xmp|noframes|iframe|noembed)\b.*?(?:</(?P=raw)|\Z)"
    r"|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]{0,30})(?P<rest>(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"']++)?+)*+)>",
    re.DOTALL | re.IGNORECASE,
)
_NAMELESS_VALUE: Final = re.compile(r"(?:\A|[\s\"'/])=")
tag_characters_careless: Final = 6_000
"""A shorter tag cannot have too many attributes."""
_ATTRIBUTE_RUN: Final = re.compile(rf"<[a-zA-Z][^>]{{{tag_characters_careless},}}")
_SPACES: Final = re.compile(r"\s+[^\s=]{1,50}|[\"'/][^\s=\"']{1,50}=")
_VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())


def check_bounds(html: str) -> None:
    """Raises Unreadable for a page that would take too long, or too much memory, to parse."""
    if len(html) > page_characters_max:
        raise Unreadable("the page is too large")
    tags = html.count("<")
    if tags * tags <= _careless_product and len(html) <= tag_characters_careless:
        return  # so it is with what people write
    for found in _ATTRIBUTE_RUN.finditer(html):
        if sum(1 for _ in _SPACES.finditer(found[0])) > tag_attributes_max:
            raise Unreadable("a tag has too many attributes")
    formatting = sum(1 for _ in _FORMATTING.finditer(html)) if tags else 0
    if formatting * tags > _careless_product or tags * tags > depth_cost_max:
        _check_by_counting(html)


@dataclass
class _Estimate:
    """What the parser will have open, and have to open anew, as far as the tags tell."""

    depth: int = 0
    depth_cost: int = 0
    rebuilt: int = 0
    active: int = 0
    """Formatting elements that were opened and not closed."""
    standing: int = 0
    """Those of them that no closed block has taken off the stack."""
    inline: int = 0
    """Other elements of a line that were opened and not closed."""
    blocks: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Depth and standing formatting elements at the start of each open block, by name."""
    walls: list[int] = field(default_factory=list)
    """Depths of the open blocks that let no item be closed from inside."""

    def content(self) -> None:
        """Text or an inline element: what a block took off the stack is opened anew."""
        self.rebuilt += self.active - self.standing
        self.standing = self.active

    def opens(self, name: str) -> None:
        if name in _FORMATTING_NAMES or name in _INLINE:
            self.content()
            if name in _FORMATTING_NAMES:
                self.active += 1
                self.standing += 1
            else:
                self.inline += 1
        else:
            self._ends("p")
            if name in _CLOSES_ITS_LIKE and self._reaches(name):
                self._ends(name)
            if name not in _LETS_THROUGH:
                self.walls.append(self.depth)
            # What is open outside a cell is not opened anew inside it.
            base = self.active if name in _CELLS else self.standing
            self._open(name).append((self.depth, base))
        self.depth += 1
        self.depth_cost += self.depth

    def closes(self, name: str) -> None:
        self.depth_cost += self.depth
        if name in _FORMATTING_NAMES:
            self.depth = max(0, self.depth - (self.active > 0))
            self.active = max(0, self.active - 1)
            self.standing = min(self.active, max(0, self.standing - 1))
        elif name in _INLINE:
            self.depth = max(0, self.depth - (self.inline > 0))
            self.inline = max(0, self.inline - 1)
        else:
            self._ends(name)

    def _open(self, name: str) -> list[tuple[int, int]]:
        """The open elements of that name; those inside something that was closed are closed with it."""
        ones = self.blocks.setdefault(name, [])
        while ones and ones[-1][0] >= self.depth:
            ones.pop()
        return ones

    def _reaches(self, name: str) -> bool:
        """Whether the innermost open element of that name can be closed from here."""
        ones = self._open(name)
        return bool(ones) and (not self.walls or ones[-1][0] > self.walls[-1])

    def _ends(self, name: str) -> None:
        ones = self._open(name)
        if not ones:
            return
        self.depth, standing = ones.pop()
        self.standing = min(self.standing, standing)
        while self.walls and self.walls[-1] >= self.depth:
            self.walls.pop()
        if name in _CELLS:
            self.active = min(self.active, standing)
            self.standing = self.active


def _check_by_counting(html: str) -> None:
    estimate = _Estimate()
    at = html.find("<")
    while at >= 0:
        found = _TAG.match(html, at)
        end = found.end() if found else at + 1
        if found is None:
            if html[at + 1 : at + 2].isalpha() or (html[at + 1 : at + 2] == "/" and html[at + 2 : at + 3].isalpha()):
                raise Unreadable("a large page has a tag that cannot be read safely")
        elif name := (found["name"] or "").lower():
            if "<" in found["rest"] and _NAMELESS_VALUE.search(found["rest"]):
                raise Unreadable("a large page has a tag that cannot be read safely")
            if name not in _VOID:
                if found["close"]:
                    estimate.closes(name)
                else:
                    estimate.opens(name)
        at = html.find("<", end)
        if at != end:
            estimate.content()
        if estimate.depth_cost > depth_cost_max or estimate.rebuilt > rebuilt_elements_max:
            raise Unreadable("the page is nested too deeply")
