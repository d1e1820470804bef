"""Addresses in running text (LEAK-24, LEAK-31)."""

from __future__ import annotations

import pytest

from relay.message.addresses import occurrences
from relay.message.normal import folded


def mail_in(text: str) -> list[str]:
    plain = folded(text)
    return [
        plain[one.closely : one.end - len(one.domain) + len(one.close_domain)] for one in occurrences(plain) if one.could_be_mail
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to ann@x.example.", ["ann@x.example"]),
        ("<ann@x.example>, (bob@y.example)", ["ann@x.example", "bob@y.example"]),
        ("'ann@x.example' *bob@y.example*", ["ann@x.example", "bob@y.example"]),
        ("?to=ann@x.example&k=1", ["ann@x.example"]),
        ("o'neill+tag@x.co.uk", ["neill+tag@x.co.uk"]),
        ('"ann writer"@x.example', ['"ann writer"@x.example']),
        ("ann@[192.0.2.1]", ["ann@[192.0.2.1]"]),
        ("邮箱ann@x.example谢谢", ["ann@x.example"]),
        ("почта@пример.рф", [folded("почта@пример.рф")]),
        ("ann@x.example-call", ["ann@x.example"]),
        ("http-wg%cuckoo.example@hplb.example", ["http-wg%cuckoo.example@hplb.example"]),
        ("a@b.example@c.example", ["a@b.example@c.example"]),
    ],
)
def test_an_address_is_found_without_the_signs_around_it(text: str, found: list[str]) -> None:
    assert mail_in(text) == found


def test_addresses_with_nothing_between_them_are_one_from_the_first_to_the_last() -> None:
    """LEAK-43, LEAK-44: as neighbours in a page stand; where one ends and the other begins nobody can tell."""
    text = "Ask a@b.examplec77@d.examplee@f.example, or g@h.example."
    glued, alone = occurrences(text)
    assert (text[glued.start : glued.end], glued.is_glued) == ("a@b.examplec77@d.examplee@f.example", True)
    assert (alone.local, alone.is_glued) == ("g", False)


@pytest.mark.parametrize(
    "text",
    [
        "2 @ 5 EUR",
        "@handle",
        "user@host",
        "x@1.2.3",
        "image001.png@01D0A1B2.C3D4E5F6",
        "icon@2x.png",
        "git@github.com:a/b.git",
        "@app.route('/')",
        "https://medium.example/@ann.writer",
        "maps/@48.85,2.35,15z",
        "@",
        "@@@@",
        "a@",
        "foo@-",
        "8@8.",
        "a@b.c",
    ],
)
def test_an_at_sign_alone_makes_no_address(text: str) -> None:
    """LEAK-31."""
    assert mail_in(text) == []


def test_a_domain_without_a_dot_is_found_when_it_is_known() -> None:
    assert [one.domain for one in occurrences("ann@localhost bob@elsewhere", {"localhost"})] == ["localhost"]


@pytest.mark.parametrize(
    "text",
    ["a@a" * 100_000, "@" * 300_000, "a" * 300_000 + "@x.yz", "=" * 300_000 + "@x.yz", ("a." * 150_000) + "@", "a@b.cc" * 50_000],
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    assert sum(1 for _ in occurrences(text)) <= 1
