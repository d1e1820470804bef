from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.asking import Names, told

from relay.lookup import Query, Type, is_name
from relay.proof.spf import Fault, Mechanism, Result, Spf, spf_of

HOST = "192.0.2.1"
HOST6 = "2001:db8::1"
ANSWERS: Mapping[str, Mapping[str, str | list[str]]] = {
    "mx.example.com": {"A": HOST, "AAAA": HOST6},
    "elsewhere.example.com": {"A": "198.51.100.1"},
    "1.2.0.192.in-addr.arpa": {"PTR": ["other.example.net", "mx.example.com"]},
    "other.example.net": {"A": "198.51.100.1"},
    "passes.example.org": {"TXT": f"v=spf1 ip4:{HOST} -all"},
    "fails.example.org": {"TXT": "v=spf1 -all"},
    "softfails.example.org": {"TXT": "v=spf1 ~all"},
    "is-neutral.example.org": {"TXT": "v=spf1"},
    "says-nothing.example.org": {"TXT": "hello"},
    "is-broken.example.org": {"TXT": "v=spf1 nonsense"},
    "mx.example.org": {"MX": ["10 elsewhere.example.com", "20 MX.Example.com"]},
    "null.example.org": {"MX": "0 ."},
    "eleven.example.org": {"MX": [f"{count} elsewhere.example.com" for count in range(10)] + ["11 mx.example.com"]},
    "dnswl.example.org": {"A": "127.0.0.2"},
    "1.2.0.192.list.example.org": {"A": "127.0.0.2"},
    "writer.of.example.com.list.example.org": {"A": "127.0.0.2"},
}


def table(policy: str | list[str], domain: str = "example.com") -> Names:
    found = Names.of({**ANSWERS, domain: {"TXT": policy}})
    found.silent |= {"silent.example.org"}
    return found


def checked(policy: str | list[str], sender: str = "writer@example.com", peer: str = HOST, helo: str = "mx.example.com") -> Spf:
    return told(spf_of(sender, peer, helo), table(policy).answer)


@pytest.mark.parametrize(
    ("terms", "result", "mechanism"),
    [
        ("", Result.NEUTRAL, None),
        ("-all", Result.FAIL, Mechanism.ALL),
        (f"ip4:{HOST} -all", Result.PASS, Mechanism.IP4),
        ("ip4:192.0.2.128/24 -all", Result.PASS, Mechanism.IP4),
        ("ip4:192.0.2.128/25 ~all", Result.SOFTFAIL, Mechanism.ALL),
        (f"ip6:::ffff:{HOST} ?all", Result.NEUTRAL, Mechanism.ALL),
        ("a:mx.example.com -all", Result.PASS, Mechanism.A),
        ("-a:mx.example.com all", Result.FAIL, Mechanism.A),
        ("a:elsewhere.example.com -all", Result.FAIL, Mechanism.ALL),
        ("a:elsewhere.example.com/0 -all", Result.PASS, Mechanism.A),
        ("a:nowhere.example.com/0 -all", Result.FAIL, Mechanism.ALL),
        ("mx:mx.example.org -all", Result.PASS, Mechanism.MX),
        ("mx:null.example.org -all", Result.FAIL, Mechanism.ALL),
        ("mx:mx.example.com -all", Result.FAIL, Mechanism.ALL),
        ("ptr -all", Result.PASS, Mechanism.PTR),
        ("ptr:example.net -all", Result.FAIL, Mechanism.ALL),
        ("ptr:xample.com -all", Result.FAIL, Mechanism.ALL),
        ("exists:dnswl.example.org -all", Result.PASS, Mechanism.EXISTS),
        ("exists:%{ir}.list.example.org -all", Result.PASS, Mechanism.EXISTS),
        ("exists:%{l}.of.%{o}.list.example.org -all", Result.PASS, Mechanism.EXISTS),
        ("a:%{h} -all", Result.PASS, Mechanism.A),
        ("a:%{p} -all", Result.PASS, Mechanism.A),
        ("include:passes.example.org -all", Result.PASS, Mechanism.INCLUDE),
        ("include:fails.example.org ?all", Result.NEUTRAL, Mechanism.ALL),
        ("include:softfails.example.org ?all", Result.NEUTRAL, Mechanism.ALL),
        ("include:is-neutral.example.org ?all", Result.NEUTRAL, Mechanism.ALL),
        ("redirect=passes.example.org", Result.PASS, Mechanism.IP4),
        ("redirect=fails.example.org ~all", Result.SOFTFAIL, Mechanism.ALL),
        # What is no name has no records and no policy.
        ("a:mail..example.com exists:a\\b.example.com -all", Result.FAIL, Mechanism.ALL),
    ],
)
def test_the_first_mechanism_that_matches_decides(terms: str, result: Result, mechanism: Mechanism | None) -> None:
    """RFC 7208 §4.6.2, §5."""
    assert checked(f"v=spf1 {terms}") == Spf(result, "example.com", mechanism)


@pytest.mark.parametrize(
    ("policy", "fault", "mechanism"),
    [
        ("v=spf1 -all nonsense", Fault.SYNTAX, None),
        (["v=spf1 -all", "v=spf1 +all"], Fault.SEVERAL, None),
        ("v=spf1 include:says-nothing.example.org -all", Fault.MISSING, Mechanism.INCLUDE),
        ("v=spf1 include:nowhere.example.org -all", Fault.MISSING, Mechanism.INCLUDE),
        ("v=spf1 include:no..name.org -all", Fault.MISSING, Mechanism.INCLUDE),
        ("v=spf1 include:is-broken.example.org -all", Fault.SYNTAX, Mechanism.INCLUDE),
        ("v=spf1 redirect=says-nothing.example.org", Fault.MISSING, None),
        ("v=spf1 redirect=is-broken.example.org", Fault.SYNTAX, None),
        ("v=spf1 mx:eleven.example.org -all", Fault.NAMES, Mechanism.MX),
        ("v=spf1 a:silent.example.org all", Fault.TROUBLE, Mechanism.A),
        ("v=spf1 mx:silent.example.org all", Fault.TROUBLE, Mechanism.MX),
        ("v=spf1 exists:silent.example.org all", Fault.TROUBLE, Mechanism.EXISTS),
        ("v=spf1 include:silent.example.org all", Fault.TROUBLE, Mechanism.INCLUDE),
        ("v=spf1 redirect=silent.example.org", Fault.TROUBLE, None),
    ],
)
def test_what_cannot_be_evaluated_is_an_error_for_good_and_trouble_with_dns_one_for_later(
    policy: str | list[str], fault: Fault, mechanism: Mechanism | None
) -> None:
    """GW-14, FAULT-77: DNS in trouble is never a verdict."""
    result = Result.TEMPERROR if fault is Fault.TROUBLE else Result.PERMERROR
    assert checked(policy) == Spf(result, "example.com", mechanism, fault)


def test_trouble_with_the_policy_itself_is_for_later() -> None:
    """GW-14, FAULT-77."""
    found = told(spf_of("writer@silent.example.org", HOST, "mx"), table("").answer)
    assert found == Spf(Result.TEMPERROR, "silent.example.org", fault=Fault.TROUBLE)


def test_trouble_with_one_exchange_is_for_later_and_with_the_names_of_the_peer_nothing() -> None:
    answers = table("v=spf1 ptr mx -all")
    answers.put("example.com", Type.MX, "5 silent.example.org", "10 mx.example.com")
    answers.records[Query("1.2.0.192.in-addr.arpa", Type.PTR)] = ["silent.example.org"]
    found = told(spf_of("writer@example.com", HOST, "mx"), answers.answer)
    assert (found.mechanism, found.fault) == (Mechanism.MX, Fault.TROUBLE)
    answers.silent.add("1.2.0.192.in-addr.arpa")
    answers.records[Query("1.2.0.192.in-addr.arpa", Type.PTR)] = []
    answers.records[Query("example.com", Type.MX)] = ["10 mx.example.com"]
    assert told(spf_of("writer@example.com", HOST, "mx"), answers.answer).mechanism is Mechanism.MX


@pytest.mark.parametrize(
    ("reverse_path", "helo", "domain"),
    [
        ("writer@example.com", "mx.example.org", "example.com"),
        ("writer@EXAMPLE.com.", "mx.example.org", "example.com"),
        ("", "EXAMPLE.com", "example.com"),
        ("@example.com", "mx.example.org", "example.com"),
        ('"a@b"@example.com', "mx.example.org", "example.com"),
        ("żółw@żółw.example", "mx.example.org", "xn--w-uga1v8h.example"),
        ("", "żółw.example", "xn--w-uga1v8h.example"),
    ],
)
def test_the_return_path_counts_and_helo_where_there_is_none(reverse_path: str, helo: str, domain: str) -> None:
    """RFC 7208 §2.3, §2.4."""
    answers = table(f"v=spf1 ip4:{HOST} -all", domain)
    assert told(spf_of(reverse_path, HOST, helo), answers.answer) == Spf(Result.PASS, domain, Mechanism.IP4)
    assert answers.asked == [Query(domain, Type.TXT)]


@pytest.mark.parametrize(
    ("reverse_path", "local"),
    [("writer@example.com", "writer"), ("", "postmaster"), ("@example.com", "postmaster"), ("a.b@example.com", "a.b")],
)
def test_who_has_no_local_part_is_the_postmaster(reverse_path: str, local: str) -> None:
    """RFC 7208 §2.4, §4.3."""
    answers = table("v=spf1 exists:%{s}.list.example.org -all")
    answers.put(f"{local}@example.com.list.example.org", Type.A, "127.0.0.2")
    assert told(spf_of(reverse_path, HOST, "example.com"), answers.answer).result is Result.PASS


@pytest.mark.parametrize(
    "domain",
    [
        *(
            "",
            "localhost",
            "[192.0.2.1]",
            "[IPv6:2001:db8::1]",
            "a..example.com",
            ".example.com",
            "x" * 64 + ".com",
            "a." * 126 + "com",
        ),
        *("a\\.example.com", "a\x00.example.com", "example.com\n", "\udcff.example.com", "ż" * 64 + ".example.com", "a" * 3000),
        "example.com" + "." * 240 + ".evil.example",
    ],
)
def test_what_is_no_domain_has_no_policy_and_is_not_asked_for(domain: str) -> None:
    """RFC 7208 §4.3."""
    for reverse_path, helo in (f"writer@{domain}", "mx.example.com"), ("", domain):
        answers = table(f"v=spf1 ip4:{HOST} -all")
        assert told(spf_of(reverse_path, HOST, helo), answers.answer).result is Result.NONE
        assert answers.asked == []


@pytest.mark.parametrize("peer", ["", "unix", "/run/relay/lmtp.sock", "192.0.2.1:25", "mx.example.com"])
def test_a_peer_without_an_address_is_not_checked(peer: str) -> None:
    assert checked("v=spf1 +all", peer=peer) == Spf(Result.NONE, "")


@pytest.mark.parametrize(
    ("peer", "terms", "mechanism"),
    [
        (f"::ffff:{HOST}", f"ip6:::ffff:{HOST} ip4:{HOST}", Mechanism.IP4),
        (f"::FFFF:{HOST}", "a:mx.example.com//0", Mechanism.A),
        (HOST6, "ip4:0.0.0.0/0 ip6:2001:db8::/32", Mechanism.IP6),
        (f"{HOST6}%eth0", "ip6:2001:db8::1", Mechanism.IP6),
        (HOST6, "a:elsewhere.example.com/0 a:mx.example.com//127", Mechanism.A),
        (HOST6, "mx:mx.example.org//128", Mechanism.MX),
        (HOST6, "exists:%{i}.list.example.org exists:dnswl.example.org", Mechanism.EXISTS),
    ],
)
def test_a_host_counts_in_its_own_family(peer: str, terms: str, mechanism: Mechanism) -> None:
    """RFC 7208 §5: an IPv4-mapped address is one of IPv4; what `exists` asks for is an A record, whoever asks."""
    assert checked(f"v=spf1 {terms} -all", peer=peer) == Spf(Result.PASS, "example.com", mechanism)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["aa.example.net", "aa.example.com", "example.com"], "example.com"),
        (["aa.example.net", "mx.example.com"], "mx.example.com"),
        (["AA.example.net"], "aa.example.net"),
        (["lies.example.com"], "unknown"),
        (["a\\.b.example.com", "..", ""], "unknown"),
        ([], "unknown"),
    ],
)
def test_the_name_of_the_peer_is_one_that_leads_back_to_it_preferably_of_the_domain(names: list[str], expected: str) -> None:
    """RFC 7208 §7.3."""
    answers = Names.of({"example.com": {"TXT": "v=spf1 exists:%{p}.list.example.org -all", "A": HOST}})
    answers.put("1.2.0.192.in-addr.arpa", Type.PTR, *names)
    for name in ("aa.example.com", "mx.example.com", "aa.example.net"):
        answers.put(name, Type.A, HOST)
    answers.put("lies.example.com", Type.A, "198.51.100.1")
    answers.put(f"{expected}.list.example.org", Type.A, "127.0.0.2")
    assert told(spf_of("writer@example.com", HOST, "mx"), answers.answer).result is Result.PASS
    assert all(is_name(one.name) for one in answers.asked)


def test_a_local_part_that_is_not_ascii_matches_nothing_and_breaks_nothing() -> None:
    """RFC 8616 §4."""
    terms = "v=spf1 exists:%{l}.example.org include:%{s}.example.org ptr:%{S} -all"
    assert checked(terms, sender="żółw@example.com") == Spf(Result.FAIL, "example.com", Mechanism.ALL)
    found = checked("v=spf1 redirect=%{l}.example.org", sender="żółw@example.com")
    assert found.fault is Fault.MISSING


def test_nobody_asks_for_the_explanation() -> None:
    answers = table("v=spf1 exp=explain.example.com -all")
    answers.put("explain.example.com", Type.TXT, "%{i} is not one of ours")
    assert told(spf_of("writer@example.com", HOST, "mx"), answers.answer).result is Result.FAIL
    assert answers.asked == [Query("example.com", Type.TXT)]
