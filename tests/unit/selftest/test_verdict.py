"""What became of a trap, and whether that is as it should be; and the table of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from support.trap_scene import READER, SCENE, WRITER

from relay.message.leaks import Finding, Kind
from relay.selftest.plan import Posting
from relay.selftest.post import Posted
from relay.selftest.report import SECTIONS, Report, number
from relay.selftest.sink import Arrival
from relay.selftest.traps import TRAPS, Fate, Trap
from relay.selftest.verdict import Result, Trouble, result
from relay.store.outcomes import ShareOutcome
from relay.transit.crossing import Fate as Decided
from relay.values import MessageId, Role

MESSAGE: Final = MessageId("0" * 26)
CLEAN: Final = f"From: Ann <{WRITER.alias}>\r\nTo: <{READER.alias}>\r\n\r\nat nine\r\n"


def trap(fate: Fate = Fate.DELIVERED, row: str = "LEAK-1", name: str = "LEAK-1 a trap") -> Trap:
    return Trap(name, row, "", lambda scene: b"", fate, keeps=("at nine",))


def sent(one: Trap, *, message: MessageId | None = MESSAGE, reply: str = "250 2.6.0 Accepted") -> Posted:
    return Posted(Posting(one, Role.PARTNER, 0, 1), SCENE, message, reply, b"")


def became(fate: Decided, reason: str | None = None, *findings: Finding) -> ShareOutcome:
    return ShareOutcome(MESSAGE, 0, fate, reason, "", findings, is_dropped=False, deliveries=())


def arrival(content: str = CLEAN, to: str = READER.address) -> Arrival:
    return Arrival(to, "", content.encode())


def test_a_trap_that_arrives_with_nothing_of_anybody_and_everything_said_is_as_it_should_be() -> None:
    one = result(sent(trap()), became(Decided.PASSED), [arrival()])
    assert (one.fate, one.found, one.missing, one.arrived, one.troubles) == (Fate.DELIVERED, (), (), True, ())


@pytest.mark.parametrize("canary", SCENE.canaries())
def test_whatever_of_either_arrives_has_leaked(canary: str) -> None:
    one = result(sent(trap()), became(Decided.PASSED), [arrival(CLEAN + canary)])
    assert Trouble.LEAKED in one.troubles
    assert canary in {found.canary for found in one.found}


def test_what_was_said_and_cannot_be_read_is_lost() -> None:
    one = result(sent(trap()), became(Decided.PASSED), [arrival(CLEAN.replace("nine", "ten"))])
    assert (one.troubles, one.missing) == ((Trouble.LOST,), ("at nine",))


def test_what_passed_and_never_came_is_lost() -> None:
    assert result(sent(trap()), became(Decided.PASSED), []).troubles == (Trouble.LOST,)


@pytest.mark.parametrize(
    ("decided", "fate", "expected", "troubles"),
    [
        (Decided.REFUSED, Fate.REFUSED, Fate.REFUSED, ()),
        (Decided.HELD, Fate.HELD, Fate.HELD, ()),
        (Decided.ABSORBED, Fate.ABSORBED, Fate.ABSORBED, ()),
        (Decided.HELD, Fate.HELD, Fate.ANY_BUT_LEAKED, ()),
        (Decided.HELD, Fate.HELD, Fate.DELIVERED, (Trouble.OTHERWISE,)),
        (Decided.REFUSED, Fate.REFUSED, Fate.DELIVERED, (Trouble.OTHERWISE,)),
        (Decided.DUPLICATE, Fate.ABSORBED, Fate.DELIVERED, (Trouble.OTHERWISE,)),
    ],
)
def test_a_fate_that_nobody_expected_is_trouble(
    decided: Decided, fate: Fate, expected: Fate, troubles: tuple[Trouble, ...]
) -> None:
    one = result(sent(trap(expected)), became(decided, "leak"), [])
    assert (one.fate, one.troubles) == (fate, troubles)


@pytest.mark.parametrize("passes", [True, False])
def test_what_nobody_can_look_into_passes_where_the_house_decided_so(passes: bool) -> None:
    """GW-46."""
    secret = replace(trap(Fate.REFUSED), is_encrypted=True)
    one = result(replace(sent(secret), scene=replace(SCENE, passes_encrypted=passes)), became(Decided.REFUSED), [])
    assert one.troubles == ((Trouble.OTHERWISE,) if passes else ())


@pytest.mark.parametrize("scanned", [True, False])
def test_what_is_too_deep_for_a_scanner_may_be_refused_where_one_is_required(scanned: bool) -> None:
    """LEAK-55, invariant 7: clamd gives up on it where AlertExceedsMax is set, as it should be."""
    deep = replace(trap(), is_deep=True)
    one = result(replace(sent(deep), scene=replace(SCENE, is_scanned=scanned)), became(Decided.REFUSED), [])
    assert one.troubles == (() if scanned else (Trouble.OTHERWISE,))


def test_a_refusal_in_the_session_is_told_in_its_own_words() -> None:
    one = result(sent(trap(), message=None, reply="554 5.6.0 Message cannot be read safely"), None, [])
    assert (one.fate, one.why) == (Fate.REFUSED, "554 5.6.0 Message cannot be read safely")


def test_what_the_second_reading_found_is_told_with_its_place() -> None:
    one = result(sent(trap()), became(Decided.HELD, "leak", Finding(Kind.ADDRESS, "part 1 text/plain", "raw")), [])
    assert one.why == "leak; address in part 1 text/plain"


def test_a_notice_tells_the_writer_nothing_of_the_reader() -> None:
    """LEAK-86: of their own address the writer may read."""
    clean = result(sent(trap(Fate.REFUSED)), became(Decided.REFUSED, "virus"), [arrival(f"\r\n{WRITER.address}", WRITER.address)])
    assert clean.troubles == ()
    telling = result(sent(trap(Fate.REFUSED)), became(Decided.REFUSED), [arrival(f"\r\n{READER.address}", WRITER.address)])
    assert telling.troubles == (Trouble.LEAKED,)


def test_an_answer_in_the_session_tells_the_writer_nothing_of_the_reader() -> None:
    """LEAK-85"""
    one = result(sent(trap(Fate.REFUSED), message=None, reply=f"550 <{READER.address}> says no"), None, [])
    assert one.troubles == (Trouble.LEAKED,)


def test_the_readers_own_address_in_to_is_what_the_house_asked_for() -> None:
    """GW-40: to_header = "real" """
    real = CLEAN.replace(f"To: <{READER.alias}>", f"To: <{READER.address}>")
    assert result(sent(trap()), became(Decided.PASSED), [arrival(real)], shows_recipient=True).troubles == ()
    assert result(sent(trap()), became(Decided.PASSED), [arrival(real)]).troubles == (Trouble.LEAKED,)
    below = [arrival(real + READER.address)]
    assert result(sent(trap()), became(Decided.PASSED), below, shows_recipient=True).troubles == (Trouble.LEAKED,)


def test_the_table_counts_each_row_in_the_order_of_the_rows() -> None:
    delivered = result(sent(trap(row="LEAK-20", name="b")), became(Decided.PASSED), [arrival()])
    leaked = result(sent(trap(row="LEAK-3", name="a")), became(Decided.PASSED), [arrival(CLEAN + WRITER.address)])
    held = result(sent(trap(row="LEAK-3", name="a")), became(Decided.HELD), [])
    report = Report(("SELF-TEST-1",), (delivered, leaked, held), strays=0, kept_open=False)
    three, twenty = report.rows()
    assert (three.row, three.traps, three.sent, three.delivered, three.held, three.leaked, three.lost) == (
        "LEAK-3",
        1,
        2,
        1,
        1,
        1,
        0,
    )
    assert (twenty.row, twenty.traps, twenty.delivered, twenty.leaked) == ("LEAK-20", 1, 1, 0)
    assert report.total() == replace(report.total(), row="all", traps=2, sent=3, delivered=2, held=1, leaked=1, lost=0)
    assert [kind for _, kind in report.troubles] == [Trouble.LEAKED, Trouble.OTHERWISE]


def test_every_trap_is_in_a_section() -> None:
    assert all(any(number(one.row) in rows for _, rows in SECTIONS.values()) for one in TRAPS)


@pytest.mark.parametrize("row", ["8", "LEAK", "LEAK-", "LEAK-x", "GW-8", "LEAK-²"])
def test_what_is_no_row_is_told_so(row: str) -> None:
    with pytest.raises(ValueError, match="is no row"):
        number(row)


def test_what_is_wrong_with_a_result_is_not_wrong_with_the_next() -> None:
    assert Result(sent(trap()), Fate.DELIVERED, "", arrived=True).troubles == ()
