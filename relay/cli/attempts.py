"""The attempts to deliver something, as commands show them: without the addresses that servers repeat (LEAK-86)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relay.cli.printing import Json, instant, one_line
from relay.masking import masked

if TYPE_CHECKING:
    from relay.store.archive import ArchivedDelivery

_characters_max = 500


def attempts_as_json(delivery: ArchivedDelivery, ours: str) -> list[Json]:
    return [
        {
            "number": attempt.number,
            "at": instant(attempt.at),
            "outcome": attempt.outcome,
            "cause": attempt.cause.value if attempt.cause is not None else None,
            "code": attempt.code,
            "text": masked(attempt.text, ours),
        }
        for attempt in delivery.attempts
    ]


def attempt_lines(delivery: ArchivedDelivery, ours: str) -> list[str]:
    return [
        one_line(
            f"{instant(one.at)}  attempt {one.number}: {one.outcome} {one.code or ''} {masked(one.text, ours)}", _characters_max
        )
        for one in delivery.attempts
    ]
