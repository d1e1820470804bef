"""`relay audit`: every accepted message accounted for (invariant 4)."""

from __future__ import annotations

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, complain, say
from relay.machine import clock


def audit(config: ConfigFile = None, json: AsJson = False) -> None:
    """Check that every accepted message and every mail about a booking has its outcome, and that no timeline was changed;
    exit 1 when something is wrong.

    Counts how many came to what, for each recipient. With --json it prints what is wrong, and nothing else.
    """
    from relay.store import audits
    from relay.store.audit import unaccounted
    from relay.store.tally import tally, tally_of_mail

    with opened(config) as house:
        with house.reading() as connection:
            findings = unaccounted(connection, clock())
            counts, of_mail = tally(connection), tally_of_mail(connection)
        with house.writing() as connection:
            audits.made(connection, clock(), len(findings))
    if json:
        all_as_json([{"message": one.message, "recipient": one.passage, "problem": one.problem} for one in findings])
    for end, count in counts.items() if not json else ():
        say(f"{count:>9}  {end.value}")
    for end, count in of_mail.items() if not json else ():
        say(f"{count:>9}  mail about bookings: {end.value}")
    for one in findings if not json else ():
        share = "" if one.passage is None else f", recipient {one.passage}"
        say(one.problem if one.message is None else f"message {one.message}{share}: {one.problem}")
    if findings:
        complain(f"{len(findings)} not accounted for")
        raise typer.Exit(1)
    if not json:
        say("every accepted message is accounted for")
