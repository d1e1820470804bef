"""A partner: who provides what is offered, their staff, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NewType
from zoneinfo import ZoneInfo

from relay.booking.offer import Mode
from relay.booking.texts import checked_line
from relay.values import Language, RealAddress

PartnerId = NewType("PartnerId", str)
StaffId = NewType("StaffId", str)

staff_max: Final = 500
addresses_max: Final = 20


class Tier(Enum):
    """The profile that a partner has with the house (SL-2)."""

    BASIC = "basic"
    GOLD = "gold"


class PaymentAccount(Enum):
    """How far the partner's account at the payment provider is (SL-2, SL-B6)."""

    NONE = "none"
    PENDING = "pending"
    """Made, and not to be used until the provider has verified it."""
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One of the partner's people; `sees_team`: also what is assigned to others, or to nobody (OR-3)."""

    id: StaffId
    name: str
    address: RealAddress
    language: Language
    sees_team: bool = False

    def __post_init__(self) -> None:
        checked_line("staff", self.name)


@dataclass(frozen=True, slots=True)
class Partner:
    """Who provides what is offered. `languages`: the first is theirs, in the others they can answer.

    Raises ValueError where nobody could be reached, or somebody stands twice.
    """

    id: PartnerId
    name: str
    languages: tuple[Language, ...]
    zone: ZoneInfo
    addresses: tuple[RealAddress, ...]
    """The team's."""
    tier: Tier = Tier.BASIC
    account: PaymentAccount = PaymentAccount.NONE
    staff: tuple[StaffMember, ...] = ()
    senders: tuple[RealAddress, ...] = ()
    """Further ones from which their reservation system writes (GY-B5)."""
    wants_reminders: bool = True
    is_active: bool = True
    """Whether anything of theirs can be booked at all."""

    def __post_init__(self) -> None:
        checked_line("partner", self.name)
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise ValueError("languages: at least one is needed, and each once")
        if not 1 <= len(self.addresses) <= addresses_max or len(self.senders) > addresses_max:
            raise ValueError(f"addresses: 1 to {addresses_max} of the team are needed, and at most as many further senders")
        if len(self.staff) > staff_max:
            raise ValueError(f"staff: at most {staff_max}")
        if len({one.id for one in self.staff}) < len(self.staff):
            raise ValueError("staff: an id stands twice")

    @property
    def language(self) -> Language:
        return self.languages[0]

    def member(self, id_: StaffId | None) -> StaffMember | None:
        """The one of `id_`. None where there is none, or not any more."""
        return next((one for one in self.staff if one.id == id_), None)

    def handlers(self, assignee: StaffId | None) -> tuple[RealAddress, ...]:
        """Whom mail about a booking reaches: whoever it is assigned to, else the team (OR-19)."""
        member = self.member(assignee)
        return (member.address,) if member is not None else self.addresses

    def stand_ins(self, assignee: StaffId | None) -> tuple[RealAddress, ...]:
        """Whom it reaches while nothing reaches any of the handlers: the team, then the staff who see all of the team's (OR-3,
        GW-54). The handlers are not among them.
        """
        handlers = self.handlers(assignee)
        others = (*self.addresses, *(one.address for one in self.staff if one.sees_team))
        return tuple(one for one in dict.fromkeys(others) if one not in handlers)

    def missing_for(self, mode: Mode) -> str | None:
        """What a partner lacks to offer something in `mode`, named; None where nothing (SL-2)."""
        if mode is not Mode.CUSTOM_REQUEST:
            return None
        lacks = []
        if self.tier is not Tier.GOLD:
            lacks.append("the Gold profile")
        if self.account is not PaymentAccount.ACTIVE:
            lacks.append("an active payment account")
        return " and ".join(lacks) or None
