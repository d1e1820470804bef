"""Sockets bound to where the configuration says that somebody listens."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Final

from relay.errors import WrongConfiguration

_probe_s: Final = 2.0
"""What somebody who listens at a socket in the file system is given to take a connection."""


def addresses(place: str, key: str) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    """What "host:port" stands for, "[::1]:25" for IPv6. Raises WrongConfiguration, which names `key`."""
    host, colon, port = place.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise WrongConfiguration(f"{key}: {place!r} is no host:port, for example 127.0.0.1:2525 or [::1]:2525")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        found = socket.getaddrinfo(bare or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise WrongConfiguration(f"{key}: cannot listen at {place}: {error.strerror}") from error
    return list(dict.fromkeys((family, (str(address[0]), int(address[1]))) for family, _, _, _, address in found))


def bound(place: str, key: str, *, reuse_port: bool = False) -> list[socket.socket]:
    """A socket for each address that `place` stands for; nobody is answered before somebody listens on it.

    Port 0 lets the kernel choose; `reuse_port` lets further sockets have the same port. Raises WrongConfiguration, which names
    `key`; then nothing is bound.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses(place, key):
            sockets.append(_bound(family, address, reuse_port=reuse_port))
    except OSError as error:
        for one in sockets:
            one.close()
        raise WrongConfiguration(f"{key}: cannot listen at {place}: {os.strerror(error.errno or 0)}") from error
    return sockets


def bound_at(path: Path, key: str, mode: int) -> socket.socket:
    """A socket in the file system, with the permissions `mode`; one that a process left behind when it ended is replaced.

    Raises WrongConfiguration, which names `key`: also where somebody listens already, or where something else lies.
    """
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        one.settimeout(0)
        _clear(path)
        # Whoever connects needs the right to write: nobody has it for a moment, then those who should.
        before = os.umask(0o777)
        try:
            one.bind(str(path))
        finally:
            os.umask(before)
        path.chmod(mode)
    except OSError as error:
        one.close()
        told = error.strerror or str(error)
        raise WrongConfiguration(f"{key}: cannot listen at unix:{path}: {told}") from error
    return one


def _clear(path: Path) -> None:
    """Remove a socket at which nobody listens. Raises OSError for anything else that is there."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise FileExistsError(errno.EEXIST, "something lies there that is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_probe_s)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _bound(family: socket.AddressFamily, address: tuple[str, int], *, reuse_port: bool) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.settimeout(0)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one
