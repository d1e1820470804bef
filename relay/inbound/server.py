"""The SMTP server: listening sockets, their sessions, and an end in good order (FAULT-41, FAULT-43)."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from relay.inbound.admission import Admission, Stats
from relay.inbound.lane import Lane
from relay.inbound.limits import Limits
from relay.inbound.listening import bound
from relay.inbound.lmtp import LmtpSession
from relay.inbound.ports import Acceptor, Recipients
from relay.inbound.service import Network, Service
from relay.inbound.session import Session
from relay.values import Clock, NewId

_backlog: Final = 1024
"""Connections that wait for the event loop; the kernel may allow fewer."""
_turns_to_greet: Final = 10
"""Of the event loop, from an accepted connection to its greeting; asyncio takes four."""
_farewell_look_s: Final = 0.02
"""How often it is looked whether those who were sent away have gone."""
_INTERNET: Final = frozenset({socket.AF_INET, socket.AF_INET6})


class SmtpServer:
    """Listens and runs a session for each connection, all in the running event loop.

    `hostname` is what the banner and EHLO say: ASCII, the name in the MX record. Large messages lie in `spool_directory` while
    they arrive, by default where the system keeps temporary files; `free_octets` tells how much the disk has left for mail; `tls`
    what the next handshake is made with. From `balancers` each SMTP connection begins with a PROXY header.
    `behind_front`: it is a front MTA that connects, and never who wrote. One server is started
    once.
    """

    session: type[Session] = Session
    lmtp_session: type[LmtpSession] = LmtpSession

    def __init__(
        self,
        recipients: Recipients,
        acceptor: Acceptor,
        *,
        hostname: str,
        clock: Clock,
        new_id: NewId,
        limits: Limits | None = None,
        tls: Callable[[], ssl.SSLContext] | None = None,
        spool_directory: Path | None = None,
        free_octets: Callable[[], int] | None = None,
        balancers: Sequence[Network] = (),
        behind_front: bool = False,
    ) -> None:
        bounds = limits or Limits()
        self._service = Service(
            hostname=hostname,
            limits=bounds,
            recipients=recipients,
            acceptor=acceptor,
            clock=clock,
            new_id=new_id,
            admission=Admission(bounds, free_octets),
            lane=Lane(bounds.large_octets_at_once),
            tls=tls,
            spool_directory=spool_directory,
            balancers=balancers,
            behind_front=behind_front,
        )
        self._servers: list[asyncio.Server] = []

    @property
    def stats(self) -> Stats:
        return self._service.admission.stats

    @property
    def connections(self) -> int:
        """Open now."""
        return self._service.admission.connections

    @property
    def in_flight_octets(self) -> int:
        """Content held now, for all sessions."""
        return self._service.admission.in_flight_octets

    @property
    def disk_has_room(self) -> bool:
        """Whether messages are taken on, as far as the disk goes (FAULT-97)."""
        return self._service.admission.disk_has_room

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of each TCP socket it listens on, with the port that the kernel chose where 0 was asked for."""
        internet = (one for server in self._servers for one in server.sockets if one.family in _INTERNET)
        return tuple((str(name[0]), int(name[1])) for name in (one.getsockname() for one in internet))

    async def start(
        self, listen: Sequence[str], *, sockets: Sequence[socket.socket] = (), lmtp: Sequence[socket.socket] = ()
    ) -> None:
        """Listen at each "host:port" of `listen`, "[::1]:25" for IPv6, and on `sockets`, bound by somebody else; LMTP is spoken
        on those of `lmtp`.

        Port 0 lets the kernel choose. Raises WrongConfiguration for a place where it cannot listen; then it listens nowhere.
        """
        smtp = list(sockets)
        try:
            for place in listen:
                smtp += bound(place, "smtp.listen")
            for session, spoken in ((self.session, smtp), (self.lmtp_session, lmtp)):
                for one in spoken:
                    self._servers.append(await self._listening(one, session))
        except BaseException:
            self._stop_listening()
            for one in (*smtp, *lmtp):
                one.close()
            raise

    async def _listening(self, one: socket.socket, session: type[Session]) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        if one.family in _INTERNET:
            # asyncio leaves Nagle's delay on for sockets of protocol 0: 40 ms a connection. Accepted ones inherit this.
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await loop.create_server(lambda: session(self._service, loop), sock=one, backlog=_backlog)

    async def drain(self, grace_s: float) -> bool:
        """Listen no more, send idle clients away, let the others finish for at most `grace_s`; then close.

        True when every message under way was brought to its end.
        """
        loop = asyncio.get_running_loop()
        for server in self._servers:
            for one in server.sockets:
                # asyncio forgets whom it accepted a moment before its server is closed: nobody is accepted first, then it is.
                loop.remove_reader(one.fileno())
        await _turns()
        for server in self._servers:
            server.close()
        # Who was accepted already is greeted first: to hear 421 in the place of a greeting makes some clients give up.
        await _turns()
        self._stop_listening()
        for connection in tuple(self._service.guests):
            connection.retire()
        until = loop.time() + grace_s
        while (running := self._running()) and loop.time() < until:
            await asyncio.wait(running, timeout=until - loop.time(), return_when=asyncio.FIRST_COMPLETED)
        unfinished = bool(self._running())
        while not unfinished and self._service.guests and loop.time() < until:  # noqa: ASYNC110  each tells when it is gone
            # Their last words are on the way still: see Connection._hang_up. A bounded time, `linger_s`.
            await asyncio.sleep(_farewell_look_s)
        await self.close()
        return not unfinished

    async def close(self) -> None:
        """End everything at once. What is being taken over is cancelled: its client hears nothing, and sends it again."""
        self._stop_listening()
        for connection in tuple(self._service.guests):
            connection.abort()
        running = self._running()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        while self._service.guests:  # noqa: ASYNC110  one step of the loop tells each that its connection is gone
            await asyncio.sleep(0)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    def _running(self) -> set[asyncio.Task[object]]:
        """Sessions whose dialogue is not over, and messages being taken over."""
        tasks: set[asyncio.Task[object]] = set(self._service.accepting)
        tasks.update(one.task for one in self._service.guests if one.task is not None and not one.task.done())
        return tasks

    def _stop_listening(self) -> None:
        self._service.admission.closing = True
        for server in self._servers:
            server.close()


async def _turns() -> None:
    """Let everybody who was accepted come as far as the greeting."""
    for _ in range(_turns_to_greet):
        await asyncio.sleep(0)
