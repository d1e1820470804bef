"""Send the corpus of real mail through a running gateway, as mail of either party, and say what became of each.

    python tests/integration/corpus_relay.py CORPUS [--direction both] [--kinds replies,plain] [--every 1] [--json FILE]

Each file goes in with the identifiers of its writer replaced by the party's, wherever they stand (`support.corpus`). What comes
out at the other end is searched for them by an eye of its own (`support.onlooker`), and its words, images and files are compared
with what went in (`support.content`). Prints a table by kind, and every message that was held, leaked, or says something else
than it said; exits 1 on a leak, a loss, a deviation that nothing explains, a traceback, or a 4xx that would repeat.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
from support.content import KINDS_COMPARED, deviations
from support.corpus import PUBLIC_ADDRESS, Cast, Specimen, as_mail_of, specimens
from support.gateway import Gateway
from support.onlooker import seen
from support.sink import Received, Sink
from support.smtp import Answer, SmtpClient
from support.world import a_conversation, a_party

from relay.values import Alias, Role

AT_ONCE = 4
PAUSES_S = (1, 5, 0)
"""After a 4xx; the last try says what would repeat."""
TRACE = re.compile(rb"(?im)^x-relay-trace:\s*(\S+)")
COLUMNS = ("delivered", "refused", "held", "absorbed", "duplicate")
SHOWN_MAX = 60


@dataclass
class Fate:
    """What became of one file: the SMTP answer, the fate in the archive, and what is wrong with what arrived."""

    kind: str
    codes: str
    archived: str = ""
    held_for: str = ""
    arrived: bool = False
    leaks: list[str] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """The column it counts in, with the reason behind a colon."""
        fate, _, reason = self.archived.partition(":")
        if not self.codes.startswith("250"):
            return f"refused:{self.codes}"
        return {"passed": "delivered"}.get(fate, fate or "lost") + (f":{reason}" if reason else "")


async def send(port: int, alias: str, sender: str, mail: bytes) -> Answer:
    """One message to one alias; "later" is an answer on a busy machine, what counts is that it is not the answer for ever."""
    stuffed = re.sub(rb"(?m)^\.", b"..", mail)
    for pause_s in PAUSES_S:
        async with SmtpClient(port) as client:
            await client.hello()
            answer = await client.deliver(stuffed, alias, sender=f"<{sender}>")
        if answer.code >= 500 or answer.code < 400:
            break
        await asyncio.sleep(pause_s)
    return answer


async def run(corpus: Path, direction: str, kinds: tuple[str, ...], every: int, workers: int, directory: Path) -> dict[str, Any]:
    """The whole way of those files in one direction."""
    files = specimens(kinds, every, corpus)
    fates: dict[str, Fate] = {}
    traces: dict[str, tuple[Specimen, Cast]] = {}
    async with Sink() as sink:
        gateway = Gateway(directory, sink.port, changed={"log": {"level": "warning"}}, workers=workers)
        await gateway.off_loop("start")
        try:
            casts = {}
            for kind in sorted({one.kind for one in files}):
                # A conversation each: automatic answers have a budget by conversation.
                opened = await gateway.off_loop(
                    "open_conversation", kind.upper(), "--customer-language", "pl", customer=PUBLIC_ADDRESS
                )
                partner, customer = (
                    a_party(role, alias=Alias(*opened[f"{role.value}_alias"].split("@")), addresses=addresses)
                    for role, addresses in ((Role.PARTNER, None), (Role.CUSTOMER, (PUBLIC_ADDRESS,)))
                )
                conversation = a_conversation(reference=kind.upper(), partner=partner, customer=customer)
                casts[kind] = Cast(conversation, conversation.party(Role(direction)))
            queue = list(files)

            async def sender() -> None:
                while queue:
                    one = queue.pop()
                    cast = casts[one.kind]
                    answer = await send(gateway.smtp_port, str(cast.reader.alias), cast.address, as_mail_of(one, cast))
                    fates[one.name] = Fate(one.kind, answer.codes)
                    if answer.code == 250:
                        traces[str(answer.trace)] = (one, cast)

            await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
            await settle(gateway, {trace: fates[one.name] for trace, (one, _) in traces.items()})
            audit = await gateway.off_loop("command", "audit", expect=None)
            code = await gateway.off_loop("stop")
        finally:
            gateway.close()
        notices = [one for got in sink.received for one in compared(got, traces, fates)]
    return {
        "direction": direction,
        "fates": {name: asdict(fate) | {"outcome": fate.outcome} for name, fate in sorted(fates.items())},
        "notice_leaks": notices,
        "received": len(sink.received),
        "audit": audit.returncode,
        "audit_says": audit.stdout + audit.stderr,
        "exit": code,
    }


async def settle(gateway: Gateway, accepted: dict[str, Fate]) -> None:
    """Waits until nothing is under way, and writes down what the archive has of each."""
    for _ in range(600):
        if not await gateway.off_loop("json", "queue", "list", "--state", "due"):
            break
        await asyncio.sleep(0.5)
    made = await gateway.off_loop("json", "token", "create", "--name", "corpus", "--scope", "archive:read")
    headers = {"Authorization": f"Bearer {made['token']}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.web_port}/api/v1", headers=headers, timeout=60) as client:
        for trace, fate in accepted.items():
            share = (await client.get(f"/archive/messages/{trace}")).raise_for_status().json()["recipients"][0]
            fate.archived = ":".join(filter(None, (share["fate"], share["reason"])))
            fate.held_for = "; ".join(f"{one['kind']} in {one['place']} ({one['layer']})" for one in share["findings"])


def compared(got: Received, traces: Mapping[str, tuple[Specimen, Cast]], fates: Mapping[str, Fate]) -> list[str]:
    """Puts down what is wrong with a rendition that arrived. What a notice to the writer tells of the reader is the result."""
    found = TRACE.search(got.content)
    sent = traces.get(found[1].decode("ascii")) if found is not None else None
    if sent is None or sent[1].address in got.recipients:
        other = next((cast.reader for _, cast in traces.values() if cast.address in got.recipients), None)
        return (
            seen(got.content, (other.addresses[0].reveal(),), other.name.split()[-1]) if other else ["a mail to nobody we know"]
        )
    specimen, cast = sent
    fate = fates[specimen.name]
    fate.arrived = True
    fate.leaks += seen(got.content, cast.tells, cast.last_name)
    if specimen.kind not in KINDS_COMPARED:
        return []
    differences = deviations(as_mail_of(specimen, cast), got.content, cast)
    fate.deviations += [f"{one.kind}: {one.was!r} -> {one.became!r}" for one in differences if not one.is_explained]
    return []


def table(result: dict[str, Any]) -> str:
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for fate in result["fates"].values():
        by_kind[fate["kind"]][fate["outcome"]] += 1
    lines = [f"{result['direction']:17} files  " + "  ".join(f"{column:>9}" for column in COLUMNS) + "  of which"]
    for kind, outcomes in sorted(by_kind.items()):
        total = sum(outcomes.values())
        counts = [sum(count for one, count in outcomes.items() if one.partition(":")[0] == column) for column in COLUMNS]
        shares = "  ".join(f"{100 * count / total:8.1f}%" for count in counts)
        reasons = ", ".join(f"{count} {one}" for one, count in outcomes.most_common() if one != "delivered")
        lines.append(f"{kind:17} {total:5}  {shares}  {reasons}")
    return "\n".join(lines)


def wrong(result: dict[str, Any]) -> bool:
    """Prints what is to be looked into; whether anything of it is a fault."""
    fates: dict[str, dict[str, Any]] = result["fates"]
    held = [f"{name}  {one['held_for']}" for name, one in fates.items() if one["outcome"].startswith("held")]
    leaks = [f"{name}  {leak}" for name, one in fates.items() for leak in one["leaks"]] + result["notice_leaks"]
    changed = [f"{name}  {what}" for name, one in fates.items() for what in one["deviations"]]
    later = [name for name, one in fates.items() if one["codes"].startswith("4")]
    lost = [name for name, one in fates.items() if one["outcome"] == "lost" or (one["outcome"] == "delivered") != one["arrived"]]
    for title, rows in (("held", held), ("leaks", leaks), ("says something else", changed), ("4xx", later), ("lost", lost)):
        print(f"{title}: {len(rows)}", *rows[:SHOWN_MAX], sep="\n  ")
    audit = "whole" if result["audit"] == 0 else result["audit_says"]
    print(f"audit: {audit}; exit {result['exit']}; {result['received']} mails out\n")
    return bool(leaks or changed or later or lost or result["audit"] or result["exit"])


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--direction", choices=("partner", "customer", "both"), default="both", help="who writes")
    arguments.add_argument("--kinds", default="", help="all, if not given")
    arguments.add_argument("--every", type=int, default=1, help="every n-th file of each kind")
    arguments.add_argument("--workers", type=int, choices=(1, 2), default=1)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    kinds = tuple(filter(None, given.kinds.split(",")))
    results = []
    for direction in ("partner", "customer") if given.direction == "both" else (given.direction,):
        with tempfile.TemporaryDirectory() as directory:
            results.append(asyncio.run(run(given.corpus, direction, kinds, given.every, given.workers, Path(directory))))
        print(table(results[-1]))
    if given.json:
        given.json.write_text(json.dumps(results, indent=1))
    return max([int(wrong(one)) for one in results])


if __name__ == "__main__":
    sys.exit(main())
