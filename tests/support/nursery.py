"""Gateways in processes that are forked from one which has imported the product already, each with faults of its own.

A forked process is ready in a fraction of the time, so a test can kill one after the other. What breaks in it is patched there,
at the seams between the steps, and in no product code: see `Fault`. Faults strike once `arm` was called.

As a process (`python -m support.nursery`) it reads one JSON object a line from stdin and answers each with one on stdout.
"""

from __future__ import annotations

import errno
import functools
import importlib
import inspect
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from relay.outbound.signing_key import generate_key
from support.gateway import Gateway


@dataclass(frozen=True)
class Fault:
    """What happens at a seam: `at` is "module:name" or "module:Class.name", of a function or of what is called like one.

    `what`: "kill" is SIGKILL; "slow 6" takes six seconds longer; an errno's name ("EIO") is raised as OSError; "= 1.5" is what
    the name stands for, armed or not, as JSON with tuples for lists. `when`: "before" or "after" the call. The first `spared`
    calls go well, `times` more fail.
    """

    at: str
    what: str = "kill"
    when: str = "before"
    spared: int = 0
    times: int = 1_000_000


class Nursery:
    """The process from which gateways are forked. One thread of a test uses it at a time."""

    def __init__(self) -> None:
        here = Path(__file__).resolve().parent.parent
        paths = [str(here.parent), str(here), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self._turn = threading.Lock()
        self.key = generate_key()
        """For signing: making one takes longer than the rest of a start."""

    def ask(self, **request: object) -> Any:
        with self._turn:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Ends it; a process that still lives dies with it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Born:
    """One forked process."""

    nursery: Nursery
    pid: int
    code: int | None = None

    def poll(self) -> int | None:
        if self.code is None:
            self.code = self.nursery.ask(do="look", pid=self.pid)
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        patience = time.monotonic() + (timeout or 60)
        while (code := self.poll()) is None:
            if time.monotonic() > patience:
                raise subprocess.TimeoutExpired("relay", timeout or 60)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass
class Nursling(Gateway):
    """A gateway whose processes are forked. `faults` hold for the next one that starts."""

    nursery: Nursery | None = None
    faults: tuple[Fault, ...] = field(default=())

    @property
    def armed(self) -> Path:
        return self.directory / "armed"

    def arm(self) -> None:
        """From now on its faults strike."""
        self.armed.touch()

    def disarm(self) -> None:
        """From now on they do not."""
        self.armed.unlink()

    def begun(self, command: list[str]) -> Born:
        assert self.nursery is not None
        key = self.directory / "var" / "dkim.pem"
        if not key.exists():
            key.parent.mkdir(mode=0o700, exist_ok=True)
            key.write_bytes(self.nursery.key)
            key.chmod(0o600)
        faults = [asdict(one) for one in self.faults]
        self.armed.unlink(missing_ok=True)
        born = self.nursery.ask(do="fork", command=command, log=str(self.log), armed=str(self.armed), faults=faults)
        return Born(self.nursery, born)


def _main() -> None:
    import alembic.context  # noqa: F401  the heavy part, once

    import relay.app.serving  # noqa: F401
    from relay.cli import program

    ended: dict[int, int] = {}
    children: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "fork":
            child = os.fork()
            if child == 0:
                _child(request, program.run)
            children.add(child)
            print(child, flush=True)
        else:
            pid = request["pid"]
            if pid in children:
                gone, status = os.waitpid(pid, os.WNOHANG)
                if gone:
                    children.remove(pid)
                    ended[pid] = os.waitstatus_to_exitcode(status)
            print(json.dumps(ended.get(pid)), flush=True)
    for child in children:
        os.kill(child, signal.SIGKILL)


def _child(request: Mapping[str, Any], run: Callable[[list[str]], int]) -> NoReturn:
    log = os.open(request["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, log, log)):
        os.dup2(source, number)
    code = 70
    try:
        for fault in request["faults"]:
            _break(Fault(**fault), Path(request["armed"]))
        code = run(request["command"])
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def seam(at: str) -> tuple[Any, str]:
    """Whose attribute a fault replaces, and which. Raises AttributeError when there is no such place any more."""
    module, _, path = at.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    inspect.getattr_static(owner, name)
    return owner, name


def _break(fault: Fault, armed: Path) -> None:
    """Put `fault` in the place of what it is at."""
    owner, name = seam(fault.at)
    whole = inspect.getattr_static(owner, name)
    if fault.what.startswith("= "):
        value = json.loads(fault.what[2:])
        setattr(owner, name, tuple(value) if isinstance(value, list) else value)
        return
    strike = _striking(fault, armed)
    if inspect.iscoroutinefunction(whole):

        @functools.wraps(whole)
        async def replaced(*args: Any, **kwargs: Any) -> Any:
            strike("before")
            result = await whole(*args, **kwargs)
            strike("after")
            return result

    else:

        def replaced(*args: Any, **kwargs: Any) -> Any:
            strike("before")
            result = whole(*args, **kwargs)
            strike("after")
            return result

    setattr(owner, name, replaced)


def _striking(fault: Fault, armed: Path) -> Callable[[str], None]:
    calls = 0

    def strike(when: str) -> None:
        nonlocal calls
        if when != fault.when or not armed.exists():
            return
        calls += 1
        if not fault.spared < calls <= fault.spared + fault.times:
            return
        if fault.what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault.what.startswith("slow "):
            time.sleep(float(fault.what[5:]))
            return
        raise OSError(getattr(errno, fault.what), os.strerror(getattr(errno, fault.what)))

    return strike


if __name__ == "__main__":
    _main()
