"""What an audit finds wrong."""

from __future__ import annotations

from dataclasses import dataclass

from relay.values import MessageId


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: with a message, with one of its recipients (`passage` is its number), or with neither of them."""

    message: MessageId | None
    passage: int | None
    problem: str
