"""The steps of a conversation, each in its timeline (GW-1 to GW-5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from typing import Final

import pytest
from sqlalchemy import Connection, delete, select
from support.archive import PREFIXES, WINDOW_AFTER, World, an_opening
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS

from relay.conversation import Conversation, Opening, Standing
from relay.errors import Conflict, NotFound, Unavailable
from relay.store import known, steps
from relay.store.conversations import by_reference
from relay.store.tables import aliases, parties, party_addresses
from relay.store.timeline import Kind, entries, verify
from relay.values import RealAddress, Role

REFERENCE: Final = "GYG4K7Q2X9ABC"
LATER: Final = NOW + timedelta(hours=1)
OVER: Final = NOW + timedelta(days=17)
"""The activity ends in nine days, the window seven days after that."""


def opened_with(world: World, opening: Opening, mint: steps.Mint | None = None) -> Conversation:
    return world.write(
        lambda connection: steps.open_conversation(connection, opening, mint or world.mint, now=NOW, window_after=WINDOW_AFTER)
    )


def kinds(world: World, conversation: Conversation) -> list[Kind]:
    return [entry.kind for entry in world.read(lambda connection: entries(connection, conversation.id))]


def test_a_confirmed_booking_is_open_at_once_and_until_seven_days_after_its_activity(world: World) -> None:
    """GW-3, GY-15"""
    conversation = world.opened()
    assert conversation.window.opens_at == NOW
    assert conversation.window.closes_at == NOW + timedelta(days=16)
    assert conversation.standing(NOW) is Standing.OPEN
    assert kinds(world, conversation) == [Kind.OPENED]


def test_both_parties_get_an_alias_of_prefix_and_twelve_hex_digits(world: World) -> None:
    """GW-1, GW-2, GY-10, GY-11"""
    conversation = world.opened()
    assert re.fullmatch(rf"local-partner-[0-9a-f]{{12}}@{DOMAIN}", str(conversation.partner.alias))
    assert re.fullmatch(rf"customer-[0-9a-f]{{12}}@{DOMAIN}", str(conversation.customer.alias))
    assert [str(one) for one in (conversation.partner.addresses[0], conversation.customer.addresses[0])] == [
        "<real address>",
        "<real address>",
    ]
    assert conversation.partner.addresses == (RealAddress(PARTNER_ADDRESS),)
    assert conversation.customer.addresses == (RealAddress(CUSTOMER_ADDRESS),)


def test_an_alias_is_never_minted_twice_not_even_after_its_party_was_erased(world: World) -> None:
    """GW-1"""
    conversation = world.opened()
    taken = conversation.customer.alias.local.removeprefix(PREFIXES[Role.CUSTOMER])

    def erase(connection: Connection) -> None:
        connection.execute(delete(party_addresses).where(party_addresses.c.party == conversation.customer.id))
        connection.execute(delete(parties).where(parties.c.id == conversation.customer.id))

    world.write(erase)
    draws = chain(["aaaaaaaaaaaa", taken, taken, "bbbbbbbbbbbb"])
    other = opened_with(world, an_opening("OTHER"), replace(world.mint, hex_digits=lambda: next(draws)))
    assert other.partner.alias.local == "local-partner-aaaaaaaaaaaa"
    assert other.customer.alias.local == "customer-bbbbbbbbbbbb"


def test_a_random_source_that_repeats_itself_is_trouble_and_nothing_is_opened(world: World) -> None:
    stuck = repeat("aaaaaaaaaaaa")
    opened_with(world, an_opening("FIRST"), replace(world.mint, hex_digits=lambda: next(stuck)))
    with pytest.raises(Unavailable, match="random source"):
        opened_with(world, an_opening("SECOND"), replace(world.mint, hex_digits=lambda: next(stuck)))
    with pytest.raises(NotFound):
        world.read(lambda connection: by_reference(connection, "SECOND"))
    assert len(world.read(lambda connection: connection.execute(select(aliases)).all())) == 2


def test_a_booking_has_one_conversation(world: World) -> None:
    """GY-5"""
    world.opened()
    with pytest.raises(Conflict, match=f"{REFERENCE} has a conversation already"):
        world.opened()


def test_an_address_on_the_reply_domain_belongs_to_nobody(world: World) -> None:
    """CASE-15: mail to it would come back."""
    looping = replace(an_opening(), customer_addresses=(RealAddress(f"customer-12ab3456cd78@{DOMAIN.upper()}"),))
    with pytest.raises(Conflict, match="is an alias"):
        opened_with(world, looping)


def test_nobody_can_be_reached_where_the_self_test_listens(world: World) -> None:
    """Its mailboxes are taken to the loopback interface and nowhere else."""
    trapped = replace(an_opening(), customer_addresses=(RealAddress("zofia@customer.Self-Test.invalid"),))
    with pytest.raises(Conflict, match="is the self-test's"):
        opened_with(world, trapped)
    conversation = world.opened()
    with pytest.raises(Conflict, match="is the self-test's"):
        world.write(
            lambda connection: known.add_address(
                connection, REFERENCE, Role.PARTNER, RealAddress("m@self-test.invalid"), now=LATER
            )
        )
    assert world.read(lambda connection: by_reference(connection, REFERENCE)) == conversation


def test_the_self_test_reaches_nobody_but_itself(world: World) -> None:
    own = tuple((RealAddress(f"{one}@{one}.self-test.invalid"),) for one in ("partner", "customer"))
    opening = replace(an_opening("SELF-TEST-1"), partner_addresses=own[0], customer_addresses=own[1])

    def opened(connection: Connection, addresses: tuple[RealAddress, ...]) -> Conversation:
        return steps.open_conversation(
            connection,
            replace(opening, customer_addresses=addresses),
            world.mint,
            now=NOW,
            window_after=WINDOW_AFTER,
            self_test=True,
        )

    with pytest.raises(Conflict, match="alone"):
        world.write(lambda connection: opened(connection, (*own[1], RealAddress(CUSTOMER_ADDRESS))))
    assert world.write(lambda connection: opened(connection, own[1])).standing(NOW) is Standing.OPEN
    with pytest.raises(Conflict, match="alone"):
        world.write(
            lambda connection: known.add_address(
                connection, "SELF-TEST-1", Role.CUSTOMER, RealAddress(CUSTOMER_ADDRESS), now=LATER
            )
        )


def test_two_spellings_of_one_mailbox_are_one_address(world: World) -> None:
    """GW-5"""
    spelt = (RealAddress("A.b@gmail.com"), RealAddress("ab+tag@googlemail.com"), RealAddress("c@x.example"))
    conversation = opened_with(world, replace(an_opening(), customer_addresses=spelt))
    assert conversation.customer.addresses == (spelt[0], spelt[2])


def test_a_pending_booking_opens_with_its_confirmation(world: World) -> None:
    """GW-3, GY-6"""
    conversation = world.opened(pending=True)
    assert conversation.standing(LATER) is Standing.PENDING
    after = world.write(lambda connection: steps.confirm(connection, REFERENCE, now=LATER, window_after=timedelta(days=1)))
    assert (after.window.opens_at, after.window.closes_at) == (LATER, NOW + timedelta(days=10))
    assert after.partner.alias == conversation.partner.alias
    assert kinds(world, after) == [Kind.OPENED, Kind.CONFIRMED]


@pytest.mark.parametrize("pending", [False, True])
@pytest.mark.parametrize("days", [3, 40], ids=["to an earlier day", "to a later one"])
def test_an_activity_that_is_moved_takes_its_window_along_and_keeps_the_aliases(world: World, pending: bool, days: int) -> None:
    """GW-3, GY-15, booking.md T20 and T22"""
    before, end = world.opened(pending=pending), NOW + timedelta(days=days)
    after = world.write(lambda connection: steps.move(connection, REFERENCE, end, now=LATER, window_after=WINDOW_AFTER))
    assert (after.activity_end, after.window.closes_at) == (end, end + WINDOW_AFTER)
    assert after.window.opens_at == before.window.opens_at
    assert [one.alias for one in after.parties()] == [one.alias for one in before.parties()]
    assert kinds(world, after) == [Kind.OPENED, Kind.MOVED]
    facts = world.read(lambda connection: entries(connection, after.id))[-1].facts
    assert facts == {"by": "system", "activity_end": end.isoformat(), "closes_at": (end + WINDOW_AFTER).isoformat()}


def test_a_pending_booking_that_was_moved_opens_for_its_new_time(world: World) -> None:
    """GY-6"""
    world.opened(pending=True)
    world.write(MOVE)
    after = world.write(CONFIRM)
    assert (after.window.opens_at, after.window.closes_at) == (LATER, NOW + timedelta(days=27))


def test_moving_to_the_same_time_is_no_step(world: World) -> None:
    """A completion at the end that was planned changes nothing."""
    before = world.opened()
    end = before.activity_end
    assert world.write(lambda c: steps.move(c, REFERENCE, end, now=LATER, window_after=WINDOW_AFTER)) == before
    assert kinds(world, before) == [Kind.OPENED]


Step = Callable[[Connection], Conversation]
CONFIRM: Final[Step] = lambda c: steps.confirm(c, REFERENCE, now=LATER, window_after=WINDOW_AFTER)  # noqa: E731 - a table of steps
CLOSE: Final[Step] = lambda c: steps.close(c, REFERENCE, now=LATER)  # noqa: E731 - a table of steps
EXTEND: Final[Step] = lambda c: steps.extend(c, REFERENCE, NOW + timedelta(days=30), now=LATER)  # noqa: E731 - a table of steps
EXTEND_LATE: Final[Step] = lambda c: steps.extend(c, REFERENCE, NOW + timedelta(days=30), now=OVER)  # noqa: E731 - a table of steps
EXTEND_LESS: Final[Step] = lambda c: steps.extend(c, REFERENCE, NOW + timedelta(days=2), now=LATER)  # noqa: E731 - a table of steps
EXTEND_PAST: Final[Step] = lambda c: steps.extend(c, REFERENCE, NOW + timedelta(days=16, hours=1), now=OVER)  # noqa: E731 - a table of steps
MOVE: Final[Step] = lambda c: steps.move(c, REFERENCE, NOW + timedelta(days=20), now=LATER, window_after=WINDOW_AFTER)  # noqa: E731 - a table of steps
MOVE_BACK: Final[Step] = lambda c: steps.move(c, REFERENCE, NOW + timedelta(days=1), now=LATER, window_after=WINDOW_AFTER)  # noqa: E731 - a table of steps
REOPEN: Final[Step] = lambda c: steps.reopen(c, REFERENCE, NOW + timedelta(days=30), now=LATER)  # noqa: E731 - a table of steps
REOPEN_LATE: Final[Step] = lambda c: steps.reopen(c, REFERENCE, NOW + timedelta(days=30), now=OVER)  # noqa: E731 - a table of steps
REOPEN_PAST: Final[Step] = lambda c: steps.reopen(c, REFERENCE, NOW, now=LATER)  # noqa: E731 - a table of steps


@pytest.mark.parametrize(
    ("pending", "taken", "standing", "last"),
    [
        (False, [CLOSE], Standing.CLOSED, Kind.CLOSED),
        (True, [CLOSE], Standing.CLOSED, Kind.CLOSED),
        (False, [EXTEND], Standing.OPEN, Kind.EXTENDED),
        (False, [EXTEND_LATE], Standing.OPEN, Kind.EXTENDED),  # the window was over
        (False, [CLOSE, REOPEN], Standing.OPEN, Kind.REOPENED),
        (False, [REOPEN_LATE], Standing.OPEN, Kind.REOPENED),
        (True, [CLOSE, REOPEN], Standing.PENDING, Kind.REOPENED),  # it still waits for its confirmation
        (True, [CONFIRM, CLOSE], Standing.CLOSED, Kind.CLOSED),
        (False, [MOVE], Standing.OPEN, Kind.MOVED),
        (False, [MOVE_BACK], Standing.OVER, Kind.MOVED),
        (False, [EXTEND, MOVE_BACK], Standing.OVER, Kind.MOVED),  # what was counted from the old time goes with it
        (True, [MOVE], Standing.PENDING, Kind.MOVED),
        (False, [CLOSE, MOVE], Standing.CLOSED, Kind.MOVED),  # closing was somebody's decision
        (False, [MOVE_BACK, REOPEN_LATE], Standing.OPEN, Kind.REOPENED),
    ],
)
def test_support_extends_closes_and_reopens(
    world: World, pending: bool, taken: list[Step], standing: Standing, last: Kind
) -> None:
    """GW-3"""
    conversation = world.opened(pending=pending)
    for step in taken:
        conversation = world.write(step)
    assert conversation.standing(OVER) is standing
    assert kinds(world, conversation)[-1] is last
    assert world.read(lambda connection: verify(connection, conversation.id)) is None


@pytest.mark.parametrize(
    ("pending", "taken", "refused", "because"),
    [
        (False, [], CONFIRM, "confirmed already"),
        (True, [CLOSE], CONFIRM, "reopen it first"),
        (False, [CLOSE], CLOSE, "reopen it first"),
        (False, [CLOSE], EXTEND, "reopen it first"),
        (False, [], EXTEND_LESS, "to end it, close"),
        (False, [], EXTEND_PAST, "in the future"),
        (False, [], REOPEN, "neither closed nor over"),
        (True, [], REOPEN, "neither closed nor over"),
        (False, [CLOSE], REOPEN_PAST, "in the future"),
    ],
)
def test_a_step_that_is_not_possible_says_why_and_changes_nothing(
    world: World, pending: bool, taken: list[Step], refused: Step, because: str
) -> None:
    before = world.opened(pending=pending)
    for step in taken:
        before = world.write(step)
    with pytest.raises(Conflict, match=because):
        world.write(refused)
    assert world.read(lambda connection: by_reference(connection, REFERENCE)) == before
    assert len(kinds(world, before)) == 1 + len(taken)


@pytest.mark.parametrize("step", [CONFIRM, CLOSE, EXTEND, REOPEN])
def test_a_step_of_no_conversation_names_the_booking(world: World, step: Step) -> None:
    with pytest.raises(NotFound, match=REFERENCE):
        world.write(step)
