"""What a message costs the core: milliseconds of CPU for parsing, surgery and second reading, and where they go.

    python bench/cost.py [--rounds 20] [--profile]

Messages of usual shapes, each measured many times in one process; the median counts. Figures of one machine say little:
the shares and ratios are what to compare. `--profile` adds the functions in which the time goes, own time first.
"""

from __future__ import annotations

import argparse
import base64
import cProfile
import pstats
import quopri
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "tests")]  # the world of the tests, and their way through the core

from support.renditions import STYLE, terms_of
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.message.anonymise import anonymised
from relay.message.leaks import leaks
from relay.message.parse import parse

WORDS = (
    "thank you for the booking the meeting point is at the fountain in front of the town hall please bring shoes and water we"
    " start at ten and are back by four if it rains we take the lower path it is shorter and as beautiful see you there"
).split()
QUOTE = f"\n\nOn Mon, 1 Jun 2026 at 10:00, Zofia Kowalska <{CUSTOMER_ADDRESS}> wrote:\n"
SIGNATURE = f"\n-- \nMarco Bellini\nAlpine Tours\n{PARTNER_ADDRESS}\nwww.alpine-tours.example\n"


def prose(octets: int, draw: random.Random) -> str:
    lines: list[str] = []
    while sum(map(len, lines)) < octets:
        lines.append(" ".join(draw.choice(WORDS) for _ in range(11)) + "\n")
    return "".join(lines)


def plain(octets: int) -> bytes:
    draw = random.Random(octets)
    text = prose(octets // 2, draw) + SIGNATURE + QUOTE + "".join(f"> {line}\n" for line in prose(octets // 2, draw).splitlines())
    return _whole("text/plain; charset=utf-8", text.encode())


def page(octets: int) -> bytes:
    """Text and HTML as web mail writes them: a table, styles, links, a quote."""
    draw = random.Random(octets)
    rows = "".join(
        f'<tr><td style="padding:2px;color:#333">{line}</td><td><a href="https://maps.example.net/?q={n}">map</a></td></tr>'
        for n, line in enumerate(prose(octets, draw).splitlines())
    )
    html = (
        "<html><head><style>p{margin:0}</style></head><body><p class=MsoNormal>Hello&nbsp;you</p>"
        f'<table>{rows[:octets]}</table><div class="gmail_quote">On Mon Zofia &lt;<a href="mailto:{CUSTOMER_ADDRESS}">'
        f"{CUSTOMER_ADDRESS}</a>&gt; wrote:<br></div></body></html>"
    )
    text = (prose(octets // 10, draw) + SIGNATURE).encode()
    parts = [("text/plain; charset=utf-8", "8bit", text), ("text/html; charset=utf-8", "8bit", html.encode())]
    return _whole('multipart/alternative; boundary="b"', _joined(parts))


def letter(octets: int) -> bytes:
    """The usual mail: text and HTML that say the same in quoted-printable, letters with accents, links, a quoted reply."""
    draw = random.Random(octets)
    words = (*WORDS, *"réservation château français español straße führung grüße prenotazione".split())
    paragraphs = [" ".join(draw.choice(words) for _ in range(28)).capitalize() + "." for _ in range(octets // 560)]
    text = "\n\n".join(paragraphs) + QUOTE + "".join(f"> {one}\n" for one in paragraphs[:2]) + SIGNATURE
    blocks = [
        f'<p style="margin:0 0 12px 0;font-family:Arial,sans-serif;color:#333">{one} '
        f'<a href="https://shop.example.net/b/{draw.randrange(10**6)}?utm=mail">link</a></p>'
        for one in paragraphs
    ]
    html = (
        "<html><head><style>p{line-height:1.4}</style></head><body>" + "\n".join(blocks) + '<div class="gmail_quote">On Tue '
        f'<a href="mailto:{CUSTOMER_ADDRESS}">{CUSTOMER_ADDRESS}</a> wrote:<blockquote>{"".join(blocks[:2])}</blockquote></div>'
        '<img src="https://track.example.net/p.gif" width=1 height=1></body></html>'
    )
    kinds = (("text/plain; charset=utf-8", text), ("text/html; charset=utf-8", html))
    parts = [(kind, "quoted-printable", quopri.encodestring(each.encode())) for kind, each in kinds]
    return _whole('multipart/alternative; boundary="b"', _joined(parts))


def heavy(octets: int) -> bytes:
    """A letter with one file that nobody can look into."""
    noise = base64.encodebytes(random.Random(5).randbytes(octets))
    parts = [("text/plain; charset=utf-8", "8bit", prose(2000, random.Random(1)).encode()), ("application/zip", "base64", noise)]
    return _whole('multipart/mixed; boundary="b"', _joined(parts))


def _joined(parts: list[tuple[str, str, bytes]]) -> bytes:
    return (
        b"".join(
            b"--b\r\nContent-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b\r\n" % (kind.encode(), how.encode(), octets)
            for kind, how, octets in parts
        )
        + b"--b--\r\n"
    )


def _whole(content_type: str, body: bytes) -> bytes:
    head = (
        f"Received: from mail.alpine-tours.example (mail.alpine-tours.example [198.51.100.7]) by mx; Mon\r\n"
        f"From: Marco Bellini <{PARTNER_ADDRESS}>\r\nTo: customer-12ab3456cd78@reply.example.com\r\nSubject: Meeting point\r\n"
        f"Message-ID: <a@mail.alpine-tours.example>\r\nMIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n"
    )
    return head.encode() + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


MESSAGES: dict[str, Callable[[], bytes]] = {
    "4 kB plain, quoted": lambda: plain(4_000),
    "10 kB letter": lambda: letter(9_000),
    "10 kB text + HTML": lambda: page(9_000),
    "50 kB text + HTML": lambda: page(45_000),
    "5 MB with a file": lambda: heavy(3_650_000),
}


def spent(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of CPU: the median of so many rounds."""
    figures = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        figures.append((time.process_time() - began) * 1000)
    return statistics.median(figures)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--profile", action="store_true")
    given = arguments.parse_args()
    print(f"{'message':22} {'octets':>9} {'parse':>8} {'surgery':>8} {'reading':>8}   ms of CPU, median of {given.rounds}")
    for name, made in MESSAGES.items():
        content = made()
        rounds = max(given.rounds if len(content) < 10**6 else given.rounds // 4, 1)
        mail = parse(content)
        terms = terms_of(mail)
        watched, allowed = terms.watched(STYLE), {str(party.alias) for party in terms.conversation.parties()}
        out = anonymised(mail, terms, STYLE).content
        assert leaks(out, watched, allowed=allowed) == ()
        # Parsed anew each time: a parsed mail keeps what was decoded once.
        whole = spent(lambda content=content, terms=terms: anonymised(parse(content), terms, STYLE), rounds)
        parsing = spent(lambda content=content: parse(content), rounds)
        reading = spent(lambda out=out, watched=watched, allowed=allowed: leaks(out, watched, allowed=allowed), rounds)
        print(f"{name:22} {len(content):9} {parsing:8.2f} {whole - parsing:8.2f} {reading:8.2f}")
        if given.profile:
            profile = cProfile.Profile()
            profile.enable()
            leaks(anonymised(parse(content), terms, STYLE).content, watched, allowed=allowed)
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(12)
    return 0


if __name__ == "__main__":
    sys.exit(main())
