"""Days on which auditors are away; an account whose keys go on to the next question."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_absence_ends_after_start")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_absence_account_id")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_absence_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_absence_area_id_id")),
        sa.UniqueConstraint("area_id", "account_id", "starts_on", name=op.f("uq_absence_area_id_account_id_starts_on")),
    )
    op.create_index(op.f("ix_absence_area_id"), "absence", ["area_id"])
    op.create_index(op.f("ix_absence_account_id"), "absence", ["account_id"])
    op.add_column("account", sa.Column("goes_on", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE absence ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE absence FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON absence USING ({SAME_AREA})")


def downgrade() -> None:
    op.drop_column("account", "goes_on")
    op.drop_table("absence")
