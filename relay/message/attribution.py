"""Display names in quoted attributions and quoted header blocks, in any language (LEAK-20, LEAK-21, GY-12).

The language of such a line need not be understood. An attribution is a line with an address in brackets that ends with a colon;
a header line begins with a label and a colon. What stands between the last date, time or verb and the bracket is the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.message.masked import Edit, Kind
from relay.message.normal import folded

line_characters_max: Final = 2_000
name_characters_max: Final = 200
unguided_words_max: Final = 5
"""Words taken for a name when nothing shows where it begins."""

_QUOTE: Final = re.compile(r"[ \t\u00a0]*(?:[>|][ \t\u00a0]?)*")
_LABEL: Final = re.compile(r"[*_\s\u200e\u200f]*[^\W\d](?:[^\W\d]|[ .'’()/\-]){0,30}[*_]{0,2}\s?[:：][*_]{0,2}\s?")
_BRACKET: Final = re.compile(r"[<\[(][\s\"'<>|]*(?:mailto:)?\s*$", re.IGNORECASE)
_CLOSING: Final = re.compile(r"[\s>\])\"']*")
_COMMENT: Final = re.compile(r"\s?\(([^()\n@]{1,100})\)")
_SEPARATOR: Final = re.compile(r".*[>\];]", re.DOTALL)
_BEHIND_AN_ADDRESS: Final = re.compile(r"[\s>\])\"',;]*")
_AFTER_ADDRESS_MAX: Final = 120
_bracket_characters_max: Final = 20
_preposition_letters_max: Final = 3

_ZONE: Final = r"(?:GMT|UTC)[+\-]?[\d:]*|[A-Z]{1,4}T\b"
_MONTHS: Final = """
    January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept
    Oct Nov Dec Januar Jänner Februar März Mai Juni Juli Oktober Dezember
"""
"""In the languages that write them with a capital letter, like names."""
_MONTH: Final = rf"(?:{'|'.join(_MONTHS.split())})\b\.?"
_CLOCK: Final = r"Uhr|[AaPp]\.?\s?[Mm]\b\.?|h\b|hrs?\b|г\.|р\.|[年月日時时分秒년월일시분]"
_AFTER_A_TIME: Final = rf"\(?(?:{_MONTH}|{_CLOCK}|{_ZONE})\)?[,，、:]?"
_VERBS: Final = """
    schrieb schreef skrev skrifaði kirjoitti napisał napisała napsal napsala napísal escribió escreveu scrisse scritto écrit
    wrote heeft by par von van de da od от від пишет писал
"""
_VERB_AFTER: Final = re.compile(
    r"[\s>\])\"']*(?:wrote|writes|schrieb|schreef|skrev|kirjoitti|napisał|napsal|escribió|escreveu|scrisse|ha scritto|a écrit"
    r"|написал)"
)
_BEFORE_A_NAME: Final = re.compile(
    rf"\d[\d:.,/+\-]*\s*[,，、)]*(?:\s*{_AFTER_A_TIME})*|(?<!\w)(?:{'|'.join(_VERBS.split())})(?!\w)|[:：]\s"
)
_MONTH_BEFORE_A_NAME: Final = re.compile(r"(\s*([^\W\d_]{3,12})\s+)[\"'“”„‘’«]?(\w)")
_DAY: Final = re.compile(r"(?<![\d:.])[0-3]?\d\.?\s*(?:\bde\s*)?\Z")
_day_characters_max: Final = 12
_PARTICLES: Final = frozenset(
    "al bin da das de del den der des di do dos du el ibn la las le los ten ter van von y zu zum zur".split()
)
"""Words in small letters with which a last name may begin."""
_TRIMMED: Final = " \t\r\n\u00a0,，、;\"'“”„‘’«»*_>|<([-–"


@dataclass(frozen=True, slots=True)
class Place:
    """An address that is masked, at [start, end) of the text, and the name that may stand before it."""

    start: int
    end: int
    shown: str = field(repr=False)


def name_edits(text: str, places: Iterable[Place]) -> Iterator[Edit]:
    """For each masked address in an attribution or a header line the edit that leaves only the shown name beside it."""
    behind = 0
    for place in places:
        floor = max(0, place.start - line_characters_max)
        line_start = max(text.rfind("\n", floor, place.start) + 1, floor)
        line_end = text.find("\n", place.end, place.end + line_characters_max)
        line_end = line_end if line_end >= 0 else min(len(text), place.end + line_characters_max)
        start = line_start + len(_quote(text[line_start : place.start]))
        if start >= place.start and (opened := _opened_above(text, line_start)) is not None:
            line_start = opened
            start = line_start + len(_quote(text[line_start : place.start]))
        before, after = text[start : place.start], text[place.end : line_end]
        label = _LABEL.match(before)
        if label or _continues_a_list(text, line_start):
            yield from _in_header_line(text, max(start + (label.end() if label else 0), behind), place)
        elif _BRACKET.search(before[-_bracket_characters_max:]) and _introduces_a_quote(text, after, line_end):
            yield from _in_attribution(text, line_start, start, place)
        closing = _BEHIND_AN_ADDRESS.match(text, place.end)
        behind = closing.end() if closing else place.end


def _quote(line: str) -> str:
    found = _QUOTE.match(line)
    return found[0] if found else ""


def _opened_above(text: str, line_start: int) -> int | None:
    """Where the line above begins, when it ends with the bracket in which the address stands."""
    above = text[max(0, line_start - line_characters_max) : max(0, line_start - 1)].rpartition("\n")[2]
    return line_start - 1 - len(above) if line_start and above.rstrip().endswith(("<", "[", "(")) else None


def _continues_a_list(text: str, line_start: int) -> bool:
    """Whether the line before ends like a list of addresses that goes on."""
    above = text[max(0, line_start - line_characters_max) : max(0, line_start - 1)].rpartition("\n")[2].rstrip()
    return above.endswith((",", ";")) and ("@" in above or ">" in above.lstrip("> |"))


def _introduces_a_quote(text: str, after: str, line_end: int) -> bool:
    rest = after.rstrip()
    if rest.endswith((":", "：")):
        return True
    if len(rest) > _AFTER_ADDRESS_MAX:
        return False
    wrapped = text[line_end + 1 : line_end + 1 + _AFTER_ADDRESS_MAX].partition("\n")[0].rstrip()
    if wrapped.endswith((":", "：")) and ("@" not in wrapped or "mailto:" in wrapped):
        return True
    return _VERB_AFTER.match(rest) is not None


def _in_header_line(text: str, begin: int, place: Place) -> Iterator[Edit]:
    if earlier := _SEPARATOR.match(text, begin, place.start):
        begin = earlier.end()
    # "PS: write to x@y" and a Subject begin with a label too; a name is what stands before an address in brackets.
    if _BRACKET.search(text, max(begin, place.start - _bracket_characters_max), place.start):
        yield from _replaced(text, begin, place.start, place)
    closing = _CLOSING.match(text, place.end)
    if comment := _COMMENT.match(text, closing.end() if closing and closing[0].strip() else place.end):
        yield from _replaced(text, comment.start(1), comment.end(1), place)


def _in_attribution(text: str, line_start: int, start: int, place: Place) -> Iterator[Edit]:
    begin, guided = start, False
    for found in _BEFORE_A_NAME.finditer(text, start, place.start):
        begin, guided = found.end(), True
    if not guided and line_start > 0:
        # The date stands on the line above, perhaps with the first part of the name.
        floor = max(0, line_start - line_characters_max)
        above_start = max(text.rfind("\n", floor, line_start - 1) + 1, floor)
        if _quote(text[above_start:line_start]).strip() == (_quote(text[line_start:start]).strip()):
            for found in _BEFORE_A_NAME.finditer(text, above_start, line_start):
                begin, guided = found.end(), True
    words = text[begin : place.start].rstrip(" <([").split()
    is_preposition = len(words) == 1 and words[0].islower() and len(words[0]) <= _preposition_letters_max
    if guided or (len(words) <= unguided_words_max and not is_preposition):
        yield from _replaced(text, begin + _month(text, begin, place.start) if guided else begin, place.start, place)


def _replaced(text: str, begin: int, end: int, place: Place) -> Iterator[Edit]:
    written = text[begin:end]
    tail = max(begin, end - _bracket_characters_max)
    if opening := _BRACKET.search(text[tail:end]):
        end = tail + opening.start()
        written = text[begin:end]
    inner = written.strip(_TRIMMED)
    if not inner or len(inner) > name_characters_max or not any(map(str.isalpha, inner)):
        return
    if folded(inner) in {"mailto:", folded(place.shown)}:
        return
    begin += written.index(inner)
    end = begin + len(inner)
    if inner.count("(") > inner.count(")") and text[end : end + 1] == ")":
        end += 1
    yield Edit(begin, end, place.shown, Kind.NAME)


def _month(text: str, begin: int, end: int) -> int:
    """Characters of a month in small letters between a day of that month, or the `de` of Spanish, and a name with a capital."""
    found = _MONTH_BEFORE_A_NAME.match(text, begin, end)
    is_behind_a_day = _DAY.search(text, max(0, begin - _day_characters_max), begin)
    if found is None or is_behind_a_day is None or not found[2].islower() or found[2] in _PARTICLES or not found[3].isupper():
        return 0
    return found.end(1) - begin
