"""Address fields are read as mail programs read them (RFC 5322 §3.4, LEAK-1, LEAK-9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.message.mailboxes import mailboxes, mailboxes_max


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", [("", "a@b.example")]),
        ("Jo Doe <a@b.example>", [("Jo Doe", "a@b.example")]),
        ('"Doe, Jo" <a@b.example>, c@d.example', [("Doe, Jo", "a@b.example"), ("", "c@d.example")]),
        ("a@b.example (Jo (the) Doe)", [("Jo (the) Doe", "a@b.example")]),
        ("Norton, Emperor <a@b.example>", [("Norton, Emperor", "a@b.example")]),  # CASE-29
        ("The Service <The Service <a@b.example>>", [("The Service", "a@b.example")]),  # CASE-30
        ("<<a@b.example>>", [("", "a@b.example")]),
        ('"<x@y.example>" <a@b.example>', [("<x@y.example>", "a@b.example")]),
        ("(<x@y.example>) a@b.example (c)", [("<x@y.example> c", "a@b.example")]),
        # One address in the bracket of another: programs show this one or that one (GW-10).
        ("<x@y.example <a@b.example>>", [("", "x@y.example"), ("", "a@b.example")]),
        ("Jo <x@y.example<a@b.example>", [("Jo", "x@y.example"), ("", "a@b.example")]),
        ("<a@b.example <>>", [("", "a@b.example")]),
        ("<a@b.example <x>>", [("", "a@b.example"), ("", None)]),
        ("<@one,@two:<a@b.example>>", [("", "a@b.example")]),
        ("a@x.example; b@y.example", [("", "a@x.example"), ("", "b@y.example")]),  # CASE-49
        ("a@x.example;", [("", "a@x.example")]),  # CASE-49
        ("undisclosed-recipients:;", []),
        ("Team: a@b.example, Jo <c@d.example>;, e@f.example", [("", "a@b.example"), ("Jo", "c@d.example"), ("", "e@f.example")]),
        ("<@one,@two:a@b.example>", [("", "a@b.example")]),
        ("<mailto:a@b.example>", [("", "a@b.example")]),
        ("mailto:a@b.example", [("", "a@b.example")]),
        ("<'a@b.example'>", [("", "a@b.example")]),
        ("'a@b.example' <a@b.example>", [("'a@b.example'", "a@b.example")]),
        ("a@b.example <c@d.example>", [("a@b.example", "c@d.example")]),  # FAULT-56
        ("<a@b.example> <c@d.example>", [("", "a@b.example"), ("", "c@d.example")]),
        ("a@b.example c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("Jo Doe a@b.example", [("Jo Doe", "a@b.example")]),
        ("a . b @ c . example", [("", "a.b@c.example")]),
        ("Jo <jo\r\n hn@b.example>", [("Jo", "john@b.example")]),  # LEAK-9
        ("=?utf-8?q?J=C3=B6=2C_x?= <a@b.example>", [("Jö, x", "a@b.example")]),
        ("=?utf-8?q?a=40b.example=2C?= <c@d.example>", [("a@b.example,", "c@d.example")]),
        ("=?utf-8?q?=3Ca=40b.example=3E?=", [("", None)]),
        ('"=?utf-8?q?J=C3=B6?=" <a@b.example>', [("Jö", "a@b.example")]),
        ("Jö <jö@dömäin.example>", [("Jö", "jö@dömäin.example")]),
        ("a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
        ('"john"@b.example', [("", "john@b.example")]),
        ('"john doe"@b.example', [("", None)]),
        ('"a@b.example"@c.example', [("", None)]),
        ('Jo <"a>b"@c.example>', [("Jo", None)]),
        ("a@b@c.example", [("", None)]),
        ("root", [("", None)]),
        ("Jo <root>", [("Jo", None)]),
        ("<>", []),
        ("", []),
        (" ,; ,", []),
        ("Jo <a@b.example", [("Jo", "a@b.example")]),
        ("Jo <a@b.example, c@d.example", [("Jo", "a@b.example"), ("", "c@d.example")]),
        ('"unclosed <a@b.example>', [("unclosed", "a@b.example")]),
        ("(unclosed a@b.example", [("unclosed", "a@b.example")]),
        ('"a\\"b" <a@b.example>', [('a"b', "a@b.example")]),
        ("Foo [bar] <a@b.example>", [("Foo [bar]", "a@b.example")]),
        ("Jo <a@b.example> (cell), c@d.example", [("Jo", "a@b.example"), ("", "c@d.example")]),
        ("=?utf-8?q?a=0D=0ABcc:_x?= <a@b.example>", [("a Bcc: x", "a@b.example")]),  # CASE-33
    ],
)
def test_an_address_field_is_read(value: str, expected: list[tuple[str, str | None]]) -> None:
    found = mailboxes(value.encode())
    assert [(one.name, one.address.reveal() if one.address else None) for one in found] == expected


def test_at_most_a_thousand_mailboxes_are_given() -> None:
    assert len(mailboxes(b"a@b.example," * 5000)) == mailboxes_max


PIECES = st.sampled_from(
    ["a", "@", "b.example", "<", ">", ",", ";", ":", '"', "\\", "(", ")", " ", "[", "]", "=?utf-8?q?x?=", "é", "\r\n "]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_field_makes_reading_fail_and_names_stay_in_one_line(value: str) -> None:
    for one in mailboxes(value.encode()):
        assert "\n" not in one.name + one.written
        assert "\r" not in one.name + one.written
