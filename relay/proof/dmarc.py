"""What a domain asks for, and which domains are one organisation with it: DMARC, by a walk up the tree of names (RFC 9989 §4.10).

Where nobody on the way up publishes anything, the standard leaves every name for itself. Then the public suffix list says who
belongs together, as it did before (RFC 7489 §3.2): proof is wanted of domains without DMARC as well (GW-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from relay.lookup import Asking, Outcome, Query, Type, is_name
from relay.proof.dmarc_record import Policy, Published, published
from relay.registrable import registrable_domain

labels_max: Final = 7
"""Of the names that are asked after the first one, so a walk takes eight queries at most (RFC 9989 §4.10)."""


@dataclass(frozen=True, slots=True)
class Dmarc:
    """What holds for the author domain `domain`. `policy`: what is asked to be done with mail that is not aligned; None where
    nobody publishes anything for it. `organisation`: its organisational domain, empty where it is nobody's."""

    domain: str
    organisation: str
    policy: Policy | None
    is_strict_for_dkim: bool = False
    is_strict_for_spf: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """A name on the way up at which a policy is published."""

    name: str
    record: Published

    @property
    def is_suffix(self) -> bool:
        """Nobody is one organisation with everybody below `com`, also when its registry does not say so."""
        said = self.record.is_suffix
        return not registrable_domain(self.name) if said is None else said

    @property
    def ends_walk(self) -> bool:
        return self.is_suffix or self.record.is_suffix is False


def discovered(domain: str) -> Asking[Dmarc | None]:
    """What holds for mail whose author is at `domain` (A-labels, lower case); None when DNS is in trouble."""
    steps = yield from _walked(domain)
    if steps is None:
        return None
    if not steps:
        return Dmarc(domain, registrable_domain(domain), None)
    organisation = _organisation(domain, steps)
    applying = _applying(domain, organisation, steps)
    record = applying.record
    policy: Policy | None = record.own
    if applying.name != domain:
        policy = record.existing if record.existing is record.missing else (yield from _of_subdomain(domain, record))
    if policy is None:
        return None
    return Dmarc(domain, organisation, policy, record.is_strict_for_dkim, record.is_strict_for_spf)


def aligned(dmarc: Dmarc, domain: str, *, is_strict: bool) -> Asking[bool | None]:
    """Whether `domain`, for which SPF or DKIM passed, is aligned with the author domain: the same, or relaxed of the same
    organisation (RFC 9989 §4.4). None when DNS is in trouble."""
    if domain == dmarc.domain or not could_align(dmarc, domain, is_strict=is_strict):
        return domain == dmarc.domain
    if dmarc.policy is None:
        return registrable_domain(domain) == dmarc.organisation
    steps = yield from _walked(domain)
    return None if steps is None else _organisation(domain, steps) == dmarc.organisation


def could_align(dmarc: Dmarc, domain: str, *, is_strict: bool) -> bool:
    """Whether `domain` may be aligned as far as names tell, so that it is worth asking."""
    if is_strict or not dmarc.organisation:
        return domain == dmarc.domain
    return f".{domain}".endswith(f".{dmarc.organisation}")


def _walked(domain: str) -> Asking[Sequence[_Step] | None]:
    """The names at which policies are published, from `domain` upwards; None when DNS is in trouble."""
    steps = []
    for name in _names(domain):
        if not is_name(f"_dmarc.{name}"):
            continue
        answer = yield Query(f"_dmarc.{name}", Type.TXT)
        if answer.outcome is Outcome.TROUBLE:
            return None
        if (record := published(answer.records)) is not None:
            steps.append(_Step(name, record))
            if steps[-1].ends_walk:
                break
    return steps


def _names(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    yield domain
    for at in range(max(1, len(labels) - labels_max), len(labels)):
        yield ".".join(labels[at:])


def _organisation(domain: str, steps: Sequence[_Step]) -> str:
    """The organisational domain, by the policies that were met on the way up from `domain` (RFC 9989 §4.10.2)."""
    for step in steps:
        if step.record.is_suffix is False:
            return step.name
        if step.is_suffix and step.name != domain:
            below = domain.removesuffix(f".{step.name}").rpartition(".")[2]
            return f"{below}.{step.name}"
    return steps[-1].name if steps else domain


def _applying(domain: str, organisation: str, steps: Sequence[_Step]) -> _Step:
    """Where the policy stands that applies: the author domain's, its organisation's, or that of the suffix above, where the walk
    ended (RFC 9989 §4.10.1)."""
    by_name = {step.name: step for step in steps}
    return by_name.get(domain) or by_name.get(organisation) or steps[-1]


def _of_subdomain(domain: str, record: Published) -> Asking[Policy | None]:
    """By whether DNS knows the domain at all (RFC 9989 §3.2.13); None when it is in trouble."""
    answer = yield Query(domain, Type.A)
    if answer.outcome is Outcome.TROUBLE:
        return None
    return record.missing if answer.outcome is Outcome.NO_NAME else record.existing
