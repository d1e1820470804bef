"""The MTA-STS policy that we publish (RFC 8461): senders that heed it bring mail here over TLS alone, to a name that is ours."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

max_age_max: Final = timedelta(seconds=31_557_600)
"""RFC 8461 §3.2."""
_id_characters: Final = 32
"""As many as an id may have (RFC 8461 §3.1)."""


class Mode(Enum):
    """What senders are asked to do (RFC 8461 §3.2, §5); OFF: nothing is published."""

    OFF = "off"
    TESTING = "testing"
    ENFORCE = "enforce"
    NONE = "none"
    """For as long as an earlier policy may be remembered: it counts no more (RFC 8461 §8.3)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy. `mx` are names of our mail servers, or with `*` for their first label; `mode` is not OFF."""

    mode: Mode
    mx: Sequence[str]
    max_age: timedelta

    @property
    def text(self) -> str:
        """What is served at https://mta-sts.DOMAIN/.well-known/mta-sts.txt, line ends included."""
        hosts = () if self.mode is Mode.NONE else (f"mx: {one}" for one in self.mx)
        seconds = int(self.max_age.total_seconds())
        return "".join(f"{line}\r\n" for line in ("version: STSv1", f"mode: {self.mode.value}", *hosts, f"max_age: {seconds}"))

    @property
    def id(self) -> str:
        """Another one for each policy, and the same from each node: senders fetch the policy anew when it changes."""
        return hashlib.sha256(self.text.encode("ascii")).hexdigest()[:_id_characters]
