"""Who wrote it: by what the domain of the author publishes, or by what a trusted server in front has found (GW-11, GW-13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from relay.errors import Unanswered
from relay.inbound.judging import worked
from relay.inbound.ports import Incoming
from relay.lookup import Asking, Lookup
from relay.message.mail import Mail
from relay.proof.alignment import Alignment
from relay.proof.dkim import presented
from relay.proof.proof import Arrival, prove
from relay.proof.reported import Report, reports
from relay.registrable import registrable_domain
from relay.transit.evidence import Evidence
from relay.values import RealAddress, ascii_domain

T = TypeVar("T")


class Lookups(Protocol):
    """Asks DNS."""

    async def answered(self, check: Asking[T]) -> tuple[T, tuple[Lookup, ...]]:
        """What `check` returns, and all that it was told."""
        ...


@dataclass(frozen=True, slots=True)
class DomainProver:
    """Believes what the domain of an author publishes: SPF, DKIM and DMARC (GW-11)."""

    lookups: Lookups

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:  # noqa: ARG002  a Prover
        """See relay.inbound.gather.Prover."""
        # What takes as long as the message is large is done before anything is asked.
        signatures = await worked(len(incoming.content), presented, incoming.content, incoming.received_at)
        arrival = Arrival(incoming.client_ip, incoming.helo, incoming.return_path)
        proof, asked = await self.lookups.answered(prove(_domain(author), arrival, signatures))
        if proof.alignment is None:
            raise Unanswered("DNS does not answer what proves a writer")
        return Evidence(proof.alignment, proof.checks, asked)


@dataclass(frozen=True, slots=True)
class FrontProver:
    """Believes the server in front that calls itself `authserv_id`, and nobody else (GW-13)."""

    authserv_id: str

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:  # noqa: ARG002  a Prover
        """See relay.inbound.gather.Prover. Nothing is asked; where that server reports nothing, nothing speaks for anybody."""
        fields = [one.value.decode("utf-8", "replace") for one in mail.root.named("Authentication-Results")]
        found = reports(fields, self.authserv_id)
        checks = tuple(f"{one.method} {one.result} {_domain_of(one)}".rstrip() for one in found)
        return Evidence(_alignment(found, _domain(author)), (f"reported by {self.authserv_id}", *checks))


def _alignment(found: Sequence[Report], domain: str) -> Alignment:
    results = {(one.method, one.result) for one in found}
    passed = [(one.method, _domain_of(one)) for one in found if one.result == "pass"]
    if ("dmarc", domain) in passed or any(method in _ALIGNS and _is_aligned(of, domain) for method, of in passed):
        return Alignment.ALIGNED
    if ("dmarc", "fail") in results:
        return Alignment.DISOWNED if ("spf", "fail") in results else Alignment.UNALIGNED
    has_none = {("spf", "none"), ("dkim", "none")} <= results
    return Alignment.NO_MEANS if has_none and not passed else Alignment.UNALIGNED


_PROPERTIES = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo"), "dmarc": ("header.from",)}
"""What says of which domain a result speaks (RFC 8601 §2.7)."""
_ALIGNS = frozenset({"dkim", "spf"})


def _domain_of(report: Report) -> str:
    for name in _PROPERTIES.get(report.method, ()):
        if value := report.property(name):
            return ascii_domain(value.rpartition("@")[2])
    return ""


def _domain(author: RealAddress) -> str:
    return ascii_domain(author.reveal().rpartition("@")[2])


def _is_aligned(of: str, domain: str) -> bool:
    """Whether both belong to one organisation: relaxed alignment (RFC 9989 §4.4)."""
    return of == domain or (registrable_domain(of) != "" and registrable_domain(of) == registrable_domain(domain))
