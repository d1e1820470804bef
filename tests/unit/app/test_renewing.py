"""A certificate whose files have changed is taken up by itself, and what cannot be used is told of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.certificate import self_signed

from relay.app import renewing
from relay.inbound.tls import Certificate


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(*self_signed(tmp_path))


def looked(certificate: Certificate, times: int) -> list[str]:
    """What the log says of so many looks."""
    with capture_logs() as lines:
        for _ in range(times):
            renewing.look(certificate)
    return [str(line["event"]) for line in lines]


def test_what_has_changed_is_taken_up_once(certificate: Certificate) -> None:
    assert looked(certificate, 3) == []
    self_signed(certificate.chain.parent)
    assert looked(certificate, 4) == ["certificate.renewed"]


def test_what_cannot_be_used_is_told_of_once_and_taken_up_when_it_was_set_right(certificate: Certificate) -> None:
    right = certificate.key.read_bytes()
    context = certificate.context()
    certificate.key.write_bytes(b"half of it")
    assert looked(certificate, 4) == ["certificate.refused"]
    assert certificate.context() is context
    [warning] = renewing.warnings(certificate, certificate.expires_at - timedelta(days=20))
    assert warning.startswith("the renewed certificate is not in use: smtp.tls_certificate, smtp.tls_key: ")
    certificate.key.write_bytes(right)
    assert looked(certificate, 4) == ["certificate.renewed"]
    assert renewing.warnings(certificate, certificate.expires_at - timedelta(days=20)) == ()


@pytest.mark.parametrize(("days", "said"), [(14.01, []), (14, ["expires on"]), (0.01, ["expires on"]), (0, ["expired on"])])
def test_its_end_is_told_two_weeks_before(days: float, said: list[str], certificate: Certificate) -> None:
    told = renewing.warnings(certificate, certificate.expires_at - timedelta(days=days))
    assert [one.removeprefix("smtp.tls_certificate: ")[:10] for one in told] == said
    assert renewing.warnings(None, certificate.expires_at) == ()
