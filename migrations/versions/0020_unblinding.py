"""Requests for the names behind a plan's letters, answered by a second person."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"
STATES = ("asked", "approved", "refused")


def upgrade() -> None:
    state = sa.Enum(*STATES, name="unblindingstate", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "unblinding",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("round_plan_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_unblinding_reasoned")),
        sa.CheckConstraint("(state = 'asked') = (answered_by IS NULL)", name=op.f("ck_unblinding_answered")),
        sa.CheckConstraint("(answered_by IS NULL) = (answered_at IS NULL)", name=op.f("ck_unblinding_answered_at")),
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> asked_by", name=op.f("ck_unblinding_second_person")),
        sa.CheckConstraint("state <> 'refused' OR answer <> ''", name=op.f("ck_unblinding_refusal_reasoned")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_unblinding_area_id")),
        sa.ForeignKeyConstraint(
            ["area_id", "round_id"], ["round.area_id", "round.id"], name=op.f("fk_unblinding_area_id_round_id")
        ),
        sa.ForeignKeyConstraint(
            ["area_id", "round_plan_id"], ["round_plan.area_id", "round_plan.id"], name=op.f("fk_unblinding_area_id_round_plan_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_unblinding_asked_by")),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_unblinding_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unblinding")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_unblinding_area_id_id")),
    )
    op.create_index(op.f("ix_unblinding_area_id"), "unblinding", ["area_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE unblinding ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE unblinding FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON unblinding USING ({SAME_AREA})")


def downgrade() -> None:
    op.drop_index(op.f("ix_unblinding_area_id"), table_name="unblinding")
    op.drop_table("unblinding")
