"""What a mail server in front of us has found out, as it says in Authentication-Results (RFC 8601; GW-13).

Everybody can write such a field. It counts only with the name that the operator has said is their own server's, and of those only
the top-most: that server puts its own above whatever came with the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

field_octets_max: Final = 16_384
"""Of one field; longer ones say nothing."""
_TOKENS: Final = re.compile(
    r"""(?P<space>[ \t\r\n]++)|(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<sign>[;=])|(?P<word>[^ \t\r\n"();=]++)|.""", re.DOTALL
)
_IN_COMMENT: Final = re.compile(r"[^()\\]++|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Report:
    """One result: `method` such as "dkim", `result` such as "pass", both in lower case; `properties` as "header.d" -> value."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, name: str) -> str:
        """The first value of that name, in lower case; empty where there is none."""
        return next((value.lower() for key, value in self.properties if key == name), "")


def reports(fields: Sequence[str], authserv_id: str) -> tuple[Report, ...]:
    """What the server `authserv_id` reports in the first of `fields`, the values of Authentication-Results from the top, that
    names it; nothing where none does, or where that cannot be understood."""
    for field in fields:
        words = list(_words(field))
        if words and words[0].lower() == authserv_id.lower():
            return _read(words)
    return ()


def _read(words: list[str]) -> tuple[Report, ...]:
    found = []
    for resinfo in _split(words)[1:]:
        # What is no "method=result" first, as "none" is, reports nothing.
        if len(resinfo) >= 3 and resinfo[1] == "=":
            method = resinfo[0].lower().partition("/")[0]
            pairs = (resinfo[at : at + 3] for at in range(3, len(resinfo) - 2))
            properties = tuple((key.lower(), value) for key, sign, value in pairs if sign == "=")
            found.append(Report(method, resinfo[2].lower(), properties))
    return tuple(found)


def _split(words: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == ";":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _words(field: str) -> Iterator[str]:
    """The words and signs of a field without comments. A field beyond its bound, or with a comment that never ends, has none."""
    if len(field) > field_octets_max:
        return
    depth = at = 0
    found = []
    while at < len(field):
        # In a comment quotation marks mean nothing, and senders have a say in what servers put there.
        token = (_TOKENS if depth == 0 else _IN_COMMENT).match(field, at)
        assert token is not None
        at = token.end()
        if token[0] == "(":
            depth += 1
        elif depth > 0:
            depth -= token[0] == ")"
        elif token[0] == ")":
            return
        elif token["space"] is None:
            found.append(_unquoted(token["quoted"]) if token["quoted"] is not None else token[0])
    if depth == 0:
        yield from found


def _unquoted(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)
