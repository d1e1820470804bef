"""What it costs, line by line, with discounts, before and after, and what was paid and given back of it (SL-6, SL-7)."""

from __future__ import annotations

from dataclasses import dataclass

from relay.booking.booking import OPEN, Stage
from relay.booking.money import Money
from relay.booking.terms import Discount, Line, Terms
from relay.correspondence.languages import money, percent
from relay.correspondence.notifications import wording
from relay.correspondence.notifications.conditions import outstanding
from relay.correspondence.notifications.details import one_line
from relay.correspondence.notifications.matter import Matter, Vocabulary
from relay.correspondence.notifications.voice import Speech, Voice
from relay.correspondence.notifications.wording import When
from relay.values import Language

_ASKED_FOR_MONEY = frozenset({Stage.AWAITING_PAYMENT, Stage.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Price:
    """A row of the price: what for, a remark below it, how much. `is_sum`: it stands out."""

    text: str
    amount: str
    remark: str = ""
    is_sum: bool = False


def prices(matter: Matter, voice: Voice) -> tuple[Price, ...]:
    """All rows, the total and what became of it last."""
    terms = matter.booking.terms
    if not terms.lines and matter.booking.stage in OPEN:
        return (Price(voice.said(wording.TOTAL_LABEL), voice.said(wording.NO_PRICE), is_sum=True),)
    rows = [*_lines(matter, voice)]
    if terms.discounts:
        rows.append(Price(voice.said(wording.SUBTOTAL_LABEL), money(terms.subtotal, voice.language)))
        rows += (_discount(one, terms, voice) for one in terms.discounts)
    rows.append(Price(voice.said(wording.TOTAL_LABEL), money(terms.total, voice.language), is_sum=True))
    return (*rows, *_ledger(matter, voice))


def line_text(line: Line, voice: Speech) -> str:
    """What a line is for; what is not of the price list is marked (SL-6)."""
    text = one_line(line.text)
    return voice.said(wording.EXTRA, text=text) if line.is_extra else text


def line_amount(line: Line, language: Language) -> str:
    """What a line comes to, with the quantity where there are several."""
    amount = money(line.amount, language)
    return f"{line.quantity} × {money(line.unit, language)} = {amount}" if line.quantity > 1 else amount


def discount_text(discount: Discount, voice: Speech) -> str:
    """What a discount is called, with its share where it is one."""
    text = voice.said(wording.DISCOUNT, text=one_line(discount.text))
    return f"{text} ({percent(discount.basis_points, voice.language)})" if discount.basis_points is not None else text


def _lines(matter: Matter, voice: Voice) -> list[Price]:
    until = voice.holding((When(_is_reserved, wording.RESERVED_UNTIL),))
    rows = []
    for line in matter.booking.terms.lines:
        counted = (f"{line.quantity} × {money(line.unit, voice.language)}",) if line.quantity > 1 else ()
        remark = ", ".join((*counted, *until))
        rows.append(Price(line_text(line, voice), money(line.amount, voice.language), remark))
    return rows


def _is_reserved(matter: Matter) -> bool:
    """Each line tells until when it is kept (ST-15)."""
    return matter.vocabulary is Vocabulary.RESERVATION and matter.booking.stage is Stage.AWAITING_PAYMENT


def _discount(discount: Discount, terms: Terms, voice: Voice) -> Price:
    return Price(discount_text(discount, voice), money(-discount.amount(terms.subtotal), voice.language))


def _ledger(matter: Matter, voice: Voice) -> list[Price]:
    """What came in and went back, and what is missing."""
    account = matter.account
    rows = []
    if account is not None:
        told = (
            (wording.PAID_LABEL, account.captured),
            (wording.REFUNDED_LABEL, account.refunded),
            (wording.REFUNDING_LABEL, account.refunding),
        )
        rows += [Price(voice.said(label), money(amount, voice.language)) for label, amount in told if amount]
    missing = outstanding(matter)
    if missing and matter.booking.stage in _ASKED_FOR_MONEY:
        amount = money(Money(missing, matter.booking.terms.currency), voice.language)
        rows.append(Price(voice.said(wording.OUTSTANDING_LABEL), amount, is_sum=True))
    return rows
