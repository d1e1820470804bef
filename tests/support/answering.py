"""A house whose partner and customer answer by mail: the path of such a mail without sockets, over a real database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select

from relay.booking.booking import Booking
from relay.booking.notification import To
from relay.booking.offer import Mode
from relay.booking.situation import Wish
from relay.correspondence.house import House
from relay.desk.mail_answers import MailAnswerDesk
from relay.inbound.accept import Acceptance
from relay.inbound.answers import AnswerMail
from relay.inbound.crossings import Crossings
from relay.inbound.directory import Directory
from relay.inbound.gather import Prover
from relay.inbound.ports import AtBooking, Incoming
from relay.policy.reply import Reply
from relay.store import booking_links
from relay.store.audit import unaccounted
from relay.store.bookings import history, records
from relay.store.exchange_tables import booking_answers
from relay.store.store import Store
from relay.store.tables import deliveries, passages
from relay.transit.answer import Answer
from relay.transit.crossing import Crossing
from relay.transit.delivery import Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import ConversationId, MessageId, RealAddress
from relay.web.booking_ports import Doing, Shown
from relay.web.once import Once, Repeated
from support.archive import LEASE, WORKER, World
from support.desk import Gateway
from support.front_desk import FrontDesk
from support.mails import a_mail
from support.world import DOMAIN

TEAM = "team@garda.example"
ZOFIA = "zofia@poczta.example"
PAGES = "https://relay.example.com/"


@dataclass
class Core:
    """relay.desk.mail_answers.Core over the lifecycle."""

    front: FrontDesk
    kept: set[str] = field(default_factory=set)

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown:
        if once is not None and once.key in self.kept:
            raise Repeated("done already")
        present = self.front.world.read(lambda connection: records.by_reference(connection, reference)).booking
        terms = None
        if doing.terms is not None:
            given = {one.name: value for one in fields(doing.terms) if (value := getattr(doing.terms, one.name)) is not None}
            terms = replace(present.terms, version=present.terms.version + 1, **{**given, "slot": None})
        wish = Wish(doing.act, doing.actor, doing.by, doing.reason, terms=terms, terms_version=doing.terms_version)
        self.front.world.write(
            lambda connection: self.front.lifecycle.act(connection, reference, wish, now=self.front.now, version=doing.version)
        )
        if once is not None:
            self.kept.add(once.key)
        return None  # type: ignore[return-value]  answers do not look at it


class AnsweringHouse:
    """Everything that an answer goes through. `now` is everybody's clock."""

    def __init__(self, store: Store, world: World, mode: Mode = Mode.CUSTOM_REQUEST, prover: Prover | None = None) -> None:
        self.store, self.world = store, world
        self.front = FrontDesk(world, mode)
        self.gateway = Gateway(store, world, prover=prover)
        self.gateway.now = self.front.now
        self.core = Core(self.front)
        self.offered: list[Delivery] = []
        numbers, secrets = count(1), count(1)

        def new_id() -> str:
            return f"ans{next(numbers):023d}"

        house = House("Example Travel", DOMAIN, "https://example.com/support")
        judging = self.gateway.acceptance.judging
        return_paths = ReturnPaths(b"k" * 32, DOMAIN)
        crossings = Crossings(lambda content, at: content, return_paths, new_id)
        self.desk = MailAnswerDesk(store, self.core, house, lambda content, at: content, new_id, lambda: self.front.now)
        answers = AnswerMail(
            self.desk,
            judging.gatherer,
            crossings,
            self,
            self,
            house,
            judging.decider.style,
            PAGES,
            new_id,
            lambda: f"undo-{next(secrets):039d}",
        )
        self.acceptance: Acceptance = replace(self.gateway.acceptance, answers=answers)
        self.directory = Directory(DOMAIN, store, return_paths, lambda: self.front.now, self.desk)
        self._mails = count(1)

    # relay.inbound.answers.Archive and Courier

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: datetime) -> int:
        return await self.store.notices_since(conversation, recipient, since)

    async def accept_answer(self, crossing: Crossing, answer: Answer | None) -> Sequence[Delivery]:
        return await self.store.accept_answer(crossing, answer, now=self.front.now, lease=LEASE, worker=WORKER)

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        self.offered += deliveries

    # What people do

    def address(self, booking: Booking, to: To) -> str:
        """At which `to` answers, as the mail about the booking says."""
        local = self.world.write(
            lambda connection: booking_links.answer_local(
                connection, booking.id, to, now=self.front.now, hex_digits=self.world.hex_digits
            )
        )
        return f"{local}@{DOMAIN}"

    async def answers(self, booking: Booking, text: str, *, to: To = To.PARTNER, sender: str = "", **more: str) -> Reply:
        """What somebody hears who answers with `text` in plain words."""
        address = self.address(booking, to)
        sender = sender or (TEAM if to is To.PARTNER else ZOFIA)
        return await self.brings(a_mail(sender=sender, to=address, text=text, **more), address, sender)  # type: ignore[arg-type]

    async def brings(self, mail: bytes, address: str, sender: str) -> Reply:
        number = next(self._mails)
        found = await self.directory.look_up(*address.split("@"))
        assert isinstance(found, AtBooking), found
        incoming = Incoming(MessageId(f"{number:026d}"), self.front.now, sender, (found,), mail, "203.0.113.9", "client.example")
        return await self.acceptance.take(incoming)

    async def later(self, span: timedelta = timedelta(minutes=15)) -> int:
        """Time goes on, and what is due is carried out."""
        self.front.now += span
        return await self.desk.settle()

    # What came of it

    def acts(self, booking: Booking) -> list[str]:
        """The steps that were taken, after the first."""
        return [one.act for one in self.world.read(lambda connection: history.past(connection, booking.id))][1:]

    def reasons(self, booking: Booking) -> list[str]:
        return [one.reason for one in self.world.read(lambda connection: history.past(connection, booking.id))][1:]

    def waiting(self) -> list[str]:
        """What is to be carried out: the acts."""
        open_ = select(booking_answers.c.act).where(booking_answers.c.ended_at.is_(None))
        return list(self.world.read(lambda connection: connection.execute(open_).scalars().all()))

    def fates(self) -> list[tuple[str, str | None]]:
        chosen = select(passages.c.fate, passages.c.reason).order_by(passages.c.message)
        return [(row.fate, row.reason) for row in self.world.read(lambda connection: connection.execute(chosen).all())]

    def notices(self) -> int:
        return self.world.read(lambda connection: len(connection.execute(select(deliveries.c.id)).all()))

    def faults(self) -> list[str]:
        """What an audit finds of the mail; notifications wait here for nobody who would post them."""
        found = self.world.read(lambda connection: unaccounted(connection, self.front.now))
        return [problem for one in found if "nobody has posted it" not in (problem := str(one))]
