"""What a server in front of us has found counts, and what others write in its name does not (GW-13, CASE-51)."""

from __future__ import annotations

import pytest
from support.mails import a_mail
from support.world import CUSTOMER_ALIAS, NOW, PARTNER_ADDRESS

from relay.inbound.ports import AtAlias, Incoming
from relay.inbound.prover import FrontProver
from relay.message.parse import parse
from relay.proof.alignment import Alignment
from relay.values import MessageId, RealAddress

OURS = "mx.example.com"
DOMAIN = "alpine-tours.example"


async def found(*fields: str) -> Alignment:
    content = a_mail(to=str(CUSTOMER_ALIAS), extra="\n".join(f"Authentication-Results: {one}" for one in fields))
    incoming = Incoming(MessageId("m1"), NOW, "", (AtAlias(CUSTOMER_ALIAS),), content, "127.0.0.1", "front")
    evidence = await FrontProver(OURS).evidence(incoming, parse(content), RealAddress(PARTNER_ADDRESS))
    assert "@" not in "".join(evidence.checks)
    return evidence.alignment


@pytest.mark.parametrize(
    ("results", "alignment"),
    [
        (f"dmarc=pass header.from={DOMAIN}", Alignment.ALIGNED),
        ("dmarc=pass header.from=attacker.example", Alignment.UNALIGNED),
        (f"dkim=pass header.d={DOMAIN}", Alignment.ALIGNED),
        (f"dkim=pass header.i=@mail.{DOMAIN}", Alignment.ALIGNED),
        ("dkim=pass header.d=attacker.example", Alignment.UNALIGNED),
        ("dkim=pass header.d=example", Alignment.UNALIGNED),
        (f"dkim=fail header.d={DOMAIN}", Alignment.UNALIGNED),
        (f"spf=pass smtp.mailfrom=bounces@{DOMAIN}", Alignment.ALIGNED),
        (f"spf=pass smtp.helo=mail.{DOMAIN}", Alignment.ALIGNED),
        (f"spf=pass smtp.mailfrom={DOMAIN}@attacker.example", Alignment.UNALIGNED),
        (f"iprev=pass policy.iprev=192.0.2.1 header.d={DOMAIN}", Alignment.UNALIGNED),
        (f"spf=softfail smtp.mailfrom={DOMAIN}; dkim=none; dmarc=fail header.from={DOMAIN}", Alignment.UNALIGNED),
        (f"spf=fail smtp.mailfrom={DOMAIN}; dkim=none; dmarc=fail header.from={DOMAIN}", Alignment.DISOWNED),
        (f"spf=none smtp.mailfrom={DOMAIN}; dkim=none; dmarc=none", Alignment.NO_MEANS),
        ("spf=pass smtp.mailfrom=attacker.example; spf=none; dkim=none", Alignment.UNALIGNED),
        (f"dmarc=fail header.from={DOMAIN}; dmarc=pass header.from=attacker.example", Alignment.UNALIGNED),
        (f"dkim=fail header.d={DOMAIN}; dkim=pass header.d=attacker.example header.i=@{DOMAIN}", Alignment.UNALIGNED),
        (f'spf=pass smtp.mailfrom="x; dkim=pass header.d={DOMAIN}"@attacker.example', Alignment.UNALIGNED),
        (f"spf=pass (x; dkim=pass header.d={DOMAIN} smtp.mailfrom=attacker.example); dkim=none", Alignment.UNALIGNED),
        ("none", Alignment.UNALIGNED),
    ],
)
async def test_what_the_server_in_front_reports_is_judged_by_the_domain_of_the_author(results: str, alignment: Alignment) -> None:
    assert await found(f"{OURS}; {results}") is alignment


async def test_without_a_word_of_the_server_in_front_nothing_speaks_for_anybody() -> None:
    passed = f"dmarc=pass header.from={DOMAIN}"
    assert await found() is Alignment.UNALIGNED
    assert await found(f"attacker.example; {passed}") is Alignment.UNALIGNED
    assert await found(f"{OURS}; dmarc=fail header.from={DOMAIN}", f"{OURS}; {passed}") is Alignment.UNALIGNED
