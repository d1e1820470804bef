"""Fills a database for tests: conversations, messages that cross, their deliveries. Ids count up, nothing is random."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from relay.conversation import Conversation, Opening
from relay.message.leaks import Finding
from relay.message.leaks import Kind as FindingKind
from relay.policy.reasons import Reason
from relay.store import accepting, held, packing, steps
from relay.store.engine import reading, writing
from relay.store.packing import packed
from relay.store.stepping import Step
from relay.transit.bounce import Intake
from relay.transit.crossing import Crossing, Fate, Passage, Removal, Rendition, Searchable
from relay.transit.delivery import Carries, Delivery
from relay.transit.envelope import Envelope
from relay.values import DeliveryId, MessageId, MsgId, RealAddress, Role
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS

LEASE: Final = timedelta(minutes=10)
WORKER: Final = "worker-1"
WINDOW_AFTER: Final = timedelta(days=7)
PREFIXES: Final = {Role.PARTNER: "local-partner-", Role.CUSTOMER: "customer-"}

FOUND: Final = Finding(FindingKind.ADDRESS, "part 2 application/pdf", "base64")

T = TypeVar("T")


class World:
    """A database under test."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._count = count(1)
        self.mint = steps.Mint(self.new_id, self.hex_digits, DOMAIN, PREFIXES)

    def new_id(self) -> str:
        return f"{next(self._count):026d}"

    def hex_digits(self) -> str:
        return f"{next(self._count):012x}"

    def write(self, work: Callable[[Connection], T]) -> T:
        with writing(self.engine) as connection:
            return work(connection)

    def read(self, question: Callable[[Connection], T]) -> T:
        with reading(self.engine) as connection:
            return question(connection)

    def tamper(self, *statements: str) -> None:
        """What somebody who owns the database can do: neither triggers nor foreign keys are in the way."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
                dropped = " ".join(f"DROP TRIGGER {name};" for name in triggers)
                connection.connection.driver_connection.executescript(f"PRAGMA foreign_keys = OFF; {dropped}")
            else:
                connection.exec_driver_sql("SET session_replication_role = replica")
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.commit()
            connection.invalidate()  # nobody else gets it as it is now

    def opened(self, reference: str = "GYG4K7Q2X9ABC", *, now: datetime = NOW, pending: bool = False) -> Conversation:
        """A conversation, its activity in nine days."""
        opening = an_opening(reference, pending=pending)
        return self.write(
            lambda connection: steps.open_conversation(connection, opening, self.mint, now=now, window_after=WINDOW_AFTER)
        )

    def accepted(self, crossing: Crossing, *, now: datetime = NOW) -> tuple[Delivery, ...]:
        return self.write(lambda connection: accepting.write(connection, packed(crossing, now=now, lease=LEASE, worker=WORKER)))

    def let_out(self, crossing: Crossing) -> Delivery:
        """Somebody releases the first share of a held message."""
        share = self.read(lambda connection: held.case(connection, crossing.envelope.id, 0))
        delivery = self.delivery(crossing.envelope.id, share.conversation, content=share.rendition or b"")
        self.write(lambda connection: held.release(connection, crossing.envelope.id, 0, delivery, Step("ops", NOW)))
        return delivery

    def dropped(self, crossing: Crossing) -> None:
        """Somebody gives up the first share of a held message."""
        self.write(lambda connection: held.drop(connection, crossing.envelope.id, 0, Step("ops", NOW, "spam")))

    def kept(self, crossing: Crossing, outgoing: Sequence[Delivery] = ()) -> tuple[Delivery, ...]:
        """The mail of `crossing` taken over as mail to the house itself, in no conversation."""
        intake = Intake(crossing.envelope, crossing.searchable, outgoing=tuple(outgoing))
        ready = packing.packed_house_mail(intake, now=NOW, lease=LEASE, worker=WORKER)
        return self.write(lambda connection: accepting.write(connection, ready))

    def delivery(
        self,
        message: MessageId,
        conversation: Conversation | None,
        *,
        carries: Carries = Carries.RENDITION,
        to: str = PARTNER_ADDRESS,
        content: bytes = b"Subject: rendition\r\n\r\nHello\r\n",
        at: datetime = NOW,
    ) -> Delivery:
        return Delivery(
            id=DeliveryId(self.new_id()),
            message=message,
            conversation=conversation.id if conversation is not None else None,
            carries=carries,
            return_path=f"bounce-1-2-3@{DOMAIN}",
            recipient=RealAddress(to),
            content=content,
            accepted_at=at,
        )

    def crossing(
        self,
        *conversations: Conversation,
        writer: Role = Role.CUSTOMER,
        fate: Fate = Fate.PASSED,
        at: datetime = NOW,
        original_id: str | None = "original@poczta.example",
        subject: str = "Where do we meet?",
        body: str = "Where is the meeting point?",
        files: str = "",
        content: bytes | None = None,
        author: RealAddress | None = None,
    ) -> Crossing:
        """A message to the other party of each of `conversations`, each share with the same fate."""
        id_ = MessageId(self.new_id())
        raw = content if content is not None else f"Subject: {subject}\r\n\r\n{body}\r\n".encode("utf-8", "replace")
        return Crossing(
            envelope=Envelope(
                id=id_,
                received_at=at,
                return_path=CUSTOMER_ADDRESS,
                aliases=tuple(one.party(writer.other).alias for one in conversations),
                content=raw,
                client_ip="192.0.2.7",
                helo="mail.poczta.example",
            ),
            searchable=Searchable(subject, f"Zofia Kowalska <{CUSTOMER_ADDRESS}>", body, files),
            original_id=MsgId(original_id) if original_id is not None else None,
            fingerprint=hashlib.sha256(raw).digest(),
            passages=tuple(self.passage(id_, one, writer=writer, fate=fate, at=at) for one in conversations),
            author=author,
        )

    def passage(
        self,
        message: MessageId,
        conversation: Conversation,
        *,
        writer: Role = Role.CUSTOMER,
        fate: Fate = Fate.PASSED,
        at: datetime = NOW,
    ) -> Passage:
        """One recipient's share: a delivery when it passed, a notice when it was refused; one finding when it is held."""
        passage = Passage(
            conversation=conversation.id,
            reference=conversation.reference,
            writer=writer,
            fate=fate,
            reason=None if fate is Fate.PASSED else Reason.LEAK.value,
            detail="" if fate is Fate.PASSED else "for support",
            findings=(FOUND,) if fate is Fate.HELD else (),
        )
        if fate in {Fate.PASSED, Fate.HELD}:
            to = conversation.party(writer.other).addresses[0].reveal()
            delivery = self.delivery(message, conversation, to=to, at=at)
            rendition = Rendition(delivery.content, MsgId(f"{delivery.id}@{DOMAIN}"), (Removal("address", "text/plain"),))
            return replace(passage, rendition=rendition, deliveries=(delivery,) if fate is Fate.PASSED else ())
        if fate is Fate.REFUSED:
            to = conversation.party(writer).addresses[0].reveal()
            notice = self.delivery(
                message, conversation, carries=Carries.NOTICE, to=to, content=b"Subject: notice\r\n\r\n", at=at
            )
            return replace(passage, deliveries=(notice,))
        return passage


def an_opening(
    reference: str = "GYG4K7Q2X9ABC", *, pending: bool = False, activity_end: datetime = NOW + timedelta(days=9)
) -> Opening:
    return Opening(
        reference=reference,
        partner_name="Marco Bellini",
        partner_addresses=(RealAddress(PARTNER_ADDRESS),),
        customer_name="Zofia Kowalska",
        customer_addresses=(RealAddress(CUSTOMER_ADDRESS),),
        activity_end=activity_end,
        pending=pending,
    )
