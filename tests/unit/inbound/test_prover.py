"""What a server in front of us has found counts, and what others write in its name does not (GW-13, CASE-51)."""

from __future__ import annotations

import pytest
from support.mails import a_mail
from support.world import CUSTOMER_ALIAS, NOW, PARTNER_ADDRESS

from relay.errors import Unanswered
from relay.inbound.ports import AtAlias, Incoming
from relay.inbound.prover import FrontProver
from relay.message.parse import parse
from relay.proof.alignment import Alignment
from relay.transit.evidence import Evidence
from relay.values import MessageId, RealAddress

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
