"""What came back, whom that is told to, and who complained (GW-42, GW-51, FAULT-75)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from relay.transit.crossing import Passage, Searchable
from relay.transit.delivery import Delivery, Failed, notices_a_day_max
from relay.transit.envelope import Envelope
from relay.values import ConversationId, DeliveryId, Role

reports_max: Final = 10
"""Mail that is taken at one return path: a bounce, some delays before it, and what robots answer (CASE-54)."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Nobody is told, and why (GW-52, GW-53): for the timeline and for operators, so no address may stand in `reason`."""

    reason: str


MAIL_OF_OURS: Final = Untold("nothing is sent about mail about a booking; the house hears of it (GW-53, GW-54)")
DAILY_CAP: Final = Untold(f"its writer had {notices_a_day_max} notices within a day (GW-52)")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report at the return path of `delivery`: it has failed. `told` is the notice to its writer, or why there is none."""

    delivery: DeliveryId
    failed: Failed
    told: Delivery | Untold


@dataclass(frozen=True, slots=True)
class Complained:
    """`party` reported `delivery` as `what`. `suspends`: no more mail goes to them in that conversation."""

    delivery: DeliveryId
    conversation: ConversationId
    party: Role
    what: str
    suspends: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """One mail to the house itself, with all that it causes.

    `passages` are its places in the conversations that it belongs to, none of them handed on to the other party. `outgoing` hands
    it on to the operators. `about` are the deliveries to whose return paths it came. `to_return_paths_alone`: it came nowhere
    else, so it is taken only while one of them has room for a report.
    """

    envelope: Envelope
    searchable: Searchable = field(repr=False)
    passages: tuple[Passage, ...] = ()
    outgoing: tuple[Delivery, ...] = ()
    about: tuple[DeliveryId, ...] = ()
    to_return_paths_alone: bool = False
    bounces: tuple[Bounce, ...] = ()
    complaints: tuple[Complained, ...] = ()
