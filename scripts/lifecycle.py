"""Write docs/lifecycle.md from the table of transitions: a diagram, and every row. `--check` only compares.

Conditions are the names of the guards and checks, read as sentences; the code beside them says what is answered where one does
not hold.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from relay.booking.booking import CLOSED, Actor, Stage  # noqa: E402 -- of this checkout, wherever it is run from
from relay.booking.transition import Transition  # noqa: E402
from relay.booking.transitions import TRANSITIONS  # noqa: E402

TARGET = ROOT / "docs" / "lifecycle.md"
HEAD = """# The life of a booking

Every step there is, as `relay/booking/transitions.py` has it. Written by `python scripts/lifecycle.py`; a test compares this page
with that table, so it is never behind.

A booking stands on a few small axes, and this page is about the first of them: the stage. What was paid the ledger tells,
whether a place is kept the hold, whether the two may write to each other the conversation; "contacted", "seen" and "overdue"
are facts beside them. A step is refused, with the reason and with what is possible instead, where no row fits, a condition
does not hold, or somebody else was faster.

## The stages

"""
TABLE = """
Late money and a new deadline lead out of *expired*, and nothing else does (T12, T19); a redemption that was a mistake leads back
from *completed* (T24). Asking again makes another booking (T18).

## The steps

Of several rows with the same act, the first whose conditions hold is taken. "Stays" is said where the stage does not change.
Mails go to the customer (C) or the partner (P). Reminders (N25 to N27) and what becomes of a refund (N21, N22) are no steps:
the forecast (`relay/booking/forecast.py`) says when somebody is reminded.

| row | act | by | from | to | conditions | causes | mails |
|---|---|---|---|---|---|---|---|
"""


def name(stage: Stage) -> str:
    """As a diagram wants it: without spaces."""
    return stage.value.replace(" ", "_")


def diagram() -> str:
    """Each way from one stage to another once, with the acts that lead along it."""
    ways: dict[tuple[Stage, Stage], list[str]] = {}
    for row in TRANSITIONS:
        for source in in_order(row.sources):
            if row.target is not None and row.target is not source:
                acts = ways.setdefault((source, row.target), [])
                acts.extend([row.act.value] if row.act.value not in acts else [])
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {name(Stage.DRAFT)}"]
    order = list(Stage)
    for (source, target), acts in sorted(ways.items(), key=lambda way: [order.index(one) for one in way[0]]):
        lines.append(f"    {name(source)} --> {name(target)}: {', '.join(acts)}")
    lines += [f"    {name(stage)} --> [*]" for stage in in_order(CLOSED)]
    return "\n".join([*lines, "```", ""])


def in_order(stages: Iterable[Stage]) -> list[Stage]:
    return [stage for stage in Stage if stage in stages]


def cells(row: Transition) -> list[str]:
    conditions = [one.__name__.replace("_", " ").strip() for one in (*row.guards, *row.checks)]
    mails = [f"{one.says.value} {one.to.value[0].upper()}" for one in row.mails]
    return [
        row.id,
        row.act.value,
        ", ".join(actor.value for actor in Actor if actor in row.actors),
        ", ".join(stage.value for stage in in_order(row.sources)),
        row.target.value if row.target is not None else "stays",
        ", ".join(conditions),
        ", ".join(effect.value for effect in row.effects),
        ", ".join(mails),
    ]


def page() -> str:
    rows = "".join(f"| {' | '.join(cells(row))} |\n" for row in TRANSITIONS)
    return HEAD + diagram() + TABLE + rows


def main() -> int:
    wanted = page()
    if "--check" in sys.argv:
        current = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
        if current != wanted:
            print("docs/lifecycle.md is behind the table: run `python scripts/lifecycle.py`", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
