"""`relay serve`: one process or several, each of which runs a gateway."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from relay import figures, logs, registrable
from relay.app.activation import handed_over
from relay.app.archive import present
from relay.app.gateway import built
from relay.app.keys import kept
from relay.app.listeners import Listeners, Sockets
from relay.app.occupancy import at_work
from relay.app.overseer import Overseer, ServiceManager
from relay.app.reloading import changed_keys, checked, refused, reload_in_place
from relay.app.running import Ending, run, scheduled
from relay.app.workers import run_workers
from relay.errors import WrongConfiguration
from relay.machine import clock
from relay.settings import Settings
from relay.store import claims
from relay.store.engine import open_engine, writing

log = structlog.get_logger("relay")

NODE: Final = "node.id"
"""In a state_dir: tells it from all others, whatever its machine is called."""
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
"""mallopt(3)."""
_arenas_max: Final = 2
"""Of the C library: most of what threads do they do one after the other, and an arena keeps what it once needed."""


def serve(reread: Callable[[], Settings], workers: int = 1) -> None:
    """Run the gateway until SIGTERM or SIGINT, which drain; a second one hurries. `reread` reads the configuration.

    With `workers` above one, that many processes share the ports, and SIGHUP has each of them relieved by one that follows the
    configuration as it is then. A single process takes up its certificate anew. Raises WrongConfiguration with all faults, and
    Unavailable when the database cannot be opened or a part ends by itself.
    """
    settings = reread()
    logs.configure(level=settings.log.level.value, json=settings.log.format.value == "json")
    manager = ServiceManager.from_environment()
    sockets = Sockets(workers, handed_over(os.environ, os.getpid()))
    with at_work(settings.relay.state_dir) as seat:
        sockets.open(settings)
        name = names_here(settings.relay.state_dir, seat)
        make_ready(settings, name)
        # Otherwise the first message, and all others with it, would wait a fifth of a second for it, in each worker.
        registrable.read_list()
        if workers == 1:
            work(settings, f"{name}0", sockets.of(0), manager, reread)
        else:
            figures.share(2 * workers)
            # Workers share what is there by now, until they write to it, as looking through it for garbage does.
            gc.freeze()
            run_workers(workers, Gateways(settings, name, sockets, reread), manager)


def names_here(state_dir: Path, seat: int) -> str:
    """What the names of all workers of one gateway begin with: the same after a restart, and no other gateway's.

    Neither the host nor the directory is enough: machines that were made from one image have both in common, and each would
    take up what the other is sending (invariant 8). Raises WrongConfiguration.
    """
    node = kept(state_dir / NODE, lambda: secrets.token_bytes(8))
    return f"{socket.gethostname()}/{node.hex()}#{seat}/"


def make_ready(settings: Settings, name: str) -> None:
    """Bring the database to its schema, and give back what those claimed who died here, all of whose names begin with `name`.

    Once, before there are several processes to do it. Raises Unavailable.
    """
    engine = present(open_engine(settings.database.url))
    try:
        with writing(engine) as connection:
            released = claims.release_claims_of_all(connection, name, clock())
    finally:
        engine.dispose()
    if released:
        log.info("claims.released", deliveries=released)


def work(
    settings: Settings,
    worker: str,
    listeners: Listeners,
    overseer: Overseer,
    reread: Callable[[], Settings] | None,
    *,
    leads: bool = True,
) -> None:
    """Run a gateway in this process until a signal says to end. With `reread`, SIGHUP is for this process."""
    _give_large_blocks_back()
    gateway = built(settings, worker)

    async def main() -> None:
        ending = Ending()
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, ending.heard)
        if reread is not None:
            loop.add_signal_handler(signal.SIGHUP, reload_in_place, gateway, reread)
        await run(gateway, ending, listeners=listeners, leads=leads, overseer=overseer)

    with scheduled() as runner:
        runner.run(main())


@dataclass(slots=True)
class Gateways:
    """Gateways as workers. See workers.Trade."""

    settings: Settings
    name: str
    sockets: Sockets
    reread: Callable[[], Settings]
    _before: Settings | None = None

    def work(self, number: int, shift: int, overseer: Overseer) -> None:
        figures.take(2 * number + shift)
        listeners = self.sockets.of(number)
        self.sockets.close(but=listeners)
        # Claims have the worker's name, so that whoever takes its place after a crash takes them up; while it is relieved, two
        # of its number are at work.
        work(self.settings, f"{self.name}{number}.{shift}", listeners, overseer, None, leads=number == 0)

    def reload(self) -> bool:
        try:
            settings = checked(self.settings, self.reread)
            self.sockets.open(settings)
        except WrongConfiguration as wrong:
            refused(wrong)
            return False
        log.info("reloading", changed=changed_keys(self.settings, settings))
        self._before, self.settings = self.settings, settings
        return True

    def adopt(self) -> None:
        self._before = None
        self.sockets.close_the_others()

    def go_back(self) -> None:
        if self._before is not None:
            self.settings, self._before = self._before, None
        self.sockets.open(self.settings)

    def stopping(self) -> None:
        # Workers listen no more, and who connects now is to be refused at once, not kept waiting.
        self.sockets.close()


def _give_large_blocks_back() -> None:
    """Have glibc map large blocks apart, and give them back when they are freed.

    Its threshold otherwise grows with the first large message, and each thread's arena keeps what it once needed: 20 messages of
    25 MB left the process at 195 MB instead of 76 (PERF-6). Other C libraries have no such call, and no such trouble.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 1 << 20)
        libc.mallopt(_M_ARENA_MAX, _arenas_max)
