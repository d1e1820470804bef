"""What the second reading passes over without looking closer holds nothing (PERF-12, invariant 2): the cheap looks against the
exact ones."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.leaking import ALIASES

from relay.message.leaks.declared import head_and_body
from relay.message.leaks.folding import folded, folded_octets, folded_with_case, squeezed, squeezed_octets
from relay.message.leaks.needles import Needle, needles, needles_of_hosts
from relay.message.leaks.patterns import SPELLED_AT, SPELLED_DOT, Forms, Shape, compiled
from relay.message.leaks.search import Search
from relay.message.leaks.stretch import Stretch
from relay.message.leaks.transfers import from_base64, from_base64_with_junk
from relay.message.leaks.watched import Watched

PARTY: Final = Watched.of(
    ("anna_maria.kowalska@gmail.com", "info@hotel-alpenhof.at", "żółw@sklep.łódź.pl"),
    ("Kowalska-Łącka", "Hotel Alpenhof", "Müller"),
    ("desktop-4f2k1.fritz.box", "84.115.20.7", "2001:db8::17"),
)
EVERY: Final = (*needles((PARTY,), ALIASES), *needles_of_hosts((PARTY,), ALIASES))
ADDRESSES: Final = [one for one in EVERY if one.shape is Shape.ADDRESS]

GAPS: Final = ("", "\u200b", "\u00ad", "\r\n> ", "=\r\n", "\n", '"', " ", "\x00", "é", "ё", "中")
AT_SIGNS: Final = (
    "@",
    " (at) ",
    "=40",
    "%40",
    "%252525" + "40",
    "&#000000064;",
    "&#x00000040;",
    "&commat;",
    "\\u0040",
    "＠",
    "=",
    "!",
)
DOTS: Final = (".", " [dot] ", "%2e", "&#0000000046;", "&period;", "。", "_", "\\x2e")
TAGS: Final = ("", "+bookings", "+" + "x" * 64)
JUNK: Final = (b"=", b"==", b"-", b"_", b" ", b"\n", b"\r", b"A", b"\xff")

TEXTS: Final = st.text(st.characters(codec="utf-8"), max_size=60) | st.text(
    "aąéßÀΩωжя’“–…€中𝒜ａ１\u0301\u200b\ue000 .<x9", max_size=60
)


def patterns(forms: Forms) -> tuple[str, ...]:
    return tuple(filter(None, (forms.pattern, forms.in_header, forms.running_on)))


def wordy(signs: Sequence[str], words: Sequence[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(signs) | st.sampled_from([f" {word} " for word in words])


@st.composite
def written(draw: st.DrawFn, needle: Needle) -> str:
    """An identifier as somebody may write it, with signs in words or codes and things between its characters."""
    at, dot = wordy(AT_SIGNS, SPELLED_AT), wordy(DOTS, SPELLED_DOT)
    texts = []
    for text in needle.texts:
        where = draw(st.sets(st.integers(0, len(text)), max_size=3))
        gap = draw(st.sampled_from(GAPS))
        texts.append("".join((gap if n in where else "") + (draw(dot) if one == "." else one) for n, one in enumerate(text)))
    between = draw(at)
    if needle.shape is Shape.ADDRESS:
        texts[0] += draw(st.sampled_from(TAGS))
    if needle.shape is Shape.TURNED:
        texts.reverse()
    return draw(st.sampled_from(["", "ex ", "http://"])) + between.join(texts) + draw(st.sampled_from(["", " Tel", "Tel"]))


@given(TEXTS)
@example("Ω…€–ﬁ²ß")
@example("\U0001f600" * 3 + "".join(map(chr, range(0xC0, 0x180))))
def test_squeezed_is_what_the_normal_form_has_of_ascii_letters_and_digits(text: str) -> None:
    octets = text.encode("utf-8", "replace")
    assert squeezed(octets) == squeezed_octets(folded(octets).encode("ascii", "ignore"))


@given(st.sampled_from(EVERY).flatmap(lambda needle: st.tuples(st.just(needle), written(needle))))
def test_whatever_a_pattern_matches_is_near_in_the_squeezed_form(case: tuple[Needle, str]) -> None:
    needle, text = case
    octets = text.encode()
    for normal in (folded(octets), folded_with_case(octets), folded_octets(octets)):
        if any(compiled(pattern).search(normal) for pattern in patterns(needle.forms)):
            flat = squeezed_octets(normal.encode("ascii", "ignore"))
            assert needle.is_near(flat)
            # Nobody writes the signs of a host in words: where its dots are encoded, it is seen when that is taken off.
            assert needle.shape is Shape.HOST or all(atom in flat for atom in needle.atoms)


@given(
    st.sampled_from([one for one in EVERY if one.spellings]), st.sampled_from(["{}", " {}, ", "Dear {}!", "{}é"]), st.booleans()
)
def test_a_word_that_is_spelled_out_is_near(needle: Needle, around: str, capitals: bool) -> None:
    text = around.format(needle.spellings[-1 if capitals else 0])
    if needle.is_spelled_in(text):
        assert needle.is_near(squeezed(text.encode()))


@given(
    st.sampled_from(ADDRESSES).flatmap(written),
    st.frozensets(st.from_regex(r"[a-z0-9]{3,12}@[a-z]{2,8}\.example", fullmatch=True)),
)
@settings(max_examples=30, deadline=None)
def test_ids_that_may_stand_there_change_nothing_of_what_is_found(text: str, ids: frozenset[str]) -> None:
    octets = text.encode()
    without, beside = Search((PARTY,), ALIASES), Search((PARTY,), ALIASES | ids)
    assert set(without.kinds(octets, None)) == set(beside.kinds(octets, None))


@given(
    st.binary(max_size=120), st.sampled_from(["", "\r\n", "\n"]), st.lists(st.tuples(st.integers(0, 200), st.sampled_from(JUNK)))
)
def test_base64_is_read_the_same_by_the_short_way_and_the_long(
    octets: bytes, line_end: str, junk: list[tuple[int, bytes]]
) -> None:
    text = base64.encodebytes(octets).replace(b"\n", line_end.encode())
    for at, what in junk:
        text = text[:at] + what + text[at:]
    letters = re.sub(rb"[^A-Za-z0-9+/=_-]", b"", text)
    read = from_base64(letters), len(text) - len(letters) - text.count(b"\r") - text.count(b"\n")
    assert from_base64_with_junk(text) == read
    assert from_base64_with_junk(b"-=\n" + text + b"\n=-", 3, 3 + len(text)) == read


@given(st.text("ab-\n", max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_a_stretch_is_split_like_its_octets_by_themselves(text: str, begin: int, end: int) -> None:
    octets = text.encode()
    stretch = Stretch(octets, min(begin, end, len(octets)), min(max(begin, end), len(octets)))
    for between in (b"-", b"\n--", b"ab"):
        assert [one.copied() for one in stretch.split(between)] == stretch.copied().split(between)


@given(st.lists(st.sampled_from((b"\n", b"\r\n", b"\r", b" ", b"a: b", b"--x")), max_size=12), st.binary(max_size=4))
def test_head_and_body_of_a_stretch_are_those_of_its_octets_by_themselves(pieces: list[bytes], around: bytes) -> None:
    octets = b"".join(pieces)
    alone = head_and_body(Stretch.whole(octets))
    within = head_and_body(Stretch(around + octets + around, len(around), len(around) + len(octets)))
    assert (within[0], within[1].copied()) == (alone[0], alone[1].copied())
