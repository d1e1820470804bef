"""Who answers each mail with the same words is a robot (GW-28, GW-47, CASE-59)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.world import CUSTOMER_ALIAS, NOW, PARTNER_ALIAS

from relay.inbound import refrains
from relay.inbound.refrains import Refrains, lately, repeated_min, texts_max
from relay.values import Alias

AWAY, ILL = b"away", b"ill"
MINUTE = timedelta(minutes=1)


def answered(heard: Refrains, refrain: bytes | None) -> None:
    """The customer writes, and after that the partner."""
    heard.note(PARTNER_ALIAS, CUSTOMER_ALIAS, None, NOW)
    heard.note(CUSTOMER_ALIAS, PARTNER_ALIAS, refrain, NOW)


def is_robots(heard: Refrains, refrain: bytes | None = AWAY, at: timedelta = MINUTE) -> bool:
    return heard.is_robots(CUSTOMER_ALIAS, refrain, NOW + at)


def test_the_same_words_in_answer_to_each_mail_are_a_robots() -> None:
    heard = Refrains()
    found = []
    for _ in range(repeated_min + 2):
        found.append(is_robots(heard))
        answered(heard, AWAY)
    assert found == [False] * repeated_min + [True, True]
    assert not is_robots(heard, ILL)
    assert not is_robots(heard, None)
    assert not heard.is_robots(PARTNER_ALIAS, AWAY, NOW), "the other one has not said so"


def test_the_same_words_again_and_again_without_an_answer_are_not() -> None:
    """A booking system tells of each change."""
    heard = Refrains()
    for _ in range(10):
        heard.note(CUSTOMER_ALIAS, PARTNER_ALIAS, AWAY, NOW)
    assert not is_robots(heard)


def test_other_words_in_between_make_no_difference_and_words_of_nobody_do_not_count() -> None:
    heard = Refrains()
    for _ in range(repeated_min):
        for refrain in (AWAY, ILL, None):
            answered(heard, refrain)
    assert is_robots(heard)
    assert is_robots(heard, ILL)
    assert not is_robots(heard, None)


def test_after_a_day_it_is_forgotten_and_of_the_future_nothing_is_known() -> None:
    heard = Refrains()
    for _ in range(repeated_min):
        answered(heard, AWAY)
    assert is_robots(heard, at=lately - MINUTE)
    assert not is_robots(heard, at=lately)
    assert not is_robots(heard, at=-MINUTE)


def test_so_many_texts_are_remembered_of_one_alias() -> None:
    """Invariant 12."""
    heard = Refrains()
    for _ in range(repeated_min):
        for number in range(texts_max):
            answered(heard, bytes([number]))
    assert all(is_robots(heard, bytes([number])) for number in range(texts_max))
    answered(heard, AWAY)
    assert [is_robots(heard, bytes([number])) for number in range(texts_max)] == [False] + [True] * (texts_max - 1)


def test_so_many_aliases_are_remembered_and_the_quietest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12."""
    monkeypatch.setattr(refrains, "aliases_max", 4)
    heard = Refrains()
    for _ in range(repeated_min):
        answered(heard, AWAY)
    others = [Alias(f"customer-{number:012x}", "reply.example") for number in range(3)]
    heard.note(others[0], others[1], ILL, NOW)
    assert is_robots(heard)
    heard.note(others[0], others[2], ILL, NOW)
    assert not is_robots(heard)
