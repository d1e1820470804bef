"""Cases and the access audit in memory, for tests of pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from relay.errors import Conflict, NotFound
from relay.transit.casework import Access, Case, CaseNote, CaseState, Decided, Evidence, Looked
from relay.web.site.support.case_ports import CaseStale
from relay.web.site.viewer import Account
from support.world import NOW


@dataclass
class FakeAudit:
    """relay.web.site.support.audit_ports.Audit in memory; nothing is debounced."""

    entries: list[Access] = field(default_factory=list)

    async def note(self, account: Account, what: Looked, object_: str, *, case: int | None = None, reason: str = "") -> None:
        if what is Looked.REVEAL and not reason:
            raise ValueError("a reveal needs its reason")
        self.entries.append(Access(len(self.entries) + 1, NOW, account.id, account.name, what, object_, case, reason))

    async def page(
        self, *, account: str = "", object_: str = "", day: date | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[Access]:
        chosen = [
            one
            for one in reversed(self.entries)
            if (not account or one.account == account)
            and (not object_ or one.object_ == object_)
            and (day is None or one.at.date() == day)
            and (before is None or one.number < before)
        ]
        return chosen[:limit]

    def noted(self) -> list[tuple[Looked, str]]:
        """What was noted, the oldest first."""
        return [(one.what, one.object_) for one in self.entries]


@dataclass
class FakeCases:
    """relay.web.site.support.case_ports.Cases in memory; every booking of `references` is known."""

    references: set[str] = field(default_factory=set)
    kept: dict[int, Case] = field(default_factory=dict)
    written: dict[int, list[CaseNote]] = field(default_factory=dict)
    baskets: dict[int, dict[str, Evidence]] = field(default_factory=dict)

    async def open(self, reference: str, title: str, owner: str, due_at: datetime | None, by: str) -> Case:
        if reference not in self.references:
            raise NotFound(reference)
        number = len(self.kept) + 1
        self.kept[number] = Case(number, 1, reference, title, owner, by, NOW, due_at, CaseState.OPEN)
        return self.kept[number]

    async def one(self, number: int) -> Case:
        if number not in self.kept:
            raise NotFound(f"case {number}")
        return self.kept[number]

    async def of_booking(self, reference: str) -> Sequence[Case]:
        return [one for one in reversed(self.kept.values()) if one.reference == reference]

    async def page(
        self, *, state: CaseState | None = None, owner: str = "", label: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Case]:
        chosen = [
            one
            for one in reversed(self.kept.values())
            if state in {None, one.state} and owner in {"", one.owner} and (not label or label in one.labels)
            if before is None or one.number < before
        ]
        return chosen[:limit]

    async def hand_over(self, number: int, version: int, owner: str, due_at: datetime | None, by: str) -> Case:
        return self._changed(number, version, owner=owner, due_at=due_at)

    async def decide(self, number: int, version: int, decision: Decided, because: str, by: str) -> Case:
        if (await self.one(number)).state is not CaseState.OPEN:
            raise Conflict("not open")
        return self._changed(number, version, state=CaseState.DECIDED, decision=decision, because=because)

    async def close(self, number: int, version: int, by: str) -> Case:
        return self._changed(number, version, state=CaseState.CLOSED)

    async def reopen(self, number: int, version: int, by: str) -> Case:
        return self._changed(number, version, state=CaseState.OPEN, decision=None, because="")

    async def label(self, number: int, version: int, labels: Sequence[str], by: str) -> Case:
        return self._changed(number, version, labels=tuple(labels))

    async def note(self, number: int, text: str, by: str) -> None:
        await self.one(number)
        notes = self.written.setdefault(number, [])
        notes.append(CaseNote(len(notes) + 1, NOW, by, text))

    async def notes(self, number: int) -> Sequence[CaseNote]:
        return self.written.get(number, [])

    async def add_evidence(self, number: int, message: str, why: str, by: str) -> None:
        await self.one(number)
        self.baskets.setdefault(number, {}).setdefault(message, Evidence(message, NOW, by, why))

    async def remove_evidence(self, number: int, message: str, by: str) -> None:
        self.baskets.get(number, {}).pop(message, None)

    async def evidence(self, number: int) -> Sequence[Evidence]:
        return list(self.baskets.get(number, {}).values())

    def _changed(self, number: int, version: int, **values: object) -> Case:
        case = self.kept.get(number)
        if case is None:
            raise NotFound(f"case {number}")
        if case.version != version:
            raise CaseStale(f"case {number} is version {case.version}")
        self.kept[number] = replace(case, version=version + 1, **values)  # type: ignore[arg-type]
        return self.kept[number]
