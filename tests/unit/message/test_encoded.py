"""What a piece of text says under its encodings (LEAK-26, LEAK-29)."""

from __future__ import annotations

import base64
import string
from urllib.parse import quote

import pytest

from relay.message.encoded import decodings, escaped_tokens, layers_max, packed_runs, unpacked

A = "ann@x.example"


@pytest.mark.parametrize(
    "text",
    [
        "ann%40x.example",
        "ann%2540x%252Eexample",
        "ann&#64;x&period;example",
        "ann&#x40;x.example",
        "ann=40x=2Eexample",
        "ann%26%2364;x.example",
        "ann\\u0040x\\u002eexample",
    ],
)
def test_escapes_are_resolved_layer_by_layer(text: str) -> None:
    assert A in decodings(text)


def test_there_is_an_end_to_layers() -> None:
    packed = A
    for _ in range(layers_max + 3):
        packed = quote(packed, safe="")
    assert A not in decodings(packed)


def test_an_equals_sign_in_a_link_escapes_nothing() -> None:
    assert list(decodings("?a=40", in_link=True)) == []


@pytest.mark.parametrize(
    "run",
    [
        base64.b64encode(A.encode()).decode(),
        base64.b64encode(A.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(f"??>>{A}".encode()).decode(),
        "xy" + base64.b64encode(A.encode()).decode(),  # glued to something
        A.encode().hex(),
        A.encode().hex().upper(),
        "a" + A.encode().hex() + "b",  # glued to something at both ends
        base64.b64encode(b"\xff\xfe\x00" * 3 + A.encode()).decode(),
        base64.b64encode(("ż" * 9000 + A).encode()).decode(),
    ],
)
def test_base64_and_hexadecimal_runs_are_opened(run: str) -> None:
    assert any(A in said for said in unpacked(f"/track/{run}/x"))


@pytest.mark.parametrize("sign", ["@", "."])
@pytest.mark.parametrize("offset", range(3))
def test_the_sign_of_an_address_is_seen_in_base64_whatever_stands_beside_it(sign: str, offset: int) -> None:
    beside = [(one, "x") for one in string.printable] + [("x", one) for one in string.printable]
    texts = [f"{'anna'[:offset]}{before}{sign}{after}.example" for before, after in beside]
    unseen = [text for text in texts if text not in unpacked(base64.b64encode(text.encode()).decode())]
    assert unseen == []


@pytest.mark.parametrize("text", ["well-known-words-with-hyphens", "abcdefghijklmnop", "ABCDEFGH", "1234567"])
def test_words_say_nothing(text: str) -> None:
    assert list(unpacked(text)) == []


def test_words_that_hold_an_escape_are_found_whole_and_once() -> None:
    text = "see ann%40x%2Eexample and <bob&#64;x.example> or eve=40x.example, 100% %41"
    assert [text[start:end] for start, end in escaped_tokens(text)] == [
        "ann%40x%2Eexample",
        "bob&#64;x.example",
        "eve=40x.example",
    ]


def test_long_runs_are_found_in_prose() -> None:
    run = base64.b64encode(A.encode() * 3).decode()
    text = f"hello {run}, words of usual length: é{run}"
    assert [text[start:end] for start, end in packed_runs(text)] == [run, run]
