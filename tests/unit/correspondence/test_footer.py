"""The words under a message that crosses (GW-44, GY-26)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from relay.correspondence.footer import footer_lines
from relay.correspondence.house import House
from relay.values import Language

HOUSE = House("Example Travel", "reply.example.com", "https://example.com/support")
CLOSES = datetime(2026, 6, 17, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", Language)
def test_the_footer_says_how_to_answer_until_when_and_where_help_is(language: Language) -> None:
    """GY-7, GY-26"""
    lines = footer_lines(language, CLOSES, HOUSE)
    text = "\n".join(lines)
    assert len(lines) <= 4
    assert HOUSE.brand in lines[0]
    assert "17" in lines[1]
    assert "2026, 22:00 UTC" in lines[1]
    assert lines[2].endswith(HOUSE.support_url)
    assert "{" not in text
    assert "@" not in text
    assert not any("\n" in line for line in lines)


def test_each_language_has_its_own_footer() -> None:
    assert len({footer_lines(language, CLOSES, HOUSE) for language in Language}) == len(Language)


def test_the_footer_is_the_same_every_time_so_that_it_is_found_when_quoted() -> None:
    assert footer_lines(Language.DE, CLOSES, HOUSE) == footer_lines(Language.DE, CLOSES, HOUSE)
    assert footer_lines(Language.DE, CLOSES, HOUSE)[1] == (
        "Um zu antworten, antworten Sie einfach auf diese Nachricht. Das ist bis zum 17. Juni 2026, 22:00 UTC möglich."
    )
