"""A message that cannot be read, or over which something in us breaks, is not lost (GW-30, invariants 2 and 4)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest
from support.mails import a_mail, with_files
from support.world import CUSTOMER_ADDRESS, CUSTOMER_ALIAS, DOMAIN, NOW, PARTNER_ADDRESS, PARTNER_ALIAS, a_conversation

from relay.conversation import Conversation
from relay.correspondence.house import House
from relay.errors import Unavailable
from relay.inbound import decide, gather, judging, refrains
from relay.inbound.decide import Decider, Draft, Rejected
from relay.inbound.gather import Gatherer
from relay.inbound.judging import Judging
from relay.inbound.lane import Lane
from relay.inbound.ports import AtAlias, Incoming
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.seal import Seal
from relay.message.terms import Style
from relay.policy.facts import Crowd, Earlier, LocalPolicy, Rates
from relay.policy.reasons import Reason
from relay.transit.background import NO_RATES, Background, Inquiry
from relay.transit.crossing import Fate
from relay.values import SELF_TEST_DOMAIN, Alias, MessageId

MAIL = a_mail(to=str(CUSTOMER_ALIAS), message_id="one@alpine-tours.example", subject="Two sandwiches")
WITH_A_FILE = with_files(MAIL, ("measurements.bin", b"\x00\x01\x02" + PARTNER_ADDRESS.encode() + b"\x00\xff"))


@dataclass
class OneConversation:
    """relay.inbound.gather.Conversations with one of them."""

    conversation: Conversation = field(default_factory=a_conversation)
    before: Earlier = field(default_factory=Earlier)
    crowd: Crowd | None = None
    asked: list[Inquiry] = field(default_factory=list)

    async def backgrounds(self, aliases: Sequence[Alias], inquiry: Inquiry) -> list[Background | None]:
        self.asked.append(inquiry)
        return [
            Background(self.conversation, self.before, crowd=self.crowd) if self.conversation.at_alias(one) is not None else None
            for one in aliases
        ]


def a_judging(conversations: OneConversation | None = None, *, reject: bool = False) -> Judging:
    numbers = count(1)
    style = Style("Example Travel", DOMAIN, Seal(bytes(32), DOMAIN), house_domains=(DOMAIN,))
    house = House("Example Travel", DOMAIN, "https://example.com/support")
    return Judging(
        Gatherer(
            conversations or OneConversation(),
            scanner=None,
            file_types=lambda octets: "text/plain",
            local_policy=LocalPolicy(),
            customer_prefix="customer-",
            domain=DOMAIN,
            prover=None,
        ),
        Decider(style, house, reject, LocalPolicy().attachment_bytes_max, lambda: f"id{next(numbers)}"),
    )


def incoming(content: bytes) -> Incoming:
    return Incoming(MessageId("m1"), NOW, PARTNER_ADDRESS, (AtAlias(CUSTOMER_ALIAS),), content, "203.0.113.9", "client.example")


async def the_draft(content: bytes, judging_: Judging | None = None, *, files: bool = True) -> Draft:
    judged = await (judging_ or a_judging()).judged(incoming(content), files=files)
    assert not isinstance(judged.decision, Rejected)
    [draft] = judged.decision
    return draft


def too_deep(levels: int, head: bytes = MAIL.partition(b"\r\n\r\n")[0]) -> bytes:
    plain = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-"))
    types = [b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels)]
    text = b"Content-Type: text/plain\r\n\r\nThe fountain.\r\n"
    tails = [
        b"--b%d\r\nContent-Type: text/plain\r\n\r\nlevel %d\r\n--b%d--\r\n" % (level, level, level)
        for level in reversed(range(levels))
    ]
    return plain + b"\r\n" + b"".join(types) + text + b"".join(tails)


async def test_a_known_writer_gets_a_notice_about_what_exceeds_the_bounds_of_the_parser() -> None:
    """GW-30: from the header alone it is known who wrote it, and what they called it."""
    judged = await a_judging().judged(incoming(too_deep(1_500)))
    assert not isinstance(judged.decision, Rejected)
    [draft] = judged.decision
    assert (draft.fate, draft.reason) == (Fate.REFUSED, Reason.UNREADABLE)
    assert draft.notice is not None
    assert b"Two sandwiches" in draft.notice.content
    assert (judged.original_id, judged.searchable.subject) == ("one@alpine-tours.example", "Two sandwiches")


async def test_what_is_beyond_a_rate_is_put_off_and_after_an_hour_its_writer_is_told() -> None:
    """GW-27: 450 4.7.1 for a burst, which passes by itself; a notice for what goes on and on."""
    judging = a_judging(OneConversation(crowd=Crowd.WRITER))
    for minutes in (0, 20, 59):
        judged = await judging.judged(replace(incoming(MAIL), received_at=NOW + timedelta(minutes=minutes)))
        assert isinstance(judged.decision, Rejected)
        assert (judged.decision.reply.code, judged.decision.reply.enhanced) == (450, "4.7.1")
    judged = await judging.judged(replace(incoming(MAIL), received_at=NOW + timedelta(minutes=60)))
    assert not isinstance(judged.decision, Rejected)
    [draft] = judged.decision
    assert (draft.fate, draft.reason) == (Fate.REFUSED, Reason.RATE)
    assert draft.notice is not None
    other = MAIL.replace(b"Message-ID: <one@", b"Message-ID: <another@")
    assert isinstance((await judging.judged(incoming(other))).decision, Rejected)


async def test_who_has_a_turn_passes_whatever_was_put_off_before() -> None:
    """GW-27."""
    conversations = OneConversation(crowd=Crowd.CONVERSATION)
    judging = a_judging(conversations)
    assert isinstance((await judging.judged(incoming(MAIL))).decision, Rejected)
    conversations.crowd = None
    judged = await judging.judged(replace(incoming(MAIL), received_at=NOW + timedelta(hours=2)))
    assert not isinstance(judged.decision, Rejected)
    assert [draft.fate for draft in judged.decision] == [Fate.PASSED]


async def test_who_answers_each_mail_with_the_same_words_is_a_robot() -> None:
    """GW-28, GW-47, CASE-59: nothing marks it; what it writes is within the budget then, and is marked for other robots."""
    conversations = OneConversation()
    judging = a_judging(conversations)

    async def draft(number: int, text: str, *, partner: bool) -> Draft:
        to, sender = (CUSTOMER_ALIAS, PARTNER_ADDRESS) if partner else (PARTNER_ALIAS, CUSTOMER_ADDRESS)
        mail = a_mail(to=str(to), sender=sender, message_id=f"{number}@x.example", references="<a@x.example>", text=text)
        told = replace(incoming(mail), recipients=(AtAlias(to),), return_path=sender)
        judged = await judging.judged(told)
        assert not isinstance(judged.decision, Rejected)
        [one] = judged.decision
        return one

    found = []
    for number in range(refrains.repeated_min + 1):
        assert not (await draft(2 * number, f"A person writes this in full: {number}", partner=False)).automatic
        found.append((await draft(2 * number + 1, "We are away, and answer next week.", partner=True)).automatic)
    assert found == [False] * refrains.repeated_min + [True]
    assert [one.automatic for one in conversations.asked] == [False] * (2 * refrains.repeated_min + 1) + [True]


async def test_the_self_test_writes_as_much_as_it_needs() -> None:
    """GW-27: its people are on this machine alone."""
    conversations = OneConversation()
    judging = a_judging(conversations)
    await judging.judged(incoming(MAIL))
    await judging.judged(incoming(MAIL.replace(PARTNER_ADDRESS.encode(), f"a@b.{SELF_TEST_DOMAIN}".encode())))
    assert [one.rates for one in conversations.asked] == [Rates(), NO_RATES]


async def test_a_stranger_and_a_house_that_rejects_answer_the_unreadable_in_the_session() -> None:
    """GW-30: 554 5.6.0"""
    stranger = too_deep(1_500).replace(PARTNER_ADDRESS.encode(), b"somebody@elsewhere.example")
    for judging_, content in ((a_judging(), stranger), (a_judging(), b"\r\n\r\n"), (a_judging(reject=True), too_deep(1_500))):
        judged = await judging_.judged(incoming(content))
        assert isinstance(judged.decision, Rejected)
        assert (judged.decision.reply.code, judged.decision.reply.enhanced) == (554, "5.6.0")


async def test_what_is_deep_and_wide_and_can_be_read_passes() -> None:
    """LEAK-55: 60 levels, 600 parts."""
    deep = await the_draft(too_deep(60))
    wide = await the_draft(with_files(MAIL, *((f"f{number}.bin", b"\x00\x01") for number in range(600))))
    assert [(one.fate, one.detail) for one in (deep, wide)] == [(Fate.PASSED, ""), (Fate.PASSED, "")]
    assert deep.rendition is not None
    assert b"level 0" in deep.rendition.content
    assert b"level 59" in deep.rendition.content


async def test_large_messages_are_decided_one_after_the_other_and_small_ones_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """PERF-6, PERF-9: whatever waits holds what it came with, and nothing more."""
    begun: list[int] = []
    go_on = threading.Event()

    def slow(content: bytes) -> Mail:
        if len(content) > gather.in_loop_octets_max:
            begun.append(len(content))
            assert go_on.wait(10)
        return parse(content)

    monkeypatch.setattr(judging, "parse", slow)
    judges = replace(a_judging(), lane=Lane(200_000))
    large = [asyncio.create_task(judges.judged(incoming(MAIL + b"x\r\n" * 60_000))) for _ in range(3)]
    await asyncio.sleep(0)
    assert not isinstance((await judges.judged(incoming(MAIL))).decision, Rejected)
    assert len(begun) <= 1
    go_on.set()
    assert [one.octets > 180_000 for one in await asyncio.gather(*large)] == [True] * 3


async def test_facts_that_take_too_long_to_gather_mean_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """faults.md 5.3: neither yes nor no."""
    monkeypatch.setattr(judging, "gather_s", 0.001)

    class Slow(OneConversation):
        async def backgrounds(self, aliases: Sequence[Alias], inquiry: Inquiry) -> list[Background | None]:
            await asyncio.Event().wait()
            return []

    with pytest.raises(Unavailable):
        await a_judging(Slow()).judged(incoming(MAIL))


def breaking(error: type[BaseException]) -> Callable[..., object]:
    def breaks(*_args: object, **_more: object) -> object:
        raise error(f"cannot read {PARTNER_ADDRESS}")

    return breaks


@pytest.mark.parametrize(
    ("module", "name", "has_rendition"),
    [
        (judging, "parse", False),
        (gather, "archive_in", False),
        (decide, "anonymised", False),
        (decide, "hosts_of", False),
        (decide, "leaks", True),  # it was made, and nobody could read it a second time
    ],
)
async def test_a_fault_over_a_proven_writers_message_parks_it_for_a_person(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, has_rendition: bool
) -> None:
    """Invariants 2 and 4; the reason says what was raised and where, and nothing that anybody wrote."""
    monkeypatch.setattr(module, name, breaking(KeyError))
    draft = await the_draft(WITH_A_FILE)
    assert (draft.fate, draft.reason, draft.notice) == (Fate.HELD, Reason.FAULT, None)
    assert draft.detail.startswith("KeyError at test_judging.py:")
    assert (draft.rendition is not None) is has_rendition


@pytest.mark.parametrize("error", [MemoryError, Unavailable, OSError])
@pytest.mark.parametrize("name", ["parse", "words_of"])
async def test_trouble_of_the_world_stays_later(monkeypatch: pytest.MonkeyPatch, error: type[Exception], name: str) -> None:
    """Invariant 7"""
    monkeypatch.setattr(judging, name, breaking(error))
    with pytest.raises(error):
        await a_judging().judged(incoming(MAIL))


async def test_want_of_memory_in_the_surgery_is_later_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("anonymised", "leaks"):
        monkeypatch.setattr(decide, name, breaking(MemoryError))
        with pytest.raises(MemoryError):
            await a_judging().judged(incoming(MAIL))


async def test_a_stranger_is_refused_by_the_header_whatever_breaks_over_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody parks what a stranger wrote: nothing in the content could have let it in."""
    monkeypatch.setattr(judging, "parse", breaking(KeyError))
    judged = await a_judging().judged(incoming(MAIL.replace(PARTNER_ADDRESS.encode(), b"somebody@elsewhere.example")))
    assert isinstance(judged.decision, Rejected)
    assert (judged.decision.reply.code, judged.decision.reply.enhanced) == (550, "5.7.1")


async def test_what_breaks_over_the_header_too_is_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "parse", breaking(KeyError))
    monkeypatch.setattr(judging, "parsed_head", breaking(KeyError))
    with pytest.raises(KeyError):
        await a_judging().judged(incoming(MAIL))


async def test_without_its_files_a_message_passes_with_a_mark_for_each_of_them() -> None:
    """GW-55"""
    assert (await the_draft(WITH_A_FILE)).reason is Reason.LEAK
    draft = await the_draft(WITH_A_FILE, files=False)
    assert (draft.fate, draft.findings) == (Fate.PASSED, ())
    assert draft.rendition is not None
    shown = "".join(entity.text for entity in parse(draft.rendition.content).root.walk() if not entity.is_multipart)
    assert "fountain" in shown
    assert "[załącznik usunięty]" in shown
    assert b"measurements" not in draft.rendition.content
    assert [one.kind for one in draft.removed] == ["file"]


async def test_the_same_refused_message_has_one_notice() -> None:
    """GW-31, GW-52"""
    before = OneConversation(before=Earlier(refused={Reason.UNREADABLE: MessageId("m0")}))
    draft = await the_draft(too_deep(1_500), a_judging(before))
    assert (draft.fate, draft.notice) == (Fate.DUPLICATE, None)


async def test_what_is_decided_anew_is_no_copy_of_itself() -> None:
    """GW-55"""
    for first, fate in (("m1", Fate.PASSED), ("m0", Fate.DUPLICATE)):
        draft = await the_draft(MAIL, a_judging(OneConversation(before=Earlier(taken=MessageId(first)))))
        assert draft.fate is fate
