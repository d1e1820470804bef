"""Addresses in words, told by their form alone (LEAK-24, LEAK-29), and what only looks like them (LEAK-31)."""

from __future__ import annotations

import pytest

from relay.message.dictated import dictated
from relay.message.normal import Normal


def dictated_in(text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.address) for one in dictated(Normal(text))]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("fritz(at)anders.example", "fritz@anders.example"),
        ("fritz (at) anders (dot) example", "fritz@anders.example"),
        ("fritz[at]anders[.]example", "fritz@anders.example"),
        ("fritz {at} anders {dot} co {dot} uk", "fritz@anders.co.uk"),
        ("fritz<at>anders.de", "fritz@anders.de"),
        ("fritz ( at ) anders ( dot ) example", "fritz@anders.example"),
        ("fritz (@) anders.de", "fritz@anders.de"),
        ("a [dot] fritz+x-y.z [at] anders [dot] example", "a.fritz+x-y.z@anders.example"),
        ("Fritz (ät) Anders (Punkt) DE", "fritz@anders.de"),
        ("fritz (arobase) anders (point) fr", "fritz@anders.fr"),
        ("fritz (arroba) anders (punto) es", "fritz@anders.es"),
        ("fritz (chiocciola) anders.it", "fritz@anders.it"),
        ("fritz (małpa) anders (kropka) pl", "fritz@anders.pl"),
        ("fritz（ａｔ）anders．de", "fritz@anders.de"),
        ("fritz (a\u200bt) anders.de", "fritz@anders.de"),
        ("fritz (at)\nanders.de", "fritz@anders.de"),
        ("fritz(at)anders.xn--p1ai", "fritz@anders.xn--p1ai"),
        ("fritz AT anders DOT example", "fritz@anders.example"),
        ("fritz\tAT\tanders\tDOT\texample", "fritz@anders.example"),
        ("a DOT fritz AT anders DOT co DOT uk", "a.fritz@anders.co.uk"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "write to {}.", "({}), or", "see {}.Then we go", "mailto:{}?subject=x"])
def test_an_address_in_words_is_seen_from_end_to_end(written: str, address: str, around: str) -> None:
    assert dictated_in(around.format(written)) == [(written, address)]


def test_several_are_seen_in_order() -> None:
    said = ["a(at)b.de", "c AT d DOT de", "e[at]f[dot]de"]
    assert [one for one, _ in dictated_in(", ".join(said))] == said


@pytest.mark.parametrize(
    "text",
    [
        "2 (at) 5 EUR, 2 (at) 5.50 EUR, 10 (at) 3.5kg",
        "meet (at) noon",
        "meet (at) noon.Then we go, meet (at) noon.It rains",
        "if (at) node.me = x, while (at) a.is, x[at] = y.de, f(at).me(), x[at].me",
        "<when>9<at>home.me</at></when>",
        "Smith (2019) [at] p.12, cf. [at] pp.3-5, ibid. (at) 3.2.1",
        "see us (at) www.alpenhof.at",
        "the (at) anders.txt, the (at) anders.pdfx",
        "(at) anders.de, [at]",
        "look AT the dot, MEET AT NOON DOT DE, we look AT it DOT then, fritz at anders dot de",
        "",
    ],
)
def test_what_may_be_something_else_is_left(text: str) -> None:
    assert dictated_in(text) == []


@pytest.mark.parametrize("piece", ["(at)", "a(at)", "a (at) b (dot) ", "a AT b DOT ", "a(dot)", "a.", "x(at)" + "a" * 90, "( "])
def test_long_texts_of_pieces_of_addresses_come_to_an_end(piece: str) -> None:
    assert all(one.address.count("@") == 1 for one in dictated(Normal(piece * 5_000)))
