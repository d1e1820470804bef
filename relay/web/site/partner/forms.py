"""What the forms of a partner's acts are filled with, and what was entered into them as something to be done.

Fields are those of the forms behind links (relay.correspondence.link_form), so one reading serves both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, Cause, reason_characters_max
from relay.booking.catalogue import Stock
from relay.booking.money import Money
from relay.booking.refunds import owed
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Discount, Terms
from relay.booking.transition import Effect
from relay.conversation import checked_instant
from relay.correspondence.languages import marked as _
from relay.correspondence.link_form import added_lines, alternatives, amount_text, local_text, shown_lines_max
from relay.correspondence.notifications.times import instant
from relay.web.booking_ports import Doing, Letter, NewTerms, Shown
from relay.web.link_terms import amount_of, instant_entered, offered_terms, offered_times, said_in_lines, written
from relay.web.site.forms import Entered

WITH_TERMS: Final = frozenset({Act.BOOK, Act.COUNTER, Act.PROPOSE})
_WRITES: Final = frozenset({Act.CONTACT})


class Wrong(ValueError):
    """What was entered cannot be meant. `name` is the field's, empty where it is the whole form's."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Filled:
    """One form: the values of its fields by their names, and what is chosen from."""

    act: Act
    values: Mapping[str, str]
    version: int
    terms_version: int
    rows: range = range(0)
    """The numbers of the lines that it has."""
    discounts: range = range(0)
    slots: Sequence[Stock] = ()
    letter: Letter | None = None
    ticked: frozenset[str] = frozenset()
    """Of the other times that are proposed, those that were ticked (SL-24)."""
    back: Mapping[str, Money] = field(default_factory=dict)
    """What goes back when it is cancelled, by the policy or all of it (SL-26)."""


def filled(act: Act, shown: Shown, situation: Situation, letter: Letter | None, slots: Sequence[Stock]) -> Filled:
    """The form before anybody entered anything (OR-24, OR-25)."""
    booking = shown.booking
    terms = booking.terms_in_question
    values: dict[str, str] = {}
    if letter is not None and act in _WRITES:
        values = {"subject": letter.subject, "text": letter.text}
    elif act in WITH_TERMS:
        values = _of_terms(terms, booking.zone) | {"staff": booking.assignee or ""}
    elif act is Act.REFUND:
        values = {"amount": amount_text(situation.account.refundable)}
    elif act is Act.EXTEND:
        values = {"until": local_text(booking.deadline, booking.zone)}
    elif act is Act.ASSIGN:
        values = {"staff": booking.assignee or ""}
    return Filled(
        act=act,
        values=values,
        version=booking.version,
        terms_version=terms.version,
        rows=range(len(terms.lines) + added_lines if len(terms.lines) <= shown_lines_max else 0),
        discounts=range(len(terms.discounts) + 1),
        slots=slots,
        letter=letter,
        back=_back(situation) if act is Act.CANCEL else {},
    )


def entered_again(form: Filled, entered: Entered) -> Filled:
    """The form with what somebody entered."""
    sent = {name: entered.raw(name) for name in entered.fields}
    return replace(form, values={**form.values, **sent}, ticked=frozenset(entered.all("alternative")))


def doing(act: Act, shown: Shown, situation: Situation, entered: Entered, version: int, by: str) -> Doing:
    """What was entered, as something to be done. Raises Wrong."""
    booking = shown.booking
    zone, sent = booking.zone, {name: entered.raw(name) for name in entered.fields}
    plain = Doing(act, Actor.PARTNER, by, version=version)
    match act:
        case Act.CONTACT:
            text = written(sent)
            if not text:
                raise Wrong("text", _("Please write something."))
            return replace(plain, reason=text)
        case Act.DECLINE | Act.TAKE_BACK | Act.CANCEL | Act.REFUND:
            plain = replace(plain, reason=_reason(act, shown, sent, entered))
            if act is Act.REFUND:
                return replace(plain, amount=_amount(sent.get("amount", ""), situation))
            return replace(plain, cause=_cause(sent.get("cause", ""))) if act is Act.CANCEL else plain
        case Act.ACCEPT:
            return replace(plain, terms_version=_whole("terms_version", sent))
        case Act.BOOK | Act.COUNTER | Act.PROPOSE:
            staff = entered.line("staff") or None
            preview(shown, sent, ())
            return replace(plain, terms=new_terms(shown, sent), staff=staff if act is Act.BOOK else None)
        case Act.EXTEND:
            try:
                until = instant_entered(sent.get("until", ""), zone)
            except ValueError:
                until = None
            if until is None:
                raise Wrong("until", _("A date and a time are needed."))
            return replace(plain, until=until)
        case Act.TAKE_PAYMENT:
            return replace(plain, amount=situation.outstanding)
        case Act.ASSIGN:
            return replace(plain, staff=entered.line("staff") or None)
        case _:
            return plain


def new_terms(shown: Shown, sent: Mapping[str, str]) -> NewTerms:
    """Raises Wrong."""
    booking = shown.booking
    try:
        return offered_terms(sent, booking.terms_in_question, booking.zone)
    except ValueError as why:
        raise _wrong(why) from None


def preview(shown: Shown, sent: Mapping[str, str], slots: Sequence[Stock]) -> Terms:
    """The terms as they would be: what the form comes to, before anybody sends it (SL-7). Raises Wrong."""
    base, new = shown.booking.terms_in_question, new_terms(shown, sent)
    chosen = next((one.slot.occasion for one in slots if one.slot.id == new.slot), new.occasion)
    given = {
        name: value
        for name in ("lines", "discounts", "participants", "options", "place", "note")
        if (value := getattr(new, name)) is not None
    }
    try:
        return replace(base, version=base.version + 1, slot=None, occasion=chosen or base.occasion, **given)
    except ValueError as why:
        raise _wrong(why) from None


_SENTENCES: Final = {
    "date": _("Please check the dates: it begins before it ends."),
    "number": _("How many: a whole number is needed."),
    "participants": _("For how many: a whole number above zero is needed."),
    "line": _("Please check the lines: each needs a text, a whole number and a price."),
    "amount": _("Please check the prices: write them like 12.50."),
    "discount": _("Please check the discounts: an amount or a share above zero, and no more than all lines come to."),
}
_CHECK: Final = _("Please check dates, numbers and prices.")


def _wrong(why: ValueError) -> Wrong:
    """In the words of the page, by the name with which the core's sentence begins."""
    name = str(why).partition(": ")[0]
    return Wrong(name if name in _SENTENCES else "", _SENTENCES.get(name, _CHECK))


def _of_terms(terms: Terms, zone: ZoneInfo) -> dict[str, str]:
    occasion = terms.occasion
    values = {
        "begins": local_text(occasion.starts_at, zone) if occasion is not None else "",
        "ends": local_text(occasion.ends_at, zone) if occasion is not None else "",
        "participants": str(terms.participants),
        "place": terms.place,
        "options": "\n".join(terms.options),
    }
    for number, line in enumerate(terms.lines):
        values |= {f"what{number}": line.text, f"quantity{number}": str(line.quantity), f"price{number}": amount_text(line.unit)}
    for number, one in enumerate(terms.discounts):
        values |= {f"less_what{number}": one.text, f"less{number}": _less(one)}
    return values


def _less(one: Discount) -> str:
    if one.fixed is not None:
        return amount_text(one.fixed)
    return f"{(one.basis_points or 0) / 100:.2f}".rstrip("0").rstrip(".") + " %"


def _reason(act: Act, shown: Shown, sent: Mapping[str, str], entered: Entered) -> str:
    """With the other times that are offered instead, in the language of whoever reads it (SL-24)."""
    text = said_in_lines(sent.get("reason", ""))
    if act is Act.DECLINE:
        zone, reader = shown.booking.zone, shown.customer.language
        others = dict.fromkeys((*_ticked(entered), *_others(sent, shown)))
        text = "\n".join((*((text,) if text else ()), *(f"– {instant(one, zone, reader)}" for one in others)))
    if len(text) > reason_characters_max:
        raise Wrong("reason", _("This text is too long."))
    return text


def _ticked(entered: Entered) -> list[datetime]:
    try:
        return [checked_instant(datetime.fromisoformat(one), "alternative") for one in entered.all("alternative")[:alternatives]]
    except ValueError:
        raise Wrong("", _CHECK) from None


def _others(sent: Mapping[str, str], shown: Shown) -> tuple[datetime, ...]:
    try:
        return offered_times(sent, shown.booking.zone)
    except ValueError:
        raise Wrong("other1", _("A date and a time are needed.")) from None


def _amount(text: str, situation: Situation) -> Money:
    left = situation.account.refundable
    try:
        amount = amount_of(text, left.currency)
    except ValueError:
        raise Wrong("amount", _("An amount is needed, for example 12.50.")) from None
    if not 0 < amount.minor <= left.minor:
        raise Wrong("amount", _("An amount above zero is needed, and no more than what is left of what was paid."))
    return amount


def _cause(text: str) -> Cause:
    try:
        return Cause(text)
    except ValueError:
        raise Wrong("cause", _("Please choose a cause.")) from None


def _whole(name: str, sent: Mapping[str, str]) -> int:
    written_ = sent.get(name, "")
    if not written_.isascii() or not written_.isdigit() or len(written_) > len("1000000000"):
        raise Wrong("", _("Please load the page again."))
    return int(written_)


def _back(situation: Situation) -> dict[str, Money]:
    """What goes back when the partner cancels, and when the customer asked for it and the policy holds."""

    def due(cause: Cause) -> Money:
        return owed(situation, Effect.COMPUTE_REFUND, Wish(Act.CANCEL, Actor.PARTNER, "", cause=cause))

    return {"all": due(Cause.OPERATIONAL), "policy": due(Cause.CUSTOMER_ASKED_BY_POLICY)}
