"""Each switch of `[policy]`, seen from outside: what is set, and what the other side, the writer and the archive get of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email.parser import BytesParser
from email.policy import default
from itertools import count
from pathlib import Path

import pytest
from support.letting_go import Weight, no_garbage_sought
from support.mails import a_mail, text_of, with_files
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS

from relay import figures
from relay.app import deciding
from relay.app.archive import present
from relay.conversation import Conversation, Opening
from relay.inbound.accept import Acceptance
from relay.inbound.crossings import Crossings
from relay.inbound.decide import Draft, Rejected
from relay.inbound.ports import AtAlias, Incoming
from relay.policy.reply import Reply
from relay.settings import Settings
from relay.store import steps
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.store.tables import deliveries
from relay.transit.crossing import Crossing, Fate
from relay.transit.delivery import Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import ConversationId, MessageId, RealAddress, Role

TEXT = (
    "Me: own@elsewhere.example, +48 600 100 200, PL61 1090 1014 0000 0712 1981 2874, https://shop.example.org/a\n"
    "-- \nMarco Bellini\n"
)
PAGE = '<p>Hello <img src="https://pictures.example.org/a.png" alt="view" width="200"></p>\n'


@dataclass
class Installation:
    """A database with one open conversation, under whatever settings a case wants."""

    directory: Path
    store: Store
    conversation: Conversation
    numbers: Iterator[int]

    def settings(self, policy: dict[str, object]) -> Settings:
        return Settings.model_validate(
            {
                "relay": {"state_dir": self.directory, "domain": DOMAIN, "support_url": "https://help.example.net/form"},
                "authentication": {"mode": "off"},
                "antivirus": {"mode": "off"},
                "policy": policy,
            }
        )

    def new_id(self) -> str:
        return f"{next(self.numbers):026}"

    def incoming(self, content: bytes) -> Incoming:
        to = (AtAlias(self.conversation.customer.alias),)
        return Incoming(MessageId(self.new_id()), NOW, PARTNER_ADDRESS, to, content, "203.0.113.9", "client.example")

    async def draft(self, content: bytes, policy: dict[str, object]) -> Draft | Rejected:
        judging = deciding.judging(self.settings(policy), self.store, None, None, self.new_id)
        decision = (await judging.judged(self.incoming(content))).decision
        return decision if isinstance(decision, Rejected) else decision[0]

    def mail(self, text: str = TEXT, *, html: bool = False, **more: str) -> bytes:
        plain = a_mail(to=str(self.conversation.customer.alias), text=text, **more)
        return plain.replace(b"text/plain", b"text/html") if html else plain


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    directory = tmp_path_factory.mktemp("installation")
    store = Store(present(open_engine(f"sqlite:///{directory / 'relay.db'}")))
    numbers = count(1)
    opening = Opening(
        "BK-1",
        "Marco Bellini",
        (RealAddress(PARTNER_ADDRESS),),
        "Zofia Kowalska",
        (RealAddress(CUSTOMER_ADDRESS),),
        NOW + timedelta(days=9),
    )
    prefixes = {Role.PARTNER: "local-partner-", Role.CUSTOMER: "customer-"}
    mint = steps.Mint(lambda: f"{next(numbers):026}", lambda: f"{next(numbers):012x}", DOMAIN, prefixes)
    conversation = store.committer.submit(
        lambda connection: steps.open_conversation(
            connection, opening, mint, now=NOW - timedelta(days=1), window_after=timedelta(days=7)
        )
    ).result()
    yield Installation(directory, store, conversation, numbers)
    asyncio.run(store.close())


@pytest.mark.parametrize(
    ("policy", "there", "gone"),
    [
        ({}, ["Marco via", "[address removed]", "+48 600 100 200", "PL61 1090", "https://shop.example.org/a"], ["Bellini"]),
        ({"names": "full"}, ["Marco Bellini via"], []),
        ({"names": "none"}, [], ["Marco", "Bellini"]),
        ({"unknown_addresses": "keep"}, ["own@elsewhere.example"], ["[address"]),
        ({"unknown_addresses": "mark"}, ["own@elsewhere.example"], ["[address"]),
        ({"phone_numbers": "mask"}, ["[phone number removed]", "PL61 1090"], ["600"]),
        ({"phone_numbers": "mark"}, ["+48 600 100 200"], ["[phone"]),
        ({"ibans": "mask"}, ["[bank account removed]", "+48 600"], ["1090"]),
        ({"links": "mask"}, ["[link removed]", "https://help.example.net/form"], ["shop.example.org"]),
        ({"to_header": "real"}, [f"To: {CUSTOMER_ADDRESS}"], []),
        ({"to_header": "alias"}, ["To: customer-"], [CUSTOMER_ADDRESS]),
    ],
    ids=json.dumps,
)
async def test_what_the_other_side_sees_follows_the_switch(
    installation: Installation, policy: dict[str, object], there: list[str], gone: list[str]
) -> None:
    """GW-40, LEAK-24, LEAK-25."""
    draft = await installation.draft(installation.mail(), policy)
    assert isinstance(draft, Draft)
    assert (draft.fate, draft.rendition is not None) == (Fate.PASSED, True)
    assert draft.rendition is not None
    message = BytesParser(policy=default).parsebytes(draft.rendition.content)
    shown = f"From: {message['From']}\nTo: {message['To']}\n{text_of(draft.rendition.content)}"
    assert [one for one in there if one not in shown] == []
    assert [one for one in gone if one in shown] == []


@pytest.mark.parametrize(("value", "is_there"), [("remove", False), ("keep", True)])
async def test_remote_images_follow_their_switch(installation: Installation, value: str, is_there: bool) -> None:
    """LEAK-45."""
    draft = await installation.draft(installation.mail(PAGE, html=True), {"remote_images": value})
    assert isinstance(draft, Draft)
    assert draft.rendition is not None
    assert (b"pictures.example.org" in draft.rendition.content) is is_there


@pytest.mark.parametrize("switch", ["unknown_addresses", "phone_numbers", "ibans", "links"])
@pytest.mark.parametrize(
    ("value", "fate"), [("keep", Fate.PASSED), ("mark", Fate.PASSED), ("mask", Fate.PASSED), ("hold", Fate.HELD)]
)
async def test_only_what_is_to_be_held_is_held(installation: Installation, switch: str, value: str, fate: Fate) -> None:
    """GW-29."""
    draft = await installation.draft(installation.mail(), {"unknown_addresses": "keep", switch: value})
    assert isinstance(draft, Draft)
    assert draft.fate is fate
    assert [one.treatment.value for one in draft.removed if one.kind != "name"] == ([] if value == "keep" else [value])


@pytest.mark.parametrize(
    ("policy", "content", "fate"),
    [
        ({}, {"cc": "third@elsewhere.example"}, Fate.PASSED),
        ({"third_party_cc": "refuse"}, {"cc": "third@elsewhere.example"}, Fate.REFUSED),
        ({"attachments_max": "1 KiB"}, {"file": "x" * 1025}, Fate.REFUSED),
        ({"attachments_max": "2 KiB"}, {"file": "x" * 1025}, Fate.PASSED),
        ({"attachments_max": "1 KiB", "refusals": "reject"}, {"file": "x" * 1025}, None),
        ({}, {"text": "-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n"}, Fate.REFUSED),
        ({"encrypted": "pass"}, {"text": "-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n"}, Fate.PASSED),
    ],
)
async def test_what_may_pass_follows_the_switch(
    installation: Installation, policy: dict[str, object], content: dict[str, str], fate: Fate | None
) -> None:
    """GW-24, GW-25, GW-46, design.md section 2."""
    file = content.get("file", "")
    mail = installation.mail(**{name: value for name, value in content.items() if name != "file"})
    draft = await installation.draft(with_files(mail, ("a.txt", file.encode())) if file else mail, policy)
    assert (draft.fate if isinstance(draft, Draft) else None) is fate


@dataclass
class Kept:
    """The store as acceptance asks it."""

    store: Store

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: object) -> int:
        return await self.store.notices_since(conversation, recipient, NOW - timedelta(days=1))

    async def accept(self, crossing: Crossing) -> tuple[Delivery, ...]:
        return await self.store.accept(crossing, now=NOW, lease=timedelta(hours=1), worker="w")


class Nowhere:
    """A courier that carries nothing, and a house without mail of its own."""

    def offer(self, deliveries: object) -> None: ...

    async def as_report(self, incoming: Incoming) -> None:
        return None

    async def as_answer(self, incoming: Incoming) -> Incoming | None:
        return None

    async def take(self, incoming: Incoming) -> Reply:
        raise AssertionError("no mail to the house")


@dataclass
class Forgetful(Kept):
    """The same, which does not keep the message as it came while it writes."""

    was_gone: bool = False

    async def accept(self, crossing: Crossing) -> tuple[Delivery, ...]:
        content = crossing.envelope.content
        assert isinstance(content, Weight)
        gone = content.gone
        del content, crossing
        self.was_gone = gone.is_set()
        return ()


async def test_while_a_message_is_written_nobody_keeps_it_as_it_came(installation: Installation) -> None:
    """PERF-6: it may be 25 MB, and the database has it three times then"""
    judging = deciding.judging(installation.settings({}), installation.store, None, None, installation.new_id)
    crossings = Crossings(lambda content, now: content, ReturnPaths(bytes(32), DOMAIN), installation.new_id)
    archive = Forgetful(installation.store)
    acceptance = Acceptance(judging, crossings, archive, Nowhere(), Nowhere())
    content = with_files(installation.mail(), ("plan.bin", bytes(range(256)) * 99))
    with no_garbage_sought():
        await acceptance.take(replace(installation.incoming(content), content=Weight(content)))
    assert archive.was_gone


@pytest.mark.parametrize(("value", "hints"), [("off", 0), ("mail", 1)])
async def test_a_hint_goes_out_with_the_message_under_the_null_return_path_and_once_a_day(
    installation: Installation, value: str, hints: int
) -> None:
    """GW-52, GW-53: in the transaction of the message, to the writer's own mailbox."""
    judging = deciding.judging(
        installation.settings({"removal_hint": value}), installation.store, None, None, installation.new_id
    )
    crossings = Crossings(lambda content, now: content, ReturnPaths(bytes(32), DOMAIN), installation.new_id)
    acceptance = Acceptance(judging, crossings, Kept(installation.store), Nowhere(), Nowhere())
    taken = [installation.incoming(installation.mail(subject=f"{value} {number}")) for number in range(2)]
    kinds = ("hint", "refused")
    counted = [figures.NOTICES.mine(kind) for kind in kinds]
    for one in taken:
        assert (await acceptance.take(one)).code == 250
    grown = [figures.NOTICES.mine(kind) - before for kind, before in zip(kinds, counted, strict=True)]
    assert grown == [hints, 0], "a hint is no refusal, and one that is left out is no mail"
    sent = await installation.store.read(
        lambda connection: connection.execute(
            deliveries.select().where(deliveries.c.message.in_([one.id for one in taken])).order_by(deliveries.c.message)
        ).all()
    )
    assert [row.message for row in sent if row.carries == "rendition"] == [one.id for one in taken]
    notices = [(row.message, row.return_path, row.recipient) for row in sent if row.carries == "notice"]
    assert notices == [(taken[0].id, "", PARTNER_ADDRESS)] * hints
