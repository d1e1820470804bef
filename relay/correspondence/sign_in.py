"""The mail with a link by which somebody signs in: to their known address alone, in their language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.correspondence import wording
from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import moment, words
from relay.correspondence.letter import Fields, date, letter, mailbox, unstructured
from relay.correspondence.page import Page
from relay.values import Language, MsgId, RealAddress

HEADLINE: Final = _("Your link to sign in")
HAPPENED: Final = _("Somebody, probably you, wants to sign in to the pages of {brand} with this address.")
ADVICE: Final = (
    _("Open the page behind the link, and press the button there. It works once, until {until}."),
    _("If it was not you, you need not do anything: without this mail nobody gets in."),
)
BUTTON: Final = _("Sign in")
REQUEST_TITLE: Final = _("The request")
WHEN: Final = _("When")
KEEP: Final = _("Do not pass this mail on: whoever has the link can sign in as you.")


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whoever reads the mail of `to` may sign in by `link` until `until`. Times are aware."""

    to: RealAddress
    language: Language
    asked_at: datetime
    until: datetime
    link: str = field(repr=False)


def sign_in_letter(invitation: Invitation, house: House, *, now: datetime, message_id: MsgId) -> bytes:
    """The finished mail, unsigned: CRLF, seven bits. `now` (aware) becomes its Date, `message_id` its own id."""
    language = invitation.language
    catalogue = words(language)
    known = {"brand": house.brand, "until": moment(invitation.until, language)}

    def said(sentence: str) -> str:
        return catalogue.gettext(sentence).format_map(known)

    page = Page(
        language=language.value,
        brand=house.brand,
        labelled=catalogue.gettext(wording.LABELLED),
        headline=said(HEADLINE),
        greeting=said(wording.GREETING),
        happened=(said(HAPPENED),),
        files_title="",
        files=(),
        advice_title=said(wording.ADVICE_TITLE),
        advice=tuple(said(one) for one in ADVICE),
        message_title=said(REQUEST_TITLE),
        rows=((said(WHEN), moment(invitation.asked_at, language)),),
        number_hint=said(KEEP),
        button=said(BUTTON),
        link=invitation.link,
        automatic=said(wording.AUTOMATIC),
    )
    fields = Fields(
        [
            ("From", mailbox(house.brand, house.noreply)),
            ("To", mailbox("", invitation.to.reveal())),
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
