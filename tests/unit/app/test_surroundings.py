"""What the doctor examines around the gateway (faults.md 4, 5.8)."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.certificate import self_signed
from support.dns import Zone, serving

from relay.app import surroundings
from relay.settings import Settings
from relay.web.diagnosis import Finding, Health


def settings(**sections: dict[str, object]) -> Settings:
    return Settings(**sections)  # type: ignore[arg-type]  # pydantic reads them


@pytest.mark.parametrize(
    ("listen", "mode", "health"),
    [
        (["127.0.0.1:25"], "off", Health.WARNING),
        (["[::1]:25", "localhost:25"], "off", Health.WARNING),
        (["10.0.0.7:25"], "off", Health.WARNING),
        (["0.0.0.0:25"], "off", Health.FAILED),
        (["127.0.0.1:25", "[::]:25"], "off", Health.FAILED),
        (["1.4.4.8:25"], "off", Health.FAILED),
        (["mx.example.com:25"], "off", Health.FAILED),
        (["0.0.0.0:25"], "enforce", Health.FINE),
    ],
)
def test_a_port_that_is_open_to_the_world_while_nobody_is_proven_is_red(listen: list[str], mode: str, health: Health) -> None:
    found = surroundings.exposure(settings(smtp={"listen": listen}, authentication={"mode": mode}))
    assert found.health is health


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For mx.example.com, for a month."""
    certificate, key = self_signed(tmp_path_factory.mktemp("tls"), "mx.example.com")
    key.chmod(0o640)
    return certificate, key


def test_a_certificate_is_told_before_it_ends(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    file, key = certificate
    tls = {"tls_certificate": file, "tls_key": key, "hostname": "mx.example.com"}
    assert surroundings.tls(settings(smtp=tls)).health is Health.FINE
    assert "not for reply.example.com" in surroundings.tls(settings(smtp={**tls, "hostname": ""})).told
    now = datetime.now(UTC)  # noqa: TID251 - the certificate was made by it
    for after, health in ((20, Health.WARNING), (40, Health.FAILED)):
        monkeypatch.setattr(surroundings, "clock", lambda after=after: now + timedelta(days=after))
        assert surroundings.tls(settings(smtp=tls)).health is health


def test_a_key_that_everybody_can_read_is_told(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    file, key = certificate
    key.chmod(0o644)
    try:
        found = surroundings.tls(settings(smtp={"tls_certificate": file, "tls_key": key, "hostname": "mx.example.com"}))
    finally:
        key.chmod(0o640)
    assert (found.health, found.remedy) == (Health.WARNING, f"chmod o= {key}")


@pytest.mark.parametrize(("free", "health"), [(255, Health.FAILED), (1_000, Health.WARNING), (1_024, Health.FINE)])
def test_a_disk_is_told_before_it_is_full(free: int, health: Health, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "free_octets", lambda directory: free * 2**20)
    found = surroundings.disk(settings(relay={"state_dir": tmp_path}))
    assert found.health is health
    assert f"{free} MiB are free" in found.told


@pytest.fixture
def zone() -> Iterator[Zone]:
    with serving(Zone(ttl_s=0)) as one:
        yield one


def test_a_resolver_that_does_not_answer_is_red_and_a_zone_without_mail_is_told(zone: Zone) -> None:
    asks = settings(authentication={"dns_servers": [zone.server]})

    def found() -> Finding:
        return surroundings.dns(asks)

    assert found().health is Health.WARNING
    zone.put("reply.example.com", "MX", "10 mx.example.com")
    assert (found().health, "not validated" in found().told) == (Health.FINE, True)
    zone.secure.add("reply.example.com")
    assert ", validated" in found().told
    zone.failing.add("reply.example.com")
    assert (found().health, "mail is put off" in found().remedy) == (Health.FAILED, True)


def test_where_nothing_is_looked_up_nobody_is_asked() -> None:
    assert "nothing is looked up" in surroundings.dns(settings(authentication={"mode": "off"})).told


def test_the_scanner_s_sample_is_a_mail_of_the_size_with_the_test_file_at_its_end() -> None:
    made = surroundings.sample(100_000)
    assert 99_900 <= len(made) <= 100_000
    filler, last = email.message_from_bytes(made).get_payload()
    assert b"EICAR-STANDARD-ANTIVIRUS" in last.get_payload(decode=True)
    assert len(filler.get_payload(decode=True)) > 70_000
    assert b"EICAR" not in made


@pytest.mark.parametrize(("state", "health"), [(0, Health.FINE), (5, Health.WARNING), (-1, Health.FINE)])
def test_a_clock_that_follows_nobody_is_told(state: int, health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        def __init__(self, name: None) -> None: ...
        def adjtimex(self, buffer: object) -> int:
            return state

    monkeypatch.setattr(surroundings.ctypes, "CDLL", Library)
    assert surroundings.time_server(settings()).health is health


def test_secrets_of_payments_that_others_can_read_are_told_of(tmp_path: Path) -> None:
    pytest.importorskip("stripe", reason="stripe is not installed")
    for name, secret in (("key", "sk_1"), ("webhook", "whsec_1")):
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)
    section = {"provider": "stripe", "stripe_key_file": tmp_path / "key", "stripe_webhook_secret_file": tmp_path / "webhook"}
    assert surroundings.payments(settings(payments=section)).health is Health.FINE
    (tmp_path / "webhook").chmod(0o644)
    found = surroundings.payments(settings(payments=section))
    assert (found.health, found.remedy) == (Health.WARNING, f"chmod 600 {tmp_path / 'webhook'}")
    assert surroundings.payments(settings()).health is Health.FINE
