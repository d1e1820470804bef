"""Telephone numbers in running text, told from everything else that is written in digits (LEAK-25, LEAK-31).

A number is taken for one when it has a country in front, when a word like "tel." does, or when its groups are those in which
people write national numbers. Dates, times, prices, references and account numbers have other groups, or words beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

run_characters_max: Final = 60
"""A longer run of digits and signs is no telephone number, and not two."""
digits_max: Final = 15
"""Of an international number (ITU-T E.164 §6.2)."""

_SEPARATORS: Final = r"[ .()/\-\u2010-\u2015]"
_RUN: Final = re.compile(rf"(?:\+ ?\(?|\(\+?)?[0-9](?:{_SEPARATORS}{{0,3}}[0-9])*")
_BEGINNINGS: Final = ("+ (", "+(", "(+", "+ ", "+", "(")
_DIGITS: Final = re.compile(r"[0-9]+")
_DATE: Final = re.compile(
    r"(?<![0-9])(?:(?:0?[1-9]|[12][0-9]|3[01])[./\- ](?:0?[1-9]|1[0-2])[./\- ](?:19|20)[0-9]{2}"
    r"|(?:19|20)[0-9]{2}[./\- ](?:0?[1-9]|1[0-2])[./\- ](?:0?[1-9]|[12][0-9]|3[01]))(?![0-9])"
)
_TIME: Final = re.compile(
    r"(?:[01]?[0-9]|2[0-3])\.[0-5][0-9] ?[\-\u2010-\u2015] ?(?:[01]?[0-9]|2[0-3])\.[0-5][0-9]"
    r"|(?:0?[1-9]|[12][0-9]|3[01])[./](?:0?[1-9]|1[0-2])[./][0-9]{2}"
)
"""What people write after `call me at` and `call me on` that is no number: a span of hours, a date with a short year."""
_TRUNK_MARK: Final = "(0)"

# What stands beside a run. The text is a normal form: no accents, no capitals.
_WORD: Final = re.compile(r"[^\W\d_]+|[#№]")
_CALLED: Final = re.compile(
    r"tel(?:e[fp]h?on\w*|ef\w*)?|phone|mob(?:ile?|il\w*)?|cell?(?:ulare?|phone)?|handy\w*|komork\w*|kom|portable|movil|whatsapp|wa|"
    r"viber|signal|telegram|sms|fax|zadzwon\w*|dzwon\w*|call|appel\w*|llam\w*|chiam\w*|ruf\w*|anruf\w*|reach|ring|erreich\w*|"
    r"joign\w*|joindre|raggiung\w*"
)
_BETWEEN: Final = frozenset(
    """
    no nr num numer number numero nummer me us app at on is
    moi nous au le est mi al el es mich uns sie unter der die ist mnie nam na pod jest to ci il e
    """.split()
)
"""What may stand between such a word and the number: `tel. no.`, `call me on`, `rufen Sie mich unter`, `zadzwoń pod`."""
_between_max: Final = 3
_COUNTED: Final = re.compile(
    r"order|booking|reservation|ref(?:eren\w*)?|rif(?:eriment\w*)?|pratica|dossier|expediente|serial|seri[ae]|seryjny|vorgang\w*|"
    r"auftrag\w*|sendung\w*|aktenzeichen|przesylk\w*|spedizione|colis|no|nr|num\w*|nummer|id|pin|codes?|kod\w*|codigo|codice|iban|kont\w*|account|compte|"
    r"cuenta|conto|invoice|rechnung\w*|faktur\w*|factur[ae]|fattura|buchung\w*|bestell\w*|kunden\w*|commande|pedido|zamowien\w*|"
    r"ordine|prenotazione|rezerwacj\w*|reserva|localizador|voucher|ticket|bilet\w*|billet|nip|regon|krs|pesel|vat|ust|siret|siren|"
    r"isbn|ean|meeting|passcode|haslo|tracking|bic|blz|gps|confirmation|[#№]"
)
_PRICED: Final = re.compile(r"(?:[$€£¥]|\b(?:eur|usd|gbp|pln|chf|zl|czk|sek|nok|dkk|huf))[ ]?$")
_BEFORE: Final = re.compile(r"[\w@#\\=&$€£¥%*\-]$|[0-9][.,:]$")
_AFTER: Final = re.compile(
    r"[\w@%=€$£°]|[,:'][0-9]|[/\-\u2010-\u2015][a-z]|[ ]?(?:[€$£¥%°]|(?:eur|euros?|usd|gbp|pln|chf|zl|zloty\w*|czk|sek|nok|dkk|"
    r"huf|km|kg|m2|ha|cm|mm|gb|mb|kb|people|persons?|osob|personen|personnes|personas|persone)\b)"
)
_signs_max: Final = 4
_words_characters_max: Final = 32
"""How far before a run the word is looked for that says what the run is."""

COUNTRIES: Final = frozenset(
    """
    1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92
    93 94 95 98
    211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245
    246 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299
    350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389
    420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599
    670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 880 881
    882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998
    """.split()
)
"""Country codes (ITU-T E.164, list of assigned codes)."""
NATIONAL_DIGITS: Final[dict[str, tuple[int, int]]] = {
    **dict.fromkeys(("1", "7", "52", "90", "91"), (10, 10)),
    **dict.fromkeys(("33", "34", "48", "351", "41", "31", "420", "421", "380", "61"), (9, 9)),
    **dict.fromkeys(("45", "47"), (8, 8)),
    **dict.fromkeys(("32",), (8, 9)),
    **dict.fromkeys(("44",), (9, 10)),
    **dict.fromkeys(("55",), (10, 11)),
    **dict.fromkeys(("39",), (6, 11)),
}
"""Fewest and most digits after the country code, where the plan of the country says so clearly; others have 6 to 12."""
_ANY_NATIONAL: Final = (6, 12)
_CALLED_DIGITS: Final = (6, 15)

_TRUNK: Final = re.compile(r"0[1-9]\d{0,4}(?:,\d{2,8}){1,4}")
"""Groups of a national number with its trunk zero: `030,1234567`, `020,7946,0958`."""
_PAIRS: Final = re.compile(r"\d\d(?:,\d\d)+")
_NATIONAL: Final = re.compile(
    r"[2-9]\d{2},\d{3},\d{4}|[4-9]\d{2},\d{3},\d{3}|[1-9]\d,\d{3},\d{2},\d{2}|[89]\d{2},\d{2},\d{2},\d{2}"
)
"""Groups without a trunk zero: North America and Italian mobiles; Polish and Spanish mobiles; Polish and Spanish lines."""
_TRUNK_DIGITS: Final = (9, 12)
_french_pairs: Final = 5
_THOUSANDS: Final = re.compile(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}|.*000[ .-]000", re.DOTALL)
"""Round figures, and figures with dots between thousands."""
_AREA_ENDS: Final = frozenset({") ", ")", "/", " / ", "-", " - "})
"""What may stand behind an area code, and nowhere else in the number."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits in groups, at their places in the text."""

    text: str = field(repr=False)
    groups: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str, start: int, end: int) -> _Run:
        return cls(text, tuple(found.span() for found in _DIGITS.finditer(text, start, end)))

    @property
    def start(self) -> int:
        """Where it begins, with the plus or the bracket before it."""
        start = self.groups[0][0]
        before = self.text[max(0, start - 3) : start]
        return start - next((len(mark) for mark in _BEGINNINGS if before.endswith(mark)), 0)

    @property
    def end(self) -> int:
        return self.groups[-1][1]

    @property
    def digits(self) -> str:
        return "".join(self.text[start:end] for start, end in self.groups)

    @property
    def shape(self) -> str:
        return ",".join(self.text[start:end] for start, end in self.groups)

    @property
    def separators(self) -> list[str]:
        return [self.text[left[1] : right[0]] for left, right in zip(self.groups, self.groups[1:], strict=False)]

    def head(self, count: int) -> _Run:
        return _Run(self.text, self.groups[:count])

    def pieces(self) -> Iterator[_Run]:
        """What stands between wide gaps and slashes: two numbers beside each other."""
        first = 0
        for at, separator in enumerate(self.separators, 1):
            if len(separator) > 1 or separator == "/":
                yield _Run(self.text, self.groups[first:at])
                first = at
        yield _Run(self.text, self.groups[first:])


def telephones(normal: str) -> Iterator[tuple[int, int]]:
    """Where telephone numbers stand in a normal form, in order. Linear in its length."""
    for found in _RUN.finditer(normal):
        if len(found[0]) < _CALLED_DIGITS[0] or len(found[0]) > run_characters_max:
            continue
        # Most runs are dates, times and prices: too short for a number that nothing beside it announces.
        if sum(map(str.isdigit, found[0])) < _TRUNK_DIGITS[0] and found[0][0] != "+" and not _is_announced(normal, found.start()):
            continue
        run = _Run.of(normal, *found.span())
        if (whole := _number(run)) is not None:
            yield whole
        elif len(run.groups) > 1:
            yield from filter(None, map(_number, run.pieces()))


def is_telephone_link(url: str) -> bool:
    """Whether following `url` calls or writes to a telephone."""
    return _TELEPHONE_LINK.match(url) is not None


_TELEPHONE_LINK: Final = re.compile(
    r"(?:tel|sms|callto):|https?://(?:wa\.me/\+?[0-9]|(?:api|web|chat)\.whatsapp\.com/send/?\?(?:[^#]*&)?phone=)", re.IGNORECASE
)


def _number(run: _Run) -> tuple[int, int] | None:
    """The span of the telephone number that a run is, or begins with; None when it is none."""
    text, start = run.text, run.start
    before = text[max(0, start - _words_characters_max) : start]
    marks = text[start : run.groups[0][0]]
    if "+" in marks:
        return None if before[-1:].isalnum() else _international(run, 0)
    words = _words_at_the_end(before)
    is_called = _is_called(words)
    if not is_called and not (run.digits.startswith("00") or _is_national(run)):
        return None
    if _is_date(run) or (not is_called and (_is_counted(words) or _PRICED.search(before) or _BEFORE.search(before))):
        return None
    if run.digits.startswith("00") and run.digits[2:3] != "0" and (span := _international(run, 2)) is not None:
        return span
    if _AFTER.match(text, run.end):
        return None
    if is_called and not _CALLED_DIGITS[0] <= len(run.digits) <= _CALLED_DIGITS[1]:
        return None
    return None if not is_called and run.digits.startswith("00") and not _is_national(run) else (start, run.end)


def _words_at_the_end(before: str) -> list[str]:
    """The words of a text that ends with one, but for a few signs; none of a text that ends otherwise."""
    tail = before.rstrip(" .:=()-")
    return _WORD.findall(tail) if tail and len(before) - len(tail) <= _signs_max and not tail[-1].isdigit() else []


def _is_announced(normal: str, start: int) -> bool:
    return _is_called(_words_at_the_end(normal[max(0, start - _words_characters_max) : start]))


def _is_called(words: list[str]) -> bool:
    """Whether the last word says that a telephone number follows."""
    for word in words[: -_between_max - 2 : -1]:
        if _CALLED.fullmatch(word):
            return True
        if word not in _BETWEEN:
            return False
    return False


def _is_counted(words: list[str]) -> bool:
    """Whether the last word says that some other number follows."""
    return bool(words) and _COUNTED.fullmatch(words[-1]) is not None


def _international(run: _Run, prefix: int) -> tuple[int, int] | None:
    """The span of the number after `prefix` digits, without groups behind it that its country has no room for."""
    text = run.text
    for count in range(len(run.groups), 0, -1):
        head = run.head(count)
        digits = head.digits[prefix:]
        country = next((digits[:size] for size in (1, 2, 3) if digits[:size] in COUNTRIES), None)
        if country is None:
            return None
        national = digits[len(country) :]
        if _TRUNK_MARK in text[head.start : head.end] or (national.startswith("0") and country != "39"):
            national = national[1:]
        fewest, most = NATIONAL_DIGITS.get(country, _ANY_NATIONAL)
        fits = fewest <= len(national) <= most and len(digits) <= digits_max + 1
        if fits and not _AFTER.match(text, head.end) and not _is_date(head) and not _is_figure(head, prefix):
            return head.start, head.end
    return None


def _is_date(run: _Run) -> bool:
    first = run.groups[0][0]
    return bool(_DATE.search(run.text, max(0, first - 1), run.end) or _TIME.fullmatch(run.text, first, run.end))


def _is_figure(run: _Run, prefix: int) -> bool:
    """Whether it could as well be an amount, or a coordinate with its sign: round, or with one decimal point."""
    return run.digits.endswith("00000") or (prefix == 0 and run.separators == ["."] and len(run.shape.split(",")[1]) < 8)


def _is_national(run: _Run) -> bool:
    """Whether the groups are those of a national number, with one sign between them; an area code may end with its own."""
    shape, separators = run.shape, run.separators
    if not separators:
        return False
    first, *others = separators
    between = set(others) or {first}
    if len(between) > 1 or (others and len(others[0]) > 1) or (first not in between | _AREA_ENDS):
        return False
    if _PAIRS.fullmatch(shape):
        return len(run.groups) == _french_pairs and shape[0] == "0" and shape[1] != "0"
    if _TRUNK.fullmatch(shape):
        return _TRUNK_DIGITS[0] <= len(run.digits) <= _TRUNK_DIGITS[1]
    return _NATIONAL.fullmatch(shape) is not None and _THOUSANDS.fullmatch(run.text, run.groups[0][0], run.end) is None
