"""Running the gateway until it is told to stop, and then in good order (FAULT-43)."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import socket
import time
from collections.abc import Iterable
from typing import Final

import structlog

from relay import logs
from relay.app.archive import present
from relay.app.gateway import Gateway, built
from relay.app.indexing import keep_index
from relay.app.occupancy import at_work
from relay.app.presence import Presence
from relay.app.sweeping import keep_swept
from relay.app.web import listening, web_server
from relay.app.workers import run_workers
from relay.errors import Unavailable, raised_at
from relay.machine import clock
from relay.settings import Settings
from relay.store.engine import open_engine
from relay.web.sandbox import Demonstration

log = structlog.get_logger("relay")

_M_MMAP_THRESHOLD: Final = -3

_LEAVE_S: Final = 5.0
drain_s: Final = 30.0
"""What sessions and deliveries under way are given at the end."""


async def run(
    gateway: Gateway,
    stop: asyncio.Event,
    *,
    reuse_port: bool = False,
    leads: bool = True,
    demonstration: Demonstration | None = None,
    started: asyncio.Event | None = None,
) -> None:
    """Run `gateway` until `stop` is set, or until a part of it ends by itself; then drain.

    `started` is set when it takes mail. `leads`: this process also serves the web and keeps the index. Raises WrongConfiguration
    where it cannot listen, and Unavailable, having drained, when a part ended that nobody had told to.
    """
    settings = gateway.settings
    server = web_server(gateway, demonstration)
    presence = Presence(gateway.store, gateway.courier, gateway.archive.worker, clock=clock, monotonic=time.monotonic)
    tasks: list[asyncio.Task[None]] = []
    sockets: list[socket.socket] = []
    try:
        # Before any mail is taken: a port that is busy is to be found out while nothing has begun.
        sockets = listening(settings.web.listen) if leads else []
        released = await gateway.store.release_claims(gateway.archive.worker, clock())
        await presence.once()
        gateway.courier.start()
        tasks.append(asyncio.create_task(presence.keep(), name="presence"))
        await gateway.smtp.start([str(one) for one in settings.smtp.listen], reuse_port=reuse_port)
        if leads:
            tasks.append(asyncio.create_task(keep_index(gateway.store), name="index"))
            tasks.append(asyncio.create_task(keep_swept(gateway.store.engine), name="sweep"))
            tasks.append(asyncio.create_task(server.serve(sockets), name="web"))
        log.info(
            "ready",
            smtp=[f"{host}:{port}" for host, port in gateway.smtp.addresses],
            web=["{}:{}".format(*one.getsockname()[:2]) for one in sockets],
            due_again=released,
        )
        if started is not None:
            started.set()
        ended = await first_to_end(stop, tasks)
        log.info("draining", connections=gateway.smtp.connections, deliveries=gateway.courier.load().in_memory)
    finally:
        await gateway.smtp.drain(drain_s)
        await gateway.courier.drain(drain_s)
        await _taken_leave(presence)
        server.should_exit = True
        for task in tasks:
            if task.get_name() != "web":
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for one in sockets:
            one.close()
        await gateway.store.close()
        log.info("stopped")
    if ended is not None:
        raise Unavailable(f"{ended} ended by itself; the log says why")


async def _taken_leave(presence: Presence) -> None:
    """Say goodbye, where that is possible; otherwise the others notice by themselves."""
    try:
        async with asyncio.timeout(_LEAVE_S):
            await presence.leave()
    except (Unavailable, TimeoutError) as why:
        log.warning("presence.no_leave", why=str(why) or "no answer in time")


async def first_to_end(stop: asyncio.Event, tasks: Iterable[asyncio.Task[None]]) -> str | None:
    """Wait until `stop` is set or one of `tasks` ends; then its name, and why it ended is in the log."""
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    if stopping in done:
        return None
    [ended, *_] = done
    broke = None if ended.cancelled() else ended.exception()
    if broke is None:
        log.error("ended", part=ended.get_name())
    else:
        log.error("ended", part=ended.get_name(), error=type(broke).__name__, at=raised_at(broke))
    return ended.get_name()


def serve(settings: Settings, workers: int = 1) -> None:
    """Run the gateway until SIGTERM or SIGINT, which drain. With `workers` above one, that many processes share the port.

    Raises WrongConfiguration with all faults, and Unavailable when the database cannot be opened or a part ends by itself.
    """
    logs.configure(level=settings.log.level.value, json=settings.log.format.value == "json")
    name = f"{socket.gethostname()}/{settings.smtp_hostname}"
    with at_work(settings.relay.state_dir):
        if workers == 1:
            _work(settings, f"{name}/0", reuse_port=False, leads=True)
            return
        present(open_engine(settings.database.url)).dispose()  # migrated once, before there are several to do it
        # A worker's claims have its number, so that whoever takes its place takes them up.
        run_workers(workers, lambda number: _work(settings, f"{name}/{number}", reuse_port=True, leads=number == 0))


def _work(settings: Settings, worker: str, *, reuse_port: bool, leads: bool) -> None:
    _give_large_blocks_back()
    gateway = built(settings, worker)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, stop.set)
        await run(gateway, stop, reuse_port=reuse_port, leads=leads)

    with scheduled() as runner:
        runner.run(main())


def scheduled() -> asyncio.Runner:
    """What runs the event loop: uvloop's where it is installed, a quarter less CPU for small messages."""
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _give_large_blocks_back() -> None:
    """Have glibc map large blocks apart, and give them back when they are freed.

    Its threshold otherwise grows with the first large message, and each thread's arena keeps what it once needed: 20 messages of
    25 MB left the process at 195 MB instead of 76 (PERF-6). Other C libraries have no such call, and no such trouble.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)
