"""How many shares of messages came to what: the other half of an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from typing import assert_never

from sqlalchemy import Connection, and_, func, select

from relay.store.exchange_tables import notifications
from relay.store.tables import State, deliveries, messages, passages
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries


class End(Enum):
    """What became of a message for one recipient, or of one to the house itself (invariant 4)."""

    DELIVERED = "delivered"
    NOTICE = "told its writer that it did not arrive"
    DUE = "under way"
    HELD = "held"
    DUPLICATE = "taken over before"
    TAKEN = "an answer about a booking"
    ABSORBED = "archived: automatic mail"
    UNCLAIMED = "archived: nobody says that they wrote it"
    UNTOLD = "failed, and nobody was to be told"
    ALERT = "failed, and the house was told"
    SPARED = "for nobody: dropped, or who it was for is not there any more"
    DROPPED = "dropped by an operator"
    UNKNOWN = "without an end"
    """An audit says why."""
    HOUSE = "to the house itself"


def tally(connection: Connection) -> Mapping[End, int]:
    """How many recipients' shares came to each end, in the order of `End`; ends that nothing came to are left out."""
    counted: Counter[End] = Counter()
    rendition = and_(
        deliveries.c.message == passages.c.message,
        deliveries.c.passage == passages.c.ordinal,
        deliveries.c.carries == Carries.RENDITION.value,
    )
    key = (
        passages.c.fate,
        passages.c.dropped_at.is_not(None),
        deliveries.c.state,
        deliveries.c.failure_notice.is_not(None),
    )
    question = select(*key, func.count()).select_from(passages).outerjoin(deliveries, rendition).group_by(*key)
    for fate, is_dropped, state, is_told, count in connection.execute(question):
        counted[_end(Fate(fate), State(state) if state is not None else None, bool(is_dropped), bool(is_told))] += count
    counted[End.HOUSE] += connection.execute(
        select(func.count()).select_from(messages).where(messages.c.aliases == "")
    ).scalar_one()
    return {end: counted[end] for end in End if counted[end]}


def tally_of_mail(connection: Connection) -> Mapping[End, int]:
    """The same of the mail about bookings: how many came to each end."""
    counted: Counter[End] = Counter()
    key = (deliveries.c.state, notifications.c.posted_at.is_not(None), notifications.c.parked_at.is_not(None))
    question = (
        select(*key, func.count()).select_from(notifications).outerjoin(deliveries, deliveries.c.id == notifications.c.delivery)
    )
    for state, is_posted, is_parked, count in connection.execute(question.group_by(*key)):
        counted[_end_of_mail(State(state) if state is not None else None, bool(is_posted), bool(is_parked))] += count
    return {end: counted[end] for end in End if counted[end]}


def _end_of_mail(state: State | None, is_posted: bool, is_parked: bool) -> End:
    match state:
        case None if is_parked:
            return End.HELD
        case None:
            return End.SPARED if is_posted else End.DUE
        case State.FAILED:
            return End.ALERT
        case _:
            return _end_of_delivery(state, is_told=False)


def _end(fate: Fate, state: State | None, is_dropped: bool, is_told: bool) -> End:
    match fate:
        case Fate.PASSED:
            return _end_of_delivery(state, is_told)
        case Fate.REFUSED:
            return End.NOTICE
        case Fate.HELD:
            return End.DROPPED if is_dropped else End.HELD
        case Fate.DUPLICATE:
            return End.DUPLICATE
        case Fate.TAKEN:
            return End.TAKEN
        case Fate.ABSORBED:
            return End.ABSORBED
        case Fate.UNCLAIMED:
            return End.UNCLAIMED
        case _:
            assert_never(fate)


def _end_of_delivery(state: State | None, is_told: bool) -> End:
    match state:
        case State.DUE:
            return End.DUE
        case State.HELD:
            return End.HELD
        case State.DELIVERED:
            return End.DELIVERED
        case State.FAILED:
            return End.NOTICE if is_told else End.UNTOLD
        case State.DROPPED:
            return End.DROPPED
        case None:
            return End.UNKNOWN
        case _:
            assert_never(state)
