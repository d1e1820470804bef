"""The facts about a message that has nothing against it, for tests that change one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from relay.policy.facts import Facts, LocalPolicy, Provenance
from support.world import CUSTOMER_ALIAS, a_conversation


def facts(**changed: Any) -> Facts:
    """A message of the partner to the customer that has nothing against it, but for what is changed."""
    conversation = changed.pop("conversation", a_conversation())
    clean = Facts(
        local_policy=LocalPolicy(),
        conversation=conversation,
        recipient=conversation.customer,
        writer=conversation.partner,
        provenance=Provenance.PROVEN,
        authors=1,
        customers_shown=frozenset({CUSTOMER_ALIAS}),
        third_parties_shown=0,
        attachments=(),
        infection=None,
        received_fields=3,
        ours_before=False,
        automatic=False,
        automatic_today=0,
        crowd=None,
        unconfirmed=0,
        put_off_at=None,
        report=False,
        encrypted_content=False,
        fragment=False,
        duplicate_of=None,
        refused_before={},
    )
    return replace(clean, **changed)
