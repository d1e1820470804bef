"""Refunds that are due: the provider is asked, outside any transaction, and what it says is entered (SL-26 to SL-30, SL-B4).

Any node takes what is due, each refund once: a claim moves it past a lease. When a node dies in between, another asks the
provider again in the same words, to which it gives nothing back twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.booking.ledger import Kind
from relay.desk.bookkeeper import Bookkeeper, again_in
from relay.errors import Conflict, NotFound, Unavailable
from relay.payments.cause import Cause
from relay.payments.happening import Happening
from relay.payments.provider import Failed, Outcome, Pending, Provider, Refunded, Return
from relay.store.bookings import ledger, records, refunds
from relay.store.bookings.refunds import Refund
from relay.store.exchange_tables import Refunding
from relay.store.store import Store
from relay.values import Clock

log = structlog.get_logger("relay.refunds")

at_once: Final = 20
"""Refunds of one turn."""
lease: Final = timedelta(minutes=5)
"""Longer than a provider is given to answer."""
looked_at_after: Final = timedelta(days=1)
"""When it is asked about a refund that it has taken on and has said nothing about."""


@dataclass(frozen=True, slots=True)
class RefundDesk:
    """relay.web.refunds.RefundsByHand, and giving back. `of` is who gives a payment back, from who entered it into the ledger;
    `told` is called when mail may wait to be posted."""

    store: Store
    of: Callable[[str], Provider]
    bookkeeper: Bookkeeper
    clock: Clock
    told: Callable[[], None] = field(repr=False)

    async def give_back_some(self) -> int:
        """Asks for what is due, and says how much that was. Raises Unavailable where the database does not answer."""
        now = self.clock()
        due = await self.store.write(lambda connection: refunds.claim(connection, now, lease, at_once))
        await asyncio.gather(*(self._give_back(one) for one in due))
        if due:
            self.told()
        return len(due)

    async def done(self, reference: str, refund: str, by: str) -> None:
        """Somebody has given it back by hand, and says so. Raises NotFound, and Conflict where nobody has to, or it has ended."""

        def work(connection: Connection) -> None:
            record, waiting = records.locked_by_reference(connection, reference), refunds.one(connection, refund)
            if waiting.booking != record.booking.id:
                raise NotFound(f"booking {reference} has no refund {refund}")
            if waiting.state is not Refunding.PENDING or self._provider(connection, waiting).has_checkout:
                raise Conflict(f"refund {refund} does not wait for anybody to give it back")
            self.bookkeeper.enter(connection, record, _happening(waiting, Kind.REFUNDED, self.clock(), "by hand"), by)

        await self.store.write(work)
        self.told()

    async def _give_back(self, refund: Refund) -> None:
        now = self.clock()
        try:
            provider, reference = await self.store.read(
                lambda connection: (
                    self._provider(connection, refund),
                    records.by_id(connection, refund.booking).booking.reference,
                )
            )
            outcome = await provider.refund(
                Return(
                    refund.id,
                    reference,
                    refund.payment,
                    refund.amount,
                    failures=refund.failures,
                    is_repeated=refund.attempts > 1,
                    known_as=(refund.provider_id or "") if refund.state is Refunding.PENDING else "",
                )
            )
        except Unavailable as why:
            # It may have been made: it is asked for again until the provider says what became of it.
            log.warning("refunds.later", refund=refund.id, why=str(why), attempts=refund.attempts)
            until = now + again_in(refund.attempts)
            await self.store.write(lambda connection: refunds.put_off(connection, refund.id, until))
        else:
            await self.store.write(lambda connection: self._settled(connection, refund.id, provider.name, outcome))

    def _settled(self, connection: Connection, id_: str, by: str, outcome: Outcome) -> None:
        record = records.locked(connection, refunds.one(connection, id_).booking)
        refund, now = refunds.one(connection, id_), self.clock()
        if refund.state not in {Refunding.DUE, Refunding.PENDING}:
            return  # the provider's message was faster
        match outcome:
            case Refunded(name):
                told = _happening(refund, Kind.REFUNDED, now, "asked", refund_there=name)
                self.bookkeeper.enter(connection, record, told, by)
            case Pending(name, why):
                refunds.pending(connection, id_, name, why.value if why is not None else "", now + looked_at_after)
                if why is not None:
                    self.bookkeeper.waits(connection, record, refund, why)
            case Failed(cause):
                told = _happening(refund, Kind.REFUND_FAILED, now, "given up", cause=cause)
                self.bookkeeper.enter(connection, record, told, by)

    def _provider(self, connection: Connection, refund: Refund) -> Provider:
        """By whom the payment was taken: to there it goes back (SL-30)."""
        paid = [
            one for one in ledger.entries(connection, refund.booking) if one.about == refund.payment and one.kind is Kind.PAID
        ]
        return self.of(paid[0].by if paid else "")


def _happening(
    refund: Refund, kind: Kind, at: datetime, word: str, *, cause: Cause = Cause.REJECTED, refund_there: str = ""
) -> Happening:
    """What came of a refund, as the ledger is told: each word of ours about it once."""
    return Happening(f"{refund.id}.{word}", kind, refund.amount, at, refund.payment, refund.id, cause=cause, refund=refund_there)
