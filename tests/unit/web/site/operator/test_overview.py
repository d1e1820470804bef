"""Everything in one look, for operators alone (faults.md 4.5)."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from support.operators import Operators
from support.world import NOW

from relay.web.operator_ports import Audited, Certificate
from relay.web.site.viewer import Office


async def works() -> None: ...


async def broken() -> None:
    raise RuntimeError("the schema is not the present one")


async def test_one_look_says_what_waits_what_failed_and_what_somebody_has_to_hear_of() -> None:
    house = Operators(checks={"database": works, "disk": works})
    text = (await house.browser().get("/operator")).text
    for expected in (
        "All 2 parts that are asked work.",
        "7 minutes",
        "Nobody could be told",
        "GYG4K7Q2X9ABC",
        "Nobody has audited yet.",
        "None: mail comes in unencrypted.",
    ):
        assert expected in text


async def test_what_does_not_work_stands_at_the_top_and_scanning_that_is_off_in_red() -> None:
    """Invariant 7: that nothing is scanned has to be seen."""
    house = Operators(
        checks={"database": broken, "disk": works},
        warnings=("antivirus.mode: off: attachments pass unscanned", "relay.operators: nobody gets mail"),
    )
    text = (await house.browser().get("/operator")).text
    assert "the schema is not the present one" in text
    assert '<p class="note bad">antivirus.mode: off' in text
    assert '<p class="note warn">relay.operators' in text


@pytest.mark.parametrize(
    ("left", "fault", "expected"),
    [
        (timedelta(days=60), "", "It ends on"),
        (timedelta(days=3), "", "It ends soon"),
        (-timedelta(days=1), "", "It has ended."),
        (timedelta(days=60), "key does not fit", "A newer one cannot be used: key does not fit"),
    ],
)
async def test_a_certificate_is_told_with_its_end(left: timedelta, fault: str, expected: str) -> None:
    house = Operators(certificate=Certificate(NOW + left, fault))
    assert expected in " ".join((await house.browser().get("/operator")).text.split())


async def test_the_last_audit_is_told_with_what_it_found() -> None:
    house = Operators()
    house.operation.audited = Audited(NOW, 3)
    assert "3 things were not accounted for." in (await house.browser().get("/operator")).text


async def test_the_doctor_examines_when_somebody_asks_and_says_what_to_do() -> None:
    house = Operators()
    browser = house.browser()
    assert "Examine now" in (await browser.get("/operator/doctor")).text
    assert house.doctor.last is None
    answer = await browser.send("/operator/doctor")
    assert answer.status_code == HTTPStatus.OK
    assert "1 part fails." in answer.text
    assert "mend the resolver" in answer.text


async def test_alerts_are_listed_the_newest_first() -> None:
    text = (await Operators().browser().get("/operator/alerts")).text
    assert "An address is dead" in text


@pytest.mark.parametrize("office", [Office.SUPPORT, Office.SENIOR, Office.LEGAL, Office.AUDITOR])
@pytest.mark.parametrize("path", ["/operator", "/operator/doctor", "/operator/alerts", "/operator/queue", "/operator/queue/dead"])
async def test_no_other_office_sees_these_pages(office: Office, path: str) -> None:
    assert (await Operators().browser(office).get(path)).status_code == HTTPStatus.NOT_FOUND


async def test_whoever_is_an_auditor_too_is_led_to_who_looked_at_what() -> None:
    """AR-1: the audit of access is for auditors alone."""
    assert "/support/audit" not in (await Operators().browser(Office.OPERATOR).get("/operator")).text
    assert "/support/audit" in (await Operators().browser(Office.OPERATOR, Office.AUDITOR).get("/operator")).text


async def test_a_gateway_that_is_used_alone_speaks_of_no_bookings() -> None:
    text = (await Operators(keeps_bookings=False).browser().get("/operator")).text
    assert "/operator/releases" not in text
