"""LMTP: what a front MTA hears from us (RFC 2033)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from support.patience import patience_s
from support.smtp import Answer, SmtpClient
from support.smtp_house import CUSTOMER, PARTNER, QUICK, smtp_house

from relay.errors import Unanswered, Unavailable
from relay.inbound.ports import AtAlias, AtRole, Incoming
from relay.policy.reply import Reply
from relay.values import Alias

STRANGER = Reply(550, "5.7.1", "Sender not accepted for this recipient")
CROWDED = Reply(450, "4.7.1", "Too much mail in a short time, try again later")


async def greeted(client: SmtpClient) -> Answer:
    return await client.command("LHLO front.example")


async def delivered(client: SmtpClient, *recipients: str, content: bytes = b"a: b\r\n") -> list[Answer]:
    """A transaction; the answers after the final dot, one for each RCPT that was accepted."""
    accepted = [answer for answer in (await client.begin(*recipients))[1:] if answer.code == 250]
    assert (await client.command("DATA")).code == 354
    await client.send(content + b".\r\n")
    return await client.answers(len(accepted))


async def test_the_hello_is_lhlo_and_offers_what_is_required() -> None:
    """RFC 2033 §4.1, §5: HELO and EHLO are not known; PIPELINING and ENHANCEDSTATUSCODES are offered."""
    async with smtp_house() as house, house.front_mta() as client:
        assert client.greeting is not None
        assert client.greeting.text == "mx.reply.example LMTP"
        assert [(await client.command(f"{verb} front.example")).codes for verb in ("HELO", "EHLO")] == ["500 5.5.2"] * 2
        assert (await client.command("MAIL FROM:<a@b.example>")).codes == "503 5.5.1"
        offers = (await greeted(client)).lines
        assert {"PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "LIMITS RCPTMAX=10"} <= set(offers)
        assert "XFORWARD ADDR HELO" in offers
        assert (await client.command("XCLIENT ADDR=192.0.2.1")).codes == "500 5.5.2"


async def test_smtp_knows_neither_lhlo_nor_xforward() -> None:
    async with smtp_house() as house, house.client() as client:
        assert (await client.command("LHLO front.example")).codes == "500 5.5.2"
        assert not any(offer.startswith("XFORWARD") for offer in (await client.hello()).lines)
        assert (await client.command("XFORWARD ADDR=192.0.2.1")).codes == "500 5.5.2"


async def test_every_accepted_recipient_has_its_reply_the_same_one_twice_too() -> None:
    """RFC 2033 §4.2: as many replies as RCPT commands were successful, in their order."""
    async with smtp_house() as house, house.front_mta() as client:
        await greeted(client)
        answers = await delivered(client, str(CUSTOMER), "nobody@reply.example", str(PARTNER), str(CUSTOMER))
        assert [answer.codes for answer in answers] == ["250 2.6.0"] * 3
        assert [one.recipients for one in house.acceptor.taken] == [(AtAlias(CUSTOMER), AtAlias(PARTNER))]
        assert house.server.stats.messages_taken == 1
        assert (await client.command("DATA")).codes == "503 5.5.1"
        assert (await client.command("QUIT")).code == 221


async def test_parties_and_the_house_in_one_transaction_are_two_messages() -> None:
    async with smtp_house() as house, house.front_mta() as client:
        await greeted(client)
        answers = await delivered(client, "postmaster@reply.example", str(CUSTOMER), "abuse@reply.example")
        assert [answer.code for answer in answers] == [250] * 3
        assert answers[0].trace == answers[2].trace != answers[1].trace
        assert {one.id: one.recipients for one in house.acceptor.taken} == {
            answers[1].trace: (AtAlias(CUSTOMER),),
            answers[0].trace: (AtRole("postmaster"), AtRole("abuse")),
        }


@pytest.mark.parametrize("why_not", [STRANGER, CROWDED])
async def test_what_is_said_of_one_recipient_does_not_touch_the_others(why_not: Reply) -> None:
    """RFC 2033 §4.2, GW-27: what is refused or put off for all at once is handed over for each (docs/decisions/0015)."""
    async with smtp_house() as house, house.front_mta() as client:
        take = house.acceptor.take

        async def refuses_the_partner(incoming: Incoming) -> Reply:
            return why_not if AtAlias(PARTNER) in incoming.recipients else await take(incoming)

        house.acceptor.take = refuses_the_partner  # type: ignore[method-assign]
        await greeted(client)
        answers = await delivered(client, str(CUSTOMER), str(PARTNER), "abuse@reply.example")
        assert [answer.codes for answer in answers] == ["250 2.6.0", f"{why_not.code} {why_not.enhanced}", "250 2.6.0"]
        assert [one.recipients for one in house.acceptor.taken] == [(AtAlias(CUSTOMER),), (AtRole("abuse"),)]
        assert len({answer.trace for answer in answers}) == 3


async def test_trouble_with_one_recipient_does_not_touch_the_others() -> None:
    async with smtp_house() as house, house.front_mta() as client:
        take = house.acceptor.take

        async def breaks_for_the_house(incoming: Incoming) -> Reply:
            if any(isinstance(one, AtRole) for one in incoming.recipients):
                raise Unavailable("not now")
            return await take(incoming)

        house.acceptor.take = breaks_for_the_house  # type: ignore[method-assign]
        await greeted(client)
        answers = await delivered(client, "abuse@reply.example", str(CUSTOMER))
        assert [answer.codes for answer in answers] == ["451 4.3.0", "250 2.6.0"]


@pytest.mark.parametrize(
    ("trouble", "codes"), [(None, "250 2.6.0"), (Unavailable("not now"), "451 4.3.0"), (Unanswered("no DNS"), "451 4.4.3")]
)
async def test_what_is_taken_or_meets_trouble_is_not_handed_over_again(trouble: Exception | None, codes: str) -> None:
    async with smtp_house() as house, house.front_mta() as client:
        house.acceptor.trouble = trouble
        await greeted(client)
        assert [answer.codes for answer in await delivered(client, str(CUSTOMER), str(PARTNER))] == [codes] * 2
        assert house.acceptor.begun == 1


@pytest.mark.parametrize(
    ("content", "codes"),
    [(b"a: b\r\n\r\n\0\r\n", "550 5.6.0"), (b"a: b\n.\r\nc\r\n", "550 5.5.2"), (b"x" * 3_000 + b"\r\n", "552 5.3.4")],
)
async def test_content_that_nobody_may_have_is_refused_to_each(content: bytes, codes: str) -> None:
    async with smtp_house(replace(QUICK, message_octets_max=2_000)) as house, house.front_mta() as client:
        await greeted(client)
        answers = await delivered(client, str(CUSTOMER), str(PARTNER), content=content)
        assert [answer.codes for answer in answers] == [codes] * 2
        assert (await client.command("NOOP")).code == 250


async def test_a_message_twice_too_large_is_refused_to_each_before_the_connection_is_closed() -> None:
    async with smtp_house(replace(QUICK, message_octets_max=2_000)) as house, house.front_mta() as client:
        await greeted(client)
        await client.begin(str(CUSTOMER), str(PARTNER))
        await client.command("DATA")
        await client.send(b"x" * 5_000)
        assert [answer.codes for answer in await client.answers(2)] == ["552 5.3.4"] * 2
        assert await client.is_closed()


async def test_the_eleventh_recipient_is_for_later_and_the_earlier_ones_stay() -> None:
    """A message may be judged once more for each of them, so they are fewer than with SMTP."""
    aliases = [Alias(f"customer-{number:012x}", "reply.example") for number in range(11)]
    async with smtp_house() as house, house.front_mta() as client:
        house.recipients.more = {alias.local: AtAlias(alias) for alias in aliases}
        await greeted(client)
        assert [answer.code for answer in await client.begin(*map(str, aliases))] == [250] * 11 + [452]


SLOW_TO_GUESSERS = replace(QUICK, errors_max=2, guesses_max=2, tarpit_s_min=3_600, tarpit_s_max=3_600)


async def test_the_front_mta_is_not_blamed_for_what_strangers_ask_of_it() -> None:
    limits = replace(SLOW_TO_GUESSERS, connections_per_network_max=1)
    async with smtp_house(limits) as house, house.front_mta() as client, house.front_mta() as second:
        assert second.greeting is not None
        assert second.greeting.code == 220
        await greeted(client)
        await guesses_at_once(client)
        assert house.server.stats.recipients_unknown == 5


async def test_nor_is_one_that_comes_by_smtp() -> None:
    """GW-20: to wait, or to be shut out, would be for everybody whose mail it brings."""
    async with smtp_house(SLOW_TO_GUESSERS, behind_front=True) as house, house.client() as client:
        await client.hello()
        await guesses_at_once(client)
        assert house.server.stats.recipients_unknown == 5


async def guesses_at_once(client: SmtpClient) -> None:
    """Ask for aliases that there are not, as a front MTA does for others; each is answered at once."""
    async with asyncio.timeout(patience_s):
        answers = await client.begin(*(f"guess-{number}@reply.example" for number in range(5)))
    assert [answer.codes for answer in answers[1:]] == ["550 5.1.1"] * 5
    assert (await client.command("RCPT TO:<elsewhere@other.example>")).codes == "550 5.7.1"


async def test_who_brought_a_message_to_the_front_mta_is_known_for_that_message_alone() -> None:
    """Postfix, XFORWARD_README."""
    async with smtp_house() as house, house.front_mta() as client:
        await greeted(client)
        assert (await client.command("XFORWARD ADDR=203.0.113.9")).codes == "250 2.0.0"
        assert (await client.command("XFORWARD HELO=sender.example")).codes == "250 2.0.0"
        await delivered(client, str(CUSTOMER))
        await delivered(client, str(CUSTOMER))
        told = [(one.client_ip, one.helo) for one in house.acceptor.taken]
        assert told == [("203.0.113.9", "sender.example"), ("", "")]


async def test_a_front_mta_that_comes_by_smtp_is_not_taken_for_who_wrote() -> None:
    """GW-12, GW-13: what is confirmed for one client of it would be confirmed for all."""
    async with smtp_house(behind_front=True) as house:
        async with SmtpClient(house.port) as client:
            await client.hello()
            assert (await client.deliver(b"a: b\r\n", str(CUSTOMER))).code == 250
        async with house.front_mta() as client:
            await greeted(client)
            assert (await client.command("XFORWARD ADDR=203.0.113.9")).codes == "250 2.0.0"
            await delivered(client, str(CUSTOMER))
        assert [one.client_ip for one in house.acceptor.taken] == ["", "203.0.113.9"]


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("ADDR=IPV6:2001:db8::9 HELO=a+2Bb.example", ("2001:db8::9", "a+b.example")),
        ("addr=ipv6:2001:DB8::9", ("2001:db8::9", "")),
        ("ADDR=[UNAVAILABLE] HELO=[TEMPUNAVAIL]", ("", "")),
        ("HELO=a+0D+0ARCPT", ("", "")),
    ],
)
async def test_addresses_and_names_come_as_postfix_writes_them(argument: str, told: tuple[str, str]) -> None:
    async with smtp_house() as house, house.front_mta() as client:
        await greeted(client)
        assert (await client.command(f"XFORWARD {argument}")).codes == "250 2.0.0"
        await delivered(client, str(CUSTOMER))
        assert [(one.client_ip, one.helo) for one in house.acceptor.taken] == [told]


@pytest.mark.parametrize(
    ("argument", "codes"),
    [
        ("", "501 5.5.4"),
        ("ADDR", "501 5.5.4"),
        ("ADDR=client.example", "501 5.5.4"),
        ("ADDR=192.0.2.1 NAME=client.example", "501 5.5.4"),
        ("HELO=a+ZZ", "501 5.5.4"),
        ("HELO=" + "a" * 256, "501 5.5.4"),
    ],
)
async def test_what_is_malformed_or_was_not_offered_is_refused(argument: str, codes: str) -> None:
    async with smtp_house() as house, house.front_mta() as client:
        assert (await client.command("XFORWARD ADDR=192.0.2.1")).codes == "503 5.5.1"
        await greeted(client)
        assert (await client.command(f"XFORWARD {argument}".rstrip())).codes == codes
        await client.begin(str(CUSTOMER))
        assert (await client.command("XFORWARD ADDR=192.0.2.1")).codes == "503 5.5.1"


async def test_draining_reaches_the_front_mta_too() -> None:
    async with smtp_house() as house, house.front_mta() as client:
        await greeted(client)
        drained = asyncio.create_task(house.server.drain(5))
        assert (await client.answer()).codes == "421 4.3.2"
        assert await drained
