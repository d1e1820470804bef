"""Questions to parties as they stand in the tables (GW-6, GW-12). What becomes of the mail is told by `desk/test_questions`."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import Connection
from support.archive import World
from support.world import NOW, PARTNER_ADDRESS

from relay.conversation import Conversation
from relay.errors import Conflict, NotFound
from relay.policy.reasons import Reason
from relay.store import archive, held, questions
from relay.store.audit import unaccounted
from relay.store.questions import Asked, Standing, Waiting
from relay.store.stepping import Step
from relay.store.timeline import Kind, entries, verify
from relay.transit.crossing import Fate, Passage
from relay.transit.delivery import Carries
from relay.transit.question import Question, Response, answered_within, digest_of, joined_before_end, questions_a_day_max
from relay.values import MessageId, RealAddress, Role

STRANGER: Final = "stranger@elsewhere.example"


def wrote(
    world: World,
    conversation: Conversation,
    secret: str | None,
    *,
    sender: str = STRANGER,
    network: str = "",
    at: datetime = NOW,
    writer: Role = Role.PARTNER,
) -> tuple[MessageId, bool]:
    """A message of an unknown writer is taken over; its id, and whether the question of `secret` goes out with it."""
    plain = world.crossing(conversation, writer=writer, fate=Fate.HELD, at=at, body=f"{sender} {secret} {at}")
    [passage] = plain.passages
    known = conversation.party(writer).mailbox.reveal()
    asking = world.delivery(plain.envelope.id, conversation, carries=Carries.QUESTION, to=known, at=at)
    held_ = replace(
        passage,
        reason=Reason.UNKNOWN_WRITER.value,
        findings=(),
        rendition=None,
        question=Question(RealAddress(sender), network, digest_of(secret) if secret is not None else None),
        deliveries=(asking,) if secret is not None else (),
    )
    going = world.accepted(replace(plain, passages=(held_,)), now=at)
    return plain.envelope.id, [one.carries for one in going] == [Carries.QUESTION]


def asked(world: World, secret: str, now: datetime = NOW) -> Asked:
    return world.read(lambda connection: questions.asked(connection, secret, now))


def answered(world: World, secret: str, response: Response, now: datetime = NOW, *, stop: bool = False) -> Asked:
    return world.write(lambda connection: questions.answer(connection, secret, response, stop_asking=stop, now=now))


def ended(world: World, now: datetime = NOW, limit: int = 10) -> list[tuple[MessageId, Response | None]]:
    found = world.read(lambda connection: questions.ended(connection, now, limit))
    return [(one.message, one.response) for one in found]


def test_a_question_is_found_by_its_secret_alone_and_says_all_that_the_page_shows(world: World) -> None:
    conversation = world.opened()
    message, goes_out = wrote(world, conversation, "one")
    found = asked(world, "one")
    assert goes_out
    assert (found.standing, found.party, found.address.reveal()) == (Standing.OPEN, Role.PARTNER, STRANGER)
    assert (found.message, found.subject, found.until) == (message, "Where do we meet?", NOW + answered_within)
    for secret in ("", "ONE", "one ", "two", "\x00", "\ud800", digest_of("one").hex()):
        with pytest.raises(NotFound):
            asked(world, secret)
    assert world.read(lambda connection: unaccounted(connection, NOW)) == ()


def test_what_comes_from_the_same_place_waits_for_the_same_answer_while_there_is_time_for_one(world: World) -> None:
    conversation = world.opened()
    first, _ = wrote(world, conversation, "one")
    last = NOW + answered_within - joined_before_end
    second, goes_out = wrote(world, conversation, "two", sender="Stranger+tag@Elsewhere.example", at=last)
    assert not goes_out
    with pytest.raises(NotFound):
        asked(world, "two")
    assert wrote(world, conversation, "three", at=last + timedelta(seconds=1))[1]
    answered(world, "one", Response.NO, last)
    assert ended(world, last) == [(first, Response.NO), (second, Response.NO)]
    assert asked(world, "three", last).standing is Standing.OPEN


@pytest.mark.parametrize(
    ("sender", "network", "writer"),
    [("other@elsewhere.example", "", Role.PARTNER), (STRANGER, "192.0.2.0/24", Role.PARTNER), ("b@x.example", "", Role.CUSTOMER)],
)
def test_another_address_network_or_party_is_another_question(world: World, sender: str, network: str, writer: Role) -> None:
    conversation = world.opened()
    wrote(world, conversation, "one")
    assert wrote(world, conversation, "two", sender=sender, network=network, writer=writer)[1]
    answered(world, "two", Response.NO)
    assert asked(world, "one").standing is Standing.OPEN


def test_one_party_alone_is_asked_about_an_address_at_a_time(world: World) -> None:
    """Invariant 1: it may be the other one's. In another conversation it is another question."""
    conversation, other = world.opened(), world.opened("OTHER")
    wrote(world, conversation, "one")
    message, goes_out = wrote(world, conversation, "two", writer=Role.CUSTOMER)
    assert not goes_out
    detail = world.read(lambda connection: archive.shown(connection, message)).passages[0].detail
    assert detail == "nobody is asked: the partner is asked about the same address"
    assert wrote(world, other, "three", writer=Role.CUSTOMER)[1]
    answered(world, "one", Response.NO)
    assert wrote(world, conversation, "four", writer=Role.CUSTOMER, at=NOW + timedelta(hours=1))[1]


def test_only_so_many_questions_go_out_within_a_day_in_one_conversation(world: World) -> None:
    """GW-6: what comes beyond waits without one."""
    conversation, other = world.opened(), world.opened("OTHER")
    went = [wrote(world, conversation, f"s{n}", sender=f"s{n}@x.example")[1] for n in range(questions_a_day_max + 1)]
    assert went == [True] * questions_a_day_max + [False]
    assert wrote(world, other, "other")[1]
    next_day = NOW + timedelta(days=1)
    assert not wrote(world, conversation, "early", sender="e@x.example", at=next_day - timedelta(seconds=1))[1]
    assert wrote(world, conversation, "late", sender="l@x.example", at=next_day)[1]
    over = NOW + answered_within
    assert [response for _, response in ended(world, over)] == [None] * (questions_a_day_max + 2)


def test_a_yes_is_the_partys_word_in_the_timeline_and_makes_the_address_known(world: World) -> None:
    conversation = world.opened()
    message, _ = wrote(world, conversation, "one")
    after = answered(world, "one", Response.YES)
    assert (after.standing, after.conversation.partner.knows(RealAddress(STRANGER))) == (Standing.CONFIRMED, True)
    told = world.read(lambda connection: entries(connection, conversation.id))
    assert [one.kind for one in told][2:] == [Kind.ADDRESS_ADDED, Kind.ANSWERED]
    assert told[-1].facts == {"by": "partner", "message": message, "response": "yes"}
    assert ended(world) == [(message, Response.YES)]


def test_what_has_its_end_is_told_some_at_a_time(world: World) -> None:
    """Also the recipients of one message."""
    conversation = world.opened()
    for number in range(3):
        wrote(world, conversation, None, sender=f"s{number}@x.example", at=NOW + timedelta(seconds=number))
    over, seen, pages = NOW + answered_within + timedelta(hours=1), [], []
    last: Waiting | None = None
    while found := world.read(lambda connection, after=last: questions.ended(connection, over, 2, after)):  # type: ignore[misc]  # mypy does not infer it
        last = found[-1]
        pages.append(len(found))
        seen += [one.message for one in found]
    assert pages == [2, 1]
    assert seen == [message for message, _ in ended(world, over)]


def test_for_a_known_address_a_yes_makes_the_network_known(world: World) -> None:
    """GW-12"""
    conversation = world.opened()
    wrote(world, conversation, "one", sender=PARTNER_ADDRESS, network="192.0.2.0/24")
    party = answered(world, "one", Response.YES).conversation.partner
    assert (party.vouches(RealAddress(PARTNER_ADDRESS), "192.0.2.0/24"), len(party.addresses)) == (True, 1)


@pytest.mark.parametrize(("network", "denied"), [("", True), ("192.0.2.0/24", False)])
def test_a_last_no_shuts_out_an_address_that_is_nobodys(world: World, network: str, denied: bool) -> None:
    conversation = world.opened()
    sender = PARTNER_ADDRESS if network else STRANGER
    wrote(world, conversation, "one", sender=sender, network=network)
    party = answered(world, "one", Response.NO, stop=True).conversation.partner
    assert party.denies(RealAddress(sender)) is denied


def test_it_is_too_late_after_the_last_second(world: World) -> None:
    """GW-6: 72 hours."""
    conversation = world.opened()
    message, _ = wrote(world, conversation, "one")
    end = NOW + timedelta(hours=72)
    assert asked(world, "one", end - timedelta(seconds=1)).standing is Standing.OPEN
    assert ended(world, end - timedelta(seconds=1)) == []
    assert answered(world, "one", Response.YES, end).standing is Standing.OVER
    assert ended(world, end) == [(message, None)]


def test_what_somebody_else_decided_is_over(world: World) -> None:
    conversation = world.opened()
    message, _ = wrote(world, conversation, "one")
    world.write(lambda connection: held.drop(connection, message, 0, Step("ops", NOW, "spam")))
    assert answered(world, "one", Response.YES).standing is Standing.OVER
    assert ended(world, NOW + answered_within) == []


def test_of_two_answers_at_the_same_moment_one_counts(world: World) -> None:
    """Invariant 9: two clicks, on two nodes."""
    conversation = world.opened()
    wrote(world, conversation, "one")
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda response: answered(world, "one", response, stop=True), Response))
    assert both[0].standing is both[1].standing
    told = world.read(lambda connection: entries(connection, conversation.id))
    assert [one.kind for one in told].count(Kind.ANSWERED) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_an_answer_and_the_end_of_the_question_at_the_same_moment_do_not_cross(world: World, attempt: int) -> None:
    """Invariant 4: who was told that it is on its way, on one node, does not have it put away by another."""
    conversation = world.opened()
    message, _ = wrote(world, conversation, "one")
    last, over = NOW + answered_within - timedelta(seconds=1), NOW + answered_within
    [waiting] = world.read(lambda connection: questions.ended(connection, over, 1))
    put_away = Passage(conversation.id, conversation.reference, Role.PARTNER, Fate.UNCLAIMED, Reason.UNKNOWN_WRITER.value)

    def settled(connection: Connection) -> None:
        held.decide(connection, message, 0, put_away, Kind.UNCLAIMED, Step("system", over), {})
        questions.refuse_answered_since(connection, waiting)

    def settle() -> bool:
        try:
            world.write(settled)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as nodes:
        answering = nodes.submit(answered, world, "one", Response.YES, last)
        settling = nodes.submit(settle)
    standing = answering.result().standing
    fate = world.read(lambda connection: archive.shown(connection, message)).passages[0].fate
    assert (standing, fate, settling.result()) in {
        (Standing.CONFIRMED, Fate.HELD, False),
        (Standing.OVER, Fate.UNCLAIMED, True),
    }


def test_nothing_but_a_digest_of_the_secret_is_kept(world: World) -> None:
    conversation = world.opened()
    message, _ = wrote(world, conversation, "a-very-secret-word")
    kept = world.read(lambda connection: connection.exec_driver_sql("SELECT * FROM questions").all())
    assert "a-very-secret-word" not in str(kept)
    assert world.read(lambda connection: archive.shown(connection, message)).passages[0].reason == "unknown_writer"


@pytest.mark.parametrize("seed", range(3))
def test_however_it_goes_looking_changes_nothing_and_an_answer_only_what_waits_for_it(world: World, seed: int) -> None:
    """GW-6, as a property: of random messages, looks and answers in two conversations."""
    rng = random.Random(seed)
    conversations = [world.opened(), world.opened("OTHER")]
    senders = ("a@x.example", "b@x.example", PARTNER_ADDRESS)
    secrets: list[str] = []
    at = NOW
    for number in range(40):
        at += timedelta(hours=rng.randrange(12))
        act = rng.choice(("write", "look", "answer"))
        if act == "write" or not secrets:
            sender = rng.choice(senders)
            network = "192.0.2.0/24" if sender == PARTNER_ADDRESS else ""
            if wrote(world, rng.choice(conversations), f"secret {number}", sender=sender, network=network, at=at)[1]:
                secrets.append(f"secret {number}")
            continue
        secret = rng.choice(secrets)
        before, was = everything(world), asked(world, secret, at)
        if act == "look":
            assert everything(world) == before
            continue
        after = answered(world, secret, rng.choice(list(Response)), at, stop=rng.random() < 0.5)
        changed = {table: rows - before[table] for table, rows in everything(world).items()}
        if was.standing is not Standing.OPEN:
            assert not any(changed.values())
            assert after == was
            continue
        mine = {row for row in changed["questions"] if digest_of(secret) in row}
        assert mine == changed["questions"] != set()
        assert all(was.conversation.partner.id in row for row in changed["party_addresses"])
        assert all(was.conversation.id in row for row in changed["timeline"])
    assert world.read(lambda connection: [verify(connection, one.id) for one in conversations]) == [None, None]


def everything(world: World) -> dict[str, set[tuple[object, ...]]]:
    """All that an answer may touch."""

    def rows(connection: Connection) -> dict[str, set[tuple[object, ...]]]:
        names = ("questions", "party_addresses", "timeline", "passages", "deliveries")
        # psycopg hands octets out as memoryview, which has no hash of its own.
        return {
            name: {
                tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
                for row in connection.exec_driver_sql(f"SELECT * FROM {name}")
            }
            for name in names
        }

    return world.read(rows)
