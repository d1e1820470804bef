"""What a domain publishes for SPF: which of its TXT records is meant, and what that says (RFC 7208 §4.5, §4.6.1, §5, §6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from relay.proof.spf_macro import MacroString, domain_spec, macro_string

record_octets_max: Final = 8_192
"""A longer one is as good as one with an error. One that a datagram holds has 450 (RFC 7208 §3.4)."""
remembered_octets_max: Final = 1_024
remembered_max: Final = 256
"""Records of at most so many octets, of which as many are kept as they were read: most mail comes from few domains. They take
10 MiB at the very most."""

Address = IPv4Address | IPv6Address


class Result(Enum):
    """What the check of a host comes to (RFC 7208 §2.6)."""

    NONE = "none"
    """There is no policy, or no domain whose policy it could be."""
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - the word of the RFC, no secret
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    """DNS is in trouble: for later."""
    PERMERROR = "permerror"
    """The policy cannot be evaluated."""


class Mechanism(Enum):
    """How a directive tells hosts that it means (RFC 7208 §5)."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"


_RESULTS: Final = {"": Result.PASS, "+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}
_NAMED: Final = {one.value: one for one in Mechanism}
_NEEDS_A_DOMAIN: Final = frozenset({Mechanism.INCLUDE, Mechanism.EXISTS})
_TAKES_BITS: Final = frozenset({Mechanism.A, Mechanism.MX})
_FAMILIES: Final[Mapping[Mechanism, type[IPv4Address] | type[IPv6Address]]] = {
    Mechanism.IP4: IPv4Address,
    Mechanism.IP6: IPv6Address,
}
_BITS: Final = r"0|[1-9][0-9]{0,2}"
_NETWORK: Final = re.compile(rf":([0-9a-f.:]+)(?:/({_BITS}))?", re.ASCII | re.IGNORECASE)
_DUAL_BITS: Final = re.compile(rf"(?:/({_BITS}))?(?://({_BITS}))?\Z", re.ASCII)
_DIRECTIVE: Final = re.compile(r"([-+?~]?)([a-z0-9]+)(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_MODIFIER: Final = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Network:
    """The addresses that have the first `bits` of `address` in common with it."""

    address: Address
    bits: int

    def __contains__(self, other: Address) -> bool:
        here = self.address
        return here.version == other.version and (int(here) ^ int(other)) >> (here.max_prefixlen - self.bits) == 0


@dataclass(frozen=True, slots=True)
class Directive:
    """`result` for the hosts that `mechanism` means. `target` is None where that is the domain itself. `bits4` and `bits6`: how
    much counts of the addresses that are looked up. IP4 and IP6 have a `network` instead."""

    result: Result
    mechanism: Mechanism
    target: MacroString | None = None
    bits4: int = 32
    bits6: int = 128
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The directives in their order, and whose policy counts where none of them matches."""

    directives: tuple[Directive, ...]
    redirect: MacroString | None = None


def policies(texts: Iterable[str]) -> tuple[str, ...]:
    """Those of a domain's TXT records that are policies of SPF (RFC 7208 §4.5)."""
    return tuple(one for one in texts if one[:7].lower() in {"v=spf1", "v=spf1 "})


def record(text: str) -> Record | None:
    """What a policy says; None where there is an error anywhere in it (RFC 7208 §4.6)."""
    if len(text) > record_octets_max:
        return None
    return _read(text) if len(text) > remembered_octets_max else _remembered(text)


def _read(text: str) -> Record | None:
    directives: list[Directive] = []
    modifiers: dict[str, MacroString] = {}
    for term in filter(None, text.split(" ")[1:]):
        if modifier := _MODIFIER.fullmatch(term):
            name, value = modifier[1].lower(), modifier[2]
            known = name in {"redirect", "exp"}
            parsed = domain_spec(value) if known else macro_string(value)
            if parsed is None or (known and name in modifiers):
                return None
            modifiers[name] = parsed
        elif directive := _directive(term):
            directives.append(directive)
        else:
            return None
    return Record(tuple(directives), modifiers.get("redirect"))


_remembered: Final = lru_cache(remembered_max)(_read)


def _directive(term: str) -> Directive | None:
    parts = _DIRECTIVE.fullmatch(term)
    if parts is None or (mechanism := _NAMED.get(parts[2].lower())) is None:
        return None
    result, rest = _RESULTS[parts[1]], parts[3]
    if mechanism is Mechanism.ALL:
        return None if rest else Directive(result, mechanism)
    if kind := _FAMILIES.get(mechanism):
        network = _network(rest, kind)
        return Directive(result, mechanism, network=network) if network else None
    bits4, bits6 = 32, 128
    if mechanism in _TAKES_BITS and (ends := _DUAL_BITS.search(rest)):
        rest, bits4, bits6 = rest[: ends.start()], int(ends[1] or 32), int(ends[2] or 128)
    if bits4 > 32 or bits6 > 128:
        return None
    target = domain_spec(rest[1:]) if rest.startswith(":") else None
    if target is None and (rest or mechanism in _NEEDS_A_DOMAIN):
        return None
    return Directive(result, mechanism, target, bits4, bits6)


def _network(rest: str, kind: type[IPv4Address] | type[IPv6Address]) -> Network | None:
    if (parts := _NETWORK.fullmatch(rest)) is None:
        return None
    try:
        address = kind(parts[1])
    except ValueError:
        return None
    bits = int(parts[2] or address.max_prefixlen)
    return Network(address, bits) if bits <= address.max_prefixlen else None
