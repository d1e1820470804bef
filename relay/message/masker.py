"""The masker of one crossing: compiled once for a writer and a reader, it finds and replaces what tells who or where somebody is.

What counts is told in leaks.md: known addresses of either party become that party's alias (LEAK-22, LEAK-23), unknown ones follow
the policy (LEAK-24), withheld words of the writer's name become a phrase in the reader's language, links lose what names somebody
(LEAK-26). Telephone numbers, bank accounts and links to other places follow the policy (LEAK-25). Edits are made where something
was found, and nowhere else (LEAK-31).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from relay.message.attribution import Place, name_edits
from relay.message.details import Details
from relay.message.identifiers import Found, Identifiers, bounded
from relay.message.identity import Identity
from relay.message.links import scrubbed_link, without_trailing_signs
from relay.message.masked import Edit, Kind, Masked, Noticed, applied, changes, merged
from relay.message.names import NameFinder
from relay.message.normal import Normal, folded
from relay.message.phrases import PHRASES
from relay.message.treatment import STANDARD, Treatments
from relay.values import Language, RealAddress, Role

rounds_max: Final = 4
"""How often a text is searched again after an edit, which may have brought together what stood apart."""

_URL: Final = re.compile(r"https?://[^\s<>\"\u2028\u2029]{1,8000}", re.IGNORECASE)


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
        self._identifiers = Identifiers(writer, reader, treatments.unknown_addresses, map(folded, allowed_domains))
        self.details = Details(treatments, self.phrases, (*self._identifiers.allowed, *house_hosts))
        self._names = NameFinder(writer.name)
        self._names_in_titles = NameFinder(writer.name, any_case=True)

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
        urls = self._links(text, identifiers_only)
        found = self._identifiers.found(normal, urls, title=title)
        edits = [edit for edit in urls if edit.kind is not None]
        if found:
            edits = merged(edits, self._edits_for(text, found))
        if edits:
            edits = merged(edits, name_edits(text, self._places(edits)))
        finder = self._names_in_titles if title else self._names
        names = [Edit(*span, self._bracketed(self.phrases.name), Kind.NAME) for span in finder.spans(normal)]
        told = names if identifiers_only else [*names, *self.details.numbers(normal), *self.details.bare_links(text)]
        if told:
            kept = (Edit(one.start, one.end, "", None) for one in found if one.stays)
            edits = merged(merged(merged(merged(edits, urls), kept), self._own_phrases(text)), told)
        return [edit for edit in edits if edit.kind is not None]

    @cached_property
    def writer_may_be_named(self) -> bool:
        """Whether the writer has a shown name, and it is none that would be masked in a text."""
        name = self.writer.shown_name
        return bool(name) and self.masked_text(name) == name

    def tells(self, text: str) -> bool:
        """Whether masking `text`, read as a title, would take an address, a name, a host or a link out.

        Software writes names as it likes, in a path all in small letters. Raises Unreadable like `edits`.
        """
        return bool(changes(self.edits(text, title=True, identifiers_only=True)))

    def reveals(self, text: str) -> bool:
        """Whether an identifier (names apart) stands in `text`, plainly or spelled; encodings are the caller's to open."""
        return self._identifiers.reveals(Normal(text))

    def knows(self, text: str) -> bool:
        """Whether a party's address or host stands in a title, as `text` is one; strangers' and names do not count."""
        return self._identifiers.knows(text)

    def names_in_link(self, text: str) -> bool:
        """`reveals`, or a withheld name: in a link it would be read as well as anywhere."""
        plain = folded(text)
        if self._identifiers.might_reveal(plain) and self._identifiers.reveals(Normal(text)):
            return True
        return self._names.might_stand(plain) and next(self._names.spans(Normal(text)), None) is not None

    def alias_for(self, address: str) -> str | None:
        """The address that may stand in the place of `address`: an alias for a party's, itself when it is ours or is kept."""
        for found in self._identifiers.written(Normal(address.strip())):
            if found.whose is not None:
                return found.whose.alias
            return address.strip() if found.stays else None
        return None

    def stand_in(self, address: RealAddress) -> tuple[str, str] | None:
        """The alias and the shown name of the party whose address this is, or already their alias; None for anybody else."""
        whose = self._identifiers.whose_mailbox(address)
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
        for found in bounded(_URL.finditer(text), "links"):
            url = without_trailing_signs(found[0])
            cleaned = scrubbed_link(url, self.names_in_link)
            end = found.start() + len(url)
            if cleaned == url:
                kind = self.details.kind_of(url) if self.details.has_links and not identifiers_only else None
                edits.append(self.details.edit(found.start(), end, url, kind) if kind else Edit(found.start(), end, url, None))
            else:
                edits.append(Edit(found.start(), end, cleaned or self._bracketed(self.phrases.link), Kind.LINK))
        return edits

    def _edits_for(self, text: str, found: Iterable[Found]) -> Iterator[Edit]:
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
