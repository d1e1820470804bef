"""Who is told how a process fares: the service manager that started it, or the process of which it is a worker."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import Final, Protocol

pulse_s: Final = 5.0
"""How often a process says that it is alive."""


class Overseer(Protocol):
    """Is told, and never raises."""

    def ready(self) -> None:
        """Mail is taken from now on."""
        ...

    def alive(self) -> None:
        """Its loop turns; said every `pulse_s`."""
        ...

    def stopping(self) -> None:
        """It begins to end, in good order."""
        ...


class Nobody:
    """Nobody wants to know."""

    def ready(self) -> None: ...

    def alive(self) -> None: ...

    def stopping(self) -> None: ...


class ServiceManager:
    """systemd, told by datagrams (sd_notify(3)); nobody where it did not say that it listens."""

    def __init__(self, place: str | None) -> None:
        self._place = place

    @classmethod
    def from_environment(cls) -> ServiceManager:
        """What started this process; commands that are started from here do not speak for it."""
        return cls(os.environ.pop("NOTIFY_SOCKET", None))

    def ready(self) -> None:
        self._tell("READY=1")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def reloading(self) -> None:
        """The configuration is read anew; `ready` says when that is done."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def _tell(self, what: str) -> None:
        if not self._place:
            return
        # An abstract name is written with an @. Nobody waits for whom does not listen.
        address = f"\0{self._place[1:]}" if self._place.startswith("@") else self._place
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.settimeout(1)
            one.sendto(what.encode(), address)
