"""The way about a customer's pages."""

from __future__ import annotations

from typing import Final

from relay.correspondence.languages import marked as _
from relay.web.site.layout import Way
from relay.web.site.viewer import Viewer
from relay.web.site.words import site_words

_PLACES: Final = {"bookings": ("/my", _("My bookings")), "offers": ("/offers", _("Offers"))}


def ways(viewer: Viewer, here: str, waiting: int | None = None) -> tuple[Way, ...]:
    """The links of the navigation; `waiting`: how many bookings wait for the customer (ST-18)."""
    said = site_words(viewer.language).gettext
    return tuple(
        Way(path, said(label), waiting if place == "bookings" and waiting else None, place == here)
        for place, (path, label) in _PLACES.items()
    )
