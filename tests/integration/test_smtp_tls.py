"""STARTTLS (RFC 3207)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.certificate import self_signed
from support.smtp_house import CUSTOMER, QUICK, smtp_house

from relay.errors import WrongConfiguration
from relay.inbound.tls import server_context


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(files: tuple[Path, Path]) -> ssl.SSLContext:
    return server_context(*files)


@pytest.fixture
def client_side(files: tuple[Path, Path]) -> Callable[[], ssl.SSLContext]:
    return lambda: ssl.create_default_context(cafile=str(files[0]))


async def test_tls_is_offered_and_everything_begins_anew_after_it(
    server: ssl.SSLContext, client_side: Callable[[], ssl.SSLContext]
) -> None:
    async with smtp_house(tls=server) as house, house.client() as client:
        assert "STARTTLS" in (await client.hello()).lines
        await client.begin(str(CUSTOMER))
        assert (await client.command("STARTTLS")).codes == "220 2.0.0"
        await client.start_tls(client_side())
        assert (await client.command("MAIL FROM:<a@b.example>")).codes == "503 5.5.1"
        assert "STARTTLS" not in (await client.hello()).lines
        assert (await client.command("DATA")).codes == "503 5.5.1"
        assert (await client.deliver(b"a: b\r\n" * 100_000, str(CUSTOMER))).code == 250
        assert house.acceptor.taken[0].tls
        assert (await client.command("QUIT")).code == 221
        assert await client.is_closed()


async def test_starttls_twice_or_before_ehlo_is_refused_and_the_session_survives(
    server: ssl.SSLContext, client_side: Callable[[], ssl.SSLContext]
) -> None:
    """FAULT-37."""
    async with smtp_house(tls=server) as house, house.client() as client:
        assert (await client.command("STARTTLS")).codes == "503 5.5.1"
        await client.hello()
        assert (await client.command("STARTTLS now")).codes == "501 5.5.4"
        await client.command("STARTTLS")
        await client.start_tls(client_side())
        await client.hello()
        assert (await client.command("STARTTLS")).codes == "503 5.5.1"
        assert (await client.command("NOOP")).code == 250


async def test_what_is_pipelined_behind_starttls_is_never_obeyed(server: ssl.SSLContext) -> None:
    """FAULT-36: an attacker on the way could have put it there."""
    async with smtp_house(tls=server) as house, house.client() as client:
        await client.hello()
        await client.send(b"STARTTLS\r\nEHLO injected.example\r\nNOOP\r\n")
        assert (await client.answer()).codes == "501 5.5.1"
        assert await client.is_closed()


@pytest.mark.parametrize("garbage", [b"EHLO plain.example\r\n", b"\x16\x03\x01\x00\x05hello", b"\0" * 100])
async def test_a_handshake_of_garbage_closes_with_one_line_in_the_log(server: ssl.SSLContext, garbage: bytes) -> None:
    """FAULT-38."""
    with capture_logs() as lines:
        async with smtp_house(tls=server) as house, house.client() as client:
            await client.hello()
            await client.command("STARTTLS")
            await client.send(garbage)
            client.end_of_input()
            await house.until_connections(0)
            assert house.server.stats.tls_handshakes_failed == 1
    assert [line["event"] for line in lines] == ["smtp.session"]
    assert str(lines[0]["cut"]).startswith("TLS handshake")


async def test_a_handshake_that_never_comes_is_cut(server: ssl.SSLContext) -> None:
    """FAULT-38."""
    async with smtp_house(replace(QUICK, handshake_s=0.05), tls=server) as house, house.client() as client:
        await client.hello()
        await client.command("STARTTLS")
        assert await client.is_closed()
        await house.until_connections(0)


async def test_a_client_that_vanishes_under_tls_leaves_nothing(
    server: ssl.SSLContext, client_side: Callable[[], ssl.SSLContext]
) -> None:
    async with smtp_house(tls=server) as house:
        async with house.client() as client:
            await client.hello()
            await client.command("STARTTLS")
            await client.start_tls(client_side())
            await client.hello()
            await client.begin(str(CUSTOMER))
            await client.command("DATA")
            await client.send(b"Subject: a\r\n")
            await client.abort()
        await house.until_connections(0)
        assert house.acceptor.begun == 0


async def test_an_idle_client_under_tls_is_told_when_its_time_is_over(
    server: ssl.SSLContext, client_side: Callable[[], ssl.SSLContext]
) -> None:
    async with smtp_house(replace(QUICK, command_s=0.5), tls=server) as house, house.client() as client:
        await client.hello()
        await client.command("STARTTLS")
        await client.start_tls(client_side())
        assert (await client.answer()).codes == "421 4.4.2"
        assert await client.is_closed()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")  # the old version is what this is about
async def test_old_versions_of_tls_are_refused(server: ssl.SSLContext, client_side: Callable[[], ssl.SSLContext]) -> None:
    """FAULT-39."""
    assert server.minimum_version == ssl.TLSVersion.TLSv1_2
    assert server.options & ssl.OP_NO_RENEGOTIATION
    old = client_side()
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    async with smtp_house(tls=server) as house, house.client() as client:
        await client.hello()
        await client.command("STARTTLS")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await client.start_tls(old)
        await house.until_connections(0)
        assert house.server.stats.tls_handshakes_failed == 1


def test_a_certificate_that_cannot_be_used_is_a_fault_of_the_configuration(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = self_signed(tmp_path)
    for certificate, key in [(files[0], tmp_path / "missing"), (files[0], other[1]), (files[1], files[0])]:
        with pytest.raises(WrongConfiguration, match=r"smtp\.tls_certificate"):
            server_context(certificate, key)


async def test_draining_reaches_sessions_under_tls(server: ssl.SSLContext, client_side: Callable[[], ssl.SSLContext]) -> None:
    async with smtp_house(tls=server) as house, house.client() as client:
        await client.hello()
        await client.command("STARTTLS")
        await client.start_tls(client_side())
        await client.hello()
        drained = asyncio.create_task(house.server.drain(5))
        assert (await client.answer()).codes == "421 4.3.2"
        assert await client.is_closed()
        assert await drained
