"""What the tables say before the search index is asked: `real:anna@mail.example` are her bookings, `state:confirmed` those.

The index knows what stays as it is, or changes seldom; what changes often without any message, such as the state of a booking, is
looked up when it is asked for. Few bookings become words of the index, of which it finds each at once; many become a condition on
each message that it finds, which holds for the whole search alone (archive.md 4b).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from relay.booking.booking import Stage
from relay.errors import NotDone
from relay.store.booking_tables import bookings
from relay.store.days import covering
from relay.store.rows import micros
from relay.store.tables import State, conversations, parties, party_addresses
from relay.store.terms import Asked, Both, Either, Mark, Term, mark
from relay.transit.casework import CaseState
from relay.transit.delivery import Carries
from relay.values import RealAddress

bookings_max: Final = 500
"""Bookings that become words of the index."""
few_max: Final = 40
"""The same where a condition can stand instead: more words take the index longer than asking about each message that it finds."""
spans_max: Final = 200
"""Years, months and days that become words of the index."""
NOTHING: Final = Mark("\ue000nothing")
"""A mark that no message has."""


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL that holds for a message `m`, with its parameters."""

    sql: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Terms that the index answers, and what is asked of each message besides."""

    terms: tuple[Term, ...]
    conditions: tuple[Condition, ...] = ()


def resolved(connection: Connection, terms: Sequence[Term]) -> Resolved:
    """`terms` without any that only the tables can answer. Raises NotDone for one that describes too much for its place."""
    kept: list[Term] = []
    conditions: list[Condition] = []
    for number, term in enumerate(terms):
        if isinstance(term, Asked):
            answer = _answer(connection, term, number, few_max)
            if isinstance(answer, Condition):
                conditions.append(answer)
            else:
                kept.append(answer)
        else:
            kept.append(_within(connection, term))
    return Resolved(tuple(kept), tuple(conditions))


def _within(connection: Connection, term: Term) -> Term:
    match term:
        case Either() | Both():
            return replace(term, terms=tuple(_within(connection, one) for one in term.terms))
        case Asked():
            answer = _answer(connection, term, 0, bookings_max)
            if isinstance(answer, Condition):
                why = "" if term.kind == "delivered" else f" describes more than {bookings_max} bookings, so it"
                said = "event:delivered" if term.kind == "delivered" else f"{term.kind}:{term.value}"
                raise NotDone(f"{said}{why} holds for the whole search: it stands neither between parentheses nor beside OR")
            return answer
        case _:
            return term


def _answer(connection: Connection, term: Asked, number: int, words_max: int) -> Term | Condition:
    """`term` as words of the index where it describes at most `words_max` bookings; otherwise as a condition, if it can be."""
    if term.kind == "delivered":
        return _condition(_DELIVERED, term.excluded, {})
    if term.kind == "party":
        return _party(connection, term)
    if (of_cases := _of_cases(term)) is not None:
        return of_cases
    if term.kind == "activity" and (days := covering(*_span(term.value))) is not None and len(days) <= spans_max:
        return Either(tuple(Mark(mark("activity", one)) for one in days), term.excluded)
    found = [str(row.reference) for row in connection.execute(_QUESTIONS[term.kind](term.value).limit(bookings_max + 1))]
    if len(found) > (words_max if term.kind in _CONDITIONS else bookings_max):
        return _wide(term, number)
    if not found:
        return replace(NOTHING, excluded=term.excluded)
    return Either(tuple(Mark(mark("booking", one)) for one in dict.fromkeys(found)), term.excluded)


def _of_cases(term: Asked) -> Term | None:
    """What cases say of bookings: they change seldom, and the index learns the messages of the booking anew."""
    match term.kind:
        case "case":
            return Mark(mark("case", str(_number(term.value))), term.excluded)
        case "is" if term.value.lower() == "disputed":
            states = (one.value for one in CaseState if one is not CaseState.CLOSED)
            return Either(tuple(Mark(mark("is", one)) for one in states), term.excluded)
        case "is" | "assigned" | "label":
            return Mark(mark(term.kind, term.value), term.excluded)
        case _:
            return None


def _wide(term: Asked, number: int) -> Condition:
    """What describes many bookings, as a condition."""
    match term.kind:
        case "state":
            return _condition(
                _OF_STAGE.replace(":stage", f":stage{number}"), term.excluded, {f"stage{number}": _stage(term.value)}
            )
        case "activity":
            after, before = _span(term.value)
            names = {f"from{number}": micros(after), f"until{number}": micros(before)}
            sql = _OF_ACTIVITY.replace(":from", f":from{number}").replace(":until", f":until{number}")
            return _condition(sql, term.excluded, names)
        case _:
            raise NotDone(f"{term.kind}:{term.value} describes more than {bookings_max} bookings; say more")


def _condition(sql: str, excluded: bool, parameters: Mapping[str, object]) -> Condition:
    return Condition(f"NOT {sql}" if excluded else sql, parameters)


def _party(connection: Connection, term: Asked) -> Term:
    row = connection.execute(
        select(conversations.c.reference, parties.c.role)
        .join(conversations, conversations.c.id == parties.c.conversation)
        .where(parties.c.id == term.value)
    ).first()
    if row is None:
        return replace(NOTHING, excluded=term.excluded)
    return Both((Mark(mark("booking", row.reference)), Mark(mark("by", row.role))), term.excluded)


def _number(value: str) -> int:
    plain = value.lstrip("#")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise NotDone("case: needs a number, for example case:12")
    return int(plain)


def _stage(value: str) -> str:
    plain = value.lower().replace("-", " ").replace("_", " ")
    if plain not in {one.value for one in Stage}:
        raise NotDone(f"state: is one of {', '.join(one.value.replace(' ', '-') for one in Stage)}")
    return plain


def _span(value: str) -> tuple[datetime, datetime]:
    after, _, before = value.partition("/")
    return datetime.fromisoformat(after), datetime.fromisoformat(before)


def _of(table: Table, *where: ColumnElement[bool]) -> Select[tuple[str]]:
    return select(table.c.reference).where(*where).distinct()


def _active(value: str) -> Select[tuple[str]]:
    after, before = _span(value)
    return _of(conversations, conversations.c.activity_end >= after, conversations.c.activity_end < before)


def _real(value: str) -> Select[tuple[str]]:
    try:
        key = RealAddress(value).key
    except ValueError:
        raise NotDone("real: needs a whole address, for example real:anna@mail.example") from None
    return (
        select(conversations.c.reference)
        .join(parties, parties.c.conversation == conversations.c.id)
        .join(party_addresses, party_addresses.c.party == parties.c.id)
        .where(party_addresses.c.key == key)
        .distinct()
    )


_QUESTIONS: Final[Mapping[str, Callable[[str], Select[tuple[str]]]]] = {
    "state": lambda value: _of(bookings, bookings.c.stage == _stage(value)),
    "activity": _active,
    "real": _real,
}
"""The references of the bookings that each describes."""
_CONDITIONS: Final = frozenset({"state", "activity"})
"""Those of them that can be a condition."""
_DELIVERED: Final = (
    f"EXISTS (SELECT 1 FROM deliveries AS d WHERE d.message = m.id AND d.state = '{State.DELIVERED.value}'"  # noqa: S608
    f" AND d.carries = '{Carries.RENDITION.value}')"
)
_OF_STAGE: Final = (
    "EXISTS (SELECT 1 FROM passages AS p JOIN conversations AS c ON c.id = p.conversation"
    " JOIN bookings AS b ON b.reference = c.reference WHERE p.message = m.id AND b.stage = :stage)"
)
_OF_ACTIVITY: Final = (
    "EXISTS (SELECT 1 FROM passages AS p JOIN conversations AS c ON c.id = p.conversation"
    " WHERE p.message = m.id AND c.activity_end >= :from AND c.activity_end < :until)"
)
