from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.proof.spf_record import Directive, Mechanism, Network, Record, Result, policies, record, record_octets_max


@pytest.mark.parametrize(
    ("text", "is_policy"),
    [
        ("v=spf1", True),
        ("v=spf1 ", True),
        ("V=SpF1 -all", True),
        ("v=spf1 nonsense", True),
        ("v=spf10 -all", False),
        ("v=spf1\t-all", False),
        (" v=spf1 -all", False),
        ("v=spf2.0/pra -all", False),
        ('"v=spf1 -all"', False),
        ("\xef\xbb\xbfv=spf1 -all", False),
        ("", False),
    ],
)
def test_a_policy_begins_with_its_version(text: str, is_policy: bool) -> None:
    """RFC 7208 §4.5."""
    assert policies(["other", text]) == ((text,) if is_policy else ())


def test_a_record_is_its_directives_in_their_order_and_where_to_look_otherwise() -> None:
    assert record("v=spf1  +A:mx.example.com/24//64 -ip4:192.0.2.0/29 ?all x=%{d} X=1 Redirect=%{d2} x=2 ") == Record(
        (
            Directive(Result.PASS, Mechanism.A, ("mx.example.com",), 24, 64),
            Directive(Result.FAIL, Mechanism.IP4, network=Network(IPv4Address("192.0.2.0"), 29)),
            Directive(Result.NEUTRAL, Mechanism.ALL),
        ),
        redirect=record("v=spf1 redirect=%{d2}").redirect,  # type: ignore[union-attr] # None would fail as well
    )


@pytest.mark.parametrize(
    "term",
    """
    all -ALL ~all ?all a A a/0 a/32 a//0 a//128 a/24//64 a:b.com a:b.com/8 a:b.com//8 a:b.com/8//8 a:x/y.com mx mx:%{d}/30 ptr
    ptr:b.com include:b.com include:%{ir}.%{v}.%{d} exists:%{i} ip4:192.0.2.1 ip4:192.0.2.1/0 ip4:192.0.2.77/24 ip6:::
    ip6:2001:db8::/32 IP6:2001:DB8::1 ip6:::1.2.3.4/128 redirect=b.com exp=b.com unknown= un-kn_own.2=%{c}:/ moo=a=b all=b a=b
    """.split(),
)
def test_a_term_is_understood(term: str) -> None:
    assert record(f"v=spf1 {term}") is not None


@pytest.mark.parametrize(
    "term",
    [
        *"""
        all. all:b.com all/8 --all +-all foo foo:b.com ip4 ip6 include exists include: a: a/ a/33 a//129 a/032 a/1/2 a//1//2 a/-1
        a/99999999999999999999 a:b.com/ a:b.com/33 a:b a:1.2.3.4 ptr/8 include:b.com/8 exists:b.com/8 a.b.com ab.com ip4:1.2.3
        ip4:1.2.3.4/33 ip4:01.2.3.4 ip4:1.2.3.4/ ip4:1.2.3.4//8 ip4:::1 ip4:%{i} ip4:1.2.3.4/08 ip6:1.2.3.4 ip6:::/129
        ip6:fe80::1%eth0 ip6:1::2::3 ip6:::g redirect= exp= redirect=b =b 1a=b x=% x=%{y}
        """.split(),
        *("- all", "mx b", "redirect=b.com redirect=b.com", "exp=b.com EXP=b.com", "a:b.com\tall", "a:b.com\nall", "a:b.com\n"),
        *("ip4:1.2.3.4\n", "ip4:\xb2.2.3.4", "x=\xe9", "\x00", "-\u017f"),
    ],
)
def test_an_error_anywhere_makes_it_unreadable(term: str) -> None:
    """RFC 7208 §4.6; FAULT-78."""
    assert record(f"v=spf1 all {term}") is None


def test_a_record_is_read_up_to_its_bound() -> None:
    filling = "v=spf1 " + "a" * 7 + "="
    assert record(filling.ljust(record_octets_max, "x")) is not None
    assert record(filling.ljust(record_octets_max + 1, "x")) is None


@pytest.mark.parametrize(
    ("network", "bits", "inside", "outside"),
    [
        ("192.0.2.77", 24, ["192.0.2.0", "192.0.2.255"], ["192.0.1.255", "192.0.3.0", "::ffff:192.0.2.77", "::c000:24d"]),
        ("192.0.2.77", 32, ["192.0.2.77"], ["192.0.2.76"]),
        ("0.0.0.0", 0, ["255.255.255.255"], ["::"]),
        ("2001:db8::1", 127, ["2001:db8::", "2001:db8::1"], ["2001:db8::2"]),
        ("::", 0, ["ffff::"], ["0.0.0.0"]),
    ],
)
def test_a_network_holds_what_begins_like_it_in_its_own_family(
    network: str, bits: int, inside: list[str], outside: list[str]
) -> None:
    found = Network(ip_address(network), bits)
    assert [one for one in inside + outside if ip_address(one) in found] == inside


@given(st.text(st.characters(max_codepoint=255), max_size=80) | st.text(st.sampled_from("amxipl46:/.-=%{}d01 "), max_size=60))
def test_no_text_makes_a_record_raise(text: str) -> None:
    """FAULT-78."""
    found = record(f"v=spf1 {text}")
    assert found is None or all(isinstance(one, Directive) for one in found.directives)
