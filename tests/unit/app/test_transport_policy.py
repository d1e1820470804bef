"""What the world may read of how mail is brought to us, as the settings say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from relay.app.transport_policy import own_transport_policy
from relay.errors import WrongConfiguration
from relay.inbound.mta_sts import Mode, Policy
from relay.settings import Settings, read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "relay.toml"


def test_there_is_no_policy_unless_one_is_wanted() -> None:
    assert own_transport_policy(Settings()) is None


@pytest.mark.parametrize(
    ("lines", "policy"),
    [
        ('hostname = "mx.example.com"\nmta_sts = "testing"', Policy(Mode.TESTING, ("mx.example.com",), timedelta(days=7))),
        ('mta_sts = "enforce"', Policy(Mode.ENFORCE, ("reply.example.com",), timedelta(days=7))),
        (
            'mta_sts = "enforce"\nmta_sts_mx = ["MX1.example.com", "*.Example.net"]\nmta_sts_max_age = "3w"',
            Policy(Mode.ENFORCE, ("mx1.example.com", "*.example.net"), timedelta(weeks=3)),
        ),
    ],
)
def test_a_policy_names_the_servers_of_the_settings_else_our_own(lines: str, policy: Policy, file: Path) -> None:
    file.write_text(f"[smtp]\n{lines}\n")
    assert own_transport_policy(read(file).settings) == policy


@pytest.mark.parametrize("line", ['mta_sts_mx = ["mx.*.com"]', 'mta_sts_mx = ["*"]', 'mta_sts_max_age = "53w"', 'mta_sts = "on"'])
def test_what_no_sender_would_understand_is_a_fault(line: str, file: Path) -> None:
    file.write_text(f"[smtp]\n{line}\n")
    with pytest.raises(WrongConfiguration):
        read(file)


def test_a_policy_that_nobody_could_meet_is_warned_of(file: Path) -> None:
    file.write_text('[smtp]\nmta_sts = "enforce"\n')
    assert any(one.startswith("smtp.mta_sts: enforce without") for one in read(file).settings.warnings())
