"""What both forms of a notification show, in the order of reading, support at the end (GY-26); the templates lay it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from relay.booking.booking import RequiredAction, Stage
from relay.booking.notification import Notification, To
from relay.correspondence.footer import SUPPORT_PATH
from relay.correspondence.foreign import paragraphs
from relay.correspondence.house import House
from relay.correspondence.notifications import asking, buttons, going, paying, wording
from relay.correspondence.notifications.cancelling import terms_of_cancellation
from relay.correspondence.notifications.comparison import Change, comparison
from relay.correspondence.notifications.conditions import is_change_proposed
from relay.correspondence.notifications.details import Row, details, one_line
from relay.correspondence.notifications.matter import Matter, Vocabulary
from relay.correspondence.notifications.prices import Price, prices
from relay.correspondence.notifications.voice import Voice
from relay.correspondence.notifications.wording import Wording
from relay.correspondence.wording import AUTOMATIC as NOT_ANSWERED
from relay.correspondence.wording import GREETING, LABELLED

N = Notification

WORDINGS: Final[dict[tuple[N, To], Wording]] = {**asking.WORDINGS, **paying.WORDINGS, **going.WORDINGS}
RESERVATIONS: Final[dict[tuple[N, To], Wording]] = {**paying.RESERVATIONS, **going.RESERVATIONS}
"""In the place of the others where something was reserved (ST-9)."""

COMPARED: Final = frozenset({N.COUNTER_OFFER, N.RESCHEDULED})
"""What shows the terms before and after."""
TO_BE_PAID: Final = frozenset({N.RESERVED, N.PLEASE_PAY, N.TERM_EXTENDED, N.UNPAID})
"""Where a customer who cannot pay on the provider's pages reads how else (OR-B2)."""
CANCELLABLE: Final = frozenset({N.RESERVED, N.PLEASE_PAY, N.BOOKED})
"""What tells the terms of cancellation."""
CLOSING: Final = frozenset({N.CONVERSATION_CLOSED})
"""What shows no address to write to."""
GOING: Final = frozenset(
    {N.RESERVED, N.PLEASE_PAY, N.BOOKED, N.RESCHEDULED, N.ACTION_CHANGED, N.REFERRED_TO_PARTNER, N.ACTION_OPEN}
)
"""What shows what is to be done before going, and the voucher (SV-11, SV-13)."""
text_lines_max: Final = 200


class Tone(Enum):
    """How a box looks; what it says does not depend on it."""

    PLAIN = "plain"
    ATTENTION = "attention"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Box:
    """A few lines that stand out: a reason, an instruction, an address."""

    title: str
    lines: tuple[str, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Link:
    """Where one can go from the mail."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One notification, in the recipient's language. The first of `links` is the main one."""

    language: str
    brand: str
    labelled: str
    headline: str
    greeting: str
    happened: tuple[str, ...]
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    changes_title: str
    changes: tuple[Change, ...]
    next_title: str
    next: tuple[str, ...]
    details_title: str
    details: tuple[Row, ...]
    price_title: str
    prices: tuple[Price, ...]
    after: tuple[Box, ...]
    support: str
    support_url: str
    further: tuple[Link, ...]
    automatic: str


def sheet(matter: Matter, house: House, voice: Voice) -> Sheet:
    """What the mail about `matter` shows."""
    said, words = voice.said, wording_of(matter)
    is_compared = matter.says in COMPARED
    return Sheet(
        language=voice.language.value,
        brand=house.brand,
        labelled=said(LABELLED, label="{label}"),
        headline=voice.holding(words.headlines)[0],
        greeting=said(GREETING),
        happened=voice.holding(words.happened),
        boxes=tuple(_boxes(matter, voice)),
        links=_links(matter, words, house, voice),
        changes_title=said(wording.CHANGES_TITLE),
        changes=comparison(matter, voice) if is_compared else (),
        next_title=said(wording.NEXT_TITLE),
        next=voice.holding(words.next),
        details_title=said(wording.DETAILS_TITLE),
        details=details(matter, voice),
        price_title=said(wording.PRICE_TITLE),
        prices=prices(matter, voice),
        after=tuple(_after(matter, voice)),
        support=said(SUPPORT_PATH, support_url="").strip(),
        support_url=house.support_url,
        further=_further(matter, voice),
        automatic=" ".join(said(one) for one in _automatic(matter)),
    )


def wording_of(matter: Matter) -> Wording:
    """What is said about `matter`, in the words of booking or of reserving."""
    key = (matter.says, matter.recipient.to)
    if is_change_proposed(matter) and key in going.PROPOSED:
        return going.PROPOSED[key]
    if matter.vocabulary is Vocabulary.RESERVATION and key in RESERVATIONS:
        return RESERVATIONS[key]
    return WORDINGS[key]


def _links(matter: Matter, words: Wording, house: House, voice: Voice) -> tuple[Link, ...]:
    """Those that lead somewhere, the booking's own page among them (SL-16)."""
    every: dict[str, str] = {}
    for one in (*words.buttons, buttons.BOOKING):
        every.setdefault(one.link(matter, house), one.label)
    return tuple(Link(voice.said(label), url) for url, label in every.items() if url)


def _boxes(matter: Matter, voice: Voice) -> Iterator[Box]:
    """What stands out above the button."""
    said = voice.said
    if matter.says is N.PARTNER_WRITES:
        title = wording.WRITTEN_TITLE if matter.recipient.to is To.CUSTOMER else wording.CUSTOMER_WROTE_TITLE
        yield Box(said(title), paragraphs(matter.written, text_lines_max))
    if reason := paragraphs(matter.reason, text_lines_max):
        yield Box(said(wording.REASON_TITLE), reason)
    by_hand = "" if matter.links.pay else matter.guide.how_to_pay
    if matter.recipient.to is To.CUSTOMER and matter.says in TO_BE_PAID and by_hand:
        # The house's own words: an address or an account in them is meant to be read.
        yield Box(said(wording.HOW_TO_PAY_TITLE), tuple(filter(None, (line.strip() for line in by_hand.splitlines()))))
    if matter.recipient.to is To.CUSTOMER and matter.says in GOING:
        yield from _before_going(matter, voice)


def _before_going(matter: Matter, voice: Voice) -> Iterator[Box]:
    """What the customer has to do, in red until it is done, and the voucher that shows the same (SV-11, SV-13, SV-19)."""
    lines = paragraphs(matter.instruction, text_lines_max)
    if lines and matter.booking.action is RequiredAction.DONE:
        yield Box(voice.said(wording.INSTRUCTION_DONE_TITLE), lines, Tone.DONE)
    elif lines and matter.booking.action is RequiredAction.OPEN:
        yield Box(voice.said(wording.INSTRUCTION_TITLE), (*lines, *voice.holding((wording.INSTRUCTION_DUE,))), Tone.ATTENTION)
    if matter.voucher and matter.booking.stage is Stage.CONFIRMED:
        yield Box(voice.said(wording.VOUCHER_TITLE), (one_line(matter.voucher),))


def _after(matter: Matter, voice: Voice) -> Iterator[Box]:
    """What is good to know, below the details (GY-17, SL-B2)."""
    if matter.other_alias is not None and matter.recipient.to is not To.OPERATOR and matter.says not in CLOSING:
        title = wording.TO_CUSTOMER_TITLE if matter.recipient.to is To.PARTNER else wording.TO_PARTNER_TITLE
        lines = voice.holding((wording.CONTACT_UNTIL, wording.CONTACT_HINT))
        yield Box(voice.said(title), (str(matter.other_alias), *lines))
    if matter.recipient.to is To.CUSTOMER and matter.says in CANCELLABLE and (terms := terms_of_cancellation(matter)):
        yield Box(voice.said(wording.TERMS_TITLE), terms)


def _further(matter: Matter, voice: Voice) -> tuple[Link, ...]:
    """The house's pages for its partners (GY-28, SL-31)."""
    if matter.recipient.to is not To.PARTNER:
        return ()
    pages = ((wording.HELP_LINK, matter.guide.help_url), (wording.TERMS_LINK, matter.guide.terms_url))
    return tuple(Link(voice.said(label), url) for label, url in pages if url)


def _automatic(matter: Matter) -> tuple[str, ...]:
    return (wording.AUTOMATIC, wording.ANSWER_HINT) if matter.answers_to is not None else (NOT_ANSWERED,)
