"""Alerts for tests."""

from __future__ import annotations

from relay.transit.alarm import Alarm, Alert
from relay.values import MessageId, NotificationId, Role
from support.world import NOW


def an_alert(alarm: Alarm, *, number: int = 1, detail: str = "") -> Alert:
    """Of the customer of the small world, told to nobody yet."""
    is_of_booking = alarm in {Alarm.NOTIFICATION_FAILED, Alarm.NOTIFICATION_PARKED}
    message, mail = (None, NotificationId("n1")) if is_of_booking else (MessageId("m1"), None)
    return Alert(number, NOW, alarm, "GYG4K7Q2X9ABC", Role.CUSTOMER, message, detail, None, mail)
