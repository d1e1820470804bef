"""Mail to the house itself: letters to its role addresses, reports at return paths. All of one message is one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from relay.errors import TakenEnough
from relay.store import accepting, alerts, outbox, timeline
from relay.store.alerts import Came
from relay.store.packing import Claimant, Packed
from relay.store.tables import deliveries, parties
from relay.store.timeline import Draft, Kind
from relay.transit.alarm import Alarm
from relay.transit.bounce import DAILY_CAP, Complained, Intake, Untold, reports_max
from relay.transit.delivery import Delivery
from relay.values import MessageId


def accept_house_mail(
    connection: Connection, packed: Packed, intake: Intake, *, now: datetime, lease: timedelta, worker: str
) -> tuple[Delivery, ...]:
    """Writes what `packing.packed_house_mail` made ready of `intake`, ends the deliveries that came back, and keeps complaints.

    Returns what goes out, the notices about what came back too, claimed for `worker` until `now + lease`, the first attempt
    begun. A delivery that had failed or was dropped before, or is unknown, changes nothing, and nobody is told again (CASE-25).

    Budgets are counted here, where nobody else can write: of several that come at once, each was judged before any other was
    here. Raises TakenEnough where every return path it came to has had all its reports, and it came nowhere else (CASE-54).
    """
    _count_report(connection, intake)
    claimed = accepting.write(connection, packed)
    claimant = Claimant(worker, now + lease)
    message = intake.envelope.id
    for bounce in intake.bounces:
        told = bounce.told
        if isinstance(told, Delivery) and accepting.is_one_too_many(connection, told, now):
            told = DAILY_CAP
        untold = told.reason if isinstance(told, Untold) else ""
        begun = (replace(told, attempts=told.attempts + 1),) if isinstance(told, Delivery) else ()
        ended = outbox.bounced(
            connection, bounce.delivery, bounce.failed, now=now, notices=begun, untold=untold, claimant=claimant, report=message
        )
        claimed += begun if ended else ()
    for complaint in intake.complaints:
        _complained(connection, complaint, message, now)
    return claimed


def _count_report(connection: Connection, intake: Intake) -> None:
    if not intake.about:
        return
    counted = update(deliveries).where(deliveries.c.id.in_(intake.about)).values(reports=deliveries.c.reports + 1)
    reports = connection.execute(counted.returning(deliveries.c.reports)).scalars().all()
    if intake.to_return_paths_alone and all(one > reports_max for one in reports):
        raise TakenEnough("as many reports as are taken there")


def _complained(connection: Connection, complaint: Complained, message: MessageId, now: datetime) -> None:
    """It stands in the timeline; where it suspends, no mail goes to that party any more, and the house hears of it (FAULT-75)."""
    facts = {
        "message": message,
        "about": complaint.delivery,
        "party": complaint.party.value,
        "what": complaint.what,
        "suspended": complaint.suspends,
    }
    timeline.append(connection, [Draft(complaint.conversation, Kind.COMPLAINT, facts)], now)
    if not complaint.suspends:
        return
    stopped = (
        update(parties)
        .where(
            parties.c.conversation == complaint.conversation,
            parties.c.role == complaint.party.value,
            parties.c.suspended_at.is_(None),
        )
        .values(suspended_at=now)
    )
    connection.execute(stopped)
    alerts.raised(connection, Alarm.COMPLAINT, Came(complaint.conversation, complaint.party, message), now, complaint.what)
