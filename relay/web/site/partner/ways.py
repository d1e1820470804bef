"""The way about a partner's pages."""

from __future__ import annotations

from typing import Final

from relay.booking.selection import Counts
from relay.correspondence.languages import marked as _
from relay.web.site.layout import Way
from relay.web.site.viewer import Membership, Viewer
from relay.web.site.words import site_words

_PLACES: Final = {
    "bookings": ("", _("Requests and bookings")),
    "calendar": ("/calendar", _("Calendar")),
    "offers": ("/offers", _("Offers")),
    "messages": ("/messages", _("Messages")),
    "team": ("/team", _("Team")),
}


def ways(viewer: Viewer, membership: Membership, here: str, counts: Counts | None = None) -> tuple[Way, ...]:
    """The links of the navigation; `here` is the one of the present page: bookings, calendar, offers, messages, team.

    With `counts`, the first says how many requests nobody of the partner's has looked at (OR-20).
    """
    said = site_words(viewer.language).gettext
    home = f"/partner/{membership.partner}"
    unseen = counts.unseen if counts is not None and counts.unseen else None
    return tuple(
        Way(home + path, said(label), unseen if place == "bookings" else None, place == here)
        for place, (path, label) in _PLACES.items()
    )
