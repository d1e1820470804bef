"""What a gateway is called, so that it takes up again what it held, and nobody else does (invariant 8)."""

from __future__ import annotations

from pathlib import Path

from relay.app.serving import NODE, names_here


def test_a_gateway_has_its_names_again_after_a_restart_and_nobody_elses(tmp_path: Path) -> None:
    """Two machines made from one image share the name of the host and of the directory, not what another holds (invariant 8)."""
    before = names_here(tmp_path, 0)
    assert names_here(tmp_path, 0) == before
    assert names_here(tmp_path, 1) != before
    (tmp_path / NODE).unlink()  # as on the other machine, before its first start
    assert names_here(tmp_path, 0) != before
