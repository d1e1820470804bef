"""What came back, and whom that is told to (GW-42, GW-51)."""

from __future__ import annotations

from dataclasses import dataclass

from relay.transit.delivery import Delivery, Failed
from relay.values import DeliveryId


@dataclass(frozen=True, slots=True)
class Untold:
    """Nobody is told, and why (GW-52, GW-53): for the timeline and for operators, so no address may stand in `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report at the return path of `delivery`: it has failed. `told` is the notice to its writer, or why there is none."""

    delivery: DeliveryId
    failed: Failed
    told: Delivery | Untold
