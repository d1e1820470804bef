"""The parts of Office and OpenDocument files: where they name people, companies, machines, and what stands there then (LEAK-62).

Names are replaced wherever they stand, whoever they are: a login or a nickname tells as much as an address, and nobody knows
all of those. Titles, links and the like are replaced when they tell. The text of a document is its writer's own (LEAK-65).
Parts are edited where something stands, and not parsed and written anew: programs are particular about the rest.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from relay.message.files.cleaned import Tells

AUTHOR: Final = b"Author"
"""Who wrote a comment or made a change, as programs say it themselves when somebody has them remove who it was."""
NOWHERE: Final = b"about:blank"

_BEGINS: Final = r"(?:file:|[A-Za-z]:[\\/]|\\\\|/(?:home|Users|root)/)"
_PATH_BEGINS: Final = re.compile(rf"^{_BEGINS}", re.MULTILINE | re.IGNORECASE)
_PATH: Final = re.compile(rf"{_BEGINS}.*[\\/]", re.DOTALL | re.IGNORECASE)
"""A path on somebody's machine, up to the name of the file."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Replace the `value` in these places of these parts by `stand_in`: `always`, or when it tells or is a path.

    `parts` is matched against a part's name in small letters. Of a path the name of the file stays, unless that tells.
    """

    parts: re.Pattern[str]
    hint: re.Pattern[bytes]
    places: re.Pattern[bytes]
    stand_in: bytes
    always: bool


_PREFIX: Final = r"(?:[\w.-]{1,40}:)?"
_VALUE: Final = (
    r"""(?P<before>\s(?:[\w.-]{1,40}:)?(?:NAMES)\s{0,9}=\s{0,9}(?P<quote>["']))(?P<value>VALUE(?:(?!(?P=quote))[^<])*+)"""
)
_CONTENT: Final = rf"(?P<before><{_PREFIX}(?:NAMES)(?:\s[^<>]*+)?(?<!/)>)(?P<value>[^<]*+(?:<!\[CDATA\[[^\]]*+\]\]>)?)"
_HEADING: Final = rf"(?P<before><{_PREFIX}(?:NAMES)(?:\s[^<>]*+)?(?<!/)>)(?P<value>[^<:\r\n]{{1,100}}:)(?=[\s<])"
"""The line that Excel writes above a note: who made it, and a colon."""
_PERSON: Final = (
    rf"(?P<before>)(?P<value><{_PREFIX}(?:NAMES)\s[^<>]*+>(?:(?!</{_PREFIX}(?:NAMES)>).){{0,4000}}+</{_PREFIX}(?:NAMES)>)"
)
_ITEM: Final = rf"(?P<before><{_PREFIX}config-item\s[^<>]{{0,500}}\"(?:NAMES)\"[^<>]*+(?<!/)>)(?P<value>[^<]*+)"
_OUTSIDE: Final = r"(?=[A-Za-z][\w+.-]{0,20}:|/|\.\./|\\)"


def _rule(parts: str, places: str, names: str, stand_in: bytes, *, always: bool) -> Rule:
    form = re.compile(places.replace("NAMES", names).encode(), re.DOTALL)
    return Rule(re.compile(parts), re.compile(names.encode()), form, stand_in, always)


def _elements(parts: str, names: str, stand_in: bytes = b"", *, always: bool) -> Rule:
    return _rule(parts, _CONTENT, names, stand_in, always=always)


def _attributes(parts: str, names: str, stand_in: bytes = b"", *, always: bool, value: str = "") -> Rule:
    return _rule(parts, _VALUE.replace("VALUE", value), names, stand_in, always=always)


RULES: Final = (
    # Office Open XML (ECMA-376)
    _elements(r"docprops/core\.xml", "creator|lastModifiedBy", always=True),
    _elements(r"docprops/app\.xml", "Company|Manager", always=True),
    _elements(r"docprops/custom\.xml", "lpwstr|lpstr|bstr", always=True),
    _elements(
        r"docprops/(?:core|app)\.xml",
        "title|subject|keywords|description|category|contentStatus|identifier|Template|HyperlinkBase|Application|lpstr|lpwstr",
        always=False,
    ),
    _attributes(r"word/.*\.xml", "author|initials", AUTHOR, always=True),
    _attributes(r"word/settings\.xml", "val", always=False),
    _rule(r"word/people\.xml", _PERSON, "person", b"", always=True),
    _elements(r"xl/comments.*\.xml|xl/.*/comments?\d*\.xml", "author", AUTHOR, always=True),
    _rule(r"xl/comments.*\.xml|xl/.*/comments?\d*\.xml", _HEADING, "t", AUTHOR + b":", always=False),
    _attributes(r"xl/persons/.*\.xml", "displayName|userId", AUTHOR, always=True),
    _attributes(r"xl/persons/.*\.xml", "providerId", b"None", always=True),
    _attributes(r"xl/workbook\.xml", "userName|url", always=True),
    _attributes(r"xl/pivotcache/.*\.xml", "refreshedBy", always=True),
    _attributes(r"xl/revisions/.*\.xml", "userName", AUTHOR, always=True),
    _attributes(r"xl/revisions/usernames\.xml", "name", AUTHOR, always=True),
    _attributes(r"xl/connections\.xml", "sourceFile|odcFile|connection", always=False),
    _attributes(r"ppt/(?:commentauthors|authors)\.xml", "name|initials|userId", AUTHOR, always=True),
    _attributes(r"ppt/(?:commentauthors|authors)\.xml", "providerId", b"None", always=True),
    _attributes(r"(?:word|xl|ppt)/.*\.(?:xml|vml)", "descr|title|name", always=False),
    _elements(r"customxml/.*\.xml", "DisplayName", always=True),
    _elements(r"customxml/.*\.xml", r"[A-Za-z]\w{0,60}", always=False),
    # OpenDocument (ISO/IEC 26300)
    _elements(r"(?:.*/)?meta\.xml", "creator|initial-creator|printed-by|user-defined", always=True),
    _elements(r"(?:.*/)?meta\.xml", "title|subject|description|keyword|generator", always=False),
    _attributes(r"(?:.*/)?(?:meta|content|styles)\.xml", "href", NOWHERE, always=False, value=_OUTSIDE),
    _attributes(r"(?:.*/)?meta\.xml", "title", always=False),
    _elements(r"(?:.*/)?(?:content|styles)\.xml", "dc:creator|meta:creator-initials|loext:sender-initials", AUTHOR, always=True),
    _elements(r"(?:.*/)?(?:content|styles)\.xml", "text:author-name|text:author-initials", AUTHOR, always=False),
    _rule(r"(?:.*/)?settings\.xml", _ITEM, "PrinterName|PrinterSetup", b"", always=True),
    _rule(r"(?:.*/)?settings\.xml", _ITEM, r"[A-Za-z]\w{0,60}", b"", always=False),
    _attributes(r"versionlist\.xml", "creator", AUTHOR, always=True),
    _attributes(r"versionlist\.xml", "comment", always=False),
)

_SIGNATURES: Final = re.compile(r"_xmlsignatures/.*|meta-inf/[a-z]*signatures?\.xml")
_SIGNATURE_TYPE: Final = b"/relationships/digital-signature/"
_RELATIONSHIP: Final = re.compile(rb"<(?:\w{1,40}:)?Relationship\s[^<>]*+>")
_TARGET: Final = re.compile(rb"(\sTarget\s{0,9}=\s{0,9}[\"'])([^\"'<]*+)")
_SIGNATURE_OVERRIDE: Final = re.compile(rb"<(?:\w{1,40}:)?Override\s[^<>]*?/_xmlsignatures/[^<>]*+>")
_READ: Final = (".xml", ".rels", ".vml")


def is_office(names: Iterable[str]) -> bool:
    """Whether an archive with these members is a document."""
    return any(name == "[Content_Types].xml" or name == "META-INF/manifest.xml" for name in names)


def is_signature(name: str) -> bool:
    """Whether a part belongs to a signature: it names its owner, and would not fit what was changed."""
    return _SIGNATURES.fullmatch(name.lower()) is not None


def is_marked_up(name: str) -> bool:
    """Whether a part is XML, and cleaned by the rules of this module."""
    return name.lower().endswith(_READ)


def cleaned_part(name: str, octets: bytes, tells: Tells) -> bytes:
    """A part without names of people, companies and machines; cleaning that again changes nothing."""
    key = name.lower()
    if key.endswith(".rels"):
        return _RELATIONSHIP.sub(lambda found: _relationship(found[0], tells), octets)
    if key == "[content_types].xml":
        return _SIGNATURE_OVERRIDE.sub(b"", octets)
    for rule in RULES:
        if rule.parts.fullmatch(key) and rule.hint.search(octets):
            values = {found["value"] for found in rule.places.finditer(octets) if found["value"].strip()}
            if stand_ins := _stand_ins(values, rule, tells):
                octets = _replaced(octets, rule.places, stand_ins)
    return octets


def _stand_ins(values: set[bytes], rule: Rule, tells: Tells) -> dict[bytes, bytes]:
    """What is replaced, by what."""
    if rule.always:
        return {value: rule.stand_in for value in values if value != rule.stand_in}
    # All at once: a large document has thousands of values, and hardly ever one that tells.
    together = _said(b"\n".join(sorted(values)))
    if not _PATH_BEGINS.search(together) and not tells(together):
        return {}
    return {value: after for value in values if (after := _telling(value, rule.stand_in, tells)) != value}


def _replaced(octets: bytes, places: re.Pattern[bytes], stand_ins: Mapping[bytes, bytes]) -> bytes:
    return places.sub(lambda found: found["before"] + stand_ins.get(found["value"], found["value"]), octets)


def _said(value: bytes) -> str:
    return html.unescape(value.decode("utf-8", "replace"))


def _telling(value: bytes, stand_in: bytes, tells: Tells) -> bytes:
    """A value that may stay; without its path where it is one; the stand-in when it tells."""
    said = _said(value)
    path = _PATH.match(said)
    rest = said[path.end() :] if path else said
    if tells(rest):
        return stand_in
    return html.escape(rest).encode() if path else value


def _relationship(tag: bytes, tells: Tells) -> bytes:
    """What a part refers to: a signature goes, and what lies outside must not tell (ECMA-376 part 2 §9.3)."""
    if _SIGNATURE_TYPE in tag:
        return b""
    if b"External" not in tag:
        return tag
    return _TARGET.sub(lambda found: found[1] + (_telling(found[2], NOWHERE, tells) or NOWHERE), tag)
