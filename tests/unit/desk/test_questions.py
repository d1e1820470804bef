"""What becomes of mail whose writer is asked about (GW-6, GW-12, GW-21, GW-53, GW-55, invariants 1, 4 and 6)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection
from support.archive import World
from support.desk import Gateway
from support.mails import a_mail, with_files
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.conversation import Conversation, KnownDomain
from relay.desk.questions import QuestionDesk, looked_up_at_once, put_off_longest
from relay.errors import Conflict, Damaged, NotFound, Unavailable
from relay.inbound import judging
from relay.inbound.ports import Incoming
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.policy.facts import unconfirmed_max
from relay.proof.alignment import Alignment
from relay.store import held, known, questions, steps
from relay.store.backlog import backlog
from relay.store.conversations import by_id
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.store.tally import End, tally
from relay.store.timeline import Kind, entries
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Delivery
from relay.transit.evidence import Evidence
from relay.transit.question import Doubt, Response, questions_a_day_max
from relay.values import MessageId, RealAddress, Role
from relay.web.ports import QuestionIs

SECOND: Final = "m.bellini@second-mailbox.example"
"""An address of the partner that nobody knows."""
YES, NO = Response.YES, Response.NO


@dataclass
class Court:
    """A prover for whom each domain stands for what is written there, but one that has no means to."""

    without_means: str = ""

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:
        return Evidence(Alignment.NO_MEANS if author.domain == self.without_means else Alignment.ALIGNED)


@pytest.fixture
async def gateway(migrated: Path, tmp_path: Path) -> AsyncIterator[Gateway]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield Gateway(store, World(store.engine), prover=Court())
    await store.close()


@pytest.fixture
def conversation(gateway: Gateway) -> Conversation:
    return gateway.world.opened()


async def wrote(gateway: Gateway, to: Conversation, number: int = 1, sender: str = SECOND, **more: str) -> int:
    """`sender` writes to the customer's alias, `number`th; the SMTP code."""
    mail = a_mail(to=str(to.customer.alias), sender=sender, message_id=f"{number}@x.example", text=f"At ten, {number}.\n", **more)
    return (await gateway.answered(mail, (to.customer.alias,), number, path=sender)).code


def asked(gateway: Gateway) -> list[Delivery]:
    """The questions that are going out."""
    return [one for one in gateway.offered if one.carries is Carries.QUESTION]


def text_shown(content: bytes) -> str:
    [text] = [entity.text for entity in parse(content).root.walk() if entity.media_type == "text/plain"]
    return " ".join(text.split())


def kinds(gateway: Gateway, conversation: Conversation) -> list[Kind]:
    return [one.kind for one in gateway.world.read(lambda connection: entries(connection, conversation.id))]


def fates(gateway: Gateway, count: int) -> list[Fate]:
    return [gateway.share(f"{number:026d}-0").fate for number in range(1, count + 1)]


def now_is(gateway: Gateway, conversation: Conversation) -> Conversation:
    return gateway.world.read(lambda connection: by_id(connection, conversation.id))


async def test_what_an_unknown_address_wrote_is_held_and_the_party_is_asked_at_the_known_one(
    gateway: Gateway, conversation: Conversation
) -> None:
    """GW-6, GW-53: one mail, in their language, under the null return path, with nothing of the stranger's but the address."""
    assert await wrote(gateway, conversation, subject="Buy now") == 250
    [question] = gateway.offered
    assert (question.carries, question.recipient.reveal(), question.return_path) == (Carries.QUESTION, PARTNER_ADDRESS, "")
    letter = parse(question.content)
    assert letter.to[0].written == str(conversation.partner.alias)
    assert letter.root.first("Auto-Submitted").value.strip() == b"auto-generated"  # type: ignore[union-attr]  # it is there
    shown = text_shown(question.content)
    assert f"Somebody wrote from {SECOND} on booking {conversation.reference}. Is it you?" in shown
    assert "https://relay.example.com/questions/secret-1" in shown
    assert "Buy" not in question.content.decode()
    share = gateway.share("00000000000000000000000001-0")
    assert (share.fate, share.reason, share.rendition) == (Fate.HELD, "unknown_writer", None)
    assert gateway.problems() == ()


async def test_looking_changes_nothing_however_often(gateway: Gateway, conversation: Conversation) -> None:
    """GW-6: link scanners look, and do not confirm."""
    await wrote(gateway, conversation)
    before = kinds(gateway, conversation)
    for _ in range(3):
        question = await gateway.questions.asked("secret-1")
        assert (question.is_, question.address.reveal(), question.subject) == (QuestionIs.OPEN, SECOND, "Meeting point")
    assert await gateway.questions.settle() == 0
    assert (kinds(gateway, conversation), fates(gateway, 1)) == (before, [Fate.HELD])
    assert gateway.under_way() == []


async def test_a_yes_keeps_the_address_and_sends_what_was_held_without_it(gateway: Gateway, conversation: Conversation) -> None:
    """GW-6: by a decision anew, with everything that a message goes through; invariant 1."""
    await wrote(gateway, conversation)
    assert (await gateway.questions.answer("secret-1", YES, stop_asking=False)).is_ is QuestionIs.CONFIRMED
    assert now_is(gateway, conversation).partner.knows(RealAddress(SECOND))
    assert await gateway.questions.settle() == 1
    [rendition] = gateway.under_way()
    assert (rendition.carries, rendition.recipient.reveal()) == (Carries.RENDITION, CUSTOMER_ADDRESS)
    assert b"second-mailbox" not in rendition.content
    assert kinds(gateway, conversation)[2:] == [Kind.ADDRESS_ADDED, Kind.ANSWERED, Kind.CLAIMED]
    assert gateway.last(conversation).facts["by"] == "partner"
    # From now on it is known, and nobody is asked.
    assert await wrote(gateway, conversation, 2) == 250
    assert (fates(gateway, 2), len(asked(gateway))) == ([Fate.PASSED, Fate.PASSED], 1)
    assert gateway.problems() == ()


async def test_an_answer_counts_once(gateway: Gateway, conversation: Conversation) -> None:
    """A second click, or a reload, changes nothing; nor does another answer."""
    await wrote(gateway, conversation)
    for response in (YES, YES, NO):
        assert (await gateway.questions.answer("secret-1", response, stop_asking=True)).is_ is QuestionIs.CONFIRMED
        await gateway.questions.settle()
    assert len(gateway.under_way()) == 1
    assert kinds(gateway, conversation).count(Kind.ANSWERED) == 1
    assert now_is(gateway, conversation).partner.denied == ()


@pytest.mark.parametrize(("stop_asking", "code", "questions"), [(False, 250, 2), (True, 550, 1)])
async def test_a_no_archives_it_and_may_be_the_last_question_about_that_address(
    gateway: Gateway, conversation: Conversation, stop_asking: bool, code: int, questions: int
) -> None:
    await wrote(gateway, conversation)
    assert (await gateway.questions.answer("secret-1", NO, stop_asking=stop_asking)).is_ is QuestionIs.DENIED
    await gateway.questions.settle()
    assert fates(gateway, 1) == [Fate.UNCLAIMED]
    assert gateway.under_way() == []
    assert not now_is(gateway, conversation).partner.knows(RealAddress(SECOND))
    assert await wrote(gateway, conversation, 2) == code
    assert len(asked(gateway)) == questions
    assert gateway.problems() == ()


async def test_without_an_answer_in_time_it_is_archived_and_nobody_is_told(gateway: Gateway, conversation: Conversation) -> None:
    """GW-6: after 72 hours; the link says so."""
    await wrote(gateway, conversation)
    gateway.now += timedelta(hours=72, seconds=-1)
    assert await gateway.questions.settle() == 0
    assert (await gateway.questions.asked("secret-1")).is_ is QuestionIs.OPEN
    gateway.now += timedelta(seconds=1)
    assert (await gateway.questions.asked("secret-1")).is_ is QuestionIs.OVER
    assert (await gateway.questions.answer("secret-1", YES, stop_asking=False)).is_ is QuestionIs.OVER
    assert await gateway.questions.settle() == 1
    assert fates(gateway, 1) == [Fate.UNCLAIMED]
    assert kinds(gateway, conversation)[-1] is Kind.UNCLAIMED
    assert [one.carries for one in gateway.offered] == [Carries.QUESTION]
    assert gateway.world.read(tally) == {End.UNCLAIMED: 1}
    assert not [one for one in gateway.problems() if "overdue" not in str(one)]


async def test_there_are_so_many_questions_a_day_and_the_rest_is_held_without_one(
    gateway: Gateway, conversation: Conversation
) -> None:
    """GW-6"""
    for number in range(1, questions_a_day_max + 3):
        assert await wrote(gateway, conversation, number, f"somebody{number}@elsewhere.example") == 250
    assert len(asked(gateway)) == questions_a_day_max
    assert set(fates(gateway, questions_a_day_max + 2)) == {Fate.HELD}
    gateway.now += timedelta(days=1, seconds=1)
    await wrote(gateway, conversation, 9, "somebody9@elsewhere.example")
    assert len(asked(gateway)) == questions_a_day_max + 1
    gateway.now += timedelta(hours=48)
    assert await gateway.questions.settle() == questions_a_day_max + 2


async def test_more_from_the_same_address_waits_for_the_same_answer(gateway: Gateway, conversation: Conversation) -> None:
    """People are asked once, not once a mail; near the end of a question another one is asked."""
    for number in (1, 2):
        await wrote(gateway, conversation, number, SECOND.upper() if number == 2 else SECOND)
    assert len(asked(gateway)) == 1
    gateway.now += timedelta(hours=49)
    await wrote(gateway, conversation, 3)
    assert len(asked(gateway)) == 2
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    await gateway.questions.settle()
    # Whoever has said it once need not say it again.
    assert fates(gateway, 3) == [Fate.PASSED, Fate.PASSED, Fate.PASSED]
    assert (await gateway.questions.asked("secret-3")).is_ is QuestionIs.OVER


@pytest.mark.parametrize("how", ["address", "domain"])
async def test_what_waits_for_an_address_goes_out_when_it_is_made_known_otherwise(
    gateway: Gateway, conversation: Conversation, how: str
) -> None:
    """GW-5, GW-6: by the command line or the API. Not for the other party, nor what comes from elsewhere."""
    await wrote(gateway, conversation)
    await wrote(gateway, conversation, 2, "somebody@elsewhere.example")
    reference, domain = conversation.reference, KnownDomain("second-mailbox.example")
    if how == "address":
        gateway.world.write(lambda c: known.add_address(c, reference, Role.PARTNER, RealAddress(SECOND), now=gateway.now))
    else:
        gateway.world.write(lambda c: known.add_domain(c, reference, Role.PARTNER, domain, now=gateway.now))
    assert (await gateway.questions.asked("secret-1")).is_ is QuestionIs.OVER
    assert await gateway.questions.settle() == 1
    assert fates(gateway, 2) == [Fate.PASSED, Fate.HELD]
    assert gateway.last(conversation).facts["by"] == "system"
    assert (await gateway.questions.asked("secret-2")).is_ is QuestionIs.OPEN
    assert gateway.problems() == ()


async def test_a_known_address_without_means_is_not_claimed_by_being_known(mute: Gateway, conversation: Conversation) -> None:
    """GW-12, invariant 6"""
    await without_means(mute, conversation, ip="192.0.2.7")
    again = RealAddress(PARTNER_ADDRESS)
    mute.world.write(lambda c: known.add_address(c, conversation.reference, Role.PARTNER, again, now=mute.now))
    domain = KnownDomain(again.domain)
    mute.world.write(lambda c: known.add_domain(c, conversation.reference, Role.PARTNER, domain, now=mute.now))
    assert await mute.questions.settle() == 0
    mute.now += timedelta(hours=72)
    assert await mute.questions.settle() == 1
    assert fates(mute, 1) == [Fate.UNCLAIMED]


async def test_the_secret_of_one_question_acts_on_no_other(gateway: Gateway, conversation: Conversation) -> None:
    """Neither in the same conversation nor in another."""
    other = gateway.world.opened("OTHER")
    await wrote(gateway, conversation, 1)
    await wrote(gateway, conversation, 2, "third@elsewhere.example")
    await wrote(gateway, other, 3)
    await gateway.questions.answer("secret-2", YES, stop_asking=False)
    await gateway.questions.answer("secret-3", NO, stop_asking=True)
    await gateway.questions.settle()
    assert fates(gateway, 3) == [Fate.HELD, Fate.PASSED, Fate.UNCLAIMED]
    assert (await gateway.questions.asked("secret-1")).is_ is QuestionIs.OPEN
    assert (now_is(gateway, conversation).partner.denied, len(now_is(gateway, other).partner.addresses)) == ((), 1)
    for secret in ("", "secret-9", "secret-1 ", "SECRET-1"):
        with pytest.raises(NotFound):
            await gateway.questions.answer(secret, YES, stop_asking=False)


async def test_a_known_address_that_proves_nothing_is_confirmed_for_where_it_wrote_from(
    gateway: Gateway, conversation: Conversation
) -> None:
    """GW-12: asked once, and again from another network."""
    gateway = Gateway(gateway.store, gateway.world, prover=Court(PARTNER_ADDRESS.rpartition("@")[2]))

    async def from_(ip: str, number: int) -> Fate:
        mail = a_mail(to=str(conversation.customer.alias), message_id=f"{number}@x.example")
        assert (await gateway.answered(mail, (conversation.customer.alias,), number, ip=ip)).code == 250
        return gateway.share(f"{number:026d}-0").fate

    assert await from_("192.0.2.7", 1) is Fate.HELD
    [question] = asked(gateway)
    assert "no means to check" in text_shown(question.content)
    assert (await gateway.questions.asked("secret-1")).doubt is Doubt.FROM_ELSEWHERE
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    await gateway.questions.settle()
    assert fates(gateway, 1) == [Fate.PASSED]
    assert await from_("192.0.2.99", 2) is Fate.PASSED
    assert await from_("198.51.100.7", 3) is Fate.HELD
    assert await from_("2001:db8::1", 4) is Fate.HELD
    # Whoever writes from elsewhere in their name cannot have them shut out.
    await gateway.questions.answer("secret-2", NO, stop_asking=True)
    assert now_is(gateway, conversation).partner.denied == ()
    assert await from_("192.0.2.7", 5) is Fate.PASSED
    assert kinds(gateway, conversation).count(Kind.NETWORK_CONFIRMED) == 1


async def without_means(gateway: Gateway, to: Conversation, number: int = 1, ip: str = "") -> int:
    """The partner writes from their known address, whose domain has no means; by default nobody says from where."""
    mail = a_mail(to=str(to.customer.alias), message_id=f"{number}@x.example", text=f"At ten, {number}.\n")
    return (await gateway.answered(mail, (to.customer.alias,), number, ip=ip)).code


@pytest.fixture
def mute(gateway: Gateway) -> Gateway:
    """The same where the partner's domain has neither SPF nor DKIM."""
    return Gateway(gateway.store, gateway.world, prover=Court(PARTNER_ADDRESS.rpartition("@")[2]), reject=gateway.reject)


async def test_where_nobody_sees_where_mail_comes_from_a_yes_sends_that_message_and_no_other(
    mute: Gateway, conversation: Conversation
) -> None:
    """GW-12, invariants 4 and 6: behind a front MTA that does not say who its client was, each message is asked about."""
    for number in (1, 2):
        assert await without_means(mute, conversation, number) == 250
    assert len(asked(mute)) == 2
    assert (await mute.questions.answer("secret-1", YES, stop_asking=False)).is_ is QuestionIs.CONFIRMED
    assert await mute.questions.settle() == 1
    assert fates(mute, 2) == [Fate.PASSED, Fate.HELD]
    assert (now_is(mute, conversation).partner.vouched, kinds(mute, conversation)[-1]) == ((), Kind.CLAIMED)
    assert await without_means(mute, conversation, 3) == 250
    assert (fates(mute, 3)[-1], len(asked(mute))) == (Fate.HELD, 3)
    await mute.questions.answer("secret-3", NO, stop_asking=True)
    await mute.questions.settle()
    assert fates(mute, 3) == [Fate.PASSED, Fate.HELD, Fate.UNCLAIMED]
    assert mute.problems() == ()


async def test_an_operator_may_say_that_a_known_address_without_means_wrote_a_message(
    mute: Gateway, conversation: Conversation
) -> None:
    """GW-12, GW-55: after a call on the telephone. It is about that message alone, and in the timeline."""
    for number in (1, 2):
        await without_means(mute, conversation, number, "192.0.2.7")
    first = "00000000000000000000000001-0"
    with pytest.raises(Conflict, match="retry it as confirmed"):
        await mute.desk.retry(first, "anna")
    await mute.desk.retry(first, "anna", confirmed=True)
    assert fates(mute, 2) == [Fate.PASSED, Fate.HELD]
    last = mute.last(conversation)
    assert (last.kind, last.facts["by"], last.facts["confirmed"]) == (Kind.RETRIED, "anna", True)
    assert now_is(mute, conversation).partner.vouched == ()
    [rendition] = mute.under_way()
    assert rendition.recipient.reveal() == CUSTOMER_ADDRESS
    with pytest.raises(Conflict, match="this is a delivery"):
        await mute.desk.retry(rendition.id, "anna", confirmed=True)
    assert mute.problems() == ()


async def test_nobody_can_confirm_what_somebody_unknown_wrote(gateway: Gateway, conversation: Conversation) -> None:
    """Invariant 6: whose address it is has to be said first."""
    await wrote(gateway, conversation)
    with pytest.raises(Conflict, match="add the address"):
        await gateway.desk.retry("00000000000000000000000001-0", "anna", confirmed=True)
    assert fates(gateway, 1) == [Fate.HELD]


@pytest.mark.parametrize(
    ("sender", "name", "why"),
    [
        ("zofia@somewhere.example", "Zofia Kowalska", "the customer's own name"),
        ("office@poczta.example", "", "the customer's own domain"),
        ("zofia.kowalska@gmail.com", "", "the customer's own local part"),
    ],
)
async def test_a_party_is_not_asked_about_who_may_be_the_other_one(
    gateway: Gateway, conversation: Conversation, sender: str, name: str, why: str
) -> None:
    """Invariant 1: the customer writes from a second mailbox to their own alias, which stands in To of all they get."""
    assert await wrote(gateway, conversation, sender=sender, name=name) == 250, why
    assert (gateway.offered, fates(gateway, 1)) == ([], [Fate.HELD])


async def test_nobody_is_asked_where_either_of_the_two_may_have_written(gateway: Gateway, conversation: Conversation) -> None:
    """Invariant 1: a reply to all names both."""
    aliases = (conversation.customer.alias, conversation.partner.alias)
    mail = a_mail(to=", ".join(map(str, aliases)), sender=SECOND)
    assert (await gateway.answered(mail, aliases)).code == 250
    assert gateway.offered == []
    gateway.now += timedelta(hours=72)
    assert await gateway.questions.settle() == 2
    assert gateway.world.read(tally) == {End.UNCLAIMED: 2}


@pytest.mark.parametrize(
    ("extra", "subject", "code"),
    [
        ("Auto-Submitted: auto-replied", "Hello", 550),
        ("X-Autoreply: yes", "Hello", 550),
        ("In-Reply-To: <x@reply.example.com>", "Automatic reply: Hello", 550),
        ("List-Id: <news.example>", "Hello", 250),
        ("Precedence: list", "Hello", 250),
        ("X-Loop: none", "Out of office", 550),
        ("X-Mailer: none", "Out of office", 250),
    ],
)
async def test_nobody_is_asked_about_what_a_machine_sent(
    gateway: Gateway, conversation: Conversation, extra: str, subject: str, code: int
) -> None:
    """RFC 3834, GW-53: an answer is refused; what else looks like a machine's waits for an operator, who sees that it does."""
    assert await wrote(gateway, conversation, extra=extra, subject=subject) == code
    assert gateway.offered == []
    if code == 250:
        [held_] = gateway.world.read(held.listed)
        assert held_.detail == "nobody is asked: it looks like a machine's"
        assert gateway.world.read(lambda connection: backlog(connection, gateway.now)).held == 1


async def test_what_has_no_return_path_is_no_persons(gateway: Gateway, conversation: Conversation) -> None:
    """RFC 3834, RFC 5321 §4.5.5"""
    mail = a_mail(to=str(conversation.customer.alias), sender=SECOND)
    assert (await gateway.answered(mail, (conversation.customer.alias,), path="")).code == 550


@pytest.mark.parametrize("extra", ["X-Auto-Response-Suppress: All", "Precedence: bulk", "X-SES-Outgoing: 2026.01.01"])
async def test_who_wants_no_automatic_answer_gets_none_and_the_party_is_asked_all_the_same(
    gateway: Gateway, conversation: Conversation, extra: str
) -> None:
    """GW-6: Outlook says so of what people write, and booking systems of what they send; the question goes to a known mailbox."""
    await wrote(gateway, conversation, extra=extra)
    assert [one.recipient.reveal() for one in asked(gateway)] == [PARTNER_ADDRESS]
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    await gateway.questions.settle()
    assert fates(gateway, 1) == [Fate.PASSED]


async def test_while_one_party_is_asked_about_an_address_the_other_is_not_shown_it(
    gateway: Gateway, conversation: Conversation
) -> None:
    """Invariant 1: the partner's second mailbox writes to the customer, then by mistake to the partner's own alias."""
    box = "kontakt@somewhere.example"
    await wrote(gateway, conversation, sender=box)
    own = conversation.partner.alias
    mail = a_mail(to=str(own), sender=box.upper(), name="", message_id="2@x.example", text="To myself.\n")
    assert (await gateway.answered(mail, (own,), 2, path=box)).code == 250
    assert [one.recipient.reveal() for one in asked(gateway)] == [PARTNER_ADDRESS]
    assert gateway.share(f"{2:026d}-0").detail == "nobody is asked: the partner is asked about the same address"
    # Once it is not the partner's, it may be the customer's.
    await gateway.questions.answer("secret-1", NO, stop_asking=False)
    mail = a_mail(to=str(own), sender=box, name="", message_id="3@x.example", text="To the partner.\n")
    assert (await gateway.answered(mail, (own,), 3, path=box)).code == 250
    assert [one.recipient.reveal() for one in asked(gateway)] == [PARTNER_ADDRESS, CUSTOMER_ADDRESS]


async def test_an_answer_of_the_last_moment_is_not_passed_over(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 4: the page said that it is on its way, while it was about to be put away as unclaimed."""
    await wrote(gateway, conversation)
    gateway.now += timedelta(hours=72)
    decide, before = held.decide, gateway.now - timedelta(seconds=1)

    def answered_meanwhile(connection: Connection, *case: Any) -> None:
        questions.answer(connection, "secret-1", YES, stop_asking=False, now=before)
        decide(connection, *case)

    with monkeypatch.context() as race:
        race.setattr(held, "decide", answered_meanwhile)
        await gateway.questions.settle()
    assert fates(gateway, 1) == [Fate.HELD]
    gateway.world.write(lambda connection: questions.answer(connection, "secret-1", YES, stop_asking=False, now=before))
    await gateway.questions.settle()
    assert fates(gateway, 1) == [Fate.PASSED]


async def test_an_address_that_became_the_others_meanwhile_is_not_kept(gateway: Gateway, conversation: Conversation) -> None:
    await wrote(gateway, conversation)
    reference = conversation.reference
    gateway.world.write(
        lambda connection: known.add_address(connection, reference, Role.CUSTOMER, RealAddress(SECOND), now=gateway.now)
    )
    with pytest.raises(Conflict, match="is the customer's"):
        await gateway.questions.answer("secret-1", YES, stop_asking=False)
    assert (await gateway.questions.asked("secret-1")).is_ is QuestionIs.OPEN


async def test_what_came_while_the_conversation_was_open_passes_when_it_is_claimed_later(
    gateway: Gateway, conversation: Conversation
) -> None:
    """It is judged as of when it came, like whatever is held."""
    await wrote(gateway, conversation)
    gateway.now += timedelta(hours=1)
    gateway.world.write(lambda connection: steps.close(connection, conversation.reference, now=gateway.now))
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    await gateway.questions.settle()
    assert fates(gateway, 1) == [Fate.PASSED]
    assert gateway.problems() == ()


async def test_a_fault_or_trouble_delays_the_message_and_not_the_answer(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariants 4 and 7: what cannot be decided now is decided later; a fault of ours is an operator's."""
    await wrote(gateway, conversation)
    assert (await gateway.questions.answer("secret-1", YES, stop_asking=False)).is_ is QuestionIs.CONFIRMED

    def unavailable(*_: object) -> object:
        raise Unavailable("the scanner does not answer")

    def broken(*_: object) -> object:
        raise LookupError(SECOND)

    with monkeypatch.context() as trouble:
        trouble.setattr(judging, "words_of", unavailable)
        assert await gateway.questions.settle() == 0
        assert fates(gateway, 1) == [Fate.HELD]
    gateway.now += put_off_longest
    with monkeypatch.context() as trouble:
        trouble.setattr(QuestionDesk, "_settle", broken)
        assert await gateway.questions.settle() == 0, "and whatever waits behind it is decided"
    gateway.now += put_off_longest
    with monkeypatch.context() as trouble:
        trouble.setattr(judging, "parse", broken)
        assert await gateway.questions.settle() == 1
    held = await gateway.desk.one("00000000000000000000000001-0")
    assert (held.reason, SECOND in held.detail) == ("fault", False)
    assert await gateway.questions.settle() == 0
    await gateway.desk.retry(held.id, "anna")
    assert fates(gateway, 1) == [Fate.PASSED]


async def test_what_cannot_be_decided_keeps_no_other_waiting_and_is_tried_less_and_less(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 4: octets that are damaged for good, more of them than one look at the database finds."""
    count, last = looked_up_at_once + 2, gateway.world.opened("OTHER")
    for number in range(1, count + 1):
        await wrote(gateway, conversation if number <= looked_up_at_once else last, number)
    for secret in ("secret-1", f"secret-{looked_up_at_once + 1}"):
        await gateway.questions.answer(secret, YES, stop_asking=False)
    read, tried = held.case, []

    def damaged(connection: Connection, message: MessageId, ordinal: int) -> held.Case:
        tried.append(message)
        if int(message) <= looked_up_at_once:
            raise Damaged("its octets are not what they were")
        return read(connection, message, ordinal)

    monkeypatch.setattr(held, "case", damaged)
    assert await gateway.questions.settle() == count - looked_up_at_once
    assert fates(gateway, count)[looked_up_at_once:] == [Fate.PASSED] * (count - looked_up_at_once)
    tried.clear()
    for _ in range(300):
        gateway.now += timedelta(seconds=2)
        await gateway.questions.settle()
    assert len(tried) == looked_up_at_once * 8, "after 2, 4, 8 seconds and so on, in ten minutes"
    monkeypatch.undo()
    gateway.now += put_off_longest
    assert await gateway.questions.settle() == looked_up_at_once


async def test_only_so_much_of_unknown_writers_waits_in_one_conversation(gateway: Gateway, conversation: Conversation) -> None:
    """Invariant 12: anybody with a domain of their own can write as a stranger; what is over is for later, not lost."""
    other = gateway.world.opened("OTHER")
    for number in range(1, unconfirmed_max + 1):
        assert await wrote(gateway, conversation, number) == 250
    assert await wrote(gateway, conversation, 90) == 450
    assert await wrote(gateway, other, 91) == 250
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    while await gateway.questions.settle():
        pass
    # All of it goes out: it came when it came, and is not one more of what comes within an hour.
    assert set(fates(gateway, unconfirmed_max)) == {Fate.PASSED}
    assert await wrote(gateway, conversation, 92) == 250


async def test_only_so_much_of_a_known_address_without_means_waits(mute: Gateway, conversation: Conversation) -> None:
    """Invariant 12, GW-12: anybody can write it into From. Who is confirmed already does not wait with them."""
    await without_means(mute, conversation, 50, "192.0.2.7")
    await mute.questions.answer("secret-1", YES, stop_asking=False)
    assert await mute.questions.settle() == 1
    for number in range(1, unconfirmed_max + 1):
        assert await without_means(mute, conversation, number, f"198.51.{number}.7") == 250
    assert await without_means(mute, conversation, 90, "203.0.113.7") == 450
    assert await wrote(mute, conversation, 91) == 450
    assert await without_means(mute, conversation, 92, "192.0.2.7") == 250
    assert mute.share(f"{92:026d}-0").fate is Fate.PASSED


@pytest.mark.parametrize("reject", [False, True])
async def test_what_would_be_refused_of_a_known_writer_is_refused_when_it_is_claimed(
    gateway: Gateway, conversation: Conversation, reject: bool
) -> None:
    """Everything that a message goes through is gone through, and the writer is told at the known address (invariant 4); also
    where refusals are a 5xx, since there is no session any more in which to hear it."""
    gateway = Gateway(gateway.store, gateway.world, prover=Court(), reject=reject)
    alias = conversation.customer.alias
    mail = with_files(a_mail(to=str(alias), sender=SECOND), ("setup.exe", b"MZ" + bytes(100)))
    assert (await gateway.answered(mail, (alias,), path=SECOND)).code == 250
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    await gateway.questions.settle()
    assert (fates(gateway, 1), gateway.share("00000000000000000000000001-0").reason) == ([Fate.REFUSED], "attachment_type")
    [notice] = gateway.under_way()
    assert (notice.carries, notice.recipient.reveal()) == (Carries.NOTICE, PARTNER_ADDRESS)
    assert gateway.problems() == ()


async def test_what_its_writer_may_not_be_told_of_waits_for_an_operator(gateway: Gateway, conversation: Conversation) -> None:
    """Invariant 4: it was claimed, cannot pass, and asks for no automatic answer."""
    alias = conversation.customer.alias
    plain = a_mail(to=str(alias), sender=SECOND, extra="X-Auto-Response-Suppress: All")
    await gateway.answered(with_files(plain, ("setup.exe", b"MZ" + bytes(100))), (alias,), path=SECOND)
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    assert await gateway.questions.settle() == 1
    assert await gateway.questions.settle() == 0
    [waiting] = gateway.world.read(held.listed)
    assert (waiting.reason, waiting.detail[:24]) == ("attachment_type", "confirmed by the partner")
    assert gateway.under_way() == []
    await gateway.desk.return_("00000000000000000000000001-0", "anna")
    assert fates(gateway, 1) == [Fate.ABSORBED]
    assert gateway.problems() == ()


async def test_a_copy_of_what_is_held_is_a_copy_and_once_it_is_archived_it_may_come_again(
    gateway: Gateway, conversation: Conversation
) -> None:
    """GW-31: a server that lost our answer sends it again."""
    alias = conversation.customer.alias
    mail = a_mail(to=str(alias), sender=SECOND, message_id="1@x.example")
    for number in (1, 2):
        assert (await gateway.answered(mail, (alias,), number, path=SECOND)).code == 250
    assert (fates(gateway, 2), len(asked(gateway))) == ([Fate.HELD, Fate.DUPLICATE], 1)
    await gateway.questions.answer("secret-1", NO, stop_asking=False)
    await gateway.questions.settle()
    await gateway.answered(mail, (alias,), 3, path=SECOND)
    assert fates(gateway, 3) == [Fate.UNCLAIMED, Fate.DUPLICATE, Fate.HELD]
    assert gateway.problems() == ()


async def test_an_operator_may_decide_before_the_party_does(gateway: Gateway, conversation: Conversation) -> None:
    """GW-55: the address is made known first; what is dropped is dropped, and the link says that it is over."""
    for number in (1, 2):
        await wrote(gateway, conversation, number, f"s{number}@elsewhere.example")
    first, second = (f"{number:026d}-0" for number in (1, 2))
    with pytest.raises(Conflict, match="still unknown"):
        await gateway.desk.retry(first, "anna")
    sender = RealAddress("s1@elsewhere.example")
    gateway.world.write(
        lambda connection: known.add_address(connection, conversation.reference, Role.PARTNER, sender, now=gateway.now)
    )
    await gateway.desk.retry(first, "anna")
    await gateway.desk.drop(second, "anna", "spam")
    assert fates(gateway, 1) == [Fate.PASSED]
    for secret in ("secret-1", "secret-2"):
        assert (await gateway.questions.answer(secret, YES, stop_asking=False)).is_ is QuestionIs.OVER
    assert await gateway.questions.settle() == 0
    assert len(now_is(gateway, conversation).partner.addresses) == 2
    assert gateway.problems() == ()


async def test_no_secret_address_or_link_is_kept_or_logged(gateway: Gateway, conversation: Conversation) -> None:
    """Only the digest of what is in the link; the timeline names no address (invariant 11)."""
    await wrote(gateway, conversation)
    await gateway.questions.answer("secret-1", YES, stop_asking=False)
    await gateway.questions.settle()
    rows = gateway.world.read(lambda connection: connection.exec_driver_sql("SELECT * FROM questions").all())
    assert "secret-1" not in str(rows)
    told = str([one.facts for one in gateway.world.read(lambda connection: entries(connection, conversation.id))])
    assert not [word for word in ("second-mailbox", "@", "secret") if word in told]
