"""Certificates that a host's own zone vouches for (RFC 7672)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from support.certificate import Issued, an_authority

from relay.outbound.dane import Pin, chain_max, holds, records_max, usable

HOST = "mx.customer.example"
NOW = datetime.now(UTC)  # noqa: TID251 - the certificates are made now

AUTHORITY = an_authority()
BETWEEN = AUTHORITY.issue(authority=True)
OWN = BETWEEN.issue(HOST)
STRANGER = an_authority().issue(HOST)
FORMS = {
    0: lambda octets: octets,
    1: lambda octets: hashlib.sha256(octets).digest(),
    2: lambda octets: hashlib.sha512(octets).digest(),
}


def tlsa(usage: int, selector: int, matching: int, issued: Issued) -> str:
    """The record that vouches for a certificate."""
    return f"{usage} {selector} {matching} {FORMS[matching](issued.public_key if selector else issued.der).hex()}"


@pytest.mark.parametrize("matching", [0, 1, 2])
@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize(("usage", "vouched"), [(3, OWN), (2, BETWEEN), (2, AUTHORITY)], ids=["own", "between", "root"])
def test_a_certificate_counts_when_a_record_vouches_for_it_or_for_an_authority_above(
    usage: int, vouched: Issued, selector: int, matching: int
) -> None:
    """RFC 7671 §5.1, §5.2: by certificate or key, as a whole or by either hash; and for nobody else's."""
    pins = usable([tlsa(usage, selector, matching, vouched)])
    assert len(pins) == 1
    assert holds(OWN.chain, pins, (HOST,), NOW)
    assert not holds(STRANGER.chain, pins, (HOST,), NOW)


def test_an_authority_that_stands_in_the_record_as_a_whole_need_not_be_shown() -> None:
    """RFC 7671 §5.2: one that stands there by its hash or its key alone has to be."""
    shown = OWN.chain[:2]
    assert holds(shown, usable([tlsa(2, 0, 0, AUTHORITY)]), (HOST,), NOW)
    assert not holds(shown, usable([tlsa(2, 0, 1, AUTHORITY)]), (HOST,), NOW)
    assert not holds(shown, usable([tlsa(2, 1, 0, AUTHORITY)]), (HOST,), NOW)


@pytest.mark.parametrize(
    ("issued", "names", "usage", "expected"),
    [
        (AUTHORITY.issue("other.example"), (HOST,), 2, False),
        (AUTHORITY.issue("other.example"), (HOST,), 3, True),
        (AUTHORITY.issue("customer.example"), (HOST, "customer.example"), 2, True),
        (AUTHORITY.issue("*.customer.example"), (HOST,), 2, True),
        (AUTHORITY.issue("*.example"), (HOST,), 2, False),
        (AUTHORITY.issue("MX.Customer.Example"), (HOST,), 2, True),
        (AUTHORITY.issue(HOST, days=(-20, -10)), (HOST,), 2, False),
        (AUTHORITY.issue(HOST, days=(-20, -10)), (HOST,), 3, True),
        (AUTHORITY.issue(HOST, days=(10, 20)), (HOST,), 2, False),
        (AUTHORITY.issue(authority=True), (HOST,), 2, False),
    ],
    ids=["name", "name does not matter", "domain", "wildcard", "wildcard above", "case", "expired", "expired does not matter",
         "not yet", "no name"],
)  # fmt: skip
def test_names_and_times_matter_below_an_authority_alone(
    issued: Issued, names: tuple[str, ...], usage: int, expected: bool
) -> None:
    """RFC 7672 §3.1.1, §3.1.2"""
    pins = usable([tlsa(usage, 1, 1, issued if usage == 3 else AUTHORITY)])
    assert holds(issued.chain, pins, names, NOW) is expected


def test_a_certificate_that_is_no_authority_vouches_for_nobody() -> None:
    """Whoever has a certificate of a host there would otherwise make them for all others."""
    host = AUTHORITY.issue("other.example")
    forged = host.issue(HOST)
    assert not holds(forged.chain, usable([tlsa(2, 1, 1, AUTHORITY)]), (HOST,), NOW)


def test_an_authority_between_must_be_in_time() -> None:
    late = AUTHORITY.issue(authority=True, days=(-20, -10))
    assert not holds(late.issue(HOST).chain, usable([tlsa(2, 1, 1, AUTHORITY)]), (HOST,), NOW)
    assert holds(OWN.chain, usable([tlsa(2, 1, 1, AUTHORITY)]), (HOST,), NOW + timedelta(days=29))


@pytest.mark.parametrize(
    "record",
    [
        "0 0 1 " + "ab" * 32,
        "1 1 1 " + "ab" * 32,
        "3 2 1 " + "ab" * 32,
        "3 1 3 " + "ab" * 32,
        "3 1 1 " + "ab" * 31,
        "3 1 2 " + "ab" * 32,
        "3 1 0 ",
        "3 1",
        "",
        "255 255 255 00",
    ],
)
def test_a_record_that_says_nothing_to_us_is_passed_over(record: str) -> None:
    """RFC 7672 §3.1.3: the usages of public authorities too."""
    assert usable([record]) == ()
    assert usable([record, "3 1 1 " + "ab" * 32]) == (Pin(3, 1, 1, b"\xab" * 32),)


@pytest.mark.parametrize("chain", [(), (b"",), (b"\x30\x82nonsense",), (OWN.der[:-20],)])
def test_what_is_no_certificate_is_vouched_for_by_nobody(chain: tuple[bytes, ...]) -> None:
    assert not holds(chain, usable([tlsa(3, 1, 1, OWN)]), (HOST,), NOW)


def test_a_record_that_holds_no_certificate_vouches_for_nobody() -> None:
    assert not holds(OWN.chain, usable(["2 0 0 3003020101"]), (HOST,), NOW)


def test_only_so_many_certificates_and_records_are_looked_at() -> None:
    assert len(usable(["3 1 1 " + "ab" * 32] * (records_max + 10))) == records_max
    long = (OWN.der, *([STRANGER.der] * chain_max), *OWN.chain[1:])
    assert not holds(long, usable([tlsa(2, 1, 1, AUTHORITY)]), (HOST,), NOW)
