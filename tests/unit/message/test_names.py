"""Which words of a name do not cross, and where (`NameParts`, LEAK-20, LEAK-22, LEAK-31)."""

from __future__ import annotations

import pytest
from support.masking import a_masker

from relay.values import NameShown

GONE = "[name removed]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Regards, Ann Writer", f"Regards, Ann {GONE}"),
        ("WRITER, Ann", f"{GONE}, Ann"),
        ("ann writer", f"ann {GONE}"),  # in any spelling beside the first name
        ("Ann M. Writer", f"Ann M. {GONE}"),
        ("Ms Writer's tour", f"Ms {GONE}'s tour"),
        ("Ann\n> Writer", f"Ann\n> {GONE}"),
        ("Wri\u200bter", GONE),
        ("WRITER", GONE),
        ("I am a writer.", "I am a writer."),
        ("Writers, Writerly, underWriter, writer.example", "Writers, Writerly, underWriter, writer.example"),
        ("Writer.example", f"{GONE}.example"),
        ("Ann\nwriter.example, Ann @writer", "Ann\nwriter.example, Ann @writer"),
        ("Ann said: the writer", "Ann said: the writer"),
        ("https://social.example/in/Ann.Writer?k=1", "https://social.example/in/-?k=1"),
        (
            "https://social.example/p/1234567 https://writers.example/",
            "https://social.example/p/1234567 https://writers.example/",
        ),
    ],
)
def test_a_last_name_is_masked_as_a_whole_word(text: str, expected: str) -> None:
    assert a_masker().mask(text).text == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Old Town Tours", "Yours, Old Town Tours", f"Yours, Old {GONE}"),
        ("Old Town Tours", "Town Tours and TOWN TOURS", f"{GONE} and {GONE}"),
        ("Old Town Tours", "our tours of the town; Tours in the Town", "our tours of the town; Tours in the Town"),
        ("Marco Travel", "the Travel desk, Marco Travel", f"the Travel desk, Marco {GONE}"),
        ("Wei Li", "Li told me; Wei Li", f"Li told me; Wei {GONE}"),
        ("José Peña", "PEÑA, José; Jose Pena", f"{GONE}, José; Jose {GONE}"),
        ("Ann Writer Writer", "Ann Writer Writer", f"Ann {GONE}"),
        ("Test Test", "a Test", "a Test"),
    ],
)
def test_names_of_businesses_and_short_names_are_masked_only_where_they_are_meant(name: str, text: str, expected: str) -> None:

    assert a_masker(name=name).mask(text).text == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (NameShown.FIRST, f"I am Ann {GONE}, Ann to you"),
        (NameShown.FULL, "I am Ann Writer, Ann to you"),
        (NameShown.NONE, f"I am {GONE} {GONE}, {GONE} to you"),
    ],
)
def test_the_setting_decides_how_much_of_a_name_crosses(names: NameShown, expected: str) -> None:
    """GW-40."""
    assert a_masker(names=names).mask("I am Ann Writer, Ann to you").text == expected
