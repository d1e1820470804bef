"""What came of protecting sessions with TLS, counted as reports to the receiving domains count it (RFC 8460)."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from enum import Enum
from typing import Final

from relay.values import Clock

sorts_max: Final = 10_000
"""Different things that are counted between two times of writing them down; what is new beyond that is not counted."""


class Followed(Enum):
    """Which policy of the receiving domain was followed (§4.2)."""

    TLSA = "tlsa"
    STS = "sts"
    NONE = "no-policy-found"


class Finding(Enum):
    """How a session ended up (§4.3); SUCCESS is ours."""

    SUCCESS = "success"
    STARTTLS_NOT_SUPPORTED = "starttls-not-supported"
    CERTIFICATE_HOST_MISMATCH = "certificate-host-mismatch"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NOT_TRUSTED = "certificate-not-trusted"
    VALIDATION_FAILURE = "validation-failure"
    DNSSEC_INVALID = "dnssec-invalid"
    STS_POLICY_FETCH_ERROR = "sts-policy-fetch-error"
    STS_POLICY_INVALID = "sts-policy-invalid"
    STS_WEBPKI_INVALID = "sts-webpki-invalid"


@dataclass(frozen=True, slots=True)
class Told:
    """One sort of thing that happened: on a day (UTC), with a domain, under a policy."""

    day: date
    domain: str
    followed: Followed
    finding: Finding


class Tallies:
    """Counts in memory, until somebody writes the counts down."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: Counter[Told] = Counter()

    def note(self, domain: str, followed: Followed, finding: Finding) -> None:
        """Once more, today."""
        told = Told(self._clock().astimezone(UTC).date(), domain, followed, finding)
        if told in self._counts or len(self._counts) < sorts_max:
            self._counts[told] += 1

    def give_back(self, counts: Mapping[Told, int]) -> None:
        """What could not be written down, for the next time."""
        for told, count in counts.items():
            if told in self._counts or len(self._counts) < sorts_max:
                self._counts[told] += count

    def taken(self) -> Mapping[Told, int]:
        """What was counted since the last time, now the caller's."""
        counts, self._counts = self._counts, Counter()
        return counts


_BY_VERIFICATION: Final = {
    10: Finding.CERTIFICATE_EXPIRED,
    62: Finding.CERTIFICATE_HOST_MISMATCH,
    **dict.fromkeys((18, 19, 20, 21), Finding.CERTIFICATE_NOT_TRUSTED),
}
"""X509_V_ERR_* of OpenSSL (x509_vfy.h)."""


def finding_of(broke: BaseException) -> Finding:
    """What an exception says that ended a handshake."""
    cause: BaseException | None = broke
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _BY_VERIFICATION.get(cause.verify_code, Finding.VALIDATION_FAILURE)
        cause = cause.__cause__
    return Finding.VALIDATION_FAILURE
