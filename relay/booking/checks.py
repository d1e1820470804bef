"""What has to hold of what somebody wrote, beside the guards of the step: each check says in one sentence why not, or None."""

from __future__ import annotations

from relay.booking.booking import Cause, reason_characters_max
from relay.booking.situation import Situation, Wish


def reason_fits(of: Situation, wish: Wish) -> str | None:
    """OR-36, ST-14: whoever wants to may say why."""
    return f"reason: at most {reason_characters_max} characters" if len(wish.reason) > reason_characters_max else None


def reason_suffices(of: Situation, wish: Wish) -> str | None:
    """T9: to be given where the house wants it."""
    if of.rules.decline_needs_reason and not wish.reason.strip():
        return "reason: the customer has to be told why"
    return reason_fits(of, wish)


def reason_is_given(of: Situation, wish: Wish) -> str | None:
    """T22: an operator who overrules says why (GY-B2)."""
    return reason_fits(of, wish) if wish.reason.strip() else "reason: it has to be said why"


def cause_is_given(of: Situation, wish: Wish) -> str | None:
    """T22, GY-B2: a partner names one of the causes; what befell them alone they describe."""
    if wish.cause is None:
        return f"cause: one of {', '.join(one.value for one in Cause)} is needed"
    return reason_is_given(of, wish) if wish.cause is Cause.ISOLATED else reason_fits(of, wish)


def assignee_is_another(of: Situation, wish: Wish) -> str | None:
    """OR-27"""
    return "assignee: it is theirs already" if wish.assignee == of.booking.assignee else None


def end_is_to_come(of: Situation, wish: Wish) -> str | None:
    """T25"""
    return None if wish.until is not None and wish.until > of.now else "end: a time to come is needed"


def terms_are_new(of: Situation, wish: Wish) -> str | None:
    """T5, T20: the next version, in the same currency, and valid."""
    terms, before = wish.terms, of.booking.terms
    if terms is None:
        return "terms: what is offered is missing"
    if terms.version != of.booking.terms_made + 1:
        return f"terms: the next version is {of.booking.terms_made + 1}; somebody else was faster"
    if terms.currency != before.currency:
        return f"terms: the currency stays {before.currency}"
    return None if terms.is_valid(of.now) else "terms: they would not be valid any more"


def version_is_that_read(of: Situation, wish: Wish) -> str | None:
    """SL-5, T7, T20: exactly the version that was read, and no other."""
    if wish.terms_version != of.booking.terms_in_question.version:
        return "the terms have changed since; read them again"
    return None


def deadline_is_later(of: Situation, wish: Wish) -> str | None:
    """T14"""
    if wish.until is None or wish.until <= of.now:
        return "deadline: a time to come is needed"
    occasion = of.booking.terms.occasion
    if occasion is not None and wish.until > occasion.starts_at:
        return "deadline: it cannot be after the start"
    return None


def amount_is_outstanding(of: Situation, wish: Wish) -> str | None:
    """T12: all that is due, at once."""
    return None if wish.amount == of.outstanding else f"amount: {of.outstanding} are due"


def amount_is_refundable(of: Situation, wish: Wish) -> str | None:
    """T23, SL-B3: never more than came in."""
    if wish.amount is None or wish.amount.minor <= 0:
        return "amount: more than nothing is needed"
    if wish.amount.currency != of.account.refundable.currency:
        return f"amount: it was paid in {of.account.refundable.currency}"
    return None if wish.amount <= of.account.refundable else f"amount: at most {of.account.refundable} can be refunded"
