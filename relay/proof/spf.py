"""May this host send mail for that domain? SPF (RFC 7208), as a check that asks and never looks anything up itself.

The explanation that a domain may publish is left out: nobody here reads what strangers say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from ipaddress import IPv6Address, ip_address
from typing import Final

from relay.lookup import Answer, Asking, Outcome, Query, Type, is_name, name_octets_max
from relay.proof.spf_macro import MacroString, expanded, letters
from relay.proof.spf_record import Address, Directive, Mechanism, Network, Result, policies, record
from relay.values import ascii_domain

terms_max: Final = 10
"""Terms of one check that ask DNS (RFC 7208 §4.6.4)."""
voids_max: Final = 2
"""Those of them that find nothing (RFC 7208 §4.6.4). Only a term's own query counts, not those for the names in its answer:
hosts that have no address of the family of the peer are nobody's mistake."""
names_max: Final = 10
"""Names of one MX or PTR answer whose addresses are looked up."""
queries_max: Final = 1 + terms_max * (1 + names_max)
"""What these come to: nothing that is published makes a check ask more."""


class Fault(Enum):
    """Why a policy could not be evaluated."""

    SYNTAX = "syntax"
    SEVERAL = "several policies"
    MISSING = "no policy where one is included"
    TERMS = "too many terms that ask"
    VOIDS = "too many queries that find nothing"
    NAMES = "too many MX"
    TROUBLE = "DNS in trouble"

    @property
    def result(self) -> Result:
        return Result.TEMPERROR if self is Fault.TROUBLE else Result.PERMERROR


@dataclass(frozen=True, slots=True)
class Spf:
    """What a check came to, for which `domain` (in ASCII, in lower case; empty where none could be asked), and by which
    `mechanism` of its policy, None where none of them decided. TEMPERROR and PERMERROR have their `fault`."""

    result: Result
    domain: str
    mechanism: Mechanism | None = None
    fault: Fault | None = None


def spf_of(reverse_path: str, peer: str, helo: str) -> Asking[Spf]:
    """The check of one message: of its return path, or of HELO where that is empty (RFC 7208 §2.4), which is what DMARC asks for.
    `peer` is the client's address as text; one that has none, as at a local socket, gets NONE."""
    try:
        ip = ip_address(peer.partition("%")[0])
    except ValueError:
        return Spf(Result.NONE, "")
    domain = reverse_path.rpartition("@")[2] if reverse_path else helo
    return (yield from check_host(ip, domain, reverse_path or f"postmaster@{helo}", helo))


def check_host(ip: Address, domain: str, sender: str, helo: str) -> Asking[Spf]:
    """May `ip` send mail of `domain`? (RFC 7208 §4) `sender` and `helo` are what macros stand for."""
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    domain = _ascii(domain)
    if not is_name(domain):
        return Spf(Result.NONE, "")
    local, _, of = sender.rpartition("@")
    local = local[-name_octets_max:]  # of more there is no room in a name
    found = yield from _Check(ip, local or "postmaster", _ascii(of), _ascii(helo)).policy(domain)
    return replace(found, domain=domain)


def _ascii(domain: str) -> str:
    """Empty where it is too long for a domain in any spelling (RFC 6531 §3.3), before that is found out letter by letter."""
    return ascii_domain(domain) if len(domain.encode("utf-8", "replace")) <= name_octets_max + 1 else ""


class _Check:
    """One check under way, with what it has used up."""

    def __init__(self, ip: Address, local: str, sender_domain: str, helo: str) -> None:
        self._ip = ip
        self._family = Type.A if ip.version == 4 else Type.AAAA
        self._address = type(ip)
        self._values = {
            "s": f"{local}@{sender_domain}",
            "l": local,
            "o": sender_domain,
            "h": helo,
            "i": str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", "")),
            "v": "in-addr" if ip.version == 4 else "ip6",
        }
        self._terms = self._voids = 0
        self._hosts: Sequence[str] | None = None

    def policy(self, domain: str) -> Asking[Spf]:
        """What the policy of `domain` says of the peer."""
        if not is_name(domain) or "." not in domain or domain.startswith("["):
            return Spf(Result.NONE, domain)
        answer = yield Query(domain, Type.TXT)
        published = policies(answer.records)
        if answer.outcome is Outcome.TROUBLE:
            return _broken(Fault.TROUBLE, domain)
        if len(published) != 1:
            return _broken(Fault.SEVERAL, domain) if published else Spf(Result.NONE, domain)
        if (said := record(published[0])) is None:
            return _broken(Fault.SYNTAX, domain)
        for directive in said.directives:
            matches = yield from self._matches(directive, domain)
            if isinstance(matches, Fault):
                return _broken(matches, domain, directive.mechanism)
            if matches:
                return Spf(directive.result, domain, directive.mechanism)
        if said.redirect is None:
            return Spf(Result.NEUTRAL, domain)
        return (yield from self._redirected(said.redirect, domain))

    def _redirected(self, spec: MacroString, domain: str) -> Asking[Spf]:
        if self._is_one_too_many(spec):
            return _broken(Fault.TERMS, domain)
        target = yield from self._name(spec, domain)
        found = yield from self.policy(target or "")
        return _broken(Fault.MISSING, domain) if found.result is Result.NONE else found

    def _matches(self, directive: Directive, domain: str) -> Asking[bool | Fault]:
        if directive.mechanism is Mechanism.ALL:
            return True
        if directive.network is not None:
            return self._ip in directive.network
        if self._is_one_too_many(directive.target):
            return Fault.TERMS
        target = yield from self._name(directive.target, domain)
        if target is None:
            return False
        matches = yield from self._finds(directive, target)
        return Fault.VOIDS if self._voids > voids_max else matches

    def _finds(self, directive: Directive, target: str) -> Asking[bool | Fault]:
        if directive.mechanism is Mechanism.INCLUDE:
            return (yield from self._includes(target))
        if directive.mechanism is Mechanism.PTR:
            hosts = yield from self._names_of_peer()
            return any(_is_below(one, target) for one in hosts)
        kind = {Mechanism.A: self._family, Mechanism.MX: Type.MX, Mechanism.EXISTS: Type.A}[directive.mechanism]
        answer = yield from self._asked(Query(target, kind))
        if answer.outcome is Outcome.TROUBLE:
            return Fault.TROUBLE
        if directive.mechanism is Mechanism.EXISTS:
            return answer.outcome is Outcome.FOUND
        if directive.mechanism is Mechanism.MX:
            return (yield from self._is_one_of(answer, directive))
        return self._is_among(answer, directive)

    def _includes(self, target: str) -> Asking[bool | Fault]:
        found = yield from self.policy(target)
        if found.result is Result.NONE:
            return Fault.MISSING
        return found.fault or found.result is Result.PASS

    def _is_one_of(self, exchanges: Answer, directive: Directive) -> Asking[bool | Fault]:
        for count, one in enumerate(exchanges.records):
            if count == names_max:
                return Fault.NAMES
            host = one.partition(" ")[2]
            if not is_name(host):  # "." of a domain that takes no mail (RFC 7505)
                continue
            answer = yield Query(host.lower(), self._family)
            if answer.outcome is Outcome.TROUBLE:
                return Fault.TROUBLE
            if self._is_among(answer, directive):
                return True
        return False

    def _is_among(self, addresses: Answer, directive: Directive) -> bool:
        network = Network(self._ip, directive.bits4 if self._family is Type.A else directive.bits6)
        return any(self._address(one) in network for one in addresses.records)

    def _names_of_peer(self) -> Asking[Sequence[str]]:
        """Those that lead back to it. Trouble with one of them leaves it out, since the domain cannot help it (RFC 7208 §5.5)."""
        if self._hosts is None:
            answer = yield from self._asked(Query(self._ip.reverse_pointer, Type.PTR))
            hosts = []
            for one in answer.records[:names_max]:
                if is_name(one):
                    back = yield Query(one.lower(), self._family)
                    if any(self._address(address) == self._ip for address in back.records):
                        hosts.append(one.lower())
            self._hosts = hosts
        return self._hosts

    def _name(self, spec: MacroString | None, domain: str) -> Asking[str | None]:
        """What a term names, in the policy of `domain`."""
        if spec is None:
            return domain
        values = self._values | {"d": domain}
        if "p" in letters(spec):
            hosts = yield from self._names_of_peer()
            values["p"] = min(hosts, key=lambda one: (one != domain, not _is_below(one, domain)), default="unknown")
        return expanded(spec, values)

    def _asked(self, query: Query) -> Asking[Answer]:
        """The answer to the query of a term. What is no name has none, and is not asked (RFC 7208 §4.8)."""
        if not is_name(query.name):
            return Answer(Outcome.EMPTY)
        answer = yield query
        self._voids += answer.outcome in {Outcome.EMPTY, Outcome.NO_NAME}
        return answer

    def _is_one_too_many(self, spec: MacroString | None) -> bool:
        """Counts a term that asks; one that asks for the names of the peer as well counts for two, once."""
        self._terms += 1 + (self._hosts is None and spec is not None and "p" in letters(spec))
        return self._terms > terms_max


def _broken(fault: Fault, domain: str, mechanism: Mechanism | None = None) -> Spf:
    return Spf(fault.result, domain, mechanism, fault)


def _is_below(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
