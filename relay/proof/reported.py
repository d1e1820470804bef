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
_WHITE: Final = " \t\r\n"
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


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, what stood between quotation marks, or a sign that means something; `glued` to the token before it."""

    text: str
    is_sign: bool
    glued: bool


def reports(fields: Sequence[str], authserv_id: str) -> tuple[Report, ...]:
    """What the server `authserv_id` reports in the first of `fields`, the values of Authentication-Results from the top, that
    names it; nothing where none does, or where that cannot be understood.

    The name has to stand first, and in plain letters, as servers write their own: one in quotes or behind a comment would be
    overlooked by a server that removes what others wrote under its name (RFC 8601 §5).
    """
    for field in fields:
        if _names(field, authserv_id):
            return _read(list(_tokens(field)))
    return ()


def _names(field: str, authserv_id: str) -> bool:
    found = _TOKENS.match(field.lstrip(_WHITE))
    return found is not None and found["word"] is not None and found[0].lower() == authserv_id.lower()


def _read(tokens: list[_Token]) -> tuple[Report, ...]:
    found = []
    for resinfo in _split(tokens)[1:]:
        # What is no "method=result" first, as "none" is, reports nothing.
        if len(resinfo) >= 3 and _is(resinfo[1], "=") and not resinfo[0].is_sign and not resinfo[2].is_sign:
            method = resinfo[0].text.lower().partition("/")[0]
            found.append(Report(method, resinfo[2].text.lower(), tuple(_properties(resinfo[3:]))))
    return tuple(found)


def _properties(tokens: list[_Token]) -> Iterator[tuple[str, str]]:
    """Names with their values. A value ends at white space alone: the local part of an address may hold `=` and quoted strings,
    and with `smtp.mailfrom=known.example=x@other.example` it is the whole of it that passed (RFC 8601 §2.2)."""
    at = 0
    while at < len(tokens):
        if at + 2 >= len(tokens) or not _is(tokens[at + 1], "="):
            at += 1
            continue
        name, begins = tokens[at].text.lower(), at + 2
        at = begins + 1
        if not tokens[begins].glued and at < len(tokens) and _is(tokens[at], "="):
            at = begins  # a value that is empty, and the next name
        while begins < at < len(tokens) and tokens[at].glued:
            at += 1
        yield name, "".join(one.text for one in tokens[begins:at])


def _split(tokens: list[_Token]) -> list[list[_Token]]:
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if _is(token, ";"):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _is(token: _Token, sign: str) -> bool:
    return token.is_sign and token.text == sign


def _tokens(field: str) -> Iterator[_Token]:
    """The words and signs of a field without comments. A field beyond its bound, or with a comment that never ends, has none."""
    if len(field) > field_octets_max:
        return
    depth = at = 0
    glued = False
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
            glued = False
        elif token[0] == ")":
            return
        elif token["space"] is not None:
            glued = False
        else:
            text = _unquoted(token["quoted"]) if token["quoted"] is not None else token[0]
            found.append(_Token(text, token["sign"] is not None, glued))
            glued = True
    if depth == 0:
        yield from found


def _unquoted(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)
