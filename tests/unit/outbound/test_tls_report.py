"""Counting how sessions were protected (RFC 8460)."""

from __future__ import annotations

import ssl
from datetime import date

import pytest
from support.deliveries import START, FakeTime

from relay.outbound.tls_report import Finding, Followed, Tallies, Told, finding_of, sorts_max


def test_what_happened_is_counted_by_day_domain_policy_and_result_until_it_is_taken() -> None:
    time = FakeTime()
    tallies = Tallies(time.now)
    for _ in range(3):
        tallies.note("a.example", Followed.STS, Finding.SUCCESS)
    tallies.note("a.example", Followed.STS, Finding.CERTIFICATE_EXPIRED)
    time.advance(days=1)
    tallies.note("a.example", Followed.STS, Finding.SUCCESS)
    assert tallies.taken() == {
        Told(date(2026, 5, 1), "a.example", Followed.STS, Finding.SUCCESS): 3,
        Told(date(2026, 5, 1), "a.example", Followed.STS, Finding.CERTIFICATE_EXPIRED): 1,
        Told(date(2026, 5, 2), "a.example", Followed.STS, Finding.SUCCESS): 1,
    }
    assert tallies.taken() == {}


def test_what_could_not_be_written_down_is_there_the_next_time() -> None:
    tallies = Tallies(lambda: START)
    tallies.note("a.example", Followed.NONE, Finding.SUCCESS)
    taken = tallies.taken()
    tallies.note("a.example", Followed.NONE, Finding.SUCCESS)
    tallies.give_back(taken)
    assert list(tallies.taken().values()) == [2]


def test_only_so_many_sorts_are_counted() -> None:
    tallies = Tallies(lambda: START)
    for n in range(sorts_max + 10):
        tallies.note(f"d{n}.example", Followed.NONE, Finding.SUCCESS)
    tallies.note("d0.example", Followed.NONE, Finding.SUCCESS)
    taken = tallies.taken()
    assert (len(taken), sum(taken.values())) == (sorts_max, sorts_max + 1)
    tallies.give_back(taken)
    assert len(tallies.taken()) == sorts_max


def unverified(code: int) -> ssl.SSLCertVerificationError:
    broke = ssl.SSLCertVerificationError("no")
    broke.verify_code = code
    return broke


@pytest.mark.parametrize(
    ("broke", "expected"),
    [
        (unverified(10), Finding.CERTIFICATE_EXPIRED),
        (unverified(62), Finding.CERTIFICATE_HOST_MISMATCH),
        (unverified(18), Finding.CERTIFICATE_NOT_TRUSTED),
        (unverified(20), Finding.CERTIFICATE_NOT_TRUSTED),
        (unverified(99), Finding.VALIDATION_FAILURE),
        (ssl.SSLError("wrong version number"), Finding.VALIDATION_FAILURE),
        (TimeoutError(), Finding.VALIDATION_FAILURE),
    ],
)
def test_a_handshake_that_failed_is_counted_as_reports_name_it(broke: BaseException, expected: Finding) -> None:
    """RFC 8460 §4.3, also where a library put an exception of its own around it."""
    around = RuntimeError("around")
    around.__cause__ = broke
    assert finding_of(broke) is finding_of(around) is expected
