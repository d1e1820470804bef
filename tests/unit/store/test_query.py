"""The language of the search box (AR-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.world import utc

from relay.errors import NotDone
from relay.store.query import parsed, query_characters_max, terms_max
from relay.store.terms import Mark, Query, Words, id_mark, mark
from relay.store.wording import worded


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("refund voucher", (Words(("refund",)), Words(("voucher",)))),
        ('"Meeting  point"', (Words(("meeting", "point")),)),
        ("refund*", (Words(("refund",), begun=True),)),
        ("refund -weather", (Words(("refund",)), Words(("weather",), excluded=True))),
        ('refund -"bad weather"', (Words(("refund",)), Words(("bad", "weather"), excluded=True))),
        ('"never closed', (Words(("never", "closed")),)),
        ("a@b.example", (Words(worded("a@b.example").words, seen=("a", "b", "example")),)),  # an address is one word
        ("@b.example", (Mark(id_mark("domain", "b.example")),)),
        ("10:30", (Words(("10", "30")),)),
        ("https://x.example/a", (Words(("https", "x", "example", "a")),)),
        ("Re: refund", (Words(("re",)), Words(("refund",)))),
        ("??? refund", (Words(("refund",)),)),
        ("booking:GYG-4K7 Q2X", (Mark(mark("booking", "gyg4k7")), Words(("q2x",)))),
        ('booking:"GYG 4K7"', (Mark(mark("booking", "GYG4K7")),)),
        ("by:customer", (Mark(mark("by", "customer")),)),
        ("from:Partner", (Mark(mark("by", "partner")),)),
        ("by:provider", (Mark(mark("by", "partner")),)),
        ("refund -fate:refused", (Words(("refund",)), Mark(mark("fate", "refused"), excluded=True))),
        ("HAS:attachment", (Mark(mark("has", "attachment")),)),
    ],
)
def test_a_query_is_read_as_people_mean_it(text: str, terms: tuple[Words | Mark, ...]) -> None:
    assert parsed(text) == Query(terms)


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("after:2026-05-01", "2026-05-01T00:00:00Z", None),
        ("before:2026-05-01T10:00+02:00", None, "2026-05-01T08:00:00Z"),
        ("after:2026-05-01 before:2026-06-01", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        ("-after:2026-05-01", None, "2026-05-01T00:00:00Z"),
    ],
)
def test_dates_are_half_open_and_begin_at_midnight_utc(text: str, after: str | None, before: str | None) -> None:
    expected = Query((), utc(after) if after else None, utc(before) if before else None)
    assert parsed(text) == expected
    assert all(at is None or at.utcoffset() == timedelta() for at in (parsed(text).after, parsed(text).before))


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("bookng:GYG4K7", "did you mean booking:"),
        ("zzz:1", "there are booking:"),
        ("by:somebody", "is one of partner, customer"),
        ("fate:lost", "is one of passed, refused"),
        ("has:humour", "is one of attachment"),
        ("after:yesterday", "needs a date, for example"),
        ("", "nothing to look for"),
        ("  ?! ", "nothing to look for"),
        ("booking:---", "needs a reference"),
        ("-refund", "something to look for"),
        ("x" * (query_characters_max + 1), "at most 1000 characters"),
        ("a " * (terms_max + 1), "at most 50 terms"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why_in_a_sentence(text: str, because: str) -> None:
    """AR-2: an unknown operator is a visible error with a suggestion, not a silent search for something else."""
    with pytest.raises(NotDone, match=because):
        parsed(text)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        query = parsed(text)
    except NotDone:
        return
    assert query.terms or query.after or query.before
