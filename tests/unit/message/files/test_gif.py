"""GIF (LEAK-60): what tells goes, the pictures stay octet for octet."""

from __future__ import annotations

import pytest
from support.canaries import ALL, nobody
from support.pictures import a_picture, an_animation, saved, shown

from relay.message.files import cleaned

STILL = saved(a_picture("P"), "GIF")
MOVING = saved(an_animation()[0], "GIF", save_all=True, append_images=an_animation()[1:], duration=[10, 20, 30], loop=0)


def sub_blocks(content: bytes) -> bytes:
    return b"".join(bytes([len(one)]) + one for one in (content[at : at + 200] for at in range(0, len(content), 200))) + b"\0"


EXTENSIONS = {
    "comment": b"!\xfe" + sub_blocks(ALL * 5),
    "plain text": b"!\x01\x0c" + bytes(12) + sub_blocks(ALL),
    "XMP": b"!\xff\x0bXMP DataXMP" + ALL.replace(b" ", b"\x01") + b"\x01" + bytes(range(255, -1, -1)) + b"\0",
    "another program's": b"!\xff\x0bMGK8BIM0000" + sub_blocks(ALL),
}


@pytest.mark.parametrize("octets", [STILL, MOVING], ids=["still", "moving"])
@pytest.mark.parametrize("kind", [one for one in EXTENSIONS if one != "XMP"])
@pytest.mark.parametrize("before", [b"!\xf9\x04", b"\x3b"], ids=["before a picture", "at the end"])
def test_every_block_that_says_something_goes_and_leaves_the_picture_as_it_was(octets: bytes, kind: str, before: bytes) -> None:
    at = octets.rindex(before) if before in octets else 13 + 768
    clean = cleaned(octets[:at] + EXTENSIONS[kind] + octets[at:], nobody)
    assert clean.octets == octets
    assert len(clean.taken) == 1
    assert shown(clean.octets) == shown(octets)


def test_xmp_goes_whose_text_stands_in_the_place_of_sub_blocks() -> None:
    """Its letters are read as lengths, and a tail of falling ones brings any reader to the end (XMP part 3, 1.1.2)."""
    xmp = b"!\xff\x0bXMP DataXMP<x:xmpmeta>" + ALL + b"</x:xmpmeta>\x01" + bytes(range(255, -1, -1)) + b"\0"
    clean = cleaned(STILL[:-1] + xmp + STILL[-1:], nobody)
    assert clean.octets == STILL


@pytest.mark.parametrize("octets", [STILL, MOVING], ids=["still", "moving"])
def test_a_clean_picture_keeps_its_very_octets_and_its_loop(octets: bytes) -> None:
    """LEAK-56."""
    clean = cleaned(octets, nobody)
    assert clean.octets is octets
    assert clean.taken == ()


def test_what_stands_behind_the_end_goes() -> None:
    clean = cleaned(STILL + ALL, nobody)
    assert clean.octets == STILL
    assert clean.taken == ("what stood behind the picture",)


def test_a_picture_that_breaks_off_is_cleaned_up_to_there() -> None:
    assert cleaned(STILL[:-30], nobody).octets == STILL[:-30]
    assert cleaned(STILL[:-1] + b"!\xfe\x50" + ALL[:20], nobody).octets == STILL[:-1]
