"""A gateway that cannot do all of its work does none of it, and says why (FAULT-43)."""

from __future__ import annotations

import asyncio
import gc
import socket
from pathlib import Path

import pytest
from support.gateway import Gateway, free_port
from support.patience import patience_s

from relay.app.gateway import built
from relay.app.running import Ending, run
from relay.errors import Unavailable
from relay.settings import read

pytestmark = pytest.mark.slow


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    return Gateway(tmp_path, free_port())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_busy_web_port_is_wrong_configuration_before_any_mail_is_taken(gateway: Gateway, workers: int) -> None:
    gateway.write_config()
    with socket.create_server(("127.0.0.1", gateway.web_port)):
        done = gateway.command("serve", "--workers", str(workers), expect=78)
    assert f"web.listen: cannot listen at 127.0.0.1:{gateway.web_port}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr
    if workers == 1:
        assert "smtp=" not in done.stderr


async def test_a_web_server_that_ends_by_itself_ends_the_gateway_in_good_order(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.write_config()
    started = asyncio.Event()

    async def breaks(self: object, sockets: object) -> None:
        await started.wait()
        raise RuntimeError

    monkeypatch.setattr("uvicorn.Server.serve", breaks)
    put_together = built(read(gateway.config).settings, "test")
    async with asyncio.timeout(patience_s):
        with pytest.raises(Unavailable, match="web ended by itself"):
            await run(put_together, Ending(), started=started)
    assert put_together.smtp.addresses == ()


async def test_what_stands_when_mail_is_first_taken_is_not_looked_through_for_garbage_again(gateway: Gateway) -> None:
    """PERF-8"""
    gateway.write_config()
    ending, started = Ending(), asyncio.Event()
    before = gc.get_freeze_count()
    running = asyncio.create_task(run(built(read(gateway.config).settings, "test"), ending, started=started))
    async with asyncio.timeout(patience_s):
        await started.wait()
        assert gc.get_freeze_count() > before + 1_000
        ending.stop.set()
        await running
