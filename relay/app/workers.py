"""Several processes that do the same work: started together, replaced when they die, stopped together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from typing import Final

import structlog

from relay.errors import RelayError, WrongConfiguration, raised_at

log = structlog.get_logger("relay.workers")

worker_pause_s: Final = 1.0
"""Before a worker that died is replaced, so that one that cannot start does not keep the machine busy."""
cannot_start: Final = 78
"""What a worker ends with when another would fail in the same way: EX_CONFIG of sysexits.h."""

_STOPS: Final = (signal.SIGTERM, signal.SIGINT)
_HEARD: Final = (*_STOPS, signal.SIGCHLD)
_PR_SET_PDEATHSIG: Final = 1


def run_workers(count: int, work: Callable[[int], None]) -> None:
    """Do `work(number)` in `count` processes until SIGTERM or SIGINT, which each of them is sent; one that dies is replaced.

    To be called from a process with a single thread. Raises WrongConfiguration when a worker did, having stopped the others.

    Signals stay blocked and are waited for, one at a time: none can come between two lines of this.
    """
    blocked_before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    # A child that ends is ignored by default, and whether a blocked signal that is ignored can be waited for is up to the system.
    handled_before = signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        _Workers(work).run(count)
    finally:
        signal.signal(signal.SIGCHLD, handled_before)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked_before)


class _Workers:
    """The processes under way, and those to be started."""

    def __init__(self, work: Callable[[int], None]) -> None:
        self._work = work
        self._children: dict[int, int] = {}
        self._due: dict[int, float] = {}
        """When a worker of that number is to be started, by the monotonic clock."""
        self._stopping = False
        self._useless = False

    def run(self, count: int) -> None:
        self._due = dict.fromkeys(range(count), time.monotonic())
        while self._children or self._due:
            self._start_what_is_due()
            heard = self._heard()
            if heard in _STOPS:
                self._stop()
            self._bury()
        if self._useless:
            raise WrongConfiguration("a worker cannot be started; the log says why")

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, at in self._due.items() if at <= now]:
            del self._due[number]
            self._children[_forked(self._work, number)] = number

    def _heard(self) -> int | None:
        """The next signal; None when a worker is due before there is one."""
        if not self._due:
            return signal.sigwait(_HEARD)
        info = signal.sigtimedwait(_HEARD, max(0.0, min(self._due.values()) - time.monotonic()))
        return None if info is None else info.si_signo

    def _stop(self) -> None:
        self._stopping = True
        self._due.clear()
        for child in self._children:
            # None of them has been waited for, so the id is still theirs.
            os.kill(child, signal.SIGTERM)

    def _bury(self) -> None:
        """Take note of everyone who has ended."""
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            number, code = self._children.pop(child), os.waitstatus_to_exitcode(status)
            if self._stopping:
                continue
            if code == cannot_start:
                self._useless = True
                self._stop()
                continue
            log.error("worker.died", worker=number, status=code)
            self._due[number] = time.monotonic() + worker_pause_s


def _forked(work: Callable[[int], None], number: int) -> int:
    """The process id of a new worker, which inherits no signal handling of ours."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _die_with(parent)
        for one in _HEARD:
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        work(number)
        code = 0
    except WrongConfiguration as wrong:
        code = cannot_start
        for fault in wrong.faults:
            log.error("worker.cannot_start", worker=number, fault=fault)
    except RelayError as why:
        log.error("worker.failed", worker=number, why=str(why))
    except BaseException as broke:  # noqa: BLE001 -- the last frame of this process
        log.error("worker.failed", worker=number, error=type(broke).__name__, at=raised_at(broke))
    finally:
        os._exit(code)


def _die_with(parent: int) -> None:
    """Be stopped when the parent is gone, even by SIGKILL: workers left behind would go on under the names of their successors.

    Linux alone has such a call.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
