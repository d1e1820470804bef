"""What the server in front says, and what others say in its name (GW-13, CASE-51)."""

from __future__ import annotations

import pytest

from relay.proof.reported import Report, reports

OURS = "mx.example.com"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("mx.example.com; none", ()),
        ("mx.example.com", ()),
        ("mx.example.com 1; spf=pass smtp.mailfrom=a.example", (Report("spf", "pass", (("smtp.mailfrom", "a.example"),)),)),
        ("MX.Example.COM; DKIM=Pass header.d=A.example", (Report("dkim", "pass", (("header.d", "A.example"),)),)),
        (
            (
                'mx.example.com;\r\n\tdkim=pass (2048-bit key; (nested) "x") header.d=a.example header.s=s header.b="Ab/9="; \r\n'
                "\tdmarc=fail (p=reject dis=none) header.from=a.example"
            ),
            (
                Report("dkim", "pass", (("header.d", "a.example"), ("header.s", "s"), ("header.b", "Ab/9="))),
                Report("dmarc", "fail", (("header.from", "a.example"),)),
            ),
        ),
        (
            'mx.example.com; spf=fail reason="no; really=pass" smtp.mailfrom="a\\"b@c.example"; dkim=none',
            (
                Report("spf", "fail", (("reason", "no; really=pass"), ("smtp.mailfrom", 'a"b@c.example'))),
                Report("dkim", "none"),
            ),
        ),
        ("mx.example.com; spf/1=pass smtp . mailfrom = a.example", (Report("spf", "pass", (("mailfrom", "a.example"),)),)),
        # What a comment swallows, or what never ends, says nothing.
        ("mx.example.com; (spf=pass smtp.mailfrom=a.example)", ()),
        ("mx.example.com; (spf=pass", ()),
        (
            'mx.example.com; spf=fail (of "a) smtp.mailfrom=b.example (c" d)',
            (Report("spf", "fail", (("smtp.mailfrom", "b.example"),)),),
        ),
        ("mx.example.com; spf=fail (a \\) dkim=pass) smtp.helo=c", (Report("spf", "fail", (("smtp.helo", "c"),)),)),
        ("mx.example.com; spf=fail) ; dkim=pass header.d=a.example", ()),
        # A server that removes what others wrote under its name looks for it where it writes it itself.
        ("(x) mx.example.com; dkim=pass", ()),
        ("mx.example.com; dkim=pass " + "x" * 20_000, ()),
        ("mx.example.com.attacker.example; dkim=pass header.d=a.example", ()),
        ('"mx.example.com"; dkim=pass', ()),
        (
            'mx.example.com; spf=pass smtp.mailfrom=a.example=b"c d"@e.example smtp.helo = f(x)g h=',
            (Report("spf", "pass", (("smtp.mailfrom", "a.example=bc d@e.example"), ("smtp.helo", "f"))),),
        ),
        (
            "mx.example.com; spf=pass smtp.mailfrom= smtp.helo=f smtp.rcptto=",
            (Report("spf", "pass", (("smtp.mailfrom", ""), ("smtp.helo", "f"))),),
        ),
        ("mx.example.com; =pass; spf==pass; spf=;=", ()),
    ],
)
def test_a_field_is_read_by_its_grammar(field: str, expected: tuple[Report, ...]) -> None:
    assert reports([field], OURS) == expected


def test_only_the_top_most_field_of_the_server_in_front_counts() -> None:
    """GW-13: what came with the mail lies below, in whatever name."""
    ours, forged = "mx.example.com; dkim=fail header.d=a.example", "mx.example.com; dkim=pass header.d=a.example"
    others = "mail.other.example; dkim=pass header.d=a.example"
    assert reports([others, ours, forged], OURS) == (Report("dkim", "fail", (("header.d", "a.example"),)),)
    assert reports([others], OURS) == ()
    assert reports([], OURS) == ()


def test_a_property_is_found_by_its_name() -> None:
    report = Report("dkim", "pass", (("header.d", "A.Example"), ("header.d", "b.example")))
    assert (report.property("header.d"), report.property("header.i")) == ("a.example", "")
