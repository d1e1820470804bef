"""What who decides a dispute is told, over a real database: AR-2, invariant 1."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.archive import World
from support.front_desk import FrontDesk
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS

from relay.conversation import Conversation, Standing
from relay.desk.disputes import DisputeDesk, initials
from relay.errors import NotFound
from relay.message.footer import with_footer_text
from relay.store import outbox, steps
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.transit.crossing import Crossing, Fate
from relay.transit.delivery import Carries, Cause, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import MsgId, NameShown, RealAddress, Role
from relay.web.site.support.dispute_ports import Happened, Sameness, Which, Written, items_max

RAW = (
    f"From: Zofia <{CUSTOMER_ADDRESS}>\r\nTo: local-partner-1@{DOMAIN}\r\nMessage-ID: <mine@poczta.example>\r\n"
    f"Subject: Meeting point\r\n\r\nWhere do we meet? Write to {CUSTOMER_ADDRESS}\r\n"
).encode()
RENDITION = (
    f"From: Zofia <customer-1@{DOMAIN}>\r\nTo: marco@tours.example\r\nMessage-ID: <ours@{DOMAIN}>\r\nSubject: Meeting point\r\n"
    f"DKIM-Signature: v=1; a=rsa-sha256; h=From:To:Subject:Message-ID; d={DOMAIN}; b=abc\r\n"
    "\r\nWhere do we meet? Write to [address]\r\n\r\nOn Monday Marco wrote:\r\n> At the bridge.\r\n"
).encode()


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield store
    await store.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store.engine)


@pytest.fixture
def desk(store: Store) -> DisputeDesk:
    return DisputeDesk(store, DOMAIN, NameShown.FIRST, lambda: NOW + timedelta(hours=1))


def a_crossing(
    world: World,
    conversation: Conversation,
    *,
    writer: Role = Role.CUSTOMER,
    fate: Fate = Fate.PASSED,
    raw: bytes = RAW,
    rendition: bytes = RENDITION,
    reason: str | None = None,
    at: datetime = NOW,
) -> Crossing:
    made = world.crossing(conversation, writer=writer, fate=fate, content=raw, at=at, original_id="mine@poczta.example")
    share = made.passages[0]
    if share.rendition is not None:
        sent = tuple(replace(one, content=rendition) if one.carries is Carries.RENDITION else one for one in share.deliveries)
        share = replace(
            share, rendition=replace(share.rendition, content=rendition, message_id=MsgId(f"ours@{DOMAIN}")), deliveries=sent
        )
    if reason is not None:
        share = replace(share, reason=reason)
    return replace(made, passages=(share,))


def came(world: World, conversation: Conversation, **more: object) -> tuple[Crossing, tuple[Delivery, ...]]:
    made = a_crossing(world, conversation, **more)  # type: ignore[arg-type]  # the same names
    return made, world.accepted(made, now=made.envelope.received_at)


def ended(world: World, delivery: Delivery, outcome: Outcome, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    world.write(lambda connection: outbox.record(connection, delivery.id, outcome, now=at, next_due=at))


async def written(desk: DisputeDesk, reference: str) -> list[Written]:
    return [one for one in (await desk.one(reference)).items if isinstance(one, Written)]


async def test_a_message_stands_with_what_was_delivered_what_it_quotes_and_what_was_hidden(
    desk: DisputeDesk, world: World
) -> None:
    conversation = world.opened()
    made, _ = came(world, conversation)
    [one] = await written(desk, conversation.reference)
    assert (one.message, one.writer, one.fate, one.is_delivered_text) == (made.envelope.id, Role.CUSTOMER, Fate.PASSED, True)
    assert one.text == "Where do we meet? Write to [address]"
    assert "> At the bridge." in one.quoted
    assert [(removal.kind, times) for removal, times in one.removed] == [("address", 1)]
    assert one.crossing is not None
    assert one.crossing.state == "due"


async def test_what_was_not_delivered_is_read_as_it_was_written_with_addresses_masked(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    made = a_crossing(world, conversation, fate=Fate.REFUSED)
    body = replace(made.searchable, body=f"Write to {CUSTOMER_ADDRESS}", subject=f"For {PARTNER_ADDRESS}")
    world.accepted(replace(made, searchable=body))
    [one] = await written(desk, conversation.reference)
    assert (one.text, one.subject, one.is_delivered_text) == ("Write to <address>", "For <address>", False)
    assert [notice.carries for notice in one.notices] == ["notice"]


async def test_nothing_of_an_infected_message_is_read(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    made, _ = came(world, conversation, fate=Fate.REFUSED, reason="virus")
    [one] = await written(desk, conversation.reference)
    assert (one.is_infected, one.text, one.quoted, one.subject) == (True, "", "", "")
    assert (await desk.message(made.envelope.id)).is_infected


async def test_delays_failures_and_when_it_was_delivered_are_told(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    _, (delivery,) = came(world, conversation)
    ended(world, delivery, Deferred(Cause.SERVER_UNREACHABLE, 451, f"later, {PARTNER_ADDRESS}"), 1)
    [one] = await written(desk, conversation.reference)
    assert one.crossing is not None
    assert (one.crossing.delays, one.crossing.delivered_at, one.crossing.has_failed) == (1, None, False)
    ended(world, delivery, Delivered(250, "ok"), 20)
    failing, (other,) = came(world, conversation, raw=RAW + b"1", at=NOW + timedelta(minutes=30))
    ended(world, other, Failed(Cause.ADDRESS_WRONG, 550, "no such user"), 31)
    dispute = await desk.one(conversation.reference)
    first, second = (one for one in dispute.items if isinstance(one, Written))
    assert first.crossing is not None
    assert second.crossing is not None
    assert first.crossing.delivered_at == NOW + timedelta(minutes=20)
    assert second.crossing.has_failed
    assert [one.anchor for one in dispute.failed] == [f"m-{failing.envelope.id}-0"]
    # What the server said often names somebody: it is kept apart from what everybody reads.
    assert PARTNER_ADDRESS not in repr(dispute)


async def test_jumps_lead_to_what_was_blocked_what_waits_and_what_is_new(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    blocked, _ = came(world, conversation, fate=Fate.REFUSED)
    held, _ = came(world, conversation, fate=Fate.HELD, at=NOW + timedelta(minutes=5))
    dispute = await desk.one(conversation.reference, since=NOW + timedelta(minutes=2))
    assert [one.anchor for one in dispute.blocked] == [f"m-{blocked.envelope.id}-0"]
    assert [one.anchor for one in dispute.waiting] == [f"m-{held.envelope.id}-0"]
    assert [one.anchor for one in dispute.unseen] == [f"m-{held.envelope.id}-0"]
    place = await desk.place(conversation.reference, blocked.envelope.id)
    assert place.anchor == f"m-{blocked.envelope.id}-0"
    with pytest.raises(NotFound):
        await desk.place(conversation.reference, "nothing")


async def test_facts_say_how_soon_each_answered(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    came(world, conversation, at=NOW)
    came(world, conversation, writer=Role.PARTNER, at=NOW + timedelta(hours=23), raw=RAW + b"1")
    came(world, conversation, writer=Role.CUSTOMER, at=NOW + timedelta(hours=25), raw=RAW + b"2")
    found = (await desk.one(conversation.reference)).answered
    assert found.first == {Role.PARTNER: timedelta(hours=23), Role.CUSTOMER: timedelta(hours=2)}
    assert (found.silence, found.silent) == (timedelta(hours=23), Role.PARTNER)
    assert (found.last_from, found.passed) == (Role.CUSTOMER, {Role.PARTNER: 1, Role.CUSTOMER: 2})


async def test_long_conversations_have_pages(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    for number in range(items_max + 5):
        came(world, conversation, raw=RAW + str(number).encode(), at=NOW + timedelta(minutes=number))
    newest = await desk.one(conversation.reference)
    assert (newest.total, len(newest.items), newest.before) == (items_max + 6, items_max, items_max + 6)
    older = await desk.one(conversation.reference, before=newest.first)
    assert (older.first, older.before, len(older.items)) == (0, 6, 6)
    assert isinstance(older.items[0], Happened)
    assert older.items[0].kind == "opened"


async def test_the_steps_of_a_booking_stand_among_its_messages(desk: DisputeDesk, world: World) -> None:
    front = FrontDesk(world)
    booking = front.begin()
    dispute = await desk.one(booking.reference)
    kinds = [one.kind for one in dispute.items if isinstance(one, Happened)]
    assert "step" in kinds
    assert "opened" in kinds


async def test_the_window_and_the_parties_are_told_and_no_address(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    dispute = await desk.one(conversation.reference)
    partner, customer = dispute.parties
    assert (partner.name, customer.name) == ("Marco", "Zofia")
    assert dispute.standing is Standing.OPEN
    assert CUSTOMER_ADDRESS not in repr(dispute)
    assert PARTNER_ADDRESS not in repr(dispute)
    assert initials(RealAddress(CUSTOMER_ADDRESS)) == "z•••@p•••"
    assert await desk.addresses(conversation.reference, Role.CUSTOMER) == [CUSTOMER_ADDRESS]
    world.write(lambda connection: steps.close(connection, conversation.reference, now=NOW))
    closed = await desk.one(conversation.reference)
    assert closed.standing is Standing.CLOSED
    assert closed.looked_at != dispute.looked_at
    with pytest.raises(NotFound):
        await desk.one("nothing")


async def test_a_message_is_told_whole(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    made, _ = came(world, conversation)
    seen = await desk.message(made.envelope.id)
    assert (seen.original, seen.shares[0].delivered) == (RAW, RENDITION)
    assert CUSTOMER_ADDRESS not in seen.words
    assert "<address>" in seen.words
    assert seen.shares[0].reference == conversation.reference
    assert CUSTOMER_ADDRESS not in repr(seen)
    with pytest.raises(NotFound):
        await desk.message("nothing")


@pytest.mark.parametrize(
    ("shown", "sameness", "which"),
    [
        (RENDITION, Sameness.IDENTICAL, Which.DELIVERED),
        (RENDITION.replace(b"\r\n", b"\n"), Sameness.IDENTICAL, Which.DELIVERED),
        (b"From marco Mon Jun  1\n" + RENDITION.replace(b"\r\n", b"\n"), Sameness.IDENTICAL, Which.DELIVERED),
        (b"Received: from us by them\r\n" + RENDITION, Sameness.AS_SIGNED, Which.DELIVERED),
        (RENDITION.replace(b"Subject: Meeting", b"Subject: Other"), Sameness.BODY_EQUAL, Which.DELIVERED),
        (RENDITION.replace(b"bridge", b"station"), Sameness.DIFFERS, Which.DELIVERED),
        (RAW, Sameness.IDENTICAL, Which.ORIGINAL),
        (RAW.replace(b"Subject: Meeting point", b"Subject: Meeting point\r\nX-Sent: yes"), Sameness.BODY_EQUAL, Which.ORIGINAL),
    ],
)
async def test_a_mail_that_somebody_shows_is_compared_with_ours(
    desk: DisputeDesk, world: World, shown: bytes, sameness: Sameness, which: Which
) -> None:
    conversation = world.opened()
    made, _ = came(world, conversation)
    found = await desk.compare(shown, "")
    assert (found.sameness, found.which) == (sameness, which)
    assert (found.message, found.reference) == (made.envelope.id, conversation.reference)
    if sameness is Sameness.DIFFERS:
        assert [(one.here, one.ours) for one in found.differences if not one.is_same] == [
            ("> At the station.", "> At the bridge.")
        ]
    if b"Other" in shown:
        assert found.headers == ("subject",)


async def test_what_is_not_ours_is_said_to_be_not_ours(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    came(world, conversation)
    other = b"From: a@b.example\r\nMessage-ID: <other@b.example>\r\nSubject: Pay\r\n\r\nYou owe me a hundred euros\r\nat once\r\n"
    assert (await desk.compare(other, "")).sameness is Sameness.NOT_OURS
    assert (await desk.compare(other, conversation.reference)).sameness is Sameness.NOT_OURS
    assert (await desk.compare(b" ", conversation.reference)).sameness is Sameness.NOT_OURS


async def test_a_text_or_a_hash_is_looked_for_among_the_messages_of_a_booking(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    made, _ = came(world, conversation)
    found = await desk.compare_text("Where do we meet?\nWrite to [address]", conversation.reference)
    assert (found.sameness, found.message) == (Sameness.BODY_EQUAL, made.envelope.id)
    proof = hashlib.sha256(RENDITION).hexdigest()
    assert (await desk.with_hash(proof, conversation.reference)).sameness is Sameness.IDENTICAL
    assert (await desk.with_hash("0" * 64, conversation.reference)).sameness is Sameness.NOT_OURS
    with pytest.raises(NotFound):
        await desk.with_hash(proof, "nothing")


async def test_what_is_told_of_a_difference_holds_no_address(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    came(world, conversation)
    found = await desk.compare(RAW.replace(b"Where do we meet?", b"Give me my money back."), "")
    assert found.sameness is Sameness.DIFFERS
    assert CUSTOMER_ADDRESS not in "".join(one.here + one.ours for one in found.differences)


async def test_what_we_put_under_a_message_is_no_part_of_it(desk: DisputeDesk, world: World) -> None:
    conversation = world.opened()
    text = with_footer_text("At the fountain, at nine.", ("Sent through Example Travel.",))
    came(world, conversation, rendition=f"Subject: x\r\n\r\n{text}".replace("\n", "\r\n").encode())
    [one] = await written(desk, conversation.reference)
    assert (one.text, one.quoted) == ("At the fountain, at nine.", "")
