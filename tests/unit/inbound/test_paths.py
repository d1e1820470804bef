"""Paths and parameters of MAIL and RCPT."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.inbound.paths import Path, declared_octets, parameters, path_and_rest


@pytest.mark.parametrize(
    ("text", "address", "local", "domain"),
    [
        ("<a@b.example>", "a@b.example", "a", "b.example"),
        ("<A.B+c@B.Example>", "A.B+c@B.Example", "A.B+c", "b.example"),
        ("<@x.example,@y.example:a@b.example>", "a@b.example", "a", "b.example"),  # FAULT-24
        ('<"a b"@c.example>', '"a b"@c.example', "a b", "c.example"),
        ('<"a\\"b\\\\c"@d.example>', '"a\\"b\\\\c"@d.example', 'a"b\\c', "d.example"),
        ('<@x.example:"a@b"@c.example>', '"a@b"@c.example', "a@b", "c.example"),
        ("<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]"),  # FAULT-27
        ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]"),
        ("<a..b.@carrier.example>", "a..b.@carrier.example", "a..b.", "carrier.example"),  # as some carriers hand them out
        ("<a@under_score.example>", "a@under_score.example", "a", "under_score.example"),
        ("<grün@bücher.example>", "grün@bücher.example", "grün", "xn--bcher-kva.example"),
    ],
)
def test_a_path_is_a_mailbox_in_angle_brackets(text: str, address: str, local: str, domain: str) -> None:
    """RFC 5321 §4.1.2, RFC 6531 §3.3."""
    assert path_and_rest(text) == (Path(address, local, domain), "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a@b.example",
        "<a@b.example",
        "<a@b.example,>",
        "<>",
        "<a>",
        "<@b.example>",
        "<a@>",
        "<a b@c.example>",
        "<(comment)a@b.example>",
        "<a@b.example(comment)>",
        "<a@b@c.example>",
        "<a@b.example.>",  # FAULT-28: a trailing dot
        "<a@.b.example>",
        "<a@b..example>",
        "<a@-b.example>",
        "<a@b-.example>",
        "< a@b.example>",
        "<a@b.example >",
        '<"a@b.example>',
        '<"a"b@c.example>',
        "<@x.example a@b.example>",
        "<a@[192.0.2.1>",
        "<a\udcff@b.example>",  # FAULT-20: an octet that is no UTF-8
        f"<{'a' * 320}@b.example>",
    ],
)
def test_anything_else_is_no_path(text: str) -> None:
    """FAULT-23."""
    assert path_and_rest(text) is None


@pytest.mark.parametrize("local", ["a%b.example", "b.example!a", "a@b.example"])
def test_a_local_part_may_point_elsewhere(local: str) -> None:
    """FAULT-26."""
    assert Path("", local, "reply.example").points_elsewhere
    assert not Path("", "customer-12ab3456cd78", "reply.example").points_elsewhere


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (" ", {}),
        (" SIZE=10", {"SIZE": "10"}),
        (" size=10  BODY=8BITMIME SMTPUTF8 ", {"SIZE": "10", "BODY": "8BITMIME", "SMTPUTF8": None}),
        (" ENVID=AbC+3D", {"ENVID": "AbC+3D"}),  # values keep their case
        (" MT-PRIORITY=3", {"MT-PRIORITY": "3"}),  # FAULT-17
        ("SIZE=10", None),
        (" SIZE=", None),
        (" =10", None),
        (" SIZE=1=0", None),
        (" SIZE=1 size=2", None),  # FAULT-16
        (" -A=1", None),
        (" A_B=1", None),
    ],
)
def test_parameters_are_keywords_each_once_with_values_as_written(text: str, expected: dict[str, str | None] | None) -> None:
    assert parameters(text) == expected


@pytest.mark.parametrize(("value", "octets"), [("0", 0), ("99999999999", 99999999999), ("abc", None), ("-1", None), (None, None)])
def test_size_is_a_decimal_number(value: str | None, octets: int | None) -> None:
    """RFC 1870 §6.1: one to twenty digits."""
    assert declared_octets(value) == octets
    assert declared_octets("9" * 21) is None


@given(st.text(alphabet='<>@,:."\\ab -[]%é\udcff', max_size=60))
def test_whatever_is_read_as_a_path_stands_in_the_text_as_it_was_read(text: str) -> None:
    found = path_and_rest(text)
    if found is not None:
        path, rest = found
        assert text.endswith(f"{path.text}>{rest}")
        assert path.text.rpartition("@")[0].strip('"')[:1] == path.text.lstrip('"')[:1]
        assert path.text.encode()
