"""The table of look-alikes."""

from __future__ import annotations

from relay.message.lookalikes import LOOKALIKES


def test_each_sign_stands_for_one_plain_character() -> None:
    assert all(len(sign) == len(plain) == 1 and plain.isascii() for sign, plain in LOOKALIKES.items())


def test_no_plain_character_is_a_look_alike() -> None:
    assert not any(sign.isascii() for sign in LOOKALIKES)
