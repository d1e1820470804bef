"""Who guesses at aliases learns nothing, and nobody else waits for it (GW-20, FAULT-29); networks are bounded (CASE-52)."""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from support.gateway import Gateway
from support.guesser import Guesser
from support.mails import a_mail
from support.sink import Sink
from support.smtp import SmtpClient
from support.smtp_house import CUSTOMER, QUICK, REPLY_DOMAIN, smtp_house
from support.world import DOMAIN, PARTNER_ADDRESS

from relay.inbound import replies
from relay.policy.reply import Reply

GUESSER, NEIGHBOUR = "127.0.0.2", "127.0.0.3"


async def test_whoever_guesses_is_shut_out_in_all_its_connections_and_nobody_else_is() -> None:
    """GW-20: also what exists is not told any more."""
    async with smtp_house(replace(QUICK, guesses_max=3)) as house, AsyncExitStack() as clients:
        one, two = [await clients.enter_async_context(house.client(source=GUESSER)) for _ in range(2)]
        for client in (one, two):
            await client.hello()
            await client.command("MAIL FROM:<a@b.example>")
        answers = [await one.command(f"RCPT TO:<customer-00000000000{number}@{REPLY_DOMAIN}>") for number in range(4)]
        assert [answer.codes for answer in answers] == ["550 5.1.1"] * 3 + ["421 4.7.0"]
        assert await one.is_closed()
        assert (await two.command(f"RCPT TO:<{CUSTOMER}>")).codes == "421 4.7.0"
        assert await two.is_closed()
        async with house.client(source=GUESSER) as again:
            assert again.greeting is not None
            assert again.greeting.codes == "421 4.7.0"
            assert await again.is_closed()
        async with house.client(source=NEIGHBOUR) as neighbour:
            await neighbour.hello()
            assert (await neighbour.deliver(b"Subject: x\r\n\r\n", str(CUSTOMER))).code == 250
        assert house.server.stats.connections_shut_out == 3


async def test_a_server_that_brings_mail_is_not_shut_out_for_those_who_mistype() -> None:
    async with smtp_house(replace(QUICK, guesses_max=3)) as house, house.client(source=GUESSER) as client:
        await client.hello()
        for number in range(10):
            assert (await client.deliver(b"Subject: x\r\n\r\n", str(CUSTOMER))).code == 250
            [_, answer] = await client.begin(f"mistyped{number}@{REPLY_DOMAIN}")
            assert answer.codes == "550 5.1.1"
            await client.command("RSET")


@pytest.mark.parametrize(("recipient", "answered"), [(f"postmaster@{REPLY_DOMAIN}", 3), (str(CUSTOMER), 30)])
async def test_no_mail_buys_guesses_without_end(recipient: str, answered: int) -> None:
    """GW-8, GW-20: everybody may write to the house; and who has one alias may send the same message to it again and again."""
    async with smtp_house(replace(QUICK, guesses_max=3)) as house, house.client(source=GUESSER) as client:
        await client.hello()
        guessed = []
        while not guessed or guessed[-1] == "550 5.1.1":
            await client.command("RSET")
            assert (await client.deliver(b"Subject: x\r\n\r\n", recipient)).code == 250
            [_, answer] = await client.begin(f"customer-{len(guessed):012x}@{REPLY_DOMAIN}")
            guessed.append(answer.codes)
        assert guessed == ["550 5.1.1"] * answered + ["421 4.7.0"]


async def test_guessers_who_wait_keep_no_message_from_others() -> None:
    """FAULT-29: a session in the tarpit is a task of its own; not one of a few that all share."""
    limits = replace(QUICK, tarpit_s_min=3600, tarpit_s_max=3600, guesses_max=1_000)
    async with smtp_house(limits) as house, AsyncExitStack() as clients:
        for number in range(90):
            client = await clients.enter_async_context(house.client(source=GUESSER))
            await client.send(f"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<no{number}@{REPLY_DOMAIN}>\r\n".encode())
        async with house.client(source=GUESSER) as neighbour:
            await neighbour.hello()
            assert (await neighbour.deliver(b"Subject: x\r\n\r\n", str(CUSTOMER))).code == 250


async def test_a_network_that_brings_refused_mail_alone_has_to_slow_down() -> None:
    """GW-27: 450 4.7.1 at MAIL, before anything is read; for that network alone."""
    async with smtp_house(replace(QUICK, refused_max=2)) as house, house.client(source=GUESSER) as client:
        house.acceptor.reply = Reply(550, "5.7.1", "Not accepted from this sender")
        await client.hello()
        for _ in range(2):
            assert (await client.deliver(b"Subject: x\r\n\r\n", str(CUSTOMER))).codes == "550 5.7.1"
        assert (await client.command("MAIL FROM:<a@b.example>")).codes == "450 4.7.1"
        async with house.client(source=NEIGHBOUR) as neighbour:
            await neighbour.hello()
            assert (await neighbour.deliver(b"Subject: x\r\n\r\n", str(CUSTOMER))).codes == "550 5.7.1"


@pytest.mark.parametrize(
    ("reply", "next_one"),
    [
        (replies.UNANSWERED, "450 4.7.1"),
        (Reply(450, "4.7.1", "Too much mail in a short time"), "450 4.7.1"),
        (replies.TROUBLE, "250 2.1.0"),
    ],
)
async def test_who_brings_mail_that_is_put_off_for_what_it_is_has_to_slow_down_too(reply: Reply, next_one: str) -> None:
    """GW-27: a domain whose DNS never answers makes as much work as one that is refused; trouble of ours is nobody's fault."""
    async with smtp_house(replace(QUICK, refused_max=2)) as house, house.client(source=GUESSER) as client:
        house.acceptor.reply = reply
        await client.hello()
        for _ in range(2):
            assert (await client.deliver(b"Subject: x\r\n\r\n", str(CUSTOMER))).code == reply.code
        assert (await client.command("MAIL FROM:<a@b.example>")).codes == next_one


async def test_a_network_writes_to_the_house_so_often_and_to_parties_all_the_same() -> None:
    """GW-8, GW-27: 450 4.7.1 at RCPT."""
    async with smtp_house(replace(QUICK, to_house_max=2)) as house, house.client(source=GUESSER) as client:
        await client.hello()
        for recipient in ("postmaster", f"abuse@{REPLY_DOMAIN}"):
            assert (await client.deliver(b"Subject: x\r\n\r\n", recipient)).code == 250
        assert (await client.begin(f"postmaster@{REPLY_DOMAIN}"))[1].codes == "450 4.7.1"
        await client.command("RSET")
        assert (await client.deliver(b"Subject: x\r\n\r\n", str(CUSTOMER))).code == 250
        async with house.client(source=NEIGHBOUR) as neighbour:
            await neighbour.hello()
            assert (await neighbour.deliver(b"Subject: x\r\n\r\n", f"postmaster@{REPLY_DOMAIN}")).code == 250


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_the_eleventh_connection_of_an_ipv6_64_is_for_later_and_released() -> None:
    """CASE-52. The loopback interface has one address of IPv6: a neighbourhood is told apart in test_admission."""
    async with smtp_house(replace(QUICK, connections_per_network_max=10)) as house, AsyncExitStack() as clients:
        try:
            await house.server.start(["[::1]:0"])
        except OSError:
            pytest.skip("no IPv6 on the loopback interface")
        port = house.server.addresses[-1][1]
        for _ in range(10):
            await clients.enter_async_context(SmtpClient(port, "::1"))
        async with SmtpClient(port, "::1") as eleventh:
            assert eleventh.greeting is not None
            assert eleventh.greeting.codes == "421 4.3.2"
            assert await eleventh.is_closed()
        await clients.aclose()
        await house.until_connections(0)
        async with SmtpClient(port, "::1") as again:
            assert (await again.hello()).code == 250


@pytest.mark.slow
async def test_guessing_from_one_network_finds_nothing_and_others_are_served_meanwhile(tmp_path: Path, sink: Sink) -> None:
    """GW-20: a few of the guesses are answered, and the one that would have been right is not among them.

    guess_aliases.py does it with ten thousand.
    """
    gateway = Gateway(tmp_path, sink.port, {"smtp": {"tarpit": "0s"}})
    await gateway.off_loop("start")
    try:
        alias = (await gateway.opened())["customer_alias"]
        guesses = [f"customer-{secrets.token_hex(6)}" for _ in range(300)]
        guesses[100] = alias.partition("@")[0]
        guesser = Guesser(gateway.smtp_port, GUESSER, iter(guesses), DOMAIN)
        guessing = asyncio.create_task(guesser.run(connections=10))
        async with SmtpClient(gateway.smtp_port, source=NEIGHBOUR) as neighbour:
            await neighbour.hello()
            for number in range(10):
                mail = a_mail(to=alias, message_id=f"n{number}@x.example")
                assert (await neighbour.deliver(mail, alias, sender=f"<{PARTNER_ADDRESS}>")).code == 250
        await guessing
        assert guesser.found == []
        assert guesser.answers.keys() == {"550 5.1.1", "shut out"}
        assert guesser.answers["550 5.1.1"] < 30  # twenty, and one for each half minute that a busy machine takes
        await sink.until(10)
    finally:
        if gateway.process is not None:
            assert await gateway.off_loop("stop") == 0
        gateway.close()
