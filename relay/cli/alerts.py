"""`relay alerts`: what somebody at the house has to hear of (GW-54, FAULT-75, FAULT-101)."""

from __future__ import annotations

from typing import Annotated

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, instant, minute, table
from relay.transit.alarm import Alert


def alerts(
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    after: Annotated[int, typer.Option(min=0, max=2**62, metavar="NUMBER", help="Only those with a higher number.")] = 0,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List dead addresses, complaints, and mail of ours that could not be delivered, the oldest first."""
    from relay.store.alerts import listed

    with opened(config) as house, house.reading() as connection:
        found = listed(connection, limit, after)
    if json:
        all_as_json(
            [
                {
                    "number": one.number,
                    "at": instant(one.at),
                    "alarm": one.alarm.value,
                    "reference": one.reference,
                    "party": _party(one),
                    "message": one.message,
                    "notification": one.notification,
                    "detail": one.detail,
                    "told_at": instant(one.told_at),
                }
                for one in found
            ]
        )
        return
    table(
        ("number", "at", "alarm", "booking", "party", "message or mail", "detail"),
        [
            (
                *(str(one.number), minute(one.at), one.alarm.value, one.reference, _party(one) or "operators"),
                *(one.message or one.notification or "", one.detail),
            )
            for one in found
        ],
        none="no alerts",
    )


def _party(one: Alert) -> str | None:
    return one.party.value if one.party is not None else None
