"""The sockets of one installation: bound once, held by the process that was started, and shared with its workers.

A worker that ends takes no connection with it: what waits in a queue of the kernel is there for the worker that comes after it.
With a port that is shared by SO_REUSEPORT each worker has a queue of its own, which would be thrown away with its last socket; so
all of them stay open here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from relay.app.activation import Handed
from relay.errors import WrongConfiguration
from relay.inbound.listening import addresses, bound, bound_at
from relay.settings import Settings


class Purpose(Enum):
    """What is spoken on a socket; the value is its name among those that are handed over."""

    SMTP = "smtp"
    LMTP = "lmtp"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Listeners:
    """What one process listens on."""

    smtp: Sequence[socket.socket]
    web: Sequence[socket.socket]
    lmtp: Sequence[socket.socket]

    def every(self) -> Sequence[socket.socket]:
        return (*self.smtp, *self.lmtp, *self.web)

    def close(self) -> None:
        """Listen no more; other processes with the same sockets go on."""
        for one in self.every():
            one.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """Somewhere to listen: "host:port" or "unix:/path", or nothing where a socket of that name was handed over."""

    purpose: Purpose
    at: str
    mode: int = field(default=0o600, compare=False)
    """Of a socket in the file system; one that is there already keeps its own."""

    @property
    def key(self) -> str:
        return _KEYS[self.purpose]


_Row = Sequence[socket.socket]
"""The sockets of one address: one for each worker, or one for all."""


@dataclass(slots=True)
class Sockets:
    """All sockets, for `workers` processes. `handed` are used in the place of what would be bound, by name, else by address."""

    workers: int = 1
    handed: Sequence[Handed] = ()
    _open: dict[_Place, Sequence[_Row]] = field(default_factory=dict)
    _wanted: frozenset[_Place] = frozenset()

    def open(self, settings: Settings) -> None:
        """Bind what `settings` name, and is not bound yet. Raises WrongConfiguration, and then nothing has changed."""
        wanted = dict.fromkeys(self._places(settings))
        self._check_handed(wanted)
        fresh: dict[_Place, Sequence[_Row]] = {}
        try:
            for place in wanted:
                if place not in self._open:
                    fresh[place] = list(self._rows(place))
        except WrongConfiguration:
            for rows in fresh.values():
                _close(rows)
            raise
        self._open |= fresh
        self._wanted = frozenset(wanted)

    def close_the_others(self) -> None:
        """Listen no more where the last `open` did not want to."""
        for place in [place for place in self._open if place not in self._wanted]:
            _close(self._open.pop(place))

    def of(self, worker: int) -> Listeners:
        """Those of one worker, counted from 0: where the last `open` wanted to listen."""

        def chosen(purpose: Purpose) -> list[socket.socket]:
            wanted = (rows for place, rows in self._open.items() if place.purpose is purpose and place in self._wanted)
            return [row[worker % len(row)] for rows in wanted for row in rows]

        return Listeners(chosen(Purpose.SMTP), chosen(Purpose.WEB), chosen(Purpose.LMTP))

    def close(self, but: Listeners | None = None) -> None:
        """Close all of them, or all but those of a worker, in its process."""
        kept = {one.fileno() for one in but.every()} if but is not None else set()
        for rows in self._open.values():
            _close([[one for one in row if one.fileno() not in kept] for row in rows])
        self._open.clear()

    def _places(self, settings: Settings) -> Iterator[_Place]:
        smtp = settings.smtp
        configured = {Purpose.SMTP: smtp.listen, Purpose.LMTP: smtp.lmtp_listen, Purpose.WEB: (settings.web.listen,)}
        for purpose, listen in configured.items():
            if any(one.name == purpose.value for one in self.handed):
                yield _Place(purpose, "")
            else:
                yield from (_Place(purpose, str(at), int(smtp.lmtp_socket_mode.value, 8)) for at in listen)

    def _rows(self, place: _Place) -> Iterator[_Row]:
        if not place.at:
            yield from ([one.socket] for one in self.handed if one.name == place.purpose.value)
        elif handed := self._at(place):
            yield from ([one.socket] for one in handed)
        elif place.at.startswith(_UNIX):
            # All workers accept from one queue: the kernel has no shared port to spread them over.
            yield [bound_at(Path(place.at.removeprefix(_UNIX)), place.key, place.mode)]
        else:
            # The web is served by one process at a time, and by two while one takes over from the other.
            several = 1 if place.purpose is Purpose.WEB else self.workers
            first = bound(place.at, place.key, reuse_port=several > 1)
            further = [bound(_named(one), place.key, reuse_port=True)[0] for _ in range(several - 1) for one in first]
            for number, one in enumerate(first):
                yield [one, *further[number :: len(first)]]

    def _at(self, place: _Place) -> Sequence[Handed]:
        """What was handed over for an address of `place`."""
        unnamed = [one for one in self.handed if one.name not in _NAMES]
        if place.at.startswith(_UNIX) or not unnamed:
            return [one for one in unnamed if where(one.socket) == place.at]
        named = {address for _, address in addresses(place.at, place.key)}
        return [one for one in unnamed if _address(one.socket) in named]

    def _check_handed(self, wanted: dict[_Place, None]) -> None:
        used = {id(one) for place in wanted if place.at for one in self._at(place)}
        for one in self.handed:
            if one.name not in _NAMES and id(one) not in used:
                names, keys = " or ".join(sorted(_NAMES)), ", ".join(_KEYS.values())
                raise WrongConfiguration(
                    f"the socket {one.name} at {where(one.socket)}: not named {names}, nor at an address of {keys}"
                )


_KEYS: Final = {Purpose.SMTP: "smtp.listen", Purpose.LMTP: "smtp.lmtp_listen", Purpose.WEB: "web.listen"}
_UNIX: Final = "unix:"
_NAMES: Final = frozenset(purpose.value for purpose in Purpose)


def _address(one: socket.socket) -> tuple[str, int] | None:
    """Where it listens; None unless that is an address of the internet."""
    if one.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    host, port = one.getsockname()[:2]
    return str(host), int(port)


def where(one: socket.socket) -> str:
    """Where a socket listens, as the log says it."""
    return _named(one) if _address(one) else f"{_UNIX}{one.getsockname()}"


def _named(one: socket.socket) -> str:
    host, port = one.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _close(rows: Sequence[_Row]) -> None:
    for row in rows:
        for one in row:
            one.close()
