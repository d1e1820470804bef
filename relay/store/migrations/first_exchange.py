"""The tables of dealings with others, as the first migration makes them: relay.store.exchange_tables."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

_NUMBERS: Final = ", ".join(f"'N{number}'" for number in range(1, 28))


def make() -> None:
    """Make them all."""
    op.create_table(
        "endpoints",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("rotated_until", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(old_secret IS NULL) = (rotated_until IS NULL)", name="endpoints_rotated_whole"),
        sa.CheckConstraint("length(old_secret) BETWEEN 1 AND 200", name="endpoints_old_secret_length"),
        sa.CheckConstraint("length(secret) BETWEEN 1 AND 200", name="endpoints_secret_length"),
        sa.CheckConstraint("length(url) BETWEEN 1 AND 2000", name="endpoints_url_length"),
        sa.PrimaryKeyConstraint("id", name="endpoints_pkey"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("length(answer) BETWEEN 0 AND 1000000", name="idempotency_keys_answer_length"),
        sa.CheckConstraint("length(caller) BETWEEN 1 AND 100", name="idempotency_keys_caller_length"),
        sa.CheckConstraint("length(digest) = 32", name="idempotency_keys_digest_length"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name="idempotency_keys_key_length"),
        sa.PrimaryKeyConstraint("caller", "key", name="idempotency_keys_pkey"),
    )
    op.create_index("idempotency_keys_by_at", "idempotency_keys", ["at"], unique=False)
    op.create_table(
        "answer_addresses",
        sa.Column("local", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("minted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("addressee IN ('customer', 'partner', 'operator')", name="answer_addresses_addressee_known"),
        sa.CheckConstraint("length(local) BETWEEN 1 AND 64", name="answer_addresses_local_length"),
        sa.CheckConstraint("local = lower(local)", name="answer_addresses_local_lower"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="answer_addresses_booking_fkey"),
        sa.PrimaryKeyConstraint("local", name="answer_addresses_pkey"),
        sa.UniqueConstraint("booking", "addressee", name="answer_addresses_booking_addressee_key"),
    )
    op.create_table(
        "booking_answers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("terms_version", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("undo", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.CheckConstraint("addressee IN ('customer', 'partner', 'operator')", name="booking_answers_addressee_known"),
        sa.CheckConstraint("ended IN ('done', 'undone', 'refused')", name="booking_answers_ended_known"),
        sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="booking_answers_ended_whole"),
        sa.CheckConstraint("(starts_at IS NULL) = (zone IS NULL)", name="booking_answers_time_whole"),
        sa.CheckConstraint("length(act) BETWEEN 1 AND 100", name="booking_answers_act_length"),
        sa.CheckConstraint("length(words) BETWEEN 0 AND 10000", name="booking_answers_words_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="booking_answers_booking_fkey"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="booking_answers_message_fkey"),
        sa.PrimaryKeyConstraint("id", name="booking_answers_pkey"),
        sa.UniqueConstraint("undo", name="booking_answers_undo_key"),
    )
    op.create_index("booking_answers_by_booking", "booking_answers", ["booking", "id"], unique=False)
    op.create_index(
        "booking_answers_due",
        "booking_answers",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "booking_links",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), server_default="", nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Integer(), nullable=True),
        sa.Column("minted_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("addressee IN ('customer', 'partner', 'operator')", name="booking_links_addressee_known"),
        sa.CheckConstraint("length(act) BETWEEN 0 AND 100", name="booking_links_act_length"),
        sa.CheckConstraint("length(digest) = 32", name="booking_links_digest_length"),
        sa.CheckConstraint("length(person) BETWEEN 0 AND 200", name="booking_links_person_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="booking_links_booking_fkey"),
        sa.PrimaryKeyConstraint("digest", name="booking_links_pkey"),
    )
    op.create_index("booking_links_by_booking", "booking_links", ["booking"], unique=False)
    op.create_table(
        "checkouts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'paid', 'ended')", name="checkouts_state_known"),
        sa.CheckConstraint("amount BETWEEN 1 AND 10000000000000", name="checkouts_amount_range"),
        sa.CheckConstraint("(provider_id IS NULL) = (url IS NULL)", name="checkouts_opened_whole"),
        sa.CheckConstraint("length(provider_id) BETWEEN 1 AND 255", name="checkouts_provider_id_length"),
        sa.CheckConstraint("length(url) BETWEEN 1 AND 2000", name="checkouts_url_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="checkouts_booking_fkey"),
        sa.PrimaryKeyConstraint("id", name="checkouts_pkey"),
        sa.UniqueConstraint("provider_id", name="checkouts_provider_id_key"),
    )
    op.create_index("checkouts_by_booking", "checkouts", ["booking"], unique=False)
    op.create_index(
        "checkouts_open",
        "checkouts",
        ["booking"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 100", name="events_kind_length"),
        sa.CheckConstraint("length(payload) BETWEEN 2 AND 1000000", name="events_payload_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="events_booking_fkey"),
        sa.PrimaryKeyConstraint("id", name="events_pkey"),
    )
    op.create_index("events_by_booking", "events", ["booking", "id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.Column("parked_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("addressee IN ('customer', 'partner', 'operator')", name="notifications_addressee_known"),
        sa.CheckConstraint(f"number IN ({_NUMBERS})", name="notifications_number_known"),
        sa.CheckConstraint("delivery IS NULL OR posted_at IS NOT NULL", name="notifications_posted_when_delivered"),
        sa.CheckConstraint("parked_at IS NULL OR why <> ''", name="notifications_parked_says_why"),
        sa.CheckConstraint(
            "posted_at IS NULL OR delivery IS NOT NULL OR why <> ''", name="notifications_without_delivery_says_why"
        ),
        sa.CheckConstraint("length(why) BETWEEN 0 AND 500", name="notifications_why_length"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 100", name="notifications_key_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="notifications_booking_fkey"),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="notifications_delivery_fkey"),
        sa.PrimaryKeyConstraint("id", name="notifications_pkey"),
        sa.UniqueConstraint("booking", "key", name="notifications_booking_key_key"),
        sa.UniqueConstraint("delivery", name="notifications_delivery_key"),
    )
    for name, where in (
        ("notifications_waiting", "posted_at IS NULL AND parked_at IS NULL"),
        ("notifications_parked", "posted_at IS NULL AND parked_at IS NOT NULL"),
    ):
        op.create_index(name, "notifications", ["id"], unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "payment_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 255", name="payment_events_id_length"),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 255", name="payment_events_kind_length"),
        sa.CheckConstraint("length(outcome) BETWEEN 0 AND 1000", name="payment_events_outcome_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="payment_events_booking_fkey"),
        sa.PrimaryKeyConstraint("id", name="payment_events_pkey"),
    )
    op.create_index("payment_events_by_booking", "payment_events", ["booking"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'pending', 'sent', 'failed')", name="refunds_state_known"),
        sa.CheckConstraint("amount BETWEEN 1 AND 10000000000000", name="refunds_amount_range"),
        sa.CheckConstraint("attempts BETWEEN 0 AND 10000", name="refunds_attempts_range"),
        sa.CheckConstraint("length(cause) BETWEEN 0 AND 1000", name="refunds_cause_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="refunds_booking_fkey"),
        sa.PrimaryKeyConstraint("id", name="refunds_pkey"),
    )
    op.create_index("refunds_by_booking", "refunds", ["booking"], unique=False)
    op.create_index(
        "refunds_due",
        "refunds",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('due', 'pending')"),
        postgresql_where=sa.text("state IN ('due', 'pending')"),
    )
    op.create_table(
        "tellings",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'told', 'given up')", name="tellings_state_known"),
        sa.CheckConstraint("attempts BETWEEN 0 AND 10000", name="tellings_attempts_range"),
        sa.ForeignKeyConstraint(["endpoint"], ["endpoints.id"], name="tellings_endpoint_fkey"),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="tellings_event_fkey"),
        sa.PrimaryKeyConstraint("event", "endpoint", name="tellings_pkey"),
    )
    op.create_index("tellings_by_endpoint", "tellings", ["endpoint", "event"], unique=False)
    op.create_index(
        "tellings_due",
        "tellings",
        ["due_at", "event"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_table(
        "telling_attempts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.CheckConstraint("length(told) BETWEEN 0 AND 1000", name="telling_attempts_told_length"),
        sa.ForeignKeyConstraint(
            ["event", "endpoint"], ["tellings.event", "tellings.endpoint"], name="telling_attempts_event_endpoint_fkey"
        ),
        sa.PrimaryKeyConstraint("seq", name="telling_attempts_pkey"),
    )
    op.create_index("telling_attempts_by_telling", "telling_attempts", ["event", "endpoint", "seq"], unique=False)
    # ### end Alembic commands ###
