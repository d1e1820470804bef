"""Real automatic mail as a party's: it passes as automatic or goes no further, and nobody is told what becomes of it (FAULT-71).

The corpus is never copied into the project: see support.corpus.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

import pytest
from support.corpus import CASTS, CORPUS, Specimen, as_mail_of, specimens
from support.crossing import OneConversation
from support.world import DOMAIN, NOW

from relay.conversation import Conversation
from relay.correspondence.house import House
from relay.errors import Unreadable
from relay.inbound.decide import Decider, Draft, Rejected
from relay.inbound.gather import Gatherer
from relay.inbound.judging import Judging
from relay.inbound.ports import AtAlias, Incoming
from relay.message.parse import parse
from relay.message.seal import Seal
from relay.message.terms import Style
from relay.policy.facts import LocalPolicy
from relay.policy.reasons import Reason
from relay.transit.crossing import Fate
from relay.values import MessageId

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no mail corpus at {CORPUS}; set RELAY_CORPUS"),
]

CAST = CASTS["partner"]
PATHS = {"autoreplies": ("", CAST.address), "mdn": ("", CAST.address), "list": ("", CAST.address), "bounces": ("",)}
"""The return paths with which each kind comes; no server sends a bounce from a mailbox that is not a daemon's."""
OPEN = CAST.conversation
CLOSED = replace(OPEN, closed_at=NOW)


def decided(content: bytes, conversation: Conversation, return_path: str) -> Draft | Rejected:
    """What becomes of the partner's mail in `conversation`."""
    numbers = count(1)
    gatherer = Gatherer(
        OneConversation(conversation), None, lambda _: "application/octet-stream", LocalPolicy(), "customer-", DOMAIN, prover=None
    )
    style = Style("Example Travel", DOMAIN, Seal(bytes(32), DOMAIN), house_domains=(DOMAIN,))
    house = House("Example Travel", DOMAIN, "https://example.com/support")
    decider = Decider(
        style, house, reject=False, attachment_bytes_max=LocalPolicy().attachment_bytes_max, new_id=lambda: f"id{next(numbers)}"
    )
    alias = conversation.customer.alias
    incoming = Incoming(MessageId("m1"), NOW, return_path, (AtAlias(alias),), content, "198.51.100.9", "client.example")
    judged = asyncio.run(Judging(gatherer, decider).judged(incoming))
    if isinstance(judged.decision, Rejected):
        return judged.decision
    [draft] = judged.decision
    return draft


def mails(kind: str) -> list[tuple[Specimen, bytes]]:
    found = [(one, as_mail_of(one, CAST)) for one in specimens((kind,)) if one.path.suffix == ".eml"]
    assert found
    return [(one, content) for one, content in found if is_readable(content)]


def is_readable(content: bytes) -> bool:
    try:
        parse(content)
    except Unreadable:
        return False
    return True


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("conversation", [OPEN, CLOSED], ids=["open", "closed"])
def test_nobody_is_told_of_what_becomes_of_it(kind: str, conversation: Conversation) -> None:
    told = []
    for specimen, content in mails(kind):
        for return_path in PATHS[kind]:
            made = decided(content, conversation, return_path)
            if isinstance(made, Draft) and (made.notice is not None or made.fate is Fate.REFUSED):
                told.append(specimen.name)
    assert told == []


def test_every_automatic_answer_is_recognised_and_passes_as_one() -> None:
    """GW-47, GW-28: it counts against the day's budget. What a robot puts on a bounce is a bounce, and goes no further."""
    otherwise = {}
    for specimen, content in mails("autoreplies"):
        for return_path in ("", CAST.address):
            made = decided(content, OPEN, return_path)
            if isinstance(made, Draft) and made.fate is Fate.PASSED and made.automatic:
                assert made.rendition is not None
                assert b"\r\nAuto-Submitted: auto-replied\r\n" in made.rendition.content, specimen.name
            else:
                otherwise[specimen.name] = made.reason if isinstance(made, Draft) else made.reply.enhanced
    assert set(otherwise.values()) <= {Reason.REPORT}
    assert len(otherwise) <= 1, otherwise
