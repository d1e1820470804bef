"""The way about a partner's pages."""

from __future__ import annotations

from support.site import a_partner

from relay.booking.booking import Actor, RequiredAction, Stage
from relay.booking.selection import Counts, Tab
from relay.web.site.partner.ways import ways


def _counts(unseen: int) -> Counts:
    return Counts(
        dict.fromkeys(Tab, 0), dict.fromkeys(Stage, 0), dict.fromkeys(RequiredAction, 0), unseen, 0, 0, dict.fromkeys(Actor, 0)
    )


def test_the_navigation_says_where_one_is_and_how_many_requests_are_new() -> None:
    """OR-20"""
    viewer = a_partner("p1", "team@garda.example")
    shown = ways(viewer, viewer.partners[0], "calendar", _counts(3))
    assert [(one.href, one.count, one.is_here) for one in shown] == [
        ("/partner/p1", 3, False),
        ("/partner/p1/calendar", None, True),
        ("/partner/p1/offers", None, False),
        ("/partner/p1/messages", None, False),
        ("/partner/p1/team", None, False),
    ]


def test_nothing_new_is_no_number() -> None:
    viewer = a_partner("p1", "team@garda.example")
    assert ways(viewer, viewer.partners[0], "bookings", _counts(0))[0].count is None
    assert ways(viewer, viewer.partners[0], "bookings")[0].count is None
