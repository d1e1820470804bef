"""Send the corpus of real mail through a running gateway, as the customer's mail, and say what became of each.

    python tests/integration/corpus_relay.py CORPUS [--kinds replies,plain] [--json FILE]

Each file goes in with its From replaced by the customer's known address, and every other occurrence of the old From
address too, so that the identifier stands wherever the real one stood. What comes out is searched for it, decoded in
every way that `support.mails.views` knows. Prints a table by kind, and every message that was held or leaked; exits 1 on
a leak, a loss, a traceback or a 4xx that would repeat.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
from support.gateway import Gateway
from support.mails import CUSTOMER_TELLS, views
from support.sink import Sink
from support.smtp import Answer, SmtpClient
from support.world import CUSTOMER_ADDRESS

KINDS = ("replies", "plain", "i18n", "attachments", "html", "calendar", "nested", "malformed")
AT_ONCE = 4
ADDRESS = re.compile(rb"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
FROM = re.compile(rb"(?im)^from[ \t]*:(?:.*(?:\r?\n|\r)(?=[ \t]))*.*$")


@dataclass
class Fates:
    """What became of the files: `answers` by file, `delivered` by trace id, and what went wrong."""

    answers: dict[str, Answer] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)


def as_customer(octets: bytes) -> bytes:
    """The file as the customer's mail, with CRLF line ends, ready for DATA but for the dots."""
    head, separator, body = re.sub(rb"\r\n|\r|\n", b"\n", octets).replace(b"\0", b"").partition(b"\n\n")
    head = re.sub(rb"\A(?:From |>From )[^\n]*\n", b"", head)
    found = FROM.search(head)
    known = CUSTOMER_ADDRESS.encode()
    old = ADDRESS.search(found[0]) if found else None
    head = FROM.sub(b"", head).replace(b"\n\n", b"\n").strip(b"\n")
    text = b"From: Zofia Kowalska <" + known + b">\n" + head + separator + body
    if old is not None:
        text = re.sub(re.escape(old[0]), known, text, flags=re.IGNORECASE)
    return text.replace(b"\n", b"\r\n") + (b"" if text.endswith(b"\n") else b"\r\n")


async def send(gateway: Gateway, alias: str, files: list[Path], fates: Fates, names: dict[Path, str]) -> None:
    queue = list(files)

    async def sender() -> None:
        while queue:
            path = queue.pop()
            stuffed = re.sub(rb"(?m)^\.", b"..", as_customer(path.read_bytes()))
            for pause_s in (1, 5, 0):
                async with SmtpClient(gateway.smtp_port) as client:
                    await client.hello()
                    answer = await client.deliver(stuffed, alias, sender=f"<{CUSTOMER_ADDRESS}>")
                fates.answers[names[path]] = answer
                # "Later" is an answer on a busy machine; what counts is that it is not the answer for ever.
                if answer.code >= 500 or answer.code < 400:
                    break
                await asyncio.sleep(pause_s)

    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))


def tells(octets: bytes) -> list[str]:
    wanted = [one.casefold() for one in (CUSTOMER_ADDRESS, CUSTOMER_TELLS[1])]
    return [one for view in views(octets) for one in wanted if one in view.casefold()]


async def run(corpus: Path, kinds: tuple[str, ...], directory: Path) -> dict[str, Any]:
    files = [path for kind in kinds for path in sorted((corpus / kind).glob("*")) if path.is_file()]
    names = {path: f"{path.parent.name}/{path.name}" for path in files}
    fates = Fates()
    async with Sink() as sink:
        gateway = Gateway(directory, sink.port, changed={"log": {"level": "warning"}})
        await gateway.off_loop("start")
        try:
            opened = await gateway.off_loop("open_conversation", "CORPUS", "--customer-language", "pl")
            await send(gateway, opened["partner_alias"], files, fates, names)
            accepted = {answer.trace: name for name, answer in fates.answers.items() if answer.code == 250}
            shown = await settled(gateway, accepted)
            for got in sink.received:
                for octets in {*tells(got.content)}:
                    if CUSTOMER_ADDRESS not in got.recipients:
                        fates.leaks.append(f"{octets!r} in a mail with Message-ID {_message_id(got.content)}")
            audit = await gateway.off_loop("command", "audit", expect=None)
            code = await gateway.off_loop("stop")
        finally:
            gateway.close()
    return {
        "answers": {name: f"{answer.codes}" for name, answer in fates.answers.items()},
        "fates": shown,
        "leaks": fates.leaks,
        "received": len(sink.received),
        "audit": audit.returncode,
        "audit_says": audit.stdout + audit.stderr,
        "exit": code,
        "files": len(files),
    }


def _message_id(content: bytes) -> str:
    found = re.search(rb"(?im)^message-id: (.*)$", content)
    return found[1].decode().strip() if found else "?"


async def settled(gateway: Gateway, accepted: dict[str, str]) -> dict[str, str]:
    """For each accepted file what became of it, by the archive; waits until nothing is under way."""
    for _ in range(600):
        queue = await gateway.off_loop("json", "queue", "list", "--state", "due")
        if not queue:
            break
        await asyncio.sleep(0.5)
    made = await gateway.off_loop("json", "token", "create", "--name", "corpus", "--scope", "archive:read")
    shown: dict[str, str] = {}
    headers = {"Authorization": f"Bearer {made['token']}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.web_port}/api/v1", headers=headers) as client:
        for trace, name in accepted.items():
            share = (await client.get(f"/archive/messages/{trace}")).raise_for_status().json()["recipients"][0]
            shown[name] = ":".join(filter(None, (share["fate"], share["reason"])))
            if share["fate"] == "held":
                told = await gateway.off_loop("command", "archive", "show", trace)
                found = re.search(r"held \(\w+\) (.*)", told.stdout)
                shown[name] += f": {found[1] if found else '?'}"
    return shown


def table(result: dict[str, Any]) -> str:
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for name, codes in result["answers"].items():
        outcome = (
            codes if not codes.startswith("250") else result["fates"].get(name, "?").rpartition(":")[0] or result["fates"][name]
        )
        by_kind[name.partition("/")[0]][":".join(outcome.split(":")[:2])] += 1
    lines = []
    for kind, outcomes in by_kind.items():
        said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        lines.append(f"{kind:14} {sum(outcomes.values()):5}  {said}")
    return "\n".join(lines)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--kinds", default=",".join(KINDS))
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        result = asyncio.run(run(given.corpus, tuple(given.kinds.split(",")), Path(directory)))
    if given.json:
        given.json.write_text(json.dumps(result, indent=1))
    print(table(result))
    later = [name for name, codes in result["answers"].items() if codes.startswith("4")]
    lost = [name for name, codes in result["answers"].items() if codes.startswith("250") and name not in result["fates"]]
    for title, rows in (("held", [f"{n}  {f}" for n, f in result["fates"].items() if f.startswith("held")]),
                        ("leaks", result["leaks"]), ("4xx", later), ("lost", lost)):  # fmt: skip
        print(f"{title}: {len(rows)}", *rows[:60], sep="\n  ")
    audit = "whole" if result["audit"] == 0 else result["audit_says"]
    print(f"audit: {audit}; exit {result['exit']}; {result['received']} mails out")
    return 1 if result["leaks"] or later or lost or result["audit"] or result["exit"] else 0


if __name__ == "__main__":
    sys.exit(main())
