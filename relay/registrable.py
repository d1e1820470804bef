"""Which part of a domain belongs to somebody: its last label below a public suffix, under which anybody can register a name."""

from __future__ import annotations

from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

_RESERVED: Final = frozenset({"example", "invalid", "test"})
"""Top levels for documents and tests, which no registry has (RFC 2606 §2)."""


def registrable_domain(domain: str) -> str:
    """The domain that somebody registered, to which `domain` (A-labels, lower case) belongs: `tours.co.uk` of `www.tours.co.uk`.

    What a provider hands out counts, as the private section of the public suffix list says: `ann.myshopify.com` is Ann's. An
    IP address is its own. Empty where there is none: for a single label, and for a public suffix itself. Source: LEAK-22.
    """
    labels = domain.split(".")
    if domain.startswith("[") or labels[-1].isdigit():
        return domain
    if _public_suffixes().publicsuffix(domain) is None:  # a top level that the list does not know has names right below it
        return ".".join(labels[-2:]) if len(labels) > 1 and all(labels) else ""
    return _public_suffixes().privatesuffix(domain) or ""


def is_top_level(label: str) -> bool:
    """Whether a label (normal form) can stand at the end of a domain of the world. Letters that are not ASCII lose their accents
    in the normal form, so any two of them can."""
    if not label.isascii():
        return len(label) > 1 and label.isalpha()
    return label in _RESERVED or _public_suffixes().is_public(label)


def read_list() -> None:
    """Read the list of public suffixes now. Otherwise that is done for the first domain, and takes a fifth of a second."""
    _public_suffixes()


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list of the library."""
    return PublicSuffixList(accept_unknown=False)
