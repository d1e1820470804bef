"""The octets that a client has sent and that nobody has read yet."""

from __future__ import annotations

import asyncio
from typing import Final

from relay.errors import RelayError

command_octets_held: Final = 8 * 1024
"""While commands are read, more than this stops the reading from the socket."""
data_octets_held: Final = 256 * 1024
"""The same during DATA: what the event loop reads from a socket at once."""


class Ended(RelayError):
    """The client has gone, or has sent all that it ever will."""


class OctetStream:
    """What came in, in order, read by one task: line by line for commands, as it comes for DATA.

    asyncio's StreamReader, which aiosmtpd uses, has one limit for both and takes nothing back: but what a client has pipelined
    after its final dot has to be the next command.
    """

    __slots__ = ("_arrival", "_held", "_paused", "_transport", "ended", "held_max")

    def __init__(self) -> None:
        self._held = bytearray()
        self._arrival: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self.ended = False
        self.held_max = command_octets_held

    def attach(self, transport: asyncio.Transport) -> None:
        """Read from `transport` from now on: a new connection, or TLS on top of it."""
        self._transport = transport
        self._paused = False

    def __len__(self) -> int:
        return len(self._held)

    # What the connection does.

    def feed(self, octets: bytes) -> None:
        if self.ended:
            return
        self._held += octets
        if len(self._held) > self.held_max and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def end(self) -> None:
        self.ended = True
        self._wake()

    # What the reading task does.

    def line(self, octets_max: int) -> bytes | None:
        """The next line with its LF; its first `octets_max` octets when it is longer; None when more has to arrive."""
        held = self._held
        end = held.find(b"\n", 0, octets_max)
        if end >= 0:
            return self._taken(end + 1)
        return self._taken(octets_max) if len(held) >= octets_max else None

    def skip_line(self) -> bool:
        """Drop the rest of a line; False when its end has not arrived yet."""
        end = self._held.find(b"\n")
        self._taken(end + 1 if end >= 0 else len(self._held))
        return end >= 0

    def starts_with(self, octets: bytes) -> bool:
        return self._held.startswith(octets)

    def beginning(self, octets_max: int) -> bytes:
        """What is read next, as far as it has arrived; it stays there."""
        return bytes(self._held[:octets_max])

    def drop(self, octets: int) -> None:
        """Read past so many of them."""
        self._taken(octets)

    def everything(self) -> bytearray:
        """All that has arrived and was not read yet; maybe nothing."""
        taken, self._held = self._held, bytearray()
        self._resume()
        return taken

    def take_back(self, octets: bytes) -> None:
        """Put octets back in front, to be read again."""
        self._held[:0] = octets

    async def more(self) -> None:
        """Return when more has arrived. Raises Ended when nothing will."""
        if self.ended:
            raise Ended
        self._resume()
        self._arrival = asyncio.get_running_loop().create_future()
        try:
            await self._arrival
        finally:
            self._arrival = None

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def _resume(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
