"""Which bookings a list, its counts and its export are about: one set of filters for all three (SV-7 to SV-10, OR-31)."""

from __future__ import annotations

from pydantic import Field

from relay.booking.selection import Filter, Order
from relay.booking.texts import line_characters_max
from relay.values import RealAddress
from relay.web.terms import Given, Id, Instant
from relay.web.words import ActionWord, HoldWord, OrderWord, PaymentWord, PersonWord, StageWord, TabWord

page_max = 100
references_max = 500


class Narrowing(Given):
    """Filters; each that is given narrows further, and one that nobody knows is a 422."""

    q: str = Field(default="", max_length=200, description="In the reference, the customer's name, or the offer's title (SL-27).")
    reference: list[str] = Field(default=[], max_length=references_max, description="Those alone that are ticked.")
    tab: list[TabWord] = Field(default=[], description="Where lists have it (SL-19, OR-21, OR-23).")
    stage: list[StageWord] = Field(default=[], description="How far it has come.")
    payment: list[PaymentWord] = Field(default=[], description="What the ledger comes to.")
    action: list[ActionWord] = Field(default=[], description="How the required action stands (SV-9).")
    promotion: str | None = Field(default=None, max_length=line_characters_max, description="The house's number of it (SV-7).")
    offer: Id | None = None
    variant: Id | None = Field(default=None, description="SV-8")
    partner: Id | None = None
    staff: Id | None = Field(
        default=None, description="What this member of a partner's staff may see: theirs, or with that right the team's (OR-3)."
    )
    assignee: Id | None = Field(default=None, description="What is assigned to that member of staff.")
    waits_for: PersonWord | None = Field(default=None, description="Whose move it is (ST-18).")
    hold: HoldWord | None = None
    starts_from: Instant | None = None
    starts_before: Instant | None = None
    composite: str | None = Field(default=None, max_length=100)
    deadline_from: Instant | None = None
    deadline_before: Instant | None = None
    overdue: bool | None = None
    seen: bool | None = Field(default=None, description="Whether the partner's side has looked at it (OR-20).")
    contacted: bool | None = Field(default=None, description="Whether somebody has spoken with the customer (OR-21).")
    on_calendar: bool | None = Field(default=None, description="What a calendar shows (OR-26).")
    blocked: bool | None = Field(default=None, description="Whether its release is blocked.")
    unreached: bool | None = Field(default=None, description="Whether mail does not reach a party: each address is dead (GW-54).")
    expired: bool = Field(default=False, description="Expired ones too (OR-31).")

    def filter(self, customer: RealAddress | None = None) -> Filter:
        return Filter(
            text=self.q.strip(),
            references=tuple(self.reference),
            tabs=frozenset(self.tab),
            stages=frozenset(self.stage),
            payments=frozenset(self.payment),
            actions=frozenset(self.action),
            promotion=self.promotion,
            offer=self.offer,
            variant=self.variant,
            partner=self.partner,
            staff=self.staff,
            assignee=self.assignee,
            customer=customer,
            waits_for=self.waits_for,
            hold=self.hold,
            starts_from=self.starts_from,
            starts_before=self.starts_before,
            composite=self.composite,
            deadline_from=self.deadline_from,
            deadline_before=self.deadline_before,
            overdue=self.overdue,
            seen=self.seen,
            contacted=self.contacted,
            on_calendar=self.on_calendar,
            blocked=self.blocked,
            unreached=self.unreached,
            expired=self.expired,
        )


class Listing(Narrowing):
    """Filters, and which part of what they leave."""

    order: OrderWord = Field(default=Order.NEWEST, description="deadline: that which is to be paid first comes first (ST-19).")
    limit: int = Field(default=50, ge=1, le=page_max)
    after: str | None = Field(default=None, max_length=200, description="`next` of the page before.")
