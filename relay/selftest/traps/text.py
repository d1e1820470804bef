"""Plain text: leaks.md section 2."""

from __future__ import annotations

from typing import Final

from relay.selftest.traps.letters import MARKER, letter, of
from relay.selftest.traps.trap import Trap

TEXT: Final[tuple[Trap, ...]] = (
    Trap(
        "LEAK-20 attribution in English",
        "LEAK-20",
        "An answer quotes the mail before, with the writer's name and address above it.",
        lambda scene: letter(scene, f"On 1 June 2026 at 10:00, {of(scene.writer)} wrote:\n> Nine is fine."),
        keeps=(MARKER, "Nine is fine."),
    ),
)
