"""The first schema. A migration never changes once it was released: what the tables become later is a later one's."""

from __future__ import annotations

import secrets
from typing import Final

import sqlalchemy as sa
from alembic import op

from relay.store.migrations import (
    first_bookings,
    first_catalogue,
    first_exchange,
    first_life,
    first_operation,
    first_orders,
    first_people,
    first_record,
    first_support,
)

revision = "0001"
down_revision = None

_APPEND_ONLY: Final = (
    *("timeline", "record_leaves", "record_nodes", "record_heads"),
    *("booking_steps", "ledger", "catalogue_changes"),
    *("access_log", "case_notes"),
)
"""What the database itself refuses to change (invariants 10 and 11)."""
_WORDS: Final = {"access_log": ("object", "reason"), "case_notes": ("text",)}
"""What of them may be erased: the words that somebody wrote or looked for, and nothing else about the entry."""
_ERASED: Final = "(erased)"


def _kept(table: str) -> str:
    """That a change of an entry is no more than that some of its words were erased."""
    columns = {
        "access_log": ("seq", "at", "account", "name", "what", "case_number"),
        "case_notes": ("seq", "case_number", "at", "account", "did"),
    }[table]
    same = [f"NEW.{one} IS NOT DISTINCT FROM OLD.{one}" for one in columns]
    gone = [f"(NEW.{one} = OLD.{one} OR NEW.{one} = '{_ERASED}')" for one in _WORDS[table]]
    return " AND ".join(same + gone)


def _unless_erased(table: str) -> str:
    # SQLite says IS where others say IS NOT DISTINCT FROM; versions before 3.39 know nothing else.
    return f"WHEN NOT ({_kept(table).replace('IS NOT DISTINCT FROM', 'IS')})" if table in _WORDS else ""


_SQLITE: Final = (
    *(
        f"""CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} {_unless_erased(table) * (change == "update")}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
        for table in _APPEND_ONLY
        for change in ("update", "delete")
    ),
    # Words arrive folded and cut (relay.store.folding), so the tokenizer has nothing left to fold. U+E000, which begins a mark,
    # is of category Co, a letter to it.
    """CREATE VIRTUAL TABLE search_index USING fts5(
       subject, people, body, quoted, files, marks, content='', tokenize='unicode61 remove_diacritics 0')""",
)
_POSTGRESQL: Final = (
    """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    *(
        f"""CREATE TRIGGER {table}_no_change BEFORE {"" if table in _WORDS else "UPDATE OR "}DELETE OR TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION append_only()"""
        for table in _APPEND_ONLY
    ),
    *(
        f"""CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
       FOR EACH ROW WHEN (NOT ({_kept(table)})) EXECUTE FUNCTION append_only()"""
        for table in _WORDS
    ),
    "CREATE TABLE search_index (seq bigint PRIMARY KEY REFERENCES messages (seq), words tsvector NOT NULL)",
    "CREATE INDEX search_index_words ON search_index USING gin (words)",
)


def upgrade() -> None:
    """Make it all."""
    installation = op.create_table(
        "installation",
        sa.Column("number", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.CheckConstraint("length(id) = 32", name="installation_id_length"),
        sa.CheckConstraint("number = 1", name="installation_only_one"),
        sa.PrimaryKeyConstraint("number", name="installation_pkey"),
    )
    op.bulk_insert(installation, [{"number": 1, "id": secrets.token_hex(16)}])
    first_catalogue.make()
    first_people.make()
    first_orders.make()
    first_bookings.make()
    op.create_table(
        "aliases",
        sa.Column("local", sa.Text(), nullable=False),
        sa.Column("minted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(local) BETWEEN 1 AND 64", name="aliases_local_length"),
        sa.CheckConstraint("local = lower(local)", name="aliases_local_lower"),
        sa.PrimaryKeyConstraint("local", name="aliases_pkey"),
    )
    op.create_table(
        "blobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("excerpts", sa.Text(), nullable=True),
        sa.CheckConstraint("(data IS NULL) <> (object IS NULL)", name="blobs_kept_once"),
        sa.CheckConstraint("(source IS NULL) = (excerpts IS NULL)", name="blobs_source_named"),
        sa.CheckConstraint("codec IN ('zstd', 'plain')", name="blobs_codec_known"),
        sa.CheckConstraint("length(sha256) = 32", name="blobs_sha256_length"),
        sa.CheckConstraint("size BETWEEN 0 AND 268435456", name="blobs_size_range"),
        sa.PrimaryKeyConstraint("id", name="blobs_pkey"),
        sa.UniqueConstraint("object", name="blobs_object_key"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("activity_end", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=True),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(reference) BETWEEN 1 AND 100", name="conversations_reference_length"),
        sa.PrimaryKeyConstraint("id", name="conversations_pkey"),
        sa.UniqueConstraint("reference", name="conversations_reference_key"),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="workers_pkey"),
    )
    op.create_table(
        "transport_policies",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(content) BETWEEN 0 AND 65536", name="transport_policies_content_length"),
        sa.CheckConstraint("length(domain) BETWEEN 1 AND 255", name="transport_policies_domain_length"),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 32", name="transport_policies_id_length"),
        sa.PrimaryKeyConstraint("domain", name="transport_policies_pkey"),
    )
    op.create_table(
        "tls_results",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("followed", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("sessions", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(day) BETWEEN 10 AND 10", name="tls_results_day_length"),
        sa.CheckConstraint("length(domain) BETWEEN 1 AND 255", name="tls_results_domain_length"),
        sa.PrimaryKeyConstraint("day", "domain", "followed", "finding", name="tls_results_pkey"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(digest) = 32", name="tokens_digest_length"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name="tokens_name_length"),
        sa.PrimaryKeyConstraint("id", name="tokens_pkey"),
        sa.UniqueConstraint("digest", name="tokens_digest_key"),
    )
    op.create_table(
        "messages",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("return_path", sa.Text(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("client_ip", sa.Text(), nullable=False),
        sa.Column("helo", sa.Text(), nullable=False),
        sa.Column("tls", sa.Boolean(), nullable=False),
        sa.Column("smtputf8", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("original_id", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.CheckConstraint("length(fingerprint) = 32", name="messages_fingerprint_length"),
        sa.CheckConstraint("length(return_path) BETWEEN 0 AND 1000", name="messages_return_path_length"),
        sa.ForeignKeyConstraint(["raw"], ["blobs.id"], name="messages_raw_fkey"),
        sa.PrimaryKeyConstraint("seq", name="messages_pkey"),
        sa.UniqueConstraint("id", name="messages_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_by_author", "messages", ["author", "received_at"], unique=False)
    op.create_index("messages_by_fingerprint", "messages", ["fingerprint"], unique=False)
    op.create_index("messages_by_original_id", "messages", ["original_id"], unique=False)
    op.create_index("messages_by_received_at", "messages", ["received_at"], unique=False)
    op.create_table(
        "parties",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("alias_local", sa.Text(), nullable=False),
        sa.Column("alias_domain", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('partner', 'customer')", name="parties_role_known"),
        sa.CheckConstraint("length(name) BETWEEN 0 AND 200", name="parties_name_length"),
        sa.ForeignKeyConstraint(["alias_local"], ["aliases.local"], name="parties_alias_local_fkey"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="parties_conversation_fkey"),
        sa.PrimaryKeyConstraint("id", name="parties_pkey"),
        sa.UniqueConstraint("alias_local", name="parties_alias_local_key"),
        sa.UniqueConstraint("conversation", "role", name="parties_conversation_role_key"),
    )
    op.create_table(
        "timeline",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="timeline_hash_length"),
        sa.CheckConstraint("seq >= 1", name="timeline_seq_range"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="timeline_conversation_fkey"),
        sa.PrimaryKeyConstraint("conversation", "seq", name="timeline_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "party_addresses",
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tie", sa.Text(), server_default="known", nullable=False),
        sa.Column("networks", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("length(address) BETWEEN 3 AND 320", name="party_addresses_address_length"),
        sa.CheckConstraint("length(networks) BETWEEN 0 AND 1000", name="party_addresses_networks_length"),
        sa.CheckConstraint("position BETWEEN 0 AND 199", name="party_addresses_position_range"),
        sa.CheckConstraint("tie IN ('known', 'former', 'denied')", name="party_addresses_tie_known"),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name="party_addresses_party_fkey"),
        sa.PrimaryKeyConstraint("party", "position", name="party_addresses_pkey"),
        sa.UniqueConstraint("party", "key", name="party_addresses_party_key_key"),
    )
    op.create_index("party_addresses_by_key", "party_addresses", ["key"], unique=False)
    op.create_table(
        "mailboxes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hard_failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.Column("dead_since", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(key) BETWEEN 3 AND 320", name="mailboxes_key_length"),
        sa.PrimaryKeyConstraint("key", name="mailboxes_pkey"),
    )
    op.create_table(
        "passages",
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("rendition", sa.Text(), nullable=True),
        sa.Column("original_id", sa.Text(), nullable=True),
        sa.Column("rendition_id", sa.Text(), nullable=True),
        sa.Column("removed", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("dropped_at IS NULL OR fate = 'held'", name="passages_dropped_was_held"),
        sa.CheckConstraint("fate = 'passed' OR reason IS NOT NULL", name="passages_reason_given"),
        sa.CheckConstraint(
            "fate IN ('passed', 'refused', 'held', 'unclaimed', 'duplicate', 'taken', 'absorbed')", name="passages_fate_known"
        ),
        sa.CheckConstraint("writer IN ('partner', 'customer')", name="passages_writer_known"),
        sa.CheckConstraint("length(detail) BETWEEN 0 AND 4000", name="passages_detail_length"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="passages_conversation_fkey"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="passages_message_fkey"),
        sa.ForeignKeyConstraint(["rendition"], ["blobs.id"], name="passages_rendition_fkey"),
        sa.PrimaryKeyConstraint("message", "ordinal", name="passages_pkey"),
    )
    op.create_index("passages_by_conversation", "passages", ["conversation", "message"], unique=False)
    op.create_index("passages_by_original_id", "passages", ["conversation", "original_id"], unique=False)
    op.create_index("passages_by_rendition_id", "passages", ["rendition_id"], unique=False)
    op.create_index(
        "passages_held",
        "passages",
        ["message", "ordinal"],
        unique=False,
        sqlite_where=sa.text("fate = 'held'"),
        postgresql_where=sa.text("fate = 'held'"),
    )
    op.create_table(
        "texts",
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="texts_message_fkey"),
        sa.PrimaryKeyConstraint("message", name="texts_pkey"),
    )
    op.create_index(
        "texts_stale", "texts", ["message"], unique=False, sqlite_where=sa.text("stale"), postgresql_where=sa.text("stale")
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("passage", sa.SmallInteger(), nullable=True),
        sa.Column("conversation", sa.Text(), nullable=True),
        sa.Column("carries", sa.Text(), nullable=False),
        sa.Column("return_path", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("delay_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("insisted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("in_doubt", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_code", sa.SmallInteger(), nullable=True),
        sa.Column("last_text", sa.Text(), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("reports", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failure_notice", sa.Text(), nullable=True),
        sa.Column("untold", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "carries IN ('rendition', 'notice', 'question', 'operator', 'notification', 'sign_in')",
            name="deliveries_carries_known",
        ),
        sa.CheckConstraint(
            "message IS NOT NULL OR carries IN ('notification', 'operator', 'sign_in')", name="deliveries_message_caused_it"
        ),
        sa.CheckConstraint("claimed_by IS NULL OR state IN ('due', 'held')", name="deliveries_claimed_is_open"),
        sa.CheckConstraint("state IN ('due', 'held', 'delivered', 'failed', 'dropped')", name="deliveries_state_known"),
        sa.CheckConstraint("attempts BETWEEN 0 AND 10000", name="deliveries_attempts_range"),
        sa.CheckConstraint("length(last_text) BETWEEN 0 AND 1000", name="deliveries_last_text_length"),
        sa.CheckConstraint("length(recipient) BETWEEN 3 AND 320", name="deliveries_recipient_length"),
        sa.ForeignKeyConstraint(["content"], ["blobs.id"], name="deliveries_content_fkey"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="deliveries_conversation_fkey"),
        sa.ForeignKeyConstraint(["failure_notice"], ["deliveries.id"], name="deliveries_failure_notice_fkey"),
        sa.ForeignKeyConstraint(
            ["message", "passage"], ["passages.message", "passages.ordinal"], name="deliveries_message_passage_fkey"
        ),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="deliveries_message_fkey"),
        sa.PrimaryKeyConstraint("id", name="deliveries_pkey"),
    )
    op.create_index("deliveries_by_conversation", "deliveries", ["conversation", "accepted_at"], unique=False)
    op.create_index(
        "deliveries_by_domain",
        "deliveries",
        ["domain", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("deliveries_by_message", "deliveries", ["message"], unique=False)
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index(
        "deliveries_failed",
        "deliveries",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "deliveries_under_way",
        "deliveries",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('due', 'held')"),
        postgresql_where=sa.text("state IN ('due', 'held')"),
    )
    op.create_table(
        "questions",
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("passage", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(response IS NULL) = (answered_at IS NULL)", name="questions_answered_once"),
        sa.CheckConstraint("asked_at IS NULL OR digest IS NOT NULL", name="questions_asked_has_link"),
        sa.CheckConstraint("digest IS NULL OR length(digest) = 32", name="questions_digest_length"),
        sa.CheckConstraint("length(address) BETWEEN 3 AND 320", name="questions_address_length"),
        sa.CheckConstraint("length(network) BETWEEN 0 AND 64", name="questions_network_length"),
        sa.CheckConstraint("response IN ('yes', 'no')", name="questions_response_known"),
        sa.CheckConstraint("writer IN ('partner', 'customer')", name="questions_writer_known"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="questions_conversation_fkey"),
        sa.ForeignKeyConstraint(
            ["message", "passage"], ["passages.message", "passages.ordinal"], name="questions_message_passage_fkey"
        ),
        sa.PrimaryKeyConstraint("message", "passage", name="questions_pkey"),
    )
    op.create_index("questions_by_conversation", "questions", ["conversation", "key"], unique=False)
    op.create_index("questions_by_digest", "questions", ["digest"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("code", sa.SmallInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('mailbox_full', 'server_unreachable', 'too_large', 'address_wrong', 'blocked', 'other')",
            name="attempts_cause_known",
        ),
        sa.CheckConstraint("outcome IN ('delivered', 'deferred', 'failed', 'bounced')", name="attempts_outcome_known"),
        sa.CheckConstraint("length(text) BETWEEN 0 AND 1000", name="attempts_text_length"),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="attempts_delivery_fkey"),
        sa.PrimaryKeyConstraint("seq", name="attempts_pkey"),
    )
    op.create_index("attempts_by_delivery", "attempts", ["delivery", "seq"], unique=False)
    first_exchange.make()
    first_operation.make()
    first_record.make()
    op.create_table(
        "alerts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("notification", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("entered_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('address_dead', 'complaint', 'notice_failed', 'question_failed', 'notification_failed',"
            " 'notification_parked')",
            name="alerts_kind_known",
        ),
        sa.CheckConstraint(
            "(conversation IS NOT NULL AND message IS NOT NULL) OR notification IS NOT NULL", name="alerts_is_about"
        ),
        sa.CheckConstraint("party IN ('partner', 'customer')", name="alerts_party_known"),
        sa.CheckConstraint("length(detail) BETWEEN 0 AND 100", name="alerts_detail_length"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="alerts_conversation_fkey"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="alerts_message_fkey"),
        sa.ForeignKeyConstraint(["notification"], ["notifications.id"], name="alerts_notification_fkey"),
        sa.PrimaryKeyConstraint("seq", name="alerts_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("alerts_by_notification", "alerts", ["notification"], unique=False)
    op.create_index(
        "alerts_not_entered",
        "alerts",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("entered_at IS NULL AND kind IN ('address_dead', 'notification_failed', 'notification_parked')"),
        postgresql_where=sa.text("entered_at IS NULL AND kind IN ('address_dead', 'notification_failed', 'notification_parked')"),
    )
    op.create_index(
        "alerts_untold",
        "alerts",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    first_support.make()
    first_life.make()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
