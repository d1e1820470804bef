"""Quoted attributions and header blocks, in the languages that mail programs speak (LEAK-20, LEAK-21, CASE-57, GY-12)."""

from __future__ import annotations

import pytest
from support.masking import HER_ALIAS, HER_GMAIL, HERS, HIS, HIS_ALIAS, a_masker

A = f"Ann Writer <{HERS}>"
B = f"Ann <{HER_ALIAS}>"

ATTRIBUTIONS = [
    "On Mon, Jun 3, 2024 at 5:00 PM {} wrote:",
    "On 3 Jun 2024, at 17:00, {} wrote:",
    "Le lun. 3 juin 2024 à 17:00, {} a écrit :",
    "Am Mo., 3. Juni 2024 um 17:00 Uhr schrieb {}:",
    "Am 03.06.24 um 17:00 schrieb {}:",
    "El lun, 3 jun 2024 a las 17:00, {} escribió:",
    "Il giorno lun 3 giu 2024 alle ore 17:00 {} ha scritto:",
    "pon., 3 cze 2024 o 17:00 {} napisał(a):",
    "po 3. 6. 2024 v 17:00 odesílatel {} napsal:",
    "po 3. 6. 2024 o 17:00 {} napísal(a):",
    "Op ma 3 jun. 2024 om 17:00 schreef {}:",
    "Em seg., 3 de jun. de 2024 às 17:00, {} escreveu:",
    "Den mån 3 juni 2024 kl 17:00 skrev {}:",
    "Den man. 3. jun. 2024 kl. 17.00 skrev {}:",
    "ma 3. kesäk. 2024 klo 17.00 {} kirjoitti:",
    "{} ezt írta (időpont: 2024. jún. 3., H, 17:00):",
    "În lun., 3 iun. 2024 la 17:00, {} a scris:",
    "пн, 3 июн. 2024 г. в 17:00, {}:",
    "пн, 3 черв. 2024 р. о 17:00 {} пише:",
    "Στις Δευ 3 Ιουν 2024 στις 5:00 μ.μ., ο χρήστης {} έγραψε:",
    "{}, 3 Haz 2024 Pzt, 17:00 tarihinde şunu yazdı:",
    "בתאריך יום ב׳, 3 ביוני 2024 ב-17:00 מאת {}:",
    "في الاثنين، 3 يونيو 2024 في 5:00 م تمت كتابة ما يلي بواسطة {}:",
    "2024年6月3日(月) 17:00 {}:",
    "{} 于2024年6月3日周一 17:00写道：",
    "2024년 6월 3일 (월) 오후 5:00, {}님이 작성:",
    "Vào Th 2, 3 thg 6, 2024 vào lúc 17:00 {} đã viết:",
    "2024-06-03 17:00 GMT+02:00 {}:",
    "W dniu 3 czerwca {} napisał(a):",
    "El 3 de junio {} escribió:",
    "On 3 June {} wrote:",
    "Am 3. Juni {}:",
    "{} wrote:",
    "---- On Mon, 03 Jun 2024 17:00:00 +0200 {} wrote ----",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_attribution_names_the_party_as_the_other_side_knows_them(attribution: str) -> None:
    masked = a_masker().mask(attribution.format(A) + "\n> hello").text
    assert HER_ALIAS in masked
    assert "Writer" not in masked
    assert "Ann" in masked
    for kept in attribution.split("{}", maxsplit=1)[0].split()[:4]:
        assert kept in masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"On 3 Jun 2024 at 17:00 Ann Writer\n<{HERS}> wrote:", f"On 3 Jun 2024 at 17:00 Ann\n<{HER_ALIAS}> wrote:"),
        (f"> On 3 Jun 2024 at 17:00 {A}\n> wrote:", f"> On 3 Jun 2024 at 17:00 {B}\n> wrote:"),
        (f"On 3 Jun 2024 at 17:00 Writer, Ann (Town Tours) <{HERS}> wrote:", f"On 3 Jun 2024 at 17:00 {B} wrote:"),
        (f'On 3 Jun 2024 at 17:00 "Writer, Ann" <{HERS}> wrote:', f'On 3 Jun 2024 at 17:00 "Ann" <{HER_ALIAS}> wrote:'),
        (
            f"On 3 Jun 2024 at 17:00 {A[:-1]}<mailto:{HERS}>> wrote:",
            f"On 3 Jun 2024 at 17:00 {B[:-1]}<mailto:{HER_ALIAS}>> wrote:",
        ),
        (f"On 3 Jun 2024 at 17:00 Ян Новак <{HIS}> wrote:", f"On 3 Jun 2024 at 17:00 Bob <{HIS_ALIAS}> wrote:"),
        (f"El 3 de junio de 2024 de la Cruz <{HIS}> escribió:", f"El 3 de junio de 2024 de Bob <{HIS_ALIAS}> escribió:"),
        (f"On 3 Jun 2024 van der Berg <{HIS}> wrote:", f"On 3 Jun 2024 van Bob <{HIS_ALIAS}> wrote:"),
        (f"On 3 Jun 2024 ann writer <{HERS}> wrote:", f"On 3 Jun 2024 Ann <{HER_ALIAS}> wrote:"),
        (
            "On 3 Jun at 17:00, walter via Carl <c@third.example> wrote:",
            "On 3 Jun at 17:00, [name removed] <[address removed]> wrote:",
        ),
        ("On Jun 3 Carl Third <c@third.example> wrote:", "On Jun 3 [name removed] <[address removed]> wrote:"),
        ("On 3 Jun 2024 Carl Third <c@third.example> wrote:", "On 3 Jun 2024 [name removed] <[address removed]> wrote:"),
        (f"Please contact our Ann Writer <{HERS}> today", f"Please contact our Ann [name removed] <{HER_ALIAS}> today"),
        ("Please contact Carl Third <c@third.example> today", "Please contact Carl Third <[address removed]> today"),
    ],
)
def test_names_are_cut_where_they_begin_and_only_in_attributions(text: str, expected: str) -> None:
    assert a_masker().mask(text).text == expected


LABELS = [
    ("From", "To"),
    ("Von", "An"),
    ("De", "À"),
    ("De ", "À "),
    ("De", "Para"),
    ("Da", "A"),
    ("Od", "Do"),
    ("Van", "Aan"),
    ("Från", "Till"),
    ("Fra", "Til"),
    ("Lähettäjä", "Vastaanottaja"),
    ("Feladó", "Címzett"),
    ("От", "Кому"),
    ("Від", "Кому"),
    ("Από", "Προς"),
    ("Kimden", "Kime"),
    ("מאת", "אל"),
    ("من", "إلى"),
    ("差出人", "宛先"),
    ("发件人", "收件人"),
    ("보낸 사람", "받는 사람"),
    ("*From*", "*To*"),
]


@pytest.mark.parametrize(("sender", "recipients"), LABELS)
def test_a_header_block_shows_aliases_and_shown_names(sender: str, recipients: str) -> None:
    """LEAK-21; third parties' too."""
    block = (
        f"> {sender}: Writer, Ann [mailto:{HERS}]\n"
        f"> {recipients}: Carl Third <c@third.example>; 'Reader, Bob' <{HIS}>,\n>  Dora <d@x.example>\n> Re: Tour\n"
    )
    assert a_masker().mask(block).text == (
        f"> {sender}: Ann [mailto:{HER_ALIAS}]\n"
        f"> {recipients}: [name removed] <[address removed]>; 'Bob' <{HIS_ALIAS}>,\n"
        ">  [name removed] <[address removed]>\n> Re: Tour\n"
    )


def test_a_full_width_colon_ends_a_label() -> None:
    assert a_masker().mask(f"发件人：Ann Writer <{HER_GMAIL}>").text == f"发件人：Ann <{HER_ALIAS}>"


def test_a_comment_behind_the_address_is_a_name_too() -> None:
    assert a_masker().mask(f"From: {HERS} (Ann Writer)").text == f"From: {HER_ALIAS} (Ann)"


def test_five_levels_of_quoting_are_no_obstacle() -> None:
    text = "".join(f"{'>' * depth} From: {A}\n" for depth in range(6))
    assert a_masker().mask(text).text == "".join(f"{'>' * depth} From: {B}\n" for depth in range(6))
