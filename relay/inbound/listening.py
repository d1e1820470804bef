"""Sockets bound to where the configuration says that somebody listens."""

from __future__ import annotations

import os
import socket

from relay.errors import WrongConfiguration


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
