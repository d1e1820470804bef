"""Where the CPU of a message goes: samples of the gateway's stacks under load, summed by stage and by function.

    python bench/where.py [--messages 1500] [--functions 25]

Each sample counts for the innermost function of ours on the stack, so what a library does counts for the stage that called it.
Needs py-spy (extra `bench`) and a C compiler. Sampling slows the process: the shares count, not the pace (PERF-12).
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import servers
from load import Load, between
from mails import letter
from servers import Missing, Relay

STAGES: Final = (
    ("relay/message/leaks/", "second reading"),
    ("relay/message/searchable", "search"),
    ("relay/store/search", "search"),
    ("relay/store/folding", "search"),
    ("relay/app/indexing", "search"),
    ("relay/message/", "surgery and parsing"),
    ("relay/policy/", "policy"),
    ("relay/inbound/gather", "gathering facts"),
    ("relay/inbound/antivirus", "gathering facts"),
    ("relay/inbound/", "sessions and accepting"),
    ("relay/store/committer", "committing"),
    ("relay/store/accepting", "committing"),
    ("relay/store/packing", "packing"),
    ("relay/store/", "store, other"),
    ("relay/outbound/signing", "signature"),
    ("relay/proof/canonical", "signature"),  # of those that come as well, which look much the same
    ("relay/proof/", "proof of the writer"),
    ("relay/outbound/", "courier"),
    ("relay/logs", "log"),
    ("relay/", "other"),
)
_FRAME: Final = re.compile(r"^(?P<function>.*) \((?P<file>.+?)(?::\d+)?\)$")


def stage(file: str) -> str | None:
    """Which stage a file of ours belongs to."""
    at = file.rfind("relay/")
    return None if at < 0 else next(name for start, name in STAGES if file.startswith(start, at))


def summed(stacks: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """Samples by stage, and by the innermost function of ours, of stacks as py-spy writes them."""
    stages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        frames = [found for found in map(_FRAME.match, reversed(stack.split(";"))) if found]
        ours = next((found for found in frames if (stage(found["file"]) is not None)), None)
        stages[(stage(ours["file"]) or "") if ours else "event loop and threads"] += int(count)
        name = f"{ours['file'][ours['file'].rfind('relay/') :]} {ours['function']}" if ours else stack.rpartition(";")[2]
        functions[name] += int(count)
    return stages, functions


def _sampler() -> str:
    found = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if found is None:
        raise Missing("py-spy (pip install '.[bench]')")
    return found


def main(words: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description="Shares of the CPU by stage.")
    options.add_argument("--messages", type=int, default=1_500)
    options.add_argument("--functions", type=int, default=25)
    options.add_argument("--relay", type=Path, default=servers.PROGRAM)
    given = options.parse_args(words)
    try:
        sampler = _sampler()
        with tempfile.TemporaryDirectory(prefix="relay-bench-") as temporary:
            directory = Path(temporary)
            servers.tools(directory)
            with between(Relay("relay", directory / "relay", program=given.relay), directory, directory) as post:
                mail, load = letter(post.server.recipient), Load(messages=given.messages)
                list(post.sent(mail, Load(messages=100)))
                record = [
                    sampler,
                    "record",
                    "--pid",
                    str(post.server.pid),
                    "--format",
                    "raw",
                    "--rate",
                    "200",
                    "--duration",
                    "600",
                ]
                record += ["--nonblocking", "--output", str(directory / "stacks")]
                sampling = subprocess.Popen(record, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                done = post.round(mail, load)
                sampling.send_signal(2)
                sampling.wait(60)
                stages, functions = summed((directory / "stacks").read_text().splitlines())
    except Missing as what:
        print(f"bench: this machine lacks {what}", file=sys.stderr)
        return 1
    print(f"{done.delivered_s:.0f} delivered a second, {done.cpu_ms:.2f} ms CPU a message (both slowed by sampling)\n")
    for counted, count in ((stages, len(stages)), (functions, given.functions)):
        total = counted.total()
        for name, samples in counted.most_common(count):
            print(f"{samples / total:7.1%}  {name}")
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
