"""Sockets that were bound before this process began: socket activation as systemd does it (sd_listen_fds(3))."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.errors import WrongConfiguration

_first_descriptor: Final = 3
_OURS: Final = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


@dataclass(frozen=True, slots=True)
class Handed:
    """A listening socket that was handed over, and its name: `FileDescriptorName=` of the unit, or the unit's own name."""

    name: str
    socket: socket.socket


def handed_over(environment: MutableMapping[str, str], process: int) -> Sequence[Handed]:
    """The sockets meant for the process of that id; nothing when there are none. What tells of them leaves the environment, so
    that no command started from here takes them for its own. Raises WrongConfiguration for what is no listening socket.
    """
    told = {name: environment.pop(name, "") for name in _OURS}
    if told["LISTEN_PID"] != str(process) or not told["LISTEN_FDS"].isdigit():
        return ()
    names = told["LISTEN_FDNAMES"].split(":")
    return [
        Handed(names[place] if place < len(names) else "unknown", _socket(_first_descriptor + place))
        for place in range(int(told["LISTEN_FDS"]))
    ]


def _socket(descriptor: int) -> socket.socket:
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        # Family and protocol are asked of the kernel.
        one = socket.socket(fileno=descriptor)
        listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:
        raise WrongConfiguration(f"what was handed over as descriptor {descriptor} is no socket") from None
    if one.type != socket.SOCK_STREAM or not listens:
        one.close()
        raise WrongConfiguration(f"the socket handed over as descriptor {descriptor} does not listen (Accept=no is needed)")
    one.settimeout(0)
    return one
