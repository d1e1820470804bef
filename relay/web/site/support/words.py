"""What became of messages, and what happened beside them, in the words of who decides a dispute."""

from __future__ import annotations

from typing import Final

from relay.conversation import Standing
from relay.correspondence.languages import marked as _
from relay.transit.crossing import Fate
from relay.values import Role

ROLES: Final = {Role.CUSTOMER: _("Customer"), Role.PARTNER: _("Provider")}

STANDINGS: Final = {
    Standing.PENDING: (_("Not confirmed yet"), ""),
    Standing.OPEN: (_("Window open"), "good"),
    Standing.OVER: (_("Window over"), "warn"),
    Standing.CLOSED: (_("Closed by support"), "bad"),
}
"""Whether the two may write to each other, and its colour."""

FATES: Final = {
    Fate.PASSED: (_("Passed"), ""),
    Fate.REFUSED: (_("Blocked"), "bad"),
    Fate.HELD: (_("Held"), "warn"),
    Fate.UNCLAIMED: (_("Archived: nobody says they wrote it"), ""),
    Fate.DUPLICATE: (_("Sent again, delivered once"), ""),
    Fate.TAKEN: (_("Answer to the booking"), ""),
    Fate.ABSORBED: (_("Not passed on"), ""),
}

REASONS: Final = {
    "unknown_alias": _("there is no such address"),
    "unproven": _("its writer is not proven"),
    "disowned": _("the domain in From says that it did not write it"),
    "unknown_writer": _("its writer is not known; the party is asked"),
    "not_one_author": _("it has not exactly one author"),
    "own_alias": _("the writer wrote to their own address"),
    "not_yet_open": _("the booking was not confirmed yet"),
    "closed": _("the conversation was closed"),
    "several_customers": _("several customers in To or Cc"),
    "third_party": _("other recipients in To or Cc"),
    "attachments_too_large": _("its attachments are too large"),
    "attachment_type": _("an attachment of a kind that is not accepted"),
    "virus": _("the virus scan found something"),
    "rate": _("too much mail in a short time"),
    "loop": _("a mail loop"),
    "unreadable": _("it cannot be read safely"),
    "encrypted": _("it is encrypted and cannot be checked"),
    "unreachable": _("the other party cannot be reached"),
    "suspended": _("the other party reported mail as abuse"),
    "report": _("mail about mail"),
    "answer": _("it answers the booking"),
    "duplicate": _("the same message came before"),
    "leak": _("it would have told who somebody is"),
    "fault": _("something in us broke over it"),
    "contact_details": _("it holds contact details"),
}

STATES: Final = {
    "due": (_("under way"), ""),
    "held": (_("stopped"), "warn"),
    "delivered": (_("delivered"), "good"),
    "failed": (_("not delivered"), "bad"),
    "dropped": (_("given up"), "bad"),
}

OUTCOMES: Final = {
    "delivered": _("delivered"),
    "deferred": _("not now, tried again"),
    "failed": _("refused for good"),
    "bounced": _("came back"),
}

CAUSES: Final = {
    "mailbox_full": _("the mailbox is full"),
    "server_unreachable": _("the server cannot be reached"),
    "too_large": _("too large for the other server"),
    "address_wrong": _("no such mailbox"),
    "blocked": _("the other server blocks it"),
    "other": _("another cause"),
}

CARRIES: Final = {
    "rendition": _("Message to the other party"),
    "notice": _("Notice to the writer"),
    "question": _("Question to the party: is it you?"),
    "operator": _("Mail to the operators"),
    "notification": _("Mail about the booking"),
}

HAPPENED: Final = {
    "opened": _("Conversation set up"),
    "confirmed": _("Conversation opened: the booking is confirmed"),
    "extended": _("Window extended"),
    "moved": _("The activity ends at another time"),
    "closed": _("Conversation closed"),
    "reopened": _("Conversation opened again"),
    "address_added": _("An address became known"),
    "address_removed": _("An address was taken back"),
    "domain_added": _("A domain became known"),
    "domain_removed": _("A domain was taken back"),
    "network_confirmed": _("Confirmed to write from another network"),
    "address_denied": _("Said that an address is not theirs"),
    "address_dead": _("An address is dead: mail does not arrive there"),
    "complaint": _("Reported mail as abuse"),
    "resumed": _("Mail goes to them again"),
    "notice": _("Notice sent"),
    "notification": _("Mail about the booking"),
    "held": _("Stopped"),
    "released": _("Let out"),
    "retried": _("Tried again"),
    "returned": _("Returned to its writer"),
    "dropped": _("Given up"),
    "answered": _("Answered whether they wrote it"),
    "claimed": _("Its writer is known now"),
    "unclaimed": _("Archived: nobody says they wrote it"),
    "legal_hold": _("Legal hold: nothing of it is erased"),
    "legal_hold_end_asked": _("Somebody wants the legal hold to end; a second person has to agree"),
    "legal_hold_released": _("The legal hold has ended"),
    "retention": _("Some of what was kept had its time, and is gone"),
    "erased": _("Erased"),
    "message": _("Message"),
}
"""The kinds of a timeline's entries."""

STEPS: Final = {
    "request": _("Requested"),
    "reserve": _("Reserved"),
    "check out": _("Checked out"),
    "see": _("Seen by the provider"),
    "assign": _("Assigned"),
    "contact": _("The provider wrote on a page"),
    "mark as contacted": _("Marked as contacted"),
    "write back": _("The customer wrote back on a page"),
    "counter": _("Other terms offered"),
    "accept": _("Accepted"),
    "book": _("Booked"),
    "decline": _("Declined"),
    "withdraw": _("Withdrawn"),
    "take back the acceptance": _("Acceptance taken back"),
    "paid": _("Paid"),
    "take the payment": _("Payment entered"),
    "payment failed": _("A payment failed"),
    "extend the deadline": _("Time to pay extended"),
    "block the release": _("Kept by the operator"),
    "unblock the release": _("Kept no longer"),
    "release": _("Place released"),
    "lapse": _("Expired"),
    "reinstate": _("Reinstated"),
    "propose a change": _("Change proposed"),
    "refuse the change": _("Change refused"),
    "reschedule": _("Moved to another time"),
    "required action done": _("Required action done"),
    "required action open again": _("Required action open again"),
    "cancel": _("Cancelled"),
    "refer to the partner": _("Customer referred to the provider"),
    "refund": _("Refund begun"),
    "redeem": _("Redeemed"),
    "undo the redemption": _("Redemption undone"),
    "mark as no-show": _("Marked as no-show"),
    "complete": _("Took place"),
    "close the conversation": _("Conversation closed"),
    "reopen the conversation": _("Conversation opened again"),
    "erase": _("Personal data erased"),
    "not reached": _("Mail did not reach a party"),
}
"""What was done to the booking, by the acts of its lifecycle."""

HIDDEN: Final = {
    "address": _("address"),
    "phone number": _("telephone number"),
    "bank account": _("bank account"),
    "link": _("link"),
    "name": _("name"),
    "image": _("picture from elsewhere"),
    "metadata": _("what software noted about somebody"),
    "footer": _("our own footer, quoted"),
    "markup": _("active content"),
}
"""Kinds of what is taken out; others are told as they are called."""
TREATED: Final = {"mask": _("taken out"), "mark": _("left, and recorded"), "hold": _("left; the message was held for it")}
