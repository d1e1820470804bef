"""Who must not be recognised: everything by which a party can be told, put into the forms in which it is looked for.

The known set of a party (leaks.md): every address and domain tied to them, also what was taken back; addresses in any case, with
any `+tag`, with or without the dots that Gmail ignores, with the domain as A-label or U-label; the domains that are their own; of
the name, what `NameShown` withholds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from relay.conversation import Party, words_of_name
from relay.message.leaks.watched import ORDINARY_WORDS
from relay.message.mail import Mailbox
from relay.message.normal import folded
from relay.message.public_mail import COMMON_WORDS, PUBLIC_MAIL_DOMAINS, SERVICE_LABELS
from relay.registrable import registrable_domain
from relay.values import NameShown, RealAddress, Role, ascii_domain

gmail_domains: Final = ("gmail.com", "googlemail.com")
lone_name_letters_min: Final = 3
"""A shorter last name stands in too many words to be masked by itself."""
telling_local_characters_min: Final = 7
"""What stands before the at sign and is shorter, such as `info` or `office`, stands there at many domains."""
identities_max: Final = 2_000
"""Parties that are kept for their next message, which comes soon in a correspondence."""
_WORD: Final = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class KnownMailbox:
    """One known address in normal form, without its tag; `domains` are the spellings of its domain."""

    local: str = field(repr=False)
    domains: tuple[str, ...] = field(repr=False)

    @property
    def ignores_dots(self) -> bool:
        return self.domains[0] in gmail_domains


@dataclass(frozen=True, slots=True)
class NameParts:
    """The words of a name that do not cross, and the word beside which they are recognised in any spelling.

    Names are decided like this. The withheld words together, as one phrase, are masked wherever they stand as whole words in
    the booking's spelling or in capitals; in any case right beside the first name, in both orders (`Ann Writer`, `Writer, Ann`).
    Several words (`Town Tours` of `Old Town Tours`) count as the whole phrase only, except beside the first name. A single word
    of everyday life (tours, hotel, guide) and one of fewer than three letters are masked only beside the first name. First
    names stay under NameShown.FIRST; under NONE the first name is withheld like a last name, and the whole name in any case.
    """

    first: str = field(repr=False)
    """In normal form; empty when there is none to stand beside."""
    withheld: tuple[str, ...] = field(repr=False)
    """In the booking's spelling."""
    first_is_withheld: bool

    @property
    def stands_alone(self) -> bool:
        """Whether the withheld phrase is telling by itself."""
        if len(self.withheld) != 1:
            return len(self.withheld) > 1
        return is_telling(self.withheld[0])


def is_telling(word: str) -> bool:
    """Whether one word of a name points to somebody when it stands alone."""
    plain = folded(word)
    return len(plain) >= lone_name_letters_min and plain not in COMMON_WORDS and plain not in ORDINARY_WORDS


@dataclass(frozen=True, slots=True)
class Identity:
    """One party as the masker sees it. `hosts` are names and IP addresses of their machines, exactly as software wrote them."""

    role: Role
    alias: str
    shown_name: str
    keys: frozenset[str] = field(repr=False)
    mailboxes: tuple[KnownMailbox, ...] = field(repr=False)
    known_domains: tuple[tuple[str, ...], ...] = field(repr=False)
    """From which they write, each in its spellings."""
    own_domains: tuple[str, ...] = field(repr=False)
    hosts: tuple[str, ...] = field(repr=False)
    name: NameParts = field(repr=False)

    @staticmethod
    def of(party: Party, names: NameShown, hosts: Iterable[str] = ()) -> Identity:
        """The identity of `party` when its name is shown as `names` says."""
        one = _identity(party, names)
        plain = (folded(host.strip("[]. ")) for host in hosts)
        machines = tuple(dict.fromkeys(host for host in plain if len(host) > 3 and "." in host))
        return replace(one, hosts=machines) if machines else one

    def knows(self, local: str, domain: str) -> bool:
        """Whether `local@domain`, both in normal form, reaches a known mailbox of this party."""
        local = local.split("+", 1)[0] or local
        if domain in gmail_domains:
            local = local.replace(".", "")
        return f"{local}@{domain}" in self.keys

    def beside(self, house: Iterable[str]) -> Identity:
        """This party for a house with these domains, which are nobody's own: staff who test with their mailbox must not hide
        the house."""
        ours = frozenset(map(folded, house))
        own = (domain for spellings in self.known_domains for domain in _own_domains(spellings, ours))
        return replace(self, own_domains=tuple(dict.fromkeys(own)))

    def owns(self, domain: str) -> bool:
        """Whether `domain` (normal form) is the party's own, lies below it, or holds it as labels in its midst."""
        return any(f".{own}." in f".{domain}." for own in self.own_domains)


@lru_cache(maxsize=identities_max)
def _identity(party: Party, names: NameShown) -> Identity:
    """The party without machines: those of one message are not those of the next."""
    mailboxes = tuple(dict.fromkeys(_mailbox(address) for address in (*party.addresses, *party.former_addresses)))
    whole = (_spellings(one.name) for one in (*party.domains, *party.former_domains))
    known = tuple(dict.fromkeys((*(box.domains for box in mailboxes), *whole)))
    own = (domain for spellings in known for domain in _own_domains(spellings, frozenset()))
    return Identity(
        role=party.role,
        alias=str(party.alias),
        shown_name=party.shown_name(names),
        keys=frozenset(f"{box.local}@{domain}" for box in mailboxes for domain in box.domains),
        mailboxes=mailboxes,
        known_domains=known,
        own_domains=tuple(dict.fromkeys(own)),
        hosts=(),
        name=_name_parts(party.name, names),
    )


def is_public(domains: Iterable[str]) -> bool:
    """Whether a domain is a public mail provider's, and so an ordinary word that points to nobody."""
    return any(domain in PUBLIC_MAIL_DOMAINS for domain in domains)


def resembles(author: Mailbox, party: Party) -> bool:
    """Whether who writes from an unknown address may be `party`: by the domain, the name, or what stands before the at sign."""
    if author.address is None:
        return False
    domain = author.address.domain
    name = set(map(folded, _WORD.findall(author.name)))
    own_name = set(map(folded, _WORD.findall(" ".join(words_of_name(party.name)))))
    local = _plain_local(author.address)
    return (
        _identity(party, NameShown.FIRST).owns(domain)
        or (len(own_name) > 1 and own_name <= name)
        or (len(local) >= telling_local_characters_min and any(_plain_local(one) == local for one in party.addresses))
    )


def _plain_local(address: RealAddress) -> str:
    """What stands before the at sign, without a tag and dots, which people set differently at each provider."""
    return address.key.rpartition("@")[0].replace(".", "")


def _without_service_labels(domain: str) -> str:
    """Who writes from mail.alpenhof.example owns alpenhof.example."""
    label, _, rest = domain.partition(".")
    return _without_service_labels(rest) if label in SERVICE_LABELS and "." in rest else domain


@lru_cache(maxsize=identities_max)
def _own_domains(known_as: tuple[str, ...], house: frozenset[str]) -> tuple[str, ...]:
    """The party's own domain in all spellings of the one they write from: who writes from staff.alpenhof.example owns
    alpenhof.example.

    Where all of that is a public provider's or holds the house's, the part of it from which they write, at least.
    """
    known = known_as[0]
    widest = registrable_domain(known)
    if not widest or is_public(known_as):
        return ()
    for own in (widest, _without_service_labels(known)):
        labels = own.count(".") + 1
        spellings = tuple(".".join(domain.split(".")[-labels:]) for domain in known_as)
        if labels > 1 and not is_public(spellings) and not any(_holds(spelling, house) for spelling in spellings):
            return spellings
    return ()


def _holds(domain: str, house: frozenset[str]) -> bool:
    return any(f".{one}".endswith(f".{domain}") for one in house)


def _mailbox(address: RealAddress) -> KnownMailbox:
    local, _, domain = address.key.rpartition("@")
    if domain in gmail_domains:
        return KnownMailbox(folded(local), gmail_domains)
    return KnownMailbox(folded(local), _spellings(domain))


def _spellings(domain: str) -> tuple[str, ...]:
    """A domain in the forms in which it is written, the one of DNS first."""
    return tuple(dict.fromkeys((domain, ascii_domain(domain), folded(_unicode_domain(domain)))))


def _unicode_domain(domain: str) -> str:
    """A domain as people write it (U-labels, RFC 5890); unchanged where IDNA refuses it."""
    try:
        return ".".join(map(_u_label, domain.split(".")))
    except UnicodeError:
        return domain


def _u_label(label: str) -> str:
    """Raises UnicodeError where there is none."""
    encoded = label.removeprefix("xn--")
    return encoded.encode("ascii").decode("punycode") if encoded != label else label


def _name_parts(name: str, names: NameShown) -> NameParts:
    said = words_of_name(name)
    words = tuple(_WORD.findall(" ".join(said)))
    if names is NameShown.FULL or not words:
        return NameParts("", (), first_is_withheld=False)
    if not said[0]:
        return NameParts("", words, first_is_withheld=False)
    if len(words) == 1:
        return NameParts("", words if names is NameShown.NONE else (), first_is_withheld=False)
    first = folded(words[0])
    rest = tuple(word for word in words[1:] if folded(word) != first)
    return NameParts(first, rest, first_is_withheld=names is NameShown.NONE)
