"""RTF (LEAK-63): the groups that name people are emptied, the rest keeps its octets."""

from __future__ import annotations

import pytest
from support.canaries import AUTHOR, anybody, nobody, planted

from relay.message.files import cleaned, is_known

WHO = AUTHOR.decode()
BODY = r"\pard Hello {\b you}, three \{braces\} and \u8364? 20.\par"

CASES = {
    "author": (rf"{{\info{{\author {WHO}}}{{\title Offer}}}}", r"{\info{\author}{\title Offer}}"),
    "in pieces": (rf"{{\info{{\author {{\uc1 {WHO}}}}}}}", r"{\info{\author}}"),
    "operator and company": (
        rf"{{\info{{\operator {WHO}}}{{\*\company {WHO}}}{{\*\manager {WHO}}}}}",
        r"{\info{\operator}{\*\company}{\*\manager}}",
    ),
    "title": (rf"{{\info{{\title Offer of {WHO}}}}}", r"{\info{\title}}"),
    "escaped title": ("{\\info{\\title " + "".join(f"\\'{one:02x}" for one in AUTHOR) + "}}", r"{\info{\title}}"),
    "template": (r"{\*\template C:\\\'55sers\\a.dot}", r"{\*\template}"),
    "user property": (
        rf"{{\*\userprops {{\propname Owner}}\proptype30{{\staticval {WHO}}}}}",
        r"{\*\userprops {\propname Owner}\proptype30{\staticval}}",
    ),
    "changes": (rf"{{\*\revtbl {{Unknown;}}{{{WHO};}}}}", r"{\*\revtbl {Unknown;}{Author;}}"),
    "note": (rf"{{\*\atnid {WHO}}}{{\*\atnauthor {WHO}}}", r"{\*\atnid A}{\*\atnauthor Author}"),
}


def a_text(group: str) -> bytes:
    return f"{{\\rtf1\\ansi{group}\r\n{BODY}}}".encode()


@pytest.mark.parametrize("name", CASES)
def test_groups_that_name_people_are_emptied(name: str) -> None:
    group, expected = CASES[name]
    clean = cleaned(a_text(group), anybody)
    assert clean.taken == ("document properties",)
    assert clean.octets == a_text(expected)
    assert not planted(clean.octets)
    assert cleaned(clean.octets, anybody).octets is clean.octets


@pytest.mark.parametrize(
    "octets",
    [
        a_text(r"{\info{\title Offer}{\author}{\version1}}{\*\generator Riched20;}"),
        a_text(r"{\authorised \titlepage}"),
        a_text(rf"{{\info{{\author {WHO}")[:-9],
        a_text(r"{\info{\author " + "x" * 30_000 + "}}"),
    ],
    ids=["nothing to take", "words that only begin so", "never closed", "too long for a name"],
)
def test_a_text_with_nothing_to_take_keeps_its_very_octets(octets: bytes) -> None:
    """LEAK-56."""
    assert cleaned(octets, nobody).octets is octets


def test_it_is_text_all_the_same() -> None:
    """What a person wrote in it is masked as text (LEAK-52)."""
    assert not is_known(a_text(""))
