"""What the operators are written about alerts (GW-54, FAULT-75, FAULT-101)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.alerts import an_alert
from support.mails import read, text_of
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS

from relay.correspondence.alert import alert_letter
from relay.correspondence.house import House
from relay.transit.alarm import Alarm, Alert
from relay.values import MsgId, RealAddress

HOUSE = House("Example Travel", DOMAIN, "https://example.com/support")


def written(*alerts: Alert) -> bytes:
    operator = RealAddress("ops@house.example")
    return alert_letter(alerts, operator=operator, house=HOUSE, now=NOW, message_id=MsgId(f"a@{DOMAIN}"))


@pytest.mark.parametrize(
    ("alarm", "words"),
    [
        (Alarm.ADDRESS_DEAD, ("customer is dead", "relay conversation resume GYG4K7Q2X9ABC customer")),
        (Alarm.COMPLAINT, ("customer reported", "(abuse)", "relay conversation resume GYG4K7Q2X9ABC customer")),
        (Alarm.NOTICE_FAILED, ("could not be told", "relay archive show m1")),
        (
            Alarm.QUESTION_FAILED,
            (
                "could not be asked",
                "relay conversation add-address GYG4K7Q2X9ABC customer",
                "relay queue retry --confirmed, or drop.",
            ),
        ),
        (Alarm.NOTIFICATION_FAILED, ("could not be delivered to the customer", "relay trace n1")),
        (Alarm.NOTIFICATION_PARKED, ("to the customer has not gone out", "relay queue show mail-n1")),
    ],
)
def test_each_alarm_is_told_with_what_can_be_done(alarm: Alarm, words: tuple[str, ...]) -> None:
    mail = written(an_alert(alarm, detail="abuse"))
    text = " ".join(text_of(mail).split())
    assert all(word in text for word in words)
    assert "GYG4K7Q2X9ABC" in read(mail)["Subject"]
    assert read(mail)["Auto-Submitted"] == "auto-generated"
    assert not any(address.encode() in mail for address in (CUSTOMER_ADDRESS, PARTNER_ADDRESS))


def test_mail_about_a_booking_that_did_not_arrive_is_told_with_what_may_be_done_in_the_place_of_its_reader() -> None:
    """GW-54: the other side learns of it by what the house does"""
    text = " ".join(text_of(written(an_alert(Alarm.NOTIFICATION_PARKED))).split())
    assert "The partner waits meanwhile." in text
    assert "relay booking act GYG4K7Q2X9ABC ACT --actor customer" in text
    assert "in the place of the customer" in text
    of_operators = replace(an_alert(Alarm.NOTIFICATION_FAILED), party=None)
    assert "in the place" not in text_of(written(of_operators))
    assert "in the place" not in text_of(written(an_alert(Alarm.ADDRESS_DEAD)))


def test_many_alerts_make_one_letter() -> None:
    mail = written(*(an_alert(Alarm.NOTICE_FAILED, number=number) for number in range(3)))
    assert read(mail)["Subject"] == "3 alerts"
    assert text_of(mail).count("could not be told") == 3


def test_a_reference_that_is_no_line_of_text_stays_one() -> None:
    mail = written(replace(an_alert(Alarm.COMPLAINT), reference="a\r\nX-Evil: 1"))
    assert read(mail)["X-Evil"] is None
