"""Which part of a domain belongs to somebody: its last label below a public suffix, under which anybody can register a name."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList


def registrable_domain(domain: str) -> str:
    """The domain that somebody registered, to which `domain` (A-labels, lower case) belongs: `tours.co.uk` of `www.tours.co.uk`.

    What a provider hands out counts, as the private section of the public suffix list says: `ann.myshopify.com` is Ann's. An
    IP address is its own. Empty where there is none: for a single label, and for a public suffix itself. Source: LEAK-22.
    """
    if domain.startswith("[") or domain.rpartition(".")[2].isdigit():
        return domain
    return _public_suffixes().privatesuffix(domain) or ""


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list of the library, read when it is first needed: that takes a fifth of a second."""
    return PublicSuffixList()
