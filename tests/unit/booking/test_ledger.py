from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.booking.ledger import Entry, Kind, Payment, account
from relay.booking.money import Money

AT = datetime(2026, 6, 1, tzinfo=UTC)
DUE = Money(10_000, "EUR")


def entry(kind: Kind, minor: int = 10_000, about: str = "pay1", event: str = "") -> Entry:
    return Entry(kind, Money(minor, "EUR"), AT, event or f"{about} {kind.value}", about, "payments")


STARTED, FAILED, PAID = entry(Kind.STARTED), entry(Kind.FAILED), entry(Kind.PAID)


@pytest.mark.parametrize(
    ("entries", "payment"),
    [
        ((), Payment.UNPAID),
        ((STARTED,), Payment.IN_FLIGHT),
        ((STARTED, FAILED), Payment.UNPAID),
        ((STARTED, FAILED, entry(Kind.STARTED, about="pay2")), Payment.IN_FLIGHT),
        ((STARTED, PAID), Payment.PAID),
        ((STARTED, FAILED, PAID), Payment.PAID),  # money that came after all is money
        ((entry(Kind.PAID, 4_000),), Payment.UNPAID),
        ((entry(Kind.PAID, 4_000), entry(Kind.PAID, 6_000, "cash")), Payment.PAID),
        ((PAID, entry(Kind.REFUND_STARTED, 3_000, "back1")), Payment.PAID),
        ((PAID, entry(Kind.REFUND_STARTED, 3_000, "back1"), entry(Kind.REFUND_FAILED, 3_000, "back1")), Payment.PAID),
        ((PAID, entry(Kind.REFUNDED, 3_000, "back1")), Payment.PART_REFUNDED),
        ((PAID, entry(Kind.REFUNDED, 3_000, "back1"), entry(Kind.REFUNDED, 7_000, "back2")), Payment.REFUNDED),
        # A bank may send it back days later.
        ((PAID, entry(Kind.REFUNDED, 3_000, "back1"), entry(Kind.REFUND_FAILED, 3_000, "back1")), Payment.PAID),
        ((PAID, entry(Kind.DISPUTED, about="case")), Payment.DISPUTED),
        ((PAID, entry(Kind.DISPUTED, about="case"), entry(Kind.DISPUTE_WON, about="case")), Payment.PAID),
        ((PAID, entry(Kind.DISPUTED, about="case"), entry(Kind.DISPUTE_LOST, about="case")), Payment.UNPAID),
    ],
)
def test_the_entries_say_where_the_payment_stands_in_any_order(entries: tuple[Entry, ...], payment: Payment) -> None:
    """T12, T23, invariant 10; webhooks overtake one another."""
    for order in permutations(entries):
        assert account(order, "EUR").payment(DUE) is payment


def test_nothing_is_due_where_nothing_costs() -> None:
    assert account((), "EUR").payment(Money(0, "EUR")) is Payment.NOTHING_DUE


def test_an_event_that_is_told_twice_counts_once() -> None:
    """T12: replayed webhooks"""
    assert account((PAID, PAID), "EUR").captured == DUE


def test_what_is_being_refunded_is_not_there_to_be_refunded_again() -> None:
    """T23"""
    under_way = account((PAID, entry(Kind.REFUND_STARTED, 3_000, "back1")), "EUR")
    assert under_way.refundable == Money(7_000, "EUR")
    failed = account((PAID, entry(Kind.REFUND_STARTED, 3_000, "back1"), entry(Kind.REFUND_FAILED, 3_000, "back1")), "EUR")
    assert failed.refundable == DUE


def test_what_a_bank_took_back_cannot_be_refunded() -> None:
    assert account((PAID, entry(Kind.DISPUTED, about="case")), "EUR").refundable == Money(0, "EUR")


def test_an_entry_names_who_and_what_and_an_amount() -> None:
    for broken in ({"minor": 0}, {"about": ""}):
        with pytest.raises(ValueError, match="ledger"):
            entry(Kind.PAID, **broken)


@given(st.lists(st.tuples(st.sampled_from(Kind), st.integers(1, 100), st.sampled_from(["a", "b", "c"])), max_size=12))
def test_no_sequence_of_entries_counts_differently_when_it_is_told_again(lines: list[tuple[Kind, int, str]]) -> None:
    first: dict[tuple[Kind, str], Entry] = {}
    for kind, minor, about in lines:
        first.setdefault((kind, about), entry(kind, minor, about))
    entries = list(first.values())
    assert account(entries, "EUR") == account([*reversed(entries), *entries], "EUR")
