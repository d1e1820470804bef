"""Looking for all needles of a conversation in one text: cheap first, exact where that finds something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from relay.message.leaks.finding import Kind
from relay.message.leaks.folding import (
    folded,
    folded_octets,
    folded_with_case,
    folded_word,
    squeezed,
    squeezed_octets,
    squeezed_widely,
    tidy,
)
from relay.message.leaks.needles import Needle, needles, needles_of_hosts
from relay.message.leaks.patterns import Forms, compiled, our_address, our_domain
from relay.message.leaks.piece import Context
from relay.message.leaks.watched import Watched

_window_characters: Final = 8192
_overlap_characters: Final = 2048
"""Longer than an address with all that may stand between its characters."""

_OUR_OWN: Final = "\ue000"
"""Stands in place of an address of ours: no letter, and nothing that may stand inside somebody else's."""
_identifier_characters_max: Final = 24
"""A run of base64 is worth looking into when it could hold the shortest address; longer ones do not make that rarer."""
_remembered: Final = 256


@lru_cache(maxsize=_remembered)
def search_for(watched: tuple[Watched, ...], allowed: frozenset[str]) -> Search:
    """The search for those parties; kept, since a conversation has many messages. `allowed` in lower case."""
    return Search(watched, allowed)


class Search:
    """All needles of the parties. `shortest`: characters of the shortest address."""

    def __init__(self, watched: Sequence[Watched], allowed: frozenset[str]) -> None:
        every = tuple(dict.fromkeys((*needles(watched, allowed), *needles_of_hosts(watched, allowed))))
        self._wide = tuple(one for one in every if one.is_wide)
        self._narrow = tuple(one for one in every if not one.is_wide)
        self._ours = tuple(_Ours.of(one) for one in sorted(allowed))
        self._anchors = _rarest({self._anchor_of(one) for one in self._narrow})
        self._atoms = tuple(dict.fromkeys(atom for one in self._narrow for atom in one.atoms))
        self._clear = tuple(one for one in self._narrow if one.kind is not Kind.WORD)
        self._clear_anchors = _rarest({one.pieces[0] for one in self._clear})
        lengths = [len(address) for party in watched for address in party.addresses]
        self.shortest = min((*lengths, _identifier_characters_max))

    def kinds(self, text: bytes, context: Context | None) -> Iterator[Kind]:
        """The kinds of what stands in UTF-8 text; without a context, of what may count in any."""
        flat = squeezed(text)
        suspects = self._suspects(flat)
        if self._wide:
            widely = squeezed_widely(text)
            suspects += [one for one in self._wide if all(atom in widely for atom in one.atoms)]
        if not suspects:
            return
        near = [one for one in suspects if one.is_near(flat)]
        if context is Context.TEXT or context is None:
            words = [one for one in near if one.kind is Kind.WORD]
            if words:
                spelled = tidy(text)
                yield from (one.kind for one in words if one.is_spelled_in(spelled))
        if context is Context.TEXT:
            near = [one for one in near if one.kind is not Kind.WORD]
            suspects = [one for one in suspects if one.kind is not Kind.WORD]
        form = _form_in_header if context is Context.HEADER or context is None else _form
        if near:
            yield from self._standing(near, folded(text), form)
        if running_on := [one for one in near if one.forms.running_on]:
            yield from self._standing(running_on, folded_with_case(text), _form_running_on)
        if not text.isascii():
            # Once more with other letters as gaps: one that looks like ours may stand right beside an address.
            flat = squeezed_octets(text)
            if near := [one for one in suspects if one.is_near(flat)]:
                yield from self._standing(near, folded_octets(text), form)

    def kinds_in_octets(self, octets: bytes) -> Iterator[Kind]:
        """The kinds of what stands in the clear in octets that are no text. Words do not count there.

        An address counts whatever is beside it: there is no telling letters of a text from lengths and checksums.
        """
        flat = squeezed_octets(octets)
        if not any(anchor in flat for anchor in self._clear_anchors):
            return
        suspects = [one for one in self._clear if all(piece in flat for piece in one.pieces)]
        if not suspects:
            return
        clear = folded_octets(octets)
        yield from self._standing([one for one in suspects if one.is_near(flat)], clear, _form)
        if unbounded := [one for one in suspects if one.forms.unbounded]:
            ours, _ = self._without_ours(clear, flat)
            yield from (one.kind for one in unbounded if compiled(one.forms.unbounded).search(ours))

    def _anchor_of(self, needle: Needle) -> bytes:
        """The longest of its atoms that is in none of our own addresses, since those stand in every message."""
        ours = [letters for one in self._ours for letters in (one.local_letters, one.domain_letters)]
        return next((atom for atom in needle.atoms if not any(atom in letters for letters in ours)), needle.atoms[0])

    def _suspects(self, flat: bytes) -> list[Needle]:
        for anchor in self._anchors:
            if anchor in flat:
                missing = {atom for atom in self._atoms if atom not in flat}
                return [one for one in self._narrow if missing.isdisjoint(one.atoms)]
        return []

    def _standing(self, suspects: list[Needle], text: str, form: Callable[[Forms], str]) -> Iterator[Kind]:
        """Those whose exact `form` stands in the normal form, looked for only in the windows where they may be."""
        for begin in range(0, max(len(text) - _overlap_characters, 1), _window_characters):
            window = text[max(begin - 1, 0) : begin + _window_characters + _overlap_characters]
            flat = squeezed_octets(window.encode("ascii", "ignore"))
            near = [one for one in suspects if one.is_near(flat)]
            ours, elsewhere = self._without_ours(window, flat) if near else ("", "")
            for one in near:
                if compiled(form(one.forms)).search(elsewhere if one.kind is Kind.DOMAIN else ours):
                    yield one.kind
                    suspects = [other for other in suspects if other.kind is not one.kind]
            if not suspects:
                return

    def _without_ours(self, text: str, flat: bytes) -> tuple[str, str]:
        """The text without the addresses that may stand there; and without their domains as well. `flat` is it squeezed."""
        near = [one for one in self._ours if one.domain_letters in flat]
        for address in dict.fromkeys(one.address for one in near if one.address and one.local_letters in flat):
            text = compiled(our_address(address)).sub(_OUR_OWN, text)
        addresses_out = text
        for domain in dict.fromkeys(one.domain for one in near if one.domain):
            text = compiled(our_domain(domain)).sub(_OUR_OWN, text)
        return addresses_out, text


@dataclass(frozen=True, slots=True)
class _Ours:
    """An address that may stand there. Letters: what of it stands in the squeezed form of every text that holds it."""

    address: str
    domain: str
    local_letters: bytes
    domain_letters: bytes

    @classmethod
    def of(cls, allowed: str) -> _Ours:
        local, at, domain = allowed.casefold().rpartition("@")
        return cls(f"{local}@{domain}" if at and local else "", domain, _letters(local), _letters(domain))


def _letters(text: str) -> bytes:
    """What of a text is ASCII when it is squeezed; nothing where that need not be so in every spelling."""
    return squeezed(folded_word(text).encode()) if text.isascii() else b""


def _rarest(anchors: set[bytes]) -> tuple[bytes, ...]:
    """Those that have no other one within them: where none of these is, none of the others is."""
    return tuple(sorted(one for one in anchors if not any(other in one for other in anchors if other != one)))


def _form(forms: Forms) -> str:
    return forms.pattern


def _form_in_header(forms: Forms) -> str:
    return forms.in_header or forms.pattern


def _form_running_on(forms: Forms) -> str:
    return forms.running_on
