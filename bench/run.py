"""What the whole pipeline does beside Postfix as a plain store-and-forward relay, both measured in the same run, in turns.

    make bench                        every case
    make bench ARGS="--only throughput --rounds 3"

A ratio is the median of the ratios of each round, ours to Postfix's of the same round. Messages a second say something about this
machine only; the ratios are what the targets of the requirements are about (PERF-1..10). Needs root, Postfix, clamd and a C
compiler; `scripts/install_test_servers.sh --bench` installs them on Debian.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mails
import servers
from load import Load, Post, Round, between
from servers import Missing, Postfix, Relay, Server

WARM: Final = Load(messages=100, sessions=4)
LETTER: Final = 10_000
SMALL_LARGE: Final = 5_000_000
LARGE: Final = 25_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A line of the requirements: what is compared, how it comes of a round of each server, and what is needed.

    `of` gives the figure from the medians; `least`: it has to be at least `needed`, otherwise at most.
    """

    id: str
    what: str
    of: Callable[[dict[str, list[Round]]], float]
    needed: float
    aim: float
    least: bool = True

    def line(self, rounds: dict[str, list[Round]]) -> str:
        figure = self.of(rounds)
        met = figure >= self.needed if self.least else figure <= self.needed
        bounds = f"needed {self.needed:g}, aim {self.aim:g}"
        return f"  {self.id:8} {self.what:58} {figure:8.2f}   {bounds}: {'met' if met else 'NOT MET'}"


@dataclass(frozen=True, slots=True)
class Case:
    """Servers under one load."""

    name: str
    mail: Callable[[str], bytes]
    load: Load
    servers: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    beside: Load | None = None
    """Large messages that are sent all the while, and not counted."""


def letter(recipient: str) -> bytes:
    return mails.letter(recipient, LETTER)


def voucher(octets: int) -> Callable[[str], bytes]:
    return lambda recipient: mails.letter_with_voucher(recipient, octets)


def ratio(ours: str, field: str, theirs: str = "Postfix") -> Callable[[dict[str, list[Round]]], float]:
    """The median over the rounds of our figure divided by theirs."""
    return lambda rounds: statistics.median(
        getattr(one, field) / getattr(other, field) for one, other in zip(rounds[ours], rounds[theirs], strict=True)
    )


def median(ours: str, field: str) -> Callable[[dict[str, list[Round]]], float]:
    return lambda rounds: statistics.median(getattr(one, field) for one in rounds[ours])


def growth(ours: str) -> Callable[[dict[str, list[Round]]], float]:
    return lambda rounds: statistics.median(one.peak_mb - one.idle_mb for one in rounds[ours])


IDLE, BESIDE = "small, idle", "small, beside 8 large"
ONE, TWO, SCANNING = "relay", "relay, 2 workers", "relay, 2 workers, clamd"

CASES: Final = (
    Case(
        "throughput",
        letter,
        Load(messages=1_500),
        ("Postfix", ONE, TWO, SCANNING),
        (
            Target("PERF-1", "delivered a second, 2 workers, to Postfix's", ratio(TWO, "delivered_s"), 0.6, 1.2),
            Target("PERF-2", "the same with clamd", ratio(SCANNING, "delivered_s"), 0.4, 0.8),
            Target("PERF-3", "CPU a message to Postfix's, 1 worker", ratio(ONE, "cpu_ms"), 2.0, 0.9, least=False),
            Target("PERF-10", "MB of one idle process", median(ONE, "idle_mb"), 90, 60, least=False),
        ),
    ),
    Case(
        "5 MB",
        voucher(SMALL_LARGE),
        Load(messages=60),
        ("Postfix", ONE, TWO),
        (Target("PERF-5", "5 MB messages a second, 2 workers, to Postfix's", ratio(TWO, "delivered_s"), 0.7, 1.2),),
    ),
    Case(
        "25 MB",
        voucher(LARGE),
        Load(messages=40),
        ("Postfix", ONE),
        (Target("PERF-6", "MB that memory grows with 20 of 25 MB in flight", growth(ONE), 100, 40, least=False),),
    ),
    Case(
        "a connection each",
        letter,
        Load(messages=1_000, each=1),
        ("Postfix", ONE, TWO),
        (Target("PERF-7", "one message per connection, 2 workers, to Postfix's", ratio(TWO, "delivered_s"), 0.5, 1.0),),
    ),
    Case(
        "40 a second",
        letter,
        Load(messages=600, each=1, rate=40),
        ("Postfix", ONE),
        (
            Target("PERF-8", "ms from accepting to delivered, median", median(ONE, "arrived_p50"), 10, 5, least=False),
            Target("PERF-8", "ms, 99 of 100", median(ONE, "arrived_p99"), 25, 10, least=False),
        ),
    ),
    Case(IDLE, letter, Load(messages=100, sessions=1, rate=10), (SCANNING,)),
    Case(BESIDE, letter, Load(messages=100, sessions=1, rate=10), (SCANNING,), beside=Load(messages=200, sessions=8)),
)


SLOWED: Final = Target(
    "PERF-9",
    "latency of a small message beside 8 large, to idle",
    lambda rounds: median(BESIDE, "arrived_p50")(rounds) / median(IDLE, "arrived_p50")(rounds),
    10,
    2,
    least=False,
)


def measured(case: Case, started: dict[str, Server], rounds: int, tools: Path, directory: Path) -> dict[str, list[Round]]:
    """Every server in turn, `rounds` times."""
    results: dict[str, list[Round]] = {name: [] for name in case.servers}
    for number in range(rounds):
        for name in case.servers:
            with between(started[name], tools, directory) as post:
                mail = case.mail(post.server.recipient)
                list(post.sent(mail, WARM if len(mail) < 1e6 else dataclasses.replace(WARM, messages=4)))
                time.sleep(0.5)
                results[name].append(_with_company(post, mail, case))
            print(f"    {case.name}, round {number + 1} of {rounds}: {name}", file=sys.stderr)
    return results


def _with_company(post: Post, mail: bytes, case: Case) -> Round:
    """A round, beside the load that keeps the server busy."""
    if case.beside is None:
        return post.round(mail, case.load)
    beside, large = case.beside, mails.letter_with_voucher(post.server.recipient, SMALL_LARGE)
    other = dataclasses.replace(post, directory=Path(tempfile.mkdtemp(dir=post.directory)))
    company = threading.Thread(target=lambda: list(other.sent(large, beside)), daemon=True)
    company.start()
    time.sleep(2)
    return post.round(mail, case.load)


def table(case: Case, results: dict[str, list[Round]]) -> Iterable[str]:
    """The medians of a case, then what they say of the targets."""
    columns = [field.name for field in dataclasses.fields(Round)]
    first = case.load
    yield f"\n{case.name}: {first.messages} messages, {first.sessions} sessions"
    yield f"  {'':24}" + "".join(f"{name:>13}" for name in columns)
    for name, rounds in results.items():
        yield f"  {name:24}" + "".join(f"{statistics.median(getattr(one, column) for one in rounds):13.2f}" for column in columns)
    for target in case.targets:
        yield target.line(results)


def main(words: Sequence[str] | None = None) -> int:
    names = [case.name for case in CASES]
    options = argparse.ArgumentParser(description="The gateway beside Postfix, in one run.")
    options.add_argument("--only", choices=names, action="append", help="this case, and no other that is not named as well")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--share", type=float, default=1.0, help="of the messages of each case: 0.2 for a quick look")
    options.add_argument("--relay", type=Path, default=servers.PROGRAM, help="the command to measure")
    options.add_argument("--json", type=Path, help="write all rounds there")
    given = options.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as temporary, ExitStack() as stack:
        directory = Path(temporary)
        directory.chmod(0o755)  # Postfix works in it as a user of its own
        try:
            servers.tools(directory)
            scanner = stack.enter_context(servers.clamd(directory / "clamd"))
            everyone: dict[str, Server] = {
                "Postfix": Postfix(directory / "postfix"),
                ONE: Relay(ONE, directory / "one", program=given.relay),
                TWO: Relay(TWO, directory / "two", workers=2, program=given.relay),
                SCANNING: Relay(SCANNING, directory / "scanning", workers=2, clamd=scanner, program=given.relay),
            }
            kept: dict[str, dict[str, list[Round]]] = {}
            for case in CASES:
                if given.only and case.name not in given.only:
                    continue
                fewer = dataclasses.replace(case.load, messages=max(20, int(case.load.messages * given.share)))
                results = measured(dataclasses.replace(case, load=fewer), everyone, given.rounds, directory, directory)
                print("\n".join(table(case, results)), flush=True)
                kept[case.name] = results
            if {IDLE, BESIDE} <= kept.keys():
                print(SLOWED.line({name: kept[name][SCANNING] for name in (IDLE, BESIDE)}))
        except Missing as what:
            print(f"bench: this machine lacks {what}", file=sys.stderr)
            return 1
    if given.json:
        plain = {
            case: {name: [dataclasses.asdict(one) for one in rounds] for name, rounds in results.items()}
            for case, results in kept.items()
        }
        given.json.write_text(json.dumps(plain, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
