"""The records that belong into DNS for this installation (faults.md 4.4), as values and as the text of a zone file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from relay.internet import is_public
from relay.zone.finding import line


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key as DNS knows it: where it stands, and its record."""

    name: str
    record: str


@dataclass(frozen=True, slots=True)
class FormerKey(Key):
    """A key that signs no more, whose record stays until `until` (UTC)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class ReplyDomain:
    """The domain of the aliases: what DNS has to say of it. `domain` is its name, `hostname` ours in SMTP, both in ASCII."""

    domain: str
    hostname: str
    keys: tuple[Key, ...] = ()
    former: tuple[FormerKey, ...] = ()
    smarthost: str = ""
    """Name or address of the server elsewhere that sends our mail; empty where this machine does."""
    tlsa: tuple[str, ...] = ()
    """What may stand in a TLSA record for the certificate of our port 25, the recommended one first; empty without one."""
    mta_sts_id: str = ""
    """Of the MTA-STS policy that is served (RFC 8461 §3.1); empty while none is."""
    mta_sts_policy: str = ""

    @property
    def reports(self) -> str:
        """The mailbox for reports: operators read it (GW-8)."""
        return f"postmaster@{self.domain}"

    @property
    def policy_host(self) -> str:
        """Where the MTA-STS policy is fetched from (RFC 8461 §3.3)."""
        return f"mta-sts.{self.domain}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `told`: what it is for. `is_certain`: as it stands; otherwise a person has to fill in or to decide."""

    part: str
    name: str
    type: str
    value: str
    told: str
    is_certain: bool = True

    @property
    def line(self) -> str:
        return line(self.name, self.type, self.value)


def mx(house: ReplyDomain) -> Record:
    return Record("mx", house.domain, "MX", f"10 {house.hostname}.", "mail for the aliases comes here")


def spf(house: ReplyDomain) -> Record:
    """Who sends with a return path of the domain (RFC 7208)."""
    name, told = house.domain, "who sends with our return paths"
    if not house.smarthost:
        return Record("spf", name, "TXT", f"v=spf1 a:{house.hostname} -all", told)
    if _is_inside(house.smarthost):
        told += f"; instead of 192.0.2.1 the public address from which {house.smarthost} sends, or the include: of a provider"
        return Record("spf", name, "TXT", "v=spf1 ip4:192.0.2.1 -all", told, is_certain=False)
    told += "; a provider in the place of this server: the include: that it names"
    return Record("spf", name, "TXT", f"v=spf1 {_mechanism(house.smarthost)} -all", told)


def spf_of_host(house: ReplyDomain) -> Record | None:
    """Notices have no return path: then the name in EHLO is what SPF asks about (RFC 7208 §2.4). None where one record does."""
    if house.hostname == house.domain or house.smarthost:
        return None
    return Record("spf host", house.hostname, "TXT", "v=spf1 a -all", "mail without a return path is judged by our name in EHLO")


def dmarc(house: ReplyDomain) -> Record:
    value = f"v=DMARC1; p=reject; sp=reject; adkim=s; aspf=r; rua=mailto:{house.reports}"
    return Record("dmarc", f"_dmarc.{house.domain}", "TXT", value, "nobody else writes from the aliases (RFC 9989)")


def tls_reports(house: ReplyDomain) -> Record:
    value = f"v=TLSRPTv1; rua=mailto:{house.reports}"
    return Record("tls-rpt", f"_smtp._tls.{house.domain}", "TXT", value, "who cannot reach us over TLS says so (RFC 8460)")


def mta_sts(house: ReplyDomain) -> Record:
    told = "others insist on TLS to us (RFC 8461)"
    name, id_ = f"_mta-sts.{house.domain}", house.mta_sts_id
    if not id_:
        return Record("mta-sts", name, "TXT", "v=STSv1; id=1", f"{told}: once the policy is served", is_certain=False)
    return Record("mta-sts", name, "TXT", f"v=STSv1; id={id_}", told)


def records(house: ReplyDomain) -> Iterator[Record]:
    """All of them, in the order in which one sets them up."""
    addresses = "the addresses of this machine; its PTR record has to lead back to the name"
    yield Record("address", house.hostname, "A", "192.0.2.1", addresses, is_certain=False)
    yield Record("address", house.hostname, "AAAA", "2001:db8::1", "only where it sends and receives over IPv6", is_certain=False)
    yield mx(house)
    yield spf(house)
    if of_host := spf_of_host(house):
        yield of_host
    for key in house.keys:
        yield Record("dkim", key.name, "TXT", key.record, "the key that our mail is signed with")
    for former in house.former:
        yield Record("dkim", former.name, "TXT", former.record, f"signs no more; keep it until {former.until:%Y-%m-%d}")
    yield dmarc(house)
    yield tls_reports(house)
    yield mta_sts(house)
    yield Record("mta-sts", house.policy_host, "CNAME", f"{house.hostname}.", "where the policy is served", is_certain=False)
    yield Record("caa", house.hostname, "CAA", '0 issue "ca.example"', "the one authority that certifies us", is_certain=False)
    if house.tlsa:
        told = "only in a zone signed by DNSSEC, and changed together with the key of the certificate (RFC 7672)"
        yield Record("tlsa", tlsa_name(house), "TLSA", house.tlsa[0], told, is_certain=False)


def tlsa_name(house: ReplyDomain) -> str:
    return f"_25._tcp.{house.hostname}"


def zone_text(house: ReplyDomain) -> Iterator[str]:
    """Lines for a zone file. What a person has to fill in or to decide stands there as a comment."""
    told = ""
    for record in records(house):
        if record.told != told:
            told = record.told
            yield f"; {told}"
        yield record.line if record.is_certain else f"; {record.line}"
    if house.mta_sts_policy:
        yield f"; the policy at https://{house.policy_host}/.well-known/mta-sts.txt"
        yield from (f";   {one}" for one in house.mta_sts_policy.splitlines())


def _is_inside(host: str) -> bool:
    """Whether nobody outside knows `host`: an address of a network of our own, or a name without a domain."""
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host


def _mechanism(host: str) -> str:
    if ":" in host:
        return f"ip6:{host}"
    return f"ip4:{host}" if host.replace(".", "").isdigit() else f"a:{host}"
