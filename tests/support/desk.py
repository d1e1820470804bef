"""The path of a message without sockets: accepted, held, decided by people, over a real database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from relay.conversation import Conversation
from relay.correspondence.hint import RemovalHint
from relay.correspondence.house import House
from relay.desk.anew import Anew
from relay.desk.questions import QuestionDesk
from relay.desk.queue import QueueDesk
from relay.inbound.accept import Acceptance
from relay.inbound.crossings import Crossings
from relay.inbound.decide import Decider, QuestionPages
from relay.inbound.gather import Gatherer, Prover
from relay.inbound.judging import Judging
from relay.inbound.ports import AtAlias, Incoming
from relay.message.seal import Seal
from relay.message.terms import Style
from relay.message.treatment import STANDARD, Treatments
from relay.policy.facts import LocalPolicy
from relay.policy.reply import Reply
from relay.store import archive, claims, timeline
from relay.store.audit import unaccounted
from relay.store.store import Store
from relay.transit.crossing import Crossing
from relay.transit.delivery import Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import Alias, ConversationId, MessageId, RealAddress
from support.archive import LEASE, WORKER, World
from support.world import DOMAIN, NOW, PARTNER_ADDRESS


@dataclass
class Gateway:
    """The path of a message in this process: a real database, desks, and what would have gone out.

    Without a `prover` a known address is proof. `now` is the desks' clock, for a test to turn; questions have the secrets
    "secret-1", "secret-2", and so on.
    """

    store: Store
    world: World
    treatments: Treatments = STANDARD
    removal_hint: RemovalHint = RemovalHint.OFF
    prover: Prover | None = None
    reject: bool = False
    now: datetime = NOW
    offered: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers, secrets = count(1), count(1)
        style = Style("Example Travel", DOMAIN, Seal(bytes(32), DOMAIN), house_domains=(DOMAIN,), treatments=self.treatments)
        house = House("Example Travel", DOMAIN, "https://example.com/support")
        return_paths = ReturnPaths(b"k" * 32, DOMAIN)

        def new_id() -> str:
            return f"new{next(numbers):023d}"

        judges = Judging(
            Gatherer(
                self.store,
                scanner=None,
                file_types=lambda octets: "application/octet-stream",
                local_policy=LocalPolicy(),
                customer_prefix="customer-",
                domain=DOMAIN,
                prover=self.prover,
            ),
            Decider(
                style,
                house,
                reject=self.reject,
                attachment_bytes_max=LocalPolicy().attachment_bytes_max,
                new_id=new_id,
                removal_hint=self.removal_hint,
                pages=QuestionPages("https://relay.example.com/", lambda: f"secret-{next(secrets)}"),
            ),
        )
        crossings = Crossings(lambda content, at: content, return_paths, new_id)
        self.acceptance = Acceptance(judges, crossings, self, self, self)
        anew = Anew(self.store, judges, crossings, house)
        self.desk = QueueDesk(self.store, return_paths, new_id, lambda: self.now, lambda: anew)
        self.questions = QuestionDesk(self.store, lambda: self.now, lambda: anew)

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: object) -> int:
        return 0

    async def accept(self, crossing: Crossing) -> Sequence[Delivery]:
        return await self.store.accept(crossing, now=self.now, lease=LEASE, worker=WORKER)

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        self.offered += deliveries

    async def as_report(self, incoming: Incoming) -> None:
        """Nobody reports anything here."""

    async def as_answer(self, incoming: Incoming) -> None:
        """Nobody answers to a return path here."""

    async def take(self, incoming: Incoming) -> Reply:
        raise AssertionError("nothing here goes to the house itself")

    async def sent(self, conversation: Conversation, mail: bytes, number: int = 1) -> str:
        """The partner writes to the customer; what names the share."""
        assert (await self.answered(mail, (conversation.customer.alias,), number)).code == 250
        return f"{number:026d}-0"

    async def answered(
        self, mail: bytes, to: Sequence[Alias], number: int = 1, *, ip: str = "203.0.113.9", path: str = PARTNER_ADDRESS
    ) -> Reply:
        """What a client hears that brings `mail` for the aliases in `to`."""
        recipients = tuple(map(AtAlias, to))
        incoming = Incoming(MessageId(f"{number:026d}"), self.now, path, recipients, mail, ip, "client.example")
        return await self.acceptance.take(incoming)

    def under_way(self) -> list[Delivery]:
        return self.world.write(lambda connection: claims.claim(connection, self.now, LEASE, 10, "w"))

    def share(self, id_: str) -> archive.ArchivedPassage:
        message = MessageId(id_.partition("-")[0])
        return self.world.read(lambda connection: archive.shown(connection, message)).passages[0]

    def last(self, conversation: Conversation) -> timeline.Entry:
        return self.world.read(lambda connection: timeline.entries(connection, conversation.id))[-1]

    def problems(self) -> Sequence[object]:
        return self.world.read(lambda connection: unaccounted(connection, self.now))
