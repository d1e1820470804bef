"""The facts of a booking as a notification lists them: what, when, how long, where, for how many (OR-16, OR-17, SL-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from relay.booking.booking import Stage
from relay.booking.notification import To
from relay.booking.terms import Occasion, Terms
from relay.correspondence.foreign import paragraphs, shown
from relay.correspondence.notifications import wording
from relay.correspondence.notifications.matter import Matter, Vocabulary
from relay.correspondence.notifications.times import beginning, duration, ending, instant, is_told_in, length
from relay.correspondence.notifications.voice import Speech, Voice

text_characters_max: Final = 200
note_lines_max: Final = 60

Row = tuple[str, tuple[str, ...]]
"""A label, and what stands beside it, in lines."""


def details(matter: Matter, voice: Voice) -> tuple[Row, ...]:
    """The rows, without those that have nothing to say."""
    terms, product, said = matter.booking.terms, matter.product, voice.said
    rows: list[Row] = [
        (said(wording.REFERENCE_LABEL), (one_line(matter.booking.reference),)),
        (said(wording.OFFER_LABEL), (one_line(product.offer),)),
        (said(wording.VARIANT_LABEL), (one_line(product.variant),)),
        *_dates(terms.occasion, matter, voice),
        (said(wording.DURATION_LABEL), (_duration(matter, voice),)),
        (said(wording.PLACE_LABEL), (one_line(terms.place or product.place),)),
        (said(wording.PEOPLE_LABEL), (people(terms, voice),)),
        (said(wording.OPTIONS_LABEL), tuple(one_line(one) for one in terms.options)),
        (said(wording.NOTE_LABEL), paragraphs(terms.note, note_lines_max)),
        _other(matter, voice),
        *_deadlines(matter, voice),
    ]
    return tuple((label, lines) for label, lines in rows if any(lines))


def one_line(text: str) -> str:
    """Words of others, fit for one row."""
    return shown(text, text_characters_max)


def people(terms: Terms, voice: Speech) -> str:
    """For how many it is."""
    return voice.counted(wording.PEOPLE, terms.participants)


def times(occasion: Occasion | None, voice: Speech) -> str:
    """When it is, in one line; what lasts several days with its end."""
    if occasion is None:
        return voice.said(wording.NO_DATE)
    ends = ending(occasion, occasion.zone, voice.language)
    begins = beginning(occasion, occasion.zone, voice.language)
    return f"{begins} – {ends}" if ends else begins


def _dates(occasion: Occasion | None, matter: Matter, voice: Voice) -> list[Row]:
    said, language = voice.said, voice.language
    if occasion is None:
        return [(said(wording.DATE_LABEL), (said(wording.NO_DATE),))]
    ends = ending(occasion, occasion.zone, language)
    rows: list[Row] = [
        (said(wording.BEGINS_LABEL if ends else wording.DATE_LABEL), (beginning(occasion, occasion.zone, language),)),
        (said(wording.ENDS_LABEL), (ends,)),
    ]
    zone = matter.recipient.zone
    if zone is not None and is_told_in(zone, occasion):
        theirs = (beginning(occasion, zone, language), ending(occasion, zone, language))
        rows.append((said(wording.YOUR_TIME_LABEL), tuple(filter(None, theirs))))
    return rows


def _duration(matter: Matter, voice: Voice) -> str:
    given, occasion = matter.product.duration, matter.booking.terms.occasion
    if isinstance(given, timedelta):
        return length(given, voice.language)
    if given:
        return one_line(given)
    return duration(occasion, voice.language) if occasion is not None else ""


def _other(matter: Matter, voice: Voice) -> Row:
    label = wording.CUSTOMER_LABEL if matter.recipient.to is To.PARTNER else wording.PARTNER_LABEL
    return voice.said(label), (one_line(matter.other_name),)


def _deadlines(matter: Matter, voice: Voice) -> list[Row]:
    """Until when something has to happen, as absolute times in the activity's zone (ST-15)."""
    booking, language = matter.booking, voice.language
    rows: list[Row] = []
    if booking.valid_until is not None:
        rows.append((voice.said(wording.GOODS_VALID_LABEL), (instant(booking.valid_until, matter.product.zone, language),)))
    if (until := matter.answer_by) is not None:
        is_offered = booking.stage is Stage.COUNTERED and matter.recipient.to is To.CUSTOMER
        label = wording.VALID_LABEL if is_offered else wording.ANSWER_BY_LABEL
        rows.append((voice.said(label), (instant(until, matter.product.zone, language),)))
    if booking.stage is Stage.AWAITING_PAYMENT and booking.deadline is not None:
        label = wording.RESERVED_LABEL if matter.vocabulary is Vocabulary.RESERVATION else wording.PAY_BY_LABEL
        rows.append((voice.said(label), (instant(booking.deadline, matter.product.zone, language),)))
    return rows
