"""The doctor for pages: in threads of its own, once at a time, and never longer than it is given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from support.world import NOW

from relay.app import examining
from relay.app.examining import Doctor
from relay.settings import Settings
from relay.web.diagnosis import Finding, Health

Parts = dict[str, Callable[[Settings], Finding]]


def fine(part: str) -> Callable[[Settings], Finding]:
    return lambda _: Finding(part, Health.FINE, "well")


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    found: Parts = {"disk": fine("disk"), "clock": fine("clock")}
    monkeypatch.setattr(examining, "EXAMINATIONS", found)
    return found


async def test_it_examines_each_part_in_its_order_and_adds_what_the_configuration_warns_of(parts: Parts) -> None:
    doctor = Doctor(Settings(), lambda: NOW)
    assert doctor.last is None
    found = await doctor.examine()
    assert [one.part for one in found.findings][:2] == ["disk", "clock"]
    assert {one.part for one in found.findings[2:]} == {"configuration"}
    assert (doctor.last, found.at, found.of(Health.FAILED)) == (found, NOW, 0)


async def test_a_part_that_hangs_fails_in_time_and_keeps_no_other(parts: Parts) -> None:
    goes_on = threading.Event()

    def hangs(_: Settings) -> Finding:
        goes_on.wait(10)
        return Finding("dns", Health.FINE, "late")

    parts["dns"] = hangs
    doctor = Doctor(Settings(), lambda: NOW, part_s_max=0.05)
    try:
        found = {one.part: one for one in (await doctor.examine()).findings}
    finally:
        goes_on.set()
    assert (found["dns"].health, found["disk"].health) == (Health.FAILED, Health.FINE)
    assert "no answer within" in found["dns"].told


async def test_a_part_that_breaks_is_a_finding(parts: Parts) -> None:
    def breaks(_: Settings) -> Finding:
        raise RuntimeError("anna@house.example")

    parts["disk"] = breaks
    [disk, *_] = (await Doctor(Settings(), lambda: NOW).examine()).findings
    assert disk.health is Health.FAILED
    assert "house.example" not in disk.told


async def test_whoever_asks_while_it_examines_hears_of_that_examination(parts: Parts) -> None:
    times = []

    def counted(_: Settings) -> Finding:
        times.append(1)
        return Finding("disk", Health.FINE, "well")

    parts["disk"] = counted
    doctor = Doctor(Settings(), lambda: NOW)
    first, second = await asyncio.gather(doctor.examine(), doctor.examine())
    assert first is second
    assert len(times) == 1
