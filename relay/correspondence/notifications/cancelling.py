"""What goes back when it is cancelled, in words: the tiers of a policy, and the one that was applied (SL-B2)."""

from __future__ import annotations

from relay.booking.booking import Actor
from relay.booking.cancellation import Tier
from relay.booking.offer import Rules
from relay.correspondence.languages import percent, words
from relay.correspondence.notifications import wording
from relay.correspondence.notifications.matter import Matter
from relay.values import Language


def terms_of_cancellation(matter: Matter) -> tuple[str, ...]:
    """Each tier in a sentence, the one with most days first. Goods without a date have no days that would count: nothing."""
    has_date = matter.booking.terms.occasion is not None
    return rules_of_cancellation(matter.rules, matter.recipient.language, has_date=has_date)


def rules_of_cancellation(rules: Rules, language: Language, *, has_date: bool) -> tuple[str, ...]:
    """The same of what is not booked yet."""
    tiers, said = rules.cancellation.tiers, words(language).gettext
    if not rules.customer_cancels:
        return (said(wording.BY_SUPPORT_ALONE),)
    if not has_date:
        return ()
    sentences = tuple(_tier(one, language) for one in tiers if one.basis_points)
    if not sentences:
        return (said(wording.NOTHING_BACK),)
    ends_early = tiers[-1].days_before > 0 or not tiers[-1].basis_points
    return (*sentences, said(wording.TIER_NONE)) if ends_early else sentences


def rule_applied(matter: Matter) -> str:
    """The tier that decided what a customer got back. Empty where they did not cancel, or nothing goes back."""
    booking, occasion = matter.booking, matter.booking.terms.occasion
    if matter.by is not Actor.CUSTOMER or occasion is None or booking.cancelled_at is None:
        return ""
    tier = matter.rules.cancellation.tier(booking.cancelled_at, occasion.starts_at, occasion.zone)
    return _tier(tier, matter.recipient.language) if tier is not None and tier.basis_points else ""


def _tier(tier: Tier, language: Language) -> str:
    share = percent(tier.basis_points, language)
    if not tier.days_before:
        return words(language).gettext(wording.TIER_LAST).format(share=share)
    return words(language).ngettext(*wording.TIER, tier.days_before).format(count=tier.days_before, share=share)
