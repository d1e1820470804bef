"""The receipt for an answer by mail: what was read in it, what becomes of it and when, and how to take it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from relay.booking.situation import Act
from relay.conversation import Conversation, Party
from relay.correspondence import wording
from relay.correspondence.foreign import quotable, shown
from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import moment, words
from relay.correspondence.letter import Fields, date, letter, mailbox, unstructured
from relay.correspondence.link_form import Form
from relay.correspondence.link_page import LinkPage
from relay.correspondence.page import Page
from relay.values import Language, MessageId, MsgId

reference_characters_max: Final = 120
subject_characters_max: Final = 120


class Says(Enum):
    """What becomes of an answer."""

    WAITS = "waits"
    """It acts, when it can be taken back no more."""
    AT_ONCE = "at once"
    """It acts now: the booking would begin before it could be taken back."""
    MESSAGE = "message"
    """The other side gets it as a message."""
    NOTHING = "nothing"
    """It is not possible now, or says nothing."""
    FAILED = "failed"
    """It was not possible any more when its time came."""


READ_AS: Final = {
    Act.ACCEPT: _("We have read: you accept"),
    Act.DECLINE: _("We have read: you decline"),
    Act.WITHDRAW: _("We have read: you withdraw"),
    Act.REFUSE: _("We have read: you refuse the change"),
    Act.COUNTER: _("We have read: you offer another time"),
    Act.PROPOSE: _("We have read: you propose another time"),
}
_HEADLINES: Final = {
    Says.MESSAGE: _("Your message is passed on"),
    Says.NOTHING: _("Nothing was done with your answer"),
    Says.FAILED: _("Your answer could not be carried out"),
}
_HAPPENED: Final = {
    Says.WAITS: _("This is carried out at {due}. Nobody else hears of it before."),
    Says.AT_ONCE: _("This is carried out now, because the booking begins soon."),
    Says.MESSAGE: _("It is no answer that we could read, so the other side gets your text in a mail from us."),
    Says.NOTHING: _("What you wrote on booking {reference} is not possible now, or nothing that we could read."),
    Says.FAILED: _("What you answered on booking {reference} was not possible any more."),
}
_ADVICE: Final[dict[Says, tuple[str, ...]]] = {
    Says.WAITS: (
        _("If that is not what you meant, take it back with the button until then."),
        _("Only the first line was read. Write anything else to the other side in a mail of its own."),
    ),
    Says.AT_ONCE: (_("Only the first line was read. Write anything else to the other side in a mail of its own."),),
    Says.MESSAGE: (
        _("Files, addresses, phone numbers and links do not cross."),
        _("If you wanted to accept or decline, write that one word in the first line, or use the links in our mail."),
    ),
    Says.NOTHING: (_("Please use the links in our latest mail about this booking: they show how it stands."),),
    Says.FAILED: (_("Please use the links in our latest mail about this booking: they show how it stands."),),
}
UNDO: Final = _("Take the answer back")
UNDO_QUESTION: Final = _("Take your answer back?")
UNDO_EXPLAINED: Final = _("Then nothing becomes of it, and nobody else hears of it. It is carried out at {due} otherwise.")
UNDONE: Final = _("You have taken your answer back")
UNDONE_EXPLAINED: Final = _("Nothing becomes of it, and nobody else has heard of it.")
TOO_LATE: Final = _("Your answer has been carried out")
TOO_LATE_EXPLAINED: Final = _("It cannot be taken back any more. Please use the links in our latest mail about this booking.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt tells `writer`. `act` is there where something is carried out, at `due_at` (aware)."""

    says: Says
    writer: Party
    conversation: Conversation
    message: MessageId
    subject: str = field(repr=False)
    received_at: datetime
    act: Act | None = None
    due_at: datetime | None = None
    undo: str = field(default="", repr=False)
    """The link that takes it back."""
    original_id: MsgId | None = None


def receipt(of: Receipt, house: House, *, now: datetime, message_id: MsgId) -> bytes:
    """The finished mail, unsigned: CRLF, seven bits. `now` (aware) becomes its Date."""
    language = of.writer.language
    said = _Said(language, house, of)
    headline = _HEADLINES.get(of.says) or READ_AS[of.act or Act.ACCEPT]
    page = Page(
        language=language.value,
        brand=house.brand,
        labelled=said.of(wording.LABELLED, label="{label}"),
        headline=said.of(headline),
        greeting=said.of(wording.GREETING),
        happened=(said.of(_HAPPENED[of.says]),),
        files_title="",
        files=(),
        advice_title=said.of(wording.ADVICE_TITLE),
        advice=tuple(said.of(one) for one in _ADVICE[of.says]),
        message_title=said.of(wording.MESSAGE_TITLE),
        rows=(
            (said.of(wording.SUBJECT_LABEL), shown(of.subject, subject_characters_max) or said.of(wording.NO_SUBJECT)),
            (said.of(wording.BOOKING_LABEL), said.known["reference"]),
            (said.of(wording.RECEIVED_LABEL), moment(of.received_at, language)),
            (said.of(wording.NUMBER_LABEL), str(of.message)),
        ),
        number_hint=said.of(wording.NUMBER_HINT),
        button=said.of(UNDO if of.undo else wording.SUPPORT_BUTTON),
        link=of.undo or house.support_url,
        automatic=said.of(wording.AUTOMATIC),
    )
    fields = Fields(
        [
            ("From", mailbox(house.brand, house.noreply)),
            ("To", mailbox("", str(of.writer.alias))),
            ("Subject", unstructured("Subject", page.headline)),
            ("Date", date(now)),
            ("Message-ID", f"<{message_id}>"),
            ("Auto-Submitted", "auto-replied"),
            ("X-Auto-Response-Suppress", "All"),
            ("Content-Language", page.language),
        ]
    )
    if of.original_id is not None and (known := quotable(of.original_id)) is not None:
        fields += [("In-Reply-To", f"<{known}>"), ("References", f"<{known}>")]
    return letter(fields, page.part(message_id))


@dataclass(frozen=True, slots=True)
class _Said:
    language: Language
    house: House
    receipt: Receipt

    @property
    def known(self) -> dict[str, str]:
        due_at = self.receipt.due_at
        return {
            "reference": shown(self.receipt.conversation.reference, reference_characters_max),
            "brand": self.house.brand,
            "due": moment(due_at, self.language) if due_at is not None else "",
        }

    def of(self, sentence: str, **more: str) -> str:
        return words(self.language).gettext(sentence).format_map({**self.known, **more})


def undo_page(
    act: Act, due_at: datetime, language: Language, *, is_open: bool, is_undone: bool, token: str, version: int
) -> LinkPage:
    """The page that takes an answer back, or says that it is too late, or done. `due_at` is aware."""
    said = words(language).gettext
    due = moment(due_at, language)
    headline, sentence = (UNDONE, UNDONE_EXPLAINED) if is_undone else (TOO_LATE, TOO_LATE_EXPLAINED)
    if is_open:
        headline, sentence = UNDO_QUESTION, UNDO_EXPLAINED
    return LinkPage(
        language=language.value,
        headline=said(headline),
        alert="",
        sentences=(*((said(READ_AS[act]),) if is_open else ()), said(sentence).format(due=due)),
        changes_title="",
        changes=(),
        labelled=said(wording.LABELLED),
        support_button=said(wording.SUPPORT_BUTTON),
        form=Form("undo", version, token, said(UNDO)) if is_open else None,
    )
