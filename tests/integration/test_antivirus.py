"""The clamd client against a clamd that misbehaves on purpose, and against the real one."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.clamd import (
    VERSION_ALONE,
    VERSION_DATED,
    Script,
    answering,
    deaf,
    dying,
    eicar,
    fake_clamd,
    full,
    hanging,
    hasty,
    received,
    running_clamd,
    signature,
)
from support.patience import patience_s

from relay.errors import Unavailable
from relay.inbound import antivirus
from relay.inbound.antivirus import Clamd, Clean, Infected, Place, Version


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"stream: OK\0", Clean()),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Infected("Win.Test.EICAR_HDB-1")),
        (b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0", Infected("Heuristics.Limits.Exceeded.MaxScanSize")),
    ],
)
async def test_two_answers_are_understood(answer: bytes, expected: Clean | Infected, tmp_path: Path) -> None:
    async with fake_clamd(answering(answer), tmp_path) as (_, at):
        assert await Clamd(at).scan(b"content") == expected


@pytest.mark.parametrize("octets", [0, 1, 256 * 1024, 256 * 1024 + 1, 1_000_000])
async def test_the_content_arrives_whole(octets: int, tmp_path: Path) -> None:
    content, seen = os.urandom(octets), []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await received(reader))
        writer.write(b"stream: OK\0")

    async with fake_clamd(script, tmp_path) as (_, at):
        assert await Clamd(at).scan(content) == Clean()
    assert seen == [content]


@pytest.mark.parametrize("octets", [10, 3_000_000])
@pytest.mark.parametrize(
    "script",
    [
        hanging,
        deaf,
        dying,
        full,
        answering(b""),
        answering(b"stream: OK"),  # ends without the NUL
        answering(b"PONG\0"),
        answering(b"stream: OK\nstream: OK\0"),
        answering(b"stream:  FOUND\0"),
        answering(b"stream: Can't allocate memory ERROR\0"),
        answering(b"OK\0"),
        answering(b"\xff\xfe\0"),
        answering(b"x" * 20_000 + b"\0"),
    ],
)
async def test_whatever_else_happens_is_never_clean(script: Script, octets: int, tmp_path: Path) -> None:
    """FAULT-66."""
    async with fake_clamd(script, tmp_path) as (_, at):
        client = Clamd(at, total_s=0.1)
        with pytest.raises(Unavailable):
            await client.scan(b"x" * octets)
        assert (client.stats.clean, client.stats.unavailable) == (0, 1)


async def test_an_ok_to_what_was_not_sent_yet_is_not_clean(tmp_path: Path) -> None:
    async with fake_clamd(hasty, tmp_path) as (_, at):
        with pytest.raises(Unavailable):
            await Clamd(at, total_s=1).scan(b"x" * 3_000_000)


async def test_the_answer_to_too_much_is_seen_while_sending(tmp_path: Path) -> None:
    """faults.md 5.8: otherwise the client would wait for its time to pass."""
    async with fake_clamd(full, tmp_path) as (_, at):
        async with asyncio.timeout(patience_s):
            with pytest.raises(Unavailable, match="reports an error"):
                await Clamd(at, total_s=60).scan(b"x" * 30_000_000)


async def test_nobody_listening_is_unavailable(tmp_path: Path) -> None:
    for at in (Place(path=str(tmp_path / "none")), Place(host="127.0.0.1", port=1)):
        client = Clamd(at)
        for question in (client.scan(b"x"), client.ping(), client.version()):
            with pytest.raises(Unavailable, match="cannot be reached"):
                await question


@pytest.mark.slow
async def test_after_three_failures_in_a_row_nobody_waits_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-66: the breaker."""
    monkeypatch.setattr(antivirus, "pause_s", 2.0)
    async with fake_clamd(hanging, tmp_path) as (fake, at):
        client = Clamd(at, total_s=0.1)
        for _ in range(5):
            with pytest.raises(Unavailable):
                await client.scan(b"x")
        assert fake.scans == 3
        fake.script = answering(b"stream: OK\0")
        async with asyncio.timeout(patience_s):
            while fake.scans == 3:
                with suppress(Unavailable):
                    assert await client.scan(b"x") == Clean()
                await asyncio.sleep(0.02)
        assert await client.scan(b"y") == Clean()


async def test_an_error_about_one_content_is_no_failure_of_clamd(tmp_path: Path) -> None:
    async with fake_clamd(answering(b"INSTREAM size limit exceeded. ERROR\0"), tmp_path) as (fake, at):
        client = Clamd(at)
        for _ in range(5):
            with pytest.raises(Unavailable):
                await client.scan(b"x")
        assert fake.scans == 5


async def test_scans_at_once_are_bounded_and_large_ones_leave_room_for_small_ones(tmp_path: Path) -> None:
    """PERF-9."""
    gate = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(await received(reader)) > 100:
            await gate.wait()
        writer.write(b"stream: OK\0")

    async with fake_clamd(script, tmp_path) as (fake, at):
        client = Clamd(at, scans_max=4, small_octets=100)
        large = [asyncio.create_task(client.scan(bytes([number]) * 200)) for number in range(6)]
        async with asyncio.timeout(patience_s):
            while fake.scans < 2:
                await asyncio.sleep(0.001)
            small = await asyncio.gather(*(client.scan(b"%d" % number) for number in range(20)))
        assert small == [Clean()] * 20
        assert not any(task.done() for task in large)
        gate.set()
        await asyncio.gather(*large)
        assert fake.at_once_max <= 4


async def test_what_one_database_found_clean_is_not_scanned_again_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fake_clamd(answering(b"stream: OK\0"), tmp_path, VERSION_DATED) as (fake, at):
        client = Clamd(at, remembered_max=2)
        for content in (b"a", b"a", b"b", b"a"):
            assert await client.scan(content) == Clean()
        assert (fake.scans, client.stats.remembered) == (2, 2)
        await client.scan(b"c")  # b is forgotten: it was seen longest ago
        await client.scan(b"a")
        assert fake.scans == 3
        monkeypatch.setattr(antivirus, "database_known_for_s", 0)
        fake.version = VERSION_DATED.replace(b"27500", b"27501")
        fake.script = answering(b"stream: New.Signature FOUND\0")
        client._database_until = 0
        for _ in range(2):
            assert await client.scan(b"a") == Infected("New.Signature")


async def test_private_signatures_alone_have_no_date_so_nothing_is_remembered(tmp_path: Path) -> None:
    async with fake_clamd(answering(b"stream: OK\0"), tmp_path, VERSION_ALONE) as (fake, at):
        client = Clamd(at)
        await client.scan(b"a")
        await client.scan(b"a")
        assert fake.scans == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (VERSION_ALONE, Version("1.4.6", None, None)),
        (VERSION_DATED, Version("1.4.6", 27500, datetime(2026, 1, 5, 8, 30, 1, tzinfo=UTC))),
        (b"ClamAV 1.4.6/27500/some other day or other\0", None),
        (b"something else\0", None),
    ],
)
async def test_the_version_tells_the_age_of_the_signatures(answer: bytes, expected: Version | None, tmp_path: Path) -> None:
    async with fake_clamd(hanging, tmp_path, answer) as (_, at):
        if expected is None:
            with pytest.raises(Unavailable):
                await Clamd(at).version()
        else:
            assert await Clamd(at).version() == expected


@pytest.mark.slow
async def test_the_real_clamd_knows_the_test_virus_and_its_limits(tmp_path: Path) -> None:
    """FAULT-65, FAULT-66."""
    with running_clamd(tmp_path, stream_max="2M") as at:
        client = Clamd(Place(path=at.removeprefix("unix:")))
        await client.ping()
        assert (await client.version()).database is None
        assert await client.scan(b"Subject: a\r\n\r\nb\r\n") == Clean()
        assert await client.scan(b"") == Clean()
        assert await client.scan(eicar()) == Infected(f"{signature}.UNOFFICIAL")
        assert await client.scan(b"x" * 1_900_000) == Clean()
        with pytest.raises(Unavailable):
            await client.scan(os.urandom(9_000_000))
        assert await client.scan(b"x" * 1_900_000 + eicar()) == Infected(f"{signature}.UNOFFICIAL")
        many = await asyncio.gather(*(client.scan(b"%d" % number + eicar() * (number % 2)) for number in range(40)))
        assert many == [Clean(), Infected(f"{signature}.UNOFFICIAL")] * 20
    with pytest.raises(Unavailable):
        await client.scan(b"x")
