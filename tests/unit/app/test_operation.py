"""What the operator's pages are told of the configuration: where each value comes from, and of secrets nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.app.operation import shown_settings
from relay.settings import Settings, read


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = tmp_path / "relay.toml"
    file.write_text('[relay]\nbrand = "Bright"\noperators = ["ops@house.example"]\n')
    monkeypatch.setenv("RELAY_DATABASE__URL", "postgresql+psycopg://relay:hunter2@db/relay")
    return read(file).settings


def test_each_key_is_told_with_where_it_comes_from(settings: Settings) -> None:
    told = {f"{one.section}.{one.key}": one for one in shown_settings(settings)}
    assert (told["relay.brand"].value, told["relay.brand"].origin) == ('"Bright"', "file")
    assert told["database.url"].origin == "environment"
    assert told["smtp.message_max"].origin == "default"
    assert told["smtp.message_max"].meaning != ""


def test_of_secrets_and_addresses_no_more_is_told_than_that_they_are_set(settings: Settings) -> None:
    """Invariant 1; secrets are shown nowhere."""
    shown = shown_settings(settings)
    assert not any(secret in repr(shown) for secret in ("hunter2", "ops@house.example"))
    secrets = {f"{one.section}.{one.key}" for one in shown if one.is_secret and one.is_set}
    assert {"database.url", "relay.operators"} <= secrets
    assert all(one.value is None for one in shown if one.is_secret)


def test_where_a_value_comes_from_makes_no_other_settings_of_it(settings: Settings) -> None:
    assert settings == settings.model_copy().from_where({})
    assert settings != Settings()
