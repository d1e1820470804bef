"""What fuzzing found stays mended: each input of tests/fuzz/found goes through its target again (FAULT-60, LEAK-55)."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz.targets import TARGETS

FOUND = sorted((Path(__file__).parent / "found").glob("*.bin"))
BEGINNINGS = {
    "message": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b--\r\n",
    "page": b"<p>hello</p><!-- x --><img src=cid:a>",
    "calendar": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
}


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_an_input_that_broke_a_promise_once_keeps_it_now(path: Path) -> None:
    TARGETS[path.name.partition("-")[0]](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_takes_nothing_noise_and_something_of_its_kind(name: str) -> None:
    for octets in (b"", bytes(range(256)) * 4, BEGINNINGS.get(name, b"hello")):
        TARGETS[name](octets)
