"""No bound of the house hides a trap from the test: not the search for duplicates, not the budgets."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Final

import pytest
from support.world import NOW, a_conversation, a_party

from relay.conversation import Conversation
from relay.message.automatic import Automatic, automatic
from relay.message.parse import parse
from relay.policy.facts import LocalPolicy
from relay.selftest import people
from relay.selftest.plan import Posting, planned
from relay.selftest.traps import TRAPS, Fate, Scene, Trap
from relay.settings import Settings
from relay.transit.delivery import notices_a_day_max
from relay.values import Role

PLAN: Final = planned(TRAPS)


def conversation() -> Conversation:
    opening = people.opening("SELF-TEST-1", NOW)
    partner, customer = (tuple(one.reveal() for one in each) for each in (opening.partner_addresses, opening.customer_addresses))
    return a_conversation(
        partner=a_party(Role.PARTNER, name=opening.partner_name, addresses=partner),
        customer=a_party(Role.CUSTOMER, name=opening.customer_name, addresses=customer),
    )


def scene(posting: Posting) -> Scene:
    return people.scene(Settings(), conversation(), posting.writer)


@cache
def contents() -> dict[int, bytes]:
    """By serial. Made once, and not where the tests are only listed."""
    return {one.serial: one.content(scene(one)) for one in PLAN}


def test_every_trap_goes_both_ways_once() -> None:
    assert Counter((one.trap.name, one.writer) for one in PLAN) == Counter((one.name, role) for one in TRAPS for role in Role)
    assert len({one.serial for one in PLAN}) == len(PLAN)


def test_no_trap_is_taken_for_another_one_that_was_sent_again() -> None:
    """GW-31: the same writer, the same Message-ID and the same body are a duplicate."""

    def alike(posting: Posting) -> tuple[object, ...]:
        content = contents()[posting.serial]
        message_id = parse(content).message_id
        return posting.conversation, posting.writer, message_id, content.partition(b"\r\n\r\n")[2] if message_id else content

    twice = [count for count in Counter(alike(one) for one in PLAN if readable(one)).values() if count > 1]
    assert twice == []


def test_automatic_traps_stay_within_the_budget_of_their_conversation() -> None:
    """GW-28"""
    answers = Counter(
        one.conversation
        for one in PLAN
        if readable(one)
        and automatic(parse(contents()[one.serial]), "" if one.trap.sender == "null" else "m@x.example") is Automatic.AUTO_REPLY
    )
    assert max(answers.values(), default=0) < LocalPolicy().auto_replies_a_day_max


def test_a_writer_gets_fewer_notices_than_a_day_allows() -> None:
    """GW-52"""
    assert max(Counter((one.conversation, one.writer) for one in PLAN).values()) < notices_a_day_max


def test_a_message_id_of_the_traps_own_is_left_to_it() -> None:
    trap = Trap(
        "LEAK-5 own", "LEAK-5", "", lambda scene: b"Message-ID: <own@x.example>\r\n\r\nMessage-ID: <trap.1@x.example>\r\n"
    )
    one = Posting(trap, Role.PARTNER, 0, 7)
    assert one.content(scene(one)) == b"Message-ID: <own@x.example>\r\n\r\nMessage-ID: <trap.1@x.example>\r\n"


def test_the_usual_message_id_is_made_one_of_its_own() -> None:
    trap = Trap("LEAK-5 usual", "LEAK-5", "", lambda scene: b"From: m\r\nMessage-ID: <trap.1@x.example>\r\n\r\nHello\r\n")
    one = Posting(trap, Role.PARTNER, 0, 7)
    assert one.content(scene(one)) == b"From: m\r\nMessage-ID: <self-test.7@x.example>\r\n\r\nHello\r\n"


@pytest.mark.parametrize("role", Role)
def test_the_people_are_told_by_what_stands_in_no_mail_by_chance(role: Role) -> None:
    one = people.scene(Settings(), conversation(), role)
    assert all(address.is_of_self_test for party in conversation().parties() for address in party.addresses)
    assert one.writer.alias != one.reader.alias
    assert one.writer.last_name in one.writer.company
    assert len(set(one.canaries())) == len(one.canaries())


def readable(posting: Posting) -> bool:
    """Whether the gateway gets as far as looking for duplicates: some traps are refused before."""
    return posting.trap.fate in {Fate.DELIVERED, Fate.HELD} and b"\0" not in contents()[posting.serial]
