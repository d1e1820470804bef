"""Connections that a load balancer passes on (FAULT-42)."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from support.smtp import SmtpClient
from support.smtp_house import CUSTOMER, QUICK, House, smtp_house

from relay.inbound.proxy import SIGNATURE_2

BALANCER = ("127.0.0.0/8",)
ELSEWHERE = ("192.0.2.0/24", "2001:db8::/32")
V1 = b"PROXY TCP4 203.0.113.9 192.0.2.25 50000 25\r\n"
V1_SIX = b"PROXY TCP6 2001:db8:1:2:3::9 2001:db8::25 50000 25\r\n"
V2_LOCAL = SIGNATURE_2 + b"\x20\x00\x00\x00"


def passed_on(house: House, header: bytes, *, greeted: bool = True) -> SmtpClient:
    return SmtpClient(house.port, first=header, greeted=greeted)


@pytest.mark.parametrize(("header", "client_ip"), [(V1, "203.0.113.9"), (V1_SIX, "2001:db8:1:2:3::9"), (V2_LOCAL, "127.0.0.1")])
async def test_the_announced_address_is_the_client_s(header: bytes, client_ip: str) -> None:
    async with smtp_house(balancers=BALANCER) as house, passed_on(house, header) as client:
        await client.hello()
        assert (await client.deliver(b"a: b\r\n", str(CUSTOMER))).code == 250
        assert [one.client_ip for one in house.acceptor.taken] == [client_ip]


async def test_a_header_may_come_octet_by_octet_with_the_first_command_right_behind_it() -> None:
    async with smtp_house(balancers=BALANCER) as house, passed_on(house, b"", greeted=False) as client:
        for octet in V1 + b"EHLO client.example\r\n":
            await client.send(bytes([octet]))
        assert [(await client.answer()).code for _ in range(2)] == [220, 250]


async def test_each_client_behind_a_balancer_has_the_limits_of_its_own_network() -> None:
    limits = replace(QUICK, connections_per_network_max=1)
    async with smtp_house(limits, balancers=BALANCER) as house, passed_on(house, V1) as first, passed_on(house, V1_SIX) as other:
        assert (first.greeting is not None, other.greeting is not None) == (True, True)
        async with passed_on(house, V1) as second:
            assert second.greeting is not None
            assert second.greeting.codes == "421 4.3.2"
            assert await second.is_closed()
        await house.until_connections(2)
        await first.close()
        await house.until_connections(1)
        async with passed_on(house, V1) as third:
            assert third.greeting is not None
            assert third.greeting.code == 220


@pytest.mark.parametrize(
    "instead", [b"EHLO client.example\r\n", SIGNATURE_2 + b"\x21\x11\xff\xff", b"\x16\x03\x01", b"\r\n\r\nx"]
)
async def test_a_balancer_that_sends_no_header_is_cut_without_a_word(instead: bytes) -> None:
    with capture_logs() as lines:
        async with smtp_house(balancers=BALANCER) as house:
            async with passed_on(house, instead, greeted=False) as client:
                assert await client.is_closed()
            await house.until_connections(0)
            assert house.server.stats.proxy_headers_refused == 1
    assert [(line["event"], line["cut"]) for line in lines] == [("smtp.session", "no PROXY header")]


async def test_who_guesses_from_behind_a_balancer_is_shut_out_and_the_others_are_not() -> None:
    """GW-20: the announced address is the one that is blamed."""
    async with smtp_house(replace(QUICK, guesses_max=1), balancers=BALANCER) as house:
        async with passed_on(house, V1) as guesser:
            await guesser.hello()
            await guesser.begin("nobody@reply.example")
            assert (await guesser.command("RCPT TO:<nobody-else@reply.example>")).codes == "421 4.7.0"
        async with passed_on(house, V1) as again:
            assert again.greeting is not None
            assert again.greeting.codes == "421 4.7.0"
            assert await again.is_closed()
        async with passed_on(house, V1_SIX) as other:
            assert (await other.hello()).code == 250


async def test_a_balancer_that_says_nothing_is_cut_without_a_word() -> None:
    async with smtp_house(replace(QUICK, proxy_header_s=0.05), balancers=BALANCER) as house:
        async with passed_on(house, V1[:-1], greeted=False) as client:
            assert await client.is_closed()
        await house.until_connections(0)


@pytest.mark.parametrize("header", [V1, V1.lower(), V2_LOCAL])
@pytest.mark.parametrize("balancers", [(), ELSEWHERE])
async def test_a_header_from_anybody_else_ends_the_session_unheard(header: bytes, balancers: tuple[str, ...]) -> None:
    async with smtp_house(balancers=balancers) as house:
        async with passed_on(house, header) as client:
            assert client.greeting is not None
            assert client.greeting.code == 220
            assert await client.is_closed()
        await house.until_connections(0)


async def test_the_front_mta_sends_no_header_wherever_it_is() -> None:
    async with smtp_house(balancers=BALANCER) as house, house.front_mta() as client:
        assert (await client.command("LHLO front.example")).code == 250


async def test_a_balancer_is_known_by_its_ipv4_address_on_a_socket_for_both_kinds() -> None:
    """RFC 4291 §2.5.5.2: there it is ::ffff:127.0.0.1, as is everybody who comes by IPv4."""
    both = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    both.bind(("::", 0))
    both.settimeout(0)
    async with smtp_house(balancers=BALANCER, sockets=[both]) as house, passed_on(house, V1) as client:
        await client.hello()
        assert (await client.deliver(b"a: b\r\n", str(CUSTOMER))).code == 250
        assert [one.client_ip for one in house.acceptor.taken] == ["203.0.113.9"]
