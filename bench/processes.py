"""What a process and all its descendants use, by Linux's /proc."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Final

_ticks_a_second: Final = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 11, 12, 13, 14
sampled_every_s: Final = 0.1


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat, from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def family(root: int) -> list[int]:
    """`root` and its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(int(_fields(int(entry.name))[1]), []).append(int(entry.name))
            except OSError:
                continue
    found, left = [], [root]
    while left:
        one = left.pop()
        found.append(one)
        left.extend(children.get(one, []))
    return found


def cpu_s(root: int) -> float:
    """Seconds of CPU that the family has used so far, children that have ended and been waited for included."""
    ticks = 0
    for pid in family(root):
        try:
            fields = _fields(pid)
        except OSError:
            continue
        ticks += sum(int(fields[at]) for at in (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM))
    return ticks / _ticks_a_second


def memory_mb(root: int) -> float:
    """The family's memory, shared pages counted once among those who share them (PSS), in 10^6 octets."""
    kilobytes = 0
    for pid in family(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes * 1024 / 1e6


class Peak:
    """Watches a family's memory from its making until `end`."""

    def __init__(self, root: int) -> None:
        self.before_mb = memory_mb(root)
        self.mb = self.before_mb
        self._root = root
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop watching."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            self.mb = max(self.mb, memory_mb(self._root))
            time.sleep(sampled_every_s)
