"""One gateway at work until it is told to stop, and then in good order (FAULT-43)."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from relay.app.addressing import knows_its_bounces
from relay.app.alerting import keep_alerting
from relay.app.answering import keep_answering
from relay.app.escalating import keep_escalating
from relay.app.forgetting import keep_forgetting
from relay.app.gateway import Gateway
from relay.app.heralding import keep_telling
from relay.app.indexing import keep_index
from relay.app.inviting import keep_inviting
from relay.app.listeners import Listeners, Sockets, where
from relay.app.overseer import Nobody, Overseer, pulse_s
from relay.app.posting import keep_posting
from relay.app.presence import Presence
from relay.app.questioning import keep_settling
from relay.app.recording import keep_record, record_key, record_key_file
from relay.app.refunding import keep_refunding
from relay.app.renewing import keep_renewed
from relay.app.sweeping import keep_swept
from relay.app.tallying import keep_tallied, write_down
from relay.app.timekeeping import keep_time
from relay.errors import Unavailable, raised_at
from relay.machine import clock
from relay.settings import Settings

if TYPE_CHECKING:
    import uvicorn

    from relay.web.site.demo.pages import Demonstration

log = structlog.get_logger("relay")

_web_backlog: Final = 1024
"""Connections that wait in the kernel to be accepted."""
_leave_s: Final = 5.0
"""What the database is given to hear that a worker ends."""
_NOBODY: Final = Nobody()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process is told to end: `stop`, with time for what is under way; `hurry`, when that takes too long."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self) -> None:
        """Somebody wants it to end; the second time they mean now."""
        (self.hurry if self.stop.is_set() else self.stop).set()


async def run(
    gateway: Gateway,
    ending: Ending,
    *,
    listeners: Listeners | None = None,
    leads: bool = True,
    overseer: Overseer = _NOBODY,
    demonstration: Demonstration | None = None,
    started: asyncio.Event | None = None,
) -> None:
    """Run `gateway` until it is told to stop, or until a part of it ends by itself; then drain.

    `listeners` are those that the settings name, unless they are given. `started` is set when it takes mail. `leads`: this
    process also serves the web and keeps the index. Raises WrongConfiguration where it cannot listen, and Unavailable, having
    drained, when a part ended that nobody had told to.
    """
    server = _web_server(gateway, demonstration) if leads else None
    presence = Presence(gateway.store, gateway.courier, gateway.archive.worker, clock=clock, monotonic=time.monotonic)
    tasks: list[asyncio.Task[None]] = []
    sockets: list[socket.socket] = []
    try:
        # Before any mail is taken: a port that is busy is to be found out while nothing has begun.
        listeners = listeners or _opened(gateway.settings)
        released = await gateway.store.release_claims(gateway.archive.worker, clock())
        await presence.once()
        if not await gateway.store.read(lambda connection: knows_its_bounces(connection, gateway.return_paths)):
            log.error("secret.foreign", file=str(gateway.settings.relay.state_dir / "secret.key"))
        gateway.courier.start()
        tasks.append(asyncio.create_task(presence.keep(), name="presence"))
        await gateway.smtp.start([], sockets=listeners.smtp, lmtp=listeners.lmtp)
        tasks.append(asyncio.create_task(keep_tallied(gateway.tallies, gateway.store), name="tallies"))
        if server is not None:
            sockets = list(listeners.web)
            for one in sockets:
                one.listen(_web_backlog)
            tasks.append(asyncio.create_task(keep_index(gateway.store), name="index"))
            key = record_key(record_key_file(gateway.settings.relay.state_dir))
            tasks.append(asyncio.create_task(keep_record(gateway.store, key, gateway.settings.archive.head_every), name="record"))
            tasks.append(asyncio.create_task(keep_swept(gateway.store.engine), name="sweep"))
            tasks.append(asyncio.create_task(keep_forgetting(gateway.store), name="forgetting"))
            tasks.append(asyncio.create_task(keep_telling(gateway.settings, gateway.store), name="webhooks"))
            tasks.append(asyncio.create_task(keep_alerting(gateway.alerting), name="alerts"))
            tasks.append(asyncio.create_task(keep_posting(gateway.posting), name="posting"))
            tasks.append(asyncio.create_task(keep_inviting(gateway.inviting), name="invitations"))
            tasks.append(asyncio.create_task(keep_time(gateway.core.timers), name="timers"))
            tasks.append(asyncio.create_task(keep_escalating(gateway.core.escalation), name="escalation"))
            tasks.append(asyncio.create_task(keep_refunding(gateway.core.refunds), name="refunds"))
            tasks.append(asyncio.create_task(keep_settling(gateway.questions), name="questions"))
            tasks.append(asyncio.create_task(keep_answering(gateway.answers), name="answers"))
            tasks.append(asyncio.create_task(server.serve(sockets), name="web"))
        tasks.append(asyncio.create_task(keep_renewed(gateway.certificate), name="certificate"))
        tasks.append(asyncio.create_task(gateway.mirror.keep(), name="figures"))
        tasks.append(asyncio.create_task(_live(overseer), name="pulse"))
        log.info(
            "ready",
            smtp=[where(one) for one in listeners.smtp],
            lmtp=[where(one) for one in listeners.lmtp],
            web=[where(one) for one in sockets],
            due_again=released,
        )
        # What stands now stays to the end. Looking through it for garbage again and again held all mail up for 80 ms (PERF-8).
        gc.collect()
        gc.freeze()
        overseer.ready()
        if started is not None:
            started.set()
        ended = await first_to_end(ending.stop, tasks)
        overseer.stopping()
        log.info("draining", connections=gateway.smtp.connections, deliveries=gateway.courier.load().in_memory)
    finally:
        await _drained(gateway, ending.hurry)
        await _taken_leave(gateway, presence)
        if server is not None:
            server.should_exit = True
        for task in tasks:
            if task.get_name() != "web":
                task.cancel()
        if await _hurried(asyncio.gather(*tasks, return_exceptions=True), ending.hurry):
            if server is not None:
                server.force_exit = True
            await asyncio.wait(tasks)
        if listeners is not None:
            listeners.close()
        gateway.mirror.end()
        await gateway.core.providers.close()
        await gateway.store.close()
        log.info("stopped")
    if ended is not None:
        raise Unavailable(f"{ended} ended by itself; the log says why")


def _web_server(gateway: Gateway, demonstration: Demonstration | None) -> uvicorn.Server:
    # Late, because of several workers one alone serves the web, and the others keep the 12 MB that its libraries take (PERF-10).
    from relay.app.web import web_server

    return web_server(gateway, demonstration)


async def _drained(gateway: Gateway, hurry: asyncio.Event) -> None:
    """Sessions have their grace to finish, then deliveries have theirs; whoever is in a hurry cuts both short."""
    grace_s = gateway.settings.relay.stop_grace.total_seconds()
    sessions = asyncio.create_task(gateway.smtp.drain(grace_s))
    if await _hurried(sessions, hurry):
        log.warning("hurried", connections=gateway.smtp.connections, deliveries=gateway.courier.load().in_memory)
        sessions.cancel()
        await asyncio.wait({sessions})
        await gateway.smtp.close()
    deliveries = asyncio.create_task(gateway.courier.drain(grace_s))
    if await _hurried(deliveries, hurry):
        gateway.courier.hurry()
        await deliveries


async def _hurried(ends: asyncio.Future[T], hurry: asyncio.Event) -> bool:
    """Whether somebody is in a hurry before it `ends`. Raises what it raises."""
    hurrying = asyncio.create_task(hurry.wait())
    ends.add_done_callback(lambda _: hurrying.cancel())
    await asyncio.wait({hurrying})
    if ends.done():
        ends.result()
        return False
    return True


async def _taken_leave(gateway: Gateway, presence: Presence) -> None:
    """Say goodbye, where that is possible; otherwise the others notice by themselves."""
    try:
        async with asyncio.timeout(_leave_s):
            await write_down(gateway.tallies, gateway.store)
            await presence.leave()
    except (Unavailable, TimeoutError) as why:
        log.warning("presence.no_leave", why=str(why) or "no answer in time")


async def _live(overseer: Overseer) -> None:
    """Say that the loop turns, for as long as it does."""
    while True:
        overseer.alive()
        await asyncio.sleep(pulse_s)


def _opened(settings: Settings) -> Listeners:
    sockets = Sockets()
    sockets.open(settings)
    return sockets.of(0)


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


def scheduled() -> asyncio.Runner:
    """What runs the event loop: uvloop's where it is installed, a quarter less CPU for small messages."""
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
