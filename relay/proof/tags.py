"""Lists of tags, `name=value; name=value`: what signatures, key records and policy records are written in (RFC 6376 §3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WHITE: Final = " \t\r\n"


def tags(text: str) -> dict[str, str] | None:
    """The tags in `text`, values without the white space around them; None when anything is malformed or named twice."""
    found: dict[str, str] = {}
    for one in _specs(text):
        if one is None or one[0] in found:
            return None
        found[one[0]] = one[1]
    return found


def readable_tags(text: str) -> dict[str, str]:
    """The tags in `text` that can be read; of two with one name the first. So are policies read (RFC 9989 §4.8)."""
    found: dict[str, str] = {}
    for one in _specs(text):
        if one is not None:
            found.setdefault(*one)
    return found


def items(value: str) -> list[str]:
    """The members of a value that is a list, `a : b`, in lower case and without white space around them."""
    return [one.strip(_WHITE).lower() for one in value.split(":")]


def without_white_space(value: str) -> str:
    """A value that may have been folded anywhere, in one piece."""
    return "".join(value.split())


def _specs(text: str) -> Iterator[tuple[str, str] | None]:
    """What stands between the semicolons: a name and a value, or None where that is no tag. Nothing need follow the last one."""
    specs = text.split(";")
    if not specs[-1].strip(_WHITE):
        specs.pop()
    for spec in specs:
        name, equals, value = spec.partition("=")
        name = name.strip(_WHITE)
        yield (name, value.strip(_WHITE)) if equals and _NAME.fullmatch(name) else None
