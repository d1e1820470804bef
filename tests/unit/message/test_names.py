"""Which words of a name do not cross, and where (`NameParts`, LEAK-20, LEAK-22, LEAK-31)."""

from __future__ import annotations

import pytest
from support.masking import a_masker
from support.world import a_party

from relay.message.identity import Identity
from relay.message.masker import Masker
from relay.values import Language, NameShown, Role

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
        ("Jürgen Müller", "J. Mueller; MUELLER; Müller; Muller", f"J. {GONE}; {GONE}; {GONE}; {GONE}"),
        ("Juergen Mueller", "J. Müller; MÜLLER; Mueller", f"J. {GONE}; {GONE}; {GONE}"),
        ("Karl Huemer", "Humer; Hümer; Huemer", f"Humer; {GONE}; {GONE}"),
        ("Jens Jørgensen-Groß", "Joergensen-Gross", GONE),
        ("Seán O'Brien", "Seán O’Brien; O'Brien", f"Seán {GONE}; {GONE}"),
        ("Rita D’Angelo", "Rita D'Angelo", f"Rita {GONE}"),
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


@pytest.mark.parametrize(
    ("title", "masked"),
    [
        ("Bellini_Marco_Invoice", "[name removed]_Marco_Invoice"),
        ("2026_bellini", "2026_[name removed]"),
        ("MarcoBellini", "Marco[name removed]"),
        ("MarcoBelliniInvoice", "Marco[name removed]Invoice"),
        ("marcobellini_cv", "marco[name removed]_cv"),
        ("bellinimarco2", "[name removed]marco2"),
        ("demarcobellini", "demarcobellini"),
        ("umbellinis", "umbellinis"),
        ("voucher", "voucher"),
    ],
)
def test_in_a_title_a_name_is_found_between_signs_digits_and_capitals(title: str, masked: str) -> None:
    """LEAK-51: what a file is called follows no rules of writing."""
    writer, reader = a_party(Role.PARTNER, name="Marco Bellini"), a_party(Role.CUSTOMER)
    masker = Masker(Identity.of(writer, NameShown.FIRST), Identity.of(reader, NameShown.FIRST), Language.EN)
    assert masker.masked_title(title) == masked


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria May", "May I come on 3 May 2026?"),
        ("Kim Will", "Will you come?"),
        ("Jo Best", "Best regards"),
        ("Bob King", "King Street 4"),
        ("Ana Costa", "Costa Brava"),
    ],
)
def test_words_of_every_day_stay_although_somebody_is_called_so(name: str, text: str) -> None:
    """LEAK-22, LEAK-31: alone they point to nobody; beside the first name they do."""
    writer, reader = a_party(Role.PARTNER, name=name), a_party(Role.CUSTOMER)
    masker = Masker(Identity.of(writer, NameShown.FIRST), Identity.of(reader, NameShown.FIRST), Language.EN)
    assert masker.masked_text(text) == text
    assert name.split()[1] not in masker.masked_text(f"{name} writes")
