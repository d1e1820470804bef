"""Surgery on plain text: format=flowed undone, our quoted footer taken away, identifiers masked (leaks.md section 2)."""

from __future__ import annotations

from typing import Final

from relay.message.footer import without_quoted_footer
from relay.message.masked import Kind, Masked
from relay.message.masker import Masker

_SIGNATURE: Final = "-- "


def scrubbed_text(text: str, masker: Masker) -> Masked:
    """The text of a text/plain part as the other party may read it; scrubbing it again changes nothing."""
    rest = without_quoted_footer(text)
    masked = masker.mask(rest)
    return masked if rest == text else Masked(masked.text, (Kind.FOOTER, *masked.removals))


def unflowed(text: str, delsp: bool) -> str:
    """A format=flowed text with its paragraphs in one line each, and without space-stuffing (RFC 3676 §4). Line ends are LF.

    `delsp`: the space at the end of a flowed line is no part of the text. Paragraphs flow within one depth of quoting;
    the signature separator never flows.
    """
    lines: list[str] = []
    flowing_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_flowed = content.endswith(" ") and content != _SIGNATURE
        kept = content[:-1] if is_flowed and delsp else content
        if depth == flowing_depth and content != _SIGNATURE:
            lines[-1] += kept
        else:
            lines.append(_quoted(depth, kept))
        flowing_depth = depth if is_flowed else -1
    return "\n".join(lines)


def _quoted(depth: int, content: str) -> str:
    """A line with its quote marks, and a space between them and the content unless there is none."""
    return f"{'>' * depth}{' ' if depth and content else ''}{content}"
