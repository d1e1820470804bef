"""Text in header fields: encoded words (RFC 2047), folding (RFC 5322 §2.2.3), and what programs make of both.

Reading is as tolerant as mail programs are (LEAK-8, FAULT-58, CASE-50); writing is ASCII that survives every server.
Text that went through here has no control character left, so nothing in it can begin a header line (CASE-32, CASE-33).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.message.charsets import decoded_octets
from relay.message.transfer import decoded_base64, decoded_quoted_printable

line_columns: Final = 76
"""What a folded line aims at (RFC 2047 §2, RFC 5322 §2.1.1 without its CRLF, rounded down to what every program likes)."""

line_columns_max: Final = 998
"""What a line must never exceed, without its CRLF (RFC 5322 §2.1.1)."""

_WORD_BEGINS: Final = re.compile(r"=\?([^\s?]{0,80})\?([bBqQ])\?")
_CONTROLS: Final = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029]+")
_SPACES_OUTSIDE_QUOTES: Final = re.compile(r'"(?:[^"\\]|\\.)*+"| +')
_SPACES: Final = re.compile(r" +")
_BASE64_CHARACTER: Final = re.compile(r"[A-Za-z0-9+/]")
_TWO_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}")
_ASCII_LINE: Final = re.compile(r"[ -~]*")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_UNQUOTABLE: Final = re.compile(r'(["\\])')

_WORD_FRAME: Final = len("=?utf-8?q??=")
_word_octets_max: Final = 75
"""An encoded word with its frame (RFC 2047 §2)."""

_quoted_columns_max: Final = 60
"""A longer display name becomes encoded words, which can be folded; a quoted string is better not."""

_phrase_column: Final = len("Resent-From: ")
"""Where a display name may begin: its first word leaves that much room."""

_Q_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
"""What may stand for itself in every place where an encoded word may (RFC 2047 §5, rule 3)."""


def one_line(text: str) -> str:
    """`text` with each run of control characters and line separators as one space, without NUL, and stripped.

    NUL goes without a trace, as in bodies: programs show nothing for it, and an address written around it is still one.
    """
    return _CONTROLS.sub(" ", text.replace("\0", "")).strip()


def unfolded(value: bytes) -> str:
    """A field value in one line, with its raw 8-bit octets read as UTF-8 or as what else they are; words stay encoded."""
    return decoded_octets(value.replace(b"\r", b"").replace(b"\n", b""), None).strip()


def decoded_value(value: bytes) -> str:
    """An unstructured field value (Subject) as a person reads it: unfolded, decoded, in one line."""
    return decoded_words(unfolded(value))


def decoded_words(text: str) -> str:
    """`text` with its encoded words decoded wherever they stand, in one line.

    Words of one charset that follow each other are decoded together, since programs cut characters in two. A word without end
    goes to the next space, or to where another one begins. Never raises.
    """
    if "=?" not in text:
        return one_line(text)
    pieces: list[str] = []
    run: list[_Word] = []
    done = 0
    for word in _words(text):
        between = text[done : word.begin]
        if between.strip() or not run:
            pieces.append(_run_text(run))
            pieces.append(between)
            run = []
        run.append(word)
        done = word.end
    pieces.append(_run_text(run))
    pieces.append(text[done:])
    return one_line("".join(pieces))


def encoded_value(text: str, column: int) -> str:
    """Unstructured text as a field value in ASCII that begins at `column` and is folded with CRLF and a space.

    No line has more than 76 columns: long words are encoded for it. Decoding gives `one_line(text)`.
    """
    line = one_line(text)
    if _ASCII_LINE.fullmatch(line) and "=?" not in line:
        lines = _lines(line, column, _SPACES)
        if column + len(lines[0]) <= line_columns and all(len(one) <= line_columns for one in lines):
            return "\r\n".join(lines)
    return "\r\n ".join(_encoded_words(line, column))


def encoded_phrase(name: str) -> str:
    """A display name, ready to stand before an address: bare, as a quoted string, or as encoded words; in one line.

    Empty for an empty name. `folded` breaks it where it is long.
    """
    line = one_line(name)
    if _ASCII_LINE.fullmatch(line) and "=?" not in line and len(line) <= _quoted_columns_max:
        return line if not line or (_ATOMS.fullmatch(line) and "  " not in line) else '"' + _UNQUOTABLE.sub(r"\\\1", line) + '"'
    return " ".join(_encoded_words(line, _phrase_column))


def folded(line: str, column: int, *, quotes_whole: bool = False) -> str:
    """ASCII text that begins at `column`, with CRLF put before spaces so that lines have at most 76 columns where possible.

    Taking the CRLFs away gives the text back. `quotes_whole`: not inside quoted strings, where some programs do not unfold.
    Raises ValueError when a line would be longer than 998 for want of a space.
    """
    lines = _lines(line, column, _SPACES_OUTSIDE_QUOTES if quotes_whole else _SPACES)
    if column + len(lines[0]) > line_columns_max or any(len(one) > line_columns_max for one in lines):
        raise ValueError("a header line without a place to fold it is too long")
    return "\r\n".join(lines)


def _lines(line: str, column: int, places: re.Pattern[str]) -> list[str]:
    """`line` cut before some of the runs of spaces that `places` finds."""
    if column + len(line) <= line_columns:
        return [line]
    lines: list[str] = []
    start = 0
    fold: int | None = None
    for place in (*(found.start() for found in places.finditer(line) if found[0][0] == " "), len(line)):
        if column + place - start > line_columns and fold is not None:
            lines.append(line[start:fold])
            start, column, fold = fold, 0, None
        if place > start:
            fold = place
    lines.append(line[start:])
    return lines


@dataclass(frozen=True, slots=True)
class _Word:
    begin: int
    end: int
    charset: str
    is_base64: bool
    content: str


def _words(text: str) -> Iterator[_Word]:
    """The encoded words of `text`, in order. Each character is looked at a bounded number of times."""
    begins = list(_WORD_BEGINS.finditer(text))
    done = 0
    for at, found in enumerate(begins):
        if found.start() < done:
            continue
        next_begins = begins[at + 1].start() if at + 1 < len(begins) else len(text)
        is_base64 = found[2] in "bB"
        stop, done = _word_ends(text, found.end(), next_begins, is_base64=is_base64)
        yield _Word(found.start(), done, found[1].partition("*")[0].casefold(), is_base64, text[found.end() : stop])


def _word_ends(text: str, start: int, limit: int, *, is_base64: bool) -> tuple[int, int]:
    """Where the content of a word that begins at `start` stops, and where the word does. `limit`: the next one begins."""
    stop = text.find("?=", start, limit + 1)
    while not is_base64 and stop != -1 and _TWO_HEX.match(text, stop + 2):
        # A question mark that should have been encoded, before an encoded character ("what?=20now?="): go on to the real end.
        later = text.find("?=", stop + 2, limit + 1)
        if later == -1:
            break
        stop = later
    if stop != -1 and stop + 2 <= limit:
        return stop, stop + 2
    if stop != -1 and stop + 1 == limit:  # "...?=?utf-8?q?...": two words share their "="
        return stop, limit
    stop = start
    while stop < limit and not text[stop].isspace():
        stop += 1
    return stop, stop


def _run_text(run: list[_Word]) -> str:
    """The text of words with nothing but space between them; octets of one charset are put together first."""
    pieces: list[str] = []
    octets = bytearray()
    cut: list[str] = []
    characters = 0
    for at, word in enumerate(run):
        following = run[at + 1] if at + 1 < len(run) else None
        together = following is not None and following.charset == word.charset
        if word.is_base64:
            cut.append(word.content)
            characters += len(_BASE64_CHARACTER.findall(word.content))
            if together and following is not None and following.is_base64 and characters % 4 and "=" not in word.content:
                continue  # cut inside a group of four: the rest is in the next word
            octets += decoded_base64("".join(cut).encode("ascii", "ignore"))
            cut, characters = [], 0
        else:
            octets += decoded_quoted_printable(word.content.encode("utf-8", "replace"), in_header=True)
        if not together:
            pieces.append(decoded_octets(bytes(octets), word.charset).replace("\ufeff", ""))
            octets = bytearray()
    return "".join(pieces)


def _encoded_words(line: str, column: int) -> Iterator[str]:
    """`line` as UTF-8 words, the first one short enough to begin at `column`; B or Q, whichever is shorter."""
    as_q = [_q(character) for character in line]
    letter, costs = "q", [len(one) for one in as_q]
    octets = [len(character.encode("utf-8", "replace")) for character in line]
    if sum(costs) > sum(octets) * 4 / 3:
        letter, costs = "b", octets
    start = 0
    room = _room(letter, line_columns - column)
    taken = 0
    for at, cost in enumerate(costs):
        if taken + cost > room and at > start:
            yield _word(letter, line[start:at])
            start, taken, room = at, 0, _room(letter, _word_octets_max)
        taken += cost
    if line:
        yield _word(letter, line[start:])


def _room(letter: str, columns: int) -> int:
    """How many octets of content fit into a word of so many columns: Q counts them encoded, B as they are."""
    content = max(min(columns, _word_octets_max) - _WORD_FRAME, len("=F0=9F=8C=8D"))
    return content if letter == "q" else content // 4 * 3


def _q(character: str) -> str:
    if character in _Q_PLAIN:
        return character
    if character == " ":
        return "_"
    return "".join(f"={octet:02X}" for octet in character.encode("utf-8", "replace"))


def _word(letter: str, text: str) -> str:
    if letter == "q":
        return f"=?utf-8?q?{''.join(map(_q, text))}?="
    return f"=?utf-8?b?{binascii.b2a_base64(text.encode('utf-8', 'replace'), newline=False).decode('ascii')}?="
