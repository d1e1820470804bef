"""Addresses in running text: what stands around each at sign. Looking there, and nowhere else, keeps the search linear."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

local_characters_max: Final = 320
"""Return paths of bulk mail carry a whole address in their local part, so this is more than the 64 of RFC 5321 §4.5.3.1."""
domain_characters_max: Final = 255

_AT: Final = re.compile(r"@(?=[\w\[])")
_LOCAL_BACKWARDS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\-]+")
_DOMAIN: Final = re.compile(r"\[(?:ipv6:)?[0-9a-f.:]{2,45}\]|[\w-]+(?:\.[\w-]+)*")
_TOP: Final = re.compile(r"xn--[a-z0-9-]+|[^\W_]+")
_SIGNS_AROUND_A_LOCAL: Final = re.compile(r"[!#$%&'*/=?^`{|}~]")
_SIGNS_BEFORE_A_LOCAL: Final = re.compile(r"[!#$&'*/=?^`{|}~]|%[0-9a-f]{2}")
"""A percent sign alone joins a host to a local part, as relays once wanted it."""
_LETTERS_ASCII: Final = re.compile(r"[!-~]+$")
# Greek, Cyrillic and Armenian come with Latin look-alikes among them, so there a word does not end where Latin begins.
_ONE_SCRIPT_TAIL: Final = re.compile(r"[!-~\u0370-\u058f]+$")
_ONE_SCRIPT_HEAD: Final = re.compile(r"[!-~\u0370-\u058f]+")
_DIGITS: Final = "0123456789"
_FILE_ENDINGS: Final = frozenset("pdf png jpg jpeg gif webp svg docx xlsx pptx html htm txt csv js css json xml eml".split())


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something in a normal form that is written like an address: `local`@`domain` at [start, end)."""

    start: int
    end: int
    local: str = field(repr=False)
    domain: str = field(repr=False)
    closely: int
    """Where the local part begins when signs before it (brackets, quotes, `to=`) do not belong to it."""
    is_glued: bool = False
    """It is several with nothing between them, as neighbours in a page stand: the first local part, the last domain."""

    @property
    def locals(self) -> Iterator[tuple[int, str]]:
        """What may be meant as the local part, longest first, each with its start."""
        yield self.start, self.local
        for sign in _SIGNS_AROUND_A_LOCAL.finditer(self.local):
            yield self.start + sign.end(), self.local[sign.end() :]
        if not self.local.isascii() and (tail := _LETTERS_ASCII.search(self.local)):
            yield self.start + tail.start(), tail[0]

    @property
    def domains(self) -> Iterator[str]:
        """What may be meant as the domain, longest first: a sentence may go on right behind the dot, or in another script, and
        the number of a footnote, which is set higher in a page, stands right behind it in its text."""
        yield self.domain
        if not self.domain.isascii():
            yield self.close_domain
        if self.domain[-1:].isdigit():
            yield self.domain.rstrip(_DIGITS)
        labels = self.domain.split(".")
        for count in range(len(labels) - 1, 0, -1):
            yield ".".join(labels[:count])

    @property
    def close_local(self) -> str:
        return self.local[self.closely - self.start :]

    @property
    def close_domain(self) -> str:
        """The domain up to where another script begins, when that much is a domain already."""
        if self.domain.isascii() or not (head := _ONE_SCRIPT_HEAD.match(self.domain)):
            return self.domain
        return _ended(head[0]) if "." in _ended(head[0]) else self.domain

    @property
    def could_be_mail(self) -> bool:
        """Whether somebody might read it as an address: the domain ends with letters and is no file name; no `git@`."""
        domain, local = self.close_domain, self.close_local.strip(".-_")
        if domain.startswith("["):
            return bool(local)
        head, _, top = domain.rpartition(".")
        letters = top.isalpha() or top.startswith("xn--")
        return bool(local and head and letters and len(top) > 1 and top not in _FILE_ENDINGS and local != "git")


def occurrences(normal: str, dotless: Container[str] = frozenset()) -> Iterator[Occurrence]:
    """All that is written like an address in a normal form, in order, none touching another.

    A domain needs a dot, unless it is one of `dotless`.
    """
    done = 0
    for at in _AT.finditer(normal):
        domain = _domain_at(normal, at.end())
        if ("." in domain or domain in dotless) and (found := _around(normal, at.start(), domain, done)) is not None:
            found = _with_the_next(normal, found)
            done = found.end
            yield found


def _with_the_next(normal: str, found: Occurrence) -> Occurrence:
    """Where a domain ends in the local part of another address, nobody can tell: the two are one."""
    end = found.end
    while normal.startswith("@", end) and "." in (domain := _domain_at(normal, end + 1)):
        end += 1 + len(domain)
        found = replace(found, end=end, domain=domain, is_glued=True)
    return found


def _around(normal: str, at: int, domain: str, floor: int) -> Occurrence | None:
    floor = max(floor, at - local_characters_max)
    if normal[at - 1 : at] == '"' and (opening := normal.rfind('"', floor, at - 1)) >= 0 and "\n" not in normal[opening:at]:
        return Occurrence(opening, at + 1 + len(domain), normal[opening + 1 : at - 1], domain, opening)
    left = _LOCAL_BACKWARDS.match(normal[floor:at][::-1])
    if left is None:
        return None
    local = left[0][::-1]
    start = at - len(local)
    closely = max((sign.end() for sign in _SIGNS_BEFORE_A_LOCAL.finditer(local)), default=0)
    if not local.isascii() and (tail := _ONE_SCRIPT_TAIL.search(local)):
        closely = max(closely, tail.start())
    closely += len(local[closely:]) - len(local[closely:].lstrip(".-"))
    return Occurrence(start, at + 1 + len(domain), local, domain, start + closely)


def _domain_at(normal: str, start: int) -> str:
    found = _DOMAIN.match(normal, start, start + domain_characters_max)
    if found is None:
        return ""
    return found[0] if found[0].startswith("[") else _ended(found[0])


def _ended(domain: str) -> str:
    """A domain without what no top level ends with: `x.example-call`, `x.example_1`, `x.example.`."""
    head, dot, last = domain.rstrip(".").rpartition(".")
    top = _TOP.match(last)
    return f"{head}{dot}{top[0]}" if dot and top else domain.rstrip(".")
