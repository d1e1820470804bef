"""The mail that tells a partner's team that somebody else may read and write for it from now on, or may not any more.

It goes to every address that the team had before: whoever got hold of one session does not take the team over in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from relay.correspondence import wording
from relay.correspondence.foreign import shown
from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import moment, words
from relay.correspondence.letter import Fields, date, letter, mailbox, unstructured
from relay.correspondence.page import Page
from relay.values import Language, MsgId, RealAddress

named_max: Final = 20
"""Changes that one mail names; of more, who looks at the page sees all."""
name_characters_max: Final = 120


class What(Enum):
    """What came or went."""

    TEAM_ADDRESS_ADDED = _("Reads and answers for the team from now on")
    TEAM_ADDRESS_REMOVED = _("Does not read for the team any more")
    SENDER_ADDED = _("Mail from there counts as yours from now on")
    SENDER_REMOVED = _("Mail from there does not count as yours any more")
    STAFF_ADDED = _("Belongs to your staff from now on")
    STAFF_REMOVED = _("Does not belong to your staff any more")
    SEES_TEAM = _("Sees and changes everything of the team from now on")


HEADLINE: Final = _("Who acts for {partner} has changed")
HAPPENED: Final = _("On the pages of {brand}, somebody who is signed in for {partner} has changed who acts for it.")
ADVICE: Final = (
    _("If one of you did this, you need not do anything."),
    _("If none of you did, open the page, take it back, and tell our support at once: somebody may read your mail."),
)
BUTTON: Final = _("Look at the team")
WHAT_TITLE: Final = _("What has changed")


@dataclass(frozen=True, slots=True)
class Change:
    """Whom it is about, by name, by address, or by both: a team knows its own."""

    what: What
    name: str = field(default="", repr=False)
    address: RealAddress | None = None

    @property
    def of(self) -> str:
        address = self.address.reveal() if self.address is not None else ""
        return f"{shown(self.name, name_characters_max)} {address}".strip()


@dataclass(frozen=True, slots=True)
class TeamChanged:
    """`link` leads to the page of the team. `at` is aware."""

    to: RealAddress
    language: Language
    partner: str
    changes: tuple[Change, ...] = field(repr=False)
    link: str
    at: datetime


def team_letter(changed: TeamChanged, house: House, *, now: datetime, message_id: MsgId) -> bytes:
    """The finished mail, unsigned: CRLF, seven bits. `now` (aware) becomes its Date, `message_id` its own id."""
    language = changed.language
    catalogue = words(language)
    known = {"brand": house.brand, "partner": shown(changed.partner, name_characters_max)}

    def said(sentence: str) -> str:
        return catalogue.gettext(sentence).format_map(known)

    page = Page(
        language=language.value,
        brand=house.brand,
        labelled=catalogue.gettext(wording.LABELLED),
        headline=said(HEADLINE),
        greeting=said(wording.GREETING),
        happened=(said(HAPPENED), moment(changed.at, language)),
        files_title="",
        files=(),
        advice_title=said(wording.ADVICE_TITLE),
        advice=tuple(said(one) for one in ADVICE),
        message_title=said(WHAT_TITLE),
        rows=tuple((said(one.what.value), one.of) for one in changed.changes[:named_max]),
        number_hint="",
        button=said(BUTTON),
        link=changed.link,
        automatic=said(wording.AUTOMATIC),
    )
    fields = Fields(
        [
            ("From", mailbox(house.brand, house.noreply)),
            ("To", mailbox("", changed.to.reveal())),
            ("Subject", unstructured("Subject", page.headline)),
            ("Date", date(now)),
            ("Message-ID", f"<{message_id}>"),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("Content-Language", page.language),
        ]
    )
    return letter(fields, page.part(message_id))
