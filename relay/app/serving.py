"""Running the gateway: one process or several, until they are told to stop, and then in good order (FAULT-43)."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import time
from typing import Final

import structlog

from relay import logs
from relay.app.archive import present
from relay.app.gateway import Gateway, built
from relay.app.web import web_server
from relay.errors import Unavailable
from relay.machine import clock
from relay.settings import Settings
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.web.sandbox import Demonstration

log = structlog.get_logger("relay")

_M_MMAP_THRESHOLD: Final = -3

drain_s: Final = 30.0
"""What sessions and deliveries under way are given at the end."""
index_at_once: Final = 200
"""Messages that are indexed for search in one go."""
index_pause_s: Final = 0.5
"""Between two looks for messages to index: a message is found within two seconds of its acceptance."""
worker_pause_s: Final = 1.0
"""Before a worker that died is replaced, so that one that cannot start does not keep the machine busy."""


async def run(
    gateway: Gateway,
    stop: asyncio.Event,
    *,
    reuse_port: bool = False,
    leads: bool = True,
    demonstration: Demonstration | None = None,
    started: asyncio.Event | None = None,
) -> None:
    """Run `gateway` until `stop` is set, then drain.

    `started` is set when it takes mail. `leads`: this process also serves the web and keeps the index.
    """
    settings = gateway.settings
    released = await gateway.store.release_claims(gateway.archive.worker, clock())
    gateway.courier.start()
    index: asyncio.Task[None] | None = None
    web: asyncio.Task[None] | None = None
    server = web_server(gateway, demonstration)
    try:
        await gateway.smtp.start([str(one) for one in settings.smtp.listen], reuse_port=reuse_port)
        if leads:
            index = asyncio.create_task(_index(gateway.store), name="index")
            web = asyncio.create_task(server.serve(), name="web")
        log.info(
            "ready",
            smtp=[f"{host}:{port}" for host, port in gateway.smtp.addresses],
            web=str(settings.web.listen) if leads else None,
            due_again=released,
        )
        if started is not None:
            started.set()
        await stop.wait()
        log.info("draining", connections=gateway.smtp.connections, deliveries=gateway.courier.load().in_memory)
    finally:
        await gateway.smtp.drain(drain_s)
        await gateway.smtp.close()
        await gateway.courier.drain(drain_s)
        server.should_exit = True
        if web is not None:
            await web
        if index is not None:
            index.cancel()
            await asyncio.gather(index, return_exceptions=True)
        await gateway.store.close()
        log.info("stopped")


async def _index(store: Store) -> None:
    """Make what was accepted findable, outside the path of mail (AR-3). Trouble is for the next look."""
    while True:
        try:
            indexed = await store.index_some(index_at_once)
        except Unavailable as why:
            log.warning("index waits", why=str(why))
            indexed = 0
        if indexed < index_at_once:
            await asyncio.sleep(index_pause_s)


def serve(settings: Settings, workers: int = 1) -> None:
    """Run the gateway until SIGTERM or SIGINT, which drain. With `workers` above one, that many processes share the port.

    Raises WrongConfiguration with all faults, and Unavailable when the database cannot be opened.
    """
    logs.configure(level=settings.log.level.value, json=settings.log.format.value == "json")
    name = f"{socket.gethostname()}/{settings.smtp_hostname}"
    if workers == 1:
        _work(settings, f"{name}/0", reuse_port=False, leads=True)
        return
    present(open_engine(settings.database.url)).dispose()  # migrated once, before there are several to do it
    children: dict[int, int] = {}
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for number in range(workers):
        children[_forked(settings, name, number)] = number
    while children:
        child, status = os.wait()
        number = children.pop(child)
        if not stopping:
            log.error("worker died", worker=number, status=os.waitstatus_to_exitcode(status))
            time.sleep(worker_pause_s)
            children[_forked(settings, name, number)] = number


def _forked(settings: Settings, name: str, number: int) -> int:
    """The process id of a new worker; its claims have its number, so that whoever takes its place takes them up."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = 1
    try:
        _work(settings, f"{name}/{number}", reuse_port=True, leads=number == 0)
        code = 0
    finally:
        os._exit(code)


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
