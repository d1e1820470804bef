"""Cases: disputes about bookings, with who decides them, their notes and their evidence (AR-2).

What is done to a case is a note too, so its notes tell how it came to where it stands; they are append-only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, union_all, update

from relay.errors import Conflict, NotFound
from relay.store import rows
from relay.store.booking_tables import bookings
from relay.store.rows import Found
from relay.store.support_tables import case_evidence, case_notes, cases
from relay.store.tables import conversations, messages, passages, texts
from relay.transit.casework import (
    Case,
    CaseNote,
    CaseState,
    Decided,
    Evidence,
    because_characters_max,
    evidence_max,
    label_characters_max,
    labels_max,
    note_characters_max,
    notes_shown_max,
    title_characters_max,
)

listed_max: Final = 200


class CaseChanged(Conflict):
    """The case is not the version that was looked at any more; `version` is the present one."""

    def __init__(self, number: int, version: int) -> None:
        super().__init__(f"case {number} has changed since it was looked at; it is version {version} now")
        self.version = version


def opened(
    connection: Connection, reference: str, title: str, owner: str, due_at: datetime | None, by: str, now: datetime
) -> Case:
    """A new case about that booking. Raises NotFound where nothing has that reference, and Conflict without a title."""
    if not title:
        raise Conflict("a case needs a title")
    known = _known(connection, reference)
    values = {
        "title": rows.text(title, title_characters_max),
        "owner": owner,
        "opened_by": by,
        "opened_at": now,
        "due_at": due_at,
    }
    made = connection.execute(
        insert(cases)
        .values(version=1, reference=known, state=CaseState.OPEN.value, because="", labels="", **values)
        .returning(cases.c.number)
    )
    number = made.scalar_one()
    _index_anew(connection, known)
    _tell(connection, number, by, "opened", owner, now)
    return one(connection, number)


def one(connection: Connection, number: int) -> Case:
    """Raises NotFound."""
    row = connection.execute(select(cases).where(cases.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"no case {number}")
    return _case(row)


def of_booking(connection: Connection, reference: str) -> tuple[Case, ...]:
    """All about that booking, the newest first."""
    chosen = select(cases).where(cases.c.reference == reference).order_by(cases.c.number.desc()).limit(listed_max)
    return tuple(_case(row) for row in connection.execute(chosen))


def listed(
    connection: Connection,
    *,
    state: CaseState | None = None,
    owner: str = "",
    label: str = "",
    before: int | None = None,
    limit: int = 50,
) -> tuple[Case, ...]:
    """At most `limit`, the newest first, those numbered below `before`."""
    chosen = select(cases).order_by(cases.c.number.desc()).limit(min(limit, listed_max))
    if state is not None:
        chosen = chosen.where(cases.c.state == state.value)
    if owner:
        chosen = chosen.where(cases.c.owner == owner)
    if label:
        chosen = chosen.where(cases.c.labels.contains(f"\n{label_text(label)}\n", autoescape=True))
    if before is not None:
        chosen = chosen.where(cases.c.number < before)
    return tuple(_case(row) for row in connection.execute(chosen))


def handed_over(
    connection: Connection, number: int, version: int, owner: str, due_at: datetime | None, by: str, now: datetime
) -> Case:
    """`owner` decides it, until `due_at`. Raises NotFound, CaseChanged, and Conflict for one that is closed."""
    case = _at(connection, number, version)
    if case.state is CaseState.CLOSED:
        raise Conflict(f"case {number} is closed")
    _change(connection, case, owner=owner, due_at=due_at)
    due = f", until {due_at:%Y-%m-%d %H:%M} UTC" if due_at is not None else ""
    _tell(connection, number, by, "handed over", f"{owner}{due}", now)
    return one(connection, number)


def decided(connection: Connection, number: int, version: int, decision: Decided, because: str, by: str, now: datetime) -> Case:
    """Raises NotFound, CaseChanged, and Conflict unless it is open and `because` says why."""
    case = _at(connection, number, version)
    if case.state is not CaseState.OPEN:
        raise Conflict(f"case {number} is {case.state.value}")
    if not because:
        raise Conflict("a decision needs its reason")
    why = rows.text(because, because_characters_max)
    _change(connection, case, state=CaseState.DECIDED.value, decision=decision.value, because=why)
    _tell(connection, number, by, "decided", f"{decision.value}: {why}", now)
    return one(connection, number)


def closed(connection: Connection, number: int, version: int, by: str, now: datetime) -> Case:
    """Raises NotFound, CaseChanged, and Conflict where it is closed."""
    case = _at(connection, number, version)
    if case.state is CaseState.CLOSED:
        raise Conflict(f"case {number} is closed")
    _change(connection, case, state=CaseState.CLOSED.value)
    _tell(connection, number, by, "closed", "", now)
    return one(connection, number)


def reopened(connection: Connection, number: int, version: int, by: str, now: datetime) -> Case:
    """It is open again, without its decision; that stays in its notes. Raises NotFound, CaseChanged, and Conflict where it is."""
    case = _at(connection, number, version)
    if case.state is CaseState.OPEN:
        raise Conflict(f"case {number} is open")
    _change(connection, case, state=CaseState.OPEN.value, decision=None, because="")
    _tell(connection, number, by, "reopened", "", now)
    return one(connection, number)


def labelled(connection: Connection, number: int, version: int, labels: Sequence[str], by: str, now: datetime) -> Case:
    """`labels` in place of those that it has. Raises NotFound, CaseChanged, and Conflict for too many."""
    case = _at(connection, number, version)
    kept = tuple(dict.fromkeys(filter(None, map(label_text, labels))))
    if len(kept) > labels_max:
        raise Conflict(f"a case has at most {labels_max} labels")
    if kept == case.labels:
        return case
    _change(connection, case, labels="".join(f"\n{label}\n" for label in kept))
    _tell(connection, number, by, "labelled", ", ".join(kept), now)
    return one(connection, number)


def add_note(connection: Connection, number: int, text: str, by: str, now: datetime) -> None:
    """Raises NotFound, and Conflict for an empty one."""
    one(connection, number)
    if not text:
        raise Conflict("a note needs a text")
    _tell(connection, number, by, "", text, now)


def notes(connection: Connection, number: int) -> tuple[CaseNote, ...]:
    """The newest `notes_shown_max`, the oldest first."""
    chosen = select(case_notes).where(case_notes.c.case_number == number).order_by(case_notes.c.seq.desc()).limit(notes_shown_max)
    found = connection.execute(chosen).all()
    return tuple(CaseNote(row.seq, row.at, row.account, row.text, row.did) for row in reversed(found))


def add_evidence(connection: Connection, number: int, message: str, why: str, by: str, now: datetime) -> None:
    """Into the basket; one that is there stays. Raises NotFound, and Conflict for one of another booking or one too many."""
    case = one(connection, number)
    if connection.execute(select(messages.c.id).where(messages.c.id == message)).first() is None:
        raise NotFound(f"no message {message}")
    of_this = (
        select(passages.c.message)
        .join(conversations, conversations.c.id == passages.c.conversation)
        .where(passages.c.message == message, conversations.c.reference == case.reference)
    )
    if connection.execute(of_this).first() is None:
        raise Conflict(f"message {message} is not of booking {case.reference}")
    held = select(func.count()).select_from(case_evidence).where(case_evidence.c.case_number == number)
    if connection.execute(held).scalar_one() >= evidence_max:
        raise Conflict(f"a basket holds at most {evidence_max} messages")
    values = {
        "case_number": number, "message": message, "at": now, "account": by, "why": rows.text(why, because_characters_max),
    }  # fmt: skip
    if rows.insert_once(connection, case_evidence, values):
        _tell(connection, number, by, "evidence in", message, now)


def remove_evidence(connection: Connection, number: int, message: str, by: str, now: datetime) -> None:
    """Out of the basket, if it is in it. Raises NotFound."""
    one(connection, number)
    here = (case_evidence.c.case_number == number) & (case_evidence.c.message == message)
    if connection.execute(delete(case_evidence).where(here)).rowcount:
        _tell(connection, number, by, "evidence out", message, now)


def evidence(connection: Connection, number: int) -> tuple[Evidence, ...]:
    """In the order in which the messages came."""
    chosen = (
        select(case_evidence)
        .join(messages, messages.c.id == case_evidence.c.message)
        .where(case_evidence.c.case_number == number)
        .order_by(messages.c.seq)
    )
    return tuple(Evidence(row.message, row.at, row.account, row.why) for row in connection.execute(chosen))


def label_text(label: str) -> str:
    """A label as it is kept: one line, in lower case."""
    return " ".join(label.lower().split())[:label_characters_max]


def _known(connection: Connection, reference: str) -> str:
    """`reference` as it is written at its conversation or booking."""
    found = connection.execute(
        union_all(
            select(conversations.c.reference).where(conversations.c.reference == reference),
            select(bookings.c.reference).where(bookings.c.reference == reference),
        )
    ).first()
    if found is None:
        raise NotFound(f"no booking {reference}")
    return str(found.reference)


def _at(connection: Connection, number: int, version: int) -> Case:
    case = one(connection, number)
    if case.version != version:
        raise CaseChanged(number, case.version)
    return case


def _change(connection: Connection, case: Case, **values: object) -> None:
    """Raises CaseChanged where another node was faster."""
    here = (cases.c.number == case.number) & (cases.c.version == case.version)
    if not connection.execute(update(cases).where(here).values(version=case.version + 1, **values)).rowcount:
        raise CaseChanged(case.number, case.version + 1)
    _index_anew(connection, case.reference)


def _index_anew(connection: Connection, reference: str) -> None:
    """The search index knows of each message what the cases about its booking are (relay.store.marking)."""
    its_messages = (
        select(passages.c.message)
        .join(conversations, conversations.c.id == passages.c.conversation)
        .where(conversations.c.reference == reference)
    )
    connection.execute(update(texts).where(texts.c.message.in_(its_messages)).values(stale=True))


def _tell(connection: Connection, number: int, by: str, did: str, text: str, now: datetime) -> None:
    values = {"case_number": number, "at": now, "account": by, "did": did, "text": rows.text(text, note_characters_max)}
    connection.execute(insert(case_notes).values(**values))


def _case(row: Found) -> Case:
    return Case(
        number=row.number,
        version=row.version,
        reference=row.reference,
        title=row.title,
        owner=row.owner,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        due_at=row.due_at,
        state=CaseState(row.state),
        decision=Decided(row.decision) if row.decision is not None else None,
        because=row.because,
        labels=tuple(filter(None, row.labels.split("\n"))),
    )
