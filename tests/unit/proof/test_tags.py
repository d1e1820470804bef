from __future__ import annotations

import pytest

from relay.proof.tags import items, readable_tags, tags, without_white_space


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=1;b=2;", {"a": "1", "b": "2"}),
        (" a = 1\r\n\t2 ;\r\n b_1 = ; ", {"a": "1\r\n\t2", "b_1": ""}),
        ("a=1=2", {"a": "1=2"}),
        ("A=1; a=2", {"A": "1", "a": "2"}),  # names have a case
        ("", {}),
        ("a=1; a=1", None),
        ("a=1;; b=2", None),
        ("a=1; b", None),
        ("a=1; 9=2", None),
        ("a=1; =2", None),
        ("a=1; b-c=2", None),
    ],
)
def test_a_list_of_tags_is_read_whole_or_not_at_all(text: str, expected: dict[str, str] | None) -> None:
    """RFC 6376 §3.2."""
    assert tags(text) == expected


def test_of_a_policy_what_cannot_be_read_is_left_out() -> None:
    """RFC 9989 §4.8."""
    assert readable_tags("v=DMARC1; p = none ;; rubbish; 9=2; p=reject; ü=1") == {"v": "DMARC1", "p": "none"}


def test_white_space_in_values_means_nothing_where_the_standard_says_so() -> None:
    assert items("From : To:\r\n\tSubject") == ["from", "to", "subject"]
    assert without_white_space("ab\r\n\tc d") == "abcd"
