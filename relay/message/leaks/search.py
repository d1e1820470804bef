"""Looking for all needles of a conversation in one text: cheap first, exact where that finds something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from relay.message.leaks.finding import Kind
from relay.message.leaks.folding import folded, folded_octets, folded_with_case, squeezed, squeezed_octets, squeezed_widely, tidy
from relay.message.leaks.needles import Needle, allowed_domains_pattern, allowed_pattern, compiled, needles, needles_of_hosts
from relay.message.leaks.piece import Context
from relay.message.leaks.watched import Watched

_window_characters: Final = 8192
_overlap_characters: Final = 2048
"""Longer than an address with all that may stand between its characters."""

_OUR_OWN: Final = "\x03"
_identifier_characters_max: Final = 24
"""A run of base64 is worth looking into when it could hold the shortest address; longer ones do not make that rarer."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The needles of the parties themselves. Anchors: the rarest piece of each, with all needles that only are where it is."""

    needles: tuple[Needle, ...]
    anchors: tuple[tuple[bytes, tuple[Needle, ...]], ...]


class Search:
    """All needles of the parties. `shortest`: characters of the shortest address."""

    def __init__(self, watched: Sequence[Watched], allowed: frozenset[str]) -> None:
        known = _known(tuple(replace(one, hosts=()) for one in watched), allowed)
        hosts = tuple(dict.fromkeys(needles_of_hosts(watched, allowed)))
        self._wide = tuple(one for one in (*known.needles, *hosts) if one.is_wide)
        self._anchors = (*known.anchors, *((one.atoms[0], (one,)) for one in hosts if not one.is_wide))
        self._clear = tuple(one for one in (*known.needles, *hosts) if one.kind is not Kind.WORD and not one.is_wide)
        self._clear_anchors = tuple(dict.fromkeys(one.pieces[0] for one in self._clear))
        self._allowed = allowed
        lengths = [len(address) for party in watched for address in party.addresses]
        self.shortest = min((*lengths, _identifier_characters_max))

    def kinds(self, text: bytes, context: Context | None) -> Iterator[Kind]:
        """The kinds of what stands in UTF-8 text; without a context, of what may count in any."""
        suspects = self._suspects(squeezed(text))
        if self._wide:
            flat = squeezed_widely(text)
            suspects += [one for one in self._wide if all(atom in flat for atom in one.atoms)]
        if not suspects:
            return
        if context is Context.TEXT or context is None:
            words = [one for one in suspects if one.kind is Kind.WORD]
            if words:
                spelled = tidy(text)
                yield from (one.kind for one in words if one.is_spelled_in(spelled))
            suspects = [one for one in suspects if one.kind is not Kind.WORD or context is None]
        form = _form_in_header if context is Context.HEADER or context is None else _form
        yield from self._standing(suspects, folded(text), form)
        if running_on := [one for one in suspects if one.running_on]:
            yield from self._standing(running_on, folded_with_case(text), _form_running_on)
        if not text.isascii():
            # Once more with other letters as gaps: one that looks like ours may stand right beside an address.
            yield from self._standing(suspects, folded_octets(text), form)

    def kinds_in_octets(self, octets: bytes) -> Iterator[Kind]:
        """The kinds of what stands in the clear in octets that are no text. Words do not count there.

        An address counts whatever is beside it: there is no telling letters of a text from lengths and checksums.
        """
        flat = squeezed_octets(octets)
        for anchor in self._clear_anchors:
            if anchor in flat:
                suspects = [one for one in self._clear if all(piece in flat for piece in one.pieces)]
                clear = folded_octets(octets)
                yield from self._standing(suspects, clear, _form)
                ours, _ = self._without_ours(clear) if suspects else ("", "")
                yield from (one.kind for one in suspects if one.unbounded and compiled(one.unbounded).search(ours))
                return

    def _suspects(self, flat: bytes) -> list[Needle]:
        suspects = {}
        for anchor, behind in self._anchors:
            if anchor in flat:
                suspects.update({id(one): one for one in behind if all(atom in flat for atom in one.atoms)})
        return list(suspects.values())

    def _standing(self, suspects: list[Needle], text: str, form: Callable[[Needle], str]) -> Iterator[Kind]:
        """Those whose exact `form` stands in the normal form, looked for only in the windows where their atoms are."""
        for begin in range(0, max(len(text) - _overlap_characters, 1), _window_characters):
            window = text[max(begin - 1, 0) : begin + _window_characters + _overlap_characters]
            flat = squeezed_octets(window.encode("ascii", "ignore"))
            near = [one for one in suspects if one.is_wide or all(atom in flat for atom in one.atoms)]
            ours, elsewhere = self._without_ours(window) if near else ("", "")
            for one in near:
                if compiled(form(one)).search(elsewhere if one.kind is Kind.DOMAIN else ours):
                    yield one.kind
                    suspects = [other for other in suspects if other.kind is not one.kind]
            if not suspects:
                return

    def _without_ours(self, text: str) -> tuple[str, str]:
        """The text without the addresses that may stand there; and without their domains as well."""
        addresses, domains = allowed_pattern(self._allowed), allowed_domains_pattern(self._allowed)
        if addresses:
            text = compiled(addresses).sub(_OUR_OWN, text)
        return text, compiled(domains).sub(_OUR_OWN, text) if domains else text


def _form(needle: Needle) -> str:
    return needle.pattern


def _form_in_header(needle: Needle) -> str:
    return needle.in_header or needle.pattern


def _form_running_on(needle: Needle) -> str:
    return needle.running_on


@lru_cache(maxsize=512)
def _known(watched: tuple[Watched, ...], allowed: frozenset[str]) -> _Known:
    """Kept, since a conversation has many messages."""
    found = tuple(needles(watched, allowed))
    narrow = [one for one in found if not one.is_wide]
    anchors = {one.atoms[0] for one in narrow}
    # An anchor that has another one within it is missing wherever that one is.
    rarest = sorted(one for one in anchors if not any(other in one for other in anchors if other != one))
    return _Known(found, tuple((anchor, tuple(one for one in narrow if anchor in one.atoms[0])) for anchor in rarest))
