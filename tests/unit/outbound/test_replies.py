from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.outbound.replies import Reply, Stage, is_about_destination, kept_text, outcome_of
from relay.transit.delivery import Cause, Deferred, Delivered, Failed

MAIL, RCPT, DATA, DOT, GREETING = Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT, Stage.GREETING


@pytest.mark.parametrize(
    ("code", "text", "stage", "cause"),
    [
        (550, "5.1.1 User unknown", RCPT, Cause.ADDRESS_WRONG),
        (550, "User unknown", RCPT, Cause.ADDRESS_WRONG),
        (553, "sorry, that domain is not in my list", RCPT, Cause.ADDRESS_WRONG),
        (551, "5.1.6 moved", RCPT, Cause.ADDRESS_WRONG),
        (550, "5.1.10 null MX", RCPT, Cause.ADDRESS_WRONG),
        (550, "5.4.1 Recipient address rejected: Access denied", RCPT, Cause.ADDRESS_WRONG),
        (550, "5.2.1 The account is inactive", RCPT, Cause.ADDRESS_WRONG),
        (550, "5.5.0 Requested action not taken: mailbox unavailable", RCPT, Cause.ADDRESS_WRONG),
        (552, "5.2.2 over quota", RCPT, Cause.MAILBOX_FULL),
        (550, "mailbox full", RCPT, Cause.MAILBOX_FULL),  # words say more than the code
        (554, "5.7.1 Recipient address rejected: user unknown", RCPT, Cause.ADDRESS_WRONG),
        (550, "sender address does not exist", MAIL, Cause.BLOCKED),  # ours, before RCPT
        (552, "over quota", DOT, Cause.MAILBOX_FULL),
        (552, "5.3.4 too big", DOT, Cause.TOO_LARGE),
        (552, "5.2.3 exceeded Google's message size limits", DOT, Cause.TOO_LARGE),
        (552, "size exceeds fixed limit", MAIL, Cause.TOO_LARGE),
        (550, "5.7.1 Service unavailable, client host blocked", RCPT, Cause.BLOCKED),
        (550, "5.7.515 Access denied, does not meet the required authentication level", DOT, Cause.BLOCKED),
        (552, "5.7.0 This message was blocked because its content presents a risk", DOT, Cause.BLOCKED),
        (554, "Transaction failed", DOT, Cause.BLOCKED),
        (550, "spam", DOT, Cause.BLOCKED),
        (550, "sender verify failed", MAIL, Cause.BLOCKED),
        (550, "5.1.8 sender domain does not exist", MAIL, Cause.BLOCKED),
        (550, "5.4.4 Unable to route", RCPT, Cause.SERVER_UNREACHABLE),
        (554, "5.4.6 loop", RCPT, Cause.OTHER),
        (554, "5.6.0 message malformed", DOT, Cause.OTHER),
        (555, "5.5.4 unsupported parameter", MAIL, Cause.OTHER),
    ],
)
def test_a_permanent_refusal_has_one_of_six_causes(code: int, text: str, stage: Stage, cause: Cause) -> None:
    """GW-51, CASE-48: words and the enhanced code first, then the code by the step at which it came."""
    assert outcome_of(Reply(code, text), stage) == Failed(cause, code, text)


@pytest.mark.parametrize(
    ("code", "text", "stage", "cause"),
    [
        (450, "4.2.1 receiving mail too quickly", RCPT, Cause.OTHER),
        (452, "4.2.2 over quota", RCPT, Cause.MAILBOX_FULL),
        (451, "4.7.1 greylisted", RCPT, Cause.BLOCKED),
        (451, "local error", DOT, Cause.OTHER),
        (421, "closing", DOT, Cause.SERVER_UNREACHABLE),
        (450, "4.4.1 no answer from host", RCPT, Cause.SERVER_UNREACHABLE),
        (554, "no service", GREETING, Cause.SERVER_UNREACHABLE),
        (554, "5.7.1 blocked", GREETING, Cause.BLOCKED),
        (530, "5.7.0 STARTTLS first", MAIL, Cause.BLOCKED),
        (503, "5.5.1 out of order", RCPT, Cause.OTHER),
        (250, "2.0.0 out of place", DATA, Cause.OTHER),
    ],
)
def test_what_is_not_an_answer_about_this_message_for_good_is_tried_again(
    code: int, text: str, stage: Stage, cause: Cause
) -> None:
    """FAULT-88: a host that refuses everybody, or complains of the dialogue, has refused no mailbox."""
    assert outcome_of(Reply(code, text), stage) == Deferred(cause, code, text)


def test_only_a_yes_after_the_dot_is_a_delivery() -> None:
    assert outcome_of(Reply(250, "2.0.0 taken"), DOT) == Delivered(250, "2.0.0 taken")


@given(st.integers(200, 599), st.text(max_size=40), st.sampled_from(Stage))
def test_no_reply_is_beyond_understanding(code: int, text: str, stage: Stage) -> None:
    outcome = outcome_of(Reply(code, text), stage)
    assert not isinstance(outcome, Delivered) or (stage is DOT and 200 <= code < 300)
    assert not isinstance(outcome, Failed) or code >= 500


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Deferred(Cause.SERVER_UNREACHABLE, 421, "4.3.2 busy"), True),
        (Deferred(Cause.OTHER, 452, "4.3.1 no space"), True),
        (Deferred(Cause.OTHER, 452, "no space"), True),
        (Deferred(Cause.BLOCKED, 450, "4.7.28 unusual rate"), True),
        (Deferred(Cause.OTHER, 451, "4.7.500 Server busy. Please try again later"), True),
        (Deferred(Cause.OTHER, 451, "4.7.650 rate limited"), True),
        (Deferred(Cause.BLOCKED, 451, "4.7.699 Access denied, please try again later"), True),
        (Deferred(Cause.BLOCKED, 451, "4.7.5 no TLS"), False),
        (Deferred(Cause.BLOCKED, 451, "4.7.700 whatever that may be"), False),
        (Deferred(Cause.MAILBOX_FULL, 452, "4.2.2 over quota"), False),
        (Deferred(Cause.BLOCKED, 451, "4.7.1 greylisted"), False),
        (Deferred(Cause.OTHER, 450, "4.2.1 too quickly for this mailbox"), False),
        (Deferred(Cause.SERVER_UNREACHABLE, None, "connection lost"), False),
        (Failed(Cause.BLOCKED, 550, "4.7.28 unusual rate"), False),
        (Delivered(250, "4.7.28"), False),
    ],
)
def test_a_destination_that_has_had_enough_is_told_from_a_mailbox_that_has(
    outcome: Delivered | Deferred | Failed, expected: bool
) -> None:
    """FAULT-93."""
    assert is_about_destination(outcome) is expected


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"5.1.1 no", "5.1.1 no"),
        (b"5.1.1 <ana@customer.example>: unknown", "5.1.1 <<address>>: unknown"),
        ("für jürgen@müller.example nicht".encode(), "für <address> nicht"),
        (b"ana@customer.example,bob@customer.example", "<address>,<address>"),
        (b"esc \x1b[2J nul \x00 high \xff", "esc \\x1b[2J nul \\x00 high \\xff"),
        ("turned \u202e round".encode(), "turned \\u202e round"),
        (b"x" * 1_000_000, "x" * 500),
        (b"", ""),
    ],
)
def test_what_is_kept_of_a_reply_is_bounded_printable_and_free_of_addresses(raw: bytes, kept: str) -> None:
    """FAULT-95."""
    assert kept_text(raw) == kept


@given(st.binary(max_size=3000))
def test_whatever_a_server_says_is_kept_safely(raw: bytes) -> None:
    text = kept_text(raw)
    assert len(text) <= 500
    assert text.isprintable()


def test_hostile_replies_take_linear_time() -> None:
    """A pattern that backtracks would be seen here without a clock."""
    for raw in (b"a" * 2000, b"a@" * 1000, b"@" * 2000, b"<" * 2000):
        for _ in range(100):
            assert len(kept_text(raw)) <= 500


def test_replies_do_not_print_their_text() -> None:
    assert "ana" not in repr(Reply(550, "5.1.1 ana is unknown"))
