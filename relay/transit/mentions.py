"""Which mail of ours a report speaks of: by the return paths and Message-IDs that stand in it (FAULT-75, LEAK-80)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from relay.values import MsgId

mentions_max: Final = 20
"""Of each kind; a report speaks of one message."""
octets_max: Final = 512 * 1024
"""Of one part; what comes back stands at its beginning."""

_LOCAL: Final = re.compile(rb"(?<![0-9a-z])bounce-[0-9a-z]{1,32}-[0-9]{1,7}-[0-9a-f]{16}(?![0-9a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What was found, each once: local parts that look like return paths, whose MAC is to be checked, and Message-IDs of ours."""

    locals: tuple[str, ...]
    message_ids: tuple[MsgId, ...]


def mentioned_in(pieces: Iterable[bytes], domain: str) -> Mentions:
    """What `pieces`, the decoded parts of a report, mention of the reply domain's. Linear in their length."""
    paths: dict[str, None] = {}
    ids: dict[MsgId, None] = {}
    for piece in pieces:
        octets = piece[:octets_max]
        if len(paths) < mentions_max:
            paths |= {found[0].decode("ascii").lower(): None for found in _LOCAL.finditer(octets)}
        if len(ids) < mentions_max:
            ids |= {MsgId(found[0].decode("ascii").lower()): None for found in _message_id(domain).finditer(octets)}
    return Mentions(tuple(paths)[:mentions_max], tuple(ids)[:mentions_max])


@cache
def _message_id(domain: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![0-9a-z-])[0-9a-z]{1,40}@" + re.escape(domain.encode()) + rb"(?![0-9a-z.-])", re.IGNORECASE)
