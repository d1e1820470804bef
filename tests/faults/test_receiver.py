"""Whatever the receiver does, the message arrives once or its writer is told once, in our words."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select
from support.accounts import a_conversation, books, copies, counts, findings, holds, settled
from support.mails import a_mail, shows
from support.nursery import Fault, Nursling
from support.sink import CLOSE, EXTENSIONS, HANG, Answer, Sink, Step, reply
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.store.engine import reading
from relay.store.tables import attempts, deliveries
from relay.store.tally import End

pytestmark = pytest.mark.slow

SOON_AGAIN = Fault("relay.outbound.lanes:RESTS_S", "= [0.2]")
IMPATIENT = Fault("relay.outbound.connection:Timeouts.__init__.__defaults__", "= [30, 1, 1, 1, 180, 900, 5, 1800, 2]")
"""Seconds for connecting, the greeting, commands, DATA, a block, the content, the dot, all together, and QUIT: of these, what a
server hangs in is short, and the dot less so. Whoever is late with its answer there, as on a busy machine, has the mail twice.
"""
TAKEN = {End.DELIVERED: 1}
TOLD = {End.NOTICE: 1}
WORDS = "remote-words-of-a-stranger"


@dataclass(frozen=True)
class Case:
    """What the server does once, and what it comes to. `attempts`: more than one where it is tried again."""

    name: str
    step: Step
    answer: Answer
    ends: dict[End, int] = field(default_factory=lambda: TAKEN)
    arrives: int = 1
    in_doubt: bool = False


LATER = reply(f"451 4.3.0 {WORDS}")
NEVER = reply(f"550 5.1.1 {WORDS}")
CASES = (
    # FAULT-88: a host that grants nobody a session has refused no mailbox.
    Case("greets with 554", Step.CONNECT, reply("554 5.3.2 no service", close=True)),
    Case("greets with 421", Step.CONNECT, reply("421 4.3.2 busy", close=True)),
    Case("does not greet", Step.CONNECT, HANG),
    Case("closes at once", Step.CONNECT, CLOSE),
    Case("EHLO: 421", Step.EHLO, reply("421 4.3.2 busy", close=True)),
    Case("EHLO: hangs", Step.EHLO, HANG),
    # FAULT-90 for each command.
    *(
        Case(f"{step.value}: {name}", step, answer)
        for step in (Step.MAIL, Step.RCPT, Step.DATA)
        for name, answer in (("451", LATER), ("421", reply("421 4.3.2 bye", close=True)), ("closes", CLOSE), ("hangs", HANG))
    ),
    # The dot of a small message is in the same write as the rest of it, so nobody knows how much of that arrived.
    Case("resets in the content", Step.CONTENT, CLOSE, in_doubt=True),
    Case("the dot: 451", Step.DOT, LATER),
    Case("the dot: 421", Step.DOT, reply("421 4.3.2 bye", close=True)),
    # FAULT-91.
    *(Case(f"{step.value}: 550", step, NEVER, TOLD, 0) for step in (Step.MAIL, Step.RCPT, Step.DATA, Step.DOT)),
    # FAULT-92: the only ones where it may arrive twice; the answer was lost, whatever it was.
    Case("resets after the dot, and has it", Step.DOT, Answer(b"2", close=True), arrives=2, in_doubt=True),
    Case("resets after the dot, and has it not", Step.DOT, CLOSE, in_doubt=True),
    Case("hangs after the dot", Step.DOT, HANG, in_doubt=True),
    # FAULT-95.
    Case("a megabyte of text", Step.DOT, Answer(b"550-" + f"{WORDS} ".encode() * 40_000 + b"\r\n550 no\r\n"), TOLD, 0),
    Case("a thousand lines", Step.DOT, Answer(f"550-{WORDS}\r\n".encode() * 1000 + b"550 no\r\n"), TOLD, 0),
    Case("no UTF-8", Step.RCPT, Answer(b"550 5.1.1 \xff\xfe\x1b[31m " + WORDS.encode() + b"\r\n"), TOLD, 0),
    Case("a line end in its code", Step.RCPT, Answer(b"55\r\n0 5.1.1 no\r\n")),
    Case("one octet after the other", Step.DOT, Answer(b"250 2.0.0 taken\r\n", octet_s=0.02)),
    Case("no code at all", Step.MAIL, Answer(b"hello\r\n")),
    Case("a code of its own", Step.RCPT, Answer(b"999 hm\r\n")),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_it_arrives_once_or_its_writer_is_told_once(nursling: Nursling, sink: Sink, case: Case) -> None:
    """FAULT-88, FAULT-90, FAULT-91, FAULT-92, FAULT-95; invariants 1, 4 and 8."""
    nursling.faults = (SOON_AGAIN, IMPATIENT) if case.answer is HANG else (SOON_AGAIN,)
    sink.plan(case.step, case.answer)
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        assert (await nursling.sent(a_mail(to=alias), alias)).code == 250
        assert await settled(engine) == case.ends
        assert list(copies(sink, CUSTOMER_ADDRESS).values()) == ([case.arrives] if case.arrives else [])
        told = [one for one in sink.received if one.recipients == (PARTNER_ADDRESS,)]
        assert len(told) == (case.ends == TOLD)
        assert all(shows(one.content, CUSTOMER_ADDRESS, WORDS) == [] for one in told)
        assert WORDS not in nursling.log.read_text()
        with reading(engine) as connection:
            doubts = connection.execute(select(func.count()).select_from(attempts).where(attempts.c.in_doubt)).scalar_one()
        assert doubts == case.in_doubt
        assert findings(engine) == ()


async def test_of_two_recipients_the_one_that_was_put_off_is_tried_again_alone(nursling: Nursling, sink: Sink) -> None:
    """FAULT-90, FAULT-32: nobody gets a second copy because of somebody else."""
    nursling.faults = (SOON_AGAIN,)
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        one, other = a_conversation(engine, "ONE"), a_conversation(engine, "OTHER", customer="jan@wp.example")
        sink.plan(Step.RCPT, LATER, recipient="jan@")
        aliases = (str(one.customer.alias), str(other.customer.alias))
        assert (await nursling.sent(a_mail(to="undisclosed-recipients:;"), *aliases)).code == 250
        assert await settled(engine) == {End.DELIVERED: 2}
        assert sum(copies(sink, CUSTOMER_ADDRESS).values()) == sum(copies(sink, "jan@wp.example").values()) == 1
        with reading(engine) as connection:
            tried = dict(connection.execute(select(deliveries.c.domain, deliveries.c.attempts)).all())  # type: ignore[arg-type]
        assert tried == {"poczta.example": 1, "wp.example": 2}
        assert findings(engine) == ()


@pytest.mark.parametrize(
    ("extensions", "customer", "ends"),
    [
        (("PIPELINING",), CUSTOMER_ADDRESS, TAKEN),  # what we send is 7-bit
        (("PIPELINING", "8BITMIME"), "żofia@poczta.example", TOLD),
        (EXTENSIONS, "żofia@poczta.example", TAKEN),
        (("SIZE 100",), CUSTOMER_ADDRESS, TOLD),
    ],
)
async def test_what_a_receiver_cannot_take_is_told_without_an_attempt(
    nursling: Nursling, sink: Sink, extensions: tuple[str, ...], customer: str, ends: dict[End, int]
) -> None:
    """FAULT-94: 8BITMIME, SMTPUTF8, SIZE. The notice of it is small and 7-bit, and goes to an address in ASCII."""
    sink.extensions = extensions
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine, customer=customer).customer.alias)
        assert (await nursling.sent(a_mail(to=alias, text="Zażółć gęślą jaźń.\n"), alias)).code == 250
        await holds(lambda: counts(engine) == ends)
        assert any(verb.startswith("MAIL") and "bounce-" in verb for _, verb in sink.commands) is (ends == TAKEN)
        sink.extensions = EXTENSIONS
        assert findings(engine) == ()


async def test_a_way_out_that_has_no_address_now_is_waited_for(nursling: Nursling, sink: Sink) -> None:
    """FAULT-85 as far as a smarthost goes: its name does not resolve, and then it does."""
    nursling.faults = (SOON_AGAIN,)
    nursling.changed = {"outbound": {"route": "smarthost:smarthost.invalid:25"}}
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        assert (await nursling.sent(a_mail(to=alias), alias)).code == 250

        def was_tried() -> bool:
            with reading(engine) as connection:
                return connection.execute(select(attempts.c.text)).scalars().all()[:1] == ["host name cannot be resolved"]

        await holds(was_tried)
        assert counts(engine) == {End.DUE: 1}
        assert await nursling.off_loop("stop") == 0
        nursling.changed = {}
        await nursling.off_loop("start")
        assert await settled(engine) == TAKEN
        assert findings(engine) == ()


async def test_a_way_out_that_is_down_is_waited_for(nursling: Nursling, sink: Sink) -> None:
    """FAULT-87, FAULT-100: nobody listens; and then somebody does, without a restart."""
    nursling.faults = (SOON_AGAIN,)
    await sink.down()
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        for number in range(3):
            mail = a_mail(to=alias, message_id=f"{number}@alpine-tours.example")
            assert (await nursling.sent(mail, alias)).code == 250
        assert counts(engine) == {End.DUE: 3}
        await sink.up()
        assert await settled(engine) == {End.DELIVERED: 3}
        assert list(copies(sink, CUSTOMER_ADDRESS).values()) == [1, 1, 1]
        assert findings(engine) == ()
