"""The tables of the catalogue, as the first migration makes them: relay.store.catalogue_tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make them all."""
    op.create_table(
        "catalogue_changes",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('partner', 'offer', 'variant', 'profile', 'slot')", name="catalogue_changes_kind_known"),
        sa.CheckConstraint("length(person) BETWEEN 1 AND 200", name="catalogue_changes_person_length"),
        sa.PrimaryKeyConstraint("seq", name="catalogue_changes_pkey"),
        sa.UniqueConstraint("kind", "id", "version", name="catalogue_changes_kind_id_version_key"),
    )
    op.create_table(
        "partners",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="partners_id_length"),
        sa.CheckConstraint("length(state) BETWEEN 2 AND 1000000", name="partners_state_length"),
        sa.PrimaryKeyConstraint("id", name="partners_pkey"),
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="profiles_id_length"),
        sa.CheckConstraint("length(state) BETWEEN 2 AND 1000000", name="profiles_state_length"),
        sa.PrimaryKeyConstraint("id", name="profiles_pkey"),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("promotion", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="offers_id_length"),
        sa.CheckConstraint("length(state) BETWEEN 2 AND 1000000", name="offers_state_length"),
        sa.ForeignKeyConstraint(["partner"], ["partners.id"], name="offers_partner_fkey"),
        sa.PrimaryKeyConstraint("id", name="offers_pkey"),
    )
    op.create_index("offers_by_partner", "offers", ["partner"], unique=False)
    op.create_index("offers_by_promotion", "offers", ["promotion"], unique=False)
    op.create_table(
        "variants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="variants_id_length"),
        sa.CheckConstraint("length(state) BETWEEN 2 AND 1000000", name="variants_state_length"),
        sa.ForeignKeyConstraint(["offer"], ["offers.id"], name="variants_offer_fkey"),
        sa.PrimaryKeyConstraint("id", name="variants_pkey"),
    )
    op.create_index("variants_by_offer", "variants", ["offer"], unique=False)
    op.create_table(
        "profile_variants",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["profile"], ["profiles.id"], name="profile_variants_profile_fkey"),
        sa.ForeignKeyConstraint(["variant"], ["variants.id"], name="profile_variants_variant_fkey"),
        sa.PrimaryKeyConstraint("profile", "variant", name="profile_variants_pkey"),
    )
    op.create_index("profile_variants_by_variant", "profile_variants", ["variant"], unique=False)
    op.create_table(
        "slots",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 0 AND 1000000", name="slots_capacity_range"),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 100", name="slots_id_length"),
        sa.CheckConstraint("starts_at < ends_at", name="slots_ends_later"),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name="slots_never_oversold"),
        sa.ForeignKeyConstraint(["variant"], ["variants.id"], name="slots_variant_fkey"),
        sa.PrimaryKeyConstraint("id", name="slots_pkey"),
    )
    op.create_index("slots_by_variant", "slots", ["variant", "starts_at"], unique=False)
    # ### end Alembic commands ###
