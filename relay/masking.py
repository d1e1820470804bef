"""Mail addresses out of what is logged, and of what is shown to people and programs from outside (invariant 1, LEAK-86)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

MASK: Final = "<address>"

_AT: Final = "@＠﹫"
"""The at sign, and its full-width and small forms, which people's programs read as one."""
_LOCAL: Final = rf"[^\s<>\"(),:;\[\]\\{_AT}]"
_DOMAIN: Final = r"[^\x00-,/:-@\[-^`{-\x7f\s]"
"""Of ASCII: letters, digits, dot, hyphen, underscore. Beyond it anything but space: names in every script, with their marks."""
_ADDRESS: Final = re.compile(
    rf"(?P<local>(?<!{_LOCAL}){_LOCAL}++|\"(?:[^\"\\\r\n]|\\.){{0,64}}+\")[{_AT}](?P<domain>{_DOMAIN}++(?:[{_AT}]{_DOMAIN}++)*+|\[[0-9A-Za-z:.-]{{1,64}}\])"
)
"""A local part as it is usually written begins where a word does, and never goes back; a quoted one is bounded: linear in all."""
_OF_AN_ALIAS: Final = re.compile(r"[A-Za-z0-9.-]++")
_AFTER_A_DOMAIN: Final = ".…。”’»"
"""What ends a sentence or a quotation, and is no part of the domain before it."""


def masked(text: str, ours: str = "") -> str:
    """`text` with mail addresses masked, but for those at the domain `ours`, which are aliases. Linear in its length."""
    if not any(sign in text for sign in _AT):
        return text
    return _ADDRESS.sub(lambda found: found[0] if ours and _is_alias(found, ours) else MASK, text)


def written(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, str]]:
    """Where mail addresses stand in text[start:end], and what each is, with a plain at sign. Linear in its length."""
    part = text[start:end]
    if any(sign in part for sign in _AT):
        for found in _ADDRESS.finditer(part):
            domain = found["domain"].rstrip(_AFTER_A_DOMAIN)
            yield start + found.start(), start + found.end(), f"{found['local']}@{domain}"


def _is_alias(found: re.Match[str], ours: str) -> bool:
    # Local parts that carry another address in them (user=example.com@…) are none of ours.
    at_ours = found["domain"].rstrip(_AFTER_A_DOMAIN).lower() == ours
    return at_ours and _OF_AN_ALIAS.fullmatch(found["local"]) is not None
