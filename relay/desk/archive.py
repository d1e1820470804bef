"""The archive, as it is asked for over HTTP: without any address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relay.masking import masked
from relay.message.removal import counted
from relay.store import archive as archived
from relay.store import search
from relay.store.highlight import Span
from relay.store.store import Store
from relay.store.terms import Asking
from relay.values import Clock, MessageId
from relay.web.ports import FoundMessage, FoundShare, ShownAttempt, ShownDelivery, ShownFinding, ShownMessage, ShownShare


@dataclass(frozen=True, slots=True)
class ArchiveDesk:
    """relay.web.ports.Archive over the store. `domain` is ours: what stands there is an alias. `clock`: for "yesterday"."""

    store: Store
    domain: str
    clock: Clock | None = None

    async def search(self, query: str, limit: int) -> Sequence[FoundMessage]:
        asking = Asking(now=self.clock() if self.clock is not None else None)
        hits = await self.store.read(lambda connection: search.search(connection, query, limit, asking=asking))
        return [
            FoundMessage(
                message=hit.message,
                received_at=hit.received_at,
                shares=tuple(FoundShare(one.reference, one.writer, one.fate.value, one.reason) for one in hit.shares),
                subject=self._plain(hit.subject),
                snippet=self._plain(hit.snippet),
                files=tuple(masked(name, self.domain) for name in hit.files),
            )
            for hit in hits
        ]

    async def message(self, message: str) -> ShownMessage:
        found = await self.store.read(lambda connection: archived.shown(connection, MessageId(message)))
        return ShownMessage(
            message=found.envelope.id,
            received_at=found.envelope.received_at,
            size=found.size,
            aliases=found.envelope.aliases,
            troubles=found.troubles,
            shares=tuple(
                ShownShare(
                    number=one.ordinal,
                    writer=one.writer,
                    fate=one.fate.value,
                    reason=one.reason,
                    findings=tuple(ShownFinding(found.kind.value, found.place, found.layer) for found in one.findings),
                    removed=counted(one.removed),
                )
                for one in found.passages
            ),
            deliveries=tuple(
                ShownDelivery(
                    id=one.tracked.id,
                    carries=one.tracked.carries.value,
                    state=one.tracked.state.value,
                    attempts=tuple(
                        ShownAttempt(made.at, made.outcome, made.cause.value if made.cause is not None else None, made.code)
                        for made in one.attempts
                    ),
                )
                for one in found.deliveries
            ),
        )

    def _plain(self, spans: Sequence[Span]) -> str:
        return masked("".join(span.text for span in spans), self.domain)
