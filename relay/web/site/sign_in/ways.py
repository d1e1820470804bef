"""Where somebody wanted to go before they had to sign in."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from relay.web.site.route import next_characters_max

_NOT_AFTERWARDS: Final = ("/sign-in", "/sign-out")


def ours(wanted: str) -> str:
    """`wanted` where it is a path of these pages, with its query; nothing for what would lead elsewhere, or back to signing in.

    Browsers take `//host` and `/\\host` for another host, and drop what does not print.
    """
    if not 0 < len(wanted) <= next_characters_max or not wanted.isprintable() or not wanted.isascii() or "\\" in wanted:
        return ""
    if not wanted.startswith("/") or wanted.startswith("//"):
        return ""
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or any(parts.path == one or parts.path.startswith(f"{one}/") for one in _NOT_AFTERWARDS):
        return ""
    return wanted
