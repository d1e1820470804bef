"""The masker of one crossing: compiled once for a writer and a reader, it finds and replaces what tells who or where somebody is.

What counts is told in leaks.md: known addresses of either party become that party's alias (LEAK-22, LEAK-23), unknown ones follow
the policy (LEAK-24), withheld words of the writer's name become a phrase in the reader's language, links lose what names somebody
(LEAK-26). Telephone numbers, bank accounts and links to other places follow the policy (LEAK-25). Edits are made where something
was found, and nowhere else (LEAK-31).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from relay.errors import Unreadable
from relay.message.addresses import Occurrence, occurrences
from relay.message.attribution import Place, name_edits
from relay.message.details import Details
from relay.message.dictated import dictated
from relay.message.encoded import decodings, escaped_tokens, packed_runs, unpacked
from relay.message.identity import Identity
from relay.message.links import scrubbed_link, without_trailing_signs
from relay.message.masked import Edit, Kind, Masked, Noticed, applied, changes, merged
from relay.message.names import NameFinder
from relay.message.normal import Joined, Normal, folded
from relay.message.phrases import PHRASES
from relay.message.spelled import Spellings
from relay.message.treatment import RECORDED, STANDARD, Treatment, Treatments
from relay.values import Language, RealAddress, Role

rounds_max: Final = 4
"""How often a text is searched again after an edit, which may have brought together what stood apart."""

findings_max: Final = 20_000
"""Addresses, or links, in one text. Nobody writes that many, and looking at each takes time."""

_ALIAS_SHAPE: Final = re.compile(r"(?:[a-z0-9.\-]{1,60}-[0-9a-f]{12}|bounce-.*)")
_URL: Final = re.compile(r"https?://[^\s<>\"\u2028\u2029]{1,8000}", re.IGNORECASE)
_PADDING: Final = re.compile(r"={0,2}")
_FOLDS: Final = str.maketrans(" \t", "\n\n")
_NEXT_SENTENCE: Final = re.compile(r"\.\s+(\S)")
_Seen = TypeVar("_Seen")
_OVERRIDE: Final = re.compile("[\u202e\u202d][^\u202c\n]{1,400}")


@dataclass(frozen=True, slots=True)
class _Found:
    """An identifier at [start, end) of the original text, of `whose`; None for strangers. `stays`: it is one of ours, or kept."""

    start: int
    end: int
    whose: Identity | None
    is_address: bool = True
    stays: bool = False
    counts: bool = False
    """It stays, and support shall see that it did."""
    is_whole: bool = False
    """It is a known mailbox from end to end, so that there is no need to look around it for more."""


class Masker:
    """Masks text that goes from `writer` to `reader`, whose language is `language`.

    `allowed_domains` are the house's own: addresses there stay. So do the two aliases, and the house's addresses on the reply
    domain; aliases of other conversations there do not. Links there stay too, as on `house_hosts`.
    """

    def __init__(
        self,
        writer: Identity,
        reader: Identity,
        language: Language,
        treatments: Treatments = STANDARD,
        allowed_domains: Iterable[str] = (),
        house_hosts: Iterable[str] = (),
    ) -> None:
        self.writer = writer
        self.reader = reader
        self.phrases = PHRASES[language]
        self._unknown = treatments.unknown_addresses
        self._aliases = {writer.alias: writer, reader.alias: reader}
        self._reply_domains = frozenset(alias.rpartition("@")[2] for alias in self._aliases)
        self._allowed = frozenset(folded(domain) for domain in allowed_domains) | self._reply_domains
        self.details = Details(treatments, self.phrases, (*self._allowed, *house_hosts))
        self._parties = tuple(one.beside(self._allowed) for one in (writer, reader))
        self._spellings = Spellings(self._parties)
        self._names = NameFinder(writer.name)
        self._names_in_titles = NameFinder(writer.name, any_case=True)
        self._dotless = frozenset(
            domain for one in self._parties for box in one.mailboxes for domain in box.domains if "." not in domain
        )
        self._known_domains = frozenset(domain for one in self._parties for box in one.mailboxes for domain in box.domains)

    def mask(self, text: str, *, title: bool = False) -> Masked:
        """`text` without identifiers; masking it again changes nothing. A `title` is a subject or file name (see NameFinder)."""
        removals: list[Noticed] = []
        for count in range(rounds_max):
            edits = self.edits(text, title=title)
            made = changes(edits)
            if count == 0:
                removals += [edit.kind for edit in made if edit.kind is not None]
            if not made:
                removals += [edit.kind for edit in edits if edit.kind is not None]
                break
            text = applied(text, made)
        return Masked(text, tuple(removals))

    def masked_text(self, text: str) -> str:
        """`mask`, for those who need the text alone."""
        return self.mask(text).text

    def masked_title(self, text: str) -> str:
        """`mask` of a title, for those who need the text alone."""
        return self.mask(text, title=True).text

    def edits(self, text: str, *, title: bool = False, identifiers_only: bool = False) -> list[Edit]:
        """What to replace in `text`, in order; what is Left merely was seen. Raises Unreadable beyond `findings_max`."""
        normal = Normal(text)
        joined = Joined(normal.text)
        urls = self._links(text, identifiers_only)
        written = list(self._written(normal, urls))
        sighted = (
            *self._dictated(normal, urls),
            *self._sighted(normal, joined, written),
            *(self._folded(normal) if title else ()),
        )
        found = _united((*written, *sighted, *self._reversed(text), *self._encoded(text)))
        edits = merged([edit for edit in urls if edit.kind is not None], self._edits_for(text, found))
        edits = merged(edits, name_edits(text, self._places(edits)))
        finder = self._names_in_titles if title else self._names
        names = [Edit(*span, self._bracketed(self.phrases.name), Kind.NAME) for span in finder.spans(normal)]
        told = names if identifiers_only else [*names, *self.details.numbers(normal), *self.details.bare_links(text)]
        if told:
            kept = (Edit(one.start, one.end, "", None) for one in found if one.stays)
            edits = merged(merged(merged(merged(edits, urls), kept), self._own_phrases(text)), told)
        return [edit for edit in edits if edit.kind is not None]

    def tells(self, text: str) -> bool:
        """Whether masking `text`, read as a title, would take an address, a name, a host or a link out.

        Software writes names as it likes, in a path all in small letters. Raises Unreadable like `edits`.
        """
        return bool(changes(self.edits(text, title=True, identifiers_only=True)))

    def reveals(self, text: str) -> bool:
        """Whether an identifier (names apart) stands in `text`, plainly or spelled; encodings are the caller's to open."""
        plain = folded(text)
        if "@" not in plain and "\n" not in plain and not self._spellings.might_hold(plain):
            return False
        normal = Normal(text)
        if "@" in normal.text and any(not one.stays for one in self._written(normal, ())):
            return True
        return next(self._sighted(normal, Joined(normal.text)), None) is not None

    def knows(self, text: str) -> bool:
        """Whether a party's address or host stands in a title, as `text` is one; strangers' and names do not count."""
        return self._known_in(text) is not None or next(self._folded(Normal(text)), None) is not None

    def names_in_link(self, text: str) -> bool:
        """`reveals`, or a withheld name: in a link it would be read as well as anywhere."""
        return self.reveals(text) or next(self._names.spans(Normal(text)), None) is not None

    def alias_for(self, address: str) -> str | None:
        """The address that may stand in the place of `address`: an alias for a party's, itself when it is ours or is kept."""
        for found in self._written(Normal(address.strip()), ()):
            if found.whose is not None:
                return found.whose.alias
            return address.strip() if found.stays else None
        return None

    def stand_in(self, address: RealAddress) -> tuple[str, str] | None:
        """The alias and the shown name of the party whose address this is, or already their alias; None for anybody else."""
        text = folded(address.reveal())
        whose = self._aliases.get(text) or next((one for one in self._parties if one.knows(*text.rsplit("@", 1))), None)
        return (whose.alias, whose.shown_name) if whose else None

    def writer_stand_in(self) -> tuple[str, str]:
        """The alias and the shown name of the writer."""
        return self.writer.alias, self.writer.shown_name

    def reader_stand_in(self) -> tuple[str, str]:
        """The alias and the shown name of the reader."""
        return self.reader.alias, self.reader.shown_name

    def party(self, role: Role) -> Identity:
        return self.writer if self.writer.role is role else self.reader

    def _links(self, text: str, identifiers_only: bool) -> list[Edit]:
        """All links to the web, those that stay without a kind."""
        edits: list[Edit] = []
        if "://" not in text:
            return edits
        for found in _URL.finditer(text):
            if len(edits) >= findings_max:
                raise Unreadable("too many links in one text")
            url = without_trailing_signs(found[0])
            cleaned = scrubbed_link(url, self.names_in_link)
            end = found.start() + len(url)
            if cleaned == url:
                kind = self.details.kind_of(url) if self.details.has_links and not identifiers_only else None
                edits.append(self.details.edit(found.start(), end, url, kind) if kind else Edit(found.start(), end, url, None))
            else:
                edits.append(Edit(found.start(), end, cleaned or self._bracketed(self.phrases.link), Kind.LINK))
        return edits

    def _written(self, normal: Normal, urls: Sequence[Edit]) -> Iterator[_Found]:
        """What stands there as an address, with its at sign."""
        seen = _bounded(occurrences(normal.text, self._dotless))
        return _outside(urls, (found for one in seen if (found := self._judged(normal, one)) is not None))

    def _dictated(self, normal: Normal, urls: Sequence[Edit]) -> Iterator[_Found]:
        """What stands there as an address in words, judged like one with its sign. Known ones are found in any case."""
        if self._unknown is Treatment.KEEP:
            return iter(())
        seen = _bounded(dictated(normal))
        judged = ((one, found) for one in seen for found in self._written(Normal(one.address), ()))
        return _outside(urls, (replace(found, start=one.start, end=one.end) for one, found in judged))

    def _judged(self, normal: Normal, seen: Occurrence) -> _Found | None:
        if seen.is_glued:
            return self._at(normal, seen.start, seen.end, None)
        domains = [*seen.domains, *self._running_on(seen.domain)]
        for domain in domains:
            if domain in self._known_domains:
                for start, local in seen.locals:
                    if (whose := self._whose(local, domain)) is not None:
                        return replace(self._at(normal, start, self._end(normal, seen, domain), whose), is_whole=True)
        if "=" in seen.local and (whose := self._spellings.in_return_path(seen.local)) is not None:
            return self._at(normal, seen.start, seen.end, whose)
        for domain in domains:
            if f"{_untagged(seen.close_local)}@{domain}" in self._aliases:
                return self._at(normal, seen.closely, self._end(normal, seen, domain), None, stays=True)
            if whose := next((one for one in self._parties if one.owns(domain)), None):
                return self._at(normal, seen.closely, self._end(normal, seen, domain), whose)
        if not seen.could_be_mail:
            return None
        domain = seen.close_domain
        start, end = seen.closely, seen.end - len(seen.domain) + len(domain)
        if domain in self._reply_domains:
            return self._at(normal, start, end, None, stays=_ALIAS_SHAPE.fullmatch(seen.close_local) is None)
        ours = any(domain == one or domain.endswith(f".{one}") for one in self._allowed)
        stays = ours or self._unknown is not Treatment.MASK
        return self._at(normal, start, end, None, stays=stays, counts=not ours and self._unknown in RECORDED)

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

    @staticmethod
    def _at(normal: Normal, start: int, end: int, whose: Identity | None, *, stays: bool = False, counts: bool = False) -> _Found:
        return _Found(*normal.span(start, end), whose, stays=stays, counts=counts)

    def _sighted(self, normal: Normal, joined: Joined, written: Sequence[_Found] = ()) -> Iterator[_Found]:
        """What is spelled in other ways than those in `written`, and hosts."""
        done = [(one.start, one.end) for one in written if one.is_whole]
        if done and normal.has_moved:
            done = []
        for sightings in (self._spellings.mailboxes(joined, done), self._spellings.hosts(joined)):
            for sighting in _bounded(sightings):
                yield _Found(*normal.span(sighting.start, sighting.end), sighting.whose, sighting.is_address)

    def _folded(self, normal: Normal) -> Iterator[_Found]:
        """Known identifiers with spaces inside: a title was folded in its header line, perhaps in the middle of a word, and what
        unfolded it left a space there (LEAK-9, RFC 5322 §2.2.3). A domain that two sentences make between them is none.
        """
        for one in self._sighted(normal, Joined(normal.text.translate(_FOLDS))) if " " in normal.text else ():
            next_sentence = _NEXT_SENTENCE.search(normal.original, one.start, one.end)
            if one.is_address or next_sentence is None or not next_sentence[1].isupper():
                yield one

    def _encoded(self, text: str) -> Iterator[_Found]:
        """Words that are a known identifier under an encoding. What strangers may have encoded is not looked at here."""
        for start, end in escaped_tokens(text):
            plain = self._known_in(text[start:end])
            if plain is not None and plain.is_whole:
                continue
            for said in decodings(text[start:end]):
                if (seen := self._known_in(said)) is not None:
                    yield _Found(start, end, seen.whose, seen.is_address)
                    break
        yield from self._packed(Joined(text))  # programs break base64 over lines

    def _packed(self, joined: Joined) -> Iterator[_Found]:
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
            yield _Found(first, padding.end() if padding else last, seen.whose, seen.is_address)

    def _known_when_unpacked(self, run: str) -> _Found | None:
        return next((seen for said in unpacked(run) if (seen := self._known_in(said)) is not None), None)

    def _known_in(self, said: str) -> _Found | None:
        if not self._spellings.might_hold(folded(said)):
            return None
        normal = Normal(said)
        if "@" in normal.text:
            for found in self._written(normal, ()):
                if found.whose is not None:
                    return found
        return next(self._sighted(normal, Joined(normal.text)), None)

    def _reversed(self, text: str) -> Iterator[_Found]:
        """What reads as an identifier because a control of direction turns it round."""
        for found in _OVERRIDE.finditer(text) if not text.isascii() else ():
            if (seen := self._known_in(found[0][::-1])) is not None:
                yield _Found(found.end() - seen.end, found.end() - seen.start, seen.whose, seen.is_address)

    def _edits_for(self, text: str, found: Iterable[_Found]) -> Iterator[Edit]:
        for one in found:
            if one.stays:
                if one.counts:
                    yield self.details.edit(one.start, one.end, text[one.start : one.end], Kind.ADDRESS)
            elif one.whose is not None and one.is_address:
                yield Edit(one.start, one.end, one.whose.alias, Kind.ADDRESS)
            else:
                yield Edit(one.start, one.end, self._bracketed(self.phrases.address), Kind.ADDRESS)

    def _places(self, edits: Sequence[Edit]) -> Iterator[Place]:
        """The masked addresses, each with the name that may stand beside it."""
        shown = {one.alias: one.shown_name or self._bracketed(self.phrases.name) for one in (self.writer, self.reader)}
        for edit in edits:
            if edit.kind is Kind.ADDRESS:
                yield Place(edit.start, edit.end, shown.get(edit.text, self._bracketed(self.phrases.name)))

    def _own_phrases(self, text: str) -> Iterator[Edit]:
        """Masks that stand there already, whose words could be somebody's name."""
        for phrase in self.phrases.all_bracketed():
            at = text.find(phrase)
            while at >= 0:
                yield Edit(at, at + len(phrase), "", None)
                at = text.find(phrase, at + len(phrase))

    @staticmethod
    def _bracketed(phrase: str) -> str:
        return f"[{phrase}]"


def _united(found: Iterable[_Found]) -> list[_Found]:
    """The findings in order; those that touch the same characters become one, which is the party's if one of them is."""
    united: list[_Found] = []
    for one in sorted(found, key=lambda each: each.start):
        if not united or one.start >= united[-1].end:
            united.append(one)
            continue
        last = united[-1]
        known = last if last.whose is not None and (last.is_address or one.whose is None) else one
        united[-1] = replace(known, start=last.start, end=max(last.end, one.end), stays=last.stays and one.stays)
    return united


def _bounded(seen: Iterable[_Seen]) -> Iterator[_Seen]:
    """Raises Unreadable beyond `findings_max`."""
    for count, one in enumerate(seen):
        if count >= findings_max:
            raise Unreadable("too many addresses in one text")
        yield one


def _outside(links: Sequence[Edit], found: Iterable[_Found]) -> Iterator[_Found]:
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
