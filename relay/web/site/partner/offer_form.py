"""What a partner enters about an offer or a variant, and what becomes of it.

Texts are edited in one language at a time: what is said in the others stays. Of the switches an empty field leaves to the level
above what it does: variant over offer over house (OR-10, SL-9). Nothing here is decided: the catalogue refuses what cannot be.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, TypeVar

from relay.booking.cancellation import Policy, Tier
from relay.booking.catalogue import Offer, OfferKind, Price, PriceKey, Variant, prices_max
from relay.booking.deadlines import Term
from relay.booking.money import BASIS, Money
from relay.booking.offer import DeadlinePolicy, Mode, Pay, Redeem, Rules, Switches
from relay.booking.partner import Partner, PaymentAccount
from relay.booking.partner import Tier as Profile
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.terms import participants_max
from relay.booking.texts import Text, Texts, line_characters_max, text_characters_max
from relay.correspondence.languages import marked as _
from relay.correspondence.link_wording import TELLS_YOU
from relay.masking import masked
from relay.values import Language
from relay.web.link_terms import amount_of
from relay.web.site.forms import Entered

E = TypeVar("E", bound=Enum)

MODES: Final = {
    Mode.INSTANT: _("Booked at once"),
    Mode.ON_REQUEST: _("On request only"),
    Mode.CUSTOM_REQUEST: _("Custom requests"),
    Mode.RESERVE: _("Reserved now, paid later"),
    Mode.VOUCHER: _("Voucher"),
}
DIRECT: Final = (Mode.INSTANT, Mode.RESERVE, Mode.VOUCHER)
ASKED: Final = frozenset({Mode.ON_REQUEST, Mode.CUSTOM_REQUEST})
KINDS: Final = {
    OfferKind.ONE_DAY: _("On one day"),
    OfferKind.SEVERAL_DAYS: _("Over several days"),
    OfferKind.GOODS: _("Goods or services without a date"),
}
PAYS: Final = {
    Pay.BEFORE_CONFIRMATION: _("Before it is confirmed"),
    Pay.AFTER_CONFIRMATION: _("After it is confirmed, by a link"),
    Pay.ON_SITE: _("On site"),
}
DEADLINES: Final = {
    DeadlinePolicy.NONE: _("Nothing happens by itself"),
    DeadlinePolicy.FLEXIBLE: _("The operator decides"),
    DeadlinePolicy.FIRM: _("It is released"),
}
REDEEMS: Final = {
    Redeem.BY_CODE: _("When its code is read"),
    Redeem.FIRST_DAY: _("By itself, when it begins"),
    Redeem.DAY_AFTER: _("By itself, a day after it began"),
}
ACTIONS: Final = {
    RequirementKind.SIGN: _("Sign a contract"),
    RequirementKind.HAND_OVER: _("Hand over names, contacts or other data"),
}
PROFILES: Final = {Profile.BASIC: _("Basic profile"), Profile.GOLD: _("Gold profile")}
ACCOUNTS: Final = {
    PaymentAccount.NONE: _("none yet"),
    PaymentAccount.PENDING: _("made, and not verified yet: look for the mail of the payment provider"),
    PaymentAccount.ACTIVE: _("active"),
}
OWN_TIERS: Final = _("By the lines below")
YES: Final = _("yes")
NO: Final = _("no")
tier_rows: Final = 5
spare_rows: Final = 2
"""Empty lines of a price list, for more."""
_DECIMAL: Final = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,4})?")

_NUMBER: Final = _("A number is needed.")
_TITLE: Final = _("A title of 1 to 500 characters is needed.")
_TOO_LONG: Final = _("This is too long.")
_MISSING: Final = _("This cannot be switched on: your house profile has to be Gold, and your payment account active.")
_TIERS: Final = _("The line with most days comes first and gives most back; shares are 0 to 100 percent.")
_WORDS: Final = _("Write what the customer has to do.")
_PRICES: Final = _("Each line needs a title and an amount that is not below zero, such as 45.00.")
_DATE: Final = _("This is no date.")

_SPANS: Final = {
    "lead_time": timedelta(hours=1),
    "horizon": timedelta(days=1),
    "pause": timedelta(minutes=1),
    "request_for": timedelta(hours=1),
}
"""The unit in which each is entered (SV-B5)."""


@dataclass(frozen=True, slots=True)
class Needs:
    """A precondition of custom requests, by its name (SL-2)."""

    name: str
    says: str
    is_met: bool


@dataclass
class Form:
    """What is in the fields, as text; `wrong` names what cannot be meant. Texts are those of `language`."""

    language: Language
    values: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        return self.wrong.get(name, "")


def needs(partner: Partner) -> tuple[Needs, ...]:
    """What custom requests take, and whether the partner has it: the house alone can set either (SL-2, SL-B6)."""
    return (
        Needs(_("Gold profile"), PROFILES[partner.tier], partner.tier is Profile.GOLD),
        Needs(_("Active payment account"), ACCOUNTS[partner.account], partner.account is PaymentAccount.ACTIVE),
    )


def said(texts: Texts | None, language: Language) -> str:
    """What is written in just that language."""
    return next((one.text for one in texts.said if one.language is language), "") if texts is not None else ""


def with_said(texts: Texts | None, language: Language, text: str) -> Texts | None:
    """`texts` with that in `language`, at its place; without it where it is empty. None where nothing is left."""
    before = texts.said if texts is not None else ()
    if not text:
        left = tuple(one for one in before if one.language is not language)
        return Texts(left) if left else None
    if any(one.language is language for one in before):
        return Texts(tuple(Text(language, text) if one.language is language else one for one in before))
    return Texts((*before, Text(language, text)))


def day_of(written: str) -> date:
    """A day as a browser sends it. Raises ValueError for what is none, and for years that nobody means."""
    day = date.fromisoformat(written)
    if not 2000 <= day.year <= 2999:
        raise ValueError("a year from 2000 to 2999 is needed")
    return day


def hours_text(span: timedelta | None, unit: timedelta) -> str:
    """So many units, with decimals where it takes them."""
    if span is None:
        return ""
    number = f"{Decimal(round(span / timedelta(seconds=1))) / Decimal(round(unit / timedelta(seconds=1))):.4f}"
    return number.rstrip("0").rstrip(".")


# An offer


def offer_form(offer: Offer, house: Rules, language: Language) -> Form:
    """The fields as the offer has them."""
    switches, rules = offer.switches, offer.switches.over(house)
    form = Form(language, _switch_values(switches))
    form.values |= {
        "title": said(offer.title, language),
        "place": offer.place,
        "staff_note": offer.staff_note,
        "any_staff": _yes(offer.any_staff),
        "closed": _yes(offer.is_closed),
        "valid_until": offer.valid_until.astimezone(offer.zone).date().isoformat() if offer.valid_until is not None else "",
        "on_request": _yes(rules.mode in ASKED),
        "custom": _yes(rules.mode is Mode.CUSTOM_REQUEST),
        "mode": (rules.mode if rules.mode in DIRECT else house.mode if house.mode in DIRECT else Mode.INSTANT).value,
        "how_to_redeem": said(offer.how_to_redeem, language),
        **_requirement_values(offer.requirement, language),
    }
    return form


def offer_entered(sent: Entered, offer: Offer, partner: Partner, house: Rules, language: Language) -> tuple[Form, Offer]:
    """The form as it was sent, and the offer with that; as it was, where something is wrong."""
    form = _as_sent(sent, language, _OFFER_LINES, _OFFER_TEXTS, _OFFER_TICKS)
    mode = Mode.CUSTOM_REQUEST if form["custom"] else Mode.ON_REQUEST if form["on_request"] else _member(Mode, form["mode"])
    if mode is None or (mode not in ASKED and mode not in DIRECT):
        mode = Mode.INSTANT
    before = offer.switches.over(house).mode
    if mode is not before and partner.missing_for(mode) is not None:
        form.wrong["custom"] = _MISSING
    own_mode = offer.switches.mode if mode is before else mode
    switches = replace(_switches_entered(form, offer.switches), mode=own_mode)
    changes: dict[str, Any] = {  # fields of a dataclass, by name
        "title": _title_entered(form, offer.title),
        "place": _bounded(form, "place", line_characters_max),
        "staff_note": _bounded(form, "staff_note", text_characters_max),
        "any_staff": bool(form["any_staff"]),
        "is_closed": bool(form["closed"]),
        "valid_until": _valid_until_entered(form, offer),
        "switches": switches,
        "how_to_redeem": _text_entered(form, "how_to_redeem", offer.how_to_redeem),
        "requirement": _requirement_entered(form, offer.requirement),
    }
    return form, _made(form, offer, changes)


_OFFER_LINES: Final = (
    *("title", "place", "valid_until", "mode", "action_kind", "action_hours", "pay", "deadline_policy", "days_after"),
    *("days_before", "customer_cancels", "decline_needs_reason", "redeem", "cancellation_by", *_SPANS),
    *(f"tier_{what}_{row}" for row in range(tier_rows) for what in ("days", "percent")),
)
_OFFER_TEXTS: Final = ("staff_note", "how_to_redeem", "action_text")
_OFFER_TICKS: Final = ("any_staff", "closed", "on_request", "custom")


def _valid_until_entered(form: Form, offer: Offer) -> datetime | None:
    """The end of that day in the offer's zone."""
    written = form["valid_until"]
    if not written:
        return None
    known = offer.valid_until
    if known is not None and known.astimezone(offer.zone).date().isoformat() == written:
        return known
    try:
        day = day_of(written)
    except ValueError:
        form.wrong["valid_until"] = _DATE
        return known
    return datetime.combine(day + timedelta(days=1), time(), offer.zone) - timedelta(minutes=1)


# A variant


def variant_form(variant: Variant, language: Language) -> Form:
    """The fields as the variant has them."""
    form = Form(language)
    form.values = {
        "title": said(variant.title, language),
        "mode": variant.switches.mode.value if variant.switches.mode is not None else "",
        "duration": hours_text(variant.duration, timedelta(hours=1)),
        "participants_max": str(variant.participants_max) if variant.participants_max != participants_max else "",
        "closed": _yes(variant.is_closed),
        **_price_values("price", variant.prices, language),
        **_price_values("option", variant.options, language),
    }
    return form


def variant_entered(
    sent: Entered, variant: Variant, partner: Partner, above: Rules, currency: str, language: Language
) -> tuple[Form, Variant]:
    """The form as it was sent, and the variant with that. `above`: the offer's rules over the house's."""
    rows = [f"{kind}_{what}_{row}" for kind in _ROWS for what in _ROWS[kind] for row in range(_rows_sent(sent, kind))]
    form = _as_sent(sent, language, ("title", "mode", "duration", "participants_max", *rows), (), ("closed",))
    mode = _member(Mode, form["mode"])
    before = variant.switches.over(above).mode
    if mode is not None and mode is not before and partner.missing_for(mode) is not None:
        form.wrong["mode"] = _MISSING
    duration = _span_entered(form, "duration", timedelta(hours=1), variant.duration)
    most = _whole(form, "participants_max")
    if most is not None and not 1 <= most <= participants_max:
        form.wrong["participants_max"] = _NUMBER
        most = None
    changes: dict[str, Any] = {  # fields of a dataclass, by name
        "title": _title_entered(form, variant.title),
        "switches": replace(variant.switches, mode=mode),
        "duration": duration,
        "participants_max": most or participants_max,
        "is_closed": bool(form["closed"]),
        "prices": _prices_entered(form, "price", variant.prices, currency),
        "options": _prices_entered(form, "option", variant.options, currency),
    }
    return form, _made(form, variant, changes)


_ROWS: Final = {"price": ("key", "title", "amount", "people"), "option": ("key", "title", "amount")}


def _rows_sent(sent: Entered, kind: str) -> int:
    return sum(f"{kind}_title_{row}" in sent.fields for row in range(prices_max))


def _price_values(kind: str, prices: tuple[Price, ...], language: Language) -> dict[str, str]:
    values: dict[str, str] = {}
    for row in range(min(prices_max, len(prices) + spare_rows)):
        one = prices[row] if row < len(prices) else None
        values[f"{kind}_key_{row}"] = one.key if one is not None else ""
        values[f"{kind}_title_{row}"] = said(one.title, language) if one is not None else ""
        values[f"{kind}_amount_{row}"] = f"{one.unit.amount:f}" if one is not None else ""
        values[f"{kind}_people_{row}"] = (str(one.people) if one is not None else "1") if kind == "price" else ""
    return values


def _prices_entered(form: Form, kind: str, before: tuple[Price, ...], currency: str) -> tuple[Price, ...]:
    """The lines that have an amount; one without a title in this language keeps those of others, and one that has neither is
    gone."""
    known, made = {one.key: one for one in before}, list[Price]()
    row = 0
    while f"{kind}_title_{row}" in form.values:
        title, amount = form[f"{kind}_title_{row}"], form[f"{kind}_amount_{row}"]
        old = known.get(PriceKey(form[f"{kind}_key_{row}"]))
        if title or amount:
            try:
                people = int(form[f"{kind}_people_{row}"] or "0") if kind == "price" else 0
                key = old.key if old is not None else PriceKey(secrets.token_hex(6))
                texts = with_said(old.title if old is not None else None, form.language, title)
                made.append(Price(key, texts or Texts(()), _money(amount, currency, old), people))
            except ValueError:
                form.wrong[f"{kind}_{row}"] = form.wrong[f"{kind}s"] = _PRICES
        row += 1
    return tuple(made)


def _money(written: str, currency: str, old: Price | None) -> Money:
    if old is not None and written == f"{old.unit.amount:f}":
        return old.unit
    return amount_of(written, currency)


# What both have


def _as_sent(sent: Entered, language: Language, lines: tuple[str, ...], texts: tuple[str, ...], ticks: tuple[str, ...]) -> Form:
    values = {name: sent.line(name) for name in lines} | {name: sent.text(name) for name in texts}
    return Form(language, values | {name: _yes(sent.is_ticked(name)) for name in ticks})


_ANY: Final = Rules(Mode.INSTANT)
T = TypeVar("T", Offer, Variant)


def _made(form: Form, before: T, changes: dict[str, Any]) -> T:  # fields of a dataclass, by name
    # Whoever reads the offer is on the other side; what is for the staff alone stays among them.
    telling = [name for name, value in form.values.items() if name != "staff_note" and masked(value) != value]
    for name in telling:
        form.wrong[name] = form.wrong[""] = TELLS_YOU
    if form.wrong:
        return before
    try:
        after = replace(before, **changes)
        # Spans are bounded where rules are made of them.
        after.switches.over(_ANY)
    except ValueError:
        form.wrong[""] = _("One of the values is not possible. Check lengths and numbers.")
        return before
    return after


def _title_entered(form: Form, before: Texts) -> Texts:
    written = form["title"]
    try:
        after = with_said(before, form.language, written)
    except ValueError:
        after = None
    if after is None or len(written) > line_characters_max:
        form.wrong["title"] = _TITLE
        return before
    return after


def _text_entered(form: Form, name: str, before: Texts | None) -> Texts | None:
    if len(form[name]) > text_characters_max:
        form.wrong[name] = _TOO_LONG
        return before
    return with_said(before, form.language, form[name])


def _bounded(form: Form, name: str, characters_max: int) -> str:
    if len(form[name]) > characters_max:
        form.wrong[name] = _TOO_LONG
        return ""
    return form[name]


def _requirement_values(one: Requirement | None, language: Language) -> dict[str, str]:
    if one is None:
        return {}
    return {
        "action_kind": one.kind.value,
        "action_text": said(one.instruction, language),
        "action_hours": hours_text(one.before_start, timedelta(hours=1)),
    }


def _requirement_entered(form: Form, before: Requirement | None) -> Requirement | None:
    """SV-2, SV-3, SV-13: none where no kind is chosen."""
    kind = _member(RequirementKind, form["action_kind"])
    if kind is None:
        return None
    instruction = _text_entered(form, "action_text", before.instruction if before is not None else None)
    span = _span_entered(form, "action_hours", timedelta(hours=1), before.before_start if before is not None else None)
    if instruction is None:
        form.wrong["action_text"] = _WORDS
        return before
    try:
        return Requirement(kind, instruction, span)
    except ValueError:
        form.wrong["action_hours"] = _NUMBER
        return before


def _switch_values(one: Switches) -> dict[str, str]:
    def word(value: Enum | None) -> str:
        return str(value.value) if value is not None else ""

    def tri(value: bool | None) -> str:
        return {None: "", True: "yes", False: "no"}[value]

    term = one.term
    values = {
        "pay": word(one.pay),
        "deadline_policy": word(one.deadline_policy),
        "days_after": str(term.days_after) if term is not None and term.days_after is not None else "",
        "days_before": str(term.days_before) if term is not None and term.days_before is not None else "",
        "customer_cancels": tri(one.customer_cancels),
        "decline_needs_reason": tri(one.decline_needs_reason),
        "redeem": word(one.redeem),
        "cancellation_by": "own" if one.cancellation is not None else "",
        **{name: hours_text(getattr(one, name), unit) for name, unit in _SPANS.items()},
    }
    for row, tier in enumerate(one.cancellation.tiers[:tier_rows] if one.cancellation is not None else ()):
        values[f"tier_days_{row}"] = str(tier.days_before)
        values[f"tier_percent_{row}"] = f"{Decimal(tier.basis_points) / 100:f}".removesuffix(".00")
    return values


def _switches_entered(form: Form, before: Switches) -> Switches:
    days_after, days_before = _whole(form, "days_after"), _whole(form, "days_before")
    try:
        term = Term(days_after, days_before) if (days_after, days_before) != (None, None) else None
    except ValueError:
        form.wrong["days_after"] = _NUMBER
        term = before.term
    tri = {"yes": True, "no": False}
    spans: dict[str, Any] = {  # fields of a dataclass, by name
        name: _span_entered(form, name, unit, getattr(before, name)) for name, unit in _SPANS.items()
    }
    return replace(
        before,
        pay=_member(Pay, form["pay"]),
        deadline_policy=_member(DeadlinePolicy, form["deadline_policy"]),
        term=term,
        cancellation=_tiers_entered(form) if form["cancellation_by"] == "own" else None,
        customer_cancels=tri.get(form["customer_cancels"]),
        decline_needs_reason=tri.get(form["decline_needs_reason"]),
        redeem=_member(Redeem, form["redeem"]),
        **spans,
    )


def _tiers_entered(form: Form) -> Policy | None:
    """SL-B2, OR-B1"""
    tiers = []
    try:
        for row in range(tier_rows):
            days, percent = form[f"tier_days_{row}"], form[f"tier_percent_{row}"]
            if days or percent:
                tiers.append(Tier(int(days), int(Decimal(percent.replace(",", ".")) * BASIS / 100)))
        return Policy(tuple(tiers))
    except (ValueError, InvalidOperation):
        form.wrong["cancellation"] = _TIERS
        return None


def _span_entered(form: Form, name: str, unit: timedelta, before: timedelta | None) -> timedelta | None:
    written = form[name].replace(",", ".")
    if not written:
        return None
    if before is not None and written == hours_text(before, unit):
        return before
    if not _DECIMAL.fullmatch(written):
        form.wrong[name] = _NUMBER
        return before
    number = Decimal(written)
    return timedelta(seconds=int(number * round(unit / timedelta(seconds=1))))


def _whole(form: Form, name: str) -> int | None:
    written = form[name]
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        form.wrong[name] = _NUMBER
        return None
    return int(written)


def _member(kind: type[E], written: str) -> E | None:
    return next((one for one in kind if one.value == written), None)


def _yes(held: bool) -> str:
    return "yes" if held else ""


def house_says(house: Rules) -> Mapping[str, str]:
    """What holds where a field is left empty, as text in English or figures, for the fields of which that can be said."""
    tri = {True: YES, False: NO}
    return {
        "pay": PAYS[house.pay],
        "deadline_policy": DEADLINES[house.deadline_policy],
        "customer_cancels": tri[house.customer_cancels],
        "decline_needs_reason": tri[house.decline_needs_reason],
        "redeem": REDEEMS[house.redeem],
        **{name: hours_text(getattr(house, name), unit) for name, unit in _SPANS.items()},
    }
