"""The content of a message: in from the client, over to the acceptor (RFC 5321 §4.1.1.4, §6.1)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.errors import Unanswered
from relay.inbound import replies
from relay.inbound.admission import network_of
from relay.inbound.data import Fault, Intake
from relay.inbound.dialogue import Dialogue
from relay.inbound.ports import AtAlias, AtBooking, AtRole, Incoming, Reachable
from relay.inbound.spool import Spool
from relay.inbound.stream import command_octets_held, data_octets_held
from relay.policy.reply import Reply
from relay.values import MessageId

_OUR_TROUBLE: Final = frozenset({replies.TROUBLE, replies.NO_ROOM})
"""For which nobody else is blamed."""


@dataclass(slots=True)
class Transaction:
    """A mail transaction under way, from MAIL to the final dot (RFC 5321 §3.3). `accepted` has one entry for each RCPT."""

    id: MessageId
    return_path: str = field(repr=False)
    smtputf8: bool
    accepted: list[Reachable] = field(default_factory=list)

    @property
    def recipients(self) -> tuple[Reachable, ...]:
        """Each of them once."""
        return tuple(dict.fromkeys(self.accepted))

    def holds(self, kind: type[Reachable]) -> bool:
        """Whether one of that kind is among the recipients."""
        return any(isinstance(one, kind) for one in self.accepted)

    def takes(self, recipient: Reachable) -> bool:
        """Whether `recipient` is of the kind that is there already: parties, or the house; a booking's address stands alone."""
        if any(isinstance(one, AtBooking) for one in (recipient, *self.accepted)):
            return not self.accepted or recipient in self.accepted
        return not self.accepted or isinstance(recipient, AtAlias) == isinstance(self.accepted[0], AtAlias)


@dataclass(frozen=True, slots=True)
class Answered:
    """What is said after the final dot, and the id under which the archive and the log know the matter."""

    reply: Reply
    id: MessageId


class Handover(Dialogue):
    """A connection over which messages come in. Their size, pace and number are bounded here, their meaning is not known."""

    helo = ""

    async def taken_in(self, spool: Spool) -> Intake:
        """The content up to the final dot, or until it is hopeless. Raises Ended when the client goes before (FAULT-50)."""
        intake = Intake(self.limits.message_octets_max, spool)
        network = network_of(self.client_ip)
        held = 0
        began = self.loop.time()
        self.stream.held_max = data_octets_held
        try:
            while not intake.complete and not intake.is_hopeless:
                if not len(self.stream):
                    patience = began + self.limits.data_chunk_s + intake.octets / self.limits.data_octets_per_s_min
                    self.expect_by(min(self.loop.time() + self.limits.data_chunk_s, patience))
                    await self.wait()
                self.stream.take_back(intake.feed(self.stream.everything()))
                if not self.admission.has_room(network, intake.held - held):
                    paused = self.loop.time()
                    await self._make_room(intake, held, network)
                    began += self.loop.time() - paused
                elif spool.is_full:
                    await self._spill(spool, intake)
                self.admission.hold(network, intake.held - held)
                held = intake.held
        except BaseException:
            self.admission.hold(network, -held)
            spool.close()
            raise
        finally:
            self.stream.held_max = command_octets_held
            self.expect_by(math.inf)
        return intake

    async def _make_room(self, intake: Intake, held: int, network: str) -> None:
        """Read nothing until there is room again; refuse the message when that takes too long (faults.md 5.1)."""
        self.expect_by(math.inf)
        if not await self.admission.room(network, intake.held - held):
            intake.spoil(Fault.NO_ROOM)

    async def _spill(self, spool: Spool, intake: Intake) -> None:
        self.expect_by(math.inf)
        try:
            await spool.spill()
        except OSError as error:
            # No room on the disk, or no disk (FAULT-97): the sender keeps it and tries again.
            self.report_failure(error, "DATA")
            intake.spoil(Fault.NO_ROOM)

    async def taken_over(self, transaction: Transaction, spool: Spool, octets: int) -> Sequence[Answered]:
        """Hand the message over; the answers to the final dot."""
        task = self.loop.create_task(self._accept(transaction, spool, octets, self.service.clock()))
        self.service.accepting.add(task)
        task.add_done_callback(self.service.accepting.discard)
        self.write_out()
        # Whoever hangs up now has no answer, but the message is wholly taken or wholly refused all the same (FAULT-51).
        return await asyncio.shield(task)

    async def _accept(self, transaction: Transaction, spool: Spool, octets: int, received_at: datetime) -> Sequence[Answered]:
        network = network_of(self.client_ip)
        try:
            async with self.service.lane.passage(octets, network) if spool.is_on_disk else nullcontext():
                return await self.handed_over(transaction, spool, received_at)
        except Exception as error:  # noqa: BLE001  Unavailable, or a fault of ours: "later", and the content is the sender's still
            return self.answers(transaction, self.put_off(error))
        finally:
            spool.close()
            self.admission.hold(network, -octets)

    def put_off(self, error: Exception) -> Reply:
        """What is said where taking over raised `error`; the log says more."""
        self.report_failure(error, "DATA")
        return replies.UNANSWERED if isinstance(error, Unanswered) else replies.TROUBLE

    async def handed_over(self, transaction: Transaction, spool: Spool, received_at: datetime) -> Sequence[Answered]:
        """What the acceptor says. Raises what it raises, and OSError when the disk does not give the content back."""
        # Handed over with all that it holds: nothing of it is kept here meanwhile (PERF-6).
        reply = await self.service.acceptor.take(
            self.incoming(transaction, transaction.id, transaction.recipients, await spool.read(), received_at)
        )
        return self.answers(transaction, reply)

    def incoming(
        self,
        transaction: Transaction,
        id_: MessageId,
        recipients: tuple[Reachable, ...],
        content: bytes,
        received_at: datetime,
    ) -> Incoming:
        """The message as it came in, for `recipients` of it, under the id `id_`."""
        return Incoming(
            id=id_,
            received_at=received_at,
            return_path=transaction.return_path,
            recipients=recipients,
            content=content,
            client_ip=self.client_ip if not self.service.behind_front else "",
            helo=self.helo,
            tls=self.tls,
            smtputf8=transaction.smtputf8,
        )

    def answers(self, transaction: Transaction, reply: Reply) -> Sequence[Answered]:
        """As many answers to the final dot as this protocol wants, all of them `reply`: SMTP wants one (RFC 5321 §4.1.1.4)."""
        return (Answered(reply, transaction.id),)

    def count(self, transaction: Transaction, answers: Sequence[Answered], octets: int) -> None:
        """Into the figures, each message that was taken over or not."""
        for reply in {one.id: one.reply for one in answers}.values():
            self._count(transaction, reply, octets)

    def _count(self, transaction: Transaction, reply: Reply, octets: int) -> None:
        stats, conduct = self.admission.stats, self.admission.conduct
        if reply.is_positive:
            stats.messages_taken += 1
            stats.octets_taken += octets
            # The house's addresses are known to everybody: mail there says nothing for whoever guesses at others.
            if transaction.holds(AtAlias) or transaction.holds(AtBooking):
                conduct.brought_mail(self.blamed)
            if transaction.holds(AtRole):
                conduct.wrote_to_house(self.blamed)
            self.forgive()
            return
        if reply.is_permanent:
            stats.messages_refused += 1
        else:
            stats.messages_deferred += 1
        if reply not in _OUR_TROUBLE:
            conduct.was_refused(self.blamed)
