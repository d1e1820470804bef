"""Address lists of header fields (RFC 5322 §3.4, §4.4), read as tolerantly as mail programs do.

The structure is taken from the text as received, before any encoded word is decoded: what a word decodes to can be a name and
never a second address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from relay.message.mail import Mailbox
from relay.message.words import decoded_words, one_line, unfolded
from relay.values import RealAddress

mailboxes_max: Final = 1000
"""How many mailboxes of one field are read; the gateway takes a tenth of that in a transaction."""

_entries_max: Final = 4 * mailboxes_max
"""How many pieces between commas are looked at for them: names with commas in them are several."""

_USUAL: Final = re.compile(r"([^\"<>(),:;@\\\[\]]*)<([^\s\"<>(),:;@\\\[\]]+@[^\s\"<>(),:;@\\\[\]]+)>")
"""`Name <a@b>`, which is what nearly every From field looks like."""

_PIECE: Final = re.compile(
    r"""(=\?[^\s?]{0,80}\?[bBqQ]\?[^\s?]*\?=   # an encoded word, whatever stands in it
      | "(?:[^"\\]|\\.)*+"             # a quoted string
      | \\.                             # an escaped character outside of one
      | \[[^][\\<>,;\s]{0,255}\]        # an address literal
      | [()<>,;:"]                      # what may have a meaning
      | \s+
      | (?:[^()<>,;:"\\\[\s]|\[)+       # words
      | .)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_AROUND_AT_AND_DOT: Final = re.compile(r"\s*([@.])\s*")
_BARE_LOCAL: Final = re.compile(r'[^\s@<>"(),:;\[\]\\]+')
_WRAPPING: Final = "'\"` \t"

_STRAY: Final = frozenset({"(", ")", '"', ",", ";"})
"""Characters that mean nothing where no partner, and nothing to separate, goes with them."""

_STILL_BEHIND_BRACKET: Final = frozenset({">", "(", ")", '"'})


@dataclass(slots=True)
class _Entry:
    """One mailbox while it is read: text outside angle brackets, text inside them (None: there are none), comments."""

    outside: list[str] = field(default_factory=list)
    angled: list[str] | None = None
    closed: bool = False
    """The angle bracket is closed: what follows, a comment apart, belongs to the next mailbox."""
    has_at: bool = False
    comments: list[str] = field(default_factory=list)

    @property
    def is_route(self) -> bool:
        """Whether it is inside `<@one,@two:a@b>` (RFC 5322 §4.4), where a comma separates nothing."""
        return bool(self.angled) and not self.closed and self.angled is not None and self.angled[0].startswith("@")

    @property
    def holds_address(self) -> bool:
        """Whether an address stands in its angle bracket already, which is not closed."""
        return self.angled is not None and not self.closed and not self.is_route and any("@" in one for one in self.angled)

    @property
    def text(self) -> str:
        return "".join(self.outside).strip()

    def put(self, words: str) -> None:
        if self.angled is not None:
            self.angled.append(words)
        else:
            self.outside.append(words)
            self.has_at = self.has_at or ("@" in words and not words.startswith(('"', "=?")))


def mailboxes(value: bytes) -> tuple[Mailbox, ...]:
    """The mailboxes of an address field, in order: groups opened, comments and routes left out, names decoded.

    Never raises. What is no address stands there with `address` None. A name may hold an address itself (`a@b <c@d>`, FAULT-56):
    that is for the reader of `name` to judge. At most `mailboxes_max` are given.
    """
    text = unfolded(value)
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        return (_mailbox(usual[1], usual[2]),)
    found: list[Mailbox] = []
    for entry in _with_names_joined(islice(_entries(text), _entries_max)):
        found += _of_entry(entry)
        if len(found) >= mailboxes_max:
            return tuple(found[:mailboxes_max])
    return tuple(found)


def _entries(text: str) -> Iterator[_Entry]:
    """The list cut at its commas and semicolons, behind a group's name, and behind a closed angle bracket."""
    entry = _Entry()
    comment_ends = _comment_ends(text)
    skip_to = 0
    for piece in _PIECE.finditer(text):
        words = piece[0]
        if piece.start() < skip_to:
            continue
        if piece.start() in comment_ends:
            skip_to = comment_ends[piece.start()]
            entry.comments.append(text[piece.end() : skip_to - 1])
            continue
        if (words in {",", ";"} and not entry.is_route) or (entry.closed and _starts_another(words)):
            yield entry
            entry = _Entry()
        if words == ":" and not entry.has_at and entry.angled is None:
            entry = _Entry()  # what stood there was the name of a group, or "mailto"
        elif words == "<":
            if entry.holds_address:
                # Which of them is meant, programs tell differently: there are two, and GW-10 wants one.
                yield entry
                entry = _Entry()
            entry.angled = []  # the innermost bracket counts (CASE-30)
        elif words == ">":
            entry.closed = entry.angled is not None
        elif words not in _STRAY and not entry.closed:
            entry.put(words)
    yield entry


def _starts_another(words: str) -> bool:
    """Whether what stands behind a closed bracket is the next mailbox, with the comma left out."""
    return words not in _STILL_BEHIND_BRACKET and not words.isspace()


def _comment_ends(text: str) -> dict[int, int]:
    """Where each comment that is closed begins, and the place behind its end. A bracket without its partner is a character."""
    if "(" not in text:
        return {}
    ends: dict[int, int] = {}
    opened: list[int] = []
    for piece in _PIECE.finditer(text):
        if piece[0] == "(":
            opened.append(piece.start())
        elif piece[0] == ")" and opened:
            ends[opened.pop()] = piece.end()
    return ends


def _with_names_joined(entries: Iterator[_Entry]) -> Iterator[_Entry]:
    """`Norton, Emperor <a@b>` is one mailbox whose name should have been quoted (CASE-29)."""
    waiting: list[_Entry] = []
    for entry in entries:
        if entry.angled is None and not entry.outside:
            continue
        if entry.angled is None and not entry.has_at:
            waiting.append(entry)
            continue
        if waiting and entry.angled is not None and (name := entry.text):
            entry.outside = [", ".join((*(one.text for one in waiting), name))]
            waiting = []
        yield from waiting
        waiting = []
        yield entry
    yield from waiting


def _of_entry(entry: _Entry) -> Iterator[Mailbox]:
    name, comment = entry.text, " ".join(entry.comments)
    if entry.angled is not None:
        inside = "".join(entry.angled).strip()
        if inside.startswith("@") and ":" in inside:
            inside = inside.rpartition(":")[2]
        if inside or name:
            yield _mailbox(name or comment, inside)
        return
    text = _AROUND_AT_AND_DOT.sub(r"\1", name) if entry.has_at else name
    words = text.split() if '"' not in text else [text]
    addresses = [word for word in words if "@" in word] if entry.has_at else []
    if not addresses and text:
        yield _mailbox(comment or (text if len(words) > 1 else ""), text)
    name = " ".join(word for word in words if "@" not in word)
    for address in addresses:
        yield _mailbox(name or comment, address)


def _mailbox(name: str, written: str) -> Mailbox:
    written = one_line(written)
    return Mailbox(_name(name), _address(written), written)


def _name(phrase: str) -> str:
    """The display name behind a phrase: quotes and escapes taken off, words decoded."""
    phrase = phrase.strip()
    if '"' in phrase:
        phrase = phrase.replace('\\"', "\0").replace('"', "").replace("\0", '"')
    if "\\" in phrase:
        phrase = _ESCAPED.sub(r"\1", phrase)
    return decoded_words(phrase)


def _address(written: str) -> RealAddress | None:
    """The address, where it is one that mail can be sent to; a local part is taken out of quotes that it does not need."""
    local, _, domain = written.strip(_WRAPPING if not written.startswith('"') else None).removeprefix("mailto:").rpartition("@")
    if local.startswith('"'):
        bare = _ESCAPED.sub(r"\1", local.strip('"'))
        local = bare if _BARE_LOCAL.fullmatch(bare) else local
    else:
        local = "".join(local.split())
    try:
        return RealAddress(f"{local}@{''.join(domain.split())}")
    except ValueError:
        return None
