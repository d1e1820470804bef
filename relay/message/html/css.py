"""Style sheets and style attributes: what changes the look crosses, what fetches or says something does not (LEAK-45)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

sheet_characters_max: Final = 500_000
value_characters_max: Final = 500
media_depth_max: Final = 3
styles_max: Final = 4_000
"""Styles of which it is kept what they come to, for the next page: programs write the same ones again and again."""
style_characters_max: Final = 1_000
"""Longer ones are not kept."""

_FAMILIES: Final = """
    align background-color background-position background-repeat background-size border caption-side column empty-cells flex
    font gap grid justify letter-spacing line-break line-height list-style margin max min object-fit outline overflow padding
    page-break row-gap table-layout text vertical-align white-space word
"""
"""Properties that cross together with the longer ones that begin like them: `border`, `border-left-color`."""
_WHOLE: Final = """
    background background-image box-shadow box-sizing
    clear color direction display float height hyphens opacity order orphans tab-size visibility
    widows width zoom mso-hide mso-line-height-rule mso-margin-bottom-alt mso-margin-top-alt mso-padding-alt mso-table-lspace
    mso-table-rspace mso-text-raise -moz-osx-font-smoothing -ms-interpolation-mode -ms-text-size-adjust -webkit-font-smoothing
    -webkit-line-clamp -webkit-text-size-adjust
"""
"""Properties that cross by themselves, those among them that Outlook and phones lay mail out by."""
_OF_WORDS: Final = ("color:", "font", "text-")
_PROPERTY: Final = re.compile(rf"(?:{'|'.join(_FAMILIES.split())})(?:-[a-z]{{1,12}}){{0,3}}|{'|'.join(_WHOLE.split())}")

_FORBIDDEN: Final = re.compile(
    r"[\\<>@{}&:;\x00-\x08]|(?:url|image|image-set|cross-fade|element|src|attr|var|env|expression|paint)\s*\(", re.IGNORECASE
)
_CONTENT_ID: Final = re.compile(r"url\(\s*['\"]?cid:([^'\")\s]{1,200})['\"]?\s*\)", re.IGNORECASE)
_TELLS: Final = re.compile(r"['\"]|\.[^\W\d]|[^\W\d_]{3,}[ ,]")
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_STRING_OR: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|\([^()]*\)|[;:]")
_BLANKS: Final = re.compile(r"\s+")
_MEDIA: Final = re.compile(r"@media\s+([\w\s(),:.%/\-]{1,300})", re.IGNORECASE)
_SIMPLE: Final = re.compile(
    r"(?P<combinator>\s*[>+~]\s*|\s+)|\.(?P<class>-?[^\W\d][\w\-]*)|#(?P<id>-?[^\W\d][\w\-]*)|(?P<element>[a-zA-Z][a-zA-Z0-9]{0,15}|\*)"
    r"|(?P<pseudo>::?[a-z\-]{1,30}(?:\([0-9a-z+\- ]{1,20}\))?)"
)
_BRACE: Final = re.compile(r"[{}]|\"[^\"\n]*\"|'[^'\n]*'")


_Result = TypeVar("_Result")


def remembered(read: Callable[[str], _Result]) -> Callable[[str], _Result]:
    """`read`, which depends on the style alone, with its results kept within the bounds above."""
    kept = lru_cache(styles_max)(read)
    return lambda style: kept(style) if len(style) <= style_characters_max else read(style)


@dataclass
class Names:
    """New names for classes and ids, numbered as they are met: `c1`, `i1`. Names can carry an identifier; numbers cannot."""

    classes: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def of_class(self, name: str) -> str:
        return self.classes.setdefault(name, f"c{len(self.classes) + 1}")

    def of_id(self, name: str) -> str:
        return self.ids.setdefault(name, f"i{len(self.ids) + 1}")


@dataclass(frozen=True, slots=True)
class Styles:
    """Scrubs the styles of one page. `tells`: whether a value names somebody; `cids`: new Content-IDs for old."""

    names: Names
    tells: Callable[[str], bool]
    image: Callable[[str], str | None]
    """The new Content-ID for an old one."""

    def declarations(self, text: str) -> str:
        """The declarations of a style attribute or of a rule that cross, `name:value` with semicolons between."""
        return ";".join(self._kept(text))

    def of_words(self, text: str) -> str:
        """The declarations of a style attribute that cross and say how words look."""
        return ";".join(one for one in self.declarations(text).split(";") if one.startswith(_OF_WORDS))

    def sheet(self, text: str) -> str:
        """A style sheet: rules and @media blocks; imports, fonts and other at-rules stay out. Empty when nothing is left."""
        return "\n".join(self._rules(_COMMENT.sub(" ", text[:sheet_characters_max]), 0))

    def _kept(self, text: str) -> Iterator[str]:
        for one in _understood(text):
            if one.picture is None:
                if not (one.could_tell and self.tells(one.value)):
                    yield f"{one.name}:{one.value}"
            elif (new := self.image(one.picture[1])) is not None:
                yield f"{one.name}:{one.picture[0]}url(cid:{new}){one.picture[2]}"

    def _rules(self, text: str, depth: int) -> Iterator[str]:
        for prelude, block in _blocks(text):
            if prelude.startswith("@"):
                media = _MEDIA.fullmatch(prelude)
                if media and depth < media_depth_max and not self.tells(media[1]):
                    inside = "\n".join(self._rules(block, depth + 1))
                    if inside:
                        yield f"@media {_BLANKS.sub(' ', media[1]).strip()}{{{inside}}}"
                continue
            body = self.declarations(block)
            # Names are numbered as they are written: those of a rule that stays out get none.
            if body and (selectors := ",".join(one for part in prelude.split(",") if (one := self._selector(part.strip())))):
                yield f"{selectors}{{{body}}}"

    def _selector(self, text: str) -> str:
        """The selector with its classes and ids renamed; empty when a piece of it is not understood."""
        pieces: list[re.Match[str]] = []
        at = 0
        while at < len(text):
            found = _SIMPLE.match(text, at)
            if found is None:
                return ""
            at = found.end()
            pieces.append(found)
        return "".join(map(self._piece, pieces))

    def _piece(self, found: re.Match[str]) -> str:
        match found.lastgroup:
            case "combinator":
                return found[0].strip() or " "
            case "class":
                return f".{self.names.of_class(found['class'])}"
            case "id":
                return f"#{self.names.of_id(found['id'])}"
            case _:
                return found[0].lower()


class _Declaration(NamedTuple):
    """A declaration that crosses unless its value names somebody, which it could where `could_tell`."""

    name: str
    value: str
    could_tell: bool = False
    picture: tuple[str, str, str] | None = None
    """What stands before the picture that the value shows, its old Content-ID, and what stands behind."""


@remembered
def _understood(text: str) -> tuple[_Declaration, ...]:
    """The declarations of a style that are allowed and harmless."""
    if "/*" in text or "<!--" in text:
        text = _COMMENT.sub(" ", text)
    understood = (_declaration(name, value) for name, value in _pairs(text))
    return tuple(one for one in understood if one is not None)


def _declaration(name: str, value: str) -> _Declaration | None:
    if not value or len(value) > value_characters_max or _PROPERTY.fullmatch(name) is None:
        return None
    if found := _CONTENT_ID.search(value):
        # Only the picture is looked past; what is around it must be as harmless as anywhere.
        before, behind = value[: found.start()], value[found.end() :]
        return None if _FORBIDDEN.search(before + behind) else _Declaration(name, value, picture=(before, found[1], behind))
    if _FORBIDDEN.search(value) or value.count('"') % 2 or value.count("'") % 2 or value.count("(") != value.count(")"):
        return None
    return _Declaration(name, value, could_tell=name == "font-family" or _TELLS.search(value) is not None)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Names, lower case, and values, without comments; semicolons and colons inside strings and brackets do not separate."""
    start, colon = 0, -1
    for found in _STRING_OR.finditer(text):
        if found[0] == ":" and colon < start:
            colon = found.start()
        elif found[0] == ";":
            if colon >= start:
                yield text[start:colon].strip().lower(), _BLANKS.sub(" ", text[colon + 1 : found.start()]).strip()
            start = found.end()
    if colon >= start:
        yield text[start:colon].strip().lower(), _BLANKS.sub(" ", text[colon + 1 :]).strip()


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Preludes and the text of their braces, of the outermost level; at-rules that end with a semicolon are left out."""
    depth = start = opened = 0
    prelude = ""
    for found in _BRACE.finditer(text):
        if found[0] == "{":
            if depth == 0:
                prelude = text[start : found.start()].rpartition(";")[2].strip()
                opened = found.end()
            depth += 1
        elif found[0] == "}":
            depth -= 1
            if depth == 0:
                yield prelude, text[opened : found.start()]
            depth = max(depth, 0)
            if depth == 0:
                start = found.end()
