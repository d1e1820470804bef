from __future__ import annotations

import pytest

from relay.zone.finding import line, tags, versioned


@pytest.mark.parametrize(
    ("type_", "value", "written"),
    [
        ("MX", "10 mx.example.com.", "a.example. IN MX 10 mx.example.com."),
        ("TXT", 'v=X; a="b\\c"', 'a.example. IN TXT "v=X; a=\\"b\\\\c\\""'),
        ("TXT", "x" * 255, f'a.example. IN TXT "{"x" * 255}"'),
        ("TXT", "x" * 511, f'a.example. IN TXT ( "{"x" * 255}" "{"x" * 255}" "x" )'),
    ],
)
def test_a_record_is_written_as_zone_files_have_it_in_strings_that_dns_can_carry(type_: str, value: str, written: str) -> None:
    """RFC 1035 §3.3.14, §5.1"""
    assert line("a.example", type_, value) == written


def test_tags_are_read_whatever_white_space_stands_between() -> None:
    """RFC 6376 §3.2"""
    assert tags("V=DKIM1; p = AB CD== ;; x") == {"v": "DKIM1", "p": "ABCD=="}


def test_records_of_others_at_the_same_name_do_not_count() -> None:
    there = ["v=spf1 mx -all", "V=SPF1", "v=spf10 -all", "google-site-verification=x", " v=spf1; -all"]
    assert versioned(there, "v=spf1") == ["v=spf1 mx -all", "V=SPF1", " v=spf1; -all"]
