"""What a server in front of us has found counts, and what others write in its name does not (GW-13, CASE-51)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from support.asking import answered
from support.mails import a_mail
from support.patience import patience_s
from support.world import CUSTOMER_ALIAS, NOW, PARTNER_ADDRESS

from relay.errors import Unanswered
from relay.inbound.lane import Lane
from relay.inbound.ports import AtAlias, Incoming
from relay.inbound.prover import DomainProver, FrontProver, checks_at_once
from relay.lookup import Asking, Lookup
from relay.message.parse import parse
from relay.proof.alignment import Alignment
from relay.resolver import queries_at_once
from relay.transit.evidence import Evidence
from relay.values import MessageId, RealAddress

T = TypeVar("T")

OURS = "mx.example.com"
DOMAIN = "alpine-tours.example"
PASSED, FAILED = f"dmarc=pass header.from={DOMAIN}", f"dmarc=fail header.from={DOMAIN}"


async def evidence(*fields: str) -> Evidence:
    content = a_mail(to=str(CUSTOMER_ALIAS), extra="\n".join(fields))
    incoming = Incoming(MessageId("m1"), NOW, "", (AtAlias(CUSTOMER_ALIAS),), content, "127.0.0.1", "front")
    return await FrontProver(OURS).evidence(incoming, parse(content), RealAddress(PARTNER_ADDRESS))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((f"Authentication-Results: {OURS}; {PASSED}",), Alignment.ALIGNED),
        ((f"AUTHENTICATION-RESULTS : \n {OURS.upper()} 1;\n\t{PASSED}",), Alignment.ALIGNED),
        ((f"Authentication-Results: {OURS}; {FAILED}", f"Authentication-Results: {OURS}; {PASSED}"), Alignment.UNALIGNED),
        ((f"Authentication-Results: {OURS}; none", f"Authentication-Results: {OURS}; {PASSED}"), Alignment.UNALIGNED),
        ((f"Authentication-Results: attacker.example; {PASSED}",), Alignment.UNALIGNED),
        ((f"Authentication-Results: {OURS}.attacker.example; {PASSED}",), Alignment.UNALIGNED),
        ((f"ARC-Authentication-Results: i=1; {OURS}; {PASSED}", "ARC-Seal: i=1; cv=pass"), Alignment.UNALIGNED),
        ((f"X-Authentication-Results: {OURS}; {PASSED}", f"Received-SPF: pass ({OURS})"), Alignment.UNALIGNED),
        # What a server that removes what others wrote under its name may overlook.
        ((f'Authentication-Results: "{OURS}"; {PASSED}',), Alignment.UNALIGNED),
        ((f"Authentication-Results: (x) {OURS}; {PASSED}",), Alignment.UNALIGNED),
        ((), Alignment.UNALIGNED),
    ],
)
async def test_the_top_most_field_under_the_name_of_the_server_in_front_counts(
    fields: tuple[str, ...], expected: Alignment
) -> None:
    found = await evidence(*fields)
    assert found.alignment is expected
    assert "@" not in "".join(found.checks)


async def test_where_dns_did_not_answer_the_server_in_front_it_is_for_later() -> None:
    """GW-14."""
    with pytest.raises(Unanswered):
        await evidence(f"Authentication-Results: {OURS}; dmarc=temperror header.from={DOMAIN}")


@dataclass
class Held:
    """relay.inbound.prover.Lookups that answer once they are told to: each has the number of its check."""

    gates: list[asyncio.Event] = field(default_factory=list)

    async def answered(self, check: Asking[T]) -> tuple[T, tuple[Lookup, ...]]:
        self.gates.append(asyncio.Event())
        await self.gates[-1].wait()
        return answered(check, {})[0], ()

    async def until(self, begun: int) -> None:
        async with asyncio.timeout(patience_s):
            while len(self.gates) < begun:
                await asyncio.sleep(0)


async def test_only_so_many_checks_are_under_way_at_once_and_networks_take_turns() -> None:
    """GW-14, invariant 12: who brings mail of domains that never answer keeps nobody else's waiting for long."""
    lookups = Held()
    prover = DomainProver(lookups, Lane(2))
    content = a_mail(to=str(CUSTOMER_ALIAS))
    mail = parse(content)

    async def proven(client_ip: str) -> str:
        incoming = Incoming(MessageId("m1"), NOW, "", (AtAlias(CUSTOMER_ALIAS),), content, client_ip, "x.example")
        await prover.evidence(incoming, mail, RealAddress(PARTNER_ADDRESS))
        return client_ip

    flood = [asyncio.create_task(proven("203.0.113.9")) for _ in range(6)]
    await lookups.until(2)
    other = asyncio.create_task(proven("192.0.2.1"))
    await asyncio.sleep(0)
    assert len(lookups.gates) == 2
    lookups.gates[0].set()
    lookups.gates[1].set()
    await lookups.until(4)
    for gate in lookups.gates:
        gate.set()
    async with asyncio.timeout(patience_s):
        assert await other == "192.0.2.1"
        assert sum(one.done() for one in flood) < len(flood)
        while not all(one.done() for one in flood):
            await asyncio.sleep(0)
            for gate in lookups.gates:
                gate.set()


def test_the_resolver_has_room_for_all_checks_and_for_the_way_out() -> None:
    """Whoever waited in the resolver would do so within the time for an answer."""
    assert checks_at_once < queries_at_once
