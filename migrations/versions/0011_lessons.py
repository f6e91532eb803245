"""Lessons: how the guidance should read, and what the lead decided."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"


def upgrade() -> None:
    with op.batch_alter_table("lesson") as lesson:
        lesson.add_column(sa.Column("wording", sa.String(length=5000), nullable=True))
        lesson.add_column(sa.Column("wording_before", sa.String(length=5000), nullable=True))
    op.create_table(
        "lesson_decision",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("lesson_id", sa.String(length=40), nullable=False),
        sa.Column("framework_version_id", sa.String(length=40), nullable=True),
        sa.Column("ruling", sa.String(length=2000), nullable=False),
        sa.Column("guidance_before", sa.String(length=5000), nullable=True),
        sa.Column("guidance", sa.String(length=5000), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(framework_version_id IS NULL) = (ruling = '')", name=op.f("ck_lesson_decision_ruling")),
        sa.CheckConstraint("framework_version_id IS NOT NULL OR reason <> ''", name=op.f("ck_lesson_decision_reasoned")),
        sa.CheckConstraint("(guidance IS NULL) = (guidance_before IS NULL)", name=op.f("ck_lesson_decision_guidance")),
        sa.CheckConstraint(
            "guidance IS NULL OR framework_version_id IS NOT NULL", name=op.f("ck_lesson_decision_guidance_adopted")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_lesson_decision_area_id")),
        sa.ForeignKeyConstraint(
            ["area_id", "lesson_id"], ["lesson.area_id", "lesson.id"], name=op.f("fk_lesson_decision_area_id_lesson_id")
        ),
        sa.ForeignKeyConstraint(
            ["area_id", "framework_version_id"],
            ["framework_version.area_id", "framework_version.id"],
            name=op.f("fk_lesson_decision_area_id_framework_version_id"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_lesson_decision_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_decision")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_lesson_decision_area_id_id")),
        sa.UniqueConstraint("lesson_id", name=op.f("uq_lesson_decision_lesson_id")),
    )
    op.create_index(op.f("ix_lesson_decision_area_id"), "lesson_decision", ["area_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE lesson_decision ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE lesson_decision FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON lesson_decision USING ({SAME_AREA})")


def downgrade() -> None:
    # What was adopted stays in its framework version; without the decision the lesson only says that it was proposed.
    op.execute("UPDATE lesson SET state = 'proposed'")
    op.drop_index(op.f("ix_lesson_decision_area_id"), table_name="lesson_decision")
    op.drop_table("lesson_decision")
    with op.batch_alter_table("lesson") as lesson:
        lesson.drop_column("wording_before")
        lesson.drop_column("wording")
