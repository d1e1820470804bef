"""Cases and searches that are kept, as pages ask for them (AR-2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from relay.store import cases
from relay.store.cases import CaseChanged
from relay.store.store import Store
from relay.transit.casework import Case, CaseNote, CaseState, Decided, Evidence
from relay.values import Clock
from relay.web.site.support.case_ports import CaseStale


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """relay.web.site.support.case_ports.Cases over the store."""

    store: Store
    clock: Clock

    async def open(self, reference: str, title: str, owner: str, due_at: datetime | None, by: str) -> Case:
        return await self.store.write(
            lambda connection: cases.opened(connection, reference, title, owner, due_at, by, self.clock())
        )

    async def one(self, number: int) -> Case:
        return await self.store.read(lambda connection: cases.one(connection, number))

    async def of_booking(self, reference: str) -> Sequence[Case]:
        return await self.store.read(lambda connection: cases.of_booking(connection, reference))

    async def page(
        self, *, state: CaseState | None = None, owner: str = "", label: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Case]:
        return await self.store.read(
            lambda connection: cases.listed(connection, state=state, owner=owner, label=label, before=before, limit=limit)
        )

    async def hand_over(self, number: int, version: int, owner: str, due_at: datetime | None, by: str) -> Case:
        return await self._change(
            lambda connection: cases.handed_over(connection, number, version, owner, due_at, by, self.clock())
        )

    async def decide(self, number: int, version: int, decision: Decided, because: str, by: str) -> Case:
        return await self._change(
            lambda connection: cases.decided(connection, number, version, decision, because, by, self.clock())
        )

    async def close(self, number: int, version: int, by: str) -> Case:
        return await self._change(lambda connection: cases.closed(connection, number, version, by, self.clock()))

    async def reopen(self, number: int, version: int, by: str) -> Case:
        return await self._change(lambda connection: cases.reopened(connection, number, version, by, self.clock()))

    async def label(self, number: int, version: int, labels: Sequence[str], by: str) -> Case:
        return await self._change(lambda connection: cases.labelled(connection, number, version, labels, by, self.clock()))

    async def note(self, number: int, text: str, by: str) -> None:
        await self.store.write(lambda connection: cases.add_note(connection, number, text, by, self.clock()))

    async def notes(self, number: int) -> Sequence[CaseNote]:
        return await self.store.read(lambda connection: cases.notes(connection, number))

    async def add_evidence(self, number: int, message: str, why: str, by: str) -> None:
        await self.store.write(lambda connection: cases.add_evidence(connection, number, message, why, by, self.clock()))

    async def remove_evidence(self, number: int, message: str, by: str) -> None:
        await self.store.write(lambda connection: cases.remove_evidence(connection, number, message, by, self.clock()))

    async def evidence(self, number: int) -> Sequence[Evidence]:
        return await self.store.read(lambda connection: cases.evidence(connection, number))

    async def _change(self, work: Callable[[Connection], Case]) -> Case:
        try:
            return await self.store.write(work)
        except CaseChanged as changed:
            raise CaseStale(str(changed)) from None
