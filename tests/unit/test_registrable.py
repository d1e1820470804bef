"""What of a domain belongs to somebody (LEAK-22)."""

from __future__ import annotations

import pytest
from publicsuffixlist import PublicSuffixList

from relay import registrable
from relay.registrable import registrable_domain


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("alpine-tours.example", "alpine-tours.example"),
        ("staff.alpine-tours.example", "alpine-tours.example"),
        ("a.b.c.alpine-tours.de", "alpine-tours.de"),
        ("staff.alpine-tours.co.uk", "alpine-tours.co.uk"),
        ("staff.alpine-tours.com.br", "alpine-tours.com.br"),
        ("staff.tours.chiyoda.tokyo.jp", "tours.chiyoda.tokyo.jp"),  # a town hands out names of its own
        ("staff.city.kawasaki.jp", "city.kawasaki.jp"),  # an exception to a rule with a star
        ("staff.xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("staff.tours.xn--55qx5d.cn", "tours.xn--55qx5d.cn"),
        ("staff.xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_the_name_below_the_public_suffix_belongs_to_somebody(domain: str, expected: str) -> None:
    assert registrable_domain(domain) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("alpine.myshopify.com", "alpine.myshopify.com"),
        ("staff.alpine.myshopify.com", "alpine.myshopify.com"),
        ("alpine.blogspot.com", "alpine.blogspot.com"),
        ("staff.alpine.github.io", "alpine.github.io"),
    ],
)
def test_what_a_provider_hands_out_is_a_domain_of_its_own(domain: str, expected: str) -> None:
    assert registrable_domain(domain) == expected


@pytest.mark.parametrize("domain", ["", "localhost", "example", "com", "co.uk", "myshopify.com", "github.io", "xn--p1ai"])
def test_a_single_label_and_a_public_suffix_belong_to_nobody(domain: str) -> None:
    assert registrable_domain(domain) == ""


@pytest.mark.parametrize("domain", ["[192.0.2.1]", "[ipv6:2001:db8::1]", "192.0.2.1"])
def test_an_ip_address_is_its_own_domain(domain: str) -> None:
    assert registrable_domain(domain) == domain


def test_the_list_is_read_once_and_when_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """PERF-8: not with the first message, for which all others would wait."""
    read: list[PublicSuffixList] = []

    def reading(*, accept_unknown: bool) -> PublicSuffixList:
        read.append(PublicSuffixList(accept_unknown=accept_unknown))
        return read[0]

    monkeypatch.setattr(registrable, "PublicSuffixList", reading)
    registrable._public_suffixes.cache_clear()
    registrable.read_list()
    assert len(read) == 1
    assert registrable_domain("www.alpine-tours.de") == "alpine-tours.de"
    assert len(read) == 1
