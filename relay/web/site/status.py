"""Where a booking stands, in words: the same on every page, whoever looks (SV-20)."""

from __future__ import annotations

from typing import Final

from relay.booking.badges import Badge
from relay.booking.booking import Relay, RequiredAction, Stage
from relay.booking.ledger import Payment
from relay.booking.selection import Tab
from relay.correspondence.languages import marked as _

TABS: Final = {
    Tab.REQUESTS: _("Active requests"),
    Tab.AWAITING_PAYMENT: _("Awaiting payment"),
    Tab.BOOKED: _("Booked"),
    Tab.PAST: _("Past"),
    Tab.EXPIRED: _("Expired"),
    Tab.ENDED: _("Ended"),
}

STAGES: Final = {
    Stage.DRAFT: _("Begun"),
    Stage.REQUESTED: _("Requested"),
    Stage.COUNTERED: _("Other terms offered"),
    Stage.AWAITING_PAYMENT: _("Awaiting payment"),
    Stage.CONFIRMED: _("Booked"),
    Stage.COMPLETED: _("Took place"),
    Stage.DECLINED: _("Declined"),
    Stage.WITHDRAWN: _("Withdrawn"),
    Stage.EXPIRED: _("Expired"),
    Stage.CANCELLED: _("Cancelled"),
}

PAYMENTS: Final = {
    Payment.NOTHING_DUE: _("Nothing to pay"),
    Payment.UNPAID: _("Unpaid"),
    Payment.IN_FLIGHT: _("Being paid"),
    Payment.PAID: _("Paid"),
    Payment.PART_REFUNDED: _("Partly refunded"),
    Payment.REFUNDED: _("Refunded"),
    Payment.DISPUTED: _("Disputed at the bank"),
}

PAYMENT_KINDS: Final = {
    Payment.UNPAID: "bad",
    Payment.IN_FLIGHT: "warn",
    Payment.PAID: "good",
    Payment.PART_REFUNDED: "good",
    Payment.REFUNDED: "good",
    Payment.DISPUTED: "bad",
}
"""The colour of the dot beside the word (OR-30); none where nothing is to be paid."""

ACTIONS: Final = {
    RequiredAction.NONE: _("No required action"),
    RequiredAction.OPEN: _("Required action open"),
    RequiredAction.DONE: _("Required action done"),
}

BADGES: Final = {
    Badge.NEW: (_("New"), "new", "●"),
    Badge.NOT_CONTACTED: (_("Not contacted yet"), "bad", "plane"),
    Badge.ASKED_FOR: (_("On request"), "", "hand"),
    Badge.UNPAID: (_("Unpaid"), "bad", "●"),
    Badge.PAID: (_("Paid"), "good", "●"),
    Badge.OVERDUE: (_("Overdue"), "bad", "!"),
    Badge.BLOCKED: (_("Kept by the operator"), "warn", "pause"),
    Badge.CHANGE_PROPOSED: (_("Change proposed"), "warn", "↔"),
    Badge.ACTION_OPEN: (_("Required action open"), "warn", "!"),
    Badge.ACTION_DONE: (_("Required action done"), "good", "✓"),
    Badge.EXPIRED: (_("Expired"), "", "clock"),
}
"""What a sign says, its colour, and what is drawn beside it: never the colour alone."""

CONVERSATION: Final = {
    Relay.MINTED: _("You can write to each other by mail once it is confirmed."),
    Relay.OPEN: _("You can write to each other by mail."),
    Relay.CLOSED: _("The time for writing to each other is over."),
}
