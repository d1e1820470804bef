"""The MTA-STS policy that we publish (RFC 8461 §3)."""

from __future__ import annotations

import re
from datetime import timedelta

from relay.inbound.mta_sts import Mode, Policy

POLICY = Policy(Mode.ENFORCE, ("mx1.example.com", "*.example.net"), timedelta(days=7))


def test_the_policy_is_written_as_senders_read_it() -> None:
    assert POLICY.text == ("version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n")


def test_a_policy_that_takes_an_earlier_one_back_names_nobody() -> None:
    assert Policy(Mode.NONE, ("mx1.example.com",), timedelta(hours=1)).text == "version: STSv1\r\nmode: none\r\nmax_age: 3600\r\n"


def test_the_id_is_another_one_whenever_the_policy_is_and_of_the_form_that_the_record_wants() -> None:
    """RFC 8461 §3.1: 1*32(ALPHA / DIGIT)."""
    others = [
        Policy(Mode.TESTING, POLICY.mx, POLICY.max_age),
        Policy(Mode.ENFORCE, POLICY.mx[:1], POLICY.max_age),
        Policy(Mode.ENFORCE, POLICY.mx, timedelta(days=8)),
    ]
    ids = [one.id for one in (POLICY, *others)]
    assert len(set(ids)) == 4
    assert Policy(Mode.ENFORCE, POLICY.mx, POLICY.max_age).id == POLICY.id
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,32}", one) for one in ids)
