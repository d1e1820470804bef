"""An SMTP session: what each command does (RFC 5321 §4.1), for a host that takes mail for its own aliases alone."""

# ruff: noqa: N802  aiosmtpd finds its commands by these names

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from relay.errors import Unavailable
from relay.inbound import replies
from relay.inbound.admission import network_of
from relay.inbound.handover import Answered, Handover, Transaction
from relay.inbound.paths import Parameters, declared_octets, parameters, path_and_rest
from relay.inbound.ports import AtRole, Distrusted, NotOurs, Recipient, UnknownAlias, Unread
from relay.inbound.spool import Spool
from relay.policy.reply import Reply
from relay.values import MessageId

_MAIL_PARAMETERS: Final = frozenset({"SIZE", "BODY", "SMTPUTF8"})
_BODIES: Final = frozenset({"7BIT", "8BITMIME"})
_hello_characters_max: Final = 255


class Session(Handover):
    """One SMTP session; relay.inbound.lmtp has the variation for the host behind a front MTA."""

    answers_once = True
    """One reply follows the final dot, whoever the recipients are."""
    verbs: tuple[str, ...] = ("HELO", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "RSET", "QUIT")
    constant_replies: Mapping[str, Reply] = {
        "NOOP": replies.DONE,
        "HELP": replies.HELP,
        "VRFY": replies.VRFY,
        "EXPN": replies.NOT_OFFERED,
        "AUTH": replies.NOT_OFFERED,
        "BDAT": replies.NOT_OFFERED,
    }

    _transaction: Transaction | None = None
    _transactions = 0

    @property
    def trace(self) -> str:
        """The id of the transaction under way, which is the message's; else the session's."""
        return self.id if self._transaction is None else self._transaction.id

    def _set_rset_state(self) -> None:
        self._transaction = None

    # Hello.

    async def smtp_HELO(self, hostname: str) -> None:
        if self._greeted(hostname):
            self.say_lines(f"250 {self.hostname}\r\n")

    async def smtp_EHLO(self, hostname: str) -> None:
        if self._greeted(hostname):
            self.offer()

    @property
    def recipients_max(self) -> int:
        """Of one transaction."""
        return self.limits.recipients_max

    def offer(self, *more: str) -> None:
        """Say what can be done here (RFC 5321 §4.1.1.1); `more` is what not every session can."""
        offers = [
            *more,
            f"SIZE {self.limits.message_octets_max}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            f"LIMITS RCPTMAX={self.recipients_max}",
            "PIPELINING",
        ]
        if self.service.tls is not None and not self.tls:
            offers.insert(0, "STARTTLS")
        lines = [f"250-{self.hostname}", *(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}", ""]
        self.say_lines("\r\n".join(lines))

    def _greeted(self, name: str) -> bool:
        if not name or len(name) > _hello_characters_max or not name.isascii():
            self.refuse(replies.ARGUMENT_NEEDED)
            return False
        self.helo = name
        self._set_rset_state()
        return True

    async def smtp_STARTTLS(self, argument: str) -> None:
        if self.service.tls is None:
            self.refuse(replies.NOT_OFFERED)
        elif argument:
            self.refuse(replies.NO_ARGUMENT_TAKEN)
        elif self.tls:
            self.refuse(replies.TLS_ALREADY)
        elif not self.helo:
            self.refuse(replies.HELLO_FIRST)
        elif len(self.stream):
            # Somebody on the way put commands behind it, to be obeyed as if they came through TLS (RFC 3207 §4.2, FAULT-36).
            self.finish(replies.TLS_INJECTED, "injection before TLS")
        else:
            self.say(replies.START_TLS)
            self.write_out()
            await self.shake_hands(self.service.tls())
            self.helo = ""
            self._set_rset_state()

    # The transaction.

    async def smtp_MAIL(self, argument: str | None) -> None:
        refusal = self._begin(argument or "")
        if refusal is not None:
            self.refuse(refusal)
            return
        self._transactions += 1
        if self._transactions > self.limits.transactions_max:
            self.finish(replies.TOO_MANY_COMMANDS, "transactions")
            return
        self.say(replies.SENDER_TAKEN)

    def _begin(self, argument: str) -> Reply | None:
        """Begin a transaction, or say why not."""
        if not self.helo:
            return replies.HELLO_FIRST
        if self._transaction is not None:
            return replies.NESTED_MAIL
        if argument[:5].upper() != "FROM:":
            return replies.MAIL_SYNTAX
        text = argument[5:].lstrip(" ")
        if text.startswith("<>"):
            sender, rest = "", text[2:]
        elif (found := path_and_rest(text)) is not None:
            sender, rest = found[0].text, found[1]
        else:
            return replies.BAD_SENDER
        given = parameters(rest)
        refusal = self._objection(given)
        if given is None or refusal is not None:
            return refusal
        if not sender.isascii() and "SMTPUTF8" not in given:
            return replies.NEEDS_SMTPUTF8
        self._transaction = Transaction(MessageId(self.service.new_id()), sender, "SMTPUTF8" in given)
        return None

    def _objection(self, given: Parameters | None) -> Reply | None:
        """What speaks against the parameters of MAIL (RFC 1870, RFC 6152, RFC 6531)."""
        if given is None:
            return replies.BAD_PARAMETER
        if not given.keys() <= _MAIL_PARAMETERS:
            return replies.UNKNOWN_PARAMETER
        if given.get("SMTPUTF8") is not None or ("BODY" in given and (given["BODY"] or "").upper() not in _BODIES):
            return replies.BAD_PARAMETER
        octets = declared_octets(given["SIZE"]) if "SIZE" in given else 0
        if octets is None:
            return replies.BAD_PARAMETER
        if octets > self.limits.message_octets_max:
            return replies.TOO_LARGE
        if not self.admission.conduct.may_bring(self.blamed):
            return replies.TOO_MANY_REFUSED
        has_room = self.admission.has_room(network_of(self.client_ip), max(octets, 1)) and self.admission.disk_has_room
        return None if has_room else replies.NO_ROOM

    async def smtp_RCPT(self, argument: str | None) -> None:
        transaction = self._transaction
        if transaction is None:
            self.refuse(replies.MAIL_FIRST if self.helo else replies.HELLO_FIRST)
            return
        mailbox = self._mailbox(argument or "", transaction.smtputf8)
        if isinstance(mailbox, Reply):
            self.refuse(mailbox)
        elif len(transaction.accepted) >= self.recipients_max:
            self.refuse(replies.TOO_MANY_RECIPIENTS)
        else:
            await self._add(transaction, mailbox[0], await self._looked_up(*mailbox))

    def _mailbox(self, argument: str, smtputf8: bool) -> tuple[str, str] | Reply:
        """Local part and domain as `Recipients` wants them, or what is wrong with the argument of RCPT."""
        if argument[:3].upper() != "TO:":
            return replies.RCPT_SYNTAX
        text = argument[3:].lstrip(" ")
        if text[:12].lower() == "<postmaster>":
            local, domain, rest = "postmaster", "", text[12:]
        elif (found := path_and_rest(text)) is not None:
            path, rest = found
            if path.is_literal or path.points_elsewhere:
                return replies.RELAY_DENIED
            if not path.text.isascii() and not smtputf8:
                return replies.NEEDS_SMTPUTF8
            local, domain = path.local.lower(), path.domain
        else:
            return replies.BAD_RECIPIENT
        given = parameters(rest)
        if given is None:
            return replies.BAD_PARAMETER
        return replies.UNKNOWN_PARAMETER if given else (local, domain)

    async def _looked_up(self, local: str, domain: str) -> Recipient | None:
        """Who is reached there; None when that cannot be told now (FAULT-33)."""
        try:
            async with asyncio.timeout(self.limits.look_up_s):
                return await self.service.recipients.look_up(local, domain)
        except (Unavailable, TimeoutError) as error:
            self.report_failure(error, "RCPT")
            return None

    async def _add(self, transaction: Transaction, local: str, found: Recipient | None) -> None:
        match found:
            case None:
                self.admission.stats.recipients_deferred += 1
                self.refuse(replies.TROUBLE)
            case NotOurs():
                self.refuse(replies.RELAY_DENIED)
            case Distrusted():
                self.refuse(replies.RETURN_PATH_REFUSED)
            case Unread():
                self.refuse(replies.UNREAD)
            case UnknownAlias():
                await self.answer_guess(local)
            case AtRole() if not self.admission.conduct.may_write_to_house(self.blamed):
                self.admission.stats.recipients_deferred += 1
                self.refuse(replies.TOO_MANY_TO_HOUSE)
            case _ if self.answers_once and not transaction.takes(found):
                # One reply follows the final dot, and the two kinds part there; 452 has senders try the rest apart.
                self.refuse(replies.OTHER_KIND)
            case _:
                transaction.accepted.append(found)
                self.say(replies.RECIPIENT_TAKEN)

    async def answer_guess(self, local: str) -> None:
        """Answer a client that named `local`, which reaches nobody: later, the more its network guesses; in the end not at all.

        Nobody else waits for it: a session that waits is a task and a connection of its own network, and no more (FAULT-29). A
        front MTA is answered at once: others guess through it, and whose mail it brings would wait.
        """
        self.admission.stats.recipients_unknown += 1
        guesses = self.admission.conduct.guessed(self.blamed, local)
        delay = self.limits.tarpit_s(guesses) if self.blamed else 0.0
        if self.is_shut_out():
            return
        self.write_out()
        if delay:
            await asyncio.sleep(delay)
        self.refuse(replies.UNKNOWN_ALIAS)

    async def smtp_DATA(self, argument: str) -> None:
        transaction = self._transaction
        if transaction is None or not transaction.accepted:
            self.refuse(replies.RECIPIENT_FIRST if self.helo else replies.HELLO_FIRST)
            return
        if argument:
            self.refuse(replies.NO_ARGUMENT_TAKEN)
            return
        self.say(replies.GO_AHEAD)
        spool = Spool(self.limits.in_memory_octets_max, self.service.spool_directory)
        intake = await self.taken_in(spool)
        if intake.is_hopeless:
            self.say_all(self.answers(transaction, replies.TOO_LARGE))
            self.end("message twice too large")
            return
        if intake.fault is None:
            answers = await self.taken_over(transaction, spool, intake.octets)
        else:
            answers = self.answers(transaction, intake.fault.reply)
        self.count(transaction, answers, intake.octets)
        self.say_all(answers)
        self._set_rset_state()

    def say_all(self, answers: Sequence[Answered]) -> None:
        """Answer the final dot. A refused message is no error of the session: its bearer did nothing wrong."""
        for one in answers:
            self.say(one.reply, one.id)

    async def smtp_RSET(self, arg: str) -> None:
        if arg:
            self.refuse(replies.NO_ARGUMENT_TAKEN)
            return
        self._set_rset_state()
        self.say(replies.DONE)

    async def smtp_QUIT(self, arg: str) -> None:
        if arg:
            self.refuse(replies.NO_ARGUMENT_TAKEN)
            return
        self._set_rset_state()
        self.finish(replies.CLOSING)
