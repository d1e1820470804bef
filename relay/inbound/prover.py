"""Who wrote it: by what the domain of the author publishes, or by what a trusted server in front has found (GW-11, GW-13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from relay.errors import Unanswered
from relay.inbound.admission import network_of
from relay.inbound.judging import worked
from relay.inbound.lane import Lane
from relay.inbound.ports import Incoming
from relay.lookup import Asking, Lookup
from relay.message.mail import Mail
from relay.proof.dkim import presented
from relay.proof.hearsay import alignment, domain_of
from relay.proof.proof import Arrival, prove
from relay.proof.reported import reports
from relay.transit.evidence import Evidence
from relay.values import RealAddress, ascii_domain

T = TypeVar("T")

checks_at_once: Final = 150
"""Networks take turns. Fewer than the queries that the resolver has under way at once, of which a check has one: mail of domains
whose servers never answer, brought from a few addresses, would use all of them up, and everybody's would be put off."""


class Lookups(Protocol):
    """Asks DNS."""

    async def answered(self, check: Asking[T]) -> tuple[T, tuple[Lookup, ...]]:
        """What `check` returns, and all that it was told."""
        ...


@dataclass(frozen=True, slots=True)
class DomainProver:
    """Believes what the domain of an author publishes: SPF, DKIM and DMARC (GW-11)."""

    lookups: Lookups
    lane: Lane = field(default_factory=lambda: Lane(checks_at_once), repr=False)

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:  # noqa: ARG002  a Prover
        """See relay.inbound.gather.Prover."""
        # What takes as long as the message is large is done before anything is asked.
        signatures = await worked(len(incoming.content), presented, incoming.content, incoming.received_at)
        arrival = Arrival(incoming.client_ip, incoming.helo, incoming.return_path)
        async with self.lane.passage(1, network_of(incoming.client_ip)):
            proof, asked = await self.lookups.answered(prove(_domain(author), arrival, signatures))
        if proof.alignment is None:
            raise Unanswered("DNS does not answer what proves a writer")
        return Evidence(proof.alignment, proof.checks, asked)


@dataclass(frozen=True, slots=True)
class FrontProver:
    """Believes the server in front that calls itself `authserv_id`, and nobody else (GW-13)."""

    authserv_id: str

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:  # noqa: ARG002  a Prover
        """See relay.inbound.gather.Prover. Nothing is asked; where that server reports nothing, nothing speaks for anybody.

        Where it had no answer from DNS it is for later: a server in front that judges before it takes a message then asks again.
        """
        fields = [one.value.decode("utf-8", "replace") for one in mail.root.named("Authentication-Results")]
        found = reports(fields, self.authserv_id)
        checks = tuple(f"{one.method} {one.result} {domain_of(one)}".rstrip() for one in found)
        aligned = alignment(found, _domain(author))
        if aligned is None:
            raise Unanswered("DNS did not answer the server in front")
        return Evidence(aligned, (f"reported by {self.authserv_id}", *checks))


def _domain(author: RealAddress) -> str:
    return ascii_domain(author.reveal().rpartition("@")[2])
