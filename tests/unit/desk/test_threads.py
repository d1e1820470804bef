"""A conversation as each of its parties sees it, over a real database: GY-17, GY-18, GY-30, invariant 1."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.archive import World
from support.front_desk import FrontDesk
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

from relay.conversation import Conversation
from relay.desk.threads import ThreadDesk
from relay.errors import NotFound
from relay.policy.reasons import Reason
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.transit.crossing import Crossing, Fate, Rendition
from relay.transit.delivery import Carries
from relay.values import MsgId, RealAddress, Role
from relay.web.site.thread_ports import Reached

BOTH = b"""Subject: %(subject)s\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=cut\r
\r
--cut\r
Content-Type: text/plain; charset=utf-8\r
\r
%(text)s\r
--cut\r
Content-Type: application/pdf\r
Content-Disposition: attachment; filename="%(file)s"\r
\r
%(octets)s\r
--cut--\r
"""


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield store
    await store.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store.engine)


@pytest.fixture
def desk(store: Store) -> ThreadDesk:
    return ThreadDesk(store, DOMAIN)


def mail(text: bytes, file: bytes = b"plan.pdf", octets: bytes = b"%PDF", subject: bytes = b"Meeting point") -> bytes:
    return BOTH % {b"subject": subject, b"text": text, b"file": file, b"octets": octets}


def crossing(
    world: World,
    conversation: Conversation,
    *,
    raw: bytes,
    rendition: bytes | None = None,
    writer: Role = Role.CUSTOMER,
    fate: Fate = Fate.PASSED,
    reason: Reason | None = None,
    is_proven: bool = True,
) -> Crossing:
    author = RealAddress(CUSTOMER_ADDRESS if writer is Role.CUSTOMER else PARTNER_ADDRESS) if is_proven else None
    made = world.crossing(conversation, writer=writer, fate=fate, content=raw, author=author)
    share = made.passages[0]
    if rendition is not None:
        delivered = tuple(
            replace(one, content=rendition) if one.carries is Carries.RENDITION else one for one in share.deliveries
        )
        share = replace(share, rendition=Rendition(rendition, MsgId("r@x.example")), deliveries=delivered)
    if reason is not None:
        share = replace(share, reason=reason.value)
    made = replace(made, passages=(share,))
    world.accepted(made)
    return made


async def test_the_reader_sees_the_rendition_and_the_writer_what_they_wrote(desk: ThreadDesk, world: World) -> None:
    """Invariant 1: not a word of the message as received reaches the other side."""
    conversation = world.opened()
    crossing(
        world, conversation, raw=mail(b"Call 600 100 200", b"zofia.pdf", b"MINE"), rendition=mail(b"Call [...]", octets=b"THEIRS")
    )
    [read] = (await desk.thread(conversation.reference, Role.PARTNER)).entries
    assert (read.is_mine, read.text, [one.name for one in read.files]) == (False, "Call [...]", ["plan.pdf"])
    assert (await desk.file(conversation.reference, Role.PARTNER, read.message, 0)).content == b"THEIRS"
    [written] = (await desk.thread(conversation.reference, Role.CUSTOMER)).entries
    assert (written.is_mine, written.text, written.reached) == (True, "Call 600 100 200", Reached.UNDER_WAY)
    assert (await desk.file(conversation.reference, Role.CUSTOMER, read.message, 0)).content == b"MINE"
    assert b"THEIRS" not in await desk.page(conversation.reference, Role.CUSTOMER, read.message)
    assert b"600" not in await desk.page(conversation.reference, Role.PARTNER, read.message)


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.HELD])
async def test_of_what_did_not_pass_its_writer_alone_sees_anything(desk: ThreadDesk, world: World, fate: Fate) -> None:
    """GY-30: a blocked attachment cannot be had by either."""
    conversation = world.opened()
    made = crossing(world, conversation, raw=mail(b"Look at this"), fate=fate, reason=Reason.VIRUS)
    assert (await desk.thread(conversation.reference, Role.PARTNER)).entries == ()
    [entry] = (await desk.thread(conversation.reference, Role.CUSTOMER)).entries
    assert (entry.fate, entry.reason, entry.text) == (fate, "virus", "Look at this")
    assert [one.can_be_had for one in entry.files] == [False]
    for role in Role:
        with pytest.raises(NotFound):
            await desk.file(conversation.reference, role, made.envelope.id, 0)
    with pytest.raises(NotFound):
        await desk.page(conversation.reference, Role.PARTNER, made.envelope.id)


@pytest.mark.parametrize("fate", [Fate.UNCLAIMED, Fate.DUPLICATE, Fate.ABSORBED])
async def test_what_nobody_wrote_by_hand_or_twice_is_in_nobodys_conversation(desk: ThreadDesk, world: World, fate: Fate) -> None:
    conversation = world.opened()
    crossing(world, conversation, raw=mail(b"Hm"), fate=fate, is_proven=False)
    for role in Role:
        assert (await desk.thread(conversation.reference, role)).entries == ()


async def test_what_perhaps_they_did_not_write_is_not_shown_to_them(desk: ThreadDesk, world: World) -> None:
    """Whoever wrote it from an unknown address may be somebody else (GW-6)."""
    conversation = world.opened()
    made = crossing(world, conversation, raw=mail(b"Hm"), fate=Fate.HELD, reason=Reason.UNKNOWN_WRITER, is_proven=False)
    [entry] = (await desk.thread(conversation.reference, Role.CUSTOMER)).entries
    assert (entry.is_known, entry.text, entry.subject, entry.files) == (False, "", "", ())
    with pytest.raises(NotFound):
        await desk.page(conversation.reference, Role.CUSTOMER, made.envelope.id)


async def test_nobody_reads_what_an_operator_stops_on_its_way_to_them(desk: ThreadDesk, world: World) -> None:
    conversation = world.opened()
    made = crossing(world, conversation, raw=mail(b"Hm"), rendition=mail(b"Hm"))
    world.tamper(f"UPDATE deliveries SET state = 'held', claimed_by = NULL WHERE message = '{made.envelope.id}'")
    assert (await desk.thread(conversation.reference, Role.PARTNER)).entries == ()
    [entry] = (await desk.thread(conversation.reference, Role.CUSTOMER)).entries
    assert entry.reached is Reached.STOPPED


async def test_the_new_text_is_told_from_what_it_quotes_and_from_our_footer(desk: ThreadDesk, world: World) -> None:
    conversation = world.opened()
    text = b"At nine.\r\n\r\nOn 1 June Anna wrote:\r\n> When?\r\n\r\n~~~~ ~~ ~~~~\r\nSent by Example Travel\r\n~~~~ ~ ~~~~"
    crossing(world, conversation, raw=mail(b"At nine."), rendition=mail(text))
    [entry] = (await desk.thread(conversation.reference, Role.PARTNER)).entries
    assert entry.text == "At nine."
    assert "> When?" in entry.whole
    assert "Sent by" not in entry.whole


async def test_an_alias_in_what_is_new_ends_nothing_for_its_reader(desk: ThreadDesk, world: World) -> None:
    conversation = world.opened()
    text = f"Write to {conversation.customer.alias} please.\r\nSee you soon.".encode()
    crossing(world, conversation, raw=mail(b"Hm"), rendition=mail(text))
    [entry] = (await desk.thread(conversation.reference, Role.PARTNER)).entries
    assert entry.text.endswith("See you soon.")


async def test_a_conversation_is_read_in_pages_the_newest_first(desk: ThreadDesk, world: World) -> None:
    conversation = world.opened()
    for number in range(5):
        body = mail(f"number {number}".encode())
        crossing(world, conversation, raw=body, rendition=body)
    first = await desk.thread(conversation.reference, Role.PARTNER, limit=3)
    assert [one.text for one in first.entries] == ["number 4", "number 3", "number 2"]
    rest = await desk.thread(conversation.reference, Role.PARTNER, limit=3, before=first.next)
    assert ([one.text for one in rest.entries], rest.next) == (["number 1", "number 0"], None)


async def test_a_page_ends_early_where_mail_is_large(desk: ThreadDesk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.store.threads.octets_max", 3_000)
    conversation = world.opened()
    for number in range(3):
        body = mail(f"number {number}".encode(), octets=b"x" * 2_000)
        crossing(world, conversation, raw=body, rendition=body)
    first = await desk.thread(conversation.reference, Role.PARTNER)
    assert [one.text for one in first.entries] == ["number 2"]
    second = await desk.thread(conversation.reference, Role.PARTNER, before=first.next)
    assert [one.text for one in second.entries] == ["number 1"]


async def test_octets_that_cannot_be_had_keep_nothing_else_back(desk: ThreadDesk, world: World) -> None:
    conversation = world.opened()
    crossing(world, conversation, raw=mail(b"first"), rendition=mail(b"first"))
    made = crossing(world, conversation, raw=mail(b"second"), rendition=mail(b"second"))
    world.tamper(f"DELETE FROM blobs WHERE id IN (SELECT rendition FROM passages WHERE message = '{made.envelope.id}')")
    entries = (await desk.thread(conversation.reference, Role.PARTNER)).entries
    assert [(one.is_known, one.text) for one in entries] == [(False, ""), (True, "first")]


async def test_another_bookings_message_is_not_there(desk: ThreadDesk, world: World) -> None:
    """GY-5"""
    mine, other = world.opened("MINE-1"), world.opened("OTHER-1")
    made = crossing(world, other, raw=mail(b"x"), rendition=mail(b"x"))
    with pytest.raises(NotFound):
        await desk.file(mine.reference, Role.PARTNER, made.envelope.id, 0)
    with pytest.raises(NotFound):
        await desk.file(other.reference, Role.PARTNER, made.envelope.id, 1)
    with pytest.raises(NotFound):
        await desk.thread("NO-SUCH", Role.PARTNER)


async def test_a_partner_sees_where_somebody_wrote_last_and_who_waits_for_an_answer(desk: ThreadDesk, world: World) -> None:
    """GY-1, OR-3: those of one member of the staff alone, where they may see no more."""
    front = FrontDesk(world)
    first, second, silent = front.begin(), front.begin(), front.begin()
    for booking, writer in ((first, Role.CUSTOMER), (second, Role.CUSTOMER), (second, Role.PARTNER)):
        crossing(world, front.conversation(booking), raw=mail(writer.value.encode()), writer=writer)
    crossing(world, front.conversation(silent), raw=mail(b"refused"), fate=Fate.REFUSED)
    partner = first.partner
    every = await desk.latest(partner)
    assert [(one.reference, one.waits) for one in every.items] == [(second.reference, False), (first.reference, True)]
    assert [one.reference for one in (await desk.latest(partner, waits=True)).items] == [first.reference]
    assert (await desk.latest("nobody")).items == []
    assert (await desk.latest(partner, "somebody-else")).items == []
    page = await desk.latest(partner, limit=1)
    rest = await desk.latest(partner, limit=1, after=page.next)
    assert ([one.reference for one in rest.items], rest.next) == ([first.reference], None)
