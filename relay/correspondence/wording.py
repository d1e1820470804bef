"""What each notice says: one row a topic, in English; the catalogues hold the other languages (GW-52).

Sentences have fields in braces. Every row may use `alias` (the address to write to in this conversation), `closed`, `until`,
`limit` and `brand`; `notice.py` fills them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from relay.correspondence.languages import marked as _
from relay.correspondence.languages import marked_plural as _n
from relay.policy.reasons import REPLIES, Reason
from relay.transit.delivery import Cause


class Delay(Enum):
    """It takes longer, and we go on trying (GW-50)."""

    DELAYED = "delayed"


class Hint(Enum):
    """It went on its way, and its writer may want to know what the other side does not see (LEAK-22 to LEAK-26)."""

    REMOVED = "removed"


Topic = Reason | Cause | Delay | Hint


class Action(Enum):
    """The Action field of a delivery report (RFC 3464 §2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What the machine-readable part says: the action, and the enhanced status code (RFC 3463)."""

    action: Action
    code: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A notice in sentences. `headline` is also its Subject. `advice` is a list, the best way out first.

    `status` is None where the message went on its way.
    """

    headline: str
    happened: str
    advice: tuple[str, ...]
    status: DeliveryStatus | None


_SUPPORT: Final = _("If you need help, please use the contact form of our support.")


def _refused(reason: Reason, headline: str, happened: str, *advice: str) -> Wording:
    return Wording(headline, happened, advice, DeliveryStatus(Action.FAILED, REPLIES[reason].enhanced))


def _failed(status: str, headline: str, happened: str, *advice: str) -> Wording:
    return Wording(headline, happened, advice, DeliveryStatus(Action.FAILED, status))


WORDINGS: Final[dict[Topic, Wording]] = {
    Reason.OWN_ALIAS: _refused(
        Reason.OWN_ALIAS,
        _("Not delivered: you wrote to your own address"),
        _(
            "You sent your message to the address that stands for you in this booking. Mail to it goes to you alone, "
            "so nobody else received your message."
        ),
        _("To reach the other side of this booking, please write to {alias}."),
        _("Or open the last message that you received about this booking, and reply to it."),
    ),
    Reason.NOT_YET_OPEN: _refused(
        Reason.NOT_YET_OPEN,
        _("Not delivered: the booking is not confirmed yet"),
        _("Messages can be exchanged as soon as the booking is confirmed. Until then we cannot forward any."),
        _("Please send your message again once you have received the confirmation."),
        _("If you have a question that cannot wait, please use the contact form of our support."),
    ),
    Reason.CLOSED: _refused(
        Reason.CLOSED,
        _("Not delivered: this conversation is closed"),
        _(
            "Messages about a booking can be exchanged until a few days after the activity. This conversation ended on "
            "{closed}, and its addresses no longer accept messages."
        ),
        _("If something was left behind or a question is still open, please use the contact form: our support will help you."),
        _("Please do not send the message again to this address. It would not be delivered."),
    ),
    Reason.SEVERAL_CUSTOMERS: _refused(
        Reason.SEVERAL_CUSTOMERS,
        _("Not delivered: several customers in To or Cc"),
        _(
            "Your message names several customers in To or Cc, so each of them would have seen that the others have booked. "
            "To protect their privacy, we did not deliver it to any of them."
        ),
        _("Please write to each customer in a message of their own."),
        _("Or put the addresses of all customers in Bcc: then each of them receives the message, and none sees the others."),
    ),
    Reason.THIRD_PARTY: _refused(
        Reason.THIRD_PARTY,
        _("Not delivered: other recipients in To or Cc"),
        _(
            "Besides the address for this booking, your message has other recipients in To or Cc. A reply to all would show "
            "addresses that are meant to stay private, so we did not forward it."
        ),
        _("Please send your message again to {alias} alone."),
        _("If others should have a copy, please send it to them separately."),
    ),
    Reason.ATTACHMENTS_TOO_LARGE: _refused(
        Reason.ATTACHMENTS_TOO_LARGE,
        _("Not delivered: attachments too large"),
        _("The attachments of one message may be up to {limit} in size, all together. Yours are larger."),
        _("Please spread the files over several messages."),
        _("Or make them smaller, for example by saving pictures at a lower resolution."),
    ),
    Reason.ATTACHMENT_TYPE: _refused(
        Reason.ATTACHMENT_TYPE,
        _("Not delivered: this kind of attachment is not accepted"),
        _(
            "For everybody's safety we do not forward programs and scripts, archives that contain them, or archives that "
            "are locked with a password or cannot be checked."
        ),
        _("Please send the content in another format, for example as a PDF file or as a picture."),
        _("Or send your message again without this attachment."),
    ),
    Reason.VIRUS: _refused(
        Reason.VIRUS,
        _("Not delivered: attachment blocked by the virus scan"),
        _(
            "Our virus scan classified your message as dangerous, so we blocked it. Nobody received it, and nobody can "
            "download what was attached."
        ),
        _("If you believe that the file is harmless, please contact our customer service through the contact form."),
        _("If you did not expect this, please have your device checked by an up-to-date antivirus program."),
        _("You can send your message again without the attachment."),
    ),
    Reason.RATE: _refused(
        Reason.RATE,
        _("Not delivered: too many messages in a short time"),
        _(
            "We pass on a limited number of messages within an hour. There were more, and this one had to wait too long, "
            "so we did not forward it."
        ),
        _("Please wait an hour, and send the message again."),
        _("If a program sends messages for you, please let it send fewer of them."),
        _SUPPORT,
    ),
    Reason.UNREADABLE: _refused(
        Reason.UNREADABLE,
        _("Not delivered: the message could not be read"),
        _("Your message arrived damaged, or put together in a way that we cannot check safely."),
        _("Please write it again as a new message, and attach the files directly instead of forwarding another message."),
        _SUPPORT,
    ),
    Reason.LEAK: _failed(
        "5.7.1",
        _("Not delivered: contact details in the message"),
        _(
            "Messages about a booking are forwarded without the contact details of either side. Yours seems to contain some that "
            "we could not take out, usually in an attached file, so we did not forward it."
        ),
        _("Please send your message again without the attached file."),
        _("Or attach the file in another form, for example a picture or a PDF that names no contact details."),
        _SUPPORT,
    ),
    Reason.CONTACT_DETAILS: _failed(
        "5.7.1",
        _("Not delivered: contact details in the message"),
        _(
            "Your message holds details such as a phone number, a bank account or a link. A person looks at such messag"
            "es before they are forwarded, and this one was not."
        ),
        _("Please send your message again without these details."),
        _SUPPORT,
    ),
    Reason.FAULT: _failed(
        "5.6.0",
        _("Not delivered: the message could not be forwarded"),
        _("Your message is put together in a way that our system could not process. You did nothing wrong."),
        _("Please write it again as a new message, and attach the files directly instead of forwarding another message."),
        _SUPPORT,
    ),
    Reason.UNREACHABLE: _refused(
        Reason.UNREACHABLE,
        _("Not delivered: the recipient's address does not work"),
        _("The last messages to the recipient's address all came back, so we do not forward any to it for the time being."),
        _("Please use the contact form: our support can find out the right address and correct it."),
        _("Until then, please do not send the message again. It would not be delivered."),
    ),
    Reason.SUSPENDED: _refused(
        Reason.SUSPENDED,
        _("Not delivered: this conversation is paused"),
        _("Messages to the other side of this booking are not forwarded for the time being."),
        _("Please use the contact form: our support can tell you more, and start the conversation again."),
        _("Until then, please do not send the message again. It would not be delivered."),
    ),
    Reason.ENCRYPTED: _refused(
        Reason.ENCRYPTED,
        _("Not delivered: encrypted message"),
        _("Your message is encrypted, so we cannot check it for viruses or protect the addresses in it."),
        _("Please switch encryption off for this message in your mail program, and send it again."),
        _SUPPORT,
    ),
    Cause.MAILBOX_FULL: _failed(
        "5.2.2",
        _("Not delivered: the recipient's mailbox is full"),
        _("The recipient's mailbox has no room for new messages at the moment."),
        _("Please try again in a day or two."),
        _("If it is urgent, please use the contact form: our support can try to reach the other side in another way."),
    ),
    Cause.SERVER_UNREACHABLE: _failed(
        "5.4.7",
        _("Not delivered: the recipient's mail server cannot be reached"),
        _("We tried several times to hand your message over, but the recipient's mail server could not be reached."),
        _("Please try again later: such a failure is often repaired within a day."),
        _("If it is urgent, please use the contact form: our support can try to reach the other side in another way."),
    ),
    Cause.TOO_LARGE: _failed(
        "5.3.4",
        _("Not delivered: too large for the recipient"),
        _("The recipient's mail server does not accept messages as large as yours."),
        _("Please send smaller files, or spread them over several messages."),
        _SUPPORT,
    ),
    Cause.ADDRESS_WRONG: _failed(
        "5.1.1",
        _("Not delivered: the recipient's address does not work"),
        _(
            "The recipient's mail server says that there is no such mailbox. The address on file for this booking is probably "
            "mistyped or no longer in use. You did nothing wrong."
        ),
        _("Please use the contact form: our support can find out the right address and correct it."),
        _("Until then, please do not send the message again. It would not be delivered."),
    ),
    Cause.BLOCKED: _failed(
        "5.7.1",
        _("Not delivered: refused by the recipient's mail server"),
        _("The recipient's mail server did not accept your message. Usually something in it looked like unwanted mail to it."),
        _("Please write the message again, shorter and without links or attachments."),
        _("If it is refused again, please use the contact form of our support."),
    ),
    Cause.OTHER: _failed(
        "5.0.0",
        _("Not delivered: the recipient's mail server did not accept it"),
        _("The recipient's mail server did not accept your message, and did not say clearly why."),
        _("Please try again later."),
        _("If it fails again, please use the contact form of our support."),
    ),
    Delay.DELAYED: Wording(
        _("Delayed: your message has not been delivered yet"),
        _("The recipient's mail server is not accepting your message at the moment. It is safe with us, and we keep trying."),
        (
            _("You do not have to do anything. Please do not send the message again: the recipient might get it twice."),
            _("If we do not succeed, we will write to you again."),
        ),
        DeliveryStatus(Action.DELAYED, "4.4.1"),
    ),
    Hint.REMOVED: Wording(
        _("Forwarded: some details were taken out"),
        _(
            "Your message was forwarded. Before that we took some details out of it, as we do for both"
            " sides, so that your contact details and those of the other side stay private."
        ),
        (
            _("You do not have to do anything: everything else went out as you wrote it."),
            _("You can always reach the other side of this booking at {alias}."),
            _("If something is missing that the other side needs, please use the contact form of our support."),
        ),
        None,
    ),
}
"""Topics that are not here have no notice: their writers are not proven, or must not be answered (GW-20, GW-21, GW-28, GW-53)."""

CLOSED_BY_SUPPORT: Final = Wording(
    WORDINGS[Reason.CLOSED].headline,
    _("Our support closed this conversation on {closed}. Its addresses no longer accept messages."),
    (_("If you have a question about it, please use the contact form of our support."),),
    WORDINGS[Reason.CLOSED].status,
)
"""In the place of CLOSED when the conversation did not simply run out."""

STILL_TRYING: Final = _("We keep trying until {until}.")
"""Follows what happened when a delay has a known end."""

TAKEN_TITLE: Final = _("Taken out")


class Taken(Enum):
    """What a hint says was taken out, in its words and in this order."""

    ADDRESS = _("addresses")
    NAME = _("last names, or names of companies")
    PHONE = _("phone numbers")
    IBAN = _("bank accounts")
    LINK = _("links, or parts of them")
    CARD = _("contact cards")
    FILE = _("attachments that cannot be forwarded")


FILES_TITLE: Final = _n("Attachment concerned", "Attachments concerned")
MORE_FILES: Final = _n("and {count} more file", "and {count} more files")

# The frame around every notice.
LABELLED: Final = _("{label}:")
"""A label before its value: French puts a space before the colon."""
GREETING: Final = _("Hello,")
ADVICE_TITLE: Final = _("What you can do")
MESSAGE_TITLE: Final = _("Your message")
SUBJECT_LABEL: Final = _("Subject")
NO_SUBJECT: Final = _("(no subject)")
TO_LABEL: Final = _("To")
BOOKING_LABEL: Final = _("Booking")
RECEIVED_LABEL: Final = _("Received")
NUMBER_LABEL: Final = _("Message number")
NUMBER_HINT: Final = _("Please quote the message number when you contact us.")
SUPPORT_BUTTON: Final = _("Contact support")
AUTOMATIC: Final = _("This is an automatic message from {brand}. Please do not reply to it.")
CUSTOMER: Final = _("the customer")
PARTNER: Final = _("the provider")
NAMED_CUSTOMER: Final = _("{name} (customer)")
NAMED_PARTNER: Final = _("{name} (provider)")
