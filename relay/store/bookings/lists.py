"""Bookings as somebody looks for them: filtered, in pages, counted.

A page begins after a cursor, the sort key of the last booking before: what comes or goes meanwhile moves nothing from one page to
another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select, true

from relay.booking.booking import Actor, BookingId, Keeping, RequiredAction, Stage
from relay.booking.partner import StaffId
from relay.booking.selection import TAB, Counts, Filter, Order, Tab
from relay.conversation import reference_characters_max
from relay.errors import NotDone, NotFound
from relay.store.booking_tables import booking_customers, bookings
from relay.store.bookings.catalogue import PARTNERS
from relay.store.bookings.records import Record, of_ids
from relay.store.catalogue_tables import id_characters_max, offers
from relay.store.folding import folded
from relay.store.rows import Found, from_micros, micros, text
from relay.store.unreached import is_unreached

page_max: Final = 500
references_max: Final = 1_000
"""Bookings that are ticked in one list."""
searched_characters_max: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the bookings; `next` is where the next page begins, None on the last."""

    items: tuple[Record, ...]
    next: str | None


def page(
    connection: Connection,
    wanted: Filter,
    *,
    now: datetime,
    order: Order = Order.NEWEST,
    limit: int = 50,
    after: str | None = None,
) -> Page:
    """At most `limit` and `page_max` of those that are `wanted`, those that follow the cursor `after`.

    Raises NotDone for a cursor that is none, or of another order.
    """
    limit = max(1, min(limit, page_max))
    chosen = select(bookings.c.id, *_sorted_by(order)).where(_condition(connection, wanted, now))
    if after is not None:
        chosen = chosen.where(_follows(order, after))
    rows = connection.execute(_ordered(chosen, order).limit(limit + 1)).all()
    items = of_ids(connection, [BookingId(row.id) for row in rows[:limit]])
    return Page(items, _cursor(order, rows[limit - 1]) if len(rows) > limit else None)


def counts(connection: Connection, wanted: Filter, *, now: datetime) -> Counts:
    """How many of those that are `wanted` there are of each kind, in whatever tab: one question for all of them (SV-21)."""
    everywhere = replace(wanted, tabs=frozenset(), stages=frozenset(), expired=True)
    c = bookings.c
    is_open = c.stage.in_([Stage.REQUESTED.value, Stage.COUNTERED.value])
    asked = select(
        c.stage,
        c.action,
        c.waits_for,
        func.count().label("number"),
        _number(and_(is_open, c.seen_at.is_(None))).label("unseen"),
        _number(and_(is_open, c.contacted_at.is_(None))).label("not_contacted"),
        _number(_is_overdue(now)).label("overdue"),
    )
    rows = connection.execute(asked.where(_condition(connection, everywhere, now)).group_by(c.stage, c.action, c.waits_for)).all()
    tabs, stages = dict.fromkeys(Tab, 0), dict.fromkeys(Stage, 0)
    actions, waits = dict.fromkeys(RequiredAction, 0), dict.fromkeys(Actor, 0)
    for row in rows:
        stages[Stage(row.stage)] += row.number
        tabs[TAB[Stage(row.stage)]] += row.number
        actions[RequiredAction(row.action)] += row.number
        if row.waits_for is not None:
            waits[Actor(row.waits_for)] += row.number
    unseen, not_contacted, overdue = (sum(int(row._mapping[name]) for row in rows) for name in _FACTS)
    return Counts(tabs, stages, actions, unseen, not_contacted, overdue, waits)


_FACTS: Final = ("unseen", "not_contacted", "overdue")


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of a group it holds for: the same words on both databases."""
    return func.count().filter(condition)


def _condition(connection: Connection, wanted: Filter, now: datetime) -> ColumnElement[bool]:
    c = bookings.c
    said: list[ColumnElement[bool]] = [true()]
    said += [_says(wanted.text)] if wanted.text.strip() else []
    said += [c.reference.in_(_references(wanted))] if wanted.references else []
    stages = _stages(wanted)
    said += [c.stage.in_(sorted(one.value for one in stages))] if stages != frozenset(Stage) else []
    said += [c.payment.in_(sorted(one.value for one in wanted.payments))] if wanted.payments else []
    said += [c.action.in_(sorted(one.value for one in wanted.actions))] if wanted.actions else []
    if wanted.promotion is not None:
        said.append(c.offer.in_(select(offers.c.id).where(offers.c.promotion == text(wanted.promotion, searched_characters_max))))
    for name in ("offer", "variant", "partner", "assignee", "composite"):
        if (value := getattr(wanted, name)) is not None:
            said.append(c[name] == text(value, id_characters_max + 1))
    if wanted.staff is not None:
        said.append(_seen_by(connection, wanted, wanted.staff))
    if wanted.customer is not None:
        said.append(c.id.in_(select(booking_customers.c.booking).where(booking_customers.c.key == wanted.customer.key)))
    if wanted.waits_for is not None:
        said.append(c.waits_for == wanted.waits_for.value)
    if wanted.hold is not None:
        said.append(and_(c.hold == wanted.hold.value, c.keeping != Keeping.RELEASED.value))
    for column, since, before in (
        (c.starts_at, wanted.starts_from, wanted.starts_before),
        (c.deadline, wanted.deadline_from, wanted.deadline_before),
    ):
        said += [column >= since] if since is not None else []
        said += [column < before] if before is not None else []
    said += [c.ends_at > wanted.ends_after] if wanted.ends_after is not None else []
    on_calendar = and_(c.assignee.is_not(None), c.starts_at.is_not(None))
    for fact, condition in (
        (wanted.overdue, _is_overdue(now)),
        (wanted.seen, c.seen_at.is_not(None)),
        (wanted.contacted, c.contacted_at.is_not(None)),
        (wanted.on_calendar, on_calendar),
        (wanted.blocked, c.release_blocked),
    ):
        if fact is not None:
            said.append(condition if fact else ~condition)
    if wanted.unreached is not None:
        condition = is_unreached(connection)
        said.append(condition if wanted.unreached else ~condition)
    return and_(*said)


def _stages(wanted: Filter) -> frozenset[Stage]:
    """Those that a filter lets through; expired ones only where something names them (OR-31)."""
    stages = frozenset(Stage)
    if wanted.stages:
        stages &= wanted.stages
    if wanted.tabs:
        stages &= {stage for stage, tab in TAB.items() if tab in wanted.tabs}
    named = wanted.expired or wanted.references or wanted.stages or wanted.tabs
    return stages if named else stages - {Stage.EXPIRED}


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    """Booking.is_overdue, as a condition; a test holds the two together."""
    c = bookings.c
    return and_(c.stage == Stage.AWAITING_PAYMENT.value, c.deadline.is_not(None), func.coalesce(c.deadline <= now, false()))


def _says(searched: str) -> ColumnElement[bool]:
    """In the reference, what the other side sees of the name, or the offer's title, whatever case and accents (SL-27)."""
    words = folded(text(searched.strip(), searched_characters_max))
    customers = select(booking_customers.c.booking).where(booking_customers.c.folded.contains(words, autoescape=True))
    titles = select(offers.c.id).where(offers.c.folded.contains(words, autoescape=True))
    return or_(
        func.lower(bookings.c.reference).contains(words, autoescape=True),
        bookings.c.id.in_(customers),
        bookings.c.offer.in_(titles),
    )


def _references(wanted: Filter) -> list[str]:
    if len(wanted.references) > references_max:
        raise NotDone(f"at most {references_max} bookings can be ticked")
    return [text(one, reference_characters_max + 1) for one in wanted.references]


def _seen_by(connection: Connection, wanted: Filter, staff: str) -> ColumnElement[bool]:
    """What that member of a partner's staff may see (OR-3): nothing, where the partner has nobody by that name."""
    if wanted.partner is None:
        raise NotDone("staff: of which partner has to be said")
    try:
        partner = PARTNERS.one(connection, wanted.partner)
    except NotFound:
        return false()
    member = partner.member(StaffId(staff))
    if member is None:
        return false()
    return true() if member.sees_team else bookings.c.assignee == staff


# Order and cursors: (is the instant missing, the instant, the id), so that what has no deadline or date comes last.

_LAST: Final = {Order.DEADLINE: bookings.c.deadline, Order.START: bookings.c.starts_at}


def _sorted_by(order: Order) -> tuple[ColumnElement[Any], ...]:
    return (_LAST[order].label("sorted_by"),) if order in _LAST else ()


def _ordered(chosen: Select[Any], order: Order) -> Select[Any]:
    if order not in _LAST:
        return chosen.order_by(bookings.c.id.desc())
    return chosen.order_by(_LAST[order].is_(None), _LAST[order], bookings.c.id)


def _cursor(order: Order, row: Found) -> str:
    if order not in _LAST:
        return str(row.id)
    return f"{order.value}.{'' if row.sorted_by is None else micros(row.sorted_by)}.{row.id}"


def _follows(order: Order, after: str) -> ColumnElement[bool]:
    after = text(after, 2 * id_characters_max)
    if order not in _LAST:
        return bookings.c.id < after
    try:
        named, instant, id_ = after.split(".", 2)
        at = from_micros(int(instant)) if instant else None
    except (ValueError, OverflowError):
        raise NotDone("cursor: no page begins there") from None
    if named != order.value:
        raise NotDone("cursor: it is one of another order")
    column = _LAST[order]
    if at is None:
        return and_(column.is_(None), bookings.c.id > id_)
    return or_(column.is_(None), column > at, and_(column == at, bookings.c.id > id_))
