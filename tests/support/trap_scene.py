"""Two people of a self-test, for tests of its parts."""

from __future__ import annotations

from typing import Final

from relay.selftest.traps import Scene, Side
from support.world import DOMAIN

WRITER: Final = Side(
    *("w@writer.example", "w2@second.example", "writer.example", "Ann", "Vernici", "Vernici Co", "h.w.example", "8.8.8.8"),
    alias=f"p-1@{DOMAIN}",
)
READER: Final = Side(
    *("r@reader.example", "r2@third.example", "reader.example", "Bo", "Lettori", "Lettori Co", "h.r.example", "9.9.9.9"),
    alias=f"c-1@{DOMAIN}",
)
SCENE: Final = Scene(WRITER, READER, "Example Travel")
