"""Who uses a `state_dir`: any number of gateways at a time, or one command that puts another state in its place.

The lock is a file `in-use.lock` there, held by flock: it ends with the last process that has it open, however that one ends, so
there is nothing stale to clear away. It says nothing about gateways on other machines.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from relay.errors import Conflict, Unavailable, WrongConfiguration

NAME: Final = "in-use.lock"
gateways_max: Final = 64
"""Of one state_dir, at a time."""
UNFINISHED: Final = "restore-unfinished"
"""Stands in a state_dir while another state is being put in its place: with only some of the files there, nobody may begin."""


@contextmanager
def at_work(state_dir: Path) -> Iterator[int]:
    """Use `state_dir` beside other gateways, and keep `alone` out; processes forked meanwhile go on using it.

    Gives a seat there that no other gateway has at the same time, the lowest that is free, counted from 0.

    Raises Unavailable while somebody is alone there, WrongConfiguration when the directory cannot be used.
    """
    with _opened(state_dir, NAME) as file:
        if not _locked(file, fcntl.LOCK_SH):
            raise Unavailable(f"{state_dir} is being restored or moved at this moment")
        if (state_dir / UNFINISHED).exists():
            raise Unavailable(f"{state_dir}: a restore was broken off half way; repeat it with `relay restore --force`")
        with _seat(state_dir) as seat:
            yield seat


@contextmanager
def alone(state_dir: Path) -> Iterator[None]:
    """Have `state_dir` for oneself, with no gateway at work on it. Raises Conflict while there is one, and WrongConfiguration."""
    with _opened(state_dir, NAME) as file:
        if not _locked(file, fcntl.LOCK_EX):
            raise Conflict(f"a gateway is at work on {state_dir}: stop it first")
        yield


@contextmanager
def _seat(state_dir: Path) -> Iterator[int]:
    for seat in range(gateways_max):
        with _opened(state_dir, f"{NAME}.{seat}") as file:
            if _locked(file, fcntl.LOCK_EX):
                yield seat
                return
    raise Unavailable(f"{gateways_max} gateways are at work on {state_dir} already")


@contextmanager
def _opened(state_dir: Path, name: str) -> Iterator[int]:
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(state_dir / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WrongConfiguration(f"relay.state_dir: {state_dir}: {error.strerror}") from error
    try:
        yield file
    finally:
        # Not unlocked: workers that were forked share the lock, and keep it until they end.
        os.close(file)


def _locked(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
