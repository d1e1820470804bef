"""Bank accounts in a text: shape, length of the country, check digits (LEAK-25)."""

from __future__ import annotations

import pytest

from relay.message.iban import ibans
from relay.message.normal import folded


def found(text: str) -> list[str]:
    normal = folded(text)
    return [normal[start:end] for start, end in ibans(normal)]


@pytest.mark.parametrize(
    "account",
    [
        "PL61 1090 1014 0000 0712 1981 2874",
        "PL61109010140000071219812874",
        "PL 61 1090 1014 0000 0712 1981 2874",
        "61 1090 1014 0000 0712 1981 2874",
        "61109010140000071219812874",
        "DE89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "FR14 2004 1010 0505 0001 3M02 606",
        "ES91 2100 0418 4502 0005 1332",
        "IT60 X054 2811 1010 0000 0123 456",
        "GB29 NWBK 6016 1331 9268 19",
        "GB29-NWBK-6016-1331-9268-19",
        "NO93 8601 1117 947",
        "BE68 5390 0754 7034",
    ],
)
@pytest.mark.parametrize("around", ["{}", "IBAN: {}.", "pay to {} please", "({})", "{}\nthanks"])
def test_an_account_is_found_to_its_end(account: str, around: str) -> None:
    assert found(around.format(account)) == [account.lower()]


@pytest.mark.parametrize(
    "text",
    [
        "PL61 1090 1014 0000 0712 1981 2875",  # a wrong digit
        "PL61 1090 1014 0000 0712 1981 28",
        "ZZ61 1090 1014 0000 0712 1981 2874",
        "62 1090 1014 0000 0712 1981 2874",
        "GYG4K7Q2X9ABC",
        "de12 tage, no 93 people, fr14 is a room",
        "4111 1111 1111 1111 1111 1111 11",
        "xPL61109010140000071219812874",
    ],
)
def test_what_has_another_length_or_sum_is_none(text: str) -> None:
    assert found(text) == []
