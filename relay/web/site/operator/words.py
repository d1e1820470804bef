"""The words of operators' pages for what is a closed set in the house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from babel.dates import format_timedelta

from relay.booking.booking import HoldKind, Stage
from relay.booking.offer import Audience, Channel
from relay.correspondence import sign_in
from relay.correspondence.languages import marked
from relay.transit.alarm import Alarm
from relay.values import Language, Role
from relay.web.diagnosis import Health

HEALTH: Final = {Health.FINE: marked("fine"), Health.WARNING: marked("warning"), Health.FAILED: marked("fails")}
ALARMS: Final = {
    Alarm.ADDRESS_DEAD: marked("An address is dead; no mail goes there any more"),
    Alarm.COMPLAINT: marked("A party reported mail as abuse; none goes to them until it is resumed"),
    Alarm.NOTICE_FAILED: marked("A writer could not be told what became of their message"),
    Alarm.QUESTION_FAILED: marked("A party could not be asked whether a message is theirs"),
    Alarm.NOTIFICATION_FAILED: marked("Mail about a booking could not be delivered"),
    Alarm.NOTIFICATION_PARKED: marked("Mail about a booking could not be written, or reaches nobody"),
}
ROLES: Final = {Role.PARTNER: marked("partner"), Role.CUSTOMER: marked("customer")}
STATES: Final = {
    "due": marked("under way"),
    "held": marked("held"),
    "delivered": marked("delivered"),
    "failed": marked("failed"),
    "dropped": marked("given up"),
}
CARRIES: Final = {
    "nothing": marked("nothing yet"),
    "rendition": marked("a message"),
    "notice": marked("a notice to a writer"),
    "question": marked("a question to a party"),
    "operator": marked("mail to operators"),
    "notification": marked("mail about a booking"),
    "sign_in": sign_in.BUTTON,
}
REASONS: Final = {
    "leak": marked("something in it would tell who or where the writer is"),
    "fault": marked("something of ours broke over it"),
    "unknown_writer": marked("nobody knows who wrote it"),
    "suspended": marked("the other party reported this conversation as abuse"),
    "unreachable": marked("every address of the other party is dead"),
    "contact_details": marked("it holds contact details"),
}
"""Why something is held; others stand as they are."""
KINDS: Final = {
    "address": marked("a mail address"),
    "domain": marked("a domain"),
    "word": marked("a word that tells who somebody is"),
    "host": marked("the name of a host"),
    "unreadable": marked("a part that cannot be read"),
}
"""What the second reading finds. What was found is shown nowhere."""
CAUSES: Final = {
    "mailbox_full": marked("the mailbox is full"),
    "server_unreachable": marked("the server does not answer"),
    "too_large": marked("too large for the receiver"),
    "address_wrong": marked("there is no such address"),
    "blocked": marked("the receiver does not want it"),
    "other": marked("another cause"),
}
REFUSALS: Final = {
    "closed": marked("The conversation was closed"),
    "not_yet_open": marked("The conversation was not open yet"),
    "several_customers": marked("Several customers in To or Cc"),
    "third_party": marked("Other recipients in To or Cc"),
    "attachments_too_large": marked("Attachments too large"),
    "attachment_type": marked("A type of attachment that is not taken"),
    "virus": marked("A virus"),
    "rate": marked("Too much in a short time"),
    "loop": marked("A loop"),
    "unreadable": marked("It could not be read safely"),
    "encrypted": marked("It was encrypted"),
    "unreachable": marked("Every address of the other party is dead"),
    "unproven": marked("Nobody proves who wrote it"),
    "disowned": marked("Its domain disowns it"),
    "not_one_author": marked("Not exactly one author"),
    "own_alias": marked("Written to the writer's own alias"),
}
"""Why a message was refused; others stand as they are."""
DESTINATIONS: Final = {"other": marked("all others")}
AGES: Final = {
    "5m": marked("up to 5 minutes"),
    "1h": marked("up to 1 hour"),
    "4h": marked("up to 4 hours"),
    "1d": marked("up to 1 day"),
    "2d": marked("up to 2 days"),
    "more": marked("longer"),
}
AUDIENCES: Final = {
    Audience.PUBLIC: marked("the public"),
    Audience.GROUP: marked("groups"),
    Audience.BUSINESS: marked("businesses"),
}
CHANNELS: Final = {
    Channel.ONLINE: marked("online"),
    Channel.BOX_OFFICE: marked("at the box office"),
    Channel.PHONE: marked("by telephone"),
    Channel.API: marked("through the API"),
}
HOLDS: Final = {
    HoldKind.RESERVATION: marked("Reservations"),
    HoldKind.OPTION: marked("Options"),
    HoldKind.CHECKOUT: marked("At the checkout"),
}
STAGES: Final = {
    Stage.AWAITING_PAYMENT: marked("wait for payment"),
    Stage.CONFIRMED: marked("confirmed"),
    Stage.COMPLETED: marked("took place"),
    Stage.CANCELLED: marked("cancelled"),
    Stage.EXPIRED: marked("expired"),
}
"""The stages that say how many customers confirm (ST-24)."""


def spans(language: Language) -> Callable[[timedelta], str]:
    """How long something lasts, in the words of a language: its largest unit."""

    def span(lasted: timedelta) -> str:
        return format_timedelta(lasted, granularity="second", threshold=2, locale=language.value)

    return span
