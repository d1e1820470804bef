"""The contract of every command: its options and its exit codes (design.md section 5)."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import typer
from support.cli import House

from relay.cli import program
from relay.cli.program import app, run
from relay.errors import Unavailable

CONTRACT = {
    "serve", "demo", "migrate", "audit", "trace", "doctor",
    "conversation open", "conversation show", "conversation confirm", "conversation close", "conversation extend",
    "conversation reopen", "conversation list", "archive search", "archive show",
    "queue list", "queue show", "queue retry", "queue hold", "queue release", "queue drop",
    "config check", "config show", "config example", "dkim generate", "token create", "token list", "token revoke",
}  # fmt: skip
PRINTS_FINDINGS = {
    "audit", "trace", "doctor", "conversation open", "conversation show", "conversation list", "archive search", "archive show",
    "queue list", "queue show", "config check", "config show", "dkim generate", "token create", "token list",
}  # fmt: skip


@cache
def commands() -> dict[str, set[str]]:
    """Every command with its options."""
    found: dict[str, set[str]] = {}
    root = typer.main.get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]  # a group has them
        below = getattr(command, "commands", None)
        for path, leaf in {f"{name} {one}": leaf for one, leaf in below.items()}.items() if below else [(name, command)]:
            found[path] = {option for parameter in leaf.params for option in parameter.opts}
    return found


def test_every_command_of_the_contract_is_there() -> None:
    assert set(commands()) >= CONTRACT


def test_every_command_takes_the_configuration() -> None:
    assert [name for name, options in commands().items() if "--config" not in options] == []


def test_every_command_that_prints_findings_takes_json() -> None:
    assert [name for name in sorted(PRINTS_FINDINGS) if "--json" not in commands()[name]] == []


WRONG = [("nonsense",), ("queue", "nonsense"), ("queue", "list", "--nonsense"), ("queue", "show"), ("serve", "--workers", "0")]


@pytest.mark.parametrize("words", WRONG)
def test_wrong_usage_is_2(house: House, words: tuple[str, ...]) -> None:
    done = house.bare(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_wrong_configuration_is_78_with_a_line_for_each_fault(house: House) -> None:
    house.config.write_text('[smtp]\nlisten = ["nowhere"]\nmessage_max = "huge"\n')
    for words in (("serve",), ("queue", "list"), ("migrate",), ("demo",), ("config", "check"), ("doctor",)):
        done = house.relay(*words)
        assert done.code == 78
        assert len(done.err.splitlines()) == 2
        assert "smtp.listen" in done.err
        assert "smtp.message_max" in done.err


def test_a_configuration_that_may_not_be_read_is_78_and_no_wrong_usage(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd starts what ended with another code again and again."""
    monkeypatch.setattr("os.access", lambda *_, **__: False)  # what the parser of options asks; root may read everything
    assert house.relay("queue", "list").code == 0
    monkeypatch.undo()
    house.config.unlink()
    house.config.mkdir()
    done = house.relay("queue", "list")
    assert (done.code, done.err) == (78, f"{house.config}: cannot be read: Is a directory\n")


@pytest.mark.parametrize("words", [("queue", "show", "\udcff"), ("archive", "show", "a\udcfe"), ("token", "revoke", "\udcff")])
def test_an_argument_that_is_no_text_is_wrong_usage(house: House, words: tuple[str, ...]) -> None:
    done = house.relay(*words)
    assert (done.code, done.err) == (2, "an argument is not UTF-8 text\n")


def test_a_number_that_no_alert_can_have_is_wrong_usage(house: House) -> None:
    assert house.relay("alerts", "--after", "9" * 30).code == 2


def test_what_the_system_refuses_is_told_with_its_file(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: object) -> bool:
        raise PermissionError(13, "Permission denied", "/var/lib/relay/dkim.pem")

    monkeypatch.setattr("pathlib.Path.exists", denied)
    done = house.relay("dkim", "generate")
    assert (done.code, done.err) == (1, "not done: /var/lib/relay/dkim.pem: Permission denied\n")


def test_the_configuration_may_be_named_anywhere_after_the_command_or_in_the_environment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.bare("queue", "--config", str(house.config), "list").code == 2
    assert house.bare("queue", "list", "--config", str(house.config), "--json").code == 0
    assert house.bare("trace", "--config", str(house.config), "nobody").code == 1
    monkeypatch.setenv("RELAY_CONFIG", str(house.directory / "none.toml"))
    done = house.bare("queue", "list")
    assert done.code == 78
    assert "none.toml: cannot be read" in done.err


def test_what_cannot_be_done_is_1_with_the_reason_on_stderr(house: House) -> None:
    done = house.relay("conversation", "show", "B1")
    assert (done.code, done.out, done.err) == (1, "", "no conversation for booking B1\n")


@pytest.mark.parametrize("trouble", [Unavailable("database: disk I/O error"), RuntimeError("marco@tours.example")])
def test_trouble_is_one_line_and_1_and_a_traceback_only_for_developers(
    house: House, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def broken(file: Path | None) -> None:
        raise trouble

    monkeypatch.setattr("relay.cli.trace.opened", broken)
    done = house.relay("trace", "x")
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "tours" not in done.err
    monkeypatch.setenv("RELAY_DEBUG", "1")
    assert "Traceback" in house.relay("trace", "x").err


def test_a_command_without_words_explains_itself(house: House) -> None:
    assert "conversation" in house.bare("--help").out
    assert house.bare("--version").out.startswith("relay ")


def test_the_entry_point_leaves_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from relay import cli

    monkeypatch.setattr(program, "run", lambda: 78)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 78
    assert run(["--version"]) == 0


@pytest.mark.slow
def test_serving_loads_nothing_of_what_it_never_uses() -> None:
    """PERF-10: what paints tracebacks and progress, the dialect of another database, and what only the web needs."""
    loads = "import sys, relay.cli; relay.cli.load_program(); import relay.app.serving; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], check=True, capture_output=True, text=True)
    unused = {"rich", "pygments", "sqlalchemy.dialects.postgresql", "alembic", "boto3", "fastapi", "uvicorn"}
    assert unused & set(done.stdout.split()) == set()


def test_the_web_loads_nothing_of_what_it_never_uses() -> None:
    """PERF-10: a second pydantic, in which no model of ours is written."""
    loads = "import relay.web, sys; print(sys.modules.get('pydantic.v1', 'to be had'))"
    done = subprocess.run([sys.executable, "-c", loads], check=True, capture_output=True, text=True)
    assert done.stdout == "None\n"
