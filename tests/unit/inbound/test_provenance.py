"""Who is believed to have written a message (GW-11, GW-12, GW-14, GW-21, invariant 6)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from support.mails import a_mail
from support.world import CUSTOMER_ALIAS, DOMAIN, NOW, PARTNER_ADDRESS, a_conversation, a_party

from relay.conversation import Conversation, Vouched
from relay.errors import Unanswered
from relay.inbound.gather import Gatherer
from relay.inbound.ports import AtAlias, Incoming
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.policy.facts import LocalPolicy, Provenance
from relay.proof.alignment import Alignment
from relay.transit.background import Background
from relay.transit.evidence import Evidence
from relay.transit.network import LOCAL, neighbourhood
from relay.values import SELF_TEST_DOMAIN, MessageId, RealAddress, Role

STRANGER = "somebody@elsewhere.example"


@dataclass
class OneConversation:
    conversation: Conversation

    async def backgrounds(self, aliases: object, inquiry: object) -> list[Background | None]:
        return [Background(self.conversation)]


@dataclass
class Court:
    """A prover that finds what it is told to find."""

    found: Evidence | None
    asked: list[RealAddress] = field(default_factory=list)

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:
        self.asked.append(author)
        if self.found is None:
            raise Unanswered("no answer")
        return self.found


def gatherer(court: Court | None, conversation: Conversation | None = None) -> Gatherer:
    return Gatherer(
        OneConversation(conversation or a_conversation()),
        scanner=None,
        file_types=lambda octets: "text/plain",
        local_policy=LocalPolicy(),
        customer_prefix="customer-",
        domain=DOMAIN,
        prover=court,
    )


def a_message(author: str = PARTNER_ADDRESS) -> Incoming:
    content = a_mail(to=str(CUSTOMER_ALIAS), sender=author)
    return Incoming(MessageId("m1"), NOW, author, (AtAlias(CUSTOMER_ALIAS),), content, "203.0.113.9", "client.example")


@pytest.mark.parametrize(
    ("author", "alignment", "provenance"),
    [
        (PARTNER_ADDRESS, Alignment.ALIGNED, Provenance.PROVEN),
        (PARTNER_ADDRESS, Alignment.UNALIGNED, Provenance.UNPROVEN),
        (PARTNER_ADDRESS, Alignment.FORBIDDEN, Provenance.UNPROVEN),
        (PARTNER_ADDRESS, Alignment.DISOWNED, Provenance.DISOWNED),
        (PARTNER_ADDRESS, Alignment.NO_MEANS, Provenance.WITHOUT_MEANS),
        (PARTNER_ADDRESS, None, Provenance.PROVEN),
        (STRANGER, Alignment.ALIGNED, Provenance.STRANGER),
        (str(CUSTOMER_ALIAS).upper(), Alignment.ALIGNED, Provenance.UNPROVEN),
        (f"noreply@{DOMAIN}", Alignment.ALIGNED, Provenance.UNPROVEN),
        (STRANGER, Alignment.UNALIGNED, Provenance.UNPROVEN),
        (STRANGER, Alignment.FORBIDDEN, Provenance.UNPROVEN),
        (STRANGER, Alignment.NO_MEANS, Provenance.UNPROVEN),
        (STRANGER, None, Provenance.UNPROVEN),
    ],
)
async def test_an_author_is_as_well_known_as_the_address_and_its_domain_say(
    author: str, alignment: Alignment | None, provenance: Provenance
) -> None:
    """Without a prover, authentication is off. An address of ours is nobody's mailbox, however well it is signed (GW-7)."""
    court = Court(Evidence(alignment)) if alignment is not None else None
    incoming = a_message(author)
    gathered = await gatherer(court).gather(incoming, incoming.envelope().aliases, parse(incoming.content))
    assert [one.facts.provenance for one in gathered.shares] == [provenance]
    assert gathered.evidence == (court.found if court is not None else None)


@pytest.mark.parametrize(
    ("client_ip", "provenance"),
    [("203.0.113.77", Provenance.PROVEN), ("203.0.114.9", Provenance.WITHOUT_MEANS), ("", Provenance.WITHOUT_MEANS)],
)
async def test_a_confirmation_counts_for_the_network_it_was_given_for_if_that_is_known(
    client_ip: str, provenance: Provenance
) -> None:
    """GW-12: behind a front MTA that does not say who its client was, one confirmation would let everybody in for good."""
    networks = (neighbourhood("203.0.113.9"), LOCAL)
    partner = replace(a_party(Role.PARTNER), vouched=tuple(Vouched(RealAddress(PARTNER_ADDRESS).key, one) for one in networks))
    incoming = replace(a_message(), client_ip=client_ip)
    here = gatherer(Court(Evidence(Alignment.NO_MEANS)), a_conversation(partner=partner))
    gathered = await here.gather(incoming, incoming.envelope().aliases, parse(incoming.content))
    assert [one.facts.provenance for one in gathered.shares] == [provenance]


@pytest.mark.parametrize("author", [f"bergfuehrung@brandauer.{SELF_TEST_DOMAIN}", f"ann@{SELF_TEST_DOMAIN}."])
async def test_an_address_of_the_self_test_is_nobodys_outside_it(author: str) -> None:
    """GW-21, invariant 6: nobody proves it, so nobody may be asked, by mail, whether it is theirs."""
    court = Court(None)
    incoming = a_message(author)
    gathered = await gatherer(court).gather(incoming, incoming.envelope().aliases, parse(incoming.content))
    assert [one.facts.provenance for one in gathered.shares] == [Provenance.UNPROVEN]
    assert court.asked == []


async def test_dns_in_trouble_is_for_later() -> None:
    """GW-14, FAULT-77, invariant 7."""
    incoming = a_message()
    with pytest.raises(Unanswered):
        await gatherer(Court(None)).gather(incoming, incoming.envelope().aliases, parse(incoming.content))


async def test_what_was_found_when_the_message_came_is_not_looked_for_again() -> None:
    """GW-55: keys and records change, and what is decided anew came when it came."""
    court = Court(None)
    incoming = replace(a_message(), evidence=Evidence(Alignment.ALIGNED))
    gathered = await gatherer(court).gather(incoming, incoming.envelope().aliases, parse(incoming.content))
    assert [one.facts.proven for one in gathered.shares] == [True]
    assert court.asked == []
