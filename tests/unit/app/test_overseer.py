"""The service manager hears how it goes, and nobody waits for it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from support.patience import patience_s

from relay.app.overseer import ServiceManager


@pytest.mark.parametrize("name", ["notify", "@relay-test-notify"])
def test_it_is_told_by_datagrams_also_under_an_abstract_name(tmp_path: Path, name: str) -> None:
    place = name if name.startswith("@") else str(tmp_path / name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{place[1:]}" if place.startswith("@") else place)
        listening.settimeout(patience_s)
        manager = ServiceManager(place)
        for tell in (manager.reloading, manager.ready, manager.alive, manager.stopping):
            tell()
        said = [listening.recv(1000).decode() for _ in range(4)]
    assert said[0].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert said[1:] == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_where_nobody_listens_nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ServiceManager(None).ready()
    ServiceManager(str(tmp_path / "gone")).ready()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    ServiceManager.from_environment().stopping()
    assert "NOTIFY_SOCKET" not in os.environ
