"""The return path: one per delivery, with a day and a MAC (VERP); only it may receive `<>` mail (GW-42).

Its local part is `bounce-<delivery id>-<day>-<mac>`: the day is a count since 1970-01-01 in UTC, the MAC 16 hex digits of
HMAC-SHA-256 over the rest. All of it survives being lower-cased, which some receivers do.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from relay.values import DeliveryId

complained_for: Final = timedelta(days=90)
"""How long a report that speaks of a return path is believed: people go through their spam late, and bounces that come elsewhere
have been under way no longer."""
valid_for: Final = timedelta(days=7)
"""How long a bounce is believed: a queue keeps mail for five days at most places; CASE-24 wants eight days to be too late."""

_LOCAL: Final = re.compile(r"bounce-([0-9a-z]{1,32})-([0-9]{1,7})-([0-9a-f]{16})")


class Distrust(Enum):
    """Why a return path is not believed (FAULT-73)."""

    FORGED = "forged"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ReturnPaths:
    """Mints and reads the return paths of one reply domain. `key` is the installation's secret."""

    key: bytes
    domain: str

    def mint(self, delivery: DeliveryId, now: datetime) -> str:
        """The return path of `delivery`, an address on the reply domain."""
        day = _day(now)
        return f"bounce-{delivery}-{day}-{self._mac(delivery, day)}@{self.domain}"

    def read(self, local: str, now: datetime, valid_for: timedelta = valid_for) -> DeliveryId | Distrust | None:
        """The delivery that `local` is the return path of; None when it is no return path at all."""
        if not local.casefold().startswith("bounce-"):
            return None
        found = _LOCAL.fullmatch(local.casefold())
        if found is None:
            return Distrust.FORGED
        delivery, day = DeliveryId(found[1]), int(found[2])
        if not hmac.compare_digest(self._mac(delivery, day), found[3]):
            return Distrust.FORGED
        age = _day(now) - day
        return delivery if 0 <= age <= valid_for.days else Distrust.EXPIRED

    def _mac(self, delivery: str, day: int) -> str:
        return hmac.digest(self.key, f"{delivery}-{day}".encode(), "sha256").hex()[:16]


def _day(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // 86_400
