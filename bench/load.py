"""One round of load: what goes in at a server, what comes out of it at the sink, and what that costs."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mails import writer
from processes import Peak, cpu_s
from servers import Running, Server, free_port, stopped, wait_for

quiet_s: Final = 20.0
"""Nothing has arrived for so long: what is missing is lost."""
accepted: Final = 250
_numbers = iter(range(0, 1 << 28, 20_000))
"""Where the numbers of each load begin: a copy that was seen before would be absorbed as sent twice."""


@dataclass(frozen=True, slots=True)
class Load:
    """How one message is sent: how often, over how many connections at once, how many on each, and at which rate (0: as fast as
    it is taken)."""

    messages: int
    sessions: int = 20
    each: int = 1 << 40
    rate: float = 0.0
    delay_ms: int = 0
    """The sink waits so long before each reply."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one load came to. Times in milliseconds, memory in 10^6 octets, `cpu_ms` of the server's processes for one message."""

    delivered_s: float
    cpu_ms: float
    answered_p50: float
    answered_p99: float
    arrived_p50: float
    arrived_p99: float
    idle_mb: float
    peak_mb: float
    lost: int
    twice: int
    failed: int


class Sink:
    """Our receiver: when each number arrived first, and how often."""

    def __init__(self, program: Path, port: int, delay_ms: int) -> None:
        self.at: dict[int, int] = {}
        self.times: Counter[int] = Counter()
        self.last = time.monotonic()
        self._process = subprocess.Popen([str(program), str(port), "--delay", str(delay_ms)], stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        wait_for(port, self._process)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            number, at, _ = map(int, line.split())
            self.at.setdefault(number, at)
            self.times[number] += 1
            self.last = time.monotonic()

    def forget(self) -> None:
        """Begin anew."""
        self.at.clear()
        self.times.clear()
        self.last = time.monotonic()

    def close(self) -> None:
        """End it."""
        stopped(self._process)
        self._reader.join()


@dataclass(frozen=True, slots=True)
class Post:
    """A server under way between the source and the sink."""

    server: Running
    sink: Sink
    tools: Path
    directory: Path

    def sent(self, mail: bytes, load: Load) -> Iterator[tuple[int, int, int, int]]:
        """Sends `mail`: for each copy its number, when it was begun and answered (nanoseconds), and the code of the answer."""
        file = self.directory / "mail"
        file.write_bytes(mail)
        words = [str(self.tools / "source"), str(self.server.port), str(file), writer, self.server.recipient]
        words += ["--messages", str(load.messages), "--sessions", str(load.sessions), "--first", str(next(_numbers))]
        words += ["--each", str(load.each), "--rate", str(load.rate)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            number, begun, answered, code = map(int, line.split())
            yield number, begun, answered, code

    def round(self, mail: bytes, load: Load) -> Round:
        """One load, from the first octet to the last arrival."""
        self.sink.forget()
        peak, cpu = Peak(self.server.pid), cpu_s(self.server.pid)
        try:
            sent = list(self.sent(mail, load))
            taken = {number: (begun, answered) for number, begun, answered, code in sent if code == accepted}
            self.sink.last = time.monotonic()
            while not self._all_arrived(taken) and time.monotonic() - self.sink.last < quiet_s:
                time.sleep(0.02)
        finally:
            peak.end()
        arrived = [number for number in taken if number in self.sink.at]
        begun = min(at for _, at, _, _ in sent)
        seconds = (max((self.sink.at[one] for one in arrived), default=begun + 1) - begun) / 1e9
        answers = sorted((answered - at) / 1e6 for at, answered in taken.values())
        arrivals = sorted((self.sink.at[one] - taken[one][0]) / 1e6 for one in arrived)
        return Round(
            delivered_s=len(arrived) / seconds,
            cpu_ms=(cpu_s(self.server.pid) - cpu) * 1e3 / max(1, len(arrived)),
            answered_p50=quantile(answers, 0.5),
            answered_p99=quantile(answers, 0.99),
            arrived_p50=quantile(arrivals, 0.5),
            arrived_p99=quantile(arrivals, 0.99),
            idle_mb=peak.before_mb,
            peak_mb=peak.mb,
            lost=len(taken) - len(arrived),
            twice=sum(times - 1 for times in self.sink.times.values()),
            failed=load.messages - len(taken),
        )

    def _all_arrived(self, numbers: dict[int, tuple[int, int]]) -> bool:
        return len(self.sink.at) >= len(numbers) and all(one in self.sink.at for one in numbers)


def quantile(ordered: list[float], share: float) -> float:
    """The value below which that share of them lies; -1 of nothing."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else -1.0


@contextmanager
def between(server: Server, tools: Path, directory: Path, delay_ms: int = 0) -> Iterator[Post]:
    """`server` started between a source and a sink of its own."""
    port = free_port()
    sink = Sink(tools / "sink", port, delay_ms)
    try:
        with server.running(port) as running:
            yield Post(running, sink, tools, directory)
    finally:
        sink.close()
