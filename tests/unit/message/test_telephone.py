"""What is a telephone number, and what merely has digits (LEAK-25, LEAK-31)."""

from __future__ import annotations

import pytest

from relay.message.normal import folded
from relay.message.telephone import digits_max, is_telephone_link, run_characters_max, telephones


def found(text: str) -> list[str]:
    normal = folded(text)
    return [normal[start:end] for start, end in telephones(normal)]


@pytest.mark.parametrize(
    "number",
    [
        "+48 600 100 200",
        "+48600100200",
        "+48-600-100-200",
        "+48 (22) 123 45 67",
        "0048 600 100 200",
        "0048600100200",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+44 (0)20 7946 0958",
        "+44 20 7946 0958",
        "+1 (555) 123-4567",
        "+1-555-123-4567",
        "+1.555.123.4567",
        "+1.5551234567",
        "+49 171 2345678",
        "+49 (0)171/2345678",
        "+39 333 123 4567",
        "+39 06 1234 5678",
        "+34 612 345 678",
        "+351 912 345 678",
        "+380 67 123 45 67",
        "+971 50 123 4567",
        "600 100 200",
        "600-100-200",
        "22 123 45 67",
        "(22) 123 45 67",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "030 1234567",
        "030/1234567",
        "0171 / 2345678",
        "0171 - 2345678",
        "(030) 123 45 67",
        "089-12345678",
        "020 7946 0958",
        "07700 900123",
        "07700 900 123",
        "333 123 4567",
        "555-123-4567",
        "(555) 123-4567",
        "612 345 678",
        "912 34 56 78",
    ],
)
@pytest.mark.parametrize("around", ["{}", "ring {} please", "({})", "{}, or later", "I am at {}.", "{}\n2 adults", "a:{};b"])
def test_international_and_national_numbers_are_found_whole(number: str, around: str) -> None:
    assert found(around.format(number)) in ([number], [f"({number}"]) if around.startswith("(") else [[number]]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Tel.: 600100200", "600100200"),
        ("tel:600100200", "600100200"),
        ("phone no. 12 34 56 78", "12 34 56 78"),
        ("WhatsApp 600100200!", "600100200"),
        ("Handynummer: 01712345678", "01712345678"),
        ("numer telefonu: 600100200", "600100200"),
        ("zadzwoń 600100200", "600100200"),
        ("call me 5551234567", "5551234567"),
        ("fax (22)1234567", "(22)1234567"),
        ("call me on 02079460958", "02079460958"),
        ("my phone number is 02079460958", "02079460958"),
        ("you can reach me at 02079460958", "02079460958"),
        ("appelez-moi au 0612345678", "0612345678"),
        ("vous pouvez nous joindre au 0612345678", "0612345678"),
        ("mon numéro de téléphone est le 0612345678", "0612345678"),
        ("llámame al 612345678", "612345678"),
        ("proszę dzwonić pod 600123456", "600123456"),
        ("zadzwoń do nas na nr 600123456, tel. to 600123456", "600123456"),
        ("Rufen Sie mich unter 01711234567 an", "01711234567"),
        ("Sie erreichen uns unter 01711234567", "01711234567"),
        ("chiamami al 3331234567", "3331234567"),
        ("\uff0b\uff14\uff18 600 100 200", "+48 600 100 200"),
        ("+48\u00a0600\u00a0100\u00a0200", "+48 600 100 200"),
        ("+48\u2011600\u2011100\u2011200", "+48-600-100-200"),
        ("+4\u200b8600100200", "+48600100200"),
        ("+48 600 100 200 10:30", "+48 600 100 200"),
        ("+48 600 100 200 2 adults", "+48 600 100 200"),
        ("+48 600 100 200 - 2026", "+48 600 100 200"),
    ],
)
def test_a_word_before_it_or_a_country_in_front_makes_digits_a_number(text: str, number: str) -> None:
    assert found(text) == [number]


@pytest.mark.parametrize("text", ["600 100 200 / 600 100 201", "+48 600 100 200, +48 600 100 201", "030 1234567 / 0171 2345678"])
def test_two_numbers_beside_each_other_are_two(text: str) -> None:
    assert len(found(text)) == 2


HARMLESS = [
    "2026-06-01 10:30",
    "01.06.2026 10:30, 01.06.2026-05.06.2026, 1/6/2026, 06/12/2026 09.30",
    "01 06 2026 10 30",
    "2026 06 01, 20260601103000, 2026-06-01T10:30:00+02:00, Mon, 1 Jun 2026 10:30:00 +0200 (CEST)",
    "between 09:30 and 10:45, 9.30 - 10.45, 09.30-10.30, 24/7",
    "1 234 567,89 EUR, 1.234.567,00 zł, 600 100 200 PLN, EUR 600 100 200, 123 456 789,50, $600 100 200, 100.000.000",
    "123.456.789 or 500 000 000 or +25 000 000 000",
    "GYG4K7Q2X9ABC, ref. 12/345-A, BK-0815, order 4711-0815-2026, 114-1234567-1234567",
    "order 600 100 200, booking no. 600-100-200, zamówienie nr 600 100 200, Bestellnummer 030 1234567, #600 100 200",
    "PL61 1090 1014 0000 0712 1981 2874, DE89 3704 0044 0532 0130 00",
    "48.8584, 2.2945; 48.8584° N, 2.2945° E; +48.8584, +2.294500; 48°51'29.6\"N 2°17'40.2\"E",
    "4111 1111 1111 1111, 978-3-16-148410-0, Meeting ID: 837 4738 4738, meeting 123 456 7890",
    "NIP 526-10-40-828, REGON 012345678, VAT DE 123456789, 00-950 Warszawa, 75008 Paris",
    "1234567, 12345678, 123456789, 1234567890, 0012345678, 12345678901234567890123456789012345678901234567890123456789012345",
    "IMG_20260601_103000.jpg, 192.168.100.200, 10.0.0.1, v2.10.3, 1-2-3-4-5, 1 2 3 4 5 6 7 8 9",
    "2 + 2 = 4, a+1234567, +1234567, 10-20 people, 3x4x5, 600 100 200 people, 1 600 100 200 1",
    "a_600-100-200, A-600-100-200, x=600-100-200, 600-100-200-B",
    "referencia 600 123 456, numer referencyjny 600 123 456, Referenz 0171 1234567, riferimento 333 123 4567",
    "réf. 06 12 34 56 78, pratica 333 123 4567, Sendungsnummer 0171 1234567, serial 0123-4567-89",
    "Aktenzeichen 030 1234567, nr seryjny 600 123 456",
    "call me at 09.30-10.30, call us on 15.06.26, ruf mich an 10.30 - 12.00, zadzwoń 15.06.2026, the call is 123456 EUR",
    "call 112, dial 999, 08/15, room 101",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_dates_prices_references_and_accounts_are_no_telephone_numbers(text: str) -> None:
    assert found(text) == []


def test_long_runs_are_passed_over_in_linear_time() -> None:
    assert found("1 " * 500_000) == []
    assert found("+" * 100_000 + "(" * 100_000) == []
    assert run_characters_max > 2 * digits_max


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("tel:+48600100200", True),
        ("SMS:600100200", True),
        ("https://wa.me/48600100200", True),
        ("https://api.whatsapp.com/send?text=x&phone=48600100200", True),
        ("https://example.org/?phone=1", False),
        ("https://wa.me/", False),
        ("mailto:tel@example.org", False),
    ],
)
def test_links_that_lead_to_a_telephone(url: str, expected: bool) -> None:
    assert is_telephone_link(url) is expected
