"""The booking desk: what is asked over HTTP, by links and by mail, and what several bookings are asked at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from support.archive import World
from support.bookings import OFFER, PRICE, STARTS, TOUR, VARIANT, paid
from support.bookkeeping import HOUSE, ZOFIA
from support.catalogue import ADULT, SLOT
from support.front_desk import FrontDesk

from relay.booking.booking import Actor, Booking, Stage
from relay.booking.catalogue import Slot
from relay.booking.lifecycle import NotAllowed
from relay.booking.money import Money
from relay.booking.notification import To
from relay.booking.offer import Mode
from relay.booking.partner import Tier
from relay.booking.selection import Filter, Order
from relay.booking.situation import Act
from relay.booking.terms import Choice, Line, Occasion, SlotId
from relay.desk import batches, bookings
from relay.desk.batches import BatchDesk
from relay.desk.booking_views import Views
from relay.desk.bookings import BookingDesk
from relay.desk.catalogue import CatalogueDesk, Keeper
from relay.desk.repeats import RepeatDesk
from relay.desk.timers import TimerDesk
from relay.errors import Conflict, NotDone, NotFound
from relay.store.bookings import catalogue, checkouts, ledger
from relay.store.bookings.checkouts import Begun
from relay.store.exchange_tables import Checkout
from relay.store.store import Store
from relay.values import Language, NameShown
from relay.web.batch_ports import Announcement, Batch, Release
from relay.web.booking_ports import Asked, Contact, Doing, NewTerms, Shown, Stale, WrongWay
from relay.web.once import KeyReused, Once, Repeated

P, C = Actor.PARTNER, Actor.CUSTOMER
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Stopper:
    """Ends payment pages; `is_paying` somebody, it is too late."""

    world: World
    is_paying: bool = False

    async def stop(self, pages: Begun) -> None:
        if self.is_paying:
            raise Conflict("it is being paid")
        self.world.write(lambda connection: checkouts.end(connection, pages.id, Checkout.ENDED, pages.created_at))


class GoBetween:
    async def passed_on(self, reference: str, writer: To, text: str) -> str:
        return text.replace("marco@garda.example", "[address]")


class Counter:
    """The desks of a house, and those who come to them."""

    def __init__(self, world: World, store: Store, front: FrontDesk) -> None:
        self.front, self.store, self.stopper, self.told = front, store, Stopper(world), 0
        clock = lambda: front.now  # noqa: E731  as short as it is
        self.desk = BookingDesk(store, front.lifecycle, Views(NameShown.FIRST), HOUSE, self.stopper, clock, self._tell)
        self.keeper = Keeper(HOUSE)
        self.batches = BatchDesk(self.desk, self.keeper, GoBetween())
        self.catalogue = CatalogueDesk(store, self.keeper, clock)
        self.timers = TimerDesk(store, front.lifecycle, self.stopper, clock, self._tell)

    def _tell(self) -> None:
        self.told += 1

    async def begin(self, once: Once[Shown] | None = None, **more: Any) -> Shown:
        customer = Contact(ZOFIA.name, ZOFIA.address, Language.PL)  # type: ignore[arg-type]  # she has one
        said: dict[str, Any] = {"slot": SLOT.id, "choices": (Choice(ADULT.key),), **more}
        return await self.desk.begin(Asked(OFFER, VARIANT, customer, C, "web", **said), once)

    async def act(self, shown: Shown, act: Act, actor: Actor, once: Once[Shown] | None = None, **more: Any) -> Shown:
        return await self.desk.act(shown.booking.reference, Doing(act, actor, actor.value, **more), once)

    def pages_open(self, booking: Booking) -> None:
        pages = Begun("c1", booking.id, PRICE, self.front.now, self.front.now + HOUR, "cs_1", "https://till.example/1")
        self.front.world.write(lambda connection: checkouts.begin(connection, pages))


@pytest.fixture
def mode() -> Mode:
    return Mode.CUSTOM_REQUEST


@pytest.fixture
async def counter(world: World, mode: Mode) -> AsyncIterator[Counter]:
    store = Store(world.engine)
    yield Counter(world, store, FrontDesk(world, mode, slot=replace(SLOT, capacity=2)))
    await store.close()


def once(key: str = "k1", digest: bytes = bytes(32)) -> Once[Any]:
    return Once("token", key, digest, lambda made: (getattr(made, "booking", None) and made.booking.reference) or str(made))


async def test_a_booking_is_shown_the_same_to_all_and_with_what_each_may_do(counter: Counter) -> None:
    """SL-12, SV-20, GW-40, LEAK-86: first names, aliases, and no address."""
    shown = await counter.begin(note="We are two and a dog")
    assert (shown.offer_title, shown.variant_title) == ("Boat tour", "In the morning")
    assert (shown.partner.name, shown.customer.name) == ("Garda", "Zofia")
    assert shown.possible[P][:2] == (Act.CONTACT, Act.MARK_CONTACTED)
    assert Act.WITHDRAW in shown.possible[C]
    assert "@" not in str(shown.booking)
    assert counter.told == 1
    assert await counter.desk.one(shown.booking.reference) == shown


async def test_what_begins_in_another_way_than_was_thought_says_in_which(counter: Counter) -> None:
    """OR-2"""
    with pytest.raises(WrongWay, match="send a request") as caught:
        await counter.begin(expects=Act.CHECK_OUT)
    assert caught.value.act is Act.REQUEST
    with pytest.raises(NotDone, match="participants: the prices that were chosen are for 1"):
        await counter.begin(participants=2)
    with pytest.raises(NotFound):
        await counter.begin(slot="none")


async def test_a_request_that_comes_again_is_carried_out_once(counter: Counter) -> None:
    """The answer is kept in the transaction that did it; another request under that key is refused."""
    first = await counter.begin(once())
    with pytest.raises(Repeated):
        await counter.begin(once())
    assert await RepeatDesk(counter.store).of(once()) == first.booking.reference
    with pytest.raises(KeyReused):
        await RepeatDesk(counter.store).of(once(digest=bytes(31) + b"1"))
    assert len((await counter.desk.page(Filter(), Order.NEWEST, 10, None)).items) == 1


async def test_new_terms_keep_what_they_do_not_say(counter: Counter) -> None:
    """SL-5, SL-6: an extra, at another time, of the same people."""
    shown = await counter.begin()
    lines = (*shown.booking.terms.lines, Line("Lunch on board", 1, Money(2_500, "EUR"), is_extra=True))
    shown = await counter.act(shown, Act.COUNTER, P, terms=NewTerms(lines=lines, valid_until=counter.front.now + DAY))
    terms = shown.booking.terms
    assert (terms.version, terms.total, terms.occasion, terms.slot) == (2, Money(11_500, "EUR"), TOUR, SLOT.id)
    assert [one.version for one in await counter.desk.terms(shown.booking.reference)] == [1, 2]
    shown = await counter.act(shown, Act.ACCEPT, C, terms_version=2, version=shown.booking.version)
    assert shown.booking.stage is Stage.AWAITING_PAYMENT
    with pytest.raises(Stale):
        await counter.act(shown, Act.CANCEL, C, version=1)


@pytest.mark.parametrize("mode", [Mode.ON_REQUEST])
async def test_a_published_time_has_no_more_places_by_another_name(counter: Counter) -> None:
    """Invariant 10, SL-3: asked for, or proposed, by its hours instead of its slot; calendars know no slots."""
    later = replace(
        SLOT, id=SlotId("t-later"), capacity=0, occasion=replace(TOUR, starts_at=STARTS + 3 * HOUR, ends_at=STARTS + 5 * HOUR)
    )
    counter.front.world.write(lambda connection: catalogue.SLOTS.add(connection, later, now=counter.front.now, by="anna"))
    asked = await counter.begin(slot=None, at=later.occasion)
    assert asked.booking.slot == later.id
    with pytest.raises(NotAllowed, match="no place left"):
        await counter.act(asked, Act.ACCEPT, P, terms_version=1)
    sold = await counter.act(await counter.begin(), Act.ACCEPT, P, terms_version=1)
    sold = await counter.act(sold, Act.TAKE_PAYMENT, P, amount=PRICE)
    with pytest.raises(NotAllowed, match="no place left"):
        await counter.act(sold, Act.RESCHEDULE, Actor.SUPPORT, terms=NewTerms(occasion=later.occasion))
    own = await counter.begin(slot=None, at=replace(later.occasion, ends_at=STARTS + 4 * HOUR))
    assert own.booking.slot is None


async def test_a_booking_is_given_to_somebody_of_the_staff(counter: Counter) -> None:
    """OR-3, OR-27: by another name nobody of the partner's would see it."""
    shown = await counter.begin()
    with pytest.raises(NotDone, match="nobody of the staff"):
        await counter.act(shown, Act.ASSIGN, P, staff="nobody")
    with pytest.raises(NotDone, match="nobody of the staff"):
        await counter.act(shown, Act.ACCEPT, P, terms_version=1, staff="nobody")


async def test_open_payment_pages_are_ended_before_a_booking_is_taken_away(counter: Counter) -> None:
    """T11, SL-25: and whoever is paying is not run over."""
    shown = await counter.begin()
    shown = await counter.act(shown, Act.ACCEPT, P, terms_version=1)
    counter.pages_open(shown.booking)
    counter.stopper.is_paying = True
    with pytest.raises(Conflict, match="being paid"):
        await counter.act(shown, Act.TAKE_BACK, P, reason="The boat is broken")
    counter.stopper.is_paying = False
    shown = await counter.act(shown, Act.TAKE_BACK, P, reason="The boat is broken")
    assert shown.booking.stage is Stage.CANCELLED


async def test_what_is_closed_is_asked_for_again_as_another_booking(counter: Counter) -> None:
    """T18, OR-35: the old one stays as it is."""
    old = await counter.begin(note="We are two and a dog")
    with pytest.raises(Conflict, match="can be changed or cancelled"):
        await counter.desk.ask_again(old.booking.reference, None, "web", None)
    old = await counter.act(old, Act.DECLINE, P, reason="We are full")
    new = await counter.desk.ask_again(old.booking.reference, NewTerms(slot=SLOT.id), "web", None)
    assert (new.parent, new.booking.terms.note) == (old.booking.reference, "We are two and a dog")
    assert (await counter.desk.one(old.booking.reference)).booking == old.booking


async def test_what_comes_and_what_was_are_told(counter: Counter) -> None:
    """The forecast, the history, the ledger, refunds, and the form to write (OR-24, SL-24)."""
    shown = await counter.begin()
    reference = shown.booking.reference
    waits, comes = await counter.desk.forecast(reference)
    assert waits is not None
    assert waits.actor is P
    assert [one.act for one in comes][-1] is Act.LAPSE
    letter = await counter.desk.letter(reference, P)
    assert (letter.to, letter.subject) == ("Zofia", f"Boat tour ({reference})")
    assert "Dzień dobry" in letter.text
    shown = await counter.act(shown, Act.ACCEPT, P, terms_version=1)
    shown = await counter.act(shown, Act.TAKE_PAYMENT, P, amount=PRICE)
    await counter.act(shown, Act.REFUND, P, amount=Money(1_000, "EUR"), reason="A late start")
    assert [one.act for one in await counter.desk.history(reference)] == ["request", "accept", "take the payment", "refund"]
    assert [one.kind.value for one in await counter.desk.ledger(reference)] == ["paid", "refund started"]
    [refund] = await counter.desk.refunds(reference)
    assert (refund.amount, refund.state) == (Money(1_000, "EUR"), "due")
    counts = await counter.desk.counts(Filter())
    assert counts.stages[Stage.CONFIRMED] == 1


@pytest.mark.parametrize("mode", [Mode.RESERVE])
async def test_a_release_screen_releases_keeps_and_reminds_each_by_itself(counter: Counter) -> None:
    """ST-22, ST-B3, ST-B4"""
    one, other = await counter.begin(), await counter.begin()
    await counter.act(other, Act.BLOCK, Actor.OPERATOR)
    listed = await counter.batches.releasable(Filter())
    assert {shown.booking.reference for shown in listed} == {one.booking.reference, other.booking.reference}
    both = (one.booking.reference, other.booking.reference)
    ticks = Release(release=both, remind=(*both, "NONE"))
    foreseen = await counter.batches.foreseen(ticks, "anna")
    assert (await counter.desk.one(both[0])).booking.stage is Stage.AWAITING_PAYMENT, "nothing was changed"
    done = await counter.batches.release(ticks, "anna", None)
    assert [(tick.reference, tick.done, tick.why) for tick in foreseen] == [(one.reference, one.done, one.why) for one in done]
    assert [(outcome.reference, outcome.done) for outcome in done] == [
        *((both[0], True), (both[1], False)),
        *((both[0], False), (both[1], True), ("NONE", False)),
    ]
    assert counter.front.mails(other.booking) == ["N3 customer", "N26 customer"]


@pytest.mark.parametrize("mode", [Mode.RESERVE])
async def test_what_has_changed_since_the_release_screen_was_looked_at_stays_as_it_is(counter: Counter) -> None:
    """ST-22: no silent overwrite."""
    one = await counter.begin()
    reference = one.booking.reference
    ticks = Release(release=(reference,), versions={reference: one.booking.version - 1})
    [foreseen] = await counter.batches.foreseen(ticks, "anna")
    [done] = await counter.batches.release(ticks, "anna", None)
    assert (foreseen.done, done.done) == (False, False)
    assert foreseen.why == done.why
    assert "has changed since" in done.why


async def test_all_of_a_day_are_cancelled_together_and_nothing_more_is_sold(counter: Counter) -> None:
    """GY-B4"""
    shown = await counter.begin()
    shown = await counter.act(shown, Act.ACCEPT, P, terms_version=1)
    batch = Batch(OFFER, None, STARTS, STARTS + DAY, stop_selling=True)
    assert [one.booking.reference for one in await counter.batches.cancellable(batch, Actor.OPERATOR)] == ["BOAT-1"]
    done = await counter.batches.cancel_all(batch, ["BOAT-1", "NONE"], Actor.OPERATOR, "anna", "A storm", None)
    assert [one.done for one in done] == [True, False]
    [stock] = await counter.catalogue.slots(VARIANT, None, 10, None)
    assert (stock.slot.is_closed, stock.taken) == (True, 0)


async def test_everybody_of_a_day_is_told_something_once_each_and_nothing_of_who_writes(counter: Counter) -> None:
    """SL-B5"""
    shown = await counter.begin()
    shown = await counter.act(shown, Act.ACCEPT, P, terms_version=1)
    shown = await counter.act(shown, Act.TAKE_PAYMENT, P, amount=PRICE)
    word = Announcement(OFFER, STARTS, STARTS + DAY, "Bring a coat", "It is cold. marco@garda.example")
    assert [one.done for one in await counter.batches.announce(word, P, "marco", None)] == [True]
    assert counter.front.mails(shown.booking)[-1] == "N4 customer"


@pytest.mark.parametrize("mode", [Mode.INSTANT])
async def test_a_word_reaches_more_than_one_screen_of_bookings_and_each_once(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SL-B5: everybody who takes part, also when the request comes again before its first answer is kept."""
    monkeypatch.setattr(bookings, "exported_at_once", 1)
    monkeypatch.setattr(batches, "batch_max", 1)
    both = [await counter.begin() for _ in range(2)]
    for one in both:
        counter.front.pay(one.booking, f"evt {one.booking.reference}")
    word, again = Announcement(OFFER, STARTS, STARTS + DAY, "Bring a coat", "It is cold."), once()
    assert [one.done for one in await counter.batches.announce(word, P, "marco", again)] == [True, True]
    with pytest.raises(Repeated):
        await counter.batches.announce(word, P, "marco", again)
    assert [counter.front.mails(one.booking).count("N4 customer") for one in both] == [1, 1]


@pytest.mark.parametrize("mode", [Mode.INSTANT])
async def test_a_word_to_more_than_can_be_told_reaches_nobody(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """SL-B5: nobody is left out silently."""
    monkeypatch.setattr(batches, "told_max", 1)
    both = [await counter.begin() for _ in range(2)]
    for one in both:
        counter.front.pay(one.booking, f"evt {one.booking.reference}")
    with pytest.raises(NotDone, match="narrow the time"):
        await counter.batches.announce(Announcement(OFFER, STARTS, STARTS + DAY, "Hello", "It is cold."), P, "marco", None)
    assert "N4 customer" not in counter.front.mails(both[0].booking)


async def test_what_is_ticked_is_cancelled_though_the_screen_has_moved_on(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GY-B4: others that start earlier may have come meanwhile."""
    monkeypatch.setattr(batches, "batch_max", 1)
    for _ in range(2):
        await counter.act(await counter.begin(), Act.ACCEPT, P, terms_version=1)
    batch = Batch(OFFER, None, STARTS, STARTS + DAY)
    [done] = await counter.batches.cancel_all(batch, ["BOAT-2"], Actor.OPERATOR, "anna", "A storm", None)
    assert done.done


async def test_nothing_more_is_sold_of_any_slot_of_the_time(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """GY-B4: of a long time there are more slots than are read at once."""
    monkeypatch.setattr(catalogue, "page_max", 1)
    later = replace(SLOT, id=SlotId("t-later"), occasion=replace(TOUR, starts_at=STARTS + HOUR, ends_at=STARTS + 2 * HOUR))
    counter.front.world.write(lambda connection: catalogue.SLOTS.add(connection, later, now=counter.front.now, by="anna"))
    batch = Batch(OFFER, VARIANT, STARTS, STARTS + DAY, stop_selling=True)
    await counter.batches.cancel_all(batch, ["NONE"], Actor.OPERATOR, "anna", "A storm", None)
    monkeypatch.undo()
    assert [one.slot.is_closed for one in await counter.catalogue.slots(VARIANT, None, 10, None)] == [True, True]


async def test_the_clock_does_what_is_due_and_ends_open_pages_first(counter: Counter) -> None:
    """T16, T17: what somebody is paying for is looked at again later."""
    request = await counter.begin()
    counter.front.now = STARTS
    assert await counter.timers.work_some() >= 1
    assert (await counter.desk.one(request.booking.reference)).booking.stage is Stage.EXPIRED
    assert await counter.timers.work_some() == 0


@pytest.mark.parametrize("mode", [Mode.INSTANT])
async def test_a_checkout_that_nobody_ends_gives_its_place_back_but_not_while_it_is_paid(counter: Counter) -> None:
    """T3, T12, T16"""
    shown = await counter.begin()
    assert shown.booking.stage is Stage.AWAITING_PAYMENT
    counter.pages_open(shown.booking)
    counter.stopper.is_paying = True
    counter.front.now += HOUR - timedelta(minutes=10)
    await counter.timers.work_some()
    assert (await counter.desk.one(shown.booking.reference)).booking.stage is Stage.AWAITING_PAYMENT
    counter.stopper.is_paying = False
    counter.front.now += timedelta(minutes=1)
    await counter.timers.work_some()
    shown = await counter.desk.one(shown.booking.reference)
    assert (shown.booking.stage, counter.front.office.taken()) == (Stage.EXPIRED, 0)


async def test_a_slot_too_near_to_another_and_a_mode_that_the_partner_may_not_have_are_refused(counter: Counter) -> None:
    """SL-2, SV-B5: the missing item is named."""
    [partner] = await counter.catalogue.partners.page(None, 10, None)
    offer = await counter.catalogue.offers.one(OFFER)
    paused = replace(offer.switches, pause=HOUR)
    await counter.catalogue.offers.change(OFFER, lambda one: replace(one, switches=paused), "anna")
    near = Occasion(TOUR.ends_at, TOUR.ends_at + HOUR, TOUR.zone)
    with pytest.raises(Conflict, match="too near to"):
        await counter.catalogue.add(Slot(SlotId("t2"), VARIANT, near, 8), by="anna")
    other = replace(offer.switches, mode=Mode.ON_REQUEST)
    await counter.catalogue.offers.change(OFFER, lambda one: replace(one, switches=other), "anna")
    await counter.catalogue.partners.change(partner.id, lambda one: replace(one, tier=Tier.BASIC), "anna")
    with pytest.raises(Conflict, match="the partner lacks the Gold profile"):
        await counter.catalogue.offers.change(OFFER, lambda one: replace(one, switches=offer.switches), "anna")


def test_the_ledger_of_the_front_desk_is_that_of_the_store(world: World) -> None:
    """What a provider tells and what the desk reads are one thing."""
    front = FrontDesk(world)
    booking = front.act(front.begin(), Act.ACCEPT, P, terms_version=1)
    front.pay(booking)
    entries = world.read(lambda connection: ledger.entries(connection, booking.id))
    assert [one.event for one in entries] == [paid().event]
    with pytest.raises(NotAllowed):
        front.act(booking, Act.TAKE_PAYMENT, P, amount=PRICE)
