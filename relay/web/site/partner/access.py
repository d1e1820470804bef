"""Whose bookings somebody of a partner sees, and as whom they act."""

from __future__ import annotations

from relay.booking.booking import Booking
from relay.web.site.viewer import Membership


def is_theirs(booking: Booking, membership: Membership) -> bool:
    """Whether that member may see it: the whole team's, or what is assigned to them (OR-3)."""
    if booking.partner != membership.partner:
        return False
    return membership.member is None or membership.sees_team or booking.assignee == membership.member


def by(membership: Membership) -> str:
    """How histories name them: a word, never an address."""
    return membership.member if membership.member is not None else "partner"
