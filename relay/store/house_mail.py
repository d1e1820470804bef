"""Mail to the house itself: letters to its role addresses, reports at return paths. All of one message is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from relay.store import accepting, outbox
from relay.store.packing import Claimant, Packed
from relay.transit.bounce import Bounce, Untold
from relay.transit.delivery import Delivery


def accept_house_mail(
    connection: Connection, packed: Packed, bounces: Sequence[Bounce], *, now: datetime, lease: timedelta, worker: str
) -> tuple[Delivery, ...]:
    """Writes what `packing.packed_house_mail` made ready, and ends the deliveries that came back (GW-8, GW-42, GW-51).

    Returns what goes out, the notices of `bounces` too, claimed for `worker` until `now + lease`, the first attempt begun. A
    delivery that had failed or was dropped before, or is unknown, changes nothing, and nobody is told again (CASE-25).
    """
    claimed = accepting.write(connection, packed)
    claimant = Claimant(worker, now + lease)
    for bounce in bounces:
        untold = bounce.told.reason if isinstance(bounce.told, Untold) else ""
        begun = (replace(bounce.told, attempts=bounce.told.attempts + 1),) if isinstance(bounce.told, Delivery) else ()
        ended = outbox.bounced(
            connection, bounce.delivery, bounce.failed, now=now, notices=begun, untold=untold, claimant=claimant
        )
        claimed += begun if ended else ()
    return claimed
