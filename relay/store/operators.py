"""Every operator of the search box, with what its value is read as (AR-2).

One that nothing here can answer says so, and what to do instead: it is never a search for something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from relay.errors import NotDone
from relay.store.days import instant, period
from relay.store.folding import words
from relay.store.terms import Asked, Asking, Either, Mark, Query, Term, Where, id_mark, looked_for, mark
from relay.transit.crossing import Fate
from relay.values import Role


class Reading(Protocol):
    """A query that is being read: what an operator may know of it, and change."""

    @property
    def asking(self) -> Asking: ...

    @property
    def whole(self) -> Query: ...

    @property
    def bookings(self) -> list[str]:
        """References as they were typed."""
        ...

    def narrow(self, operator: str, **changes: object) -> None:
        """The whole search is changed: not something that holds for a part of it."""
        ...

    def received(self, operator: str, after: datetime | None, before: datetime | None) -> None:
        """Only what was received in [after, before), of what is looked for so far."""
        ...


_Read = Callable[[Reading, str, bool], Term | None]


def _marked(kind: str, values: tuple[str, ...], excluded: bool) -> Term:
    marks = tuple(Mark(mark(kind, value)) for value in dict.fromkeys(values))
    return replace(marks[0], excluded=excluded) if len(marks) == 1 else Either(marks, excluded)


def _listed(operator: str, value: str) -> tuple[str, ...]:
    """The values between commas."""
    found = tuple(filter(None, (one.strip() for one in value.split(","))))
    if not found:
        raise NotDone(f"{operator}: needs a value")
    return found


def _booking(reader: Reading, value: str, excluded: bool) -> Term:
    if not words(value):
        raise NotDone("booking: needs a reference, for example booking:GYG4K7Q2X9ABC")
    references = _listed("booking", value)
    if not excluded:
        reader.bookings.extend(references)
    return _marked("booking", references, excluded)


def _one_of(kind: str, values: Mapping[str, str | tuple[str, ...]], mark_kind: str = "") -> _Read:
    def read(_: Reading, value: str, excluded: bool) -> Term:
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

    def read(_: Reading, value: str, excluded: bool) -> Term:
        if not words(value):
            raise NotDone(f"{kind}: needs a value, for example {kind}:{example}")
        return _marked(kind, _listed(kind, value), excluded)

    return read


def _exactly(kind: str, example: str) -> _Read:
    """An id, of which every character counts."""

    def read(_: Reading, value: str, excluded: bool) -> Term:
        plain = value.strip("<> ")
        if not plain:
            raise NotDone(f"{kind}: needs a value, for example {kind}:{example}")
        return Mark(id_mark(kind, plain.lower() if kind != "mid" else plain), excluded)

    return read


def _in(kind: str, where: Where) -> _Read:
    def read(reader: Reading, value: str, excluded: bool) -> Term | None:
        found = looked_for(value, excluded, reveals=reader.asking.reveals, begun=value.endswith("*"), where=where)
        if found is None:
            raise NotDone(f'{kind}: needs words, for example {kind}:refund or {kind}:"meeting point"')
        return found

    return read


def _person(operator: str, of: Callable[[Role], Role]) -> _Read:
    """A party's role, an alias, or a name in From, To or Cc."""

    def read(reader: Reading, value: str, excluded: bool) -> Term | None:
        role = _ROLES.get(value.lower())
        if role is not None:
            return Mark(mark("by", of(Role(role)).value), excluded)
        if operator == "to" and "@" in value:
            return Mark(mark("alias", value.partition("@")[0]), excluded)
        return _in(operator, Where.PEOPLE)(reader, value, excluded)

    return read


def _alias(_: Reading, value: str, excluded: bool) -> Term:
    local = value.partition("@")[0]
    if not words(local):
        raise NotDone("alias: needs an alias, for example alias:customer-12ab3456cd78")
    return Mark(mark("alias", local), excluded)


def _conversation(_: Reading, value: str, excluded: bool) -> Term:
    if value.startswith("{"):
        raise NotDone("conv:{…} is not answered: what two messages of one conversation say is looked for with booking: and words")
    if not words(value):
        raise NotDone("conv: needs the id of a conversation")
    return _marked("conv", _listed("conv", value), excluded)


def _asked(kind: str, example: str, values: tuple[str, ...] = ()) -> _Read:
    """What the tables know."""

    def read(reader: Reading, value: str, excluded: bool) -> Term:
        plain = value.strip()
        if not plain:
            raise NotDone(f"{kind}: needs a value, for example {kind}:{example}")
        if values and plain.lower() not in values:
            raise NotDone(f"{kind}: is one of {', '.join(values)}")
        if kind == "assigned" and plain.lower() == "me":
            plain = reader.asking.account or plain
        return Asked(kind, plain, excluded)

    return read


def _real(reader: Reading, value: str, excluded: bool) -> Term:
    if not reader.asking.reveals:
        raise NotDone("real: looks for somebody's own address, which needs the office of a senior")
    if "@" not in value:
        raise NotDone("real: needs a whole address, for example real:anna@mail.example")
    return Asked("real", value, excluded)


def _activity(reader: Reading, value: str, excluded: bool) -> Term:
    after, before = period("activity", value, reader.asking)
    return Asked("activity", f"{after.isoformat()}/{before.isoformat()}", excluded)


def _event(_: Reading, value: str, excluded: bool) -> Term | None:
    terms: list[Term] = []
    for one in _listed("event", value):
        known = EVENTS.get(one.lower())
        if known is None:
            raise NotDone(f"event: is one of {', '.join(EVENTS)}")
        terms += known
    if len(terms) > 1 and any(isinstance(term, Asked) for term in terms):
        raise NotDone("event:delivered holds for the whole search, so it stands alone")
    return replace(terms[0], excluded=excluded) if len(terms) == 1 else Either(tuple(terms), excluded)


def _code(_: Reading, value: str, excluded: bool) -> Term:
    codes = _listed("code", value)
    if not all(one.isascii() and one.isdigit() and len(one) == 3 and one[0] in "45" for one in codes):
        raise NotDone("code: needs a code with which a server put off or refused, for example code:550")
    return _marked("code", codes, excluded)


def _auth(_: Reading, value: str, excluded: bool) -> Term:
    checked = value.lower().replace(":", "=")
    if checked in ALIGNMENTS:
        return _marked("auth", ALIGNMENTS[checked], excluded)
    if not re.fullmatch(r"(?:spf|dkim|dmarc|arc)=[a-z]{2,20}", checked):
        raise NotDone(f"auth: needs a check and its result, for example auth:spf=fail, or is one of {', '.join(ALIGNMENTS)}")
    return _marked("auth", (checked,), excluded)


def _type(_: Reading, value: str, excluded: bool) -> Term:
    endings: list[str] = []
    for one in _listed("type", value.lower()):
        endings += TYPES.get(one.lstrip("."), (one.lstrip("."),))
    if not all(words(one) for one in endings):
        raise NotDone("type: needs how names of files end, for example type:pdf")
    return _marked("type", tuple(endings), excluded)


def _has(_: Reading, value: str, excluded: bool) -> Term:
    terms: list[Term] = []
    for one in _listed("has", value):
        known = _HAS.get(one.lower())
        if known is None:
            raise NotDone(f"has: is one of {', '.join(_HAS)}")
        terms += known
    return replace(terms[0], excluded=excluded) if len(terms) == 1 else Either(tuple(terms), excluded)


def _hold(_: Reading, value: str, excluded: bool) -> Term:
    if value.lower() not in {"yes", "no"}:
        raise NotDone("hold: is one of yes, no")
    return Mark(mark("hold", "yes"), excluded != (value.lower() == "no"))


def _size(operator: str) -> _Read:
    def read(reader: Reading, value: str, excluded: bool) -> Term | None:
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


def _after(reader: Reading, value: str, excluded: bool) -> None:
    at = instant("after", value, reader.asking)
    reader.received("after", *((None, at) if excluded else (at, None)))


def _before(reader: Reading, value: str, excluded: bool) -> None:
    at = instant("before", value, reader.asking)
    reader.received("before", *((at, None) if excluded else (None, at)))


def _date(operator: str) -> _Read:
    def read(reader: Reading, value: str, excluded: bool) -> None:
        if excluded:
            raise NotDone(f"-{operator}: is not answered; say before: or after:")
        reader.received(operator, *period(operator, value, reader.asking))

    return read


def _ago(operator: str) -> _Read:
    def read(reader: Reading, value: str, excluded: bool) -> None:
        found = _AGO.fullmatch(value.strip().lower())
        if found is None:
            raise NotDone(f"{operator}: needs how long ago, for example {operator}:30d (h, d, w, m or y)")
        if reader.asking.now is None:
            raise NotDone(f"{operator}: needs a clock, and there is none here; say before: or after:")
        at = reader.asking.now - min(timedelta(hours=int(found["number"]) * _HOURS[found["unit"]]), _EVER)
        reader.received(operator, *((None, at) if (operator == "older") != excluded else (at, None)))

    return read


def _sort(reader: Reading, value: str, excluded: bool) -> None:
    if excluded or value.lower() not in {"new", "old"}:
        raise NotDone("sort: is one of new, old; what comes first by its words is not answered")
    reader.narrow("sort", oldest_first=value.lower() == "old")


def _not_answered(operator: str, instead: str) -> _Read:
    def read(_: Reading, value: str, excluded: bool) -> None:  # noqa: ARG001  as every operator
        raise NotDone(f"{operator}: is not answered here; {instead}")

    return read


_ROLES: Final = {role.value: role.value for role in Role} | {"provider": Role.PARTNER.value}
_SIZE: Final = re.compile(r"(?P<number>\d{1,9})(?P<unit>b|k|kb|kib|m|mb|mib)?")
_UNITS: Final = {"": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1024**2, "mb": 1024**2, "mib": 1024**2}
size_classes: Final = 30
"""Of messages by their size, each twice as large as the one before."""
_AGO: Final = re.compile(r"(?P<number>\d{1,4})(?P<unit>[hdwmy])")
_EVER: Final = timedelta(days=365 * 1_000)
"""Nothing is older, whatever number somebody writes."""
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


def _reason(reader: Reading, value: str, excluded: bool) -> Term | None:
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
