"""The lifecycle of a booking: what an act comes to, by the table of all steps there are (relay.booking.transitions).

The first row that fits and whose guards hold is the one; what happens outside the table is refused with the reason, and with what
is possible instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relay.booking.booking import Actor, Stage
from relay.booking.situation import Act, Situation, Wish
from relay.booking.transition import Effect, Mail, Step, Transition
from relay.booking.transitions import TRANSITIONS
from relay.errors import Conflict

__all__: Final = ["TRANSITIONS", "Effect", "Mail", "NotAllowed", "Step", "Transition", "possible", "stepped"]


class NotAllowed(Conflict):
    """A step that is not in the table, or not now. `why` is a sentence for whoever wanted it; `possible`, what they may do.

    `objects` names the guard or check that does not hold, for programs; empty where the table has no such step.
    """

    def __init__(self, wish: Wish, why: str, possible: tuple[Act, ...], stage: Stage | None = None, objects: str = "") -> None:
        instead = f"; possible: {', '.join(one.value for one in possible)}" if possible else ""
        super().__init__(f"{wish.act.value}: {why}{instead}")
        self.why = why
        self.possible = possible
        self.stage = stage
        self.objects = objects


def stepped(of: Situation, wish: Wish) -> Step:
    """What `wish` comes to. Raises NotAllowed where it is not in the table, a guard objects, or what was written does not do."""
    rows = [row for row in TRANSITIONS if row.act is wish.act and of.booking.stage in row.sources]
    if not rows:
        raise _not_allowed(of, wish, f"not while it is {of.booking.stage.value}")
    rows = [row for row in rows if wish.actor in row.actors]
    if not rows:
        raise _not_allowed(of, wish, f"not by the {wish.actor.value}")
    row = next((row for row in rows if _objection(row, of) is None), None)
    if row is None:
        guard = next(guard for guard in rows[0].guards if guard(of) is not None)
        raise _not_allowed(of, wish, guard(of) or "", guard.__name__)
    for check in row.checks:
        if (wrong := check(of, wish)) is not None:
            raise _not_allowed(of, wish, wrong, check.__name__)
    stage = row.target or of.booking.stage
    since = of.now if row.target is not None else of.booking.since
    after = row.change(of, wish)
    made = max(after.terms_made, after.terms.version, after.proposal.version if after.proposal is not None else 0)
    booking = replace(after, stage=stage, since=since, version=of.booking.version + 1, terms_made=made)
    return Step(row.id, wish.act, wish.actor, wish.by, of.now, of.booking, booking, row.effects, row.mails, wish.reason.strip())


def possible(of: Situation, actor: Actor) -> tuple[Act, ...]:
    """What `actor` may do now, in the order of the table: buttons, menus and errors say the same."""
    acts = (
        row.act
        for row in TRANSITIONS
        if row.in_menu and of.booking.stage in row.sources and actor in row.actors and _objection(row, of) is None
    )
    return tuple(dict.fromkeys(acts))


def _not_allowed(of: Situation, wish: Wish, why: str, objects: str = "") -> NotAllowed:
    return NotAllowed(wish, why, possible(of, wish.actor), of.booking.stage, objects)


def _objection(row: Transition, of: Situation) -> str | None:
    return next((wrong for guard in row.guards if (wrong := guard(of)) is not None), None)
