"""What in a text tells who or where one of two parties is, and which addresses of strangers stand there (LEAK-22 to LEAK-29).

Each way to write an identifier has its search, and before it a look for signs without which there can be none, which takes one
pass at the speed of memory: a usual letter is done with after those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from relay.errors import Unreadable
from relay.message.addresses import Occurrence, occurrences
from relay.message.dictated import dictated
from relay.message.encoded import decodings, escaped_tokens, packed_runs, unpacked
from relay.message.identity import Identity
from relay.message.masked import Edit
from relay.message.normal import Joined, Normal, folded
from relay.message.spelled import Spellings
from relay.message.treatment import RECORDED, Treatment
from relay.values import RealAddress

findings_max: Final = 20_000
"""Addresses, or links, in one text. Nobody writes that many, and looking at each takes time."""

_NOT_FOR_OTHERS: Final = re.compile(r"[a-z0-9.\-]{1,60}-[0-9a-f]{12}|bounce-.*|[0-9a-z]{26}")
"""Local parts on the reply domain: aliases of other conversations; return paths and Message-IDs, which a report has to know
to be believed (FAULT-75)."""
_PADDING: Final = re.compile(r"={0,2}")
_NEXT_SENTENCE: Final = re.compile(r"\.\s+(\S)")
_LEFTWARDS: Final = "\u202e"
_RIGHTWARDS: Final = "\u202d"
_TURNED: Final = re.compile(f"[{_LEFTWARDS}{_RIGHTWARDS}][^\u202c\n]{{1,400}}")
_Seen = TypeVar("_Seen")


class Found(NamedTuple):
    """An identifier at [start, end) of the original text, of `whose`; None for strangers. `stays`: it is one of ours, or kept."""

    start: int
    end: int
    whose: Identity | None
    is_address: bool = True
    stays: bool = False
    counts: bool = False
    """It stays, and support shall see that it did."""
    whole: tuple[int, int] | None = None
    """Where it stands in the normal form, when it is a known mailbox from end to end: nothing more is sought around it."""


class Identifiers:
    """Finds what tells `writer` and `reader`. `allowed` are domains of the house, in normal form; `unknown`: see treatment."""

    def __init__(self, writer: Identity, reader: Identity, unknown: Treatment, allowed: Iterable[str]) -> None:
        self._unknown = unknown
        self._aliases = {writer.alias: writer, reader.alias: reader}
        self._reply_domains = frozenset(alias.rpartition("@")[2] for alias in self._aliases)
        self.allowed = frozenset(allowed) | self._reply_domains
        self._parties = tuple(one.beside(self.allowed) for one in (writer, reader))
        self._spellings = Spellings(self._parties)
        self._known_domains = frozenset(domain for one in self._parties for box in one.mailboxes for domain in box.domains)
        self._dotless = frozenset(domain for domain in self._known_domains if "." not in domain)
        self._plain_aliases: frozenset[str] = frozenset()
        """Aliases that stay wherever they stand free: most of what is met in a text that was masked before."""
        self._plain_aliases = frozenset(filter(self._stays, self._aliases))

    def found(self, normal: Normal, links: Sequence[Edit], *, title: bool) -> list[Found]:
        """All that stand in a text, in order; strangers' addresses not in `links`. What touches is one, and the party's if one
        of it is. Raises Unreadable beyond `findings_max`."""
        written = list(self.written(normal, links)) if "@" in normal.text else []
        found = [*written, *self._dictated(normal, links)]
        if self._spellings.might_stand(normal.text):
            found += self._sighted(normal, Joined(normal.text), written)
            found += self._folded(normal) if title else ()
        if _LEFTWARDS in normal.original or _RIGHTWARDS in normal.original:
            found += self._reversed(normal.original)
        found += self._encoded(normal.original)
        return _united(found) if found else []

    def written(self, normal: Normal, links: Sequence[Edit] = ()) -> Iterator[Found]:
        """What stands there as an address, with its at sign."""
        if "@" not in normal.text:
            return iter(())
        seen = bounded(occurrences(normal.text, self._dotless), "addresses")
        return _outside(links, (found for one in seen if (found := self._judged(normal, one)) is not None))

    def knows(self, title: str) -> bool:
        """Whether one of a party stands in a title, names apart."""
        return self.known_in(title) is not None or next(self._folded(Normal(title)), None) is not None

    def might_reveal(self, plain: str) -> bool:
        """Whether one could stand in a normal form: a quick look before `reveals`."""
        return "@" in plain or self._spellings.might_stand(plain)

    def reveals(self, normal: Normal) -> bool:
        """Whether one stands in a text, plainly or spelled; encodings are the caller's to open."""
        if "@" in normal.text and any(not one.stays for one in self.written(normal)):
            return True
        return self._spellings.might_stand(normal.text) and next(self._sighted(normal, Joined(normal.text)), None) is not None

    def known_in(self, said: str) -> Found | None:
        """One of a party in `said`, names apart."""
        normal = Normal(said)
        if not self._spellings.might_hold(normal.text):
            return None
        known = (found for found in self.written(normal) if found.whose is not None)
        return next(known, None) or next(self._sighted(normal, Joined(normal.text)), None)

    def whose_mailbox(self, address: RealAddress) -> Identity | None:
        """The party who is reached at `address`, or whose alias it is."""
        text = folded(address.reveal())
        return self._aliases.get(text) or self._whose(*text.rsplit("@", 1))

    def _dictated(self, normal: Normal, links: Sequence[Edit]) -> Iterator[Found]:
        """What stands there as an address in words, judged like one with its sign. Known ones are found in any case."""
        if self._unknown is Treatment.KEEP:
            return iter(())
        seen = bounded(dictated(normal), "addresses")
        judged = ((one, found) for one in seen for found in self.written(Normal(one.address)))
        return _outside(links, (found._replace(start=one.start, end=one.end) for one, found in judged))

    def _judged(self, normal: Normal, seen: Occurrence) -> Found | None:
        is_alias = not seen.is_glued and f"{seen.local}@{seen.domain}" in self._plain_aliases
        if is_alias or seen.is_glued:
            return _at(normal, seen.start, seen.end, None, stays=is_alias)
        domains = [*seen.domains, *self._running_on(seen.domain)]
        for domain in domains:
            if domain in self._known_domains:
                for start, local in seen.locals:
                    if (whose := self._whose(local, domain)) is not None:
                        end = self._end(normal, seen, domain)
                        return Found(*normal.span(start, end), whose, whole=(start, end))
        if "=" in seen.local and (whose := self._spellings.in_return_path(seen.local)) is not None:
            return _at(normal, seen.start, seen.end, whose)
        for domain in domains:
            if f"{_untagged(seen.close_local)}@{domain}" in self._aliases:
                return _at(normal, seen.closely, self._end(normal, seen, domain), None, stays=True)
            if whose := next((one for one in self._parties if one.owns(domain)), None):
                return _at(normal, seen.closely, self._end(normal, seen, domain), whose)
        if not seen.could_be_mail:
            return None
        domain = seen.close_domain
        start, end = seen.closely, seen.end - len(seen.domain) + len(domain)
        if domain in self._reply_domains:
            return _at(normal, start, end, None, stays=_NOT_FOR_OTHERS.fullmatch(seen.close_local) is None)
        ours = any(domain == one or domain.endswith(f".{one}") for one in self.allowed)
        stays = ours or self._unknown is not Treatment.MASK
        return _at(normal, start, end, None, stays=stays, counts=not ours and self._unknown in RECORDED)

    def _stays(self, alias: str) -> bool:
        return [(one.start, one.end, one.stays) for one in self.written(Normal(alias))] == [(0, len(alias), True)]

    def _running_on(self, written: str) -> Iterator[str]:
        """Known domains that run into the word behind them, as the labels of a page do: `ann@writer.exampleTel`.

        A domain that goes on with labels of its own is a stranger's.
        """
        return (one for one in self._known_domains if written.startswith(one) and "." not in written[len(one) :])

    def _whose(self, local: str, domain: str) -> Identity | None:
        return next((one for one in self._parties if one.knows(local, domain)), None)

    @staticmethod
    def _end(normal: Normal, seen: Occurrence, domain: str) -> int:
        """Where an address with that domain ends: with it when a sentence or a word follows, else where the written one does."""
        end = seen.end - len(seen.domain) + len(domain)
        if normal.text.startswith(".", end, seen.end):
            following = normal.span(end, end + 1)[0] + 1
            if not normal.original[following : following + 1].isupper():
                return seen.end
        return end

    def _sighted(self, normal: Normal, joined: Joined, written: Sequence[Found] = ()) -> Iterator[Found]:
        """What is spelled in other ways than those in `written`, and hosts."""
        done = [one.whole for one in written if one.whole is not None]
        for sightings in (self._spellings.mailboxes(joined, done), self._spellings.hosts(joined)):
            for sighting in bounded(sightings, "addresses"):
                yield Found(*normal.span(sighting.start, sighting.end), sighting.whose, sighting.is_address)

    def _folded(self, normal: Normal) -> Iterator[Found]:
        """Known identifiers with spaces inside: a title was folded in its header line, perhaps in the middle of a word, and what
        unfolded it left a space there (LEAK-9, RFC 5322 §2.2.3). A domain that two sentences make between them is none.
        """
        for one in (
            self._sighted(normal, Joined(normal.text.replace(" ", "\n").replace("\t", "\n"))) if " " in normal.text else ()
        ):
            next_sentence = _NEXT_SENTENCE.search(normal.original, one.start, one.end)
            if one.is_address or next_sentence is None or not next_sentence[1].isupper():
                yield one

    def _encoded(self, text: str) -> Iterator[Found]:
        """Words that are a known identifier under an encoding. What strangers may have encoded is not looked at here."""
        for start, end in escaped_tokens(text):
            plain = self.known_in(text[start:end])
            if plain is not None and plain.whole is not None:
                continue
            for said in decodings(text[start:end]):
                if (seen := self.known_in(said)) is not None:
                    yield Found(start, end, seen.whose, seen.is_address)
                    break
        yield from self._packed(Joined(text))  # programs break base64 over lines

    def _packed(self, joined: Joined) -> Iterator[Found]:
        for begin, stop in packed_runs(joined.text):
            if (seen := self._known_when_unpacked(joined.text[begin:stop])) is None:
                continue
            start, end = begin, stop
            if breaks := [at for at in range(begin + 1, stop) if joined.breaks_before(at)]:
                # The first or the last line may be a word of the letter.
                if self._known_when_unpacked(joined.text[start : breaks[-1]]) is not None:
                    end = breaks[-1]
                if breaks[0] < end and self._known_when_unpacked(joined.text[breaks[0] : end]) is not None:
                    start = breaks[0]
            first, last = joined.span(start, end)
            padding = _PADDING.match(joined.source, last)
            yield Found(first, padding.end() if padding else last, seen.whose, seen.is_address)

    def _known_when_unpacked(self, run: str) -> Found | None:
        return next((seen for said in unpacked(run) if (seen := self.known_in(said)) is not None), None)

    def _reversed(self, text: str) -> Iterator[Found]:
        """What reads as an identifier because a control of direction turns it round."""
        for found in _TURNED.finditer(text):
            if (seen := self.known_in(found[0][::-1])) is not None:
                yield Found(found.end() - seen.end, found.end() - seen.start, seen.whose, seen.is_address)


def bounded(seen: Iterable[_Seen], what: str) -> Iterator[_Seen]:
    """Raises Unreadable beyond `findings_max`."""
    for count, one in enumerate(seen):
        if count >= findings_max:
            raise Unreadable(f"too many {what} in one text")
        yield one


def _at(normal: Normal, start: int, end: int, whose: Identity | None, *, stays: bool = False, counts: bool = False) -> Found:
    return Found(*normal.span(start, end), whose, stays=stays, counts=counts)


def _united(found: Iterable[Found]) -> list[Found]:
    """The findings in order; those that touch the same characters become one, which is the party's if one of them is."""
    united: list[Found] = []
    for one in sorted(found, key=lambda each: each.start):
        if not united or one.start >= united[-1].end:
            united.append(one)
            continue
        last = united[-1]
        known = last if last.whose is not None and (last.is_address or one.whose is None) else one
        united[-1] = known._replace(start=last.start, end=max(last.end, one.end), stays=last.stays and one.stays)
    return united


def _outside(links: Sequence[Edit], found: Iterable[Found]) -> Iterator[Found]:
    """What of `found`, in order, stands in no link; and whatever is known."""
    ahead = iter(links)
    link = next(ahead, None)
    for one in found:
        while link is not None and link.end <= one.start:
            link = next(ahead, None)
        inside = link is not None and link.start <= one.start
        if not inside or one.whose is not None:
            yield one


def _untagged(local: str) -> str:
    return local.split("+", 1)[0]
