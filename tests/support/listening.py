"""Waiting for a server of somebody else's."""

from __future__ import annotations

import socket
import time

from support.patience import patience_s


def until_it_listens(port: int) -> None:
    """Return once something listens at that port of 127.0.0.1. Raises AssertionError when nothing does in time."""
    until = time.monotonic() + patience_s
    while True:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < until, f"nothing listens on port {port}"
        time.sleep(0.05)
