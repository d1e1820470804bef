"""What the writer of an answer wrote themselves: without what they quote, who they quote, and their signature.

It is read by somebody else than a rendition is: it goes into mail of ours, and what it quotes is mail of ours too, with links in
it that decide for the writer. So where the quoted mail begins is taken from what only that mail says (`marks`: our domain, our
pages), in any language and from any program, and what follows it stays out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from relay.message.html import visible_lines
from relay.message.mail import Entity, Mail
from relay.message.text import unflowed

characters_max: Final = 20_000
"""Of the text that is looked at; people answer in fewer."""
html_characters_max: Final = 100_000
own_characters_max: Final = 5_000
_label_lines_max: Final = 3
_above_max: Final = 2
"""Lines over which an attribution is broken before the address in it."""

_QUOTED: Final = re.compile(r"\s*[>|]")
_SIGNATURE: Final = re.compile(r"--\s?")
_RULE: Final = re.compile(r"\s*(?:_{10,}|-{10,}|={10,})\s*")
_ORIGINAL: Final = re.compile(r"\s*-{2,}[^\W\d_][^\n-]{3,60}-{2,}\s*|\s*-{2,} [^\n-]{3,60} -{2,}\s*|Begin forwarded message:\s*")
_LABEL: Final = re.compile(r"[*_\s]*[^\W\d_][^\W\d_ ]{0,20}[*_]{0,2}\s?[:：][*_]{0,2}\s?\S")
_ENDS_IN_COLON: Final = re.compile(r"\S.*[:：]\s*")
_DIGIT: Final = re.compile(r"\d")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def own_words(mail: Mail, marks: Sequence[str]) -> str:
    """The text that the writer of `mail` added, lines with LF, stripped; empty where they added none.

    `marks` are what only mail of ours holds, such as "@reply.example.com" and the address of our pages: the first line with one
    of them begins the quoted mail. Raises Unreadable for a page beyond the bounds.
    """
    lines = _INVISIBLE.sub("", _text(mail.root)).replace("\u00a0", " ").split("\n")
    own = _without_quotes(lines[: _quote_begins(lines, [one.casefold() for one in marks])])
    return "\n".join(own).strip()[:own_characters_max].rstrip()


def parted(text: str) -> tuple[str, str]:
    """What was written anew in `text`, and what it quotes: for search, where nobody knows the marks of the quoted mail.

    A line that names an address and ends with a colon introduces a quote, and so does what mail programs write in its place. A
    signature is nobody else's, so it stays.
    """
    lines = text.split("\n")
    ends = next((at for at, line in enumerate(lines) if _introduces(lines, at, line)), len(lines))
    new = [line for line in lines[:ends] if not _QUOTED.match(line)]
    quoted = [line for line in lines[:ends] if _QUOTED.match(line)]
    return "\n".join(new), "\n".join((*quoted, *lines[ends:]))


def _introduces(lines: Sequence[str], at: int, line: str) -> bool:
    if _QUOTED.match(line):
        return False
    if _ORIGINAL.fullmatch(line) or ("@" in line and _ENDS_IN_COLON.fullmatch(line) and _DIGIT.search(line)):
        return True
    follows = lines[at + 1 : at + 1 + _label_lines_max]
    if _RULE.fullmatch(line):
        return any(map(_LABEL.match, follows))
    return bool(_LABEL.match(line)) and len(follows) == _label_lines_max and all(map(_LABEL.match, follows))


def first_lines(text: str) -> list[str]:
    """The lines that say something, without the asterisks and spaces around them."""
    return [line for line in _lines(text) if line]


def line_below(text: str, line: str) -> str:
    """What stands right below `line`, the first of `first_lines` that is so; empty where a blank line does, or nothing."""
    lines = [*_lines(text), ""]
    return lines[lines.index(line) + 1] if line else ""


def _lines(text: str) -> list[str]:
    return [one.strip(" \t*_") for one in text.split("\n")]


def _text(root: Entity) -> str:
    """The first text that is shown; of an alternative the plain one."""
    shown = [one for one in _shown(root) if one.media_type == "text/plain" and one.text[:characters_max].strip()]
    if shown:
        one = shown[0]
        text = one.text[:characters_max]
        is_flowed = one.parameters.get("format", "").casefold() == "flowed"
        return unflowed(text, delsp=one.parameters.get("delsp", "").casefold() == "yes") if is_flowed else text
    pages = (one for one in _shown(root) if one.media_type == "text/html")
    return next((visible_lines(one.text[:html_characters_max])[:characters_max] for one in pages), "")


def _shown(entity: Entity) -> list[Entity]:
    """The texts of the message itself: no files, and nothing of attached messages."""
    if entity.is_attached_message:
        return []
    if entity.parts:
        return [found for part in entity.parts for found in _shown(part)]
    return [entity] if not entity.is_attachment else []


def _quote_begins(lines: Sequence[str], marks: Sequence[str]) -> int:
    """The number of the line from which on all is the quoted mail; lines marked as quotes are left to `_without_quotes`."""
    for at, line in enumerate(lines):
        if _QUOTED.match(line):
            continue
        if any(one in line.casefold() for one in marks):
            return _attribution_begins(lines, at)
        if _ORIGINAL.fullmatch(line) or _SIGNATURE.fullmatch(line):
            return at
        follows = lines[at + 1 : at + 1 + _label_lines_max]
        if _RULE.fullmatch(line) and any(map(_LABEL.match, follows)):
            return at
        if _LABEL.match(line) and len(follows) == _label_lines_max and all(map(_LABEL.match, follows)):
            # A header block, as Outlook quotes: From, Sent, To, Subject in whatever language.
            return at
    return len(lines)


def _attribution_begins(lines: Sequence[str], at: int) -> int:
    """Where the attribution begins whose line `at` holds the address: dates stand on the lines above it, without a gap."""
    for above in range(at - 1, max(at - 1 - _above_max, -1), -1):
        if not lines[above].strip() or not _DIGIT.search(lines[above]) or _QUOTED.match(lines[above]):
            break
        at = above
    return at


def _without_quotes(lines: Sequence[str]) -> list[str]:
    """`lines` without those marked as quoted, and without the line that says whose words these are."""
    kept: list[str] = []
    in_quote = False
    for line in lines:
        if _QUOTED.match(line):
            if not in_quote:
                _drop_attribution(kept)
            in_quote = True
            continue
        if line.strip():
            in_quote = False
        kept.append(line)
    return kept


def _drop_attribution(kept: list[str]) -> None:
    """Take away "On Monday Anna wrote:" above a quote: up to two lines, the last ending with a colon."""
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and _ENDS_IN_COLON.fullmatch(kept[-1]) and _DIGIT.search(" ".join(kept[-2:])):
        is_broken = not _DIGIT.search(kept.pop())
        if is_broken and kept:
            kept.pop()
