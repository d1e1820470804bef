"""Mail addresses out of what is shown to people and programs from outside (LEAK-86)."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(r"[^\s@<>\"'=,;:()\[\]]{1,64}@([A-Za-z0-9.-]{1,255})")


def masked(text: str, ours: str) -> str:
    """`text` with mail addresses masked, but for those at the domain `ours`, which are aliases."""
    return _ADDRESS.sub(lambda found: found[0] if found[1].rstrip(".").lower() == ours else "<address>", text)
