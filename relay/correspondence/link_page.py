"""The page behind a link that decides: what it is about, exactly what its button does, and afterwards how it stands.

What is said of the booking is what a mail to the same person says of it; what people wrote is made fit by the same means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from relay.booking.booking import Actor, Stage
from relay.booking.link import Allows, Link
from relay.booking.situation import Act
from relay.correspondence import wording as frame
from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import words
from relay.correspondence.link_form import WRITE_FIRST, Form, Writer, form
from relay.correspondence.link_wording import ACCEPT_CHANGE, DONE, EXPLAINED, HEADLINES, SHOWN_HEADLINES, STAGES
from relay.correspondence.notifications.comparison import Change, comparison
from relay.correspondence.notifications.conditions import is_paid_first, was_paid
from relay.correspondence.notifications.details import Row, details
from relay.correspondence.notifications.known import known
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.prices import Price, prices
from relay.correspondence.notifications.times import instant
from relay.correspondence.notifications.voice import Voice
from relay.correspondence.notifications.wording import CHANGES_TITLE, PRICE_TITLE
from relay.values import Language

USED: Final = _("This link was used on {used}.")
STANDS: Final = _("It now stands so: {stage}.")
CHANGED_HEADLINE: Final = _("The terms have changed since")
CHANGED: Final = _("What you read is not what is offered now, so nothing was done.")
LATEST: Final = _("Please use the link in the latest mail about this booking.")
CLOSED_HEADLINE: Final = _("This is not possible any more")
CLOSED: Final = _("Somebody has already acted, or the time for it has passed. Nothing was done now.")
OVER_HEADLINE: Final = _("This link is no longer valid")
UNKNOWN_HEADLINE: Final = _("There is no such link")
EXACTLY: Final = _("Please open the link exactly as it stands in the mail.")
LOOK_AGAIN: Final = _("Something has changed since you opened this page. Please look again; nothing was done yet.")
SENT: Final = _("Your message is on its way.")
GOES_BACK: Final = _("{amount} goes back to where it was paid from, within {refund_days} working days.")
NOTHING_GOES_BACK: Final = _("Nothing of what was paid goes back.")
FEES: Final = _("Fees of the platform and of the payment are not returned.")
LEFT_OUT: Final = _("Please leave addresses, phone numbers and links out of your text: they are taken out.")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is booked, and what it costs."""

    rows: tuple[Row, ...] = field(repr=False)
    price_title: str
    prices: tuple[Price, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LinkPage:
    """The page, in the order of reading. `form` is None where there is nothing to do; `writing` is the one by which somebody
    writes to the other side instead. `alert` says what went wrong, or right, a moment ago."""

    language: str
    headline: str
    alert: str
    sentences: tuple[str, ...]
    changes_title: str
    changes: tuple[Change, ...]
    labelled: str
    support_button: str
    facts: Facts | None = None
    form: Form | None = None
    writing: Form | None = None


def open_page(
    link: Link,
    act: Act | None,
    matter: Matter,
    house: House,
    *,
    now: datetime,
    token: str,
    writer: Writer | None = None,
    alert: str = "",
    entered: Mapping[str, str] | None = None,
) -> LinkPage:
    """The page on which it can be done. `token` makes the form valid; `entered` is what was sent before and did not do.

    `alert` is a sentence in English, which is translated.
    """
    voice = _voice(matter, house, now)
    said = tuple(voice.said(one) for one in _explained(link, act, matter) if one)
    return LinkPage(
        language=voice.language.value,
        headline=voice.said(_headline(link, act, matter)),
        alert=voice.said(alert) if alert else "",
        sentences=said,
        changes_title=voice.said(CHANGES_TITLE),
        changes=comparison(matter, voice),
        form=form(link, act, matter, voice, token, writer if link.allows in _WRITING else None, entered or {}),
        writing=_writing_instead(link, matter, voice, token, writer),
        labelled=_labelled(voice),
        support_button=voice.said(frame.SUPPORT_BUTTON),
        facts=Facts(details(matter, voice), voice.said(PRICE_TITLE), prices(matter, voice)),
    )


def done_page(link: Link, matter: Matter, house: House, *, now: datetime) -> LinkPage:
    """What was done with the link, and how it stands: a link can be read after it was used."""
    voice = _voice(matter, house, now)
    used = instant(link.used_at, matter.product.zone, voice.language) if link.used_at is not None else ""
    return _shut(voice.said(DONE[link.allows]), (voice.said(USED, used=used), _stands(matter, voice)), matter, voice)


def changed_page(matter: Matter, house: House, *, now: datetime) -> LinkPage:
    """What has changed since the terms that were read; nothing can be done by it (SL-5)."""
    voice = _voice(matter, house, now)
    sentences = (voice.said(CHANGED), voice.said(LATEST))
    return _shut(voice.said(CHANGED_HEADLINE), sentences, matter, voice, comparison(matter, voice))


def closed_page(matter: Matter, house: House, *, now: datetime) -> LinkPage:
    """It cannot be done: how it stands instead."""
    voice = _voice(matter, house, now)
    return _shut(voice.said(CLOSED_HEADLINE), (voice.said(CLOSED), _stands(matter, voice)), matter, voice)


def over_page(matter: Matter, house: House, *, now: datetime) -> LinkPage:
    """The time of the link itself is over."""
    voice = _voice(matter, house, now)
    return _shut(voice.said(OVER_HEADLINE), (voice.said(LATEST), _stands(matter, voice)), matter, voice)


def no_such_link(language: Language) -> LinkPage:
    """The page of a link that leads nowhere."""
    said = words(language).gettext
    return LinkPage(
        language=language.value,
        headline=said(UNKNOWN_HEADLINE),
        alert="",
        sentences=(said(EXACTLY),),
        changes_title="",
        changes=(),
        labelled=said(frame.LABELLED),
        support_button=said(frame.SUPPORT_BUTTON),
    )


_WRITING: Final = frozenset({Allows.CONTACT, Allows.ANSWER})


def _voice(matter: Matter, house: House, now: datetime) -> Voice:
    return Voice(matter, known(matter, house, now))


def _is_of_a_change(act: Act | None, matter: Matter) -> bool:
    return act is Act.ACCEPT and matter.booking.proposal is not None


def _headline(link: Link, act: Act | None, matter: Matter) -> str:
    if _is_of_a_change(act, matter):
        return ACCEPT_CHANGE[0]
    return HEADLINES[act, link.actor] if act is not None and (act, link.actor) in HEADLINES else SHOWN_HEADLINES[link.allows]


def _explained(link: Link, act: Act | None, matter: Matter) -> tuple[str, ...]:
    """Exactly what the button does."""
    if _is_of_a_change(act, matter):
        return (ACCEPT_CHANGE[1],)
    by_act = EXPLAINED.get((act, link.actor)) if act is not None else EXPLAINED.get((link.allows, link.actor))
    first, at_once = by_act or ("", "")
    sentences = [first if is_paid_first(matter) or not at_once else at_once]
    if act is Act.CANCEL and was_paid(matter):
        gives_back = matter.amount is not None and matter.amount.minor > 0
        sentences += [GOES_BACK] if gives_back else [NOTHING_GOES_BACK]
        sentences += [FEES] if link.actor is Actor.PARTNER else []
    return (*sentences, *((LEFT_OUT,) if link.allows in _WRITING else ()))


def _writing_instead(link: Link, matter: Matter, voice: Voice, token: str, writer: Writer | None) -> Form | None:
    """Whoever declines is advised to write first, and can do so here (SL-24)."""
    if writer is None or link.allows is not Allows.DECLINE or link.actor is not Actor.PARTNER:
        return None
    written = form(replace(link, allows=Allows.CONTACT), None, matter, voice, token, writer, {})
    return replace(written, title=voice.said(WRITE_FIRST), is_main=False) if written is not None else None


def _labelled(voice: Voice) -> str:
    return voice.said(frame.LABELLED, label="{label}")


def _shut(headline: str, sentences: tuple[str, ...], matter: Matter, voice: Voice, changes: tuple[Change, ...] = ()) -> LinkPage:
    return LinkPage(
        language=voice.language.value,
        headline=headline,
        alert="",
        sentences=sentences,
        changes_title=voice.said(CHANGES_TITLE),
        changes=changes,
        labelled=_labelled(voice),
        support_button=voice.said(frame.SUPPORT_BUTTON),
        facts=Facts(details(matter, voice), voice.said(PRICE_TITLE), prices(matter, voice)),
    )


def _stands(matter: Matter, voice: Voice) -> str:
    stage: Stage = matter.booking.stage
    return voice.said(STANDS, stage=voice.said(STAGES[stage]))
