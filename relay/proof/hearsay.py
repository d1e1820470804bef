"""Does the domain in From stand for a message, by what a trusted server in front says that it has found (GW-11, GW-13)?

The same question as in `relay.proof.proof`, in the same order: what the author domain itself passed, then its policy, then what
its relatives passed. What was found out about anybody else, whom everybody can name, says nothing for the author domain, and
nothing against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from relay.proof.alignment import Alignment
from relay.proof.reported import Report
from relay.registrable import registrable_domain
from relay.values import ascii_domain

_PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.helo"),
    "dmarc": ("header.from",),
}
"""What says of which domain a result speaks, the surest first (RFC 8601 §2.7)."""
_ALIGNS: Final = frozenset({"dkim", "spf"})


def alignment(found: Sequence[Report], author: str) -> Alignment | None:
    """Whether the domain `author` (A-labels, lower case) stands for a message of which `found` is reported.

    None where DNS was in trouble for the server in front, and what it would have said could change the answer (GW-14).
    """
    policy = {one.result for one in found if one.method == "dmarc" and domain_of(one) == author}
    own = {(one.method, one.result) for one in found if one.method in _ALIGNS and domain_of(one) == author}
    if policy == {"pass"} or {("spf", "pass"), ("dkim", "pass")} & own:
        return Alignment.ALIGNED
    relatives = {(one.method, one.result) for one in found if one.method in _ALIGNS and _is_relaxed(domain_of(one), author)}
    if "fail" in policy:
        # Also where a relative passed: the domain may want more than that (RFC 9989 §4.4, strict alignment).
        return Alignment.DISOWNED if ("spf", "fail") in relatives else Alignment.UNALIGNED
    if "temperror" in policy:
        return None
    results = {result for _, result in relatives}
    if "pass" in results:
        return Alignment.ALIGNED
    if "temperror" in results:
        return None
    has_spf = {result for method, result in own if method == "spf"} != {"none"}
    return Alignment.UNALIGNED if has_spf or _may_sign(found, author) else Alignment.NO_MEANS


def domain_of(report: Report) -> str:
    """The domain that it speaks of, as A-labels; empty where it does not say."""
    for name in _PROPERTIES.get(report.method, ()):
        if value := report.property(name).strip("<>"):
            return ascii_domain(value.rpartition("@")[2])
    return ""


def _may_sign(found: Sequence[Report], author: str) -> bool:
    """Whether the author domain may have signed: also where nobody looked, or whose a signature is was not said."""
    looked = [one for one in found if one.method == "dkim"]
    signers = [domain_of(one) for one in looked if one.result != "none"]
    return not looked or any(not one or _is_relaxed(one, author) for one in signers)


def _is_relaxed(of: str, author: str) -> bool:
    """Whether both belong to one organisation: relaxed alignment (RFC 9989 §4.4)."""
    return of == author or (registrable_domain(of) != "" and registrable_domain(of) == registrable_domain(author))
