"""A state is never put in the place of one that a gateway works on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relay.app.occupancy import NAME, alone, at_work
from relay.errors import Conflict, Unavailable, WrongConfiguration


def test_several_gateways_work_on_one_directory_and_nobody_is_alone_meanwhile(tmp_path: Path) -> None:
    with at_work(tmp_path), at_work(tmp_path), pytest.raises(Conflict, match="a gateway is at work"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_each_gateway_has_a_seat_of_its_own_and_one_that_starts_again_its_old_one(tmp_path: Path) -> None:
    with at_work(tmp_path) as first:
        with at_work(tmp_path) as second:
            assert (first, second) == (0, 1)
        with at_work(tmp_path) as again:
            assert again == 1


def test_no_gateway_starts_and_nobody_else_is_alone_while_somebody_is(tmp_path: Path) -> None:
    with alone(tmp_path):
        with pytest.raises(Unavailable, match="restored or moved"), at_work(tmp_path):
            pass
        with pytest.raises(Conflict), alone(tmp_path):
            pass


def test_a_forked_worker_keeps_the_directory_in_use_when_its_parent_has_let_go(tmp_path: Path) -> None:
    go_on, told = os.pipe()
    with at_work(tmp_path):
        child = os.fork()
        if child == 0:
            os.close(told)
            os.read(go_on, 1)
            os._exit(0)
    with pytest.raises(Conflict), alone(tmp_path):
        pass
    os.close(told)
    os.close(go_on)
    os.waitpid(child, 0)
    with alone(tmp_path):
        pass


def test_the_directory_and_its_lock_are_for_their_owner_alone(tmp_path: Path) -> None:
    with at_work(tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "new" / NAME).stat().st_mode & 0o777 == 0o600


def test_a_directory_that_cannot_be_made_is_wrong_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongConfiguration, match="state_dir"), at_work(tmp_path / "file"):
        pass
