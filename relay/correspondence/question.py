"""A question to a party: is it you who wrote from this address (GW-6, GW-12)? The mail with a link, and the page behind it.

The mail holds nothing that the stranger wrote but the address: no words of theirs get into a mail of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from relay.conversation import Conversation, Party
from relay.correspondence import wording
from relay.correspondence.foreign import shown, shown_address
from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import moment, words
from relay.correspondence.letter import Fields, date, letter, mailbox, unstructured
from relay.correspondence.page import Page
from relay.transit.question import Doubt, answered_within
from relay.values import Language, MessageId, MsgId, RealAddress

subject_characters_max: Final = 120
address_characters_max: Final = 100

HEADLINE: Final = _("Is it you? Somebody wrote about your booking")
HAPPENED: Final = _("Somebody wrote from {address} on booking {reference}. Is it you?")
HELD: Final = _("We hold the message back until you tell us: nobody has received it.")
NO_MEANS: Final = _("We know the address, but its domain offers no means to check that a message really comes from it.")
ADVICE: Final = (
    _("If it is you, please say so on the page behind the link. We then send the message, and recognise you the next time."),
    _("If it is not you, please say that on the same page. Nobody will receive the message."),
    _("If you do not answer until {until}, we put the message away, and nobody receives it."),
)
ADVICE_EACH: Final = (
    _("If it is you, please say so on the page behind the link. We then send the message."),
    *ADVICE[1:],
    _("We ask about each message from this address: we cannot see from where it is sent."),
)
BUTTON: Final = _("Is it you? Answer here")
MESSAGE_TITLE: Final = _("The message")
FROM_LABEL: Final = _("From")


class Sheet(Enum):
    """What the page behind the link shows."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    OVER = "over"
    UNKNOWN = "unknown"
    FAILED = "failed"


_HEADLINES: Final[dict[Sheet, str]] = {
    Sheet.OPEN: HEADLINE,
    Sheet.CONFIRMED: _("Thank you: it was you"),
    Sheet.DENIED: _("Thank you: it was not you"),
    Sheet.OVER: _("This question is no longer open"),
    Sheet.UNKNOWN: _("There is no such question"),
    Sheet.FAILED: _("Your answer could not be taken"),
}
_SENTENCES: Final[dict[Sheet, tuple[str, ...]]] = {
    Sheet.OPEN: (HAPPENED, HELD),
    Sheet.CONFIRMED: (_("The message is on its way. You can close this page."),),
    Sheet.DENIED: (_("Nobody receives the message. You can close this page."),),
    Sheet.OVER: (
        _("There was no answer in time, or our support has dealt with it."),
        _("If the message was yours and has not arrived, please send it again."),
    ),
    Sheet.UNKNOWN: (_("Please open the link exactly as it stands in the mail."),),
    Sheet.FAILED: (_("This address cannot be yours in this booking. Please use the contact form of our support."),),
}
YES: Final = _("It is me")
YES_EXPLAINED: Final = _("We send the message now. From now on this address is known as yours in this booking.")
YES_FROM_HERE: Final = _("We send the message now, and recognise you the next time you write from there.")
YES_THIS_ONE: Final = _("We send the message now.")
_YES_EXPLAINED: Final = {
    Doubt.UNKNOWN: YES_EXPLAINED,
    Doubt.FROM_ELSEWHERE: YES_FROM_HERE,
    Doubt.FROM_ANYWHERE: YES_THIS_ONE,
}
NO: Final = _("It is not me")
NO_EXPLAINED: Final = _("Nobody receives the message.")
STOP_ASKING: Final = _("Do not ask me again about this address")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a question is about: `party`, of `conversation`, may have written from `address`. `at`: when that came, aware."""

    party: Party
    conversation: Conversation
    address: RealAddress
    doubt: Doubt
    message: MessageId
    at: datetime
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """The page behind the link in the party's language, in the order of reading. `rows` say which message it is; the other texts
    stand on the buttons and beside them, and are empty where there is nothing to answer."""

    language: str
    headline: str
    sentences: tuple[str, ...]
    labelled: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)
    yes: str = ""
    yes_explained: str = ""
    no: str = ""
    no_explained: str = ""
    stop_asking: str = ""
    support_button: str = ""


def question_letter(matter: Matter, house: House, *, now: datetime, message_id: MsgId) -> bytes:
    """The finished mail, unsigned: CRLF, seven bits. `now` (aware) becomes its Date, `message_id` its own id.

    To the party's own alias in the header; the envelope is the caller's, with the null return path (GW-52, GW-53).
    """
    language = matter.party.language
    catalogue = words(language)
    known = {
        "address": shown_address(matter.address, address_characters_max),
        "reference": shown(matter.conversation.reference, subject_characters_max),
        "brand": house.brand,
        "until": moment(matter.at + answered_within, language),
    }

    def said(sentence: str) -> str:
        return catalogue.gettext(sentence).format_map(known)

    page = Page(
        language=language.value,
        brand=house.brand,
        labelled=catalogue.gettext(wording.LABELLED),
        headline=said(HEADLINE),
        greeting=said(wording.GREETING),
        happened=tuple(said(one) for one in (HAPPENED, *((NO_MEANS,) if matter.doubt is not Doubt.UNKNOWN else ()), HELD)),
        files_title="",
        files=(),
        advice_title=said(wording.ADVICE_TITLE),
        advice=tuple(said(one) for one in (ADVICE_EACH if matter.doubt is Doubt.FROM_ANYWHERE else ADVICE)),
        message_title=said(MESSAGE_TITLE),
        rows=(
            (said(FROM_LABEL), known["address"]),
            (said(wording.BOOKING_LABEL), known["reference"]),
            (said(wording.RECEIVED_LABEL), moment(matter.at, language)),
            (said(wording.NUMBER_LABEL), str(matter.message)),
        ),
        number_hint=said(wording.NUMBER_HINT),
        button=said(BUTTON),
        link=matter.link,
        automatic=said(wording.AUTOMATIC),
    )
    fields = Fields(
        [
            ("From", mailbox(house.brand, house.noreply)),
            ("To", mailbox("", str(matter.party.alias))),
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


def question_page(sheet: Sheet, matter: Matter, subject: str) -> Shown:
    """The page about `matter`. `subject` is as the stranger wrote it."""
    language = matter.party.language
    catalogue = words(language)
    known = {
        "address": shown_address(matter.address, address_characters_max),
        "reference": shown(matter.conversation.reference, subject_characters_max),
    }

    def said(sentence: str) -> str:
        return catalogue.gettext(sentence).format_map(known)

    rows = (
        (said(FROM_LABEL), known["address"]),
        (said(wording.SUBJECT_LABEL), shown(subject, subject_characters_max) or said(wording.NO_SUBJECT)),
        (said(wording.BOOKING_LABEL), known["reference"]),
        (said(wording.RECEIVED_LABEL), moment(matter.at, language)),
        (said(wording.NUMBER_LABEL), str(matter.message)),
    )
    page = _bare(sheet, language, tuple(said(one) for one in _SENTENCES[sheet]), rows)
    if sheet is not Sheet.OPEN:
        return page
    return Shown(
        page.language,
        page.headline,
        page.sentences,
        page.labelled,
        page.rows,
        yes=said(YES),
        yes_explained=said(_YES_EXPLAINED[matter.doubt]),
        no=said(NO),
        no_explained=said(NO_EXPLAINED),
        stop_asking=said(STOP_ASKING) if matter.doubt is Doubt.UNKNOWN else "",
        support_button=page.support_button,
    )


def no_such_question(language: Language) -> Shown:
    """The page of a link that leads to no question."""
    return _bare(Sheet.UNKNOWN, language, tuple(words(language).gettext(one) for one in _SENTENCES[Sheet.UNKNOWN]), ())


def _bare(sheet: Sheet, language: Language, sentences: tuple[str, ...], rows: tuple[tuple[str, str], ...]) -> Shown:
    catalogue = words(language)
    return Shown(
        language=language.value,
        headline=catalogue.gettext(_HEADLINES[sheet]),
        sentences=sentences,
        labelled=catalogue.gettext(wording.LABELLED),
        rows=rows,
        support_button=catalogue.gettext(wording.SUPPORT_BUTTON),
    )
