"""The language of the search box (AR-2).

    refund voucher          both words, in what was written anew and not in what it quotes, whatever their case and accents
    "meeting point"         these words in a row
    refund*                 words that begin so
    -weather                not that
    refund OR voucher       one of the two; OR joins its neighbours alone
    (refund OR money) guide what stands between parentheses is one
    booking:GYG4K7Q2X9ABC   of that booking; separators do not count
    by:customer from:Marco  who wrote; to: the other way
    event:delayed,bounced   one of several values
    after:2026-05-01 before:2026-06-01T12:00+02:00     received in [after, before); dates begin at midnight, in UTC unless told

`OPERATORS` has them all. An operator that does not exist is an error with a suggestion, never a search for something else; so is
one that nothing here can answer. Both databases answer by the same tree of terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from difflib import get_close_matches
from enum import Enum
from hashlib import sha256
from typing import Final

from relay.errors import NotDone
from relay.store.folding import words
from relay.transit.crossing import Fate
from relay.values import Role

query_characters_max: Final = 1_000
terms_max: Final = 50
nesting_max: Final = 10
"""Parentheses within parentheses."""


class Where(Enum):
    """In what a word is looked for. Without any of them: in all but what is quoted, and people's names and addresses too."""

    SUBJECT = "subject"
    PEOPLE = "people"
    NEW = "body"
    QUOTED = "quoted"
    FILES = "files"
    TEXT = "body quoted"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row; `begun`: the last one only begins so."""

    words: tuple[str, ...]
    begun: bool = False
    excluded: bool = False
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A property of the message, such as `by:customer`: the index holds it as a word of its own (`mark`)."""

    mark: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of `terms`."""

    terms: tuple[Term, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """All of `terms`."""

    terms: tuple[Term, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tables have to say before the index is asked, such as `case:12`: see relay.store.resolving."""

    kind: str
    value: str
    excluded: bool = False


Term = Words | Mark | Either | Both | Asked


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the query as it was typed, and the query without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when. Without `now` nothing is relative to it. `zone`: where days begin. `reveals`: may look for addresses,
    as the operators at the command line and holders of a token do."""

    now: datetime | None = None
    zone: tzinfo = UTC
    account: str = ""
    reveals: bool = True


NOBODY: Final = Asking()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all of `terms`, received in [after, before), in UTC; octets more than `larger`, less than `smaller`."""

    terms: tuple[Term, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    larger: int | None = None
    smaller: int | None = None
    oldest_first: bool = False
    chips: tuple[Chip, ...] = field(default=(), compare=False)
    bookings: tuple[str, ...] = field(default=(), compare=False)
    """References as they were typed."""


def parsed(text: str, asking: Asking = NOBODY) -> Query:
    """The query that `text` is. Raises NotDone with a sentence for whoever typed it."""
    if len(text) > query_characters_max:
        raise NotDone(f"a search has at most {query_characters_max} characters")
    query = _Reader(text, asking).query()
    if not query.terms and query.after is None and query.before is None:
        raise NotDone("nothing to look for")
    if query.terms and all(term.excluded for term in query.terms):
        raise NotDone("besides what is excluded, a search needs something to look for")
    return query


def mark(kind: str, value: str) -> str:
    """The word by which the index knows a property. It begins with a character that words of a message cannot have."""
    return f"\ue000{kind}{''.join(words(value))}"


def id_mark(kind: str, value: str) -> str:
    """The same of an id, of which every character counts."""
    return f"\ue000{kind}{sha256(value.encode('utf-8', 'replace')).hexdigest()[:32]}"


def words_in(terms: tuple[Term, ...]) -> list[Words]:
    """All words that are looked for: what is to be shown as a hit."""
    found: list[Words] = []
    for term in terms:
        match term:
            case Words() if not term.excluded:
                found.append(term)
            case Either() | Both() if not term.excluded:
                found += words_in(term.terms)
            case _:
                pass
    return found


ANY: Final = "\ue000all"
"""The mark that every message has."""

_TERM: Final = re.compile(
    r"""(?P<close>\))
      | (?P<minus>-)?
        (?: (?P<open>\()
          | (?P<operator>[A-Za-z][A-Za-z0-9-]*):(?!//)(?P<value>"[^"]*"|\{[^}]*\}?|[^\s"()]+)
          | "(?P<phrase>[^"]*)(?:"|$)
          | (?P<word>[^\s"()]+) )""",
    re.VERBOSE,
)


class _Reader:
    """Reads one query from left to right."""

    def __init__(self, text: str, asking: Asking) -> None:
        self.asking = asking
        self._text = text
        self._found = list(_TERM.finditer(text))
        if len(self._found) > 2 * terms_max:
            raise NotDone(f"a search has at most {terms_max} terms")
        self._at = 0
        self._count = 0
        self.whole = Query()
        self.depth = 0
        self.is_joined = False
        self.bookings: list[str] = []

    def query(self) -> Query:
        spans: list[tuple[int, int]] = []
        terms = self._sequence(spans)
        if self._count > terms_max:
            raise NotDone(f"a search has at most {terms_max} terms")
        chips = tuple(Chip(self._text[begins:ends], self._without(begins, ends)) for begins, ends in spans)
        return replace(self.whole, terms=(*self.whole.terms, *terms), chips=chips, bookings=tuple(self.bookings))

    def _without(self, begins: int, ends: int) -> str:
        return " ".join(f"{self._text[:begins].rstrip()} {self._text[ends:].lstrip()}".split(" ")).strip()

    def _sequence(self, spans: list[tuple[int, int]] | None = None) -> list[Term]:
        """Terms up to the closing parenthesis, or to the end. `spans`: where each stands, of those that are not in any."""
        terms: list[Term] = []
        while (found := self._next()) is not None:
            if found["close"] is not None:
                if not self.depth:
                    raise NotDone("a parenthesis is closed that was not opened; to look for one, put it between quotes")
                break
            begins = found.start()
            term = self._either(found)
            if spans is not None:
                spans.append((begins, self._found[self._at - 1].end()))
            if term is not None:
                terms.append(term)
        return terms

    def _either(self, found: re.Match[str]) -> Term | None:
        """What `found` begins: one term, or several with OR between them."""
        if _is_or(found):
            raise NotDone("OR stands between two things to look for; to look for the word, put it between quotes")
        before, first = self.whole, self._one(found)
        if not self._or_follows():
            return first
        if self.whole != before:
            raise NotDone(f"{found[0]} holds for the whole search, so it stands neither between parentheses nor beside OR")
        was_joined, self.is_joined = self.is_joined, True
        terms = [first]
        while self._or_follows():
            self._at += 1
            following = self._next()
            if following is None or _is_or(following) or following["close"] is not None:
                raise NotDone("OR stands between two things to look for; to look for the word, put it between quotes")
            terms.append(self._one(following))
        self.is_joined = was_joined
        kept = tuple(term for term in terms if term is not None)
        return kept[0] if len(kept) == 1 else Either(kept) if kept else None

    def _one(self, found: re.Match[str]) -> Term | None:
        excluded = found["minus"] is not None
        self._count += 1
        if found["open"] is not None:
            return self._parenthesis(excluded)
        if (operator := found["operator"]) is not None:
            return self._operator(operator, found["value"], excluded)
        if (phrase := found["phrase"]) is not None:
            return looked_for(phrase, excluded)
        word = found["word"]
        if word.startswith("*") and words(word):
            raise NotDone(f"words are found by how they begin, not by what is in them: write {word.strip('*')}*")
        if word.endswith("~") and words(word):
            raise NotDone(f"words are not guessed: write how it begins, for example {word.strip('~')[:4]}*")
        if not self.asking.reveals and "@" in word.strip("@"):
            raise NotDone("addresses are looked for with real: by who may see them; aliases with alias:")
        return looked_for(word, excluded, begun=word.endswith("*"))

    def _parenthesis(self, excluded: bool) -> Term | None:
        self.depth += 1
        if self.depth > nesting_max:
            raise NotDone(f"parentheses stand within one another at most {nesting_max} times")
        terms = tuple(self._sequence())
        self.depth -= 1
        if not terms:
            return None
        return replace(terms[0], excluded=excluded != terms[0].excluded) if len(terms) == 1 else Both(terms, excluded)

    def _operator(self, operator: str, written: str, excluded: bool) -> Term | None:
        read = OPERATORS.get(operator.lower())
        if read is None:
            near = get_close_matches(operator.lower(), OPERATORS, n=1)
            hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(f'{one}:' for one in OPERATORS)}"
            raise NotDone(f"unknown operator {operator}: ({hint} To look for these words, put them between quotes)")
        return read(self, written.strip('"'), excluded)

    def narrow(self, operator: str, **changes: object) -> None:
        """The whole search is changed: not something that holds for a part of it."""
        if self.depth or self.is_joined:
            raise NotDone(f"{operator}: holds for the whole search, so it stands neither between parentheses nor beside OR")
        self.whole = replace(self.whole, **changes)  # type: ignore[arg-type]

    def received(self, operator: str, after: datetime | None, before: datetime | None) -> None:
        """Only what was received in [after, before), of what is looked for so far."""
        afters = [at for at in (self.whole.after, after) if at is not None]
        befores = [at for at in (self.whole.before, before) if at is not None]
        self.narrow(operator, after=max(afters, default=None), before=min(befores, default=None))

    def _next(self) -> re.Match[str] | None:
        if self._at >= len(self._found):
            return None
        self._at += 1
        return self._found[self._at - 1]

    def _or_follows(self) -> bool:
        return self._at < len(self._found) and _is_or(self._found[self._at])


def _is_or(found: re.Match[str]) -> bool:
    return found["word"] == "OR" and found["minus"] is None


def looked_for(text: str, excluded: bool, *, begun: bool = False, where: Where | None = None) -> Words | None:
    """The words of `text` in a row. Punctuation alone is no word, and nothing to look for."""
    found = tuple(words(text))
    return Words(found, begun, excluded, where) if found else None


_Read = Callable[[_Reader, str, bool], Term | None]


def _marked(kind: str, values: tuple[str, ...], excluded: bool) -> Term:
    marks = tuple(Mark(mark(kind, value)) for value in dict.fromkeys(values))
    return replace(marks[0], excluded=excluded) if len(marks) == 1 else Either(marks, excluded)


def _listed(operator: str, value: str) -> tuple[str, ...]:
    """The values between commas."""
    found = tuple(filter(None, (one.strip() for one in value.split(","))))
    if not found:
        raise NotDone(f"{operator}: needs a value")
    return found


def _booking(reader: _Reader, value: str, excluded: bool) -> Term:
    if not words(value):
        raise NotDone("booking: needs a reference, for example booking:GYG4K7Q2X9ABC")
    references = _listed("booking", value)
    if not excluded:
        reader.bookings += references
    return _marked("booking", references, excluded)


def _one_of(kind: str, values: Mapping[str, str | tuple[str, ...]], mark_kind: str = "") -> _Read:
    def read(_: _Reader, value: str, excluded: bool) -> Term:
        chosen: list[str] = []
        for one in _listed(kind, value):
            known = values.get(one.lower())
            if known is None:
                raise NotDone(f"{kind}: is one of {', '.join(values)}")
            chosen += (known,) if isinstance(known, str) else known
        return _marked(mark_kind or kind, tuple(chosen), excluded)

    return read


def _free(kind: str, example: str) -> _Read:
    """A property with any value."""

    def read(_: _Reader, value: str, excluded: bool) -> Term:
        if not words(value):
            raise NotDone(f"{kind}: needs a value, for example {kind}:{example}")
        return _marked(kind, _listed(kind, value), excluded)

    return read


def _exactly(kind: str, example: str) -> _Read:
    """An id, of which every character counts."""

    def read(_: _Reader, value: str, excluded: bool) -> Term:
        plain = value.strip("<> ")
        if not plain:
            raise NotDone(f"{kind}: needs a value, for example {kind}:{example}")
        return Mark(id_mark(kind, plain.lower() if kind != "mid" else plain), excluded)

    return read


def _in(kind: str, where: Where) -> _Read:
    def read(_: _Reader, value: str, excluded: bool) -> Term | None:
        found = looked_for(value, excluded, begun=value.endswith("*"), where=where)
        if found is None:
            raise NotDone(f'{kind}: needs words, for example {kind}:refund or {kind}:"meeting point"')
        return found

    return read


def _person(operator: str, of: Callable[[Role], Role]) -> _Read:
    """A party's role, an alias, or a name in From, To or Cc."""

    def read(reader: _Reader, value: str, excluded: bool) -> Term | None:
        role = _ROLES.get(value.lower())
        if role is not None:
            return Mark(mark("by", of(Role(role)).value), excluded)
        if "@" in value:
            if operator == "to":
                return Mark(mark("alias", value.partition("@")[0]), excluded)
            if not reader.asking.reveals:
                raise NotDone(f"{operator}: takes a role or a name; addresses are looked for with real: by who may see them")
        return _in(operator, Where.PEOPLE)(reader, value, excluded)

    return read


def _alias(_: _Reader, value: str, excluded: bool) -> Term:
    local = value.partition("@")[0]
    if not words(local):
        raise NotDone("alias: needs an alias, for example alias:customer-12ab3456cd78")
    return Mark(mark("alias", local), excluded)


def _conversation(_: _Reader, value: str, excluded: bool) -> Term:
    if value.startswith("{"):
        raise NotDone("conv:{…} is not answered: what two messages of one conversation say is looked for with booking: and words")
    if not words(value):
        raise NotDone("conv: needs the id of a conversation")
    return _marked("conv", _listed("conv", value), excluded)


def _asked(kind: str, example: str, values: tuple[str, ...] = ()) -> _Read:
    """What the tables know."""

    def read(reader: _Reader, value: str, excluded: bool) -> Term:
        plain = value.strip()
        if not plain:
            raise NotDone(f"{kind}: needs a value, for example {kind}:{example}")
        if values and plain.lower() not in values:
            raise NotDone(f"{kind}: is one of {', '.join(values)}")
        if kind == "assigned" and plain.lower() == "me":
            plain = reader.asking.account or plain
        return Asked(kind, plain, excluded)

    return read


def _real(reader: _Reader, value: str, excluded: bool) -> Term:
    if not reader.asking.reveals:
        raise NotDone("real: looks for somebody's own address, which needs the office of a senior")
    if "@" not in value:
        raise NotDone("real: needs a whole address, for example real:anna@mail.example")
    return Asked("real", value, excluded)


def _activity(reader: _Reader, value: str, excluded: bool) -> Term:
    after, before = period("activity", value, reader.asking)
    return Asked("activity", f"{after.isoformat()}/{before.isoformat()}", excluded)


def _event(_: _Reader, value: str, excluded: bool) -> Term | None:
    terms: list[Term] = []
    for one in _listed("event", value):
        known = EVENTS.get(one.lower())
        if known is None:
            raise NotDone(f"event: is one of {', '.join(EVENTS)}")
        terms += known
    if len(terms) > 1 and any(isinstance(term, Asked) for term in terms):
        raise NotDone("event:delivered holds for the whole search, so it stands alone")
    return replace(terms[0], excluded=excluded) if len(terms) == 1 else Either(tuple(terms), excluded)


def _code(_: _Reader, value: str, excluded: bool) -> Term:
    codes = _listed("code", value)
    if not all(one.isascii() and one.isdigit() and len(one) == 3 and one[0] in "45" for one in codes):
        raise NotDone("code: needs a code with which a server put off or refused, for example code:550")
    return _marked("code", codes, excluded)


def _auth(_: _Reader, value: str, excluded: bool) -> Term:
    checked = value.lower().replace(":", "=")
    if checked in ALIGNMENTS:
        return _marked("auth", ALIGNMENTS[checked], excluded)
    if not re.fullmatch(r"(?:spf|dkim|dmarc|arc)=[a-z]{2,20}", checked):
        raise NotDone(f"auth: needs a check and its result, for example auth:spf=fail, or is one of {', '.join(ALIGNMENTS)}")
    return _marked("auth", (checked,), excluded)


def _type(_: _Reader, value: str, excluded: bool) -> Term:
    endings: list[str] = []
    for one in _listed("type", value.lower()):
        endings += TYPES.get(one.lstrip("."), (one.lstrip("."),))
    if not all(words(one) for one in endings):
        raise NotDone("type: needs how names of files end, for example type:pdf")
    return _marked("type", tuple(endings), excluded)


def _has(_: _Reader, value: str, excluded: bool) -> Term:
    terms: list[Term] = []
    for one in _listed("has", value):
        known = _HAS.get(one.lower())
        if known is None:
            raise NotDone(f"has: is one of {', '.join(_HAS)}")
        terms += known
    return replace(terms[0], excluded=excluded) if len(terms) == 1 else Either(tuple(terms), excluded)


def _hold(_: _Reader, value: str, excluded: bool) -> Term:
    if value.lower() not in {"yes", "no"}:
        raise NotDone("hold: is one of yes, no")
    return Mark(mark("hold", "yes"), excluded != (value.lower() == "no"))


def _size(operator: str) -> _Read:
    def read(reader: _Reader, value: str, excluded: bool) -> Term | None:
        found = _SIZE.fullmatch(value.strip().lower())
        if found is None:
            raise NotDone(f"{operator}: needs a size, for example {operator}:5MB")
        octets = min(int(found["number"]) * _UNITS[found["unit"] or ""], 2**40)
        if (operator == "larger") != excluded:
            least = octets + (0 if excluded else 1)
            reader.narrow(operator, larger=max(least - 1, reader.whole.larger or 0))
            return _sizes(least.bit_length(), size_classes - 1)
        most = octets + (1 if excluded else 0)
        if not most:
            raise NotDone(f"{operator}: needs a size, for example {operator}:5MB")
        reader.narrow(operator, smaller=min(most, reader.whole.smaller or most))
        return _sizes(0, (most - 1).bit_length())

    return read


def _sizes(least: int, most: int) -> Term:
    classes = tuple(str(one) for one in range(min(least, size_classes - 1), min(most, size_classes - 1) + 1))
    return _marked("size", classes, excluded=False)


def _after(reader: _Reader, value: str, excluded: bool) -> None:
    at = _instant("after", value, reader.asking)
    reader.received("after", *((None, at) if excluded else (at, None)))


def _before(reader: _Reader, value: str, excluded: bool) -> None:
    at = _instant("before", value, reader.asking)
    reader.received("before", *((at, None) if excluded else (None, at)))


def _date(operator: str) -> _Read:
    def read(reader: _Reader, value: str, excluded: bool) -> None:
        if excluded:
            raise NotDone(f"-{operator}: is not answered; say before: or after:")
        reader.received(operator, *period(operator, value, reader.asking))

    return read


def _ago(operator: str) -> _Read:
    def read(reader: _Reader, value: str, excluded: bool) -> None:
        found = _AGO.fullmatch(value.strip().lower())
        if found is None:
            raise NotDone(f"{operator}: needs how long ago, for example {operator}:30d (h, d, w, m or y)")
        if reader.asking.now is None:
            raise NotDone(f"{operator}: needs a clock, and there is none here; say before: or after:")
        at = reader.asking.now - timedelta(hours=int(found["number"]) * _HOURS[found["unit"]])
        reader.received(operator, *((None, at) if (operator == "older") != excluded else (at, None)))

    return read


def _sort(reader: _Reader, value: str, excluded: bool) -> None:
    if excluded or value.lower() not in {"new", "old"}:
        raise NotDone("sort: is one of new, old; what comes first by its words is not answered")
    reader.narrow("sort", oldest_first=value.lower() == "old")


def _not_answered(operator: str, instead: str) -> _Read:
    def read(_: _Reader, value: str, excluded: bool) -> None:  # noqa: ARG001  as every operator
        raise NotDone(f"{operator}: is not answered here; {instead}")

    return read


def period(operator: str, value: str, asking: Asking) -> tuple[datetime, datetime]:
    """[from, until) in UTC: of a day, a month, a year, "yesterday", "last week", or of two with ".." between. Raises NotDone."""
    first, dots, last = value.partition("..")
    begins, ends = _days(operator, first, asking)
    if dots:
        ends = _days(operator, last, asking)[1]
    if ends <= begins:
        raise NotDone(f"{operator}: ends before it begins")
    return _midnight(begins, asking), _midnight(ends, asking)


def _days(operator: str, value: str, asking: Asking) -> tuple[date, date]:
    """The first day, and the first one after it."""
    plain = "-".join(value.lower().replace("_", " ").split())
    try:
        if asking.now is not None and (named := _named_days(plain, asking.now.astimezone(asking.zone).date())) is not None:
            return named
        if re.fullmatch(r"\d{4}", plain):
            return date(int(plain), 1, 1), date(int(plain) + 1, 1, 1)
        if re.fullmatch(r"\d{4}-\d{2}", plain):
            begins = date.fromisoformat(f"{plain}-01")
            return begins, _month_after(begins)
        begins = date.fromisoformat(plain)
        return begins, begins + timedelta(days=1)
    except (ValueError, OverflowError):
        raise NotDone(f"{operator}: needs a date, for example {operator}:2026-05-01, or one of {', '.join(NAMED_DAYS)}") from None


def _named_days(name: str, today: date) -> tuple[date, date] | None:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    named = {
        "today": (today, today + timedelta(days=1)),
        "yesterday": (today - timedelta(days=1), today),
        "this-week": (monday, monday + timedelta(days=7)),
        "last-week": (monday - timedelta(days=7), monday),
        "this-month": (first, _month_after(first)),
        "last-month": (before, first),
    }
    return named.get(name)


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, asking: Asking) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=asking.zone).astimezone(UTC)


def _instant(operator: str, value: str, asking: Asking) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo is not None else at.replace(tzinfo=asking.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _midnight(_days(operator, value, asking)[0], asking)


_ROLES: Final = {role.value: role.value for role in Role} | {"provider": Role.PARTNER.value}
NAMED_DAYS: Final = ("today", "yesterday", "this-week", "last-week", "this-month", "last-month")
_SIZE: Final = re.compile(r"(?P<number>\d{1,9})(?P<unit>b|k|kb|kib|m|mb|mib)?")
_UNITS: Final = {"": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1024**2, "mb": 1024**2, "mib": 1024**2}
size_classes: Final = 30
"""Of messages by their size, each twice as large as the one before."""
_AGO: Final = re.compile(r"(?P<number>\d{1,4})(?P<unit>[hdwmy])")
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "bmp", "tif", "tiff"),
    "jpg": ("jpg", "jpeg"),
    "jpeg": ("jpg", "jpeg"),
    "word": ("doc", "docx", "odt", "rtf"),
    "excel": ("xls", "xlsx", "ods", "csv"),
    "calendar": ("ics",),
    "zip": ("zip", "rar", "7z"),
}
"""What names of files end with; other endings stand for themselves."""
_HAS: Final[Mapping[str, tuple[Term, ...]]] = {
    "attachment": (Mark(mark("has", "attachment")),),
    "attachments": (Mark(mark("has", "attachment")),),
    "image": tuple(Mark(mark("type", one)) for one in TYPES["image"]),
    "link": (Mark(mark("has", "link")),),
}
EVENTS: Final[Mapping[str, tuple[Term, ...]]] = {
    "delivered": (Asked("delivered", "yes"),),
    "delayed": (Mark(mark("event", "delayed")),),
    "failed": (Mark(mark("event", "failed")),),
    "bounced": (Mark(mark("event", "bounced")),),
    "blocked": (Mark(mark("fate", Fate.REFUSED.value)), Mark(mark("fate", Fate.HELD.value))),
    **{fate.value: (Mark(mark("fate", fate.value)),) for fate in Fate},
}
REASONS: Final[Mapping[str, str | tuple[str, ...]]] = {
    "multi-recipient": "several_customers",
    "too-large": "attachments_too_large",
    "virus": "virus",
    "expired": ("closed", "not_yet_open"),
    "unknown-sender": ("unknown_writer", "unproven", "disowned"),
    "blocked-type": "attachment_type",
    "third-party": "third_party",
    "too-many": "rate",
    "leak": "leak",
    "contact-details": "contact_details",
}
HIDDEN: Final[Mapping[str, str | tuple[str, ...]]] = {
    "address": "address",
    "phone": "phone number",
    "name": "name",
    "link": "link",
    "image": "image",
    "iban": "bank account",
    "metadata": "metadata",
    "signature": "signature",
    "card": "contact card",
}
ALIGNMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "dmarc=pass": ("aligned",),
    "dmarc=fail": ("forbidden", "disowned", "unaligned"),
    "dmarc=none": ("no_means",),
    "aligned": ("aligned",),
    "unaligned": ("unaligned",),
    "forbidden": ("forbidden",),
    "disowned": ("disowned",),
}


def _reason(reader: _Reader, value: str, excluded: bool) -> Term | None:
    """By its usual name, or as it is kept."""
    if value.lower() in REASONS or "," in value:
        return _one_of("reason", REASONS)(reader, value, excluded)
    if not words(value):
        raise NotDone(f"reason: is one of {', '.join(REASONS)}")
    return _marked("reason", (value,), excluded)


OPERATORS: Final[Mapping[str, _Read]] = {
    "booking": _booking,
    "by": _one_of("by", _ROLES),
    "from": _person("from", lambda role: role),
    "to": _person("to", lambda role: role.other),
    "alias": _alias,
    "party": _asked("party", "01HV…"),
    "real": _real,
    "subject": _in("subject", Where.SUBJECT),
    "body": _in("body", Where.TEXT),
    "new": _in("new", Where.NEW),
    "quoted": _in("quoted", Where.QUOTED),
    "filename": _in("filename", Where.FILES),
    "conv": _conversation,
    "product": _free("product", "old-town"),
    "provider": _free("provider", "alpine"),
    "state": _asked("state", "confirmed"),
    "activity": _activity,
    "date": _date("date"),
    "on": _date("on"),
    "after": _after,
    "before": _before,
    "older": _ago("older"),
    "newer": _ago("newer"),
    "sort": _sort,
    "has": _has,
    "type": _type,
    "larger": _size("larger"),
    "smaller": _size("smaller"),
    "lang": _free("lang", "pl"),
    "fate": _one_of("fate", {fate.value: fate.value for fate in Fate}),
    "event": _event,
    "reason": _reason,
    "code": _code,
    "hid": _one_of("hid", HIDDEN),
    "auth": _auth,
    "case": _asked("case", "12"),
    "is": _asked("is", "open", ("open", "decided", "closed", "disputed")),
    "assigned": _asked("assigned", "me"),
    "label": _asked("label", "no-show"),
    "hold": _hold,
    "mid": _exactly("mid", "<abc@mail.example>"),
    "sha256": _exactly("sha256", "9f86d081…"),
    "attachment": _not_answered("attachment", "what stands in files is not indexed; their names are: filename:"),
    "note": _not_answered("note", "notes stand with their case: label: and case: find those"),
    "viewed-by": _not_answered("viewed-by", "who looked at what is in the audit of accesses"),
    "erased": _not_answered("erased", "what was erased is not in the index"),
    "leaf": _not_answered("leaf", "the proof of a message stands with it: mid: and sha256: find it"),
    "silence": _not_answered("silence", "how long an answer took stands with the booking"),
    "reply-time": _not_answered("reply-time", "how long an answer took stands with the booking"),
    "dir": _not_answered("dir", "every message came in; by: says who wrote it"),
}
"""Every operator, with what its value is read as."""
ANSWERED: Final = frozenset(OPERATORS) - {"attachment", "note", "viewed-by", "erased", "leaf", "silence", "reply-time", "dir"}
