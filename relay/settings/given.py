"""What was given for a key, as the error about it repeats it."""

from __future__ import annotations

import json


def shown(given: object) -> str:
    """One line of ASCII, of 80 characters at most."""
    text = json.dumps(given, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
