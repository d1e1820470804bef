"""DATA over real sockets: content, its faults, clients that vanish, and what is held meanwhile (faults.md 1b)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.patience import patience_s
from support.smtp import SmtpClient
from support.smtp_house import CUSTOMER, QUICK, House, smtp_house

from relay.errors import Unavailable
from relay.policy.reply import Reply

HEAD = b"Subject: a\r\n\r\n"
SMUGGLING = (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n", b"\r\r\n.\r\r\n")


async def in_data(client: SmtpClient) -> None:
    """Bring a client to the point where it may send content."""
    await client.hello()
    await client.begin(str(CUSTOMER))
    assert (await client.command("DATA")).code == 354


@pytest.mark.parametrize("sequence", SMUGGLING)
async def test_nothing_but_the_real_end_ends_the_data_and_nothing_is_smuggled_in(sequence: bytes) -> None:
    """FAULT-44, FAULT-45: one message at most, and the session stays in step."""
    smuggled = f"MAIL FROM:<evil@sender.example>\r\nRCPT TO:<{CUSTOMER}>\r\nDATA\r\nevil: yes\r\n".encode()
    async with smtp_house() as house, house.client() as client:
        await in_data(client)
        await client.send(HEAD + b"hello" + sequence + smuggled + b".\r\n")
        answer = await client.answer()
        assert answer.codes == ("550 5.6.0" if b"\0" in sequence else "550 5.5.2")
        assert (await client.command("NOOP")).codes == "250 2.0.0"
        assert house.acceptor.taken == []
        assert (await client.deliver(HEAD, str(CUSTOMER))).code == 250


async def test_bare_line_ends_reach_the_acceptor_as_crlf() -> None:
    """FAULT-46."""
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.deliver(b"Subject: a\nX: b\rY: c\r\n\r\nd\ne\r\n", str(CUSTOMER))
        assert house.acceptor.taken[0].content == b"Subject: a\r\nX: b\r\nY: c\r\n\r\nd\r\ne\r\n"


@pytest.mark.parametrize("octets", [1_001, 100_000, 1_000_000])
async def test_long_lines_are_taken_up_to_the_limit_of_the_message(octets: int) -> None:
    """FAULT-48."""
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        assert (await client.deliver(HEAD + b"x" * octets + b"\r\n", str(CUSTOMER))).code == 250
        assert house.acceptor.taken[0].content == HEAD + b"x" * octets + b"\r\n"


@pytest.mark.parametrize(("octets", "codes"), [(1000, "250 2.6.0"), (1001, "552 5.3.4"), (1999, "552 5.3.4")])
async def test_a_message_over_the_limit_is_refused_at_its_end_and_the_session_goes_on(octets: int, codes: str) -> None:
    """FAULT-49."""
    async with smtp_house(replace(QUICK, message_octets_max=1000)) as house, house.client() as client:
        await client.hello()
        answer = await client.deliver(b"x" * (octets - 2) + b"\r\n", str(CUSTOMER))
        assert answer.codes == codes
        assert (await client.command("NOOP")).code == 250
        assert house.server.in_flight_octets == 0


async def test_a_message_of_twice_the_limit_closes_the_connection_and_the_client_learns_why() -> None:
    """FAULT-49."""
    async with smtp_house(replace(QUICK, message_octets_max=1000, linger_s=5)) as house, house.client() as client:
        await in_data(client)
        await client.send(b"x" * 500_000)
        assert (await client.answer()).codes == "552 5.3.4"
        assert await client.is_closed()
        assert house.acceptor.begun == 0


@pytest.mark.parametrize("sent", [b"", b"Subject: a", HEAD + b"text\r\n", HEAD + b"text\r\n."])
async def test_a_client_that_dies_in_data_leaves_nothing(sent: bytes) -> None:
    """FAULT-50, FAULT-40."""
    with capture_logs() as lines:
        async with smtp_house() as house:
            async with house.client() as client:
                await in_data(client)
                await client.send(sent)
                await client.abort()
            await house.until_connections(0)
            assert house.acceptor.begun == 0
            assert house.server.in_flight_octets == 0
    assert [line for line in lines if line["event"] != "smtp.session"] == []


async def test_a_client_that_hangs_up_after_the_dot_does_not_stop_its_message() -> None:
    """FAULT-51."""
    async with smtp_house() as house:
        house.acceptor.gate.clear()
        async with house.client() as client:
            await in_data(client)
            await client.send(HEAD + b".\r\n")
            await house.until_begun(1)
            await client.abort()
        await house.until_connections(0)
        house.acceptor.gate.set()
        await house.until_taken(1)
        await asyncio.sleep(0)
        assert house.server.in_flight_octets == 0


async def test_a_client_that_only_stops_sending_after_the_dot_still_gets_its_answer() -> None:
    """FAULT-51."""
    async with smtp_house() as house:
        house.acceptor.gate.clear()
        async with house.client() as client:
            await in_data(client)
            await client.send(HEAD + b".\r\n")
            client.end_of_input()
            await house.until_begun(1)
            house.acceptor.gate.set()
            assert (await client.answer()).codes == "250 2.6.0"
            assert await client.is_closed()
        assert len(house.acceptor.taken) == 1


@pytest.mark.parametrize("trouble", [Unavailable("scanner"), RuntimeError("writer@sender.example is odd"), KeyError("x")])
async def test_an_acceptor_in_trouble_means_later_and_the_session_goes_on(trouble: Exception) -> None:
    """FAULT-66, FAULT-97, FAULT-98: no text of the trouble reaches the client or the log."""
    with capture_logs() as lines:
        async with smtp_house() as house, house.client() as client:
            house.acceptor.trouble = trouble
            await client.hello()
            answer = await client.deliver(HEAD, str(CUSTOMER))
            assert (answer.codes, answer.text) == ("451 4.3.0", "4.3.0 Local trouble, try again later [id-000002]")
            house.acceptor.trouble = None
            assert (await client.deliver(HEAD, str(CUSTOMER))).code == 250
            assert house.server.stats.messages_deferred == 1
    [failure] = [line for line in lines if line["event"] == "smtp.failed"]
    assert (failure["trace"], failure["error"]) == ("id-000002", type(trouble).__name__)
    assert "sender.example" not in str(lines)


async def test_the_reply_of_the_acceptor_is_said_with_the_id_of_the_message() -> None:
    async with smtp_house() as house, house.client() as client:
        house.acceptor.reply = Reply(550, "5.7.1", "This conversation is closed")
        await client.hello()
        answer = await client.deliver(HEAD, str(CUSTOMER))
        assert (answer.code, answer.text) == (550, "5.7.1 This conversation is closed [id-000002]")
        assert house.server.stats.messages_refused == 1


async def test_twenty_refused_messages_are_no_error_of_the_session() -> None:
    async with smtp_house(replace(QUICK, errors_max=2)) as house, house.client() as client:
        house.acceptor.reply = Reply(550, "5.7.1", "This conversation is closed")
        await client.hello()
        for _ in range(4):
            assert (await client.deliver(HEAD, str(CUSTOMER))).codes == "550 5.7.1"


@pytest.mark.parametrize("argument", ["x", "FROM:<a@b.example>"])
async def test_data_takes_no_argument(argument: str) -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.begin(str(CUSTOMER))
        assert (await client.command(f"DATA {argument}")).codes == "501 5.5.4"
        assert (await client.command("DATA")).code == 354


async def test_the_next_transaction_begins_from_nothing() -> None:
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        await client.deliver(HEAD, str(CUSTOMER))
        assert (await client.command("DATA")).codes == "503 5.5.1"
        assert (await client.command(f"RCPT TO:<{CUSTOMER}>")).codes == "503 5.5.1"


async def test_content_that_trickles_is_cut_by_its_rate() -> None:
    """FAULT-11: each octet would satisfy a timer that counts the time between octets."""
    limits = replace(QUICK, data_chunk_s=0.1, data_octets_per_s_min=10_000)
    async with smtp_house(limits) as house, house.client() as client:
        await in_data(client)
        trickle = asyncio.create_task(client.trickle())
        answer = await client.answer()
        trickle.cancel()
        assert answer.codes == "421 4.4.2"
        assert await client.is_closed()
        assert (house.server.stats.timeouts, house.acceptor.begun) == (1, 0)


async def test_content_that_stops_coming_is_cut() -> None:
    async with smtp_house(replace(QUICK, data_chunk_s=0.05)) as house, house.client() as client:
        await in_data(client)
        await client.send(HEAD)
        assert (await client.answer()).codes == "421 4.4.2"
        assert await client.is_closed()


async def test_the_acceptor_may_take_longer_than_any_timer_of_the_session() -> None:
    limits = replace(QUICK, data_chunk_s=0.2, command_s=0.2)
    async with smtp_house(limits) as house, house.client() as client:
        house.acceptor.gate.clear()
        await client.send(b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<" + str(CUSTOMER).encode() + b">\r\nDATA\r\n")
        await client.send(HEAD + b".\r\n")
        await client.answers(4)
        await house.until_begun(1)
        await asyncio.sleep(0.3)
        house.acceptor.gate.set()
        assert (await client.answer()).codes == "250 2.6.0"


async def test_content_of_all_sessions_together_is_bounded() -> None:
    """faults.md 5.1: 452 4.3.1 at MAIL, and at the end of a message that does not fit any more."""
    limits = replace(QUICK, in_flight_octets_max=200_000, room_s=0.05)
    async with smtp_house(limits) as house, house.client() as first, house.client() as second:
        await in_data(first)
        await first.send(b"x" * 60_000)
        await until_held(house, 60_000)
        await in_data(second)
        await second.send(b"y" * 60_000 + b"\r\n.\r\n")
        assert (await second.answer()).codes == "452 4.3.1"
        assert (await second.command("MAIL FROM:<a@b.example> SIZE=50000")).codes == "452 4.3.1"
        assert (await second.command("MAIL FROM:<a@b.example> SIZE=30000")).codes == "250 2.1.0"
        await first.send(b"x" * 39_000 + b"\r\n.\r\n")
        assert (await first.answer()).code == 250
        assert house.server.in_flight_octets == 0


async def test_without_room_nothing_is_read_until_there_is() -> None:
    """faults.md 5.1: TCP holds the sender back, and its message is taken all the same."""
    async with (
        smtp_house(replace(QUICK, in_flight_octets_max=200_000)) as house,
        house.client() as first,
        house.client() as second,
    ):
        house.acceptor.gate.clear()
        await in_data(first)
        await first.send(b"x" * 99_000 + b"\r\n.\r\n")
        await house.until_begun(1)
        await in_data(second)
        sending = asyncio.create_task(second.send(b"y" * 60_000 + b"\r\n.\r\n"))
        await asyncio.sleep(0.05)
        assert house.server.in_flight_octets == 99_002, "nothing of the second counts as held, and nothing was refused"
        house.acceptor.gate.set()
        await sending
        assert [(await client.answer()).code for client in (first, second)] == [250, 250]
        assert sorted(len(one.content) for one in house.acceptor.taken) == [60_002, 99_002]


async def test_a_nearly_full_disk_takes_no_new_mail_until_there_is_room_again() -> None:
    """FAULT-97: 452 4.3.1 at MAIL; what was begun before is finished."""
    free = 1000
    async with (
        smtp_house(replace(QUICK, disk_octets_free_min=1000), free_octets=lambda: free) as house,
        house.client() as early,
        house.client() as late,
    ):
        await in_data(early)
        free = 999
        await late.hello()
        assert (await late.command("MAIL FROM:<a@b.example>")).codes == "452 4.3.1"
        await early.send(HEAD + b".\r\n")
        assert (await early.answer()).code == 250
        free = 1000
        assert (await late.deliver(HEAD, str(CUSTOMER))).code == 250


async def until_held(house: House, octets: int) -> None:
    async with asyncio.timeout(patience_s):
        while house.server.in_flight_octets < octets:
            await asyncio.sleep(0.001)


async def test_content_counts_until_the_acceptor_has_answered() -> None:
    async with smtp_house() as house, house.client() as client:
        house.acceptor.gate.clear()
        await in_data(client)
        await client.send(HEAD + b".\r\n")
        await house.until_begun(1)
        assert house.server.in_flight_octets == len(HEAD)
        house.acceptor.gate.set()
        await client.answer()
        assert house.server.in_flight_octets == 0


async def test_large_messages_are_taken_over_one_after_the_other_and_small_ones_beside_them() -> None:
    """PERF-6, PERF-9."""
    limits = replace(QUICK, in_memory_octets_max=10_000, large_octets_at_once=100_000)
    async with smtp_house(limits) as house, house.client() as first, house.client() as second, house.client() as small:
        house.acceptor.gate.clear()
        for client in (first, second):
            await in_data(client)
            await client.send(b"x" * 80_000 + b"\r\n.\r\n")
        await house.until_begun(1)
        # Read to its end too, and waiting for the first.
        await house.until_in_flight(2 * 80_002)
        await in_data(small)
        await small.send(HEAD + b".\r\n")
        await house.until_begun(2)
        assert house.server.in_flight_octets == 2 * 80_002 + len(HEAD)
        house.acceptor.gate.set()
        for client in (first, second, small):
            assert (await client.answer()).code == 250
        assert sorted(len(one.content) for one in house.acceptor.taken) == [len(HEAD), 80_002, 80_002]
        assert house.server.in_flight_octets == 0


async def test_a_disk_that_takes_nothing_means_later_and_the_session_goes_on(tmp_path: Path) -> None:
    """FAULT-97."""
    with capture_logs() as lines:
        async with smtp_house(replace(QUICK, in_memory_octets_max=10_000), spool_directory=tmp_path / "missing") as house:
            async with house.client() as client:
                await in_data(client)
                await client.send(b"x" * 80_000 + b"\r\n.\r\n")
                assert (await client.answer()).codes == "452 4.3.1"
                assert (await client.deliver(HEAD, str(CUSTOMER))).code == 250
            assert house.server.in_flight_octets == 0
    assert [line["error"] for line in lines if line["event"] == "smtp.failed"] == ["FileNotFoundError"]


async def test_five_megabytes_arrive_as_they_were_sent() -> None:
    content = HEAD + b"".join(b".line %d of many, and some more text to fill it\r\n" % number for number in range(100_000))
    async with smtp_house() as house, house.client() as client:
        await client.hello()
        assert (await client.deliver(content.replace(b"\r\n.", b"\r\n.."), str(CUSTOMER))).code == 250
        assert house.acceptor.taken[0].content == content
