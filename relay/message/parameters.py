"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045 §5, RFC 2183, RFC 2231).

Reading takes what programs really write: parameters in any order, encoded words where they are not allowed, file names without
quotes, quotes without end, types that are none (CASE-43, LEAK-51). Writing knows RFC 2231 only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from relay.message.charsets import decoded_octets
from relay.message.words import decoded_words, one_line, unfolded

value_characters_max: Final = 32_768
"""How much of such a field is looked at; a file name of 1,000 characters, percent-encoded in pieces, takes a third of it."""

parameters_max: Final = 200

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&+.^_`{|}~-]+")
_MEDIA_TYPE: Final = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]{1,127})\s*/\s*([A-Za-z0-9!#$&^_.+-]{1,127})")
_DISPOSITION: Final = re.compile(r"[\s\"']*([A-Za-z0-9!#$&^_.+-]{1,127})")
_NAME: Final = re.compile(r"\s*([A-Za-z0-9!#$&+.^_`{|}~-]{1,80})(?:\*([0-9]{1,4}))?(\*)?\s*=\s*")
_PLAIN_MEDIA_TYPE: Final = re.compile(r"([a-z]+/[a-z0-9.+-]+)")
_CLOSING_QUOTE: Final = re.compile(r'(?:[^"\\]|\\.)*+"')
_QUOTE_THEN_END: Final = re.compile(r'"\s*(?:;|\Z|\()')
_NEXT_PARAMETER: Final = re.compile(r";\s*[A-Za-z0-9_*-]{1,80}\s*=")
_ESCAPED: Final = re.compile(r'\\(["\\])')
_COMMENT: Final = re.compile(r"\([^()]*\)")
_BARE_VALUE: Final = re.compile(r"[^;\s]*")

_FREE_TEXT: Final = frozenset({"name", "filename"})
"""Parameters in which an unquoted space belongs to the value."""

_value_columns_max: Final = 60
"""Longer values take the extended form."""

_piece_columns_max: Final = 50
"""How long one continuation gets, so that with its name it stands on a line of its own (RFC 2231 §3)."""

_TYPES_CUT_SHORT: Final = {"text": "text/plain", "html": "text/html", "plain": "text/plain", "multipart": "multipart/mixed"}
"""What some programs write without the other half. Anything else without a slash is no type at all."""


def media_type(value: bytes) -> tuple[str | None, dict[str, str]]:
    """The type of a Content-Type field in lower case, None where it names none, and its parameters, decoded, by lower-case name.

    A type that comes back is a valid one, whatever the field held (RFC 2045 §5.1).
    """
    plain = _PLAIN_MEDIA_TYPE.fullmatch(value.decode("latin-1"))
    if plain is not None:
        return plain[1], {}
    text = _looked_at(value)
    found = _MEDIA_TYPE.match(_without_comments(text, found_in=256))
    if ";" not in text:  # "text/plain charset=utf-8"
        text = re.sub(r"\s", ";", text, count=1)
    parameters = _parameters(text)
    if found is not None:
        return f"{found[1]}/{found[2]}".lower(), parameters
    word = _DISPOSITION.match(text)
    return (_TYPES_CUT_SHORT.get(word[1].lower()) if word else None), parameters


def disposition(value: bytes) -> tuple[str | None, dict[str, str]]:
    """The disposition of a Content-Disposition field in lower case, None where there is none, and its parameters."""
    text = _looked_at(value)
    head = text.partition(";")[0]
    word = _DISPOSITION.match(_without_comments(head, found_in=256))
    if word is None or "=" in head:
        return None, _parameters(";" + text)
    return word[1].lower(), _parameters(text)


def written_parameters(parameters: Sequence[tuple[str, str]]) -> str:
    """The parameters as they follow the value, each begun by "; ", in ASCII and in one line that can be folded at its spaces.

    What is not ASCII, or long, takes the forms of RFC 2231. Raises ValueError for a name that is no token.
    """
    return "".join(f"; {piece}" for name, value in parameters for piece in _written(name, one_line(value)))


def _looked_at(value: bytes) -> str:
    return unfolded(value[:value_characters_max])


def _without_comments(text: str, found_in: int) -> str:
    return _COMMENT.sub("", text[:found_in])


def _parameters(text: str) -> dict[str, str]:
    """What stands behind the first semicolon; the first of several equal names counts, the extended form before the plain one."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, number, extended, value in _assignments(text):
        if number is None and not extended:
            plain.setdefault(name, one_line(decoded_words(value) if "=?" in value else value))
        else:
            pieces.setdefault(name, {}).setdefault(number or 0, (value, extended))
    return plain | {name: _joined(numbered) for name, numbered in pieces.items()}


def _assignments(text: str) -> Iterator[tuple[str, int | None, bool, str]]:
    """Name in lower case, number of the piece, whether percent-encoded, and value of each parameter."""
    place = text.find(";")
    for _ in range(parameters_max):
        if place == -1:
            return
        found = _NAME.match(text, place + 1)
        if found is None:
            place = text.find(";", place + 1)
            continue
        name = found[1].lower()
        value, place = _value(text, found.end(), name)
        yield name, int(found[2]) if found[2] else None, found[3] is not None, value
        place = text.find(";", place)


def _value(text: str, start: int, name: str) -> tuple[str, int]:
    """The value of parameter `name`, and where it ends."""
    if text.startswith('"', start):
        return _quoted_value(text, start + 1)
    if name in _FREE_TEXT:
        end = text.find(";", start)
        end = len(text) if end == -1 else end
    else:
        bare = _BARE_VALUE.match(text, start)
        end = bare.end() if bare else start
    value = text[start:end].strip()
    if name == "charset":  # elsewhere brackets may be meant
        value = _COMMENT.sub("", value)
    if len(value) > 1 and value[0] == value[-1] == "'":
        value = value[1:-1]
    return value.strip('"'), end


def _quoted_value(text: str, start: int) -> tuple[str, int]:
    """What stands in quotes. A quote inside that nobody escaped does not end it; where none ends it, the next parameter does."""
    closing = _CLOSING_QUOTE.match(text, start)
    if closing is None:
        following = _NEXT_PARAMETER.search(text, start)
        end = following.start() if following else len(text)
        return _ESCAPED.sub(r"\1", text[start:end]), end
    end = closing.end() - 1
    if not _QUOTE_THEN_END.match(text, end):
        following = _NEXT_PARAMETER.search(text, end)
        real = text.rfind('"', end, following.start() if following else len(text))
        end = max(end, real)
    # A backslash escapes a quote or itself; before anything else it is a Windows path that nobody escaped.
    return _ESCAPED.sub(r"\1", text[start:end]), end + 1


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """The value of an extended parameter, from its pieces in whatever order they stood (RFC 2231 §4.1)."""
    charset: str | None = None
    octets = bytearray()
    for place, number in enumerate(sorted(pieces)):
        value, extended = pieces[number]
        if extended and place == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        octets += unquote_to_bytes(value) if extended else value.encode("utf-8", "replace")
    text = decoded_octets(bytes(octets), charset)
    return one_line(decoded_words(text) if "=?" in text else text)


def _written(name: str, value: str) -> Iterator[str]:
    if not _TOKEN.fullmatch(name):
        raise ValueError("a parameter name has to be a token")
    if value.isascii() and len(value) <= _value_columns_max and "=?" not in value:
        yield f"{name}={value}" if _TOKEN.fullmatch(value) else f'{name}="{_escaped(value)}"'
        return
    pieces = [""]
    for character in value:  # one by one, so that none is cut in two
        encoded = quote(character, safe="", errors="replace")
        if len(pieces[-1]) + len(encoded) > _piece_columns_max:
            pieces.append("")
        pieces[-1] += encoded
    pieces[0] = "utf-8''" + pieces[0]
    if len(pieces) == 1:
        yield f"{name}*={pieces[0]}"
    else:
        yield from (f"{name}*{number}*={piece}" for number, piece in enumerate(pieces))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
