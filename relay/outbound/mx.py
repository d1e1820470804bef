"""By MX: the hosts that take the mail of a recipient's own domain (RFC 5321 §5.1, RFC 7505)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final, Protocol

from relay.errors import Unavailable
from relay.lookup import Answer, Asking, Outcome, Query, Type
from relay.outbound.addresses import allowed
from relay.outbound.dane import usable, vouching
from relay.outbound.mta_sts import Mode, Policy
from relay.outbound.ports import Names
from relay.outbound.routes import DestinationKey, Host, Tls
from relay.outbound.tls_report import Finding, Followed, Tallies
from relay.transit.delivery import Cause, Deferred, Failed
from relay.values import RealAddress, ascii_domain

hosts_max: Final = 8
"""Mail exchangers whose addresses are asked for, the preferred ones first."""
addresses_max: Final = 12
"""Addresses that are tried in one attempt; further ones would wait for the next, and find the same."""
addresses_per_host_max: Final = 4
asking_s: Final = 60.0
"""What the queries about one domain may take together."""

UNKNOWN_DOMAIN: Final = Failed(Cause.ADDRESS_WRONG, None, "5.1.2 the recipient's domain does not exist")
TAKES_NO_MAIL: Final = Failed(Cause.ADDRESS_WRONG, None, "5.1.10 the recipient's domain takes no mail (null MX)")
NOWHERE: Final = Failed(Cause.SERVER_UNREACHABLE, None, "5.4.4 the recipient's domain names no host with an address")
LOOP: Final = Failed(
    Cause.OTHER, None, "5.4.6 the way to the recipient's domain leads back to this machine, or to a private network"
)
UNANSWERED: Final = Deferred(Cause.SERVER_UNREACHABLE, None, "4.4.3 DNS does not say where the recipient's domain takes its mail")

UNVOUCHED: Final = Deferred(Cause.SERVER_UNREACHABLE, None, "4.7.5 the TLSA records of the hosts could not be looked up (DANE)")
UNFIT: Final = Deferred(Cause.SERVER_UNREACHABLE, None, "4.7.5 the domain's policy allows none of its hosts (MTA-STS)")
UNREMEMBERED: Final = Deferred(Cause.OTHER, None, "4.3.0 what the domain demands could not be read from the database")

_HOST_NAME: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Exchanger:
    """A host that takes the mail of a domain. `secure`: that it does, at these addresses, was validated (DNSSEC)."""

    name: str
    addresses: tuple[str, ...]
    secure: bool = False


@dataclass(frozen=True, slots=True)
class Terrain:
    """Where mail may be taken. `own` are names of this machine, in lower case, and `is_here` tells whether an address is one of
    its own. `draw` gives a float in [0, 1).

    `private`: also to addresses that are nobody's on the internet, or our own. Outside a closed network that would be a way to
    reach the installation's own machines: whoever owns a domain chooses its addresses (FAULT-86).
    """

    own: frozenset[str]
    draw: Callable[[], float] = field(repr=False)
    is_here: Callable[[str], bool] = field(repr=False)
    private: bool = False


class Demands(Protocol):
    """What domains demand of the hosts that take their mail; see relay.outbound.mta_sts.Policies."""

    async def policy(self, domain: str) -> tuple[Policy | None, Finding | None]: ...


@dataclass(frozen=True, slots=True)
class MailExchangers:
    """Each recipient's mail goes to the hosts of their domain, at `port`, protected as `tls` says, or better where it is wanted.

    `demands` are followed where a host has no TLSA records of its own: those come first (RFC 8461 §2), with `dane`, which takes
    the resolver's word for what it validated. `tallies` hear of policies that cannot be had, or fit no host.
    """

    names: Names
    terrain: Terrain
    demands: Demands
    tallies: Tallies
    port: int = 25
    tls: Tls = Tls.OPPORTUNISTIC
    dane: bool = True

    def destination(self, recipient: RealAddress) -> DestinationKey:
        return DestinationKey(ascii_domain(recipient.reveal().rpartition("@")[2]))

    async def hosts(self, key: DestinationKey) -> tuple[Host, ...] | Deferred | Failed:
        found, _ = await self.names.answered(exchangers(key, self.terrain), asking_s)
        if isinstance(found, Deferred | Failed):
            return found
        plain = [Host(one.name, self.port, self.tls, address, key) for one in found for address in one.addresses]
        if self.tls is Tls.OFF:
            return tuple(plain[:addresses_max])
        secure = [one.name for one in found if one.secure and self.dane]
        said, _ = await self.names.answered(vouching(secure, self.port), asking_s)
        known = [one for host in plain if (one := _vouched(host, said.get(host.name))) is not None]
        if len(known) < len(plain):
            self.tallies.note(key, Followed.TLSA, Finding.DNSSEC_INVALID)
        if not known:
            return UNVOUCHED
        try:
            hosts = await self._as_demanded(key, known)
        except Unavailable:
            return UNREMEMBERED
        return tuple(hosts[:addresses_max]) or UNFIT

    async def _as_demanded(self, domain: str, hosts: Sequence[Host]) -> list[Host]:
        """Those hosts that the domain's policy allows, protected as it says. Raises Unavailable."""
        if all(host.followed is Followed.TLSA for host in hosts):
            return list(hosts)
        policy, trouble = await self.demands.policy(domain)
        if trouble is not None:
            self.tallies.note(domain, Followed.STS, trouble)
        if policy is None or policy.mode is Mode.NONE:
            return list(hosts)
        fit = [host for host in hosts if host.followed is Followed.TLSA or policy.allows(host.name)]
        if hosts[0] not in fit:
            self.tallies.note(domain, Followed.STS, Finding.VALIDATION_FAILURE)
        if policy.mode is Mode.ENFORCE:
            return [_under(host, Tls.VERIFIED) for host in fit]
        # Who demands encryption anyway is not to get less of it for a policy that is being tried out.
        tested = Tls.TESTED if self.tls is Tls.OPPORTUNISTIC else self.tls
        return [_under(host, tested) if host in fit else replace(host, domain="") for host in hosts]


def _vouched(host: Host, said: Answer | None) -> Host | None:
    """The host as its zone vouches for it; None where that could not be found out, which counts as no host (RFC 7672 §2.1.2)."""
    if said is None:
        return host
    if said.outcome is Outcome.TROUBLE:
        return None
    if said.outcome is not Outcome.FOUND or not said.secure:
        return host
    pins = usable(said.records)
    # Records that say nothing to us still say that there is TLS (RFC 7672 §2.2).
    return replace(host, tls=Tls.DANE if pins else Tls.REQUIRED, followed=Followed.TLSA, pins=pins)


def _under(host: Host, tls: Tls) -> Host:
    return host if host.followed is Followed.TLSA else replace(host, tls=tls, followed=Followed.STS)


class _Undemanding:
    """As if no domain published anything."""

    async def policy(self, domain: str) -> tuple[Policy | None, Finding | None]:  # noqa: ARG002 - as above
        return None, None


undemanding: Final = _Undemanding()


def exchangers(domain: str, terrain: Terrain) -> Asking[tuple[Exchanger, ...] | Deferred | Failed]:
    """The hosts that take the mail of `domain`, in the order in which they are to be tried.

    An alias in the place of a host is followed by the resolver, once or within its bounds (FAULT-86). An answer that is missing
    matters only where no other host is left.
    """
    if not _HOST_NAME.fullmatch(domain):
        return UNKNOWN_DOMAIN  # an address literal, or a name that no server has an answer to
    answer = yield Query(domain, Type.MX)
    if answer.outcome is Outcome.NO_NAME:
        return UNKNOWN_DOMAIN
    if answer.outcome is Outcome.TROUBLE:
        return UNANSWERED
    # Without an MX the domain itself is the host (RFC 5321 §5.1). That there is none needs no validation of its own: where the
    # addresses are validated, a forged denial would not have been.
    implicit = answer.outcome is Outcome.EMPTY
    names = [domain] if implicit else _in_order(answer, terrain.draw)
    if not names:
        return TAKES_NO_MAIL
    ranks = _ranks(answer)
    ours: float = min((ranks.get(name, 0) for name in names if name in terrain.own), default=inf)
    found: list[Exchanger] = []
    private = trouble = False
    for name in names[:hosts_max]:
        if ranks.get(name, 0) >= ours:
            break
        v4 = yield Query(name, Type.A)
        v6 = yield Query(name, Type.AAAA)
        given = [one for one in (v4, v6) if one.outcome is Outcome.FOUND]
        trouble |= Outcome.TROUBLE in {v4.outcome, v6.outcome}
        addresses = [address for one in given for address in one.records]
        public = allowed(addresses, terrain.private)
        private |= len(public) < len(addresses)
        tried = _of_both_kinds(public)
        if not terrain.private and any(map(terrain.is_here, tried)):
            ours = ranks.get(name, 0)
            break
        if tried:
            secure = (implicit or answer.secure) and all(one.secure for one in given)
            found.append(Exchanger(name, tried, secure))
    # Where we are among the hosts, those that are preferred to us alone: mail to the others would come back (RFC 5321 §5.1).
    found = [one for one in found if ranks.get(one.name, 0) < ours]
    if found:
        return tuple(found)
    if trouble:
        return UNANSWERED
    if private or ours < inf:
        return LOOP
    return NOWHERE if len(names) <= hosts_max else UNANSWERED  # the others were not asked for


def _of_both_kinds(addresses: Sequence[str]) -> tuple[str, ...]:
    """As many as are tried, IPv4 first, and half of them IPv6 where there are so many: some machines have but one of the two."""
    v4 = [one for one in addresses if ":" not in one]
    v6 = [one for one in addresses if ":" in one]
    kept = v6[: max(addresses_per_host_max // 2, addresses_per_host_max - len(v4))]
    return (*v4[: addresses_per_host_max - len(kept)], *kept)


def _in_order(answer: Answer, draw: Callable[[], float]) -> list[str]:
    """The hosts of an MX answer, the preferred ones first, those of one preference in an order of chance (RFC 5321 §5.1)."""
    drawn = sorted((preference, draw(), host) for preference, host in _records(answer) if _HOST_NAME.fullmatch(host))
    return list(dict.fromkeys(host for _, _, host in drawn))


def _ranks(answer: Answer) -> Mapping[str, int]:
    """The preference of each host; where it is named twice, the better one."""
    ranks: dict[str, int] = {}
    for preference, host in _records(answer):
        ranks[host] = min(preference, ranks.get(host, preference))
    return ranks


def _records(answer: Answer) -> Iterable[tuple[int, str]]:
    for record in answer.records:
        preference, _, host = record.partition(" ")
        yield int(preference), host
