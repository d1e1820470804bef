"""What differs between two versions of the terms, before and after (SL-5 to SL-7, SV-B4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from relay.booking.terms import Terms
from relay.correspondence.languages import money
from relay.correspondence.notifications import wording
from relay.correspondence.notifications.details import one_line, people, times
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.prices import discount_text, line_amount, line_text
from relay.correspondence.notifications.voice import Speech, Voice


class _Kind(Enum):
    """A line may be called like anything else, and is not mistaken for it."""

    FACT = "fact"
    LINE = "line"
    DISCOUNT = "discount"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class _Told:
    kind: _Kind
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was."""

    label: str
    before: str
    after: str


def comparison(matter: Matter, voice: Voice) -> tuple[Change, ...]:
    """The changes from the step before to now, the total last; empty where nothing came before."""
    return differences(*matter.compared, voice) if matter.compared is not None else ()


def differences(old: Terms, new: Terms, voice: Speech) -> tuple[Change, ...]:
    """What is not the same in two versions of the terms, the total last."""
    before, after = (_by_label(_told(terms, voice)) for terms in (old, new))
    none = voice.said(wording.NONE)
    # What is gone stands first, so that the total stays last.
    keys = dict.fromkeys((*(one for one in before if one not in after), *after))
    return tuple(
        Change(label, before.get((kind, label), none), after.get((kind, label), none))
        for kind, label in keys
        if before.get((kind, label)) != after.get((kind, label))
    )


def _by_label(told: Iterable[_Told]) -> dict[tuple[_Kind, str], str]:
    """The values by what they are; of lines that are called the same, all together."""
    values: dict[tuple[_Kind, str], list[str]] = {}
    for one in told:
        values.setdefault((one.kind, one.label), []).append(one.value)
    return {key: " + ".join(several) for key, several in values.items()}


def _told(terms: Terms, voice: Speech) -> Iterator[_Told]:
    """Everything that two versions may differ in."""
    said, language = voice.said, voice.language
    yield _Told(_Kind.FACT, said(wording.DATE_LABEL), times(terms.occasion, voice))
    if terms.place:
        yield _Told(_Kind.FACT, said(wording.PLACE_LABEL), one_line(terms.place))
    yield _Told(_Kind.FACT, said(wording.PEOPLE_LABEL), people(terms, voice))
    if terms.options:
        yield _Told(_Kind.FACT, said(wording.OPTIONS_LABEL), ", ".join(one_line(one) for one in terms.options))
    for line in terms.lines:
        yield _Told(_Kind.LINE, line_text(line, voice), line_amount(line, language))
    for discount in terms.discounts:
        yield _Told(_Kind.DISCOUNT, discount_text(discount, voice), money(-discount.amount(terms.subtotal), language))
    yield _Told(_Kind.TOTAL, said(wording.TOTAL_LABEL), money(terms.total, language) if terms.lines else said(wording.NO_PRICE))
