"""What is looked for stands in the address, and the list, its counts and its export ask for the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.bookings import ROME

from relay.booking.booking import RequiredAction, Stage
from relay.booking.ledger import Payment
from relay.booking.partner import PartnerId, StaffId
from relay.booking.selection import Filter, Order, Tab
from relay.web.site.partner.listing import Sought
from relay.web.site.viewer import Membership

TEAM = Membership(PartnerId("p1"), "Garda Boats", None, sees_team=True)
GIULIA = Membership(PartnerId("p1"), "Garda Boats", StaffId("s1"), sees_team=False)


def test_the_plain_list_is_the_active_requests() -> None:
    """OR-31: expired ones are hidden by default."""
    assert Sought.of({}).filter(TEAM, ROME) == Filter(tabs=frozenset({Tab.REQUESTS}), partner="p1")
    assert Sought.of({}).query() == ""


def test_expired_requests_stand_among_the_active_ones_where_they_are_asked_for() -> None:
    """OR-31"""
    assert Sought.of({"expired": "yes"}).filter(TEAM, ROME).tabs == {Tab.REQUESTS, Tab.EXPIRED}
    assert Sought.of({"tab": "all", "expired": "yes"}).filter(TEAM, ROME) == Filter(partner="p1", expired=True)


def test_a_member_without_team_right_asks_for_theirs_alone() -> None:
    """OR-3"""
    assert Sought.of({}).filter(GIULIA, ROME).staff == "s1"


def test_every_filter_reaches_the_question_and_comes_back_in_the_address() -> None:
    """SL-27, SV-7, SV-8, SV-9, SV-21, OR-20, OR-21"""
    query = {
        "tab": "booked",
        "q": "Zofia",
        "promotion": "P-7",
        "offer": "o1",
        "variant": "v1",
        "assignee": "s2",
        "stage": "confirmed",
        "payment": "paid",
        "action": "open",
        "from": "2026-06-20",
        "until": "2026-06-21",
        "new": "yes",
        "not_contacted": "yes",
        "overdue": "yes",
        "unreached": "yes",
        "order": "start",
    }
    sought = Sought.of(query)
    assert sought.fields() == query
    assert sought.filter(TEAM, ROME, ("BOAT1",)) == Filter(
        text="Zofia",
        references=("BOAT1",),
        tabs=frozenset({Tab.BOOKED}),
        stages=frozenset({Stage.CONFIRMED}),
        payments=frozenset({Payment.PAID}),
        actions=frozenset({RequiredAction.OPEN}),
        promotion="P-7",
        offer="o1",
        variant="v1",
        partner="p1",
        assignee="s2",
        starts_from=datetime(2026, 6, 19, 22, tzinfo=UTC),
        starts_before=datetime(2026, 6, 21, 22, tzinfo=UTC),
        seen=False,
        contacted=False,
        overdue=True,
        unreached=True,
    )
    assert sought.order is Order.START


@pytest.mark.parametrize(
    "query", [{"tab": "x"}, {"from": "yesterday"}, {"until": "9999-12-31"}, {"order": "x"}, {"stage": "\x00"}]
)
def test_what_nobody_could_mean_is_passed_over(query: dict[str, str]) -> None:
    assert Sought.of(query) == Sought()


def test_whoever_narrows_a_list_begins_at_its_first_page() -> None:
    assert Sought.of({"after": "x"}).query(text="Zofia") == "?q=Zofia"
    assert Sought.of({"q": "Zofia"}).query(after="x") == "?q=Zofia&after=x"
    assert Sought.of({"new": "yes"}).toggled("new") == ""
