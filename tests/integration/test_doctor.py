"""The doctor finds a scanner that would let a virus pass, or refuse what is taken (FAULT-66)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.clamd import running_clamd

from relay.app import surroundings
from relay.settings import Settings
from relay.web.diagnosis import Health

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("limits", "health", "told"),
    [
        ({}, Health.FINE, "finds a virus in a message of 4194304 octets"),
        ({"StreamMaxLength": "2M"}, Health.FAILED, "StreamMaxLength"),
        ({"MaxFileSize": "2M"}, Health.FAILED, "MaxFileSize"),
        ({"MaxFileSize": "2M", "AlertExceedsMax": "no"}, Health.FAILED, "a virus passes"),
    ],
)
def test_a_message_of_the_size_that_is_taken_is_tried(limits: dict[str, str], health: Health, told: str, tmp_path: Path) -> None:
    with running_clamd(tmp_path, **limits) as clamd:
        settings = Settings(antivirus={"clamd": clamd}, smtp={"message_max": "4 MiB"})  # type: ignore[arg-type]  # pydantic
        found = surroundings.antivirus(settings)
    assert (found.health, told in f"{found.told}; {found.remedy}") == (health, True), found
