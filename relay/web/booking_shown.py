"""Bookings as the API shows them: one status for everybody who looks (SV-20), and what each may do now.

Rows, menus and details of a page are made of it (SL-13, OR-18, SV-15, SV-16), and so is a calendar (OR-33).

Names are as the other side sees them, addresses aliases; in what people wrote, mail addresses are masked (LEAK-86).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from relay.booking.badges import badges, is_on_calendar
from relay.booking.booking import Actor, Booking
from relay.booking.forecast import Coming, Waiting
from relay.booking.ledger import Entry
from relay.booking.selection import TAB, waits_for
from relay.masking import masked
from relay.values import Language
from relay.web.booking_ports import Letter, Past, Returned, Shown, ShownParty
from relay.web.terms import ShownMoney, ShownOccasion, ShownTerms
from relay.web.words import (
    ActionWord,
    ActorWord,
    ActWord,
    AudienceWord,
    BadgeWord,
    CauseWord,
    ChannelWord,
    EntryWord,
    HoldWord,
    KeepingWord,
    PaymentWord,
    RelayWord,
    RequirementWord,
    RoleWord,
    StageWord,
    TabWord,
    word,
)


class BookingParty(BaseModel):
    """A party, as the other side may know them."""

    name: str = Field(description="As much of it as the other side sees.")
    alias: str | None = Field(description="Where the other party writes to; null while there is no conversation.")
    language: Language

    @classmethod
    def of(cls, party: ShownParty) -> Self:
        return cls(name=party.name, alias=str(party.alias) if party.alias is not None else None, language=party.language)


class Status(BaseModel):
    """Where a booking stands: the same for the partner, the customer and support (SV-20)."""

    stage: StageWord
    payment: PaymentWord = Field(description="What the ledger comes to, beside what is due.")
    hold: HoldWord | None = Field(description="Why a place is kept, or was.")
    keeping: KeepingWord | None = Field(description="What became of that place.")
    action: ActionWord = Field(description="Whether the required action is done.")
    relay: RelayWord = Field(description="Whether the two may write to each other.")
    tab: TabWord = Field(description="Where lists have it.")
    waits_for: ActorWord | None = Field(description="Whose move it is (ST-18).")
    overdue: bool = Field(description="Not paid in time, and its place is kept all the same.")
    release_blocked: bool
    redeemed: bool
    no_show: bool
    on_calendar: bool = Field(description="A date and, while it is a request, somebody of the staff who was asked for (OR-26).")
    badges: list[BadgeWord] = Field(description="The signs that it carries in lists and on the calendar (OR-20 to OR-32).")


class ShownAction(BaseModel):
    """What the customer has to do before they go (SV-2 to SV-4)."""

    kind: RequirementWord
    instruction: dict[Language, str] = Field(description="In the partner's words, by language.")
    due_at: datetime | None = Field(description="Null without a deadline.")
    changed_at: datetime | None = Field(description="When it was last set done, or open again.")
    changed_by: str = Field(description="By whom.")


class Amounts(BaseModel):
    """The money of a booking."""

    total: ShownMoney
    paid: ShownMoney
    outstanding: ShownMoney = Field(description="What is left to be paid; nothing where more was paid than is due.")
    refunded: ShownMoney
    refunding: ShownMoney = Field(description="Of refunds under way.")
    refundable: ShownMoney


class ShownBooking(BaseModel):
    """A booking. Times are in UTC."""

    reference: str
    version: int = Field(description="Grows with each step: give it with an act, so that none is based on an old one.")
    status: Status
    partner_id: str
    offer_id: str
    offer: str = Field(description="Its title.")
    variant_id: str
    variant: str = Field(description="Its title.")
    slot_id: str | None
    audience: AudienceWord
    channel: ChannelWord
    partner: BookingParty
    customer: BookingParty
    staff: str | None = Field(description="The member of staff who was asked for or handles it; null: the team.")
    terms: ShownTerms
    proposal: ShownTerms | None = Field(description="A change of what is confirmed, until the other side has answered.")
    amounts: Amounts
    required_action: ShownAction | None
    deadline: datetime | None = Field(description="Until when it is to be paid (ST-15).")
    held_until: datetime | None = Field(description="Until when its place is kept; null where the clock takes nothing away.")
    valid_until: datetime | None = Field(description="Until when goods and vouchers can be had.")
    composite: str = Field(description="Names those that are held and released together; empty where it stands alone.")
    writes_until: datetime | None = Field(description="Until when the two may write to each other, once they may (GY-15).")
    created_at: datetime
    contacted_at: datetime | None
    contacted_by: str
    seen_at: datetime | None = Field(description="When the partner's side first looked at it.")
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    redeemed_at: datetime | None
    cause: CauseWord | None = Field(description="Why a partner cancelled it (GY-B2).")
    reason: str = Field(description="Why it was declined, withdrawn or cancelled, as it was written.")
    asked_again_of: str | None = Field(description="The reference of the booking whose data it was made with.")
    unreached: list[RoleWord] = Field(
        description="The parties whom mail about it does not reach: each of their addresses is dead (GW-54)."
    )
    possible: dict[str, list[ActWord]] = Field(description="What each may do now: customer, partner, support, operator.")

    @classmethod
    def of(cls, shown: Shown, now: datetime) -> Self:
        one, account = shown.booking, shown.account
        outstanding = max(one.terms.total - one.paid_in(account), one.terms.total.zero(one.terms.currency))
        return cls(
            reference=one.reference,
            version=one.version,
            status=_status(shown, now),
            partner_id=one.partner,
            offer_id=one.offer,
            offer=shown.offer_title,
            variant_id=one.variant,
            variant=shown.variant_title,
            slot_id=one.slot,
            audience=one.reach.audience,
            channel=one.reach.channel,
            partner=BookingParty.of(shown.partner),
            customer=BookingParty.of(shown.customer),
            staff=one.assignee,
            terms=ShownTerms.of(one.terms),
            proposal=ShownTerms.of(one.proposal) if one.proposal is not None else None,
            amounts=Amounts(
                total=ShownMoney.of(one.terms.total),
                paid=ShownMoney.of(account.captured),
                outstanding=ShownMoney.of(outstanding),
                refunded=ShownMoney.of(account.refunded),
                refunding=ShownMoney.of(account.refunding),
                refundable=ShownMoney.of(account.refundable),
            ),
            required_action=_action(one),
            deadline=one.deadline,
            held_until=one.hold.until if one.hold is not None else None,
            valid_until=one.valid_until,
            composite=one.composite,
            writes_until=one.relay_until,
            created_at=one.created_at,
            contacted_at=one.contacted_at,
            contacted_by=masked(one.contacted_by),
            seen_at=one.seen_at,
            confirmed_at=one.confirmed_at,
            cancelled_at=one.cancelled_at,
            redeemed_at=one.redeemed_at,
            cause=one.cause,
            reason=masked(one.reason),
            asked_again_of=shown.parent,
            unreached=list(shown.unreached),
            possible={
                word(actor): list(acts) for actor, acts in shown.possible.items() if actor not in {Actor.CLOCK, Actor.PAYMENTS}
            },
        )


def _status(shown: Shown, now: datetime) -> Status:
    one = shown.booking
    return Status(
        stage=one.stage,
        payment=shown.account.payment(one.terms.total),
        hold=one.hold.kind if one.hold is not None else None,
        keeping=one.hold.keeping if one.hold is not None else None,
        action=one.action,
        relay=one.relay,
        tab=TAB[one.stage],
        waits_for=waits_for(one),
        overdue=one.is_overdue(now),
        release_blocked=one.release_blocked,
        redeemed=one.redeemed_at is not None,
        no_show=one.no_show,
        on_calendar=is_on_calendar(one),
        badges=list(badges(one, shown.account.payment(one.terms.total), now)),
    )


def _action(booking: Booking) -> ShownAction | None:
    required = booking.requirement
    if required is None:
        return None
    return ShownAction(
        kind=required.kind,
        instruction={one.language: masked(one.text) for one in required.instruction.said},
        due_at=booking.action_due,
        changed_at=booking.action_at,
        changed_by=masked(booking.action_by),
    )


class Bookings(BaseModel):
    """Some of the bookings."""

    items: list[ShownBooking]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


class ShownStep(BaseModel):
    """One step of a booking's history."""

    version: int = Field(description="The booking's after it.")
    at: datetime
    transition: str = Field(description="The row of the table of the lifecycle.")
    act: str
    actor: ActorWord
    by: str
    reason: str
    stage: StageWord = Field(description="After it.")

    @classmethod
    def of(cls, past: Past) -> Self:
        return cls(
            version=past.version,
            at=past.at,
            transition=past.transition,
            act=past.act,
            actor=past.actor,
            by=masked(past.by),
            reason=masked(past.reason),
            stage=past.stage,
        )


class History(BaseModel):
    """What happened to a booking, the oldest first, and every version of its terms."""

    steps: list[ShownStep]
    terms: list[ShownTerms]


class ShownMail(BaseModel):
    """A notification, and whom it is for."""

    number: str = Field(description="Of the catalogue: N1 to N27.")
    to: str = Field(description="customer, partner or operator.")


class ShownComing(BaseModel):
    """What will happen to a booking by itself, unless something else happens first."""

    at: datetime
    act: ActWord | None = Field(description="The step that the clock takes; null where it reminds alone.")
    mails: list[ShownMail] = Field(description="The reminders that it sends.")
    why: str

    @classmethod
    def of(cls, coming: Coming) -> Self:
        mails = [ShownMail(number=one.says.value, to=one.to.value) for one in coming.mails]
        return cls(at=coming.at, act=coming.act, mails=mails, why=coming.why)


class ShownWaiting(BaseModel):
    """For whom a booking waits, and what they have to do."""

    actor: ActorWord
    why: str


class Forecast(BaseModel):
    """For whom a booking waits, and what comes next by itself, the nearest first."""

    waits_for: ShownWaiting | None
    items: list[ShownComing]

    @classmethod
    def of(cls, waiting: Waiting | None, coming: Sequence[Coming]) -> Self:
        waits_for = ShownWaiting(actor=waiting.actor, why=waiting.why) if waiting is not None else None
        return cls(waits_for=waits_for, items=[ShownComing.of(one) for one in coming])


class ShownEntry(BaseModel):
    """One line of the ledger; none is ever changed."""

    kind: EntryWord
    amount: ShownMoney
    at: datetime
    event: str
    about: str = Field(description="Ties the lines of one payment, refund or dispute together.")
    by: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            kind=entry.kind,
            amount=ShownMoney.of(entry.amount),
            at=entry.at,
            event=entry.event,
            about=entry.about,
            by=masked(entry.by),
        )


class Ledger(BaseModel):
    """The ledger of a booking, the oldest first."""

    items: list[ShownEntry]


class ShownRefund(BaseModel):
    """A refund, as it stands at the payment provider. It goes back where the payment came from, and nowhere else (SL-30)."""

    id: str
    amount: ShownMoney
    state: str = Field(description="due, sent or failed.")
    started_at: datetime
    ended_at: datetime | None
    cause: str = Field(description="Why it failed (SL-B4).")
    next_at: datetime | None = Field(description="When it is tried again.")

    @classmethod
    def of(cls, returned: Returned) -> Self:
        return cls(
            id=returned.id,
            amount=ShownMoney.of(returned.amount),
            state=returned.state,
            started_at=returned.started_at,
            ended_at=returned.ended_at,
            cause=masked(returned.cause),
            next_at=returned.next_at,
        )


class Refunds(BaseModel):
    """The refunds of a booking, the oldest first."""

    items: list[ShownRefund]
    days: str = Field(description="In how many working days they arrive (SL-29).")


class ShownLetter(BaseModel):
    """What a contact form is filled with; all of it may be changed before it is sent with the act `contact` (OR-24)."""

    to: str = Field(description="The name, as the writer sees it.")
    subject: str
    text: str
    advice: str = Field(description="What whoever declines should think of first (SL-24).")
    alternatives: list[ShownOccasion] = Field(description="Other times at which there is room.")

    @classmethod
    def of(cls, letter: Letter) -> Self:
        others = [shown for one in letter.alternatives if (shown := ShownOccasion.of(one)) is not None]
        return cls(to=letter.to, subject=letter.subject, text=masked(letter.text), advice=letter.advice, alternatives=others)
