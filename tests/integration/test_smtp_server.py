"""The server around the sessions: where it listens, how many it lets in, how it ends."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import tracemalloc
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.patience import patience_s
from support.smtp import SmtpClient
from support.smtp_house import CUSTOMER, QUICK, RecordingAcceptor, TableOfRecipients, smtp_house

from relay.errors import WrongConfiguration
from relay.inbound.server import SmtpServer


def a_server() -> SmtpServer:
    return SmtpServer(
        TableOfRecipients(),
        RecordingAcceptor(),
        hostname="mx.reply.example",
        clock=lambda: datetime(2026, 6, 1, tzinfo=UTC),
        new_id=lambda: "id",
        limits=QUICK,
    )


async def test_it_listens_at_every_place_and_tells_the_ports() -> None:
    server = a_server()
    await server.start(["127.0.0.1:0", "[::1]:0"])
    try:
        assert [host for host, _ in server.addresses] == ["127.0.0.1", "::1"]
        for host, port in server.addresses:
            async with SmtpClient(port, host) as client:
                assert client.greeting is not None
                assert client.greeting.code == 220
    finally:
        await server.close()
    assert server.addresses == ()


async def test_a_socket_bound_by_somebody_else_is_served() -> None:
    """Socket activation; such a socket may have been made without a protocol, and keeps no delay all the same."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = a_server()
    await server.start([], sockets=[bound])
    try:
        assert bound.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        async with SmtpClient(server.addresses[0][1]) as client:
            assert (await client.hello()).code == 250
    finally:
        await server.close()


@pytest.mark.parametrize("place", ["127.0.0.1", "127.0.0.1:smtp", "127.0.0.1:99999", ":x", "192.0.2.1:0", "no.such.invalid:0"])
async def test_a_place_where_it_cannot_listen_is_a_fault_of_the_configuration(place: str) -> None:
    server = a_server()
    with pytest.raises(WrongConfiguration, match=r"smtp\.listen"):
        await server.start(["127.0.0.1:0", place])
    assert server.addresses == ()


async def test_a_port_in_use_is_a_fault_of_the_configuration() -> None:
    async with smtp_house() as house:
        with pytest.raises(WrongConfiguration, match="cannot listen"):
            await a_server().start([f"127.0.0.1:{house.port}"])


async def test_connections_over_the_cap_are_told_so_and_the_others_are_served() -> None:
    """FAULT-41."""
    async with smtp_house(replace(QUICK, connections_max=3)) as house, AsyncExitStack() as clients:
        inside = [await clients.enter_async_context(house.client()) for _ in range(3)]
        async with house.client() as outside:
            assert outside.greeting is not None
            assert outside.greeting.codes == "421 4.3.2"
            assert await outside.is_closed()
        assert (await inside[0].hello()).code == 250
        await inside[1].command("QUIT")
        await inside[1].close()
        await house.until_connections(2)
        async with house.client() as later:
            assert (await later.hello()).code == 250
        assert (house.server.stats.connections, house.server.stats.connections_refused) == (4, 1)


async def test_one_network_cannot_take_every_connection() -> None:
    """CASE-52: 421 for the next of the same network, and released when one of them ends."""
    async with smtp_house(replace(QUICK, connections_per_network_max=2)) as house:
        async with house.client(), house.client(), house.client() as third:
            assert third.greeting is not None
            assert third.greeting.codes == "421 4.3.2"
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port, local_addr=("127.0.0.2", 0))
            assert (await reader.readline()).startswith(b"220 ")
            writer.close()
            await writer.wait_closed()
        await house.until_connections(0)
        async with house.client() as again:
            assert (await again.hello()).code == 250


async def test_a_drain_sends_idle_clients_away_and_lets_the_others_finish() -> None:
    """FAULT-43."""
    async with smtp_house() as house, AsyncExitStack() as clients:
        idle, between, sending, waiting = [await clients.enter_async_context(house.client()) for _ in range(4)]
        await between.hello()
        await between.begin(str(CUSTOMER))
        for client in (sending, waiting):
            await client.hello()
            await client.begin(str(CUSTOMER))
            await client.command("DATA")
        house.acceptor.gate.clear()
        await sending.send(b"Subject: a\r\n")
        await waiting.send(b"Subject: b\r\n.\r\n")
        await house.until_begun(1)
        port = house.port

        drained = asyncio.create_task(house.server.drain(10))
        for client in (idle, between):
            assert (await client.answer()).codes == "421 4.3.2"
            assert await client.is_closed()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await sending.send(b"\r\ntext\r\n.\r\n")
        house.acceptor.gate.set()
        for client in (sending, waiting):
            assert [answer.codes for answer in await client.answers(2)] == ["250 2.6.0", "421 4.3.2"]
        assert await drained
        assert len(house.acceptor.taken) == 2


async def test_words_of_an_idle_client_that_cross_our_last_ones_reset_nothing() -> None:
    """FAULT-43: TCP resets a connection that is closed over unread octets, and many a client then never sees the 421."""
    loop = asyncio.get_running_loop()
    async with smtp_house(replace(QUICK, linger_s=10)) as house:
        with socket.create_connection(("127.0.0.1", house.port)) as eager:
            eager.settimeout(0)
            assert (await loop.sock_recv(eager, 500)).startswith(b"220 ")
            drained = asyncio.create_task(house.server.drain(10))
            for _ in range(50):
                eager.send(b"NOOP\r\n")  # what comes until the next turn of the loop has been read by nobody
                await asyncio.sleep(0)
            said = b""
            async with asyncio.timeout(patience_s):
                while octets := await loop.sock_recv(eager, 5000):
                    said += octets
            assert b"\r\n421 4.3.2 " in b"\r\n" + said
            assert not drained.done(), "the client may not have fetched it"
            eager.close()
            assert await drained


@pytest.mark.parametrize("turns", range(5))
async def test_a_client_that_was_accepted_when_a_drain_begins_is_served_and_another_waits_for_the_next_process(
    turns: int,
) -> None:
    """FAULT-43: what was taken out of the kernel's queue stands in none where the process that relieves this one finds it."""
    loop = asyncio.get_running_loop()
    server, shared = a_server(), socket.create_server(("127.0.0.1", 0))
    relieving = shared.dup()
    relieving.settimeout(0)
    await server.start([], sockets=[shared])
    with relieving, socket.create_connection(relieving.getsockname()) as client:
        client.settimeout(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.drain(0.01)
        try:
            relieving.accept()[0].close()
        except BlockingIOError:
            async with asyncio.timeout(patience_s):
                assert (await loop.sock_recv(client, 500)).startswith(b"220 ")


async def test_a_drain_waits_for_messages_whose_clients_have_gone() -> None:
    """FAULT-51."""
    async with smtp_house() as house:
        house.acceptor.gate.clear()
        async with house.client() as client:
            await client.hello()
            await client.begin(str(CUSTOMER))
            await client.command("DATA")
            await client.send(b"a: b\r\n.\r\n")
            await house.until_begun(1)
            await client.abort()
        await house.until_connections(0)
        drained = asyncio.create_task(house.server.drain(10))
        await asyncio.sleep(0.01)
        assert not drained.done()
        house.acceptor.gate.set()
        assert await drained
        assert len(house.acceptor.taken) == 1


async def test_a_drain_ends_with_its_grace_and_says_that_something_was_left() -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.begin(str(CUSTOMER))
        await client.command("DATA")
        assert not await house.server.drain(0.02)
        assert await client.is_closed()
        assert house.acceptor.taken == []


@pytest.mark.slow
async def test_a_client_that_reads_nothing_is_cut_and_its_connection_dropped() -> None:
    """A closed connection with unread replies would stay for ever."""
    async with smtp_house(replace(QUICK, command_s=0.2, commands_between_messages_max=10**6)) as house:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", house.port))
        deaf.settimeout(0)
        loop = asyncio.get_running_loop()
        sending = asyncio.create_task(loop.sock_sendall(deaf, b"NOOP\r\n" * 400_000))
        await house.until_connections(1)
        await house.until_connections(0)
        await asyncio.gather(sending, return_exceptions=True)
        deaf.close()


@pytest.mark.slow
async def test_two_thousand_connections_meet_the_cap_cost_little_and_leave_no_descriptor() -> None:
    """FAULT-41: less than 30 KB for each that is idle."""
    limits = replace(QUICK, connections_max=1000, connections_per_network_max=2000, linger_s=1)
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  counted, not opened
    async with smtp_house(limits) as house, AsyncExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(2000)]
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for one in sockets:
            one.settimeout(0)
            await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", house.port))
        async with asyncio.timeout(60):
            while house.server.stats.connections_refused < 1000:
                await asyncio.sleep(0.01)
        each = (tracemalloc.get_traced_memory()[0] - before) / 1000
        tracemalloc.stop()
        assert house.server.connections == 1000
        assert each < 30_000
        for one in sockets:
            one.close()
        await house.until_connections(0)
        async with house.client() as client:
            assert (await client.deliver(b"", str(CUSTOMER))).code == 503
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 2  # noqa: PTH208
