"""What parts of a process count for themselves, and what Prometheus is told of it (faults.md 4.5)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from relay import figures
from relay.app.figures import Figures
from relay.app.gateway import Gateway
from relay.app.mirroring import Mirror
from relay.inbound.admission import Stats
from relay.inbound.antivirus import ScanStats


def a_gateway(connections: int) -> Gateway:
    """As much of one as has figures."""
    load = SimpleNamespace(in_memory=3, connections=2, resting=1)
    smtp = SimpleNamespace(stats=Stats(), connections=connections, in_flight_octets=1_000)
    parts = SimpleNamespace(smtp=smtp, scanner=SimpleNamespace(stats=ScanStats()), courier=SimpleNamespace(load=lambda: load))
    return cast("Gateway", parts)


def told() -> dict[tuple[str, str], float]:
    registry = CollectorRegistry()
    registry.register(Figures())
    text = generate_latest(registry).decode()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(autouse=True)
def _a_row_for_each_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_memory", figures._Memory(list(figures._memory.mine)))
    figures.share(2)


def test_workers_are_added_up_and_the_one_in_the_place_of_another_goes_on_counting() -> None:
    for row, connections in ((0, 4), (1, 5), (1, 6)):
        figures.take(row)
        gateway = a_gateway(connections)
        mirror = Mirror(gateway)
        gateway.smtp.stats.messages_taken += 10
        if gateway.scanner is not None:
            gateway.scanner.stats.infected += 1
        mirror.once()
        mirror.once()
        figures.COMMIT_SECONDS.add(0.003)
    found = told()
    assert found["relay_smtp_messages_taken_total", ""] == 30
    assert found["relay_scans_total", "infected"] == 3
    assert found["relay_smtp_connections", ""] == 4 + 6
    assert found["relay_commit_seconds_bucket", "0.005"] == 3
    assert found["relay_commit_seconds_count", ""] == 3
    mirror.end()
    assert (told()["relay_smtp_connections", ""], told()["relay_smtp_messages_taken_total", ""]) == (4, 30)
