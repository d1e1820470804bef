"""The switches of an offer or a variant as the API takes and shows them: what is left out, the level above decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self

from pydantic import Field, model_validator

from relay.booking.cancellation import Policy, Tier, tiers_max
from relay.booking.deadlines import Term, days_max
from relay.booking.money import BASIS
from relay.booking.offer import Mode, Reach, Rules, Switches
from relay.web.terms import Given
from relay.web.words import (
    AudienceWord,
    ChannelWord,
    DeadlinePolicyWord,
    ModeWord,
    PaidCancellationWord,
    PayWord,
    RedeemWord,
)

_reaches_max: Final = 20
_ANY: Final = Rules(Mode.INSTANT)
_SHAPED: Final = frozenset({"term", "cancellation", "reservable"})


class DeadlineTerm(Given):
    """How long a reservation waits; the earlier of the two where both are given (ST-7, ST-B1)."""

    days_after: int | None = Field(default=None, ge=0, le=days_max, description="Days after it was reserved.")
    days_before: int | None = Field(default=None, ge=0, le=days_max, description="Days before it starts.")


class CancellationTier(Given):
    """From so many days before the start on, and more, this share of what was paid goes back (SL-B2)."""

    days_before: int = Field(ge=0, le=days_max)
    basis_points: int = Field(ge=0, le=BASIS, description="10000 are all of it.")


class ReachOf(Given):
    """One audience at one point of sale (ST-5)."""

    audience: AudienceWord
    channel: ChannelWord


class GivenSwitches(Given):
    """Each of them holds for what stands below; null leaves it to the level above. Spans are ISO 8601, such as PT30M or P7D."""

    mode: ModeWord | None = Field(default=None, description="How a booking begins (OR-1, OR-8, OR-9, OR-11, SL-9).")
    pay: PayWord | None = Field(default=None, description="When money is due (OR-B2).")
    deadline_policy: DeadlinePolicyWord | None = Field(default=None, description="What becomes of what is not paid (ST-21).")
    term: DeadlineTerm | None = None
    margin: timedelta | None = Field(default=None, description="Beyond the deadline, before the clock releases (ST-23).")
    checkout_for: timedelta | None = Field(default=None, description="How long a place is held for who is paying.")
    request_for: timedelta | None = Field(default=None, description="How long a request waits for its answer.")
    request_holds: bool | None = Field(default=None, description="Whether a request takes a place (ST-4).")
    customer_may_counter: bool | None = None
    decline_needs_reason: bool | None = None
    cancellation: list[CancellationTier] | None = Field(default=None, max_length=tiers_max, description="The most days first.")
    customer_cancels: bool | None = None
    paid_cancellation: PaidCancellationWord | None = None
    may_be_reinstated: bool | None = None
    reservable: list[ReachOf] | None = Field(
        default=None, max_length=_reaches_max, description="Who may reserve where (ST-3, ST-5)."
    )
    lead_time: timedelta | None = None
    horizon: timedelta | None = None
    pause: timedelta | None = None
    redeem: RedeemWord | None = Field(default=None, description="When it counts as had (SV-B1).")
    write_for: timedelta | None = Field(default=None, description="How long after the activity the parties may write (GY-15).")
    undated_for: timedelta | None = None
    kept_for: timedelta | None = None

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.switches().over(_ANY)
        return self

    def switches(self) -> Switches:
        """Raises ValueError for what cannot be."""
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in _SHAPED}
        tiers, reaches = self.cancellation, self.reservable
        return Switches(
            **plain,
            term=Term(self.term.days_after, self.term.days_before) if self.term is not None else None,
            cancellation=Policy(tuple(Tier(one.days_before, one.basis_points) for one in tiers)) if tiers is not None else None,
            reservable=tuple(Reach(one.audience, one.channel) for one in reaches) if reaches is not None else None,
        )

    @classmethod
    def of(cls, switches: Switches | Rules) -> Self:
        plain = {name: getattr(switches, name) for name in cls.model_fields if name not in _SHAPED}
        term, tiers, reachable = switches.term, switches.cancellation, switches.reservable
        return cls(
            **plain,
            term=DeadlineTerm(days_after=term.days_after, days_before=term.days_before) if term is not None else None,
            cancellation=[CancellationTier(days_before=one.days_before, basis_points=one.basis_points) for one in tiers.tiers]
            if tiers is not None
            else None,
            reservable=[ReachOf(audience=one.audience, channel=one.channel) for one in reachable]
            if reachable is not None
            else None,
        )
