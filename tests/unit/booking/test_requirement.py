from __future__ import annotations

from datetime import timedelta

from support.bookings import STARTS
from support.catalogue import EN

from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.texts import Texts


def test_a_required_action_is_due_its_time_before_the_start_or_at_the_start() -> None:
    """SV-13"""
    sign = Requirement(RequirementKind.SIGN, Texts.of(EN, "Sign the contract."), timedelta(days=2))
    assert sign.due(STARTS) == STARTS - timedelta(days=2)
    assert sign.due(None) is None
    assert Requirement(RequirementKind.SIGN, sign.instruction).due(STARTS) == STARTS
