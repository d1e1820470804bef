"""Everybody begins at what waits for them."""

from __future__ import annotations

import pytest
from support.site import a_customer, a_partner, of_the_house

from relay.web.site.home import first_page
from relay.web.site.viewer import Office, Viewer


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (of_the_house(Office.OPERATOR), "/operator"),
        (of_the_house(Office.OPERATOR, Office.AUDITOR), "/operator"),
        (of_the_house(Office.OPERATOR, Office.SUPPORT), "/support"),
        (of_the_house(Office.AUDITOR), "/support"),
        (a_partner("p1", "team@garda.example"), "/partner/p1"),
        (a_customer("zofia@poczta.example"), "/my"),
    ],
)
def test_everybody_begins_at_theirs(viewer: Viewer, expected: str) -> None:
    assert first_page(viewer) == expected
