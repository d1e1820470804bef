"""The closed set of reasons for which a message does not pass, and what each says on the wire (GW-20 to GW-31).

The SMTP reply and the notice follow from the reason alone. What strangers read is generic (FAULT-30); the detail is archived.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from relay.policy.reply import Reply


class Reason(Enum):
    """Why a message does not pass, or not yet."""

    UNKNOWN_ALIAS = "unknown_alias"
    UNPROVEN = "unproven"
    DISOWNED = "disowned"
    """The domain in From says that it was not written there (FAULT-76)."""
    UNKNOWN_WRITER = "unknown_writer"
    """It may be the party, from an address that is not known yet, or from a domain that proves nothing: held, and the party is
    asked at a known address (GW-6, GW-12)."""
    NOT_ONE_AUTHOR = "not_one_author"
    OWN_ALIAS = "own_alias"
    NOT_YET_OPEN = "not_yet_open"
    CLOSED = "closed"
    SEVERAL_CUSTOMERS = "several_customers"
    THIRD_PARTY = "third_party"
    ATTACHMENTS_TOO_LARGE = "attachments_too_large"
    ATTACHMENT_TYPE = "attachment_type"
    VIRUS = "virus"
    RATE = "rate"
    """More than a writer or a conversation has in that time: later, and after an hour of that refused (GW-27)."""
    LOOP = "loop"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    UNREACHABLE = "unreachable"
    """All known addresses of the other party are dead (GW-54)."""
    SUSPENDED = "suspended"
    """The other party reported mail of this conversation as abuse; it waits for support (FAULT-75)."""
    REPORT = "report"
    """A bounce, a read receipt or a complaint at an alias: recorded, never relayed, never answered (LEAK-80, 81, 83)."""
    ANSWER = "answer"
    """It was written to the booking and not to the other party, who gets what follows from it (GY-6)."""
    DUPLICATE = "duplicate"
    LEAK = "leak"
    """The second reading found an identifier: held, never refused (design.md invariant 2)."""
    FAULT = "fault"
    """Something in us broke over it: held, never refused, since an upgrade may be all it takes (invariant 4)."""
    CONTACT_DETAILS = "contact_details"
    """It holds contact details that the house wants to look at first: held, never refused (GW-29, LEAK-25)."""


REPLIES: Final[dict[Reason, Reply]] = {
    # Unknown writers, answers, reports, duplicates, leaks, contact details and faults are taken over, and absorbed or held.
    Reason.UNKNOWN_ALIAS: Reply(550, "5.1.1", "No such address here"),
    Reason.UNPROVEN: Reply(550, "5.7.1", "Not accepted from this sender"),
    Reason.DISOWNED: Reply(550, "5.7.26", "Not accepted: SPF fails, and the domain in From asks to refuse such mail"),
    Reason.NOT_ONE_AUTHOR: Reply(550, "5.6.0", "Exactly one From address is required"),
    Reason.OWN_ALIAS: Reply(550, "5.7.1", "Not accepted for this address"),
    Reason.NOT_YET_OPEN: Reply(550, "5.7.1", "This conversation is not open"),
    Reason.CLOSED: Reply(550, "5.7.1", "This conversation is closed"),
    Reason.SEVERAL_CUSTOMERS: Reply(550, "5.7.1", "Write to one customer at a time, or use Bcc"),
    Reason.THIRD_PARTY: Reply(550, "5.7.1", "Other recipients are not allowed in To or Cc"),
    Reason.ATTACHMENTS_TOO_LARGE: Reply(552, "5.3.4", "Attachments too large"),
    Reason.ATTACHMENT_TYPE: Reply(554, "5.7.1", "Attachment of this type not accepted"),
    Reason.VIRUS: Reply(554, "5.7.1", "Content not accepted"),
    Reason.RATE: Reply(550, "5.7.1", "Too much mail in a short time"),
    Reason.LOOP: Reply(554, "5.4.6", "Mail loop detected"),
    Reason.UNREADABLE: Reply(554, "5.6.0", "Message cannot be read safely"),
    Reason.UNREACHABLE: Reply(550, "5.2.1", "This recipient cannot be reached at present"),
    Reason.SUSPENDED: Reply(550, "5.7.1", "Not accepted for this recipient at present"),
    Reason.ENCRYPTED: Reply(554, "5.7.1", "Encrypted content cannot be checked"),
}

LATER: Final[dict[Reason, Reply]] = {
    Reason.RATE: Reply(450, "4.7.1", "Too much mail in a short time, try again later"),
}
"""The same of what is put off."""
