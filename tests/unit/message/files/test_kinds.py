"""The table of kinds, and what holds for every kind of file (LEAK-56, LEAK-60)."""

from __future__ import annotations

import pytest

from relay.message.files import cleaned, is_known


def never(_: str) -> bool:
    return False


@pytest.mark.parametrize("octets", [b"", b"\xff\xd8", b"plain words", bytes(500)])
def test_a_file_of_an_unknown_kind_keeps_its_very_octets(octets: bytes) -> None:
    clean = cleaned(octets, never)
    assert clean.octets is octets
    assert clean.taken == ()
    assert not is_known(octets)


@pytest.mark.parametrize("octets", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff\xffExif\0\0ann@writer-tours.example"])
def test_a_broken_file_comes_back_as_it_is(octets: bytes) -> None:
    """The second reading judges it then."""
    assert is_known(octets)
    assert cleaned(octets, never).octets is octets
