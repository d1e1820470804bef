"""DNS right, and then each record wrong in each way, one by one (faults.md 4.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from support.zones import looked_up

from relay.lookup import Type
from relay.zone.examination import examined
from relay.zone.finding import Finding, State
from relay.zone.records import FormerKey, Key, ReplyDomain

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DOMAIN, HOST, KEY = "reply.example.com", "mx.example.com", "relay._domainkey.reply.example.com"
PIN = "3 1 1 " + "ab" * 32
HOUSE = ReplyDomain(DOMAIN, HOST, keys=(Key(KEY, "v=DKIM1; k=rsa; p=AAAA"),), tlsa=(PIN,), mta_sts_id="7")
PTR4, PTR6 = "8.4.4.1.in-addr.arpa", f"{'8.'}{'0.' * 23}0.6.8.4.1.0.0.2.ip6.arpa"
Zone = dict[tuple[str, Type], list[str] | None]
RIGHT: Final[Zone] = {
    (HOST, Type.A): ["1.4.4.8"],
    (HOST, Type.TXT): ["v=spf1 a -all"],
    (DOMAIN, Type.MX): ["10 mx.example.com"],
    (DOMAIN, Type.TXT): ["some-verification=1", "v=spf1 a:mx.example.com -all"],
    (PTR4, Type.PTR): [HOST],
    (KEY, Type.TXT): ["v=DKIM1; k=rsa; p=AAAA"],
    (f"_dmarc.{DOMAIN}", Type.TXT): [f"v=DMARC1; p=reject; rua=mailto:postmaster@{DOMAIN}"],
    (f"_smtp._tls.{DOMAIN}", Type.TXT): [f"v=TLSRPTv1; rua=mailto:postmaster@{DOMAIN}"],
    (f"_mta-sts.{DOMAIN}", Type.TXT): ["v=STSv1; id=7"],
    (f"mta-sts.{DOMAIN}", Type.A): ["1.4.4.8"],
    (f"_25._tcp.{HOST}", Type.TLSA): [PIN],
}


def found(zone: Zone, house: ReplyDomain = HOUSE) -> list[Finding]:
    return looked_up(examined(house, NOW), zone)


def test_all_is_right_and_every_record_was_looked_at() -> None:
    findings = found(RIGHT)
    assert {one.state for one in findings} == {State.RIGHT}
    assert [one.part for one in findings] == [
        *("address", "mx", "ptr", "spf", "spf host", "dmarc", "tls-rpt", "mta-sts", "mta-sts", "tlsa", "dkim")
    ]
    assert not any(one.fix for one in findings)


DMARC = (f"_dmarc.{DOMAIN}", Type.TXT)
REPORTS = f"rua=mailto:postmaster@{DOMAIN}"


@pytest.mark.parametrize(
    ("at", "there", "part", "state", "told"),
    [
        ((HOST, Type.A), [], "address", State.MISSING, "publish an A record"),
        ((HOST, Type.A), None, "address", State.TROUBLE, "ask again"),
        ((HOST, Type.A), ["10.0.0.7"], "address", State.ADVICE, "nobody outside reaches 10.0.0.7"),
        ((HOST, Type.AAAA), ["64:ff9b::a00:7"], "address", State.ADVICE, "nobody outside reaches 64:ff9b::"),
        ((HOST, Type.AAAA), None, "address", State.TROUBLE, "A or AAAA records: ask again"),
        ((HOST, Type.A), [], "ptr", State.WRONG, "mx.example.com, which sends our mail, has no address"),
        ((HOST, Type.A), None, "ptr", State.TROUBLE, "no answer from DNS about the addresses of mx.example.com"),
        ((HOST, Type.A), ["10.0.0.7"], "ptr", State.ADVICE, "a public address that is not known here"),
        ((HOST, Type.A), [], "spf", State.WRONG, "mx.example.com, which sends our mail, has no address"),
        ((HOST, Type.A), None, "spf", State.TROUBLE, "no answer from DNS about"),
        ((HOST, Type.AAAA), None, "spf", State.TROUBLE, "no answer from DNS about the addresses of mx.example.com"),
        ((HOST, Type.A), ["10.0.0.7"], "spf", State.ADVICE, "see that this policy lets it send"),
        ((DOMAIN, Type.MX), [], "mx", State.MISSING, "publish: reply.example.com. IN MX 10 mx.example.com."),
        ((DOMAIN, Type.MX), None, "mx", State.TROUBLE, "no answer"),
        ((DOMAIN, Type.MX), ["10 elsewhere.example.net"], "mx", State.WRONG, "none of them is this machine"),
        ((DOMAIN, Type.MX), ["0 ."], "mx", State.WRONG, "none of them is this machine"),
        ((HOST, Type.CNAME), None, "mx", State.TROUBLE, "no answer"),
        ((HOST, Type.CNAME), ["other.example.com"], "mx", State.WRONG, "no mail exchanger may be"),
        ((PTR4, Type.PTR), [], "ptr", State.MISSING, "whoever owns 1.4.4.8"),
        ((PTR4, Type.PTR), None, "ptr", State.TROUBLE, "no answer"),
        ((PTR4, Type.PTR), ["customer-7.provider.example"], "ptr", State.WRONG, "the name in EHLO"),
        ((DOMAIN, Type.TXT), ["some-verification=1"], "spf", State.MISSING, "publish: reply.example.com. IN TXT"),
        ((DOMAIN, Type.TXT), None, "spf", State.TROUBLE, "no answer"),
        ((DOMAIN, Type.TXT), ["v=spf1 mx -all", "v=spf1 -all"], "spf", State.WRONG, "several policies"),
        ((DOMAIN, Type.TXT), ["v=spf1 ip4:1.2.3.4 -all"], "spf", State.WRONG, "1.4.4.8 may not send by it (fail, by all)"),
        ((DOMAIN, Type.TXT), ["v=spf1 ?all"], "spf", State.WRONG, "(neutral, by all)"),
        ((DOMAIN, Type.TXT), ["v=spf1 foo:bar -all"], "spf", State.WRONG, "cannot be evaluated (syntax)"),
        ((DOMAIN, Type.TXT), ["v=spf1 mx ~all"], "spf", State.ADVICE, "end it with -all"),
        ((HOST, Type.TXT), [], "spf host", State.MISSING, 'publish: mx.example.com. IN TXT "v=spf1 a -all"'),
        (DMARC, [], "dmarc", State.MISSING, "p=reject"),
        (DMARC, ["v=spf1"], "dmarc", State.MISSING, "publish"),
        (DMARC, None, "dmarc", State.TROUBLE, "no answer"),
        (DMARC, [f"v=DMARC1; p=reject; {REPORTS}"] * 2, "dmarc", State.WRONG, "it alone counts"),
        (DMARC, ["v=DMARC1; p=refuse"], "dmarc", State.WRONG, "no policy"),
        (DMARC, [f"v=DMARC1; p=none; {REPORTS}"], "dmarc", State.ADVICE, "p=none"),
        (DMARC, [f"v=DMARC1; p=reject; sp=none; {REPORTS}"], "dmarc", State.ADVICE, "sp="),
        (DMARC, [f"v=DMARC1; p=reject; t=y; {REPORTS}"], "dmarc", State.ADVICE, "t=y"),
        (DMARC, ["v=DMARC1; p=reject"], "dmarc", State.ADVICE, "rua="),
        (DMARC, ["v=DMARC1; p=reject; rua=mailto:a@watch.example!10m"], "dmarc", State.ADVICE, "watch.example has to say"),
        ((f"_smtp._tls.{DOMAIN}", Type.TXT), [], "tls-rpt", State.MISSING, "publish"),
        ((f"_smtp._tls.{DOMAIN}", Type.TXT), ["v=TLSRPTv1;"], "tls-rpt", State.WRONG, "with rua="),
        ((f"_mta-sts.{DOMAIN}", Type.TXT), [], "mta-sts", State.MISSING, "id=7"),
        ((f"_mta-sts.{DOMAIN}", Type.TXT), ["v=STSv1; id=6"], "mta-sts", State.WRONG, "when its id changes"),
        ((f"mta-sts.{DOMAIN}", Type.A), [], "mta-sts", State.MISSING, "IN CNAME mx.example.com."),
        ((f"_25._tcp.{HOST}", Type.TLSA), ["3 1 1 " + "cd" * 32], "tlsa", State.WRONG, "mail stays away"),
        ((f"_25._tcp.{HOST}", Type.TLSA), None, "tlsa", State.TROUBLE, "senders that follow DANE keep their mail"),
        ((f"mta-sts.{DOMAIN}", Type.A), None, "mta-sts", State.TROUBLE, "no answer"),
        ((f"_mta-sts.{DOMAIN}", Type.TXT), None, "mta-sts", State.TROUBLE, "no answer"),
        ((f"_smtp._tls.{DOMAIN}", Type.TXT), None, "tls-rpt", State.TROUBLE, "no answer"),
        ((KEY, Type.TXT), None, "dkim", State.TROUBLE, "no answer"),
        ((KEY, Type.TXT), [], "dkim", State.MISSING, "publish"),
        ((KEY, Type.TXT), ["v=DKIM1; p=BBBB"], "dkim", State.WRONG, "another key"),
    ],
)
def test_each_record_that_is_not_right_is_told_with_what_to_do(
    at: tuple[str, Type], there: list[str] | None, part: str, state: State, told: str
) -> None:
    wrong = [one for one in found({**RIGHT, at: there}) if one.part == part and one.state is not State.RIGHT]
    assert [(one.state, told in one.fix) for one in wrong] == [(state, True)]


def test_what_is_a_matter_of_choice_may_be_missing() -> None:
    zone = {key: there for key, there in RIGHT.items() if key[1] is not Type.TLSA and "mta-sts" not in key[0]}
    findings = found(zone, replace(HOUSE, mta_sts_id="", tlsa=()))
    assert {one.state for one in findings} == {State.RIGHT}
    assert not {"tlsa", "mta-sts"} & {one.part for one in findings}


@pytest.mark.parametrize(("part", "state"), [("tlsa", State.WRONG), ("mta-sts", State.ADVICE)])
def test_what_is_promised_has_to_be_kept(part: str, state: State) -> None:
    """A TLSA record without a certificate, and a policy that nobody serves."""
    findings = found(RIGHT, replace(HOUSE, mta_sts_id="", tlsa=()))
    assert [one.state for one in findings if one.part == part] == [state]


def test_a_record_of_an_authority_is_for_whoever_issues_the_certificate() -> None:
    findings = found({**RIGHT, (f"_25._tcp.{HOST}", Type.TLSA): ["2 1 1 " + "cd" * 32]})
    assert {one.state for one in findings} == {State.RIGHT}


def test_reports_may_go_elsewhere_where_that_says_so() -> None:
    """RFC 9990 §3"""
    zone = {**RIGHT, DMARC: ["v=DMARC1; p=reject; rua=mailto:a@watch.example"]}
    zone[f"{DOMAIN}._report._dmarc.watch.example", Type.TXT] = ["v=DMARC1"]
    assert {one.state for one in found(zone)} == {State.RIGHT}


def test_whether_reports_may_go_elsewhere_is_not_known_without_an_answer() -> None:
    zone = {**RIGHT, DMARC: ["v=DMARC1; p=reject; rua=mailto:a@watch.example"]}
    zone[f"{DOMAIN}._report._dmarc.watch.example", Type.TXT] = None
    assert [(one.part, one.state) for one in found(zone) if one.state is not State.RIGHT] == [("dmarc", State.TROUBLE)]


def test_a_policy_that_nobody_serves_and_dns_that_does_not_answer_are_told_apart() -> None:
    findings = found({**RIGHT, (f"_mta-sts.{DOMAIN}", Type.TXT): None}, replace(HOUSE, mta_sts_id=""))
    assert [one.state for one in findings if one.part == "mta-sts"] == [State.TROUBLE]


def test_the_record_of_a_former_key_stays_for_its_time_and_goes_then() -> None:
    name, record = "old._domainkey.reply.example.com", "v=DKIM1; k=rsa; p=CCCC"
    cases: list[tuple[datetime, list[str] | None, list[State]]] = [
        (NOW + timedelta(days=1), [record], [State.RIGHT]),
        (NOW + timedelta(days=1), [], [State.MISSING]),
        (NOW, [record], [State.ADVICE]),
        (NOW, [], []),
        (NOW, None, [State.TROUBLE]),
    ]
    for until, there, states in cases:
        house = replace(HOUSE, former=(FormerKey(name, record, until),))
        findings = found({**RIGHT, (name, Type.TXT): there}, house)
        assert [one.state for one in findings if one.name == name] == states
        assert not any("remove its record" in one.fix for one in findings if one.state is State.TROUBLE)


def test_without_a_key_one_is_to_be_made() -> None:
    findings = found(RIGHT, replace(HOUSE, keys=()))
    assert [one.fix for one in findings if one.part == "dkim"] == ["there is no key yet: run `relay dkim generate`"]


def test_a_smarthost_is_who_has_to_be_let_send_and_to_lead_back() -> None:
    house = replace(HOUSE, smarthost="out.example.net")
    there = {**RIGHT, ("out.example.net", Type.A): ["1.9.9.9", "10.1.2.3"]}
    there[DOMAIN, Type.TXT] = ["v=spf1 include:_spf.example.net -all"]
    there["_spf.example.net", Type.TXT] = ["v=spf1 ip4:1.9.9.0/24 -all"]
    there["9.9.9.1.in-addr.arpa", Type.PTR] = ["a.example.net"]
    there["a.example.net", Type.A] = ["1.9.9.9"]
    assert {one.state for one in found(there, house)} == {State.RIGHT}
    there["a.example.net", Type.A] = ["1.9.9.8"]
    assert [one.part for one in found(there, house) if one.state is State.WRONG] == ["ptr"]


@pytest.mark.parametrize(
    ("at", "there", "policy", "states"),
    [
        ("out.example.net", None, "v=spf1 include:_spf.example.net -all", {"ptr": State.TROUBLE, "spf": State.TROUBLE}),
        ("out.example.net", [], "v=spf1 include:_spf.example.net -all", {"ptr": State.WRONG, "spf": State.WRONG}),
        ("out.example.net", ["10.1.2.3"], "v=spf1 include:_spf.example.net -all", {"ptr": State.ADVICE, "spf": State.ADVICE}),
        ("out.example.net", ["10.1.2.3"], "v=spf1 include:nowhere.example -all", {"ptr": State.ADVICE, "spf": State.WRONG}),
        ("a.example.net", None, "v=spf1 include:_spf.example.net -all", {"ptr": State.TROUBLE}),
    ],
)
def test_what_is_not_known_of_a_smarthost_is_never_called_right(
    at: str, there: list[str] | None, policy: str, states: dict[str, State]
) -> None:
    zone: Zone = {**RIGHT, ("out.example.net", Type.A): ["1.9.9.9"], (DOMAIN, Type.TXT): [policy]}
    zone["_spf.example.net", Type.TXT] = ["v=spf1 ip4:1.9.9.0/24 -all"]
    zone["9.9.9.1.in-addr.arpa", Type.PTR] = ["a.example.net"]
    zone["a.example.net", Type.A] = ["1.9.9.9"]
    zone[at, Type.A] = there
    house = replace(HOUSE, smarthost="out.example.net")
    assert {one.part: one.state for one in found(zone, house) if one.state is not State.RIGHT} == states


def test_a_smarthost_inside_is_never_told_as_what_to_publish() -> None:
    zone = {**RIGHT, (DOMAIN, Type.TXT): []}
    (spf,) = [one for one in found(zone, replace(HOUSE, smarthost="10.0.0.5")) if one.part == "spf"]
    assert (spf.state, "ip4:10." in spf.fix, "instead of 192.0.2.1 the public address" in spf.fix) == (State.MISSING, False, True)
