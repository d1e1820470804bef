from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.bookings import VARIANT

from relay.booking.catalogue import VariantId
from relay.booking.offer import Audience, Channel, Reach
from relay.booking.profile import Profile, ProfileId, checked_profile, may_be_reserved
from relay.errors import Conflict

ONLINE = Reach()
PHONE = Reach(Audience.GROUP, Channel.PHONE)
SPRING = Profile(ProfileId("a"), "Spring", frozenset({VARIANT}), date(2026, 3, 1), date(2026, 5, 31), (ONLINE,))


@pytest.mark.parametrize(
    ("other", "day"),
    [
        (replace(SPRING, id=ProfileId("b"), name="May", first=date(2026, 5, 31), last=None), "2026-05-31"),
        (replace(SPRING, id=ProfileId("b"), name="May", reservable=(PHONE,)), "2026-03-01"),  # whoever it is for
        (replace(SPRING, id=ProfileId("b"), name="May", first=date(2025, 1, 1), last=date(2026, 3, 1)), "2026-03-01"),
    ],
)
def test_two_profiles_with_one_variant_on_one_day_are_refused_and_both_are_named(other: Profile, day: str) -> None:
    """ST-8"""
    with pytest.raises(Conflict, match=rf"'May' and 'Spring' both have the variant v1 on {day}"):
        checked_profile(other, (SPRING,))


@pytest.mark.parametrize(
    "other",
    [
        replace(SPRING, name="Spring, longer", last=None),  # the same one, as it shall be from now on
        replace(SPRING, id=ProfileId("b"), first=date(2026, 6, 1), last=None),
        replace(SPRING, id=ProfileId("b"), variants=frozenset({VariantId("v2")})),
    ],
)
def test_profiles_that_share_no_day_or_no_variant_stand_side_by_side(other: Profile) -> None:
    assert checked_profile(other, (SPRING,)) == other


@pytest.mark.parametrize(
    ("variant", "reach", "day", "may"),
    [
        (VARIANT, ONLINE, date(2026, 3, 1), True),
        (VARIANT, ONLINE, date(2026, 5, 31), True),
        (VARIANT, ONLINE, date(2026, 6, 1), False),
        (VARIANT, PHONE, date(2026, 3, 1), False),  # ST-5
        (VariantId("v2"), PHONE, date(2030, 1, 1), True),  # no profile speaks of it
    ],
)
def test_a_profile_says_which_variants_are_reservable_by_whom_and_when(
    variant: VariantId, reach: Reach, day: date, may: bool
) -> None:
    """ST-6"""
    assert may_be_reserved((SPRING,), variant, reach, day) is may


def test_a_profile_without_a_variant_or_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="variants"):
        replace(SPRING, variants=frozenset())
    with pytest.raises(ValueError, match="end after"):
        replace(SPRING, last=date(2026, 2, 28))
