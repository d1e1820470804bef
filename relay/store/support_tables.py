"""What stands where of support's work: who looked at what, cases with their notes and evidence, searches that somebody keeps.

Written as relay.store.tables is. Accounts stand here by their ids alone, without a foreign key: what somebody did stays when
their account is gone.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from relay.conversation import reference_characters_max
from relay.store.catalogue_tables import id_characters_max, person_characters_max
from relay.store.columns import at_most, growing, metadata, one_of
from relay.store.rows import Instant
from relay.transit.casework import (
    CaseState,
    Decided,
    Looked,
    because_characters_max,
    note_characters_max,
    object_characters_max,
    reason_characters_max,
    title_characters_max,
)

labels_characters_max: Final = 1_000
query_characters_max: Final = 1_000


access_log: Final = Table(
    # Append-only: the database refuses to change an entry.
    "access_log",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("at", Instant, nullable=False),
    # The id of an account, and what it was called then.
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("what", Text, nullable=False),
    # At what: "message …", "conversation …", "case …", or the text of a search; never an address.
    Column("object", Text, nullable=False),
    Column("case_number", BigInteger),
    Column("reason", Text, nullable=False),
    Index("access_log_by_account", "account", "seq"),
    Index("access_log_by_object", "object", "seq"),
    Index("access_log_by_at", "at"),
    one_of("what", Looked),
    CheckConstraint("what <> 'reveal' OR reason <> ''", name="reveal_has_reason"),
    at_most("account", id_characters_max, 1),
    at_most("name", person_characters_max),
    at_most("object", object_characters_max),
    at_most("reason", reason_characters_max),
)

cases: Final = Table(
    "cases",
    metadata,
    Column("number", growing, primary_key=True),
    Column("version", Integer, nullable=False),
    # A booking's or a conversation's, as it is written there.
    Column("reference", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("state", Text, nullable=False),
    Column("decision", Text),
    Column("because", Text, nullable=False),
    # Folded, one a line, with a line end before and after each.
    Column("labels", Text, nullable=False),
    Index("cases_by_reference", "reference"),
    Index("cases_by_state", "state", "number"),
    Index("cases_by_owner", "owner", "number"),
    one_of("state", CaseState),
    one_of("decision", Decided),
    CheckConstraint("version >= 1", name="version_range"),
    CheckConstraint("(decision IS NULL) = (because = '')", name="decision_says_why"),
    CheckConstraint("state <> 'decided' OR decision IS NOT NULL", name="decided_has_decision"),
    at_most("reference", reference_characters_max, 1),
    at_most("title", title_characters_max, 1),
    at_most("owner", id_characters_max, 1),
    at_most("opened_by", id_characters_max, 1),
    at_most("because", because_characters_max),
    at_most("labels", labels_characters_max),
)

case_notes: Final = Table(
    # What somebody of the house wrote for the others, and what was done to the case: append-only.
    "case_notes",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("case_number", BigInteger, ForeignKey("cases.number"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("account", Text, nullable=False),
    # What was done; empty for a note.
    Column("did", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("case_notes_by_case", "case_number", "seq"),
    at_most("account", id_characters_max, 1),
    at_most("did", 40),
    at_most("text", note_characters_max),
)

case_evidence: Final = Table(
    # The messages in the basket of a case.
    "case_evidence",
    metadata,
    Column("case_number", BigInteger, ForeignKey("cases.number"), primary_key=True, autoincrement=False),
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("account", Text, nullable=False),
    Column("why", Text, nullable=False),
    at_most("account", id_characters_max, 1),
    at_most("why", because_characters_max),
)

saved_searches: Final = Table(
    # Searches that an account keeps, under a name of its own.
    "saved_searches",
    metadata,
    Column("account", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("at", Instant, nullable=False),
    at_most("account", id_characters_max, 1),
    at_most("name", 100, 1),
    at_most("query", query_characters_max, 1),
)
