"""How long the server takes for each page of a house that has been busy for a year (`filled.py` makes one).

    .venv/bin/python bench/pages.py sqlite:////tmp/busy/relay.db

Every kind of people signs in and follows the links of their pages; each page is then asked for again and again. What is told is
the time from the request to the last octet of the answer, on one connection: median and p95 in milliseconds.
"""

from __future__ import annotations

import argparse
import random
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Final

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

import httpx

from relay.desk.sessions import Doors
from relay.errors import Conflict
from relay.machine import NewIds, clock
from relay.store import accounts
from relay.store.engine import open_engine, writing
from relay.values import Language, RealAddress
from relay.web.site.viewer import Office

PEOPLE: Final = {
    "partner": ("team0@tours0.example", "/partner/p0"),
    "customer": ("customer0@post.example", "/my"),
    "support": ("eva@house.example", "/support"),
    "operator": ("otto@house.example", "/operator"),
}
WORDS: Final = ("shuttle", "voucher refund", "harb*", '"meeting point"', "by:customer towel", "has:attachment map", "Straße")
_LINK: Final = re.compile(r'(?:href|src)="(/[^"#]*)"')
_OWN: Final = re.compile(r"[^/]*(?:\d|[A-Z])[^/]*")
_SKIPPED: Final = re.compile(r"^/(?:api|sign-out|style\.css|site\.js)|\.csv")


def pattern(address: str) -> str:
    """The kind of page that an address is of: what names one thing is a star, and of a query only its names stay."""
    path, _, query = address.partition("?")
    kind = "/".join("*" if _OWN.fullmatch(one) else one for one in path.split("/"))
    names = sorted({one.partition("=")[0] for one in query.split("&") if one})
    return f"{kind}?{'&'.join(names)}" if names else kind


@contextmanager
def serving(url: str) -> Iterator[str]:
    """The address of a gateway on that database. It stops at the end."""
    with tempfile.TemporaryDirectory() as directory, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        config = Path(directory) / "relay.toml"
        config.write_text(
            f'[relay]\nstate_dir = "{directory}"\n[smtp]\nlisten = ["127.0.0.1:0"]\n[dkim]\nkey_file = "{directory}/dkim.pem"\n'
            f'[authentication]\nmode = "off"\n[antivirus]\nmode = "off"\n[database]\nurl = "{url}"\n'
            f'[web]\nlisten = "{address}"\nbase_url = "http://{address}"\n[outbound]\nroute = "smarthost:127.0.0.1:9"\n'
        )
        command = [sys.executable, "-c", "from relay.cli import main; main()", "serve", "--config", str(config)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://{address}/healthz", process)
            yield f"http://{address}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the gateway did not start")
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the gateway does not answer")


def signed_in(url: str) -> dict[str, str]:
    """A session for each kind of people."""
    new_id, now = NewIds(), clock()
    doors = Doors(new_id, lambda: secrets.token_urlsafe(32))
    engine = open_engine(url)
    offices = {"eva": {Office.SUPPORT, Office.SENIOR, Office.LEGAL, Office.AUDITOR}, "otto": {Office.OPERATOR}}
    try:
        with writing(engine) as connection:
            for id_, held in offices.items():
                words = frozenset(one.value for one in held)
                try:
                    address = RealAddress(f"{id_}@house.example")
                    accounts.add(connection, accounts.Account(id_, id_.title(), address, words, Language.EN, now))
                except Conflict:
                    continue
            return {who: doors.begin(connection, RealAddress(address), now=now) for who, (address, _) in PEOPLE.items()}
    finally:
        engine.dispose()


def found(client: httpx.Client, begin: list[str], of_a_kind: int) -> dict[str, list[str]]:
    """The addresses that links lead to from `begin`, a few of each kind of page."""
    kinds: dict[str, list[str]] = defaultdict(list)
    waiting, known = list(begin), set(begin)
    while waiting:
        address = waiting.pop(0)
        if len(kinds[pattern(address)]) >= of_a_kind:
            continue
        answer = client.get(address)
        if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
            if answer.status_code >= 500:
                print(f"  {answer.status_code} {address}")
            continue
        kinds[pattern(address)].append(address)
        links = [unescape(one) for one in _LINK.findall(answer.text)]
        random.Random(1).shuffle(links)
        for one in links:
            if one not in known and not _SKIPPED.search(one):
                known.add(one)
                waiting.append(one)
    return kinds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--times", type=int, default=30, help="how often each kind of page is asked for")
    parser.add_argument("--of-a-kind", type=int, default=5, help="so many different pages of a kind")
    told = parser.parse_args()
    sessions = signed_in(told.url)
    with serving(told.url) as house:
        for who, (_, first) in PEOPLE.items():
            print(who)
            begin = [first, *(f"/support?q={word}" for word in WORDS if who == "support")]
            with httpx.Client(
                base_url=house, cookies={"relay-session": sessions[who]}, follow_redirects=True, timeout=60
            ) as client:
                for kind, addresses in sorted(found(client, begin, told.of_a_kind).items()):
                    if addresses:
                        _measure(client, kind, addresses, told.times)
    return 0


def _measure(client: httpx.Client, kind: str, addresses: list[str], times: int) -> None:
    took: list[float] = []
    for number in range(times):
        began = time.perf_counter()
        octets = len(client.get(addresses[number % len(addresses)]).content)
        took.append((time.perf_counter() - began) * 1000)
    p95 = sorted(took)[max(0, int(len(took) * 0.95) - 1)]
    print(f"  {statistics.median(took):8.1f} {p95:8.1f} ms {octets / 1024:7.0f} kB  {kind}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
