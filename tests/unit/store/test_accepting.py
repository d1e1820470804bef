"""One accepted message with all that it causes (invariant 3)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Column, Connection, Engine, func, select
from support.archive import LEASE, WORKER, World
from support.breaking import breaking_after
from support.world import NOW

from relay.conversation import Conversation
from relay.errors import ToldEnough, Unavailable
from relay.policy.facts import auto_replies_a_day_max
from relay.policy.reasons import Reason
from relay.store import accepting, blobs, outbox, queue
from relay.store.accepting import earlier, thread_ids
from relay.store.audit import unaccounted
from relay.store.columns import metadata
from relay.store.packing import packed
from relay.store.tables import deliveries, messages, passages, texts
from relay.store.timeline import Kind, entries, verify
from relay.transit.crossing import Crossing, Fate, Searchable
from relay.transit.delivery import Carries, Cause, Delivery, Failed, notices_a_day_max
from relay.transit.thread import ThreadIds
from relay.values import MsgId, Role


def counted(world: World) -> dict[str, int]:
    def count(connection: Connection) -> dict[str, int]:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.tables.values()
        }

    return world.read(count)


def test_a_message_is_kept_as_received_with_its_rendition_and_its_delivery(world: World) -> None:
    conversation = world.opened()
    crossing = world.crossing(conversation, content=os.urandom(5000) + b"\x00\xff" * 500)
    (delivery,) = world.accepted(crossing)
    with_content = blobs_of(world, messages.c.raw, passages.c.rendition, deliveries.c.content)
    assert with_content == [crossing.envelope.content, delivery.content, delivery.content]
    rows = counted(world)
    assert (rows["messages"], rows["passages"], rows["deliveries"], rows["texts"]) == (1, 1, 1, 1)
    # The delivery's octets are the rendition's, and are kept once.
    assert rows["blobs"] == 2


def blobs_of(world: World, *columns: Column[str]) -> list[bytes]:
    def read(connection: Connection) -> list[bytes]:
        names = [connection.execute(select(column)).scalar_one() for column in columns]
        return [blobs.read(connection, {name})[name] for name in names]

    return world.read(read)


def test_the_worker_that_accepts_has_claimed_the_deliveries_with_their_first_attempt_begun(world: World) -> None:
    """design.md section 2: it delivers from memory; others find them when the lease is over."""
    (delivery,) = world.accepted(world.crossing(world.opened()))
    assert delivery.attempts == 1
    tracked = world.read(lambda connection: queue.shown(connection, delivery.id))
    assert (tracked.due_at, tracked.claimed_by, tracked.attempts) == (NOW + LEASE, WORKER, 1)


def test_each_recipient_has_an_outcome_and_a_line_in_its_own_timeline(world: World) -> None:
    """CASE-44: a Bcc to several goes out alone to each."""
    conversations = [world.opened(f"R{number}") for number in range(3)]
    accepted = world.accepted(world.crossing(*conversations, writer=Role.PARTNER))
    assert len(accepted) == 3
    for conversation, delivery in zip(conversations, accepted, strict=True):
        told = world.read(lambda connection, one=conversation: entries(connection, one.id))
        assert told[-1].kind is Kind.MESSAGE
        assert told[-1].facts["deliveries"] == [delivery.id]
        assert world.read(lambda connection, one=conversation: verify(connection, one.id)) is None


@pytest.mark.sqlite_only
def test_further_recipients_cost_no_further_statements_but_for_their_timelines(engine: Engine, world: World) -> None:
    """performance.md section 6"""

    def selected(recipients: int) -> int:
        crossing = world.crossing(*(world.opened(f"{recipients}-{number}") for number in range(recipients)))
        seen: list[str] = []
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.set_trace_callback(seen.append)
            accepting.write(connection, packed(crossing, now=NOW, lease=LEASE, worker=WORKER))
            driver.set_trace_callback(None)
        return len([one for one in seen if one.startswith("SELECT")])

    assert (selected(1), selected(10)) == (2, 11)


@pytest.mark.parametrize(
    ("fate", "claimed", "states"),
    [
        (Fate.PASSED, 1, ["due"]),
        (Fate.REFUSED, 1, ["due"]),  # the notice
        (Fate.HELD, 0, []),  # it stands in front of a person
        (Fate.DUPLICATE, 0, []),
        (Fate.ABSORBED, 0, []),
    ],
)
def test_what_goes_out_follows_from_the_fate(world: World, fate: Fate, claimed: int, states: list[str]) -> None:
    conversation = world.opened()
    assert len(world.accepted(world.crossing(conversation, fate=fate))) == claimed
    assert world.read(lambda connection: list(connection.execute(select(deliveries.c.state)).scalars())) == states
    facts = world.read(lambda connection: entries(connection, conversation.id))[-1].facts
    assert facts["fate"] == fate.value


def test_a_failure_at_any_step_leaves_nothing_at_all(world: World) -> None:
    """Invariant 3, FAULT-96: the message is wholly taken or wholly refused."""
    conversation = world.opened()
    before = counted(world)
    crossing = world.crossing(conversation)
    interrupted = 0
    while not taken(world, crossing, interrupted):
        assert counted(world) == before
        interrupted += 1
    # Seven statements, each of which was cut off once.
    assert interrupted >= 7
    assert counted(world)["messages"] == before["messages"] + 1


def taken(world: World, crossing: Crossing, statements: int) -> bool:
    """Whether `crossing` could be accepted when the database breaks down after that many statements."""

    def work(connection: Connection) -> None:
        with breaking_after(connection, statements):
            accepting.write(connection, packed(crossing, now=NOW, lease=LEASE, worker=WORKER))

    try:
        world.write(work)
    except Unavailable:
        return False
    return True


@pytest.mark.parametrize(
    "nasty",
    ["NUL \x00 inside", "half a \ud83d pair", "right \u202e to left", "x" * 5000],
    ids=["nul", "surrogate", "bidi", "long"],
)
def test_hostile_text_is_stored_as_far_as_a_text_can_hold_it(world: World, nasty: str) -> None:
    """Invariant 12, CASE-56: PostgreSQL takes no NUL, and neither takes half a character."""
    conversation = world.opened()
    crossing = world.crossing(conversation, subject=nasty, body=nasty, files=nasty, original_id=nasty)
    envelope = replace(crossing.envelope, helo=nasty, return_path=nasty, client_ip=nasty)
    world.accepted(replace(crossing, envelope=envelope))
    known = world.read(lambda connection: thread_ids(connection, conversation.id, [MsgId(nasty)]))
    assert len(known.for_partner) == 1
    subject = world.read(lambda connection: connection.execute(select(texts.c.subject)).scalar_one())
    assert "\x00" not in subject
    subject.encode()


def test_the_same_id_is_not_accepted_twice(world: World) -> None:
    crossing = world.crossing(world.opened())
    world.accepted(crossing)
    with pytest.raises(Unavailable, match=r"UNIQUE|23505"):
        world.accepted(crossing)


def test_mail_to_the_operators_is_kept_and_handed_on_and_belongs_to_no_conversation(world: World) -> None:
    """GW-8"""
    crossing = world.crossing(world.opened())
    outgoing = [world.delivery(crossing.envelope.id, None, carries=Carries.OPERATOR, to="ops@example.com")]
    (claimed,) = world.kept(crossing, outgoing)
    tracked = world.read(lambda connection: queue.shown(connection, claimed.id))
    assert (tracked.conversation, tracked.writer, tracked.carries) == (None, None, Carries.OPERATOR)
    assert counted(world)["passages"] == 0


Outcome = Callable[[World, Crossing, tuple[Delivery, ...]], object]


def failed(world: World, _crossing: Crossing, accepted: tuple[Delivery, ...]) -> None:
    outcome = Failed(Cause.ADDRESS_WRONG, 550, "no")
    world.write(lambda connection: outbox.record(connection, accepted[0].id, outcome, now=NOW))


def dropped(world: World, crossing: Crossing, _accepted: tuple[Delivery, ...]) -> None:
    world.dropped(crossing)


def nothing(_world: World, _crossing: Crossing, _accepted: tuple[Delivery, ...]) -> None:
    """It is still on its way."""


@pytest.mark.parametrize(
    ("fate", "then", "seen"),
    [
        (Fate.PASSED, nothing, True),
        (Fate.HELD, nothing, True),
        (Fate.REFUSED, nothing, False),  # its writer was told, and may try again after support opened the window
        (Fate.ABSORBED, nothing, False),
        (Fate.PASSED, failed, True),  # lately: a server that had no answer sends it again
        (Fate.HELD, dropped, False),
    ],
)
def test_a_message_is_a_copy_when_the_first_one_is_on_its_way_or_arrived(
    world: World, fate: Fate, then: Outcome, seen: bool
) -> None:
    """GW-31, invariant 4"""
    conversation = world.opened()
    crossing = world.crossing(conversation, fate=fate)
    then(world, crossing, world.accepted(crossing))
    found = world.read(lambda connection: earlier(connection, conversation.id, crossing.fingerprint, NOW))
    assert found.taken == (crossing.envelope.id if seen else None)


@pytest.mark.parametrize(
    ("first", "then", "later", "again"),
    [
        (Fate.PASSED, nothing, timedelta(days=5), Fate.DUPLICATE),
        (Fate.PASSED, nothing, timedelta(days=5, microseconds=1), Fate.PASSED),
        # A server that had no answer to what came back meanwhile is not told again; a person who was told may try again.
        (Fate.PASSED, failed, timedelta(), Fate.DUPLICATE),
        (Fate.PASSED, failed, timedelta(hours=1), Fate.DUPLICATE),
        (Fate.PASSED, failed, timedelta(hours=1, microseconds=1), Fate.PASSED),
        (Fate.HELD, nothing, timedelta(), Fate.DUPLICATE),
        (Fate.REFUSED, nothing, timedelta(), Fate.PASSED),
    ],
)
def test_a_copy_that_was_judged_before_the_first_one_was_here_does_not_go_out(
    world: World, first: Fate, then: Outcome, later: timedelta, again: Fate
) -> None:
    """GW-31, FAULT-51, FAULT-52, FAULT-91: the transaction looks once more."""
    conversation = world.opened()
    crossing = world.crossing(conversation, fate=first)
    then(world, crossing, world.accepted(crossing))
    copy = world.crossing(conversation, at=NOW + later)
    assert len(world.accepted(copy)) == (again is Fate.PASSED)
    fate = select(passages.c.fate).where(passages.c.message == copy.envelope.id)
    assert world.read(lambda connection: connection.execute(fate).scalar_one()) == again.value


@pytest.mark.parametrize(
    ("first", "again", "becomes"),
    [
        (Fate.PASSED, Fate.REFUSED, Fate.DUPLICATE),  # it arrived, or its writer was told, whatever is against it now
        (Fate.PASSED, Fate.HELD, Fate.DUPLICATE),  # released, it would go out twice
        (Fate.HELD, Fate.HELD, Fate.DUPLICATE),
        (Fate.REFUSED, Fate.REFUSED, Fate.DUPLICATE),  # its writer was told
        (Fate.REFUSED, Fate.HELD, Fate.HELD),
    ],
)
def test_a_copy_that_did_not_pass_is_one_when_its_writer_or_a_person_has_the_first_before_them(
    world: World, first: Fate, again: Fate, becomes: Fate
) -> None:
    """GW-31, GW-52: a client that lost our answer sends again, and one message has one notice."""
    conversation = world.opened()
    world.accepted(world.crossing(conversation, fate=first))
    copy = world.crossing(conversation, fate=again)
    assert len(world.accepted(copy)) == (becomes is Fate.REFUSED)
    chosen = select(passages.c.fate).where(passages.c.message == copy.envelope.id)
    assert world.read(lambda connection: connection.execute(chosen).scalar_one()) == becomes.value
    assert world.read(lambda connection: unaccounted(connection, NOW)) == ()


def hinted(world: World, conversation: Conversation, body: str) -> Crossing:
    """A message that passed, with a hint to its writer."""
    crossing = world.crossing(conversation, body=body)
    (passage,) = crossing.passages
    to = conversation.party(passage.writer).addresses[0].reveal()
    hint = world.delivery(crossing.envelope.id, conversation, carries=Carries.NOTICE, to=to, content=b"Subject: hint\r\n\r\n")
    return replace(crossing, passages=(replace(passage, deliveries=(*passage.deliveries, hint)),))


def test_of_two_messages_judged_at_the_same_time_one_has_the_hint_of_the_day(world: World) -> None:
    """GW-52: both were made before either was written."""
    conversation = world.opened()
    first, second = hinted(world, conversation, "first"), hinted(world, conversation, "second")
    assert [one.carries for one in world.accepted(first)] == [Carries.RENDITION, Carries.NOTICE]
    (going,) = world.accepted(second)
    assert going.carries is Carries.RENDITION
    told = world.read(lambda connection: entries(connection, conversation.id))[-1].facts
    assert (told["message"], told["deliveries"]) == (second.envelope.id, [going.id])
    rows = counted(world)
    assert (rows["deliveries"], rows["blobs"]) == (3, 5)
    assert world.read(lambda connection: unaccounted(connection, NOW)) == ()
    other = world.opened("R2")
    assert len(world.accepted(hinted(world, other, "third"))) == 2


def test_refused_shares_are_copies_all_together_for_one_notice_tells_of_them_all(world: World) -> None:
    """GW-52, invariant 4"""
    first, second = world.opened("FIRST"), world.opened("SECOND")
    world.accepted(world.crossing(first, fate=Fate.REFUSED))
    both = world.crossing(first, second, fate=Fate.REFUSED)
    assert len(world.accepted(both)) == len(both.deliveries)


def test_what_was_refused_is_known_by_its_reason(world: World) -> None:
    conversation = world.opened()
    crossing = world.crossing(conversation, fate=Fate.REFUSED)
    world.accepted(crossing)
    found = world.read(lambda connection: earlier(connection, conversation.id, crossing.fingerprint, NOW))
    assert (found.taken, found.refused) == (None, {Reason.LEAK: crossing.envelope.id})


def test_a_copy_is_one_of_the_same_conversation_content_and_time(world: World) -> None:
    """GW-31, CASE-62"""
    conversation, other = world.opened("FIRST"), world.opened("SECOND")
    crossing = world.crossing(conversation)
    world.accepted(crossing)

    def seen(of: str, fingerprint: bytes, later: timedelta) -> bool:
        one = conversation if of == "FIRST" else other
        return world.read(lambda connection: earlier(connection, one.id, fingerprint, NOW + later)).taken is not None

    assert seen("FIRST", crossing.fingerprint, timedelta(days=5))
    assert not seen("FIRST", crossing.fingerprint, timedelta(days=5, microseconds=1))
    assert not seen("FIRST", bytes(32), timedelta())
    assert not seen("SECOND", crossing.fingerprint, timedelta())


@pytest.mark.parametrize(
    ("fate", "automatic", "counted"),
    [(Fate.PASSED, True, 1), (Fate.PASSED, False, 0), (Fate.ABSORBED, True, 0), (Fate.HELD, True, 0)],
)
def test_the_budget_counts_automatic_messages_that_passed_in_that_conversation(
    world: World, fate: Fate, automatic: bool, counted: int
) -> None:
    """GW-28"""
    conversation, other = world.opened("FIRST"), world.opened("SECOND")
    crossing = world.crossing(conversation, fate=fate)
    world.accepted(replace(crossing, passages=tuple(replace(one, automatic=automatic) for one in crossing.passages)))

    def count(of: Conversation, since: timedelta = timedelta()) -> int:
        return world.read(lambda connection: accepting.automatic_since(connection, of.id, NOW + since))

    assert [count(conversation), count(conversation, timedelta(microseconds=1)), count(other)] == [counted, 0, 0]


def test_each_side_gets_the_ids_that_its_program_knows(world: World) -> None:
    """GW-41"""
    conversation = world.opened()
    (ours,) = world.accepted(world.crossing(conversation, original_id="theirs@poczta.example"))
    theirs, rendition = MsgId("theirs@poczta.example"), MsgId(f"{ours.id}@reply.example.com")
    known = world.read(lambda connection: thread_ids(connection, conversation.id, [theirs, rendition, MsgId("x@y")]))
    # The customer wrote it. What they call theirs is ours at the partner's; what the partner calls ours is theirs.
    assert known.mapped([theirs, MsgId("x@y")], Role.PARTNER) == (rendition,)
    assert known.mapped([rendition], Role.CUSTOMER) == (theirs,)
    # The partner never saw the customer's own id: naming it has no effect.
    assert known.mapped([theirs], Role.CUSTOMER) == ()
    assert known.mapped([rendition], Role.PARTNER) == ()


def test_ids_of_another_conversation_have_no_effect(world: World) -> None:
    """CASE-37"""
    first, second = world.opened("FIRST"), world.opened("SECOND")
    world.accepted(world.crossing(first, original_id="theirs@poczta.example"))
    known = world.read(lambda connection: thread_ids(connection, second.id, [MsgId("theirs@poczta.example")]))
    assert known == ThreadIds.nothing()


def test_a_message_without_an_id_of_its_own_has_no_thread(world: World) -> None:
    conversation = world.opened()
    (ours,) = world.accepted(world.crossing(conversation, original_id=None))
    rendition = MsgId(f"{ours.id}@reply.example.com")
    assert world.read(lambda connection: thread_ids(connection, conversation.id, [rendition])) == ThreadIds.nothing()


def test_of_very_many_ids_the_last_ones_are_looked_up(world: World) -> None:
    """Invariant 12"""
    conversation = world.opened()
    world.accepted(world.crossing(conversation, original_id="theirs@poczta.example"))
    many = [MsgId(f"{number}@x.example") for number in range(50_000)]
    known = world.read(lambda connection: thread_ids(connection, conversation.id, [*many, MsgId("theirs@poczta.example")]))
    assert len(known.for_partner) == 1


def test_the_timeline_proves_the_octets_to_whoever_has_them(world: World) -> None:
    """Invariant 11"""
    conversation = world.opened()
    crossing = world.crossing(conversation)
    world.accepted(crossing)
    salt = world.read(lambda connection: connection.execute(select(messages.c.salt)).scalar_one())
    facts = world.read(lambda connection: entries(connection, conversation.id))[-1].facts
    _, sha256 = blobs.row("any", crossing.envelope.content)
    assert facts["received"] == accepting.timeline.commitment(salt, sha256)


def test_text_is_kept_for_search_up_to_its_bound(world: World) -> None:
    crossing = world.crossing(world.opened())
    long = Searchable("s" * 100_000, "p" * 100_000, "b" * 1_000_000, "f" * 100_000)
    world.accepted(replace(crossing, searchable=long))
    row = world.read(lambda connection: connection.execute(select(texts)).one())
    assert [len(row.subject), len(row.people), len(row.body), len(row.files)] == [16384, 16384, 262144, 16384]


def test_of_messages_that_are_refused_at_once_as_many_are_told_as_a_day_has_notices(world: World) -> None:
    """GW-52, invariant 12: each was judged before any of the others was here."""
    conversation = world.opened()
    crossings = [world.crossing(conversation, fate=Fate.REFUSED, body=str(number)) for number in range(notices_a_day_max + 1)]
    for crossing in crossings[:-1]:
        world.accepted(crossing)
    with pytest.raises(ToldEnough):
        world.accepted(crossings[-1])
    counted = select(func.count()).select_from(messages)
    assert world.read(lambda connection: connection.execute(counted).scalar_one()) == notices_a_day_max
    later = world.crossing(conversation, fate=Fate.REFUSED, body="tomorrow", at=NOW + timedelta(days=1, seconds=1))
    assert len(world.accepted(later)) == 1


def test_of_automatic_answers_that_come_at_once_as_many_pass_as_a_day_has(world: World) -> None:
    """GW-28, invariant 12: the others are kept, and go no further."""
    conversation = world.opened()

    def automatic(number: int) -> Crossing:
        crossing = world.crossing(conversation, body=f"I am away ({number})")
        return replace(crossing, passages=tuple(replace(one, automatic=True) for one in crossing.passages))

    passed = [len(world.accepted(automatic(number))) for number in range(auto_replies_a_day_max + 2)]
    assert passed == [1] * auto_replies_a_day_max + [0, 0]
    assert len(world.accepted(world.crossing(conversation, body="by hand"))) == 1
    assert world.read(lambda connection: unaccounted(connection, NOW)) == ()
