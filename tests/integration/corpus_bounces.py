"""Send every real bounce and report of the corpus to a live return path, twice, and say what became of each.

    python tests/integration/corpus_bounces.py CORPUS [--every 1] [--show OUTCOME]

For each file a conversation is opened in which the partner writes to the customer; the message is delivered to a sink, and the
file comes back to the return path that it had there, with the customer's real address in the place of the one that it speaks of
most often. What the manifest says of a file stands in its name: the collections are named for what is in them. Prints the table
of that against the class given; `faults` says what must never be.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
from support.corpus import Specimen, specimens
from support.gateway import Gateway
from support.mails import a_mail, text_of
from support.sink import Received, Sink
from support.smtp import SmtpClient
from support.world import DOMAIN, NOW, PARTNER_ADDRESS

from relay.conversation import Conversation, Opening
from relay.machine import NewIds, clock
from relay.store import archive, steps
from relay.store.engine import open_engine, reading, writing
from relay.store.timeline import Kind, entries
from relay.values import ConversationId, MessageId, RealAddress, Role

AT_ONCE = 4
SUBJECT = "Meeting point"
NOT_SAID = "(not said)"
SAYS: Sequence[tuple[str, str]] = (
    (r"stalwart-success|dsn_relayed", "no failure"),
    (r"bounces/(?:enmime-delayed|stalwart-delay|mail-gem-report_422)", "delayed"),
    (r"reports/.*(?:dmarc|tlsrpt|tls_report|mox-|Report_domain|plain_text_only)", "statistics"),
    (r"reports/|hotmailbounce", "complaint"),
    (r"quota|mailbox-full|mailbox_full", "failed: mailbox_full"),
    (r"message-too-large", "failed: too_large"),
    (r"spam-rejection|senderblock|whitelist|relay|spambouncer", "failed: blocked"),
    (
        r"unknown|no-such|nomailbox|doesnotexist|-dne|invalid-address|disabled|not-active|badrcptto|no-dns",
        "failed: address_wrong",
    ),
)
"""What a name says of its file; the first that is found counts."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_MBOX_LINE = re.compile(rb"\A(?:>?From [^\n]*\n)+")
_ADDRESS = re.compile(rb"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_DAEMON = re.compile(rb"(?i)daemon|postmaster|root@|admin|noreply|bounce|sender")
_FROM = re.compile(rb"(?im)^(?:from|sender|reply-to)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*")
_VARYING = re.compile(r"[0-9a-z]{26}|customer-[0-9a-f]+|BOUNCE-\d+|\d+")


@dataclass
class Case:
    """One file with its conversation, and what came of it. `given` is the class; `codes` of both times that it was sent."""

    specimen: Specimen
    conversation: Conversation
    return_path: str = ""
    codes: list[str] = field(default_factory=list)
    given: str = "none"
    matched: bool = False
    notices: int = 0

    @property
    def says(self) -> str:
        return next((one for pattern, one in SAYS if re.search(pattern, self.specimen.name)), NOT_SAID)

    @property
    def customer(self) -> str:
        return self.conversation.customer.addresses[0].reveal()


@dataclass
class Result:
    """Everything that a run found. `faults` are leaks, loops and losses, each in a sentence."""

    cases: list[Case]
    faults: list[str]

    def table(self) -> str:
        """A row for each class given; the columns are what the names say, reports apart."""
        rows: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.cases:
            rows[one.given][f"{one.specimen.kind[0]}:{one.says}"] += 1
        said = sorted({column for row in rows.values() for column in row})
        lines = [f"{'':<30}" + "".join(f"{column.replace('failed: ', ''):>18}" for column in said)]
        for given, found in sorted(rows.items()):
            lines.append(f"{given:<30}" + "".join(f"{found[column] or '':>18}" for column in said))
        return "\n".join(lines)


UNLIKE_THEIR_NAMES = (
    "reports/bounce-handler-php-arf6.eml",  # spam that was forwarded to a feedback address, and no report
    "reports/sisimai-arf-26.eml",  # an answer of Apple's mail program that unsubscribes
)
"""Files that are something else than their names say."""


def contradicted(case: Case) -> bool:
    """Whether the class given is another than the one that the name says."""
    return (
        case.specimen.name not in UNLIKE_THEIR_NAMES
        and case.says not in {NOT_SAID, "statistics"}
        and not case.given.startswith(case.says)
    )


def planted(specimen: Specimen, customer: str) -> bytes:
    """The file as it crosses the wire, with the customer's real address where it speaks of somebody most often."""
    octets = _MBOX_LINE.sub(b"", _LINE_END.sub(b"\n", specimen.path.read_bytes()).replace(b"\0", b"").lstrip(b"\n"))
    # Not where it is the author's: a report does not come from the customer.
    authors = {one for field in _FROM.findall(octets.partition(b"\n\n")[0]) for one in _ADDRESS.findall(field)}
    named = Counter(one for one in _ADDRESS.findall(octets) if one not in authors and not _DAEMON.search(one))
    if named:
        octets = octets.replace(named.most_common(1)[0][0], customer.encode())
    return re.sub(rb"(?m)^\.", b"..", octets.removesuffix(b"\n") + b"\n").replace(b"\n", b"\r\n")


async def run(corpus: Path, directory: Path, every: int = 1) -> Result:
    """The whole way of those files."""
    files = specimens(("bounces", "reports"), every, corpus)
    async with Sink() as sink:
        gateway = Gateway(directory, sink.port)
        await gateway.off_loop("start")
        try:
            cases = opened(gateway, files)
            await everyone(cases, lambda one: sent(gateway, one))
            await sink.until(len(cases))
            paths = {got.recipients[0]: got.return_path for got in sink.received}
            for one in cases:
                one.return_path = paths[one.customer]
            await everyone(cases, lambda one: came_back(gateway, one))
            await nothing_due(gateway)
            faults = [*archived(gateway, cases), *told(cases, sink.received), *await shown(gateway, cases)]
            audit = await gateway.off_loop("command", "audit", expect=None)
            faults += [f"audit: {audit.stdout}"] * (audit.returncode != 0)
            await gateway.off_loop("stop")
        finally:
            gateway.close()
    log = gateway.log.read_text(errors="replace")
    faults += [f"{one.specimen.name}: its customer's address is in the log" for one in cases if one.customer in log]
    return Result(cases, faults)


def opened(gateway: Gateway, files: Sequence[Specimen]) -> list[Case]:
    """A conversation for each file, with a customer of its own: what is wrong with one is no other's."""
    engine = open_engine(f"sqlite:///{gateway.directory}/var/relay.db")
    new_id, digits = NewIds(), count(1)
    prefixes = {Role.PARTNER: "local-partner-", Role.CUSTOMER: "customer-"}
    mint = steps.Mint(new_id, lambda: f"{next(digits):012x}", DOMAIN, prefixes)
    cases = []
    with writing(engine) as connection:
        for number, one in enumerate(files):
            opening = Opening(
                reference=f"BOUNCE-{number}",
                partner_name="Marco Bellini",
                partner_addresses=(RealAddress(PARTNER_ADDRESS),),
                customer_name="Zofia Kowalska",
                customer_addresses=(RealAddress(f"zofia{number:04}@poczta.example"),),
                activity_end=NOW.replace(year=2099),
            )
            made = steps.open_conversation(connection, opening, mint, now=clock(), window_after=opening.activity_end - NOW)
            cases.append(Case(one, made))
    engine.dispose()
    return cases


async def everyone(cases: Sequence[Case], step: Callable[[Case], Awaitable[None]]) -> None:
    waiting = list(reversed(cases))

    async def worker() -> None:
        while waiting:
            await step(waiting.pop())

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def sent(gateway: Gateway, case: Case) -> None:
    """The partner's message."""
    alias = str(case.conversation.customer.alias)
    answer = await gateway.sent(a_mail(to=alias, subject=SUBJECT, message_id=f"{case.conversation.reference}@x.example"), alias)
    assert answer.code == 250, answer


async def came_back(gateway: Gateway, case: Case) -> None:
    """The file at the return path, twice."""
    wire = planted(case.specimen, case.customer)
    for _ in range(2):
        async with SmtpClient(gateway.smtp_port) as client:
            await client.hello()
            case.codes.append((await client.deliver(wire, case.return_path, sender="<>")).codes)


async def nothing_due(gateway: Gateway) -> None:
    for _ in range(600):
        if not await gateway.off_loop("json", "queue", "list", "--state", "due"):
            return
        await asyncio.sleep(0.2)
    raise AssertionError("something is still under way")


def archived(gateway: Gateway, cases: Sequence[Case]) -> list[str]:
    """What stands in each timeline; and where that is wrong."""
    faults = []
    engine = open_engine(f"sqlite:///{gateway.directory}/var/relay.db")
    with reading(engine) as connection:
        for case in cases:
            facts = entries(connection, ConversationId(case.conversation.id))
            reports = [one for one in facts if one.kind is Kind.MESSAGE and one.facts["reason"] == "report"]
            case.matched = bool(reports)
            bounced = [one for one in facts if one.kind is Kind.BOUNCED]
            said = [archive.shown(connection, MessageId(str(one.facts["message"]))).passages[0].detail for one in reports]
            case.given = next(iter(said), f"refused {case.codes[0]}")
            if len(bounced) > 1:
                faults.append(f"{case.specimen.name}: it ended the delivery twice")
            case.notices = sum(one.kind is Kind.NOTICE for one in facts)
            if case.notices != len(bounced):
                faults.append(f"{case.specimen.name}: {case.notices} notices")
            if any("@" in str(one.facts) for one in facts):
                faults.append(f"{case.specimen.name}: an address in the timeline")
    engine.dispose()
    return faults


def told(cases: Sequence[Case], received: Sequence[Received]) -> list[str]:
    """What is wrong with the notices: one for each delivery that failed, in words of ours, the same for the same cause."""
    faults = []
    by_alias = {str(one.conversation.customer.alias): one for one in cases}
    wordings: dict[str, dict[str, str]] = defaultdict(dict)
    notices = [got for got in received if got.return_path == ""]
    if len(notices) != sum(one.notices for one in cases):
        faults.append(f"{len(notices)} notices were sent")
    if len(received) != len(cases) + len(notices):
        faults.append("something was sent that is neither a message nor a notice")
    for got in notices:
        text = text_of(got.content)
        case = next(one for alias, one in by_alias.items() if alias in text)
        if got.recipients != (PARTNER_ADDRESS,):
            faults.append(f"{case.specimen.name}: its notice went elsewhere")
        if b"poczta" in got.content.lower():
            faults.append(f"{case.specimen.name}: the customer's address in its notice")
        wordings[case.given].setdefault(_VARYING.sub("#", text), case.specimen.name)
    for given, found in wordings.items():
        if len(found) > 1:
            faults.append(f"{given}: the notices differ: {', '.join(found.values())}")
    return faults


async def shown(gateway: Gateway, cases: Sequence[Case]) -> list[str]:
    """What the API shows of the reports must hold no address of a customer."""
    made = await gateway.off_loop("json", "token", "create", "--name", "x", "--scope", "archive:read")
    headers = {"Authorization": f"Bearer {made['token']}"}
    faults = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.web_port}/api/v1", headers=headers, timeout=60) as client:
        for case in cases[::10]:
            found = (await client.get("/archive/search", params={"q": case.conversation.reference})).raise_for_status()
            for hit in found.json()["items"]:
                page = (await client.get(f"/archive/messages/{hit['message']}")).raise_for_status().text
                if case.customer in page + found.text:
                    faults.append(f"{case.specimen.name}: the customer's address is shown by the API")
    return faults


def figures(cases: Sequence[Case]) -> str:
    """How many there were, were matched, were refused, and contradict their name."""
    lines = []
    for kind in sorted({one.specimen.kind for one in cases}):
        some = [one for one in cases if one.specimen.kind == kind]
        matched = sum(one.matched for one in some)
        lines.append(f"{kind}: {matched} of {len(some)} matched, {100 * matched // len(some)} %")
    lines.append(f"refused: {sum(one.given.startswith('refused') for one in cases)}")
    lines.append(f"contradicted: {sum(contradicted(one) for one in cases)}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--every", type=int, default=1, help="every n-th file of each kind")
    parser.add_argument("--show", default="refused", help="name the files whose class begins so")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        result = asyncio.run(run(asked.corpus, Path(directory), asked.every))
    print(result.table())
    print(figures(result.cases))
    for one in result.cases:
        if one.given.startswith(asked.show) or contradicted(one):
            print(f"  {one.specimen.name}: {one.given}; its name says {one.says}; {one.codes}")
    print(*result.faults, sep="\n")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
