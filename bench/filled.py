"""A house that has been busy for a year: fills a database with bookings and the mail about them, made up and repeatable.

    .venv/bin/python bench/filled.py sqlite:////tmp/busy/relay.db --bookings 20000 --messages 100000

The steps are the product's own: bookings begin and step by the table of the lifecycle, messages are accepted with their
renditions and deliveries, and are indexed for search. One partner has a quarter of everything, one customer a hundred bookings.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from sqlalchemy import Connection
from support.archive import LEASE, WORKER, World
from support.bookings import ROME
from support.catalogue import ADULT, BOAT, GARDA, MORNING

from relay.app import places
from relay.booking.beginning import WAYS, Order
from relay.booking.booking import Actor, Booking, Stage
from relay.booking.catalogue import Listing, OfferId, PriceKey, Slot, VariantId
from relay.booking.offer import Mode, Rules
from relay.booking.partner import PartnerId
from relay.booking.reminders import Reminders
from relay.booking.situation import Act, Wish
from relay.booking.terms import Choice, Occasion, SlotId
from relay.booking.texts import Texts
from relay.conversation import Conversation
from relay.desk.lifecycle import Lifecycle
from relay.settings import Settings
from relay.store import accepting, conversations, indexing, outbox, posting, record, schema
from relay.store.bookings import timers
from relay.store.bookings.catalogue import OFFERS, PARTNERS, SLOTS, VARIANTS
from relay.store.bookings.records import Customer
from relay.store.engine import reading, writing
from relay.store.packing import packed
from relay.transit.delivery import Delivered
from relay.values import Language, RealAddress, Role

BEGAN: Final = datetime(2025, 11, 1, 8, 0, tzinfo=UTC)
PARTNERS_MAX: Final = 40
AT_ONCE: Final = 200
NEVER: Final = Reminders(unanswered=(), unpaid=(), before_deadline=(), before_action=())
MODES: Final = (Mode.ON_REQUEST, Mode.RESERVE, Mode.CUSTOM_REQUEST)
WORDS: Final = (
    "meeting point harbour shuttle towel refund voucher guide tickets child seat rain weather late station bus map photo lunch"
    " vegetarian allergy wheelchair parking hotel pickup luggage passport cancel reschedule deposit invoice receipt thanks hello"
    " gracias mañana grupo Führung Straße zwölf Gäste réservation merci bientôt dziękuję proszę rezerwacja spotkanie łódź grazie"
    " domani barca pranzo where when how many people please bring shoes water fountain town hall morning evening tomorrow"
).split()


class Busy:
    """Fills one database. The same seed fills it alike."""

    def __init__(self, url: str, seed: int) -> None:
        settings = Settings.model_validate({"database": {"url": url}})
        self.engine = places.database(settings)
        schema.migrate(self.engine)
        self.world = World(self.engine)
        self.draw = random.Random(seed)
        self.lifecycle = Lifecycle(self.world.mint, self.world.new_id, self._reference, NEVER)
        self._number = 0
        self.listings: list[tuple[Listing, list[Slot]]] = []
        self.now = BEGAN

    def _reference(self) -> str:
        self._number += 1
        return f"BUSY{self._number:06d}"

    def open_house(self) -> None:
        """Forty partners, each with an offer in every mode."""
        with writing(self.engine) as connection:
            for number in range(PARTNERS_MAX):
                team = (RealAddress(f"team{number}@tours{number}.example"),)
                partner = replace(GARDA, id=PartnerId(f"p{number}"), name=f"Tours {number}", addresses=team, senders=())
                PARTNERS.add(connection, partner, now=BEGAN, by="operator")
                for mode in MODES:
                    self.listings.append(self._listing(connection, partner.id, f"{number}-{mode.value.replace(' ', '-')}", mode))

    def _listing(self, connection: Connection, partner: PartnerId, name: str, mode: Mode) -> tuple[Listing, list[Slot]]:
        switches = replace(BOAT.switches, mode=mode)
        offer = replace(BOAT, id=OfferId(f"o{name}"), partner=partner, switches=switches, promotion=f"PROMO-{partner}")
        variant = replace(MORNING, id=VariantId(f"v{name}"), offer=offer.id, title=Texts.of(Language.EN, f"Tour {name}"))
        OFFERS.add(connection, offer, now=BEGAN, by="operator")
        VARIANTS.add(connection, variant, now=BEGAN, by="operator")
        slots = []
        for week in range(104):
            starts = BEGAN + timedelta(days=7 * week, hours=2)
            slot = Slot(SlotId(f"t{name}-{week}"), variant.id, Occasion(starts, starts + timedelta(hours=3), ROME), 5_000)
            SLOTS.add(connection, slot, now=BEGAN, by="operator")
            slots.append(slot)
        return Listing(PARTNERS.one(connection, partner), offer, variant, Rules(Mode.INSTANT)), slots

    def book(self, count: int) -> None:
        """`count` bookings over a year, most of which became something."""
        step = timedelta(days=380) / max(count, 1)
        for first in range(0, count, AT_ONCE):
            with writing(self.engine) as connection:
                for number in range(first, min(first + AT_ONCE, count)):
                    self.now = BEGAN + step * number
                    self._booked(connection, number)
                self._let_the_clock(connection)
                self._post(connection)
            _told("bookings", min(first + AT_ONCE, count), count)

    def _booked(self, connection: Connection, number: int) -> None:
        busy = self.draw.random() < 0.25
        listing, slots = self.draw.choice(self.listings[:3] if busy else self.listings[3:])
        coming = [one for one in slots if timedelta(days=3) < one.occasion.starts_at - self.now < timedelta(days=60)]
        who = 0 if number % 200 == 0 else self.draw.randrange(1, 15_000)
        name = f"{self.draw.choice(('Zofia', 'Anna', 'Jean', 'Luis', 'Greta'))} Number{who}"
        customer = Customer(name, RealAddress(f"customer{who}@post.example"), self.draw.choice(list(Language)))
        act = WAYS[listing.rules.mode]
        order = Order(
            act,
            Actor.CUSTOMER,
            "customer",
            customer.language,
            slot=self.draw.choice(coming),
            choices=(Choice(PriceKey(ADULT.key), 1),),
            note=self.words(12),
        )
        booking = self.lifecycle.begin(connection, listing, order, customer, now=self.now).booking
        reference = booking.reference
        luck = self.draw.random()
        if act is Act.REQUEST and luck < 0.15:
            self._act(connection, reference, Act.DECLINE, Actor.PARTNER, reason=self.words(8))
        elif luck < 0.85:
            if act is Act.REQUEST:
                booking = self._act(connection, reference, Act.ACCEPT, Actor.PARTNER, terms_version=booking.terms.version)
            if booking.stage is Stage.AWAITING_PAYMENT:
                self._act(connection, reference, Act.TAKE_PAYMENT, Actor.PARTNER, amount=booking.terms.total)

    def _let_the_clock(self, connection: Connection) -> None:
        """What has come due of the bookings until now: they lapse, are released, are over."""
        while due := timers.due(connection, self.now, AT_ONCE):
            for one in due:
                self.lifecycle.work_off(connection, one, now=self.now)

    def _post(self, connection: Connection) -> None:
        """Mail about bookings went out long ago; here it is not written at all."""
        while waiting := posting.waiting(connection, self.now, AT_ONCE):
            for one in waiting:
                posting.spare(connection, one, "bench", self.now)

    def _act(self, connection: Connection, reference: str, act: Act, actor: Actor, **wish: Any) -> Booking:
        self.now += timedelta(hours=1)
        return self.lifecycle.act(connection, reference, Wish(act, actor, actor.value, **wish), now=self.now).booking

    def write(self, count: int) -> None:
        """`count` messages in the conversations that are open, each delivered or not."""
        open_ones = [one for one in self._conversations() if one.window.opens_at is not None]
        if not open_ones:
            raise SystemExit("no booking was confirmed")
        step = timedelta(days=380) / max(count, 1)
        for first in range(0, count, AT_ONCE):
            with writing(self.engine) as connection:
                for number in range(first, min(first + AT_ONCE, count)):
                    self._written(connection, self.draw.choice(open_ones), BEGAN + step * number)
            _told("messages", min(first + AT_ONCE, count), count)

    def _conversations(self) -> Iterator[Conversation]:
        after = None
        while True:
            with reading(self.engine) as connection:
                some = conversations.listed(connection, now=self.now, limit=conversations.listed_max, after=after)
            yield from some
            if not some:
                return
            after = some[-1].id

    def _written(self, connection: Connection, conversation: Conversation, at: datetime) -> None:
        writer = self.draw.choice(list(Role))
        subject, body = self.words(5), self.words(self.draw.randrange(20, 200))
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "writer@post.example", str(conversation.party(writer.other).alias), subject
        mail.set_content(body)
        files = ""
        if self.draw.random() < 0.1:
            files = f"{self.draw.choice(WORDS)}.pdf"
            mail.add_attachment(self.draw.randbytes(3_000), maintype="application", subtype="pdf", filename=files)
        crossing = self.world.crossing(
            conversation, writer=writer, at=at, subject=subject, body=body, files=files, content=mail.as_bytes()
        )
        for one in accepting.write(connection, packed(crossing, now=at, lease=LEASE, worker=WORKER)):
            outbox.record(connection, one.id, Delivered(250, "2.0.0 Ok"), now=at + timedelta(seconds=2), attempt=one.attempts)

    def number(self) -> None:
        """Every entry of every timeline gets its leaf."""
        while True:
            with writing(self.engine) as connection:
                if record.number_some(connection, AT_ONCE) == 0:
                    return

    def index(self, count: int) -> None:
        """Makes all of it findable, as the running gateway does."""
        done = 0
        while True:
            with writing(self.engine) as connection:
                some = indexing.index_some(connection, AT_ONCE)
            done += some
            _told("indexed", done, count)
            if some == 0:
                return

    def words(self, count: int) -> str:
        return " ".join(self.draw.choices(WORDS, k=count))


def _told(what: str, done: int, count: int) -> None:
    print(f"\r{what} {done} of {count}", end="\n" if done >= count else "", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--bookings", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    began = time.monotonic()
    busy = Busy(told.url, told.seed)
    busy.open_house()
    busy.book(told.bookings)
    busy.write(told.messages)
    busy.number()
    busy.index(told.messages)
    print(f"{told.bookings} bookings and {told.messages} messages in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
