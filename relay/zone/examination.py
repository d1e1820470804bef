"""Whether DNS says of this installation what it should: one examination a record, each a check that asks (faults.md 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from relay.internet import is_public
from relay.lookup import Answer, Asking, Outcome, Query, Type
from relay.proof.spf import check_host
from relay.proof.spf_record import Result
from relay.zone import records
from relay.zone.finding import Finding, State, tags, unanswered, versioned
from relay.zone.key import key_published
from relay.zone.records import Record, ReplyDomain

addresses_max: Final = 16
"""Of one host that are looked at."""
reports_to_max: Final = 5
"""Mailboxes for reports that are looked at."""
_some_address: Final = "192.0.2.1"
"""Nobody's (RFC 5737): a policy can be evaluated for it, or for nobody."""


def examined(house: ReplyDomain, now: datetime) -> Asking[list[Finding]]:
    """Every record of `house`, in the order in which one sets them up. `now` in UTC."""
    findings: list[Finding] = []
    for examination in EXAMINATIONS:
        findings += yield from examination(house)
    findings += yield from _keys(house, now)
    return findings


def _exchange(house: ReplyDomain) -> Asking[list[Finding]]:
    wanted = records.mx(house)
    answer = yield Query(house.domain, Type.MX)
    if nothing := _unanswered(wanted, answer):
        return [nothing]
    if house.hostname not in {one.partition(" ")[2] for one in answer.records}:
        fix = f"none of them is this machine: add {wanted.line}, or say in smtp.hostname which of them it is"
        return [_of(wanted, State.WRONG, answer.records, fix)]
    alias = yield Query(house.hostname, Type.CNAME)
    if nothing := _trouble(wanted, alias):
        return [nothing]
    if alias.outcome is Outcome.FOUND:
        fix = f"{house.hostname} is an alias (CNAME), which no mail exchanger may be (RFC 5321 §5.1): give it its own addresses"
        return [_of(wanted, State.WRONG, answer.records, fix)]
    return [_of(wanted, State.RIGHT, answer.records)]


def _addresses(house: ReplyDomain) -> Asking[list[Finding]]:
    wanted = Record("address", house.hostname, "A", "the addresses of this machine", "")
    found, trouble = yield from _addresses_of(house.hostname)
    if trouble:
        return [_of(wanted, State.TROUBLE, found, "no answer from DNS about its A or AAAA records: ask again")]
    if not found:
        return [_of(wanted, State.MISSING, (), "publish an A record, and AAAA where it is reached over IPv6")]
    if inside := [one for one in found if not is_public(one)]:
        return [_of(wanted, State.ADVICE, found, f"nobody outside reaches {', '.join(inside)}: publish the public address")]
    return [_of(wanted, State.RIGHT, found)]


@dataclass(frozen=True, slots=True)
class _Sending:
    """The public addresses that our mail comes from: those of `host`. `unknown`: why they may not be all; empty when they are."""

    host: str
    addresses: tuple[str, ...]
    state: State = State.RIGHT
    unknown: str = ""


def _sending(house: ReplyDomain) -> Asking[_Sending]:
    host = house.smarthost or house.hostname
    found, trouble = yield from _addresses_of(host)
    public = tuple(one for one in found if is_public(one))
    if trouble:
        return _Sending(host, public, State.TROUBLE, f"no answer from DNS about the addresses of {host}, which sends our mail")
    if not found:
        return _Sending(host, (), State.WRONG, f"{host}, which sends our mail, has no address in DNS")
    if not public:
        outside = f"{host} sends under a public address that is not known here"
        return _Sending(host, (), State.ADVICE, outside)
    return _Sending(host, public)


def _way_back(house: ReplyDomain) -> Asking[list[Finding]]:
    """PTR, for each address that our mail comes from: it names who leads back to it (RFC 1912 §2.1)."""
    findings = []
    sending = yield from _sending(house)
    for address in sending.addresses:
        name = ip_address(address).reverse_pointer
        wanted = Record("ptr", name, "PTR", "a name with this address" if house.smarthost else f"{house.hostname}.", "")
        answer = yield Query(name, Type.PTR)
        at_the_owner = f"whoever owns {address} (the provider) sets it"
        if nothing := _unanswered(wanted, answer):
            fix = nothing.fix if nothing.state is State.TROUBLE else f"publish one with {wanted.value}"
            findings.append(replace(nothing, fix=f"{fix}; {at_the_owner}"))
            continue
        leads_back, trouble = yield from _leads_back(house, address, answer.records)
        if leads_back:
            findings.append(_of(wanted, State.RIGHT, answer.records))
        elif trouble:
            findings.append(
                _of(wanted, State.TROUBLE, answer.records, "no answer from DNS about the addresses of that: ask again")
            )
        else:
            fix = f"it has to be the name in EHLO, and that to have the address {address}; {at_the_owner}"
            findings.append(_of(wanted, State.WRONG, answer.records, fix))
    if sending.unknown:
        wanted = Record("ptr", sending.host, "PTR", "of each address that our mail comes from, a name with that address", "")
        findings.append(_of(wanted, sending.state, sending.addresses, f"{sending.unknown}: see that its PTR record leads back"))
    return findings


def _leads_back(house: ReplyDomain, address: str, names: Sequence[str]) -> Asking[tuple[bool, bool]]:
    """Whether one of `names` has the address, and whether some could not be asked for."""
    if not house.smarthost:
        return house.hostname in names, False
    some_trouble = False
    for name in names[:addresses_max]:
        there, trouble = yield from _addresses_of(name)
        if address in there:
            return True, False
        some_trouble = some_trouble or trouble
    return False, some_trouble


def _sender_policy(house: ReplyDomain) -> Asking[list[Finding]]:
    sending = yield from _sending(house)
    findings = [(yield from _lets_send(records.spf(house), sending))]
    if (of_host := records.spf_of_host(house)) is not None:
        findings.append((yield from _lets_send(of_host, sending)))
    return findings


def _lets_send(wanted: Record, sending: _Sending) -> Asking[Finding]:
    answer = yield Query(wanted.name, Type.TXT)
    policies = versioned(answer.records, "v=spf1")
    publish = f"publish: {wanted.line}" if wanted.is_certain else f"publish, filled in: {wanted.line} ({wanted.told})"
    if answer.outcome is not Outcome.TROUBLE and not policies:
        return _of(wanted, State.MISSING, answer.records, publish)
    if nothing := _unanswered(wanted, answer):
        return nothing
    for address in sending.addresses or (_some_address,):
        spf = yield from check_host(ip_address(address), wanted.name, f"postmaster@{wanted.name}", wanted.name)
        match spf.result:
            case Result.TEMPERROR:
                return _of(wanted, State.TROUBLE, policies, "no answer from DNS about what it names: ask again")
            case Result.PERMERROR:
                fault = spf.fault.value if spf.fault else "syntax"
                return _of(wanted, State.WRONG, policies, f"it cannot be evaluated ({fault}); {publish}")
            case Result.PASS:
                continue
            case other if sending.addresses:
                by = f", by {spf.mechanism.value}" if spf.mechanism else ""
                return _of(wanted, State.WRONG, policies, f"{address} may not send by it ({other.value}{by}): {publish}")
    if sending.unknown:
        return _of(wanted, sending.state, policies, f"{sending.unknown}: see that this policy lets it send")
    if not policies[0].rstrip().lower().endswith("-all") and "redirect=" not in policies[0].lower():
        return _of(wanted, State.ADVICE, policies, "end it with -all: nobody else sends from here")
    return _of(wanted, State.RIGHT, policies)


def _keys(house: ReplyDomain, now: datetime) -> Asking[list[Finding]]:
    findings = []
    for key in house.keys:
        found = yield from key_published(key.name, key.record)
        findings.append(found)
    for former in house.former:
        found = yield from key_published(former.name, former.record)
        if former.until > now:
            findings.append(found)
        elif found.state is State.TROUBLE:
            findings.append(
                replace(found, expected="", fix="that key is long out of use; whether its record is gone is not known")
            )
        elif found.state is not State.MISSING:
            findings.append(replace(found, state=State.ADVICE, expected="", fix="that key is long out of use: remove its record"))
    if not house.keys:
        name = f"._domainkey.{house.domain}"
        findings.append(Finding("dkim", name, "TXT", State.MISSING, "", fix="there is no key yet: run `relay dkim generate`"))
    return findings


def _author_policy(house: ReplyDomain) -> Asking[list[Finding]]:
    wanted = records.dmarc(house)
    answer = yield Query(wanted.name, Type.TXT)
    if nothing := _unanswered(wanted, answer):
        return [nothing]
    policies = versioned(answer.records, "v=DMARC1")
    if len(policies) != 1:
        state = State.WRONG if policies else State.MISSING
        return [_of(wanted, state, answer.records, f"leave or publish one, it alone counts: {wanted.line}")]
    said = tags(policies[0])
    policy = said.get("p", "").lower()
    if policy not in {"none", "quarantine", "reject"}:
        return [_of(wanted, State.WRONG, policies, "p= is missing or no policy (none, quarantine, reject)")]
    for weak, fix in (
        (policy != "reject", f"p={policy}: others can write from our aliases; p=reject once SPF and DKIM are right"),
        (said.get("sp", policy).lower() != "reject", "sp=: others can write from domains below ours; sp=reject, or leave it out"),
        (said.get("t", "n").lower() == "y", "t=y: receivers are asked not to apply it; leave it out"),
        (not said.get("rua"), "without rua= nobody tells who writes from our aliases"),
    ):
        if weak:
            return [_of(wanted, State.ADVICE, policies, fix)]
    for domain in _elsewhere(said["rua"], house.domain):
        permits = yield Query(f"{house.domain}._report._dmarc.{domain}", Type.TXT)
        if permits.outcome is Outcome.TROUBLE:
            return [_of(wanted, State.TROUBLE, policies, f"no answer from DNS whether {domain} takes our reports: ask again")]
        if not versioned(permits.records, "v=DMARC1"):
            fix = f'{domain} has to say that it takes our reports: {house.domain}._report._dmarc.{domain} TXT "v=DMARC1"'
            return [_of(wanted, State.ADVICE, policies, fix)]
    return [_of(wanted, State.RIGHT, policies)]


def _tls_reports(house: ReplyDomain) -> Asking[list[Finding]]:
    wanted = records.tls_reports(house)
    answer = yield Query(wanted.name, Type.TXT)
    if nothing := _unanswered(wanted, answer):
        return [nothing]
    said = versioned(answer.records, "v=TLSRPTv1")
    if len(said) != 1 or not tags(said[0]).get("rua"):
        return [_of(wanted, State.WRONG, answer.records, f"one record that begins with v=TLSRPTv1, with rua=: {wanted.line}")]
    return [_of(wanted, State.RIGHT, said)]


def _strict_transport(house: ReplyDomain) -> Asking[list[Finding]]:
    wanted = records.mta_sts(house)
    answer = yield Query(wanted.name, Type.TXT)
    policies = versioned(answer.records, "v=STSv1")
    if not house.mta_sts_id:
        if nothing := _trouble(replace(wanted, value="none"), answer):
            return [nothing]
        if not policies:
            return []  # nobody promised anything
        fix = f"if no policy is served at https://{house.policy_host}/.well-known/mta-sts.txt, remove this record"
        return [_of(wanted, State.ADVICE, policies, fix)]
    if nothing := _unanswered(wanted, answer):
        return [nothing]
    if len(policies) != 1 or tags(policies[0]).get("id") != house.mta_sts_id:
        fix = f"others look at the policy anew when its id changes: publish {wanted.line}"
        return [_of(wanted, State.WRONG, answer.records, fix)]
    found, trouble = yield from _addresses_of(house.policy_host)
    where = Record("mta-sts", house.policy_host, "A", "the host that serves the policy", "")
    if not found:
        fix = "no answer from DNS: ask again" if trouble else f"publish: {house.policy_host}. IN CNAME {house.hostname}."
        return [_of(wanted, State.RIGHT, policies), _of(where, State.TROUBLE if trouble else State.MISSING, (), fix)]
    return [_of(wanted, State.RIGHT, policies), _of(where, State.RIGHT, found)]


def _pinned(house: ReplyDomain) -> Asking[list[Finding]]:
    """TLSA records are a matter of choice; wrong ones keep mail away (RFC 7672)."""
    name = records.tlsa_name(house)
    wanted = Record("tlsa", name, "TLSA", house.tlsa[0] if house.tlsa else "none", "")
    answer = yield Query(name, Type.TLSA)
    if nothing := _trouble(wanted, answer):
        # As RFC 7672 §2.1 has it, whoever validates and gets no answer sends nothing here.
        return [replace(nothing, fix=f"{nothing.fix}: senders that follow DANE keep their mail till then")]
    if answer.outcome is not Outcome.FOUND:
        return []
    if not house.tlsa:
        return [_of(wanted, State.WRONG, answer.records, "there is no certificate (smtp.tls_certificate), so mail stays away")]
    if set(house.tlsa) & set(answer.records) or any(one.startswith("2 ") for one in answer.records):
        return [_of(wanted, State.RIGHT, answer.records)]
    return [_of(wanted, State.WRONG, answer.records, f"none is of our certificate, so mail stays away: publish {wanted.line}")]


EXAMINATIONS: Final[Sequence[Callable[[ReplyDomain], Asking[list[Finding]]]]] = (
    _addresses,
    _exchange,
    _way_back,
    _sender_policy,
    _author_policy,
    _tls_reports,
    _strict_transport,
    _pinned,
)
"""In the order in which one sets records up."""


def _of(wanted: Record, state: State, found: Sequence[str], fix: str = "") -> Finding:
    return Finding(wanted.part, wanted.name, wanted.type, state, wanted.value, tuple(found), fix)


def _unanswered(wanted: Record, answer: Answer) -> Finding | None:
    return unanswered(wanted.part, wanted.name, wanted.type, wanted.value, answer)


def _trouble(wanted: Record, answer: Answer) -> Finding | None:
    """The finding where nothing is known, of a record that may be missing."""
    return _unanswered(wanted, answer) if answer.outcome is Outcome.TROUBLE else None


def _addresses_of(host: str) -> Asking[tuple[tuple[str, ...], bool]]:
    """The addresses of a host, and whether some could not be asked for. An address is its own."""
    if _is_address(host):
        return (host,), False
    found: list[str] = []
    trouble = False
    for type_ in (Type.A, Type.AAAA):
        answer = yield Query(host, type_)
        found += answer.records
        trouble = trouble or answer.outcome is Outcome.TROUBLE
    return tuple(found[:addresses_max]), trouble


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _elsewhere(rua: str, domain: str) -> list[str]:
    """The domains of mailboxes for reports which have to say that they take them (RFC 9990 §3)."""
    at = (one.strip().partition("mailto:")[2].partition("!")[0].rpartition("@")[2].lower() for one in rua.split(","))
    foreign = (one for one in at if one and one != domain and not domain.endswith(f".{one}") and not one.endswith(f".{domain}"))
    return list(dict.fromkeys(foreign))[:reports_to_max]
