from __future__ import annotations

import pytest
from support.asking import Table, answered

from relay.lookup import Outcome
from relay.proof.dmarc import Dmarc, aligned, could_align, discovered
from relay.proof.dmarc_record import Policy

NONE, QUARANTINE, REJECT = Policy


def zone(**records: str | Outcome) -> dict[str, list[str] | Outcome]:
    """Policies by the name at which they are published, dots as `_`."""
    return {
        f"_dmarc.{name.replace('_', '.')} TXT": one if isinstance(one, Outcome) else [f"v=DMARC1; {one}"]
        for name, one in records.items()
    }


def found(domain: str, table: Table) -> tuple[str, Policy | None] | None:
    dmarc, _ = answered(discovered(domain), table)
    return None if dmarc is None else (dmarc.organisation, dmarc.policy)


@pytest.mark.parametrize(
    ("domain", "labels"),
    [
        ("a.b.c.d.e.f.g.h.i.j.mail.example.com", 7),  # the example of RFC 9989 §4.10
        ("mail.a.b.c.d.e.f.g.example.com", 7),  # the example of RFC 9989 §5.1.8
        ("b.c.d.e.f.g.example.com", 7),
        ("c.d.e.f.g.example.com", 6),
        ("example.com", 1),
        ("com", 0),
    ],
)
def test_a_walk_takes_eight_questions_at_most(domain: str, labels: int) -> None:
    """RFC 9989 §4.10: after the author domain, names of so many labels and fewer; of a longer one those between are left out."""
    _, asked = answered(discovered(domain), {})
    above = [".".join(domain.split(".")[-count:]) for count in range(labels, 0, -1)]
    assert asked == [f"_dmarc.{name} TXT" for name in (domain, *above)]


@pytest.mark.parametrize(
    ("domain", "table", "expected"),
    [
        # the examples of RFC 9989 §4.10.2
        ("a.mail.example.com", zone(mail_example_com="p=none", example_com="p=none"), "example.com"),
        ("a.mail.example.com", zone(mail_example_com="p=none; psd=n", example_com="p=none"), "mail.example.com"),
        ("a.mail.example.com", zone(com="p=none; psd=y"), "example.com"),
        ("mail.example.com", zone(example_com="p=none; psd=y"), "mail.example.com"),
        # and around them
        ("mail.example.com", zone(mail_example_com="p=none; psd=n"), "mail.example.com"),
        ("mail.example.com", zone(mail_example_com="p=none; psd=y"), "mail.example.com"),
        ("a.mail.example.com", zone(mail_example_com="p=none; psd=y"), "a.mail.example.com"),
        ("a.mail.example.com", zone(a_mail_example_com="p=none", com="p=none; psd=y"), "example.com"),
        ("a.mail.example.com", zone(mail_example_com="p=none"), "mail.example.com"),
        ("b.a.mail.example.com", zone(mail_example_com="p=none; psd=y"), "a.mail.example.com"),
        # a registry that does not say what it is
        ("a.mail.example.com", zone(com="p=none"), "example.com"),
        ("mail.example.co.uk", zone(co_uk="p=none"), "example.co.uk"),
        ("mail.example.com", zone(com="p=none; psd=n"), "com"),  # who says so has it
        # nobody publishes anything: the public suffix list
        ("a.mail.example.com", {}, "example.com"),
        ("mail.example.co.uk", {}, "example.co.uk"),
        ("ann.myshopify.com", {}, "ann.myshopify.com"),
        ("co.uk", {}, ""),
    ],
)
def test_the_organisational_domain(domain: str, table: Table, expected: str) -> None:
    dmarc, _ = answered(discovered(domain), table)
    assert dmarc is not None
    assert dmarc.organisation == expected


def test_a_walk_ends_where_a_domain_says_what_it_is() -> None:
    for said in ("psd=y", "psd=n"):
        _, asked = answered(discovered("a.mail.example.com"), zone(mail_example_com=f"p=none; {said}"))
        assert asked == ["_dmarc.a.mail.example.com TXT", "_dmarc.mail.example.com TXT"]


@pytest.mark.parametrize(
    ("domain", "table", "expected"),
    [
        ("example.com", zone(example_com="p=reject; sp=none; np=none"), REJECT),
        ("mail.example.com", zone(mail_example_com="p=quarantine", example_com="p=reject"), QUARANTINE),
        ("mail.example.com", zone(mail_example_com="p=quarantine; sp=none", example_com="p=reject"), QUARANTINE),
        ("a.mail.example.com", zone(mail_example_com="p=quarantine", example_com="p=reject"), REJECT),  # what lies between is not
        ("mail.example.com", zone(example_com="p=none; sp=reject"), REJECT),
        ("example.com", zone(com="p=none; sp=reject; psd=y"), REJECT),
        ("mail.example.com", zone(example_com="p=none", com="p=reject; psd=y"), NONE),  # a suffix is asked last
        ("example.com", zone(example_com="p=reject; t=y"), QUARANTINE),
        ("example.com", {"_dmarc.example.com TXT": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]}, None),
        ("mail.example.com", {"_dmarc.mail.example.com TXT": ["v=DMARC1; p=reject"] * 2} | zone(example_com="p=none"), NONE),
        ("example.com", {"_dmarc.example.com TXT": Outcome.EMPTY}, None),
        ("example.com", {}, None),
    ],
)
def test_the_policy_that_applies(domain: str, table: Table, expected: Policy | None) -> None:
    """RFC 9989 §4.10.1."""
    dmarc, _ = answered(discovered(domain), table)
    assert dmarc is not None
    assert dmarc.policy is expected


@pytest.mark.parametrize(
    ("exists", "expected"),
    [(["192.0.2.1"], NONE), (Outcome.EMPTY, NONE), (Outcome.NO_NAME, REJECT), (Outcome.TROUBLE, None)],
)
def test_a_domain_that_dns_does_not_know_may_have_a_policy_of_its_own(
    exists: list[str] | Outcome, expected: Policy | None
) -> None:
    """RFC 9989 §3.2.13, §4.7: np=. With DNS in trouble nothing is found (GW-14)."""
    table = zone(example_com="p=quarantine; sp=none; np=reject") | {"mail.example.com A": exists}
    assert found("mail.example.com", table) == (None if expected is None else ("example.com", expected))
    assert found("example.com", table) == ("example.com", QUARANTINE)


def test_whether_a_domain_exists_is_asked_where_it_matters() -> None:
    _, asked = answered(discovered("mail.example.com"), zone(example_com="p=none; sp=reject"))
    assert asked == ["_dmarc.mail.example.com TXT", "_dmarc.example.com TXT", "_dmarc.com TXT"]


@pytest.mark.parametrize("name", ["mail_example_com", "example_com", "com"])
def test_dns_in_trouble_anywhere_on_the_way_is_no_answer(name: str) -> None:
    """GW-14, FAULT-77."""
    assert found("mail.example.com", zone(mail_example_com="p=reject") | zone(**{name: Outcome.TROUBLE})) is None


def alignment(author: str, domain: str, table: Table, *, is_strict: bool = False) -> bool | None:
    dmarc, _ = answered(discovered(author), table)
    assert dmarc is not None
    is_aligned, _ = answered(aligned(dmarc, domain, is_strict=is_strict), table)
    assert is_aligned is not True or could_align(dmarc, domain, is_strict=is_strict)
    return is_aligned


EXAMPLE = zone(example_com="p=none")


@pytest.mark.parametrize(
    ("author", "domain", "table", "expected"),
    [
        # RFC 9989 §4.4 and B.1
        ("news.example.com", "foo.example.com", EXAMPLE, True),
        ("news.example.com", "news.example.com", EXAMPLE, True),
        ("news.example.com", "foo.example.net", EXAMPLE, False),
        ("example.com", "child.example.com", EXAMPLE, True),
        ("child.example.com", "example.com", EXAMPLE, True),
        ("child.example.com", "example.net", EXAMPLE, False),
        # parts of a house that are houses of their own
        ("example.com", "shop.example.com", zone(example_com="p=none", shop_example_com="p=none"), True),
        ("example.com", "shop.example.com", zone(example_com="p=none", shop_example_com="p=none; psd=n"), False),
        ("shop.example.com", "example.com", zone(example_com="p=none", shop_example_com="p=none; psd=n"), False),
        ("a.shop.example.com", "b.shop.example.com", zone(example_com="p=none", shop_example_com="p=none; psd=n"), True),
        ("shop.example.com", "example.com", zone(shop_example_com="p=none"), False),
        # neighbours below one suffix
        ("a.example.com", "b.example.com", zone(example_com="p=none; psd=y"), False),
        ("a.com", "b.com", zone(com="p=none"), False),
        ("ann.myshopify.com", "eve.myshopify.com", zone(myshopify_com="p=none"), False),
        ("myshopify.com", "eve.myshopify.com", zone(myshopify_com="p=none"), False),
        # look-alikes
        ("example.com", "notexample.com", EXAMPLE, False),
        ("example.com", "example.com.example.org", EXAMPLE, False),
        # without DMARC
        ("example.com", "bounce.example.com", {}, True),
        ("sales.example.com", "bounce.example.com", {}, True),
        ("sales.example.com", "example.com", {}, True),
        ("example.com", "example.net", {}, False),
        ("a.co.uk", "b.co.uk", {}, False),
        ("co.uk", "b.co.uk", {}, False),
        ("co.uk", "co.uk", {}, True),
    ],
)
def test_which_domains_stand_for_an_author(author: str, domain: str, table: Table, expected: bool) -> None:
    """GW-11: relaxed alignment, by organisational domain."""
    assert alignment(author, domain, table) is expected


def test_strict_alignment_takes_the_very_domain() -> None:
    """RFC 9989 §4.4."""
    assert alignment("example.com", "mail.example.com", EXAMPLE, is_strict=True) is False
    assert alignment("mail.example.com", "example.com", EXAMPLE, is_strict=True) is False
    assert alignment("mail.example.com", "mail.example.com", EXAMPLE, is_strict=True) is True


def test_trouble_is_no_misalignment() -> None:
    """GW-14."""
    assert alignment("example.com", "mail.example.com", EXAMPLE | zone(mail_example_com=Outcome.TROUBLE)) is None
    assert alignment("example.com", "example.com", EXAMPLE | zone(mail_example_com=Outcome.TROUBLE)) is True


def test_who_lies_elsewhere_is_not_asked_about() -> None:
    dmarc = Dmarc("example.com", "example.com", Policy.NONE)
    assert answered(aligned(dmarc, "example.net", is_strict=False), {}) == (False, [])
    assert answered(aligned(dmarc, "example.com", is_strict=False), {}) == (True, [])


def test_what_is_too_long_to_ask_for_is_not_asked_for() -> None:
    """Of a name with 250 octets no policy can be published: those above it are asked all the same."""
    _, asked = answered(discovered(".".join(["a" * 49] * 5)), {})
    assert asked == [f"_dmarc.{'.'.join(['a' * 49] * count)} TXT" for count in (4, 3, 2, 1)]
