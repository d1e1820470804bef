"""The tables of the bookings, as the first migration makes them: relay.store.booking_tables."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

_STAGES: Final = (
    "'draft', 'requested', 'countered', 'awaiting payment', 'confirmed', "
    "'completed', 'declined', 'withdrawn', 'expired', 'cancelled'"
)

_KINDS: Final = (
    "'started', 'failed', 'paid', 'refund started', 'refund failed', 'refunded', 'disputed', 'dispute won', 'dispute lost'"
)


def make() -> None:
    """Make them all."""
    op.create_table(
        "bookings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("offer_version", sa.Integer(), nullable=False),
        sa.Column("variant_version", sa.Integer(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("waits_for", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("hold", sa.Text(), nullable=True),
        sa.Column("keeping", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("contacted_at", sa.BigInteger(), nullable=True),
        sa.Column("release_blocked", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("composite", sa.Text(), nullable=False),
        sa.CheckConstraint("action IN ('none', 'open', 'done')", name="bookings_action_known"),
        sa.CheckConstraint("hold IN ('checkout', 'reservation', 'option')", name="bookings_hold_known"),
        sa.CheckConstraint("keeping IN ('held', 'converted', 'released')", name="bookings_keeping_known"),
        sa.CheckConstraint(
            "payment IN ('nothing due', 'unpaid', 'in flight', 'paid', 'part refunded', 'refunded', 'disputed')",
            name="bookings_payment_known",
        ),
        sa.CheckConstraint(f"stage IN ({_STAGES})", name="bookings_stage_known"),
        sa.CheckConstraint(
            "waits_for IN ('customer', 'partner', 'support', 'operator', 'clock', 'payments')", name="bookings_waits_for_known"
        ),
        sa.CheckConstraint("(hold IS NULL) = (keeping IS NULL)", name="bookings_hold_kept"),
        sa.CheckConstraint("length(assignee) BETWEEN 1 AND 100", name="bookings_assignee_length"),
        sa.CheckConstraint("length(composite) BETWEEN 0 AND 100", name="bookings_composite_length"),
        sa.CheckConstraint("length(currency) BETWEEN 3 AND 3", name="bookings_currency_length"),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="bookings_id_length"),
        sa.CheckConstraint("length(reference) BETWEEN 1 AND 100", name="bookings_reference_length"),
        sa.CheckConstraint("length(rules) BETWEEN 2 AND 1000000", name="bookings_rules_length"),
        sa.CheckConstraint("length(state) BETWEEN 2 AND 1000000", name="bookings_state_length"),
        sa.CheckConstraint("version >= 1", name="bookings_version_range"),
        sa.ForeignKeyConstraint(["offer"], ["offers.id"], name="bookings_offer_fkey"),
        sa.ForeignKeyConstraint(["parent"], ["bookings.id"], name="bookings_parent_fkey"),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name="bookings_partner_fkey"),
        sa.ForeignKeyConstraint(["variant"], ["variants.id"], name="bookings_variant_fkey"),
        sa.PrimaryKeyConstraint("id", name="bookings_pkey"),
        sa.UniqueConstraint("reference", name="bookings_reference_key"),
    )
    op.create_index("bookings_by_assignee", "bookings", ["assignee", "stage", "id"], unique=False)
    op.create_index(
        "bookings_by_composite",
        "bookings",
        ["composite"],
        unique=False,
        sqlite_where=sa.text("composite <> ''"),
        postgresql_where=sa.text("composite <> ''"),
    )
    op.create_index(
        "bookings_by_deadline",
        "bookings",
        ["deadline", "id"],
        unique=False,
        sqlite_where=sa.text("stage = 'awaiting payment'"),
        postgresql_where=sa.text("stage = 'awaiting payment'"),
    )
    op.create_index("bookings_by_offer", "bookings", ["offer", "variant", "id"], unique=False)
    op.create_index("bookings_by_parent", "bookings", ["parent"], unique=False)
    op.create_index("bookings_by_partner", "bookings", ["partner", "stage", "id"], unique=False)
    op.create_index("bookings_by_stage", "bookings", ["stage", "id"], unique=False)
    op.create_index("bookings_by_start", "bookings", ["starts_at"], unique=False)
    op.create_table(
        "booking_customers",
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(address IS NULL) = (erased_at IS NOT NULL)", name="booking_customers_erased_or_known"),
        sa.CheckConstraint("(address IS NULL) = (key IS NULL)", name="booking_customers_key_of_address"),
        sa.CheckConstraint("length(address) BETWEEN 3 AND 320", name="booking_customers_address_length"),
        sa.CheckConstraint("length(name) BETWEEN 0 AND 200", name="booking_customers_name_length"),
        sa.CheckConstraint("length(zone) BETWEEN 1 AND 64", name="booking_customers_zone_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="booking_customers_booking_fkey"),
        sa.PrimaryKeyConstraint("booking", name="booking_customers_pkey"),
    )
    op.create_index("booking_customers_by_key", "booking_customers", ["key"], unique=False)
    op.create_table(
        "booking_steps",
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "actor IN ('customer', 'partner', 'support', 'operator', 'clock', 'payments')", name="booking_steps_actor_known"
        ),
        sa.CheckConstraint(f"stage IN ({_STAGES})", name="booking_steps_stage_known"),
        sa.CheckConstraint("length(act) BETWEEN 1 AND 50", name="booking_steps_act_length"),
        sa.CheckConstraint("length(commitment) = 32", name="booking_steps_commitment_length"),
        sa.CheckConstraint("length(hash) = 32", name="booking_steps_hash_length"),
        sa.CheckConstraint("length(person) BETWEEN 1 AND 200", name="booking_steps_person_length"),
        sa.CheckConstraint("length(previous) = 32", name="booking_steps_previous_length"),
        sa.CheckConstraint("length(transition) BETWEEN 1 AND 10", name="booking_steps_transition_length"),
        sa.CheckConstraint("version >= 1", name="booking_steps_version_range"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="booking_steps_booking_fkey"),
        sa.PrimaryKeyConstraint("booking", "version", name="booking_steps_pkey"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="ledger_kind_known"),
        sa.CheckConstraint("amount BETWEEN 1 AND 10000000000000", name="ledger_amount_range"),
        sa.CheckConstraint("length(about) BETWEEN 1 AND 255", name="ledger_about_length"),
        sa.CheckConstraint("length(currency) BETWEEN 3 AND 3", name="ledger_currency_length"),
        sa.CheckConstraint("length(event) BETWEEN 1 AND 255", name="ledger_event_length"),
        sa.CheckConstraint("length(person) BETWEEN 1 AND 200", name="ledger_person_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="ledger_booking_fkey"),
        sa.PrimaryKeyConstraint("seq", name="ledger_pkey"),
        sa.UniqueConstraint("event", name="ledger_event_key"),
    )
    op.create_index("ledger_by_about", "ledger", ["about"], unique=False)
    op.create_index("ledger_by_booking", "ledger", ["booking", "seq"], unique=False)
    op.create_table(
        "places",
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 1000000", name="places_number_range"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="places_booking_fkey"),
        sa.ForeignKeyConstraint(["slot"], ["slots.id"], name="places_slot_fkey"),
        sa.PrimaryKeyConstraint("booking", "slot", name="places_pkey"),
    )
    op.create_index(
        "places_that_count",
        "places",
        ["slot", "booking"],
        unique=False,
        sqlite_where=sa.text("counts"),
        postgresql_where=sa.text("counts"),
    )
    op.create_table(
        "timers",
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("attempts BETWEEN 0 AND 10000", name="timers_attempts_range"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 100", name="timers_key_length"),
        sa.ForeignKeyConstraint(["booking"], ["bookings.id"], name="timers_booking_fkey"),
        sa.PrimaryKeyConstraint("booking", "key", name="timers_pkey"),
    )
    op.create_index("timers_by_due_at", "timers", ["due_at", "booking"], unique=False)
    op.create_table(
        "booking_states",
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("length(state) BETWEEN 2 AND 1000000", name="booking_states_state_length"),
        sa.ForeignKeyConstraint(
            ["booking", "version"], ["booking_steps.booking", "booking_steps.version"], name="booking_states_booking_version_fkey"
        ),
        sa.PrimaryKeyConstraint("booking", "version", name="booking_states_pkey"),
    )
    # ### end Alembic commands ###
