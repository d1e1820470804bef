"""Contact details as the house treats them: telephone numbers, bank accounts, links to other places (LEAK-24, LEAK-25, GW-29).

One table says which switch rules which kind, and one function what a switch does. Kinds that are kept are not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from relay.message.iban import ibans
from relay.message.links import WebLink, without_trailing_signs
from relay.message.masked import Edit, Kind, Left, Noticed, merged
from relay.message.normal import Normal, folded
from relay.message.phrases import Phrases
from relay.message.telephone import is_telephone_link, telephones
from relay.message.treatment import RECORDED, Treatment, Treatments

_BARE_WEB: Final = re.compile(r"(?<![\w./@\-])www\.[^\s<>\"\u2028\u2029]{3,8000}", re.IGNORECASE)
"""What mail programs make a link of without being told."""


class Details:
    """What one crossing does about contact details. `house_hosts` are the house's own: links there always stay."""

    def __init__(self, treatments: Treatments, phrases: Phrases, house_hosts: Iterable[str]) -> None:
        self._by_kind: Final = {
            Kind.ADDRESS: treatments.unknown_addresses,
            Kind.PHONE: treatments.phone_numbers,
            Kind.IBAN: treatments.ibans,
            Kind.LINK: treatments.links,
        }
        self._phrases: Final = {
            Kind.ADDRESS: f"[{phrases.address}]",
            Kind.PHONE: f"[{phrases.phone}]",
            Kind.IBAN: f"[{phrases.iban}]",
            Kind.LINK: f"[{phrases.link}]",
        }
        self._house = tuple(dict.fromkeys(folded(host) for host in house_hosts if host))
        self._has_numbers = any(self._is_sought(kind) for kind in (Kind.PHONE, Kind.IBAN))
        self.has_links = any(self._is_sought(kind) for kind in (Kind.PHONE, Kind.LINK))
        """Whether any link is looked at for where it leads."""
        self.records = not RECORDED.isdisjoint(self._by_kind.values())
        """Whether anything that stays is told to support."""

    def noticed(self, kind: Kind) -> Noticed | None:
        """What is said of a detail of that kind; None when it is kept, and nobody hears of it."""
        treatment = self._by_kind[kind]
        if treatment is Treatment.KEEP:
            return None
        return kind if treatment is Treatment.MASK else Left(kind, treatment)

    def edit(self, start: int, end: int, text: str, kind: Kind) -> Edit:
        """What becomes of a detail that stands as `text` at [start, end)."""
        noticed = self.noticed(kind)
        return Edit(start, end, self._phrases[kind] if isinstance(noticed, Kind) else text, noticed)

    def numbers(self, normal: Normal) -> list[Edit]:
        """Bank accounts and telephone numbers in a text. An account that is kept is not taken for a telephone number either."""
        if not self._has_numbers:
            return []
        accounts = [self._at(normal, *span, Kind.IBAN) for span in ibans(normal.text)]
        if not self._is_sought(Kind.PHONE):
            return accounts
        return merged(accounts, (self._at(normal, *span, Kind.PHONE) for span in telephones(normal.text)))

    def bare_links(self, text: str) -> Iterator[Edit]:
        """Links that begin with `www.` alone."""
        if self._is_sought(Kind.LINK) and "www." in text.lower():
            for found in _BARE_WEB.finditer(text):
                shown = without_trailing_signs(found[0])
                if self.kind_of(f"http://{shown}") is Kind.LINK:
                    yield self.edit(found.start(), found.start() + len(shown), shown, Kind.LINK)

    def kind_of(self, url: str) -> Kind | None:
        """What a link counts as: a telephone number when it leads to one, a link when it leads out of the house."""
        if self._is_sought(Kind.PHONE) and is_telephone_link(url):
            return Kind.PHONE
        if not self._is_sought(Kind.LINK) or (link := WebLink.of(url)) is None:
            return None
        host = folded(link.host)
        ours = any(host == one or host.endswith(f".{one}") for one in self._house)
        return None if ours else Kind.LINK

    def _is_sought(self, kind: Kind) -> bool:
        return self._by_kind[kind] is not Treatment.KEEP

    def _at(self, normal: Normal, start: int, end: int, kind: Kind) -> Edit:
        first, last = normal.span(start, end)
        return self.edit(first, last, normal.original[first:last], kind)
