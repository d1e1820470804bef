"""The forms behind links that decide: their fields in the order of reading, filled in as far as it is known what goes there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, reason_characters_max
from relay.booking.link import Allows, Link
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.booking.terms import participants_max, quantity_max
from relay.booking.texts import line_characters_max, text_characters_max
from relay.correspondence.languages import marked as _
from relay.correspondence.link_wording import CAUSES
from relay.correspondence.notifications import buttons
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.voice import Voice

shown_lines_max: Final = 20
"""Lines of the terms that a form can change; terms with more of them keep theirs."""
added_lines: Final = 2
alternatives: Final = 3
subject_max: Final = 150
written_max: Final = reason_characters_max - subject_max - 2
"""Subject and text travel together, as the reason of a step."""
_local: Final = "%Y-%m-%dT%H:%M"

ADVICE: Final = _("Best write to the customer first, say why, and point to another date.")
REASON: Final = _("Why")
REASON_READ: Final = _("The customer reads this as you write it.")
REASON_READ_BY_PARTNER: Final = _("The provider reads this as you write it. You need not say why.")
OTHER_TIMES: Final = _("Other times that you can offer")
TIMES_OF: Final = _("Times are those of {zone}.")
RECIPIENT: Final = _("To")
SUBJECT: Final = _("Subject")
TEXT: Final = _("Your message")
BEGINS: Final = _("Begins")
ENDS: Final = _("Ends")
PARTICIPANTS: Final = _("For how many")
WHAT: Final = _("What")
QUANTITY: Final = _("How many")
PRICE_EACH: Final = _("Price of one, in {currency}")
A_LINE: Final = _("Line {number}")
A_FURTHER_LINE: Final = _("A further line")
DISCOUNT: Final = _("A further discount")
DISCOUNT_TEXT: Final = _("What for")
DISCOUNT_AMOUNT: Final = _("How much less, in {currency}")
NOTE: Final = _("What you say about it")
VALID_UNTIL: Final = _("Valid until")
WHEN: Final = _("When")
SEND: Final = _("Send")
OFFER: Final = _("Offer these terms")
PROPOSE: Final = _("Propose this change")
REFUSE: Final = _("Refuse the change")
ACCEPT_CHANGE: Final = _("Accept the change")
CAUSE: Final = _("Cause")
TAKE_BACK: Final = _("Take the acceptance back")
WRITE_FIRST: Final = _("Write to the customer instead")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind` is that of an HTML input, "textarea", or "shown" for what cannot be changed."""

    name: str
    label: str
    kind: str = "text"
    value: str = field(default="", repr=False)
    hint: str = ""
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    """Of a "select": values and what they are called."""
    characters_max: int = line_characters_max


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; without a legend they stand alone."""

    legend: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """`does` and `token` and `version` go back with it. `is_main`: its button is the one to press."""

    does: str
    version: int
    token: str
    button: str
    groups: tuple[Group, ...] = ()
    title: str = ""
    advice: str = ""
    is_main: bool = True


@dataclass(frozen=True, slots=True)
class Writer:
    """What a form to write is filled with: whom it goes to, a subject and a text (OR-24, SL-24)."""

    to: str
    subject: str = field(repr=False)
    text: str = field(repr=False)


def form(
    link: Link, act: Act | None, matter: Matter, voice: Voice, token: str, writer: Writer | None, entered: Mapping[str, str]
) -> Form | None:
    """The form by which that link does what it is for; None where it only shows. `entered` beats what is known."""
    version = matter.booking.version
    if link.allows in {Allows.CONTACT, Allows.ANSWER}:
        return Form("write", version, token, voice.said(SEND), _writing(link, voice, writer or Writer("", "", ""), entered))
    if link.allows is Allows.PAY:
        return Form("pay", version, token, voice.said(buttons.PAY.label))
    if link.allows is Allows.ASK_AGAIN:
        return Form("act", version, token, voice.said(buttons.ASK_AGAIN.label))
    if act is None:
        return None
    label = ACCEPT_CHANGE if act is Act.ACCEPT and matter.booking.proposal is not None else _BUTTONS[act, link.actor]
    return Form("act", version, token, voice.said(label), _groups(link, act, matter, voice, entered), advice=_advice(act, voice))


_BUTTONS: Final = {
    (Act.ACCEPT, Actor.PARTNER): buttons.ACCEPT_REQUEST.label,
    (Act.ACCEPT, Actor.CUSTOMER): buttons.ACCEPT_OFFER.label,
    (Act.DECLINE, Actor.PARTNER): buttons.DECLINE_REQUEST.label,
    (Act.WITHDRAW, Actor.CUSTOMER): buttons.WITHDRAW.label,
    (Act.COUNTER, Actor.PARTNER): OFFER,
    (Act.COUNTER, Actor.CUSTOMER): OFFER,
    (Act.PROPOSE, Actor.PARTNER): PROPOSE,
    (Act.PROPOSE, Actor.CUSTOMER): PROPOSE,
    (Act.REFUSE, Actor.PARTNER): REFUSE,
    (Act.REFUSE, Actor.CUSTOMER): REFUSE,
    (Act.TAKE_BACK, Actor.PARTNER): TAKE_BACK,
    (Act.CANCEL, Actor.PARTNER): buttons.CANCEL_BOOKING.label,
    (Act.CANCEL, Actor.CUSTOMER): buttons.CANCEL_BOOKING.label,
}


def _advice(act: Act, voice: Voice) -> str:
    return voice.said(ADVICE) if act is Act.DECLINE else ""


def _groups(link: Link, act: Act, matter: Matter, voice: Voice, entered: Mapping[str, str]) -> tuple[Group, ...]:
    match act:
        case Act.DECLINE:
            needed = matter.rules.decline_needs_reason
            reason = _reason(voice, REASON_READ, entered, is_required=needed)
            zone = matter.product.zone
            others = tuple(
                Field(f"other{one}", voice.said(BEGINS), "datetime-local", entered.get(f"other{one}", ""))
                for one in range(1, alternatives + 1)
            )
            times = Group(f"{voice.said(OTHER_TIMES)}. {voice.said(TIMES_OF, zone=zone.key)}", others)
            return (Group("", (reason,)), times)
        case Act.CANCEL if link.actor is Actor.PARTNER:
            causes = tuple((cause.value, voice.said(text)) for cause, text in CAUSES.items())
            cause = Field("cause", voice.said(CAUSE), "select", entered.get("cause", ""), is_required=True, choices=causes)
            return (Group("", (cause, _reason(voice, REASON_READ, entered, is_required=False))),)
        case Act.CANCEL | Act.TAKE_BACK | Act.WITHDRAW:
            read = REASON_READ if link.actor is Actor.PARTNER else REASON_READ_BY_PARTNER
            return (Group("", (_reason(voice, read, entered, is_required=False),)),)
        case Act.COUNTER | Act.PROPOSE:
            return _terms(matter, voice, entered)
        case _:
            return ()


def _reason(voice: Voice, hint: str, entered: Mapping[str, str], *, is_required: bool) -> Field:
    return Field(
        "reason",
        voice.said(REASON),
        "textarea",
        entered.get("reason", ""),
        voice.said(hint),
        is_required,
        characters_max=reason_characters_max,
    )


def _writing(link: Link, voice: Voice, writer: Writer, entered: Mapping[str, str]) -> tuple[Group, ...]:
    to = Field("to", voice.said(RECIPIENT), "shown", writer.to)
    subject = Field("subject", voice.said(SUBJECT), value=entered.get("subject", writer.subject), characters_max=subject_max)
    written = entered.get("text", writer.text)
    text = Field("text", voice.said(TEXT), "textarea", written, is_required=True, characters_max=written_max)
    return (Group("", (*((to,) if writer.to else ()), *((subject,) if link.allows is Allows.CONTACT else ()), text)),)


def _terms(matter: Matter, voice: Voice, entered: Mapping[str, str]) -> tuple[Group, ...]:
    """All of the terms that a form can say (SL-5 to SL-7)."""
    terms, zone, currency = matter.booking.terms, matter.product.zone, matter.booking.terms.currency

    def at(name: str, label: str, when: datetime | None) -> Field:
        return Field(name, voice.said(label), "datetime-local", entered.get(name, local_text(when, zone)))

    def text(name: str, label: str, value: str, kind: str = "text", most: int = line_characters_max) -> Field:
        return Field(name, voice.said(label, currency=currency), kind, entered.get(name, value), characters_max=most)

    occasion = terms.occasion
    when = Group(
        f"{voice.said(WHEN)}. {voice.said(TIMES_OF, zone=zone.key)}",
        (
            at("begins", BEGINS, occasion.starts_at if occasion else None),
            at("ends", ENDS, occasion.ends_at if occasion else None),
        ),
    )
    people = text("participants", PARTICIPANTS, str(terms.participants), "number", len(str(participants_max)))
    groups = [when, Group("", (people,))]
    if len(terms.lines) <= shown_lines_max:
        for number in range(len(terms.lines) + added_lines):
            line = terms.lines[number] if number < len(terms.lines) else None
            legend = voice.said(A_LINE, number=str(number + 1)) if line is not None else voice.said(A_FURTHER_LINE)
            fields = (
                text(f"what{number}", WHAT, line.text if line else ""),
                text(f"quantity{number}", QUANTITY, str(line.quantity) if line else "", "number", len(str(quantity_max))),
                text(f"price{number}", PRICE_EACH, amount_text(line.unit) if line else "", most=20),
            )
            groups.append(Group(legend, fields))
    groups.append(
        Group(
            voice.said(DISCOUNT),
            (text("discount_what", DISCOUNT_TEXT, ""), text("discount", DISCOUNT_AMOUNT, "", most=20)),
        )
    )
    note = Field("note", voice.said(NOTE), "textarea", entered.get("note", ""), characters_max=text_characters_max)
    return (*groups, Group("", (note, at("valid_until", VALID_UNTIL, None))))


def local_text(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as a field for a date and time has it, in `zone`."""
    return at.astimezone(zone).strftime(_local) if at is not None else ""


def amount_text(amount: Money) -> str:
    """An amount without its currency, as it is entered."""
    return f"{amount.amount:f}"
