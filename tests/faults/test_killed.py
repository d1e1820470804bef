"""SIGKILL at every step of accepting and delivering: nothing that got a 250 is lost, and nothing is told twice (FAULT-96).

A message may arrive twice only where its receiver has the whole of it and the answer to the final dot was lost with the process
(invariant 8); the Message-ID is the same then.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from support.accounts import a_conversation, books, copies, counts, findings, holds, hurry, settled
from support.mails import a_mail
from support.nursery import Fault, Nursling
from support.sink import Sink, Step, reply
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.store.tally import End

pytestmark = pytest.mark.slow

TEXT = "At ten, at the fountain.\n" * 12_000
"""More than is held in memory: it goes through the spool."""


@dataclass(frozen=True)
class Point:
    """Where the process dies. `twice`: the receiver may have the message by then, and nobody remembers."""

    at: str
    when: str = "before"
    spared: int = 0
    twice: bool = False

    def __str__(self) -> str:
        return f"{self.when} {self.at.partition(':')[2]}" + (f" number {self.spared + 1}" if self.spared else "")


ACCEPTING = (
    Point("relay.inbound.handover:Handover.taken_in"),
    Point("relay.inbound.handover:Handover.taken_in", "after"),
    Point("relay.inbound.spool:Spool._append"),
    Point("relay.inbound.spool:Spool._append", "after"),
    Point("relay.inbound.spool:Spool.read", "after"),
    Point("relay.inbound.judging:Judging.judged"),
    Point("relay.inbound.judging:Judging.judged", "after"),
    Point("relay.inbound.accept:Acceptance._crossing", "after"),
    Point("relay.store.packing:packed", "after"),
    Point("relay.store.accepting:write"),
    Point("relay.store.blobs:inserted", "after"),
    Point("relay.store.accepting:_MESSAGES", "after"),
    Point("relay.store.accepting:_PASSAGES", "after"),
    Point("relay.store.accepting:_DELIVERIES", "after"),
    Point("relay.store.accepting:_TEXTS", "after"),
    Point("relay.store.accepting:write", "after"),  # before the commit
    Point("relay.store.committer:Committer._count"),  # after it, and nobody knows yet
    Point("relay.outbound.courier:Courier.offer"),
    Point("relay.inbound.accept:Acceptance.take", "after"),
    Point("relay.inbound.session:Session.say_all"),  # before the 250, and below behind it: the answer may be on its way
    Point("relay.inbound.session:Session.say_all", "after"),
)
DELIVERING = (
    Point("relay.outbound.courier:Courier.session"),
    Point("relay.outbound.courier:Courier.session", "after"),
    Point("relay.outbound.connection:Connection._transaction"),
    Point("relay.outbound.dialogue:Dialogue.reply", "after"),  # MAIL is answered
    Point("relay.outbound.dialogue:Dialogue.reply", "after", spared=1),  # RCPT
    Point("relay.outbound.dialogue:Dialogue.reply", "after", spared=2),  # DATA
    Point("relay.outbound.dialogue:Dialogue.drained", "after"),  # part of the content is out
    Point("relay.outbound.connection:Connection._content", "after", twice=True),  # the dot is out
    Point("relay.outbound.dialogue:Dialogue.reply", "after", spared=3, twice=True),  # and answered
    Point("relay.outbound.settling:Settler.settle", twice=True),
    Point("relay.store.outbox:record", twice=True),
    Point("relay.store.outbox:record", "after", twice=True),  # before the commit
    Point("relay.app.archive:Archive.record", "after"),  # after it
)
FAILING = (
    Point("relay.outbound.telling:Telling._notice"),
    Point("relay.outbound.telling:Telling._notice", "after"),
    Point("relay.store.outbox:record"),
    Point("relay.store.outbox:add_deliveries", "after"),
    Point("relay.store.outbox:record", "after"),
    Point("relay.app.archive:Archive.record", "after"),
    Point("relay.store.claims:claim", "after"),  # of the notice
)
DEFERRING = (
    Point("relay.outbound.settling:Settler.settle"),
    Point("relay.store.outbox:record", "after"),
    Point("relay.app.archive:Archive.record", "after"),
)
REFUSING = (
    Point("relay.store.accepting:_DELIVERIES", "after"),
    Point("relay.store.committer:Committer._count"),
    Point("relay.inbound.session:Session.say_all", "after"),
    Point("relay.outbound.connection:Connection._content"),
)
CLAIMING = (
    Point("relay.store.claims:claim"),
    Point("relay.store.claims:claim", "after"),
    Point("relay.app.archive:Archive.claim", "after"),
)


async def killed_at(nursling: Nursling, point: Point) -> None:
    """A gateway that runs, and dies there."""
    nursling.faults = (Fault(point.at, "kill", point.when, point.spared),)
    await nursling.off_loop("start")


async def died(nursling: Nursling) -> None:
    process = nursling.process
    assert process is not None
    await holds(lambda: process.poll() is not None)
    assert process.poll() == -9
    nursling.process, nursling.faults = None, ()


async def handed_in(nursling: Nursling, alias: str, mail: bytes) -> bool:
    """Whether it was answered with a 250. A client that got no answer does not know."""
    try:
        answer = await nursling.sent(mail, alias)
    except (OSError, EOFError, TimeoutError):
        return False
    assert answer.code == 250
    return True


async def handed_in_over_a_death(nursling: Nursling, alias: str) -> None:
    """A mail is sent to a gateway that dies over it, and by a good client again where there was no answer (FAULT-52)."""
    mail = a_mail(to=alias, text=TEXT, message_id="once@alpine-tours.example")
    nursling.arm()
    taken = await handed_in(nursling, alias, mail)
    await died(nursling)
    await nursling.off_loop("start")
    if not taken:
        assert await handed_in(nursling, alias, mail)


@pytest.mark.parametrize("point", [*ACCEPTING, *DELIVERING], ids=str)
async def test_a_message_arrives_whenever_its_process_dies(nursling: Nursling, sink: Sink, point: Point) -> None:
    """FAULT-96, FAULT-52, invariants 3, 4 and 8."""
    await killed_at(nursling, point)
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        await handed_in_over_a_death(nursling, alias)
        ends = await settled(engine)
        [arrived] = copies(sink, CUSTOMER_ADDRESS).values()
        assert arrived in ({1, 2} if point.twice else {1})
        assert ends in ({End.DELIVERED: 1}, {End.DELIVERED: 1, End.DUPLICATE: 1})
        assert findings(engine) == ()


@pytest.mark.parametrize("point", FAILING, ids=str)
async def test_a_writer_is_told_once_whenever_the_process_dies_over_it(nursling: Nursling, sink: Sink, point: Point) -> None:
    """FAULT-96, FAULT-91, invariant 4."""
    sink.always(Step.RCPT, reply("550 5.1.1 no"), recipient=CUSTOMER_ADDRESS)
    await killed_at(nursling, point)
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        await handed_in_over_a_death(nursling, alias)
        assert (await settled(engine))[End.NOTICE] == 1
        assert list(copies(sink, PARTNER_ADDRESS).values()) == [1]
        assert findings(engine) == ()


@pytest.mark.parametrize("point", DEFERRING, ids=str)
async def test_what_is_put_off_is_tried_again_whenever_the_process_dies(nursling: Nursling, sink: Sink, point: Point) -> None:
    """FAULT-96."""
    sink.plan(Step.RCPT, reply("451 4.3.0 later"))
    await killed_at(nursling, point)
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        await handed_in_over_a_death(nursling, alias)
        assert (await settled(engine))[End.DELIVERED] == 1
        assert list(copies(sink, CUSTOMER_ADDRESS).values()) == [1]
        assert findings(engine) == ()


@pytest.mark.parametrize("point", REFUSING, ids=str)
async def test_a_refusal_is_told_once_whenever_the_process_dies(nursling: Nursling, sink: Sink, point: Point) -> None:
    """FAULT-96, GW-52: a mail to one's own alias; the copy that a client sends again is told of no second time."""
    await killed_at(nursling, point)
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).partner.alias)
        await handed_in_over_a_death(nursling, alias)
        assert (await settled(engine))[End.NOTICE] == 1
        assert list(copies(sink, PARTNER_ADDRESS).values()) == [1]
        assert findings(engine) == ()


@pytest.mark.parametrize("point", CLAIMING, ids=str)
async def test_what_is_claimed_from_the_table_arrives_whenever_the_process_dies(
    nursling: Nursling, sink: Sink, point: Point
) -> None:
    """FAULT-96: a dead worker's claims are taken up by its successor."""
    sink.plan(Step.RCPT, reply("451 4.3.0 later"))
    await killed_at(nursling, point)
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        assert await handed_in(nursling, alias, a_mail(to=alias))
        await holds(lambda: any(command.startswith("RCPT") for _, command in sink.commands))
        await asyncio.sleep(0)
        nursling.arm()
        dying = asyncio.create_task(died(nursling))
        await asyncio.gather(dying, settled_or_dead(nursling))
        await nursling.off_loop("start")
        assert (await settled(engine))[End.DELIVERED] == 1
        assert list(copies(sink, CUSTOMER_ADDRESS).values()) == [1]
        assert findings(engine) == ()
        assert counts(engine) == {End.DELIVERED: 1}


async def settled_or_dead(nursling: Nursling) -> None:
    """What is put off is hurried until the gateway is dead over it."""
    process = nursling.process
    assert process is not None
    with books(nursling.directory) as engine:
        while process.poll() is None:
            await asyncio.to_thread(hurry, engine)
            await asyncio.sleep(0.05)
