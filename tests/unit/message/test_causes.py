"""Six causes behind everything that mail servers say (GW-51, GY-21)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.message.causes import Cause, cause_of, has_code, status_in

FULL, LARGE, WRONG = Cause.MAILBOX_FULL, Cause.TOO_LARGE, Cause.ADDRESS_WRONG
BLOCKED, AWAY, OTHER = Cause.BLOCKED, Cause.SERVER_UNREACHABLE, Cause.OTHER


@pytest.mark.parametrize(
    ("status", "spoken", "expected"),
    [
        ("5.1.1", "", WRONG),
        ("5.1.2", "", WRONG),
        ("5.1.10", "", WRONG),
        ("5.2.1", "", WRONG),
        ("5.2.2", "", FULL),
        ("4.2.2", "", FULL),
        ("5.2.3", "", LARGE),
        ("5.3.4", "", LARGE),
        ("4.4.1", "", AWAY),
        ("5.4.7", "", AWAY),
        ("5.7.1", "", BLOCKED),
        ("5.7.515", "", BLOCKED),
        ("5.4.1", "", WRONG),
        ("5.5.0", "", WRONG),
        ("4.2.1", "", OTHER),
        ("5.0.0", "", OTHER),
        (None, "", OTHER),
        ("5.0.0", "550 5.1.1 sorry", WRONG),
        # a clear phrase beside a vague or stretched code
        ("5.7.1", "550 5.7.1 No such user c18si2365148hub", WRONG),
        ("5.1.1", "552 sorry, mailbox x is over quota temporarily (#5.1.1)", FULL),
        ("5.0.0", "smtp; 452 <a@b.example> Mailbox size limit exceeded", FULL),
        ("5.0.0", "The recipient mailbox has exceeded its disk space limit.", FULL),
        ("5.0.0", "552 5.3.4 Message size exceeds fixed limit", LARGE),
        ("5.2.3", "Exceeded maximum inbound message size", LARGE),
        ("5.0.0", "550 sorry, no mailbox here by that name. (#5.7.17)", WRONG),
        ("5.0.0", "550 Requested action not taken: mailbox unavailable", WRONG),
        ("5.4.4", "Host or domain name not found. Name service error for name=amerimailzzz.lv", WRONG),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", WRONG),
        ("5.0.0", "550-Verification failed; Unrouteable address", WRONG),
        ("5.0.0", "This user doesn\u2019t have a example.com account (a@example.com) [0]", WRONG),
        ("5.7.1", "Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org", BLOCKED),
        ("5.0.0", "554 <b@example.com>: Relay access denied", BLOCKED),
        ("5.0.0", "550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass", BLOCKED),
        ("5.0.0", "550 Virus detected", BLOCKED),
        ("5.0.0", "550 Rejected", BLOCKED),
        ("5.1.0", "550 #5.1.0 Address rejected.", WRONG),
        ("4.4.1", "connect to mx.example[192.0.2.1]:25: Connection timed out", AWAY),
        ("4.4.1", "connect to mx.example[192.0.2.1]:25: Connection refused", AWAY),
        (None, "Das Postfach ist voll", FULL),
        (None, "La boîte aux lettres est pleine", FULL),
        (None, "El buzón está lleno", FULL),
        (None, "Die Nachricht ist zu groß", LARGE),
        (None, "Cette adresse n'existe pas", WRONG),
        (None, "Der Empfänger existiert nicht", WRONG),
        (None, "Użytkownik nieznany", WRONG),
        (None, "utente inesistente", WRONG),
        (None, "Recipient user name info (a@b.example) not unique. Several matches found in Domino Directory.", WRONG),
        (None, "554 mx.example: You've reached your daily relay quota", BLOCKED),
        (None, "554 5.4.6 Too many hops", OTHER),
        (None, "retry timeout exceeded", AWAY),
        (None, "421 try later", AWAY),
        (None, "452 later", FULL),
        (None, "551 elsewhere", WRONG),
        (None, "550 no", OTHER),
    ],
)
def test_the_cause_follows_from_phrase_then_status_then_code(status: str | None, spoken: str, expected: Cause) -> None:
    assert cause_of(status, spoken) is expected


@pytest.mark.parametrize(
    "spoken",
    ["550 <no-spam@quota.example> hm", "550 quota-exceeded@b.example hm", "550 hm, see https://example.com/spam/quota/full"],
)
def test_words_in_addresses_and_links_are_no_words(spoken: str) -> None:
    assert cause_of(None, spoken) is OTHER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("550 5.1.1 unknown", "5.1.1"),
        ("550-5.7.26 no", "5.7.26"),
        ("(#4.4.1)", "4.4.1"),
        ("ends with 5.1.1.", "5.1.1"),
        ("host 5.1.1.7 and 10.5.1.1", None),
        ("Exim 4.94.2", None),
        ("nothing", None),
    ],
)
def test_a_status_is_told_from_versions_and_ip_addresses(text: str, expected: str | None) -> None:
    assert status_in(text) == expected


def test_a_reply_line_has_a_code() -> None:
    assert has_code("  550 Requested action not taken")
    assert has_code("sorry (#5.1.1)")
    assert not has_code("I tried 550times at 10.4.4.1")


@pytest.mark.parametrize("piece", ["a", "<", "@", "user ", "exceed", "violat", "mailbox ", "http://", "5.", "\u2019", "detect"])
def test_hostile_words_cost_bounded_time(piece: str) -> None:
    """Invariant 12. A megabyte is cut before anything looks at it."""
    began = time.process_time()
    cause_of(None, piece * (1_000_000 // len(piece)))
    assert time.process_time() - began < 1.0


@given(st.text(max_size=400), st.from_regex(r"[245]\.[0-7]\.[0-9]{1,3}", fullmatch=True) | st.none())
def test_whatever_is_said_has_one_of_the_causes(spoken: str, status: str | None) -> None:
    assert cause_of(status, spoken) in Cause
