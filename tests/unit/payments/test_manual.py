"""Cash and transfers (OR-B2)."""

from __future__ import annotations

import pytest
from support.bookings import NOW, PRICE

from relay.errors import Forged, NotDone
from relay.payments.manual import Manual
from relay.payments.provider import Ending, Order, Pending, Provider, Return
from relay.values import Language


async def test_there_is_nowhere_to_pay_by_oneself() -> None:
    provider: Provider = Manual()
    order = Order("k1", "BOAT-1", PRICE, "Boat tour", "https://a.example/p", "https://a.example/l", NOW, Language.EN)
    assert not provider.has_checkout
    with pytest.raises(NotDone, match="as its mail says"):
        await provider.start(order)
    assert await provider.end("k1") is Ending.ENDED


async def test_a_refund_waits_for_somebody_to_do_it() -> None:
    assert await Manual().refund(Return("r1", "BOAT-1", "cash-1", PRICE)) == Pending("r1")


def test_nobody_outside_is_believed() -> None:
    with pytest.raises(Forged):
        Manual().read(b"{}", {})


def test_nothing_that_is_paid_by_hand_ends_by_itself() -> None:
    assert Manual().ends_at(NOW, None) == NOW
