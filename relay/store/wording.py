"""Texts as the search index takes them: folded words, and each mail address as one word that nobody can type (AR-1, AR-4c).

Were the words of an address in the index, whoever may not see it could ask for them one after the other until something is found.
So an address is found as a whole or not at all, by those who may look for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from relay.message.concealed import mentions
from relay.store.folding import words
from relay.values import RealAddress, ascii_domain

ADDRESS: Final = "\ue002"
"""What the word of an address begins with. Words of people have no such character."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A text in words. `domains`: those of its addresses, in their ASCII form."""

    words: tuple[str, ...]
    domains: frozenset[str] = frozenset()


def worded(text: str) -> Worded:
    """`text` in words. Linear in its length."""
    found: list[str] = []
    domains: set[str] = set()
    done = 0
    for one in mentions(text):
        found += words(text[done : one.start])
        word, domain = _of_address(one.address)
        found.append(word)
        domains.add(domain)
        done = one.end
    return Worded((*found, *words(text[done:])), frozenset(domains))


@lru_cache(maxsize=4096)
def _of_address(written: str) -> tuple[str, str]:
    """The word for an address, however it is spelled (GW-5), and its domain."""
    try:
        address = RealAddress(written)
        key, domain = address.key, address.domain
    except ValueError:
        key = written.lower()
        domain = key.rpartition("@")[2]
    return ADDRESS + sha256(key.encode("utf-8", "replace")).hexdigest()[:32], domain


def domain_in(written: str) -> str | None:
    """The domain that `@tours.example` names alone; None for anything else."""
    sign, domain = written[:1], written[1:]
    if sign != "@" or not domain or not words(domain) or any(one.isspace() for one in domain):
        return None
    return ascii_domain(domain)
