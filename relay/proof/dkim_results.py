"""What can come of a signature: results by RFC 8601 §2.7.1, and the reasons, a closed set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Result(Enum):
    """The words of an Authentication-Results field (RFC 8601 §2.7.1)."""

    PASS = "pass"  # noqa: S105 - the result, not a password
    FAIL = "fail"
    POLICY = "policy"
    """It may verify, and is not good enough for us (RFC 8301, FAULT-81)."""
    NEUTRAL = "neutral"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class Reason(Enum):
    """Why a signature has its result."""

    VERIFIED = "verified"
    BODY_CHANGED = "the body is not the one that was signed"
    HEADER_CHANGED = "the signature does not fit the header"
    FIELD_ADDED = "a field was added that must be there once"
    SUBJECT_UNSIGNED = "Subject is not signed"
    BODY_BEYOND = "some of the body is not signed"
    EXPIRED = "expired"
    WEAK = "the algorithm or the key is too weak"
    TESTING = "the domain only tries signing"
    UNREADABLE = "the signature field cannot be read"
    MALFORMED_HEADER = "the header is malformed"
    UNKNOWN_ALGORITHM = "the algorithm is not known"
    FROM_UNSIGNED = "From is not signed"
    FOREIGN_IDENTITY = "the identity is not one of the domain"
    NO_KEY = "no key record"
    KEY_UNREADABLE = "the key record cannot be read"
    KEY_REVOKED = "the key is revoked"
    KEY_UNFIT = "the key is not for such a signature"
    NO_ANSWER = "DNS in trouble"


RESULTS: Final[Mapping[Reason, Result]] = {
    Reason.VERIFIED: Result.PASS,
    Reason.BODY_CHANGED: Result.FAIL,
    Reason.HEADER_CHANGED: Result.FAIL,
    Reason.FIELD_ADDED: Result.FAIL,
    Reason.SUBJECT_UNSIGNED: Result.POLICY,
    Reason.BODY_BEYOND: Result.POLICY,
    Reason.EXPIRED: Result.POLICY,
    Reason.WEAK: Result.POLICY,
    Reason.TESTING: Result.POLICY,
    Reason.UNREADABLE: Result.NEUTRAL,
    Reason.MALFORMED_HEADER: Result.NEUTRAL,
    Reason.UNKNOWN_ALGORITHM: Result.NEUTRAL,
    Reason.FROM_UNSIGNED: Result.PERMERROR,
    Reason.FOREIGN_IDENTITY: Result.PERMERROR,
    Reason.NO_KEY: Result.PERMERROR,
    Reason.KEY_UNREADABLE: Result.PERMERROR,
    Reason.KEY_REVOKED: Result.PERMERROR,
    Reason.KEY_UNFIT: Result.PERMERROR,
    Reason.NO_ANSWER: Result.TEMPERROR,
}


@dataclass(frozen=True, slots=True)
class CheckedSignature:
    """A signature, and what came of it. `domain` (A-labels, lower case) and `selector` are as it says, or empty."""

    domain: str
    selector: str
    reason: Reason

    @property
    def result(self) -> Result:
        return RESULTS[self.reason]
