"""Write docs/faults.md: each fault from 50 on, what is required, and the tests that show it. `--check` only compares.

What is required stands in `REQUIRED` below, in short. A test counts for a row where its file says the row's id in a docstring, a
comment or a case. The check is content as long as nothing is claimed that is not so, and nothing of `tests/faults` is missing.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "faults.md"
CITED = re.compile(r"\bFAULT-(\d{1,3})\b")
ROW = re.compile(r"^\| FAULT-(\d+) \|[^|]*\|([^|]*)\|$", re.MULTILINE)
FILE = re.compile(r"`([^`]+)`")
OURS = "tests/faults/"

REQUIRED = {
    50: "a client dies in DATA: nothing is stored, nobody is told",
    51: "a client half-closes or gives up after the dot: wholly taken and delivered once, or not at all",
    52: "the final reply is lost and the client sends again: 250, one delivery",
    53: "dots at the beginning of lines: the same octets at the other end",
    54: "BDAT: not offered, so 502 and never an octet of it as a command",
    55: "no header, no colon, folded first line, 1 MB or 20,000 fields: repaired, or one clear refusal",
    56: "two From fields, two mailboxes in one, none: 550; a name that looks like an address is a name",
    57: "fields that come twice: one of each goes out, the first",
    58: "encoded words that are broken, or hold line ends: shown, never a field of their own",
    59: "Reply-To, Sender, receipts: removed",
    60: "nesting, parts and boundaries without end: an answer within bounds of time and memory",
    61: "Base64, quoted-printable, uuencode, yEnc out of order: what is scanned is what goes out",
    62: "attachments at the limit pass, one octet more is told",
    63: "mail in mail is scanned and scrubbed; partial and external bodies go no further",
    64: "winmail.dat is opened; encrypted mail is told, or passes by configuration",
    65: "archive bombs, encrypted archives, a virus in a mail in a mail: told, never passed",
    66: "clamd gone, hanging, dying, at its limit, reloading, lying: 451 in time, never a yes, and it recovers",
    67: "libmagic missing: it does not start, and says why; what it cannot digest is no known type",
    68: "a program that is declared a picture: the content counts",
    69: "8-bit octets in the header: read, and written as encoded words",
    70: "fifty servers on the way, or our own trace: stopped, no notice",
    71: "automatic mail: passed or absorbed by rule, never answered",
    72: "a writer who is not proven: a 5xx in the session, never a mail",
    73: "a forged or expired return path: 550",
    74: "a bounce that quotes the reader: our own words, once",
    75: "a complaint: mail to that party stops, support learns of it",
    76: "SPF and DKIM both fail, and the domain says reject: 550",
    77: "DNS in trouble: 451, not a verdict",
    78: "SPF without end: an error of theirs",
    79: "fifty signatures, fields without end: bounded",
    80: "the aligned signature is the second: found",
    81: "signatures that prove nothing (l=, expired, testing, SHA-1, short keys): no proof",
    82: "Ed25519: any aligned signature that holds is enough",
    83: "forwarded with ARC: by configuration",
    84: "a party's address from elsewhere: 550, not archived as theirs",
    85: "MX: no such name fails; trouble is tried again; so is a smarthost's name",
    86: "null MX, MX to us or to private addresses: refused in our words",
    87: "the first host refuses TCP: the next one, in the same attempt",
    88: "greetings that refuse or never come: another host, or later; no mailbox is refused by them",
    89: "STARTTLS that fails: by the policy of the destination",
    90: "4xx for one of two: that one is tried again, nobody gets a second copy",
    91: "5xx: one notice for each recipient",
    92: "the connection dies after the dot: again, the same Message-ID, counted as in doubt",
    93: "too many, too fast: the destination is left alone, not the message alone",
    94: "what the receiver cannot take (7-bit, ASCII, size): told without an attempt, or sent in a form it takes",
    95: "replies without end, without code, in no charset: bounded, never in a notice or a log",
    96: "SIGKILL at every step of accepting and delivering: nothing lost, twice only as in 92",
    97: "disk full or broken on write, read, sync: later, nothing half done, and it recovers",
    98: "database locked, slow, moved away, gone, connections used up: later, and it recovers",
    99: "the clock jumps a day: nothing expires, no storm of retries",
    100: "10,000 wait for a dead domain: the others get theirs",
    101: "a bounce of a bounce: nobody is told, no loop",
    102: "48 hours are over: one notice, with the alias alone",
    103: "a start with 100,000 queued: ready at once, spread",
}
HEAD = """# Faults

What goes wrong on the way of a message, what is required of the gateway, and the tests that make it go wrong. Each of those in
`tests/faults` ends with accounts that are whole (`relay audit`) and a gateway that goes on without a restart.
Written by `python scripts/faults.py`; a test compares this page with what the tests cite.

| fault | required | tests |
|---|---|---|
"""


def citations() -> dict[int, set[str]]:
    """The test files by the row that they cite."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for row in CITED.findall(path.read_text(encoding="utf-8")):
            found[int(row)].add(path.relative_to(ROOT).as_posix())
    return found


def page() -> str:
    cited = citations()
    rows = []
    for row, required in REQUIRED.items():
        # Those that make the whole gateway go through it come first.
        files = sorted(cited.get(row, ()), key=lambda path: (not path.startswith(OURS), path))
        shown = [f"`{path}`" for path in files] or ["none"]
        rows.append(f"| FAULT-{row} | {required} | {', '.join(shown)} |")
    return HEAD + "\n".join(rows) + "\n"


def faults(written: str) -> list[str]:
    """What `written` says and is not so, and what it leaves out."""
    cited = citations()
    claimed = {int(row): set(FILE.findall(tests)) for row, tests in ROW.findall(written)}
    wrong = [f"FAULT-{row} has no line" for row in REQUIRED.keys() - claimed.keys()]
    for row, files in sorted(claimed.items()):
        wrong += [f"FAULT-{row}: {path} does not show it" for path in sorted(files - cited[row])]
        ours = {path for path in cited[row] if path.startswith(OURS)}
        wrong += [f"FAULT-{row}: {path} is missing" for path in sorted(ours - files)]
    return wrong


def main() -> int:
    if "--check" in sys.argv:
        wrong = faults(TARGET.read_text(encoding="utf-8") if TARGET.exists() else "")
        for one in wrong:
            print(f"docs/faults.md: {one}; run `python scripts/faults.py`", file=sys.stderr)
        return 1 if wrong else 0
    TARGET.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
