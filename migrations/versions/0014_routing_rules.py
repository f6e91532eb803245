"""The lead's rules for what goes to a meeting, and which of them held when a round was looked through."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"


def upgrade() -> None:
    op.add_column("routed_round", sa.Column("rules", sa.JSON(), nullable=True))
    op.create_table(
        "routing_rules",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("framework_version_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_routing_rules_counted")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_routing_rules_area_id")),
        sa.ForeignKeyConstraint(
            ["area_id", "framework_version_id"],
            ["framework_version.area_id", "framework_version.id"],
            name=op.f("fk_routing_rules_area_id_framework_version_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_routing_rules_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rules")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_routing_rules_area_id_id")),
        sa.UniqueConstraint("framework_version_id", "number", name=op.f("uq_routing_rules_framework_version_id_number")),
    )
    op.create_index(op.f("ix_routing_rules_area_id"), "routing_rules", ["area_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE routing_rules ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE routing_rules FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON routing_rules USING ({SAME_AREA})")


def downgrade() -> None:
    op.drop_index(op.f("ix_routing_rules_area_id"), table_name="routing_rules")
    op.drop_table("routing_rules")
    op.drop_column("routed_round", "rules")
