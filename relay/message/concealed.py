"""What people wrote, without any mail address: as those of the house read it who may not see one (AR-1, LEAK-86).

Whose an address is makes no difference, and dictating it is no way around: `zofia (at) poczta (dot) example`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from relay.masking import MASK, masked, written
from relay.message.dictated import dictated
from relay.message.normal import Normal


@dataclass(frozen=True, slots=True)
class Mention:
    """A mail address that stands at [start, end) of a text, written or dictated."""

    start: int
    end: int
    address: str = field(repr=False)


def mentions(text: str) -> Iterator[Mention]:
    """The mail addresses of `text`, in order: exactly those that `concealed` takes out of it. Linear in its length."""
    done = 0
    for one in dictated(Normal(text)):
        if one.start >= done:
            yield from _written(text, done, one.start)
            yield Mention(one.start, one.end, one.address)
            done = one.end
    yield from _written(text, done, len(text))


def concealed(text: str, ours: str = "") -> str:
    """`text` with mail addresses masked, written or dictated, but for those at the domain `ours`, which are aliases."""
    pieces, done = [], 0
    for one in dictated(Normal(text)):
        if one.start >= done:
            pieces += [text[done : one.start], MASK]
            done = one.end
    return masked("".join((*pieces, text[done:])), ours)


def _written(text: str, start: int, end: int) -> Iterator[Mention]:
    return (Mention(*one) for one in written(text, start, end))
