"""The mail with the link by which somebody says that an order is theirs: nothing stands in it that was entered (SL-B1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.booking.situation import Act
from relay.correspondence import wording
from relay.correspondence.foreign import shown
from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import moment
from relay.correspondence.letter import Fields, date, letter, mailbox, unstructured
from relay.correspondence.page import Page
from relay.values import Language, MsgId, RealAddress
from relay.web.site.words import site_words

title_characters_max: Final = 120

HEADLINES: Final = {
    Act.REQUEST: _("Please confirm your request"),
    Act.RESERVE: _("Please confirm your reservation"),
    Act.CHECK_OUT: _("Please confirm your order"),
}
HAPPENED: Final = _("Somebody, probably you, has filled in a form on the pages of {brand} with this address.")
ADVICE: Final = (
    _("Open the page behind the link, and press the button there. It can be done until {until}."),
    _("Before that, nothing is sent to the provider, and no place is kept."),
    _("If it was not you, you need not do anything."),
)
BUTTON: Final = _("Confirm that it was you")
WHAT_TITLE: Final = _("What it is about")
OFFER: Final = _("Offer")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that waits for whoever reads the mail of `to`. `offer` is its title, in their language. Times are aware."""

    to: RealAddress
    language: Language
    way: Act
    offer: str
    until: datetime
    link: str = field(repr=False)


def order_letter(waiting: Waiting, house: House, *, now: datetime, message_id: MsgId) -> bytes:
    """The finished mail, unsigned: CRLF, seven bits. `now` (aware) becomes its Date, `message_id` its own id."""
    catalogue = site_words(waiting.language)
    known = {"brand": house.brand, "until": moment(waiting.until, waiting.language)}

    def said(sentence: str) -> str:
        return catalogue.gettext(sentence).format_map(known)

    page = Page(
        language=waiting.language.value,
        brand=house.brand,
        labelled=catalogue.gettext(wording.LABELLED),
        headline=said(HEADLINES[waiting.way]),
        greeting=said(wording.GREETING),
        happened=(said(HAPPENED),),
        files_title="",
        files=(),
        advice_title=said(wording.ADVICE_TITLE),
        advice=tuple(said(one) for one in ADVICE),
        message_title=said(WHAT_TITLE),
        rows=((said(OFFER), shown(waiting.offer, title_characters_max)),),
        number_hint="",
        button=said(BUTTON),
        link=waiting.link,
        automatic=said(wording.AUTOMATIC),
    )
    fields = Fields(
        [
            ("From", mailbox(house.brand, house.noreply)),
            ("To", mailbox("", waiting.to.reveal())),
            ("Subject", unstructured("Subject", page.headline)),
            ("Date", date(now)),
            ("Message-ID", f"<{message_id}>"),
            ("Auto-Submitted", "auto-generated"),
            # Exchange looks at this one alone before it sends an out-of-office answer.
            ("X-Auto-Response-Suppress", "All"),
            ("Content-Language", page.language),
        ]
    )
    return letter(fields, page.part(message_id))
