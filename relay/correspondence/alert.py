"""A letter to the operators about what they have to hear of (GW-54, FAULT-75, FAULT-101). In English, without any address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from relay.correspondence.foreign import shown
from relay.correspondence.house import House
from relay.correspondence.letter import date, letter, mailbox, text_part, unstructured
from relay.transit.alarm import Alarm, Alert
from relay.values import MsgId, RealAddress

SAID: Final[dict[Alarm, tuple[str, str]]] = {
    Alarm.ADDRESS_DEAD: (
        "an address of the {party} is dead: mail to it failed for good three times, and none goes there any more",
        "Find out the right address and add it, or let mail go there again: relay conversation resume {reference} {party}.",
    ),
    Alarm.COMPLAINT: (
        "the {party} reported mail of this booking as abuse ({detail}); mail to them is stopped",
        "Look at the messages first; to let mail pass again: relay conversation resume {reference} {party}.",
    ),
    Alarm.NOTICE_FAILED: (
        "the {party} could not be told what became of a message of theirs ({detail})",
        "Tell them in another way: relay archive show {message}.",
    ),
    Alarm.QUESTION_FAILED: (
        "the {party} could not be asked whether a message is theirs ({detail}); it is held, for 72 hours from when it came",
        "Ask them otherwise; then relay conversation add-address {reference} {party}, relay queue retry --confirmed, or drop.",
    ),
    Alarm.NOTIFICATION_FAILED: (
        "mail about it could not be delivered to the {party} ({detail})",
        "Tell them in another way; what the receivers said: relay trace {notification}.",
    ),
    Alarm.NOTIFICATION_PARKED: (
        "mail about it to the {party} has not gone out ({detail})",
        "See why: relay queue show mail-{notification}. When that is mended: relay queue retry mail-{notification}, or drop it.",
    ),
}
"""Of each alarm what happened, and what can be done."""

_IN_THEIR_PLACE: Final = (
    "The {other} waits meanwhile. Whatever is done with the booking is told to them: relay booking show {reference} says what is"
    " possible; relay booking act {reference} ACT --actor {party} does it in the place of the {party}."
)
"""Of mail about a booking: the other side learns of it by what the house does about it (GW-54)."""

_reference_characters_max: Final = 100


def alert_letter(alerts: Sequence[Alert], *, operator: RealAddress, house: House, now: datetime, message_id: MsgId) -> bytes:
    """A complete, unsigned mail to `operator` that tells of `alerts`, at least one, in their order."""
    text = "\n\n".join(_told(one) for one in alerts)
    subject = f"Booking {_reference(alerts[0])}: {alerts[0].alarm.value}" if len(alerts) == 1 else f"{len(alerts)} alerts"
    fields = (
        ("From", mailbox(house.brand, house.noreply)),
        ("To", mailbox("", operator.reveal())),
        ("Subject", unstructured("Subject", subject)),
        ("Date", date(now)),
        ("Message-ID", f"<{message_id}>"),
        ("Auto-Submitted", "auto-generated"),
    )
    return letter(fields, text_part("plain", f"{text}\n"))


def _told(alert: Alert) -> str:
    known = {
        "party": alert.party.value if alert.party is not None else "operators",
        "reference": _reference(alert),
        "message": alert.message or "",
        "notification": alert.notification or "",
        "detail": alert.detail,
        "other": alert.party.other.value if alert.party is not None else "",
    }
    happened, advice = (sentence.format_map(known) for sentence in SAID[alert.alarm])
    if alert.notification is not None and alert.party is not None:
        advice = f"{advice}\n{_IN_THEIR_PLACE.format_map(known)}"
    at = f"{alert.at:%Y-%m-%d %H:%M} UTC"
    came = f"Message id: {alert.message}" if alert.notification is None else f"Mail id: {alert.notification}"
    return f"Booking {_reference(alert)}, {at}: {happened}.\n{advice}\n{came}"


def _reference(alert: Alert) -> str:
    return shown(alert.reference, _reference_characters_max)
