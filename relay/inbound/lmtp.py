"""LMTP (RFC 2033): mail from a front MTA that has taken it over already, with an answer for each recipient.

Whoever reaches these sockets is the front MTA, and is believed: the file permissions of the socket, or the address that a TCP
port is bound to, say who that may be. So its errors are not counted against it, and nobody guesses here. Who the client of the
front MTA was is told by XFORWARD (Postfix, XFORWARD_README), or by nobody; then address and greeting are empty, and so is its
network.
"""

# ruff: noqa: N802  aiosmtpd finds its commands by these names

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from relay.inbound import replies
from relay.inbound.handover import Answered, Transaction
from relay.inbound.ports import AtAlias, AtBooking, Incoming, Reachable
from relay.inbound.session import Session
from relay.inbound.spool import Spool
from relay.policy.reply import Reply
from relay.values import MessageId

_ATTRIBUTES: Final = ("ADDR", "HELO")
"""Of XFORWARD, those that we have a use for. A client sends what is offered, and no more."""
_ATTRIBUTE: Final = re.compile(r"([A-Za-z]{1,16})=([!-*,-<>-~]|\+[0-9A-F]{2}){1,255}")
_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")
_NOT_KNOWN: Final = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_IPV6: Final = "ipv6:"


class LmtpSession(Session):
    """One LMTP session. Its client has one reply for each RCPT that was accepted, in that order, after the final dot."""

    protocol = "LMTP"
    answers_once = False
    trusted = True
    verbs = ("LHLO", "STARTTLS", "XFORWARD", "MAIL", "RCPT", "DATA", "RSET", "QUIT")

    @property
    def recipients_max(self) -> int:
        return self.limits.recipients_apart_max

    _client_helo = ""

    def _set_rset_state(self) -> None:
        super()._set_rset_state()
        self.client_ip = self._client_helo = ""

    async def smtp_LHLO(self, hostname: str) -> None:
        if self._greeted(hostname):
            self.offer(f"XFORWARD {' '.join(_ATTRIBUTES)}")

    async def smtp_XFORWARD(self, argument: str) -> None:
        """Who brought the next message to the front MTA."""
        if not self.helo:
            self.refuse(replies.HELLO_FIRST)
        elif self._transaction is not None:
            self.refuse(replies.NESTED_MAIL)
        elif (told := _attributes(argument)) is None:
            self.refuse(replies.BAD_PARAMETER)
        else:
            self.client_ip = told.get("ADDR", self.client_ip)
            self._client_helo = told.get("HELO", self._client_helo)
            self.say(replies.DONE)

    # After the final dot.

    def incoming(
        self, transaction: Transaction, id_: MessageId, recipients: tuple[Reachable, ...], content: bytes, received_at: datetime
    ) -> Incoming:
        told = super().incoming(transaction, id_, recipients, content, received_at)
        return replace(told, client_ip=self.client_ip, helo=self._client_helo)

    def answers(self, transaction: Transaction, reply: Reply) -> Sequence[Answered]:
        return [Answered(reply, transaction.id)] * len(transaction.accepted)

    async def handed_over(self, transaction: Transaction, spool: Spool, received_at: datetime) -> Sequence[Answered]:
        """Parties and the house are handed over apart, since mail to the house goes another way.

        What is refused or put off for several at once is handed over again for each: those who may have it get it. What no answer
        was found for (DNS, the database) is not: it would be sought as many times. Docs: decisions/0015.
        """
        if len(transaction.recipients) == 1:
            return await super().handed_over(transaction, spool, received_at)
        content = await spool.read()
        parties = tuple(one for one in transaction.recipients if isinstance(one, AtAlias))
        house = tuple(one for one in transaction.recipients if not isinstance(one, AtAlias | AtBooking))
        bookings = tuple((one,) for one in transaction.recipients if isinstance(one, AtBooking))

        found: dict[Reachable, Answered] = {}

        async def answer(recipients: tuple[Reachable, ...], id_: MessageId) -> bool:
            """Hand it over for `recipients`; whether they were told no, or not now, for a reason of their own."""
            try:
                reply = await self.service.acceptor.take(self.incoming(transaction, id_, recipients, content, received_at))
            except Exception as error:  # noqa: BLE001  for these recipients "later", and the others have their own answer
                found.update(dict.fromkeys(recipients, Answered(self.put_off(error), id_)))
                return False
            found.update(dict.fromkeys(recipients, Answered(reply, id_)))
            return not reply.is_positive

        for recipients in (parties, house, *bookings):
            if recipients:
                id_ = MessageId(self.service.new_id()) if found else transaction.id
                if await answer(recipients, id_) and len(recipients) > 1:
                    for one in recipients:
                        await answer((one,), MessageId(self.service.new_id()))
        return [found[one] for one in transaction.accepted]


def _attributes(argument: str) -> Mapping[str, str] | None:
    """What XFORWARD tells, with empty values for what is not known; None for what is malformed or was not offered."""
    told: dict[str, str] = {}
    for word in argument.split():
        if not word.isascii() or _ATTRIBUTE.fullmatch(word) is None:
            return None
        name, _, xtext = word.partition("=")
        value = _XTEXT.sub(lambda octet: chr(int(octet[1], 16)), xtext)
        value = "" if value.upper() in _NOT_KNOWN else value
        match name.upper():
            case "ADDR":
                address = _address(value)
                if address is None:
                    return None
                told["ADDR"] = address
            case "HELO":
                told["HELO"] = value if value.isascii() and value.isprintable() else ""
            case _:
                return None
    return told or None


def _address(written: str) -> str | None:
    """An IP address as Postfix writes it, with `IPv6:` before those; empty when it is not known; None when it is none."""
    if not written:
        return ""
    try:
        return str(ip_address(written[len(_IPV6) :] if written.lower().startswith(_IPV6) else written))
    except ValueError:
        return None
