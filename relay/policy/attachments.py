"""How much may be attached, and of what kind (GY-14, GY-20)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from relay.policy.facts import Attachment, Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse

EXECUTABLE_TYPES: Final = frozenset(
    {
        "application/x-dosexec",
        "application/vnd.microsoft.portable-executable",
        "application/x-msdownload",
        "application/x-ms-installer",
        "application/x-msi",
        "application/x-executable",
        "application/x-pie-executable",
        "application/x-sharedlib",
        "application/x-mach-binary",
        "application/x-ms-shortcut",
        "application/java-archive",
        "application/x-java-applet",
        "application/vnd.android.package-archive",
        "application/x-elf",
        "application/x-object",
        "application/hta",
    }
)
"""What is run by opening it, by content. Scripts are told by their names: by content they are text."""

EXECUTABLE_ENDINGS: Final = frozenset(
    "ade adp apk app appx bat cab chm cmd com cpl dll dmg exe hta img ins iso isp jar js jse lib lnk mde msc msi msix msp mst "
    "nsh pif ps1 ps1xml ps2 psc1 psm1 reg scf scr sct sh sys vb vbe vbs vhd vhdx vxd wsc wsf wsh xll".split()
)
"""File name endings that a desktop runs or mounts by a double click."""


def heavy_attachments(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse more than the limit of attachments, decoded, all together; exactly the limit passes. Source: GW-25, GY-14."""
    if sum(one.size for one in facts.attachments) <= facts.local_policy.attachment_bytes_max:
        return None
    largest_first = sorted(facts.attachments, key=lambda one: -one.size)
    return Refuse(Reason.ATTACHMENTS_TOO_LARGE, files=tuple(one.name for one in largest_first))


def forbidden_type(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse what is run by opening it, archives that hold such, and what cannot be looked into. Source: GW-25, FAULT-65, 68."""
    refused = tuple(one.name for one in facts.attachments if is_forbidden(one))
    return Refuse(Reason.ATTACHMENT_TYPE, files=refused) if refused else None


def is_forbidden(attachment: Attachment) -> bool:
    """Whether an attachment is refused by its content, its name, or what is inside it."""
    return (
        attachment.media_type in EXECUTABLE_TYPES
        or attachment.locked
        or attachment.overgrown
        or any(_runs(name) for name in (attachment.name, *attachment.members))
    )


def _runs(name: str) -> bool:
    """Whether a desktop runs a file of that name. Trailing dots and spaces count for nothing on Windows."""
    return name.rstrip(". ").rpartition(".")[2].casefold() in EXECUTABLE_ENDINGS and "." in name
