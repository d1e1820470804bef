"""The machine's clock, its secure random source and its disks: where the edges get `Clock` and `NewId` from (GW-1)."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from relay.values import Clock

_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o, u."""
_any_port: Final = 9
_random_bits: Final = 80
_drawn_octets: Final = 2_560
"""Random octets of 256 ids."""
_PAIRS: Final = tuple(high + low for high in _DIGITS for low in _DIGITS)
_SHIFTS: Final = tuple(range(120, -1, -10))
"""Of the thirteen pairs of digits of an id."""


def clock() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 -- everybody else is given this function, or what it said


def hex_digits() -> str:
    """Twelve hex digits from the system's secure random source: the part of an alias that nobody guesses (GW-1)."""
    return secrets.token_hex(6)


_SPOKEN: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""What cannot be taken for one another when it is read out: no I, O, 0, 1."""
_reference_characters: Final = 12


def reference() -> str:
    """A booking's reference, as people read it out: 60 bits from the system's secure random source."""
    return "".join(secrets.choice(_SPOKEN) for _ in range(_reference_characters))


def secret() -> str:
    """256 bits from the system's secure random source, in characters that need no quoting in a link."""
    return secrets.token_urlsafe(32)


def free_octets(directory: Path) -> int:
    """What may still be written to the file system of `directory` by whoever is not its superuser. Raises OSError."""
    told = os.statvfs(directory)
    return told.f_bavail * told.f_frsize


def is_here(address: str) -> bool:
    """Whether the IP `address` is one of this machine's own: those alone are reached from themselves. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, _any_port))
        except OSError:
            return False  # not reached from here at all
        return bool(ip_address(probe.getsockname()[0]) == ip_address(address))


def synchronised(directory: Path) -> None:
    """Have the names in `directory` on the disk. Raises OSError."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_private(file: Path, octets: bytes, *, replace: bool = False) -> None:
    """Have `octets` in `file`, for its owner alone and on the disk; its directory is made where there is none.

    They are written aside and then get the name: whoever reads meanwhile, and whatever breaks off (a full disk, a crash), finds
    all of it, or what was there before. Raises FileExistsError where a file is there that is not to be replaced, and OSError.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    opened = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(opened, "wb") as written:
            written.write(octets)
            written.flush()
            os.fsync(opened)
        if replace:
            draft.replace(file)
        else:
            os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)
    synchronised(file.parent)


class _Bits:
    """Random bits from the system's secure source, drawn in portions: each draw is a system call, in which another thread takes
    the interpreter. A process that was forked draws anew: it must not go on with what its parent has."""

    def __init__(self) -> None:
        self._drawn = b""
        self._at = 0
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def __call__(self, bits: int) -> int:
        octets = bits // 8
        with self._lock:
            if len(self._drawn) - self._at < octets:
                self._drawn, self._at = secrets.token_bytes(_drawn_octets), 0
            at, self._at = self._at, self._at + octets
            return int.from_bytes(self._drawn[at : at + octets], "big")

    def _forget(self) -> None:
        self._drawn, self._at, self._lock = b"", 0, threading.Lock()


random_bits: Final = _Bits()
"""So many random bits, a multiple of eight, as a number; see `_Bits`."""


class NewIds:
    """Makes ids: 48 bits of milliseconds since 1970, 80 random ones, as 26 characters that sort by time.

    Within one process each is greater than the one before, also when the clock is set back (FAULT-99).
    """

    def __init__(self, clock: Clock = clock, random_bits: Callable[[int], int] = random_bits) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        fresh = (int(self._clock().timestamp() * 1000) << _random_bits) | self._random_bits(_random_bits)
        with self._lock:
            # Where two fall into one millisecond, the later one takes the next number that is free.
            self._last = max(fresh, self._last + 1)
            number = self._last
        return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
