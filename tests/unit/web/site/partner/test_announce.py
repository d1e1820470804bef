"""A one-way message to everybody who takes part on a date."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from support.bookings import paid
from support.partner_site import PartnerSite, written

from relay.booking.booking import Stage

PATH = "/partner/p1/announce"
WHOLE = {"offer": "o1", "date": "2026-06-21", "subject": "Rain", "text": "We start\r\nat ten."}


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


async def test_everybody_of_the_day_as_the_place_has_it_is_written_to(site: PartnerSite) -> None:
    """SL-B5"""
    site.bookings.put(Stage.CONFIRMED, paid())
    counted = await site.team.send(PATH, {**WHOLE, "subject": "", "text": "", "does": "count"})
    assert written(counted.text, "form [role=status]") == ["1 booking"]
    assert site.bookings.announced == []
    answer = await site.team.send(PATH, WHOLE)
    assert answer.headers["location"] == "/partner/p1?tab=booked&told=announced"
    [one] = site.bookings.announced
    assert (one.starts_from, one.starts_before) == (datetime(2026, 6, 20, 22, tzinfo=UTC), datetime(2026, 6, 21, 22, tzinfo=UTC))
    assert (one.subject, one.text) == ("Rain", "We start\nat ten.")


@pytest.mark.parametrize("wrong", [{"offer": "other"}, {"date": "soon"}, {"subject": " "}, {"text": ""}])
async def test_what_is_missing_is_named_and_nothing_is_lost(site: PartnerSite, wrong: dict[str, str]) -> None:
    answer = await site.team.send(PATH, {**WHOLE, **wrong})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert len(written(answer.text, ".wrong")) == 1
    assert site.bookings.announced == []


async def test_where_nobody_takes_part_that_is_said(site: PartnerSite) -> None:
    answer = await site.team.send(PATH, WHOLE)
    assert "Nobody takes part on that day." in answer.text


async def test_whoever_sees_their_own_alone_does_not_write_to_all(site: PartnerSite) -> None:
    """OR-3"""
    assert (await site.giulia.get(PATH)).status_code == HTTPStatus.NOT_FOUND
    assert (await site.giulia.send(PATH, WHOLE)).status_code == HTTPStatus.NOT_FOUND
