"""Alerts for tests."""

from __future__ import annotations

from relay.transit.alarm import Alarm, Alert
from relay.values import MessageId, Role
from support.world import NOW


def an_alert(alarm: Alarm, *, number: int = 1, detail: str = "") -> Alert:
    """Of the customer of the small world, told to nobody yet."""
    return Alert(number, NOW, alarm, "GYG4K7Q2X9ABC", Role.CUSTOMER, MessageId("m1"), detail, None)
