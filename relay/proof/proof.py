"""Does the domain in From stand for a message? SPF, DKIM and DMARC put together (RFC 9989 §4.4, §5.3; GW-11, GW-12, GW-14).

Only what domains publish themselves counts. What a message says about itself, in Authentication-Results or ARC, is not even
looked at (GW-13, FAULT-83). What may decide is asked, the surest first, until it is decided: so trouble with DNS matters only
where the answer depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.lookup import Asking, Outcome, Query, Type, is_name, name_octets_max
from relay.proof.alignment import Alignment
from relay.proof.dkim import Presented, verified
from relay.proof.dkim_results import CheckedSignature, Reason
from relay.proof.dmarc import Dmarc, aligned, could_align, discovered
from relay.proof.dmarc_record import Policy
from relay.proof.spf import Spf, spf_of
from relay.proof.spf_record import Result, policies
from relay.values import ascii_domain

_BROKEN: Final = frozenset(
    {Reason.BODY_CHANGED, Reason.HEADER_CHANGED, Reason.FIELD_ADDED, Reason.BODY_BEYOND, Reason.EXPIRED}
)  # fmt: skip
"""The domain signs, and this is not what it signed. Any other signature that is no proof is as good as none (RFC 6376 §6.1)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a message came: the client's address, its HELO, and the return path, empty for `<>`."""

    peer: str = field(repr=False)
    helo: str = field(repr=False)
    return_path: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """`alignment`: None when DNS is in trouble, and what it would say could change the answer. Beside it what was found out:
    `spf`, `dmarc` and signatures that could change nothing were not asked for."""

    alignment: Alignment | None
    spf: Spf | None = None
    signatures: tuple[CheckedSignature, ...] = ()
    dmarc: Dmarc | None = None

    @property
    def checks(self) -> tuple[str, ...]:
        """What was found, one a line, for people: such as "dkim pass example.org s=key". Never an address."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.spf is not None:
            why = f" ({self.spf.fault.value})" if self.spf.fault is not None else ""
            yield f"spf {self.spf.result.value} {self.spf.domain}{why}"
        for one in self.signatures:
            why = f" ({one.reason.value})" if one.reason is not Reason.VERIFIED else ""
            by = f" s={one.selector}" if one.selector else ""
            yield f"dkim {one.result.value} {one.domain}{by}{why}"
        if self.dmarc is not None and self.dmarc.policy is not None:
            yield f"dmarc {self.dmarc.policy.value} {self.dmarc.organisation or self.dmarc.domain}"


def prove(author: str, arrival: Arrival, signatures: Sequence[Presented]) -> Asking[Proof]:
    """Whether the domain `author` (A-labels, lower case), of the only address in From, stands for a message with `signatures`."""
    if not is_name(author) or author.startswith("["):
        return Proof(Alignment.UNALIGNED)
    return (yield from _Case(author, arrival, signatures).proof())


class _Case:
    """One message under proof, with what was found so far."""

    def __init__(self, author: str, arrival: Arrival, signatures: Sequence[Presented]) -> None:
        self._author = author
        self._arrival = arrival
        self._signatures = signatures
        sender = ascii_domain((arrival.return_path.rpartition("@")[2] or arrival.helo)[: name_octets_max + 2])
        self._sender = sender if "@" not in sender else ""  # HELO may be anything, an address too
        self._spf: Spf | None = None
        self._checked: list[CheckedSignature] = []
        self._dmarc: Dmarc | None = None
        self._in_trouble = False

    def proof(self) -> Asking[Proof]:
        alignment = yield from self._alignment()
        return Proof(alignment, self._spf, tuple(self._checked), self._dmarc)

    def _alignment(self) -> Asking[Alignment | None]:
        if (yield from self._own_passes()):
            return Alignment.ALIGNED
        self._dmarc = yield from discovered(self._author)
        if self._dmarc is None:
            return None
        if (yield from self._relative_passes(self._dmarc)):
            return Alignment.ALIGNED
        if self._in_trouble:
            return None
        if self._dmarc.policy in {Policy.QUARANTINE, Policy.REJECT}:
            is_disowned = self._spf is not None and self._spf.result is Result.FAIL
            return Alignment.DISOWNED if is_disowned else Alignment.FORBIDDEN
        has_means = yield from self._has_means()
        if has_means is None:
            return None
        return Alignment.UNALIGNED if has_means else Alignment.NO_MEANS

    def _own_passes(self) -> Asking[bool]:
        """Whether the author domain itself stands for the message; that is alignment whatever the policy says."""
        for one in self._signatures:
            if one.domain == self._author and (yield from self._verifies(one)):
                return True
        return self._sender == self._author and (yield from self._spf_passes())

    def _relative_passes(self, dmarc: Dmarc) -> Asking[bool]:
        """Whether another domain of the same organisation does."""
        for one in self._signatures:
            may = one.domain != self._author and could_align(dmarc, one.domain, is_strict=dmarc.is_strict_for_dkim)
            if may and (yield from self._verifies(one)) and (yield from self._is_aligned(dmarc, one.domain)):
                return True
        if self._sender == self._author or not could_align(dmarc, self._sender, is_strict=dmarc.is_strict_for_spf):
            return False
        return (yield from self._spf_passes()) and (yield from self._is_aligned(dmarc, self._sender))

    def _verifies(self, one: Presented) -> Asking[bool]:
        (checked,) = yield from verified([one])
        self._checked.append(checked)
        self._in_trouble |= checked.reason is Reason.NO_ANSWER
        return checked.reason is Reason.VERIFIED

    def _spf_passes(self) -> Asking[bool]:
        self._spf = yield from spf_of(self._arrival.return_path, self._arrival.peer, self._arrival.helo)
        self._in_trouble |= self._spf.result is Result.TEMPERROR
        return self._spf.result is Result.PASS

    def _is_aligned(self, dmarc: Dmarc, domain: str) -> Asking[bool]:
        # Relaxed: could_align has seen to a domain that wants more.
        found = yield from aligned(dmarc, domain, is_strict=False)
        self._in_trouble |= found is None
        return found is True

    def _has_means(self) -> Asking[bool | None]:
        """Whether the author domain has SPF, or signs, as a signature of it shows; None when DNS is in trouble."""
        if any(one.reason in _BROKEN for one in self._checked):
            return True
        if self._spf is not None and self._spf.domain == self._author:
            return self._spf.result is not Result.NONE
        answer = yield Query(self._author, Type.TXT)
        return None if answer.outcome is Outcome.TROUBLE else bool(policies(answer.records))
