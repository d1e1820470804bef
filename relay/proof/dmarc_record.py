"""A DMARC policy record: what a domain asks to be done with mail that it does not stand for (RFC 9989 §4.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from relay.proof.tags import readable_tags

record_octets_max: Final = 8192
"""What is longer is no record; one with all tags takes 500."""


class Policy(Enum):
    """What a domain asks for, mildest first."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


_BY_NAME: Final[Mapping[str, Policy]] = {one.value: one for one in Policy}
_UNDER_TEST: Final[Mapping[Policy, Policy]] = {
    Policy.NONE: Policy.NONE,
    Policy.QUARANTINE: Policy.NONE,
    Policy.REJECT: Policy.QUARANTINE,
}
"""One level below (RFC 9989 §4.7, t=y)."""


@dataclass(frozen=True, slots=True)
class Published:
    """`own` is for the domain itself, `existing` and `missing` for the domains below it that DNS knows and does not know.

    `is_suffix`: independent organisations have names below the domain (psd=y); False where it says that it is an organisation
    itself (psd=n), None where it says nothing.
    """

    own: Policy
    existing: Policy
    missing: Policy
    is_strict_for_dkim: bool
    is_strict_for_spf: bool
    is_suffix: bool | None


def published(records: Sequence[str]) -> Published | None:
    """The policy among the TXT records of one name. None when there is none, and when there are several (RFC 9989 §4.10)."""
    found = [said for one in records if len(one) <= record_octets_max and (said := _said(one)) is not None]
    return _read(found[0]) if len(found) == 1 else None


def _said(record: str) -> Mapping[str, str] | None:
    said = readable_tags(record)
    first, equals, _ = record.partition("=")
    return said if equals and first.strip(" \t") == "v" and said.get("v") == "DMARC1" else None


def _read(said: Mapping[str, str]) -> Published:
    asked = {name: _BY_NAME.get(said[name].lower()) for name in ("p", "sp", "np") if name in said}
    own = asked.get("p")
    if own is None or None in asked.values():
        # Without a policy that can be read it is as if it asked for none, or not applied at all: no difference here (§4.10.1).
        asked, own = {}, Policy.NONE
    existing = asked.get("sp") or own
    missing = asked.get("np") or existing
    if said.get("t", "").lower() == "y":
        own, existing, missing = _UNDER_TEST[own], _UNDER_TEST[existing], _UNDER_TEST[missing]
    return Published(
        own,
        existing,
        missing,
        is_strict_for_dkim=said.get("adkim", "").lower() == "s",
        is_strict_for_spf=said.get("aspf", "").lower() == "s",
        is_suffix={"y": True, "n": False}.get(said.get("psd", "").lower()),
    )
