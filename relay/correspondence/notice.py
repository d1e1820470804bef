"""A notice: a short mail to a proven writer that says what became of their message, and what they can do (GW-52, GY-21 to GY-29).

It goes out under the null return path, is answered by nobody, and holds nothing of the other party but the name that the
booking shows anyway (GW-53, LEAK-86). Nothing that a remote server said is quoted (GW-51).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.conversation import Conversation, Party, Standing
from relay.correspondence import wording
from relay.correspondence.foreign import quotable, shown
from relay.correspondence.house import House
from relay.correspondence.languages import moment, size, words
from relay.correspondence.letter import Fields, Part, date, letter, mailbox, multipart, unstructured
from relay.correspondence.page import Page
from relay.correspondence.wording import Action, Delay, DeliveryStatus, Hint, Taken, Topic, Wording
from relay.policy.reasons import Reason
from relay.transit.delivery import Cause
from relay.values import Alias, MessageId, MsgId, Role

__all__ = ["Action", "Cause", "Delay", "Hint", "House", "Occasion", "Reason", "Taken", "Topic", "has_notice", "notice"]

subject_characters_max: Final = 120
"""Of the writer's subject, in the notice; its own Subject field holds half of it."""
file_name_characters_max: Final = 80
files_max: Final = 10
"""Named in one notice; the others are counted."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a notice is about. Checked when made: raises ValueError when the topic has no notice, or lacks its limit.

    `writer` is a party of `conversation` and gets the notice. `subject`, `original_id` (their own Message-ID) and `files` are as
    they wrote them. `at`: when the message was received; `until`: how long we go on trying, for a delay. Both aware.
    """

    topic: Topic
    writer: Party
    conversation: Conversation
    subject: str = field(repr=False)
    message: MessageId
    original_id: MsgId | None
    at: datetime
    files: tuple[str, ...] = field(default=(), repr=False)
    limit_bytes: int | None = None
    until: datetime | None = None
    taken: tuple[Taken, ...] = ()
    """What a hint tells of."""

    def __post_init__(self) -> None:
        if not has_notice(self.topic):
            raise ValueError(f"there is no notice about {self.topic.value}")
        if self.topic is Reason.ATTACHMENTS_TOO_LARGE and self.limit_bytes is None:
            raise ValueError("limit_bytes: the notice names the limit")
        if (self.topic is Hint.REMOVED) is not bool(self.taken):
            raise ValueError("taken: a hint names what was taken out, and no other notice does")

    @property
    def other(self) -> Party:
        return self.conversation.party(self.writer.role.other)

    @property
    def wording(self) -> Wording:
        by_support = self.conversation.standing(self.at) is Standing.CLOSED
        if self.topic is Reason.CLOSED and by_support:
            return wording.CLOSED_BY_SUPPORT
        return wording.WORDINGS[self.topic]


def has_notice(topic: Topic) -> bool:
    """Whether a proven writer is told about `topic` at all (GW-20 to GW-31)."""
    return topic in wording.WORDINGS


def notice(occasion: Occasion, house: House, *, now: datetime, message_id: MsgId) -> bytes:
    """The finished mail about `occasion`, unsigned: CRLF, seven bits. `now` (aware) becomes its Date, `message_id` its own id.

    To the writer's own alias in the header; the envelope is the caller's. A failed or delayed delivery carries a report for
    machines, with the alias as its recipient (RFC 6522, RFC 3464).
    """
    page = _page(occasion, house)
    readable = page.part(message_id)
    status = occasion.wording.status
    body = readable if status is None else _reporting(readable, status, occasion, house, message_id)
    return letter(_fields(occasion, house, page, now, message_id), body)


def _page(occasion: Occasion, house: House) -> Page:
    language = occasion.writer.language
    catalogue = words(language)
    known = {
        "alias": str(occasion.other.alias),
        "brand": house.brand,
        "closed": moment(_closed_at(occasion.conversation), language),
        "until": moment(occasion.until, language) if occasion.until else "",
        "limit": size(occasion.limit_bytes, language) if occasion.limit_bytes is not None else "",
    }

    def said(sentence: str) -> str:
        return catalogue.gettext(sentence).format_map(known)

    happened = (occasion.wording.happened, *((wording.STILL_TRYING,) if occasion.until else ()))
    files_title, files = _files(occasion)
    return Page(
        language=language.value,
        brand=house.brand,
        labelled=catalogue.gettext(wording.LABELLED),
        headline=said(occasion.wording.headline),
        greeting=said(wording.GREETING),
        happened=tuple(said(sentence) for sentence in happened),
        files_title=files_title,
        files=files,
        advice_title=said(wording.ADVICE_TITLE),
        advice=tuple(said(sentence) for sentence in occasion.wording.advice),
        message_title=said(wording.MESSAGE_TITLE),
        rows=(
            (said(wording.SUBJECT_LABEL), shown(occasion.subject, subject_characters_max) or said(wording.NO_SUBJECT)),
            (said(wording.TO_LABEL), _recipient(occasion, house)),
            (said(wording.BOOKING_LABEL), shown(occasion.conversation.reference, subject_characters_max)),
            (said(wording.RECEIVED_LABEL), moment(occasion.at, language)),
            (said(wording.NUMBER_LABEL), str(occasion.message)),
        ),
        number_hint=said(wording.NUMBER_HINT),
        button=said(wording.SUPPORT_BUTTON),
        link=house.support_url,
        automatic=said(wording.AUTOMATIC),
    )


def _closed_at(conversation: Conversation) -> datetime:
    """When the conversation ended: by support, or by itself, whichever came first."""
    if conversation.closed_at is None:
        return conversation.window.closes_at
    return min(conversation.closed_at, conversation.window.closes_at)


def _files(occasion: Occasion) -> tuple[str, tuple[str, ...]]:
    """The title over the names of the files concerned, or over what was taken out, and these; without any, nothing."""
    catalogue = words(occasion.writer.language)
    if occasion.taken:
        return catalogue.gettext(wording.TAKEN_TITLE), tuple(catalogue.gettext(one.value) for one in occasion.taken)
    names = tuple(filter(None, (shown(name, file_name_characters_max) for name in occasion.files)))
    if not names:
        return "", ()
    title = catalogue.ngettext(*wording.FILES_TITLE, len(names))
    unnamed = len(names) - files_max
    if unnamed <= 0:
        return title, names
    return title, (*names[:files_max], catalogue.ngettext(*wording.MORE_FILES, unnamed).format(count=unnamed))


def _addressed(occasion: Occasion) -> Alias:
    """The alias that the message went to."""
    return occasion.writer.alias if occasion.topic is Reason.OWN_ALIAS else occasion.other.alias


def _recipient(occasion: Occasion, house: House) -> str:
    """Who the message was for, as the writer may know them: the name that the booking shows, the role, the address written to."""
    address = _addressed(occasion)
    if address != occasion.other.alias:
        return str(address)
    other, catalogue = occasion.other, words(occasion.writer.language)
    name = shown(other.shown_name(house.names), subject_characters_max)
    is_customer = other.role is Role.CUSTOMER
    if not name:
        who = catalogue.gettext(wording.CUSTOMER if is_customer else wording.PARTNER)
    else:
        who = catalogue.gettext(wording.NAMED_CUSTOMER if is_customer else wording.NAMED_PARTNER).format(name=name)
    return f"{who}, {address}"


def _fields(occasion: Occasion, house: House, page: Page, now: datetime, message_id: MsgId) -> Fields:
    about = shown(occasion.subject, subject_characters_max // 2)
    subject = f"{page.headline} – {about}" if about else page.headline
    fields = Fields(
        [
            ("From", mailbox(house.brand, house.noreply)),
            ("To", mailbox("", str(occasion.writer.alias))),
            ("Subject", unstructured("Subject", subject)),
            ("Date", date(now)),
            ("Message-ID", f"<{message_id}>"),
            ("Auto-Submitted", "auto-replied"),
            # Exchange looks at this one alone before it sends an out-of-office answer.
            ("X-Auto-Response-Suppress", "All"),
            ("Content-Language", page.language),
        ]
    )
    if original := quotable(occasion.original_id):
        fields += [("In-Reply-To", f"<{original}>"), ("References", f"<{original}>")]
    return fields


def _reporting(readable: Part, status: DeliveryStatus, occasion: Occasion, house: House, message_id: MsgId) -> Part:
    """The report for machines around the part for people. Of the message itself it returns three fields, and no more."""
    recipient = Fields(
        [
            ("Final-Recipient", f"rfc822; {_addressed(occasion)}"),
            ("Action", status.action.value),
            ("Status", status.code),
        ]
    )
    if status.action is Action.DELAYED and occasion.until is not None:
        recipient.append(("Will-Retry-Until", date(occasion.until)))
    message = Fields([("Reporting-MTA", f"dns; {house.domain}"), ("Arrival-Date", date(occasion.at))])
    returned = Fields([("Subject", unstructured("Subject", shown(occasion.subject, subject_characters_max)))])
    if original := quotable(occasion.original_id):
        returned.append(("Message-ID", f"<{original}>"))
    returned.append(("Date", date(occasion.at)))
    parts = (
        readable,
        Part("message/delivery-status", message.octets() + b"\r\n" + recipient.octets()),
        Part("text/rfc822-headers", returned.octets()),
    )
    return multipart("report", parts, message_id, **{"report-type": "delivery-status"})
