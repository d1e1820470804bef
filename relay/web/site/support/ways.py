"""The way about the pages of support."""

from __future__ import annotations

from typing import Final

from relay.correspondence.languages import marked as _
from relay.web.site.layout import Way
from relay.web.site.viewer import Office, Viewer
from relay.web.site.words import site_words

_READERS: Final = frozenset({Office.SUPPORT, Office.SENIOR})
_PLACES: Final = {
    "search": ("/support", _("Search"), _READERS | {Office.LEGAL}),
    "cases": ("/support/cases", _("Cases"), _READERS | {Office.LEGAL}),
    "genuine": ("/support/genuine", _("Is this genuine?"), _READERS),
    "accesses": ("/support/audit", _("Who has looked"), frozenset({Office.AUDITOR})),
}


def support_ways(viewer: Viewer, here: str = "") -> tuple[Way, ...]:
    """The links of the navigation, as far as they are for `viewer`; `here` names the present one."""
    said = site_words(viewer.language).gettext
    return tuple(
        Way(path, said(label), is_here=place == here)
        for place, (path, label, offices) in _PLACES.items()
        if any(viewer.holds(one) for one in offices)
    )
