"""What a gateway is called, so that it takes up again what it held, and nobody else does (invariant 8); how its threads work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from relay.app import serving
from relay.app.listeners import Listeners
from relay.app.overseer import Nobody
from relay.app.serving import NODE, names_here
from relay.errors import Unavailable
from relay.settings import Settings


def test_a_gateway_has_its_names_again_after_a_restart_and_nobody_elses(tmp_path: Path) -> None:
    """Two machines made from one image share the name of the host and of the directory, not what another holds (invariant 8)."""
    before = names_here(tmp_path, 0)
    assert names_here(tmp_path, 0) == before
    assert names_here(tmp_path, 1) != before
    (tmp_path / NODE).unlink()  # as on the other machine, before its first start
    assert names_here(tmp_path, 0) != before


def test_no_thread_waits_long_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """PERF-8: what commits is not kept waiting by the reading of the next message."""

    def broken(*_: object) -> None:
        raise Unavailable("no database")

    monkeypatch.setattr(serving, "built", broken)
    monkeypatch.setattr(serving, "_give_large_blocks_back", lambda: None)  # for good, and this process is not a gateway's
    before = sys.getswitchinterval()
    try:
        with pytest.raises(Unavailable):
            serving.work(Settings(), "worker", Listeners((), (), ()), Nobody(), None)
        assert sys.getswitchinterval() < 0.001
    finally:
        sys.setswitchinterval(before)
