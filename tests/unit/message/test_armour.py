"""OpenPGP armour in a text: the words stay, keys and signatures go, quoted blocks leave a mark (LEAK-30, GW-46, CASE-21)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.message.armour import Armoured, bare_armour, unarmoured, unarmoured_html

KEY, ENCRYPTED = "[key]", "[encrypted]"
BLOCK = "mQENBF0abcBCAC\n=aB3d\n"
SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
SIGNATURE = f"-----BEGIN PGP SIGNATURE-----\nVersion: X\nComment: ann@writer.example\n\n{BLOCK}-----END PGP SIGNATURE-----\n"
PUBLIC = f"-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: ann@writer.example\n\n{BLOCK}-----END PGP PUBLIC KEY BLOCK-----\n"
MESSAGE = f"-----BEGIN PGP MESSAGE-----\nComment: ann@writer.example\n\n{BLOCK}-----END PGP MESSAGE-----\n"
BARE_MESSAGE = f"-----BEGIN PGP MESSAGE-----\n\n{BLOCK}-----END PGP MESSAGE-----\n"
CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{BLOCK}-----END CERTIFICATE-----\n"


def quoted(text: str, prefix: str = "> ") -> str:
    return "".join(f"{prefix}{line}".rstrip(" ") + "\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("text", "expected", "removed"),
    [
        ("Hello\n", "Hello\n", []),
        (f"{SIGNED}Hello\n{SIGNATURE}", "Hello\n", [Armoured.SIGNATURE]),
        (f"{SIGNED}- -- \n- - one\n-two\n{SIGNATURE}", "-- \n- one\n-two\n", [Armoured.SIGNATURE]),
        (f"{SIGNED}Hello\n", "Hello\n", [Armoured.SIGNATURE]),  # the signature was cut off
        (f"-----BEGIN PGP SIGNED MESSAGE-----\nDear Ann\n{SIGNATURE}", "Dear Ann\n", [Armoured.SIGNATURE]),
        (quoted(f"{SIGNED}Hello\n- -- \nAnn\n{SIGNATURE}"), "> Hello\n> --\n> Ann\n", [Armoured.SIGNATURE]),
        (f"Yes\n{SIGNATURE}Bye\n", "Yes\nBye\n", [Armoured.SIGNATURE]),
        (f"My key:\n{PUBLIC}Bye\n", "My key:\n[key]\nBye\n", [Armoured.KEY]),
        (f"{CERTIFICATE}", "[key]\n", [Armoured.KEY]),
        *(
            (CERTIFICATE.replace("CERTIFICATE", name), "[key]\n", [Armoured.KEY])
            for name in ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", "X509 CRL", "PUBLIC KEY", "EC PRIVATE KEY")
        ),
        (f"Thanks\n{quoted(PUBLIC)}", "Thanks\n> [key]\n", [Armoured.KEY]),
        (f"Thanks\n{quoted(MESSAGE, '> > ')}> Bye\n", "Thanks\n> > [encrypted]\n> Bye\n", [Armoured.ENCRYPTED]),
        (f"{MESSAGE}", BARE_MESSAGE, []),  # the writer's own: policy has decided to let it pass
        (
            f"{PUBLIC[: PUBLIC.index('=aB3d')]}And the words after it stay.\n",
            "[key]\nAnd the words after it stay.\n",
            [Armoured.KEY],
        ),
        ("-----BEGIN TRANSMISSION-----\nHello\n", "-----BEGIN TRANSMISSION-----\nHello\n", []),
        ("-----BEGIN PGP SIGNATURE----- is how it begins\n", "-----BEGIN PGP SIGNATURE----- is how it begins\n", []),
        ("-----Original Message-----\n- one\n", "-----Original Message-----\n- one\n", []),
    ],
)
def test_armour_goes_and_words_stay(text: str, expected: str, removed: list[Armoured]) -> None:
    bare = unarmoured(text, KEY, ENCRYPTED)
    assert (bare.text, list(bare.removed)) == (expected, removed)
    assert unarmoured(bare.text, KEY, ENCRYPTED).text == bare.text


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (MESSAGE.encode(), BARE_MESSAGE.encode()),
        (MESSAGE.replace("\n", "\r\n").encode(), None),
        (b"\x85\x01\x0c binary", b"\x85\x01\x0c binary"),
    ],
)
def test_a_file_of_armour_loses_its_headers_alone(octets: bytes, expected: bytes | None) -> None:
    bare = bare_armour(octets)
    assert bare == expected or expected is None
    assert b"Comment" not in bare
    assert bare.split()[-4:] == octets.split()[-4:]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([SIGNED, SIGNATURE, PUBLIC, MESSAGE, "> ", "Hello\n", "- x\n", "\n", BLOCK]), max_size=12))
def test_no_order_of_pieces_leaves_a_comment_or_makes_it_fail(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert "Comment: ann" not in unarmoured(text, KEY, ENCRYPTED).text


def page(text: str, element: str = "div") -> str:
    return "".join(f"<{element}>{line}</{element}>" for line in text.splitlines())


@pytest.mark.parametrize(
    ("html", "keeps", "expected", "removed"),
    [
        ("<p>Hi</p>", False, "<p>Hi</p>", []),
        (f"<pre>{PUBLIC}</pre>", False, "<pre>[key]\n</pre>", [Armoured.KEY]),
        (page(f"My key:\n{PUBLIC}Bye\n"), False, "<div>My key:</div><div>[key]</div><div>Bye</div>", [Armoured.KEY]),
        (page(CERTIFICATE), False, "<div>[key]</div>", [Armoured.KEY]),
        (
            f"{SIGNED}Hello{SIGNATURE}".replace("\n", "<br>"),
            False,
            "<br><br><br>Hello<br>",
            [Armoured.SIGNATURE, Armoured.SIGNATURE],
        ),
        (f"<blockquote>{MESSAGE}</blockquote>", False, "<blockquote>[encrypted]\n</blockquote>", [Armoured.ENCRYPTED]),
        (f"<pre>{MESSAGE}</pre>", True, f"<pre>{MESSAGE}</pre>", []),
        ("<p>-----BEGIN PGP SIGNATURE-----</p><p>cut", False, "<p></p><p>cut", [Armoured.SIGNATURE]),
        ("<p>-----BEGIN NONSENSE-----</p>", False, "<p>-----BEGIN NONSENSE-----</p>", []),
    ],
)  # fmt: skip
def test_armour_goes_out_of_pages(html: str, keeps: bool, expected: str, removed: list[Armoured]) -> None:
    bare = unarmoured_html(html, KEY, ENCRYPTED, keeps_encrypted=keeps)
    assert (bare.text, list(bare.removed)) == (expected, removed)
