"""Content-Type and Content-Disposition as programs write them (LEAK-51, RFC 2045, RFC 2231)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.message.parameters import disposition, media_type, written_parameters
from relay.message.words import one_line


@pytest.mark.parametrize(
    ("value", "expected", "parameters"),
    [
        (b"text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        (b'TEXT/HTML (a comment); CharSet="ISO-8859-1"; x', "text/html", {"charset": "ISO-8859-1"}),
        (b"text/plain; charset=us-ascii (Plain text)", "text/plain", {"charset": "us-ascii"}),
        (b"text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        (b"text/plain; charset='utf-8'", "text/plain", {"charset": "utf-8"}),
        (b"text", "text/plain", {}),
        (b"png", None, {}),  # CASE-43
        (b"", None, {}),
        (b"application/pdf; name=My holiday (1).pdf; x=y", "application/pdf", {"name": "My holiday (1).pdf", "x": "y"}),
        (b"multipart/mixed; boundary=(Bound=?)a; t=2", "multipart/mixed", {"boundary": "(Bound=?)a", "t": "2"}),
        (b'image/png; name="foo.png; charset=x', "image/png", {"name": "foo.png", "charset": "x"}),
        (b'a/b; name="fo"o".pdf"; q=2', "a/b", {"name": 'fo"o".pdf', "q": "2"}),
        (b'a/b; name="C:\\Users\\x\\f.pdf"', "a/b", {"name": "C:\\Users\\x\\f.pdf"}),
        (b'a/b; name="a \\"b\\" c"', "a/b", {"name": 'a "b" c'}),
        (b'a/b; name="=?utf-8?b?w6k=?= x"', "a/b", {"name": "é x"}),
        (b"a/b; name==?utf-8?q?a_b?=", "a/b", {"name": "a b"}),
        (b"a/b; name*=iso-8859-1'en'%E9.txt; name=plain.txt", "a/b", {"name": "é.txt"}),
        (b"a/b; name*=foo%20bar", "a/b", {"name": "foo bar"}),
        (b"a/b; name*1*=%A9b; name*0*=utf-8''%C3; name*2=c", "a/b", {"name": "ébc"}),
        (b'a/b; name*0="long"; name*1="er.txt"', "a/b", {"name": "longer.txt"}),
        ("a/b; name=Grüße.txt".encode(), "a/b", {"name": "Grüße.txt"}),
        (b'a/b; name="a\r\n b.txt"', "a/b", {"name": "a b.txt"}),
        (b"a/b; name*=utf-8''a%0D%0ABcc:%20x", "a/b", {"name": "a Bcc: x"}),  # CASE-33
        (b"a/b; x=1; x=2;; ;=3", "a/b", {"x": "1"}),
    ],
)
def test_a_content_type_is_read(value: bytes, expected: str | None, parameters: dict[str, str]) -> None:
    assert media_type(value) == (expected, parameters)


@pytest.mark.parametrize(
    ("value", "expected", "parameters"),
    [
        (b"inline", "inline", {}),
        (b'ATTACHMENT; filename="a.pdf"', "attachment", {"filename": "a.pdf"}),
        (b'"attachment"; filename=a', "attachment", {"filename": "a"}),
        (b"filename=a b.pdf", None, {"filename": "a b.pdf"}),
        (b"", None, {}),
    ],
)
def test_a_content_disposition_is_read(value: bytes, expected: str | None, parameters: dict[str, str]) -> None:
    assert disposition(value) == (expected, parameters)


@given(st.text(max_size=200))
def test_a_parameter_comes_back_as_it_was_written(value: str) -> None:
    written = written_parameters([("charset", "utf-8"), ("filename", value)])
    assert written.isascii()
    assert all(len(piece) <= 75 for piece in written.split("; "))
    expected = one_line(value.encode("utf-8", "replace").decode())
    assert media_type(b"a/b" + written.encode())[1]["filename"] == expected


@given(st.binary(max_size=200), st.sampled_from([b"", b"a/b;", b"a/b; name*0*=", b'a/b; name="']))
def test_any_field_is_read_without_failing_and_its_type_is_a_valid_one(value: bytes, prefix: bytes) -> None:
    kind, parameters = media_type(prefix + value)
    disposition(prefix + value)
    assert kind is None or (kind.isascii() and kind.count("/") == 1)
    assert all(one_line(text) == text for text in parameters.values())


def test_a_parameter_name_has_to_be_a_token() -> None:
    with pytest.raises(ValueError, match="token"):
        written_parameters([("a b", "x")])
