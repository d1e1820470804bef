"""config, token, migrate, audit, doctor."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import delete, text
from support.archive import World
from support.cli import House, a_house

from relay.app import examining
from relay.settings import Settings, example, read
from relay.store import audits, tokens
from relay.store.schema import PRESENT
from relay.store.tables import deliveries
from relay.web.diagnosis import Finding


def test_a_good_configuration_is_said_to_be_one_with_its_warnings(house: House) -> None:
    done = house.relay("config", "check")
    assert done.code == 0
    assert "warning: antivirus.mode: off" in done.out
    body = house.relay("config", "check", "--json").json
    assert (body["ok"], body["faults"]) == (True, [])
    assert len(body["warnings"]) == 3


def test_a_wrong_configuration_is_told_in_json_too(house: House) -> None:
    house.config.write_text("[smtp]\nlistn = []\n")
    done = house.relay("config", "check", "--json")
    assert done.code == 78
    assert '"ok": false' in done.out
    assert "did you mean smtp.listen?" in done.out


def test_what_counts_is_shown_as_toml_that_reads_the_same(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_RELAY__BRAND", 'Bri"ght')
    shown = house.relay("config", "show")
    copy = tmp_path / "copy.toml"
    copy.write_text(shown.out)
    assert read(copy).settings == read(house.config).settings
    assert 'brand = "Bri\\"ght"' in shown.out
    assert "# environment" in shown.out
    changed = tomllib.loads(house.relay("config", "show", "--changed").out)
    assert set(changed) == {"relay", "authentication", "antivirus", "dkim", "database"}


def test_secrets_are_shown_only_when_asked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_DATABASE__URL", "postgresql+psycopg://relay:hunter2@db/relay")
    monkeypatch.setenv("RELAY_RELAY__OPERATORS", "ops@example.com")
    for words in (("show",), ("show", "--effective", "--redact"), ("show", "--json")):
        out = house.relay("config", *words).out
        assert "hunter2" not in out
        assert "ops@example.com" not in out
    revealed = house.relay("config", "show", "--reveal").out
    assert "hunter2" in revealed
    assert "ops@example.com" in revealed


def test_the_example_is_printed(house: House) -> None:
    assert house.bare("config", "example").out == example()


def test_a_token_is_shown_once_and_works_until_it_is_revoked(house: House, world: World) -> None:
    made = house.relay(
        "token", "create", "--name", "shop", "--scope", "conversations:read", "--scope", "queue:read", "--json"
    ).json
    assert made["scopes"] == ["conversations:read", "queue:read"]
    known = world.read(lambda connection: tokens.known(connection, made["token"]))
    assert known is not None
    assert known.scopes == {"conversations:read", "queue:read"}
    for words in (("token", "list"), ("token", "list", "--json")):
        out = house.relay(*words).out
        assert made["id"] in out
        assert made["token"] not in out
    assert house.relay("token", "revoke", made["id"]).code == 0
    assert world.read(lambda connection: tokens.known(connection, made["token"])) is None
    assert house.relay("token", "revoke", "none").code == 1


def test_a_token_is_printed_alone_so_that_it_can_be_piped(house: House) -> None:
    done = house.relay("token", "create", "--name", "shop", "--scope", "archive:read")
    assert len(done.out.split()) == 1
    assert "shown this once" in done.err


@pytest.mark.parametrize("words", [("--name", "shop"), ("--scope", "archive:read"), ("--name", "shop", "--scope", "everything")])
def test_a_token_needs_a_name_and_scopes_that_exist(house: House, words: tuple[str, ...]) -> None:
    assert house.relay("token", "create", *words).code == 2


def test_an_embedded_database_gets_its_schema_when_it_is_first_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = a_house(tmp_path, capsys)
    assert house.relay("queue", "list").out == "nothing is under way\n"
    assert "already" in house.relay("migrate").out


def test_migrating_tells_from_where_to_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = a_house(tmp_path, capsys)
    behind = house.relay("migrate", "--check")
    assert (behind.code, behind.out) == (1, "")
    assert f"empty, this version needs {PRESENT}: run `relay migrate`" in behind.err
    assert house.relay("migrate").out == f"the database was empty, and is at schema {PRESENT} now\n"
    assert house.relay("migrate", "--check").code == 0
    assert house.relay("migrate", "--json").json == {"from": PRESENT, "to": PRESENT, "migrated": False}


def test_a_database_of_a_later_version_is_left_alone(house: House, world: World) -> None:
    world.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    for command in (("migrate",), ("migrate", "--check"), ("queue", "list"), ("doctor",)):
        done = house.relay(*command)
        assert done.code in {1, 78}
        assert "9999 was made by a later version" in done.out + done.err


def test_a_shared_database_is_migrated_only_when_its_operator_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.store.schema.schema_is_current", lambda engine: False)
    monkeypatch.setattr("sqlalchemy.engine.default.DefaultDialect.name", "postgresql")
    monkeypatch.setattr("sqlalchemy.dialects.sqlite.base.SQLiteDialect.name", "postgresql")
    done = house.relay("queue", "list")
    assert done.code == 78
    assert "relay migrate" in done.err


def test_the_audit_finds_what_is_not_accounted_for(house: House, world: World) -> None:
    """Invariant 4"""
    crossing = world.crossing(world.opened())
    world.accepted(crossing)
    world.write(lambda connection: connection.execute(delete(deliveries)))
    done = house.relay("audit")
    assert done.code == 1
    assert crossing.envelope.id in done.out
    assert "not accounted for" in done.err
    assert "message" in house.relay("audit", "--json").out
    last = world.read(audits.last)
    assert last is not None
    assert last.findings > 0


def test_the_audit_of_an_empty_archive_is_content(house: House) -> None:
    assert house.relay("audit").out == "every accepted message is accounted for\n"
    assert house.relay("audit", "--json").json == []


def test_the_doctor_tells_what_fails_and_what_to_do(house: House) -> None:
    config = house.config.read_text() + '[outbound]\nroute = "smarthost:127.0.0.1:1"\n'
    house.config.write_text(config)
    done = house.relay("doctor")
    assert done.code == 1
    assert "FAIL  way out: 127.0.0.1:1 cannot be reached" in done.out
    assert "run `relay dkim generate`" in done.out
    assert "WARN  antivirus: off" in done.out


def test_the_doctor_finds_keys_that_others_can_read(house: House) -> None:
    house.relay("dkim", "generate")
    (house.directory / "dkim.pem").chmod(0o644)
    house.directory.chmod(0o755)
    done = house.relay("doctor")
    assert f"WARN  dkim: {house.directory}/dkim.pem can be read by other users; chmod 600" in done.out
    assert f"WARN  state_dir: {house.directory} is open to other users" in done.out


@pytest.mark.parametrize(
    ("broke", "told"),
    [
        (PermissionError(13, "Permission denied", "/etc/relay/tls/key.pem"), "/etc/relay/tls/key.pem: Permission denied"),
        (OSError("no errno at all"), "OSError"),
        (KeyError("somebody@example.com"), "this examination broke: KeyError at test_operating.py:"),
    ],
)
def test_an_examination_that_breaks_is_a_finding_and_the_others_are_made(
    house: House, monkeypatch: pytest.MonkeyPatch, broke: Exception, told: str
) -> None:
    def breaks(_: Settings) -> Finding:
        raise broke

    monkeypatch.setitem(examining.EXAMINATIONS, "disk", breaks)
    done = house.relay("doctor")
    assert done.code == 1
    assert f"FAIL  disk: {told}" in done.out
    assert "time zones: there is" in done.out
    assert "somebody" not in done.out + done.err


def test_the_doctor_finds_a_scanner_that_does_not_answer(house: House) -> None:
    config = house.config.read_text().replace('[antivirus]\nmode = "off"', '[antivirus]\nclamd = "tcp:127.0.0.1:1"')
    house.config.write_text(config)
    done = house.relay("doctor", "--json")
    assert done.code == 1
    by_part = {one["part"]: one for one in json.loads(done.out) if one["part"] != "configuration"}
    assert by_part["antivirus"]["health"] == "failed"
    assert "cannot be reached" in by_part["antivirus"]["told"]
    assert by_part["database"]["health"] == "fine"
