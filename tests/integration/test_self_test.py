"""`relay self-test` against a gateway that runs: an operator proves on their own that nobody is revealed (leaks.md)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from support.gateway import RELAY, Gateway, free_port
from support.sink import Sink
from support.smtp import SmtpClient

from relay.selftest.traps import TRAPS

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

ends_within_s: Final = 300


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def route() -> AsyncIterator[Sink]:
    """The installation's own way out, which nothing of a self-test may take."""
    async with Sink() as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory, route: Sink) -> AsyncIterator[Gateway]:
    """One that runs, for all tests that leave it as it was: its conversations are closed."""
    one = _installed(tmp_path_factory.mktemp("gateway"), route)
    await one.off_loop("start")
    yield one
    assert await one.off_loop("stop") == 0
    one.close()


@pytest_asyncio.fixture(loop_scope="module")
async def other(tmp_path: Path, route: Sink) -> AsyncIterator[Gateway]:
    """One that a test starts as it wants."""
    one = _installed(tmp_path, route)
    yield one
    if one.process is not None:
        assert await one.off_loop("stop") == 0
    one.close()


def _installed(directory: Path, route: Sink) -> Gateway:
    return Gateway(directory, route.port, {"outbound": {"self_test": f"127.0.0.1:{free_port()}"}})


def self_test(gateway: Gateway, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, with all the time that it may need."""
    return subprocess.run(
        [RELAY, "self-test", "--config", str(gateway.config), *words],
        capture_output=True,
        text=True,
        timeout=ends_within_s,
        cwd=gateway.directory,
        env={**os.environ, **environment},
        check=False,
    )


def standings(gateway: Gateway) -> set[tuple[str, str]]:
    return {(one["reference"][:10], one["standing"]) for one in gateway.json("conversation", "list")}


def references(gateway: Gateway) -> set[str]:
    return {one["reference"] for one in gateway.json("conversation", "list")}


async def test_every_trap_goes_through_the_running_gateway_and_nobody_is_revealed(gateway: Gateway, route: Sink) -> None:
    """Invariant 1; all of leaks.md that is about content."""
    done = await asyncio.to_thread(self_test, gateway, "--json")
    told: Any = json.loads(done.stdout)
    assert told["findings"] == []
    assert done.returncode == 0, done.stderr
    total = told["total"]
    assert (total["traps"], total["sent"], total["leaked"], total["lost"]) == (len(TRAPS), 2 * len(TRAPS), 0, 0)
    # Nothing took the installation's own way out, and nothing is left to be decided or delivered.
    assert route.received == []
    assert standings(gateway) == {("SELF-TEST-", "closed")}
    assert await gateway.off_loop("json", "queue", "list") == []
    assert await gateway.off_loop("json", "audit") == []


async def test_it_fails_when_the_gateway_lets_something_through(other: Gateway) -> None:
    """The gateway shows full names, and whoever asks believes that it does not: as after a change without a restart."""
    other.environment = {"RELAY_POLICY__NAMES": "full"}
    await other.off_loop("start")
    done = await asyncio.to_thread(self_test, other, "--json", "--row", "LEAK-1")
    told: Any = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["ok"] is False
    assert told["total"]["leaked"] == told["total"]["sent"] > 0
    assert {"canary": "Brandauer", "place": "header From"} in [found for one in told["findings"] for found in one["found"]]
    shown = await asyncio.to_thread(self_test, other, "--row", "LEAK-1")
    assert "Brandauer in header From" in shown.stdout
    assert "not as they should be" in shown.stderr
    # With the configuration that the gateway has, all is as the house decided.
    honest = await asyncio.to_thread(self_test, other, "--row", "LEAK-1", RELAY_POLICY__NAMES="full")
    assert honest.returncode == 0, honest.stdout


async def test_its_conversations_stay_open_when_that_is_wanted(gateway: Gateway) -> None:
    before = references(gateway)
    done = await asyncio.to_thread(self_test, gateway, "--keep", "--row", "LEAK-3")
    assert done.returncode == 0, done.stderr
    kept = references(gateway) - before
    assert {one["standing"] for one in gateway.json("conversation", "list") if one["reference"] in kept} == {"open"}
    for reference in kept:
        await gateway.off_loop("command", "conversation", "close", reference)


async def test_without_a_gateway_it_says_so_and_leaves_nothing_open(other: Gateway) -> None:
    other.write_config()
    await other.off_loop("command", "migrate")
    done = await asyncio.to_thread(self_test, other)
    assert done.returncode == 1
    assert "no gateway takes mail at" in done.stderr
    assert standings(other) == {("SELF-TEST-", "closed")}


async def test_a_port_that_is_taken_is_told(gateway: Gateway) -> None:
    before = references(gateway)
    at = gateway.changed["outbound"]["self_test"]
    async with Sink(port=int(str(at).rpartition(":")[2])):
        done = await asyncio.to_thread(self_test, gateway)
    assert done.returncode == 1
    assert f"cannot listen at {at} (outbound.self_test)" in done.stderr
    assert references(gateway) == before


async def test_a_gateway_with_another_database_is_told(gateway: Gateway, tmp_path: Path) -> None:
    done = await asyncio.to_thread(self_test, gateway, RELAY_DATABASE__URL=f"sqlite:///{tmp_path}/other.db")
    assert done.returncode == 1
    assert "does not know the conversation just opened" in done.stderr


async def test_its_people_need_no_proof_where_everybody_else_does(other: Gateway) -> None:
    """GW-11: their mail goes nowhere but back to it, and no DNS server knows them."""
    other.environment = {"RELAY_AUTHENTICATION__MODE": "enforce", "RELAY_AUTHENTICATION__DNS_SERVERS": '["127.0.0.1:9"]'}
    await other.off_loop("start")
    done = await asyncio.to_thread(self_test, other, "--row", "LEAK-3", RELAY_AUTHENTICATION__MODE="enforce")
    assert done.returncode == 0, done.stderr
    assert standings(other) == {("SELF-TEST-", "closed")}


async def test_a_scanner_that_does_not_answer_is_told_as_what_it_is(other: Gateway) -> None:
    """Invariant 7: the gateway says "later", and so nothing can be proven now."""
    other.environment = {"RELAY_ANTIVIRUS__MODE": "required", "RELAY_ANTIVIRUS__CLAMD": f"tcp:127.0.0.1:{free_port()}"}
    await other.off_loop("start")
    done = await asyncio.to_thread(self_test, other, "--row", "LEAK-3")
    assert done.returncode == 1
    assert 'the gateway says "later"' in done.stderr
    assert "relay doctor" in done.stderr
    assert standings(other) == {("SELF-TEST-", "closed")}


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_interrupted_it_closes_its_conversations_and_says_so(gateway: Gateway, sign: signal.Signals) -> None:
    command = [RELAY, "self-test", "--config", str(gateway.config)]
    running = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL)
    assert running.stderr is not None
    assert b"sent" in await asyncio.wait_for(running.stderr.readline(), ends_within_s)
    running.send_signal(sign)
    said = (await asyncio.wait_for(running.stderr.read(), ends_within_s)).decode()
    assert await running.wait() == 1
    assert "interrupted; the conversations of the self-test are closed" in said
    assert "Traceback" not in said
    assert standings(gateway) == {("SELF-TEST-", "closed")}
    assert [one for one in await gateway.off_loop("json", "queue", "list") if one["state"] == "due"] == []


async def test_nobody_else_can_have_a_mailbox_where_it_listens(gateway: Gateway, route: Sink) -> None:
    words = ("--partner-email", "m@partner.self-test.invalid", "--partner-name", "M", "--customer-email", "z@mail.example")
    more = ("--customer-name", "Z", "--reference", "R1", "--activity-end", "2099-06-10")
    done = await gateway.off_loop("command", "conversation", "open", *words, *more, expect=1)
    assert "is the self-test's, not a mailbox of a party" in done.stderr


async def test_other_mail_that_comes_to_its_port_is_put_off_and_never_taken(gateway: Gateway) -> None:
    """Were the installation's route led there by mistake, nothing would be lost."""
    port = int(str(gateway.changed["outbound"]["self_test"]).rpartition(":")[2])
    command = [RELAY, "self-test", "--config", str(gateway.config), "--json"]
    running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(ends_within_s):
            while True:
                try:
                    (await asyncio.open_connection("127.0.0.1", port))[1].close()
                    break
                except OSError:
                    await asyncio.sleep(0.1)
        async with SmtpClient(port) as client:
            await client.hello()
            await client.command("MAIL FROM:<m@partner.example>")
            assert (await client.command("RCPT TO:<zofia@poczta.example>")).code == 451
    finally:
        running.send_signal(signal.SIGTERM)
        await running.wait()
