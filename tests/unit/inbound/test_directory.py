"""Who is reached at an address of ours (GW-8, GW-20, GW-42, FAULT-24 to FAULT-29, FAULT-73, CASE-24)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.world import CUSTOMER_ALIAS, DOMAIN, NOW, a_conversation

from relay.conversation import Conversation
from relay.inbound.directory import Directory, remembered_for
from relay.inbound.ports import AtAlias, AtReturnPath, AtRole, Distrusted, NotOurs, Recipient, UnknownAlias
from relay.transit.return_path import ReturnPaths
from relay.values import Alias, DeliveryId

PATHS = ReturnPaths(b"k" * 32, DOMAIN)
FRESH = PATHS.mint(DeliveryId("d1"), NOW - timedelta(days=7)).partition("@")[0]
STALE = PATHS.mint(DeliveryId("d1"), NOW - timedelta(days=8)).partition("@")[0]
FOREIGN = ReturnPaths(b"x" * 32, DOMAIN).mint(DeliveryId("d1"), NOW).partition("@")[0]


class OneConversation:
    asked = 0

    async def conversation_at(self, alias: Alias) -> Conversation | None:
        self.asked += 1
        return a_conversation() if alias == CUSTOMER_ALIAS else None


@pytest.mark.parametrize(
    ("local", "domain", "recipient"),
    [
        (CUSTOMER_ALIAS.local, DOMAIN, AtAlias(CUSTOMER_ALIAS)),
        ("customer-000000000000", DOMAIN, UnknownAlias()),
        (CUSTOMER_ALIAS.local[:-1], DOMAIN, UnknownAlias()),  # GY-19: the whole address is needed
        (CUSTOMER_ALIAS.local, "elsewhere.example", NotOurs()),
        (CUSTOMER_ALIAS.local, "", UnknownAlias()),
        ("postmaster", DOMAIN, AtRole("postmaster")),
        ("postmaster", "", AtRole("postmaster")),
        ("abuse", DOMAIN, AtRole("abuse")),
        ("abuse", "elsewhere.example", NotOurs()),
        (FRESH, DOMAIN, AtReturnPath(FRESH)),
        (STALE, DOMAIN, Distrusted()),
        (FOREIGN, DOMAIN, Distrusted()),
        (FRESH[:-1] + ("0" if FRESH[-1] != "0" else "1"), DOMAIN, Distrusted()),
        ("bounce-", DOMAIN, Distrusted()),
    ],
)
async def test_an_address_reaches_a_party_the_house_a_return_path_or_nobody(
    local: str, domain: str, recipient: Recipient
) -> None:
    directory = Directory(DOMAIN, OneConversation(), PATHS, lambda: NOW)
    assert await directory.look_up(local, domain) == recipient


async def test_an_alias_that_was_found_is_not_looked_up_at_each_message_and_one_that_was_not_is() -> None:
    """PERF-3; a guess that becomes true is true at once (GW-1)"""
    conversations, now = OneConversation(), NOW
    directory = Directory(DOMAIN, conversations, PATHS, lambda: now)
    for _ in range(3):
        assert await directory.look_up(CUSTOMER_ALIAS.local, DOMAIN) == AtAlias(CUSTOMER_ALIAS)
    assert conversations.asked == 1
    for _ in range(3):
        assert await directory.look_up("customer-000000000000", DOMAIN) == UnknownAlias()
    assert conversations.asked == 4
    now += remembered_for
    await directory.look_up(CUSTOMER_ALIAS.local, DOMAIN)
    assert conversations.asked == 5
