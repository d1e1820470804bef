"""The booking core put together: one lifecycle for whoever wants something of a booking, and the desks around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from relay.app import deciding
from relay.app.paying import Providers, providers
from relay.booking.offer import Mode, Rules
from relay.booking.reminders import Reminders
from relay.desk.batches import BatchDesk
from relay.desk.booking_views import Views
from relay.desk.bookings import BookingDesk
from relay.desk.bookkeeper import Bookkeeper
from relay.desk.catalogue import CatalogueDesk, Keeper
from relay.desk.escalation import Escalation
from relay.desk.go_between import GoBetweenDesk
from relay.desk.lifecycle import Lifecycle, Tell, nobody
from relay.desk.links import LinkDesk
from relay.desk.own_bookings import OwnBookingDesk
from relay.desk.parties import PartyDesk
from relay.desk.payments import PaymentDesk
from relay.desk.refunds import RefundDesk
from relay.desk.repeats import RepeatDesk
from relay.desk.timers import TimerDesk
from relay.machine import clock, reference
from relay.settings import OpenOn, Settings
from relay.store.steps import Mint
from relay.store.store import Store
from relay.values import NewId


@dataclass(frozen=True, slots=True)
class Core:
    """What one process has of the booking core, made and not yet at work."""

    lifecycle: Lifecycle
    bookings: BookingDesk
    batches: BatchDesk
    catalogue: CatalogueDesk
    payments: PaymentDesk
    refunds: RefundDesk
    links: LinkDesk
    parties: PartyDesk
    own: OwnBookingDesk
    timers: TimerDesk
    escalation: Escalation
    providers: Providers = field(repr=False)


def core(settings: Settings, store: Store, mint: Mint, new_id: NewId, told: Callable[[], None], tell: Tell = nobody) -> Core:
    """`told` is called when mail may wait to be posted, `tell` of each step in its transaction. Raises WrongConfiguration."""
    house, who = defaults(settings), providers(settings)
    steps = lifecycle(settings, mint, new_id, tell)
    bookkeeper = Bookkeeper(steps, clock)
    payments = PaymentDesk(store, who.chosen, bookkeeper, new_id, clock, str(settings.web.base_url), told)
    style = deciding.style(settings)
    go_between = GoBetweenDesk(store, style)
    keeper = Keeper(house)
    desk = BookingDesk(store, steps, Views(settings.policy.names), house, payments, clock, told)
    checkouts = payments if who.chosen.has_checkout else None
    parties = PartyDesk(store, desk, go_between, style, clock)
    guide = deciding.guide(settings)
    return Core(
        lifecycle=steps,
        bookings=desk,
        batches=BatchDesk(desk, keeper, go_between),
        catalogue=CatalogueDesk(store, keeper, clock),
        payments=payments,
        refunds=RefundDesk(store, who.of, bookkeeper, clock, told),
        links=LinkDesk(store, desk, checkouts, go_between, guide, settings.relay.domain, clock),
        parties=parties,
        own=OwnBookingDesk(
            store,
            desk,
            parties,
            checkouts,
            go_between,
            RepeatDesk(store),
            guide,
            settings.relay.domain,
            clock,
            who.chosen.name,
        ),
        timers=TimerDesk(store, steps, payments, clock, told),
        escalation=Escalation(store, steps, clock),
        providers=who,
    )


def lifecycle(settings: Settings, mint: Mint, new_id: NewId, tell: Tell = nobody) -> Lifecycle:
    """Takes steps, for a process that serves and for commands alike."""
    section = settings.booking
    reminders = Reminders(unanswered=section.reminders, unpaid=section.reminders, quiet=section.quiet_hours)
    opens_at_once = section.open_on is OpenOn.REQUESTED
    return Lifecycle(mint, new_id, reference, reminders, settings.policy.names, opens_at_once, tell)


def defaults(settings: Settings) -> Rules:
    """What holds for an offer that says nothing else: it is asked for, and the parties may write as long as `[policy]` says."""
    return Rules(Mode.ON_REQUEST, write_for=settings.policy.window_after_activity)
