"""The header of the message: leaks.md section 1."""

from __future__ import annotations

from typing import Final

from relay.selftest.traps.letters import MARKER, letter
from relay.selftest.traps.trap import Trap

HEADER: Final[tuple[Trap, ...]] = (
    Trap(
        "LEAK-1 name that is an address",
        "LEAK-1",
        "The display name of From is the writer's address.",
        lambda scene: letter(scene, "", f'From: "{scene.writer.address}" <{scene.writer.address}>'),
        keeps=(MARKER,),
    ),
    Trap(
        "LEAK-3 reply-to",
        "LEAK-3",
        "A Reply-To names the writer's other mailbox.",
        lambda scene: letter(scene, "", f"Reply-To: {scene.writer.second_address}"),
        keeps=(MARKER,),
    ),
)
