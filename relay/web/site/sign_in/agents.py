"""Words for a browser, by which its owner knows it again: nothing more of what it says about itself is kept."""

from __future__ import annotations

from typing import Final

_scanned_characters_max: Final = 500
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What stands in a User-Agent, those first that also name another one."""
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
BETWEEN: Final = " on "


def agent_words(user_agent: str) -> str:
    """ "Firefox on Linux"; either alone where the other is not known, nothing where both are not."""
    said = user_agent[:_scanned_characters_max]
    known = (next((word for sign, word in table if sign in said), "") for table in (_BROWSERS, _SYSTEMS))
    return BETWEEN.join(filter(None, known))
