"""Held mail decided anew by a person: after an upgrade, without its files, or returned (GW-55, invariants 2 and 4)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.archive import World
from support.desk import Gateway
from support.mails import a_mail, with_files
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.conversation import Conversation
from relay.correspondence.hint import RemovalHint
from relay.desk.anew import Anew
from relay.errors import Conflict
from relay.inbound import decide, judging
from relay.message.parse import parse
from relay.message.treatment import Treatment, Treatments
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.store.timeline import Kind
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries

TELLING_FILE = ("measurements.bin", b"\x00\x01\x02" + PARTNER_ADDRESS.encode() + b"\x00\xff")


@pytest.fixture
async def gateway(migrated: Path, tmp_path: Path) -> AsyncIterator[Gateway]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield Gateway(store, World(store.engine))
    await store.close()


@pytest.fixture
def conversation(gateway: Gateway) -> Conversation:
    return gateway.world.opened()


def a_held_mail(conversation: Conversation, **more: str) -> bytes:
    mail = a_mail(to=str(conversation.customer.alias), message_id="one@alpine-tours.example", **more)
    return with_files(mail, TELLING_FILE)


def text_shown(content: bytes) -> str:
    return "".join(entity.text for entity in parse(content).root.walk() if not entity.is_multipart)


async def test_contact_details_that_hold_a_message_are_told_in_the_log_by_their_kind(
    gateway: Gateway, conversation: Conversation
) -> None:
    """GW-29, GW-55, LEAK-25, LEAK-86"""
    holding = Gateway(gateway.store, gateway.world, Treatments(phone_numbers=Treatment.HOLD))
    mail = a_mail(to=str(conversation.customer.alias), message_id="one@alpine-tours.example", text="Call +49 30 901820.\n")
    with capture_logs() as logged:
        await holding.sent(conversation, mail)
    [alarm] = [one for one in logged if one["log_level"] == "warning"]
    assert (alarm["event"], alarm["reason"], alarm["found"]) == ("held", "contact_details", "phone number in text/plain")
    assert "901820" not in str(logged)


async def test_what_is_held_goes_out_without_its_attachments_when_nothing_is_found_then(
    gateway: Gateway, conversation: Conversation
) -> None:
    """GW-55, invariant 2"""
    with capture_logs() as logged:
        id_ = await gateway.sent(conversation, a_held_mail(conversation))
    [alarm] = [one for one in logged if one["log_level"] == "warning"]
    assert (alarm["event"], alarm["id"]) == ("held", id_.partition("-")[0])
    assert PARTNER_ADDRESS not in str(logged)
    assert gateway.offered == []
    held = await gateway.desk.one(id_)
    assert (held.state, held.reason, held.can_be_released) == ("held", "leak", True)
    assert {one.kind for one in held.findings} >= {"address"}
    await gateway.desk.release(id_, "anna", without_attachments=True)
    [delivery] = gateway.under_way()
    assert (delivery.carries, delivery.recipient.reveal()) == (Carries.RENDITION, CUSTOMER_ADDRESS)
    assert "[attachment removed]" in text_shown(delivery.content)
    assert "fountain" in text_shown(delivery.content)
    assert PARTNER_ADDRESS.encode() not in delivery.content
    share = gateway.share(id_)
    assert (share.fate, share.findings, share.rendition) == (Fate.PASSED, (), delivery.content)
    entry = gateway.last(conversation)
    assert (entry.kind, entry.facts["by"], entry.facts["without_attachments"]) == (Kind.RELEASED, "anna", True)
    with pytest.raises(Conflict, match="is not held"):
        await gateway.desk.release(id_, "bert", without_attachments=True)
    assert gateway.problems() == ()


async def test_what_is_still_found_without_attachments_is_told_and_nothing_goes_out(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await gateway.sent(conversation, a_held_mail(conversation))
    real = decide.anonymised
    told = f"\r\n{PARTNER_ADDRESS}\r\n".encode()
    monkeypatch.setattr(decide, "anonymised", lambda *words: replace(made := real(*words), content=made.content + told))
    with pytest.raises(Conflict, match=r"does not pass either: leak: .*address in"):
        await gateway.desk.release(id_, "anna", without_attachments=True)
    assert gateway.under_way() == []
    assert (await gateway.desk.one(id_)).state == "held"


async def test_what_is_returned_is_refused_with_a_notice_in_the_writers_language(
    gateway: Gateway, conversation: Conversation
) -> None:
    """GW-55, GW-52: never what was found in detail."""
    id_ = await gateway.sent(conversation, a_held_mail(conversation))
    with pytest.raises(Conflict, match="mail address"):
        await gateway.desk.return_(id_, "anna", f"asked by {PARTNER_ADDRESS}")
    await gateway.desk.return_(id_, "anna", "a card in the file")
    [notice] = gateway.under_way()
    assert (notice.carries, notice.recipient.reveal(), notice.return_path) == (Carries.NOTICE, PARTNER_ADDRESS, "")
    shown = text_shown(notice.content)
    assert "seems to contain some" in " ".join(shown.split())
    assert "measurements" not in shown
    assert "card in the file" not in shown
    share = gateway.share(id_)
    assert (share.fate, share.reason) == (Fate.REFUSED, "leak")
    entry = gateway.last(conversation)
    assert (entry.kind, entry.facts["because"], entry.facts["fate"]) == (Kind.RETURNED, "a card in the file", "refused")
    assert gateway.problems() == ()


async def test_automatic_mail_that_is_returned_is_absorbed_and_not_answered(gateway: Gateway, conversation: Conversation) -> None:
    """GW-53, RFC 3834"""
    id_ = await gateway.sent(conversation, a_held_mail(conversation, extra="Auto-Submitted: auto-replied"))
    await gateway.desk.return_(id_, "anna")
    assert gateway.under_way() == []
    assert gateway.share(id_).fate is Fate.ABSORBED
    assert gateway.problems() == ()


def broken(*_: object) -> object:
    raise LookupError(f"about {PARTNER_ADDRESS}")


async def test_a_parked_message_waits_with_its_reason_and_passes_when_it_is_decided_anew(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 4: a fault of ours loses nothing, and an upgrade may be all it takes."""
    with monkeypatch.context() as faulty, capture_logs() as logged:
        faulty.setattr(judging, "parse", broken)
        id_ = await gateway.sent(conversation, a_mail(to=str(conversation.customer.alias), text="At ten.\n"))
        [error] = [one for one in logged if one["log_level"] == "error"]
        assert (error["event"], error["id"]) == ("parked", id_.partition("-")[0])
        assert error["fault"].startswith("LookupError at test_anew.py:")
        assert PARTNER_ADDRESS not in str(logged)
        held = await gateway.desk.one(id_)
        assert (held.reason, held.detail, held.can_be_released) == ("fault", error["fault"], False)
        with pytest.raises(Conflict, match="nothing to let out"):
            await gateway.desk.release(id_, "anna")
        with pytest.raises(Conflict, match="still cannot be read"):
            await gateway.desk.retry(id_, "anna")
        assert gateway.problems() == ()
    await gateway.desk.retry(id_, "anna")
    [delivery] = gateway.under_way()
    assert "At ten." in text_shown(delivery.content)
    entry = gateway.last(conversation)
    assert (entry.kind, entry.facts["fate"]) == (Kind.RETRIED, "passed")
    with pytest.raises(Conflict, match="is not held"):
        await gateway.desk.retry(id_, "anna")
    assert gateway.problems() == ()


@pytest.mark.parametrize("step", ["retry", "release"])
async def test_the_writer_of_what_passes_when_it_is_decided_anew_has_the_hint_of_the_day(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """GW-52, GW-55, invariant 9: in the transaction that lets it go; the second that day goes without."""
    hinting = Gateway(gateway.store, gateway.world, removal_hint=RemovalHint.MAIL)
    ids = []
    with monkeypatch.context() as faulty:
        faulty.setattr(decide, "leaks", broken)
        for number in (1, 2):
            text = f"{number}: write to me@elsewhere.example\n"
            ids.append(await hinting.sent(conversation, a_mail(to=str(conversation.customer.alias), text=text), number))
    assert hinting.under_way() == []
    told = []
    for id_ in ids:
        await (
            hinting.desk.retry(id_, "anna") if step == "retry" else hinting.desk.release(id_, "anna", without_attachments=True)
        )
        # Which destination has its turn first is another matter.
        going = sorted(hinting.under_way(), key=lambda one: one.id)
        assert hinting.last(conversation).facts["deliveries"] == [one.id for one in going]
        told.append([(one.carries, one.recipient.reveal()) for one in going])
    crossing, hint = (Carries.RENDITION, CUSTOMER_ADDRESS), (Carries.NOTICE, PARTNER_ADDRESS)
    assert told == [[crossing, hint], [crossing]]
    assert hinting.problems() == ()


async def test_what_is_decided_anew_may_be_held_for_another_reason(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as faulty:
        faulty.setattr(decide, "leaks", broken)
        id_ = await gateway.sent(conversation, a_held_mail(conversation))
        assert ((await gateway.desk.one(id_)).reason, (await gateway.desk.one(id_)).can_be_released) == ("fault", True)
    await gateway.desk.retry(id_, "anna")
    held = await gateway.desk.one(id_)
    assert (held.reason, held.detail) == ("leak", "")
    assert held.findings
    assert gateway.problems() == ()


async def test_a_parked_message_can_be_returned_or_dropped(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "parse", broken)
    for number, step in enumerate(("return", "drop"), start=1):
        id_ = await gateway.sent(conversation, a_mail(to=str(conversation.customer.alias), text=f"{step}\n"), number)
        await (gateway.desk.return_(id_, "anna") if step == "return" else gateway.desk.drop(id_, "anna", "spam"))
    [notice] = gateway.under_way()
    assert "could not process" in " ".join(text_shown(notice.content).split())
    assert gateway.problems() == ()


async def test_of_two_people_who_decide_at_once_one_learns_that_it_is_decided(
    gateway: Gateway, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision is made outside of the transaction, which looks again."""
    id_ = await gateway.sent(conversation, a_held_mail(conversation))
    real = Anew.without_files

    async def meanwhile(self: Anew, *words: object) -> object:
        passage = await real(self, *words)  # type: ignore[arg-type]  # as they came
        await gateway.desk.drop(id_, "bert", "spam")
        return passage

    monkeypatch.setattr(Anew, "without_files", meanwhile)
    with pytest.raises(Conflict, match="is not held"):
        await gateway.desk.release(id_, "anna", without_attachments=True)
    assert gateway.under_way() == []
    assert gateway.problems() == ()


async def test_a_delivery_is_neither_returned_nor_let_out_without_attachments(gateway: Gateway) -> None:
    with pytest.raises(Conflict, match="delivery"):
        await gateway.desk.return_("d1", "anna")
    with pytest.raises(Conflict, match="delivery"):
        await gateway.desk.release("d1", "anna", without_attachments=True)
