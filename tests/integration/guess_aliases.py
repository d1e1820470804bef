"""Guess at ten thousand aliases from one network, as fast as the gateway answers, while a neighbour writes to one that exists.

    python tests/integration/guess_aliases.py                             10000 guesses over 20 connections
    python tests/integration/guess_aliases.py --guesses 2000 --workers 4

One of the guesses is right: an alias that exists, in the second half. Prints how many guesses were answered, how many found
something, after how long the network was shut out, and how long the neighbour waited for its answers before and meanwhile (GW-20,
FAULT-29). Exits 1 when an alias was found, or the neighbour was refused or put off.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support.gateway import Gateway
from support.guesser import Guesser
from support.mails import a_mail
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import DOMAIN, PARTNER_ADDRESS

GUESSER, NEIGHBOUR = "127.0.0.2", "127.0.0.3"
BEFORE = 15
"""Messages of the neighbour before the guessing begins."""
MEANWHILE_MAX = 40
PAUSE_S = 0.2


async def timed(gateway: Gateway, alias: str, number: int) -> float | None:
    """How long the neighbour waited for the answer to a message, connection included; None when it was not accepted."""
    began = time.monotonic()
    async with SmtpClient(gateway.smtp_port, source=NEIGHBOUR) as client:
        await client.hello()
        mail = a_mail(to=alias, message_id=f"n{number}@x.example")
        answer = await client.deliver(mail, alias, sender=f"<{PARTNER_ADDRESS}>")
    return time.monotonic() - began if answer.code == 250 else None


async def tried(gateway: Gateway, guesses: int, connections: int) -> bool:
    alias = (await gateway.opened())["customer_alias"]
    locals_ = [f"customer-{secrets.token_hex(6)}" for _ in range(guesses)]
    locals_[guesses * 2 // 3] = alias.partition("@")[0]
    before = [await timed(gateway, alias, number) for number in range(BEFORE)]
    guesser = Guesser(gateway.smtp_port, GUESSER, iter(locals_), DOMAIN)
    began = time.monotonic()
    guessing = asyncio.create_task(guesser.run(connections))
    meanwhile: list[float | None] = []
    while not guessing.done() and len(meanwhile) < MEANWHILE_MAX:
        meanwhile.append(await timed(gateway, alias, BEFORE + len(meanwhile)))
        await asyncio.sleep(PAUSE_S)
    await guessing
    lasted_s = time.monotonic() - began
    waits = [[one for one in some if one is not None] for some in (before, meanwhile)]
    served = len(waits[0]) + len(waits[1])
    print(f"guesses {guesses} over {connections} connections, in {lasted_s:.1f} s; answers: {dict(guesser.answers)}")
    print(f"found {len(guesser.found)}; shut out after {guesser.shut_out_after_s or 0:.1f} s")
    for name, some in zip(("before", "meanwhile"), waits, strict=True):
        if some:
            print(
                f"neighbour {name}: {len(some)} messages, median {median(some) * 1000:.0f} ms, longest {max(some) * 1000:.0f} ms"
            )
    return not guesser.found and served == len(before) + len(meanwhile)


async def main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="guess-") as directory:
        async with Sink() as sink:
            gateway = Gateway(Path(directory), sink.port, workers=arguments.workers)
            await gateway.off_loop("start")
            try:
                went_well = await tried(gateway, arguments.guesses, arguments.connections)
                await gateway.off_loop("stop")
            finally:
                gateway.close()
    return 0 if went_well else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    sys.exit(asyncio.run(main(parser.parse_args())))
