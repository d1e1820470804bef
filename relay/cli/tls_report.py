"""`relay tls-report`: how sessions with the hosts of domains were protected (RFC 8460)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, table
from relay.machine import clock


def tls_report(
    days: Annotated[int, typer.Option(min=1, max=30, help="Today and the days before it, in UTC.")] = 7,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show how sessions with other hosts were protected, by day, domain and policy; where mail goes by MX.

    A result is counted at most a minute after it came about. Reports are not sent to the domains.
    """
    from relay.store.transport import tls_counted

    since = (clock() - timedelta(days=days - 1)).date()
    with opened(config) as house, house.reading() as connection:
        counted = tls_counted(connection, since)
    if json:
        all_as_json(
            [
                {
                    "day": one.day.isoformat(),
                    "domain": one.domain,
                    "policy": one.followed,
                    "result": one.finding,
                    "sessions": one.sessions,
                }
                for one in counted
            ]
        )
        return
    table(
        ("day", "domain", "policy", "result", "sessions"),
        [(one.day.isoformat(), one.domain, one.followed, one.finding, str(one.sessions)) for one in counted],
        none="no session was counted",
    )
