"""Several processes that do the same work: started together, replaced when they die, relieved one by one, stopped together."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import mmap
import os
import signal
import struct
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from relay.app.overseer import Overseer, ServiceManager, pulse_s
from relay.errors import RelayError, WrongConfiguration, raised_at

log = structlog.get_logger("relay.workers")

worker_pause_s: Final = 1.0
"""Before a worker that died is replaced, so that one that cannot start does not keep the machine busy."""
start_s_max: Final = 120.0
"""What a worker is given to be ready."""
silent_s_max: Final = 60.0
"""A worker whose loop has not turned for so long hangs, and is killed: its connections and its mail go to the next one."""
cannot_start: Final = 78
"""What a worker ends with when another would fail in the same way: EX_CONFIG of sysexits.h."""

_STOPS: Final = (signal.SIGTERM, signal.SIGINT)
_RELOAD: Final = signal.SIGHUP
_READY: Final = signal.SIGRTMIN
"""From a worker. Signals of this kind are queued, each with its sender, so none of several is lost."""
_HEARD: Final = (*_STOPS, _RELOAD, _READY, signal.SIGCHLD)
_PR_SET_PDEATHSIG: Final = 1
_INSTANT: Final = struct.Struct("d")


class Trade(Protocol):
    """What workers do, and how that changes. All but `work` is called in the process that has the workers."""

    def work(self, number: int, shift: int, overseer: Overseer) -> None:
        """Done in a process of its own until SIGTERM. `shift`, 0 or 1, tells two of a number apart: one relieves the other."""
        ...

    def reload(self) -> bool:
        """Look at the configuration anew: whether workers started from now on follow another one."""
        ...

    def adopt(self) -> None:
        """Every worker follows the configuration that was reloaded."""
        ...

    def go_back(self) -> None:
        """A worker could not be started with it."""
        ...

    def stopping(self) -> None:
        """No worker is started any more."""
        ...


def run_workers(count: int, trade: Trade, manager: ServiceManager) -> None:
    """Have `count` processes at work until SIGTERM or SIGINT, which each of them is sent; a second one is passed on, too.

    One that dies, or hangs, is replaced. SIGHUP relieves them one by one: the next is ready before the one in its place is told
    to stop. To be called from a process with a single thread. Raises WrongConfiguration when a worker did at the start, having
    stopped the others.

    Signals stay blocked and are waited for, one at a time: none can come between two lines of this.
    """
    blocked_before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    # A child that ends is ignored by default, and whether a blocked signal that is ignored can be waited for is up to the system.
    handled_before = signal.signal(signal.SIGCHLD, lambda *_: None)
    # What was loaded until now stays in memory that all of them share: a collection writes into each object that it looks at.
    gc.collect()
    gc.freeze()
    try:
        _Workers(count, trade, manager).run()
    finally:
        signal.signal(signal.SIGCHLD, handled_before)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked_before)


@dataclass(slots=True)
class _Worker:
    """A process at work."""

    process: int
    number: int
    shift: int
    since: float
    is_ready: bool = False


class _Pulses:
    """When each worker last gave a pulse, by the monotonic clock, in memory that they share with us."""

    def __init__(self, count: int) -> None:
        self._memory = mmap.mmap(-1, 2 * count * _INSTANT.size)

    def give(self, number: int, shift: int) -> None:
        _INSTANT.pack_into(self._memory, (2 * number + shift) * _INSTANT.size, time.monotonic())

    def silent_s(self, worker: _Worker) -> float:
        (last,) = _INSTANT.unpack_from(self._memory, (2 * worker.number + worker.shift) * _INSTANT.size)
        return time.monotonic() - float(last)


@dataclass(slots=True)
class _Parent:
    """Whom a worker reports to."""

    pulses: _Pulses
    number: int
    shift: int
    parent: int = field(default_factory=os.getpid)

    def ready(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.parent, _READY)

    def alive(self) -> None:
        self.pulses.give(self.number, self.shift)

    def stopping(self) -> None: ...


class _Workers:
    """The processes under way, those to be started, and the round in which each is relieved."""

    def __init__(self, count: int, trade: Trade, manager: ServiceManager) -> None:
        self._count = count
        self._trade = trade
        self._manager = manager
        self._pulses = _Pulses(count)
        self._at_work: dict[int, _Worker] = {}
        self._shifts = dict.fromkeys(range(count), 0)
        self._due = dict.fromkeys(range(count), time.monotonic())
        """When a worker of that number is to be started, by the monotonic clock."""
        self._began = False
        self._stopping = False
        self._useless = False
        self._round: deque[int] | None = None
        """Numbers that are still to be relieved; None while nothing is reloaded."""
        self._relief: _Worker | None = None
        self._relieved: _Worker | None = None
        self._once_more = False

    def run(self) -> None:
        while self._at_work or self._due:
            self._start_what_is_due()
            self._go_round()
            self._hear()
            self._reap()
            self._feel_for_pulses()
            self._manager.alive()
        if self._useless:
            raise WrongConfiguration("a worker cannot be started; the log says why")

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, at in self._due.items() if at <= now]:
            del self._due[number]
            self._start(number, self._shifts[number])

    def _start(self, number: int, shift: int) -> _Worker:
        self._pulses.give(number, shift)
        worker = _Worker(_forked(self._trade, _Parent(self._pulses, number, shift)), number, shift, time.monotonic())
        self._at_work[worker.process] = worker
        return worker

    def _hear(self) -> None:
        """Obey the next signal, if there is one before a worker is due or pulses are felt for."""
        soonest = min(self._due.values(), default=float("inf")) - time.monotonic()
        heard = signal.sigtimedwait(_HEARD, max(0.0, min(soonest, pulse_s)))
        if heard is None:
            return
        if heard.si_signo in _STOPS:
            self._stop()
        elif heard.si_signo == _RELOAD:
            self._reload()
        elif heard.si_signo == _READY and heard.si_pid in self._at_work:
            self._is_ready(self._at_work[heard.si_pid])

    def _stop(self) -> None:
        # Two of the same that a busy worker has not looked at yet are one to it, and the second, which hurries, would be lost.
        passed_on = signal.SIGINT if self._stopping else signal.SIGTERM
        if not self._stopping:
            self._manager.stopping()
            self._trade.stopping()
        self._stopping = True
        self._due.clear()
        self._round = self._relief = None
        for process in self._at_work:
            # None of them has been waited for, so the id is still theirs.
            os.kill(process, passed_on)

    def _is_ready(self, worker: _Worker) -> None:
        worker.is_ready = True
        if worker is self._relief:
            self._relief = None
            self._shifts[worker.number] = worker.shift
            self._relieved = next((one for one in self._of(worker.number) if one is not worker), None)
            if self._relieved is not None:
                os.kill(self._relieved.process, signal.SIGTERM)
        if not self._began and len(self._at_work) == self._count and all(one.is_ready for one in self._at_work.values()):
            self._began = True
            self._manager.ready()

    # Relieving one after the other

    def _reload(self) -> None:
        if self._stopping:
            return
        if self._round is not None:
            self._once_more = True
            return
        self._manager.reloading()
        if self._trade.reload():
            self._round = deque(range(self._count))
        else:
            self._manager.ready()

    def _go_round(self) -> None:
        """Begin with the next number once the one before is relieved, and its predecessor gone."""
        if self._round is None or self._relief is not None or self._relieved is not None:
            return
        while self._round:
            number = self._round.popleft()
            if any(self._of(number)):
                self._relief = self._start(number, 1 - self._shifts[number])
                return
            # It has died; whoever is started in its place follows the new configuration anyway.
        self._trade.adopt()
        self._end_round("reloaded")

    def _end_round(self, event: str) -> None:
        self._round = None
        log.info(event, workers=self._count)
        self._manager.ready()
        if self._once_more:
            self._once_more = False
            self._reload()

    def _of(self, number: int) -> Iterator[_Worker]:
        return (one for one in self._at_work.values() if one.number == number)

    # Those who end

    def _reap(self) -> None:
        """Take note of everyone who has ended."""
        while self._at_work:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            worker = self._at_work.pop(process, None)
            if worker is not None and not self._stopping:
                self._mourn(worker, os.waitstatus_to_exitcode(status))

    def _mourn(self, worker: _Worker, code: int) -> None:
        if worker is self._relieved:
            self._relieved = None
            if code:
                log.error("worker.died", worker=worker.number, status=code)
        elif worker is self._relief:
            self._relief = None
            log.error("reload.broken_off", worker=worker.number, status=code)
            self._trade.go_back()
            self._end_round("reload.ended")
        elif code == cannot_start and not self._began:
            self._useless = True
            self._stop()
        else:
            log.error("worker.died", worker=worker.number, status=code)
            if self._relief is None or self._relief.number != worker.number:
                self._due[worker.number] = time.monotonic() + worker_pause_s

    def _feel_for_pulses(self) -> None:
        now = time.monotonic()
        for worker in self._at_work.values():
            late = self._pulses.silent_s(worker) > silent_s_max if worker.is_ready else now - worker.since > start_s_max
            if late:
                log.error("worker.silent", worker=worker.number, ready=worker.is_ready)
                os.kill(worker.process, signal.SIGKILL)


def _forked(trade: Trade, overseer: _Parent) -> int:
    """The process id of a new worker, which inherits no signal handling of ours."""
    child = os.fork()
    if child:
        return child
    code = 1
    number = overseer.number
    try:
        _die_with(overseer.parent)
        for one in _HEARD:
            signal.signal(one, signal.SIG_DFL)
        signal.signal(_RELOAD, signal.SIG_IGN)  # a terminal that goes away tells everybody; it is for the parent alone
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        trade.work(number, overseer.shift, overseer)
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
