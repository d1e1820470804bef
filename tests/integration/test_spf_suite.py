"""The published suite of RFC 7208 once more, with a resolver that asks a DNS server."""

from __future__ import annotations

from collections.abc import Iterator

import dns.name
import pytest
from support.dns import Zone, serving
from support.spf_suite import Case, cases

from relay.proof.spf import spf_of
from relay.resolver import Resolver

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    with serving(Zone()) as found:
        yield found


@pytest.mark.parametrize("case", cases())
async def test_the_published_suite_of_rfc_7208_over_dns(case: Case, zone: Zone) -> None:
    """GW-11, FAULT-77, FAULT-78."""
    zone.records = {as_in_a_zone(name): records for name, records in case.records.items()}
    zone.failing = {as_in_a_zone(name) for name in case.silent if not case.records[name]}
    resolver = Resolver([("127.0.0.1", zone.port)])
    found, _ = await resolver.answered(spf_of(case.mail_from, case.host, case.helo))
    assert found.result.value in case.allowed


def as_in_a_zone(name: str) -> str:
    return dns.name.from_text(name).to_text(omit_final_dot=True)
