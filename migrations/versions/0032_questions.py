"""Questions about the guidance: several plans of one criterion as one item of a meeting. Lessons may come from several plans."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"
TABLES = ("meeting_question", "question_item", "lesson_source")


def upgrade() -> None:
    op.create_table(
        "meeting_question",
        *_own("meeting_question"),
        sa.Column("meeting_id", sa.String(length=40), nullable=False),
        sa.Column("criterion_key", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("notes", sa.String(length=4000), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes IS NULL OR minutes BETWEEN 1 AND 120", name=op.f("ck_meeting_question_own_minutes")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_meeting_question_counted")),
        sa.UniqueConstraint("meeting_id", "criterion_key", name=op.f("uq_meeting_question_meeting_id_criterion_key")),
        _to("meeting_question", "meeting_id", "meeting"),
    )
    op.create_table(
        "question_item",
        *_own("question_item"),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.String(length=40), nullable=False),
        sa.UniqueConstraint("item_id", name=op.f("uq_question_item_item_id")),
        _to("question_item", "question_id", "meeting_question"),
        _to("question_item", "item_id", "meeting_item"),
    )
    op.create_table(
        "lesson_source",
        *_own("lesson_source"),
        sa.Column("lesson_id", sa.String(length=40), nullable=False),
        sa.Column("disagreement_id", sa.String(length=40), nullable=False),
        sa.UniqueConstraint("lesson_id", "disagreement_id", name=op.f("uq_lesson_source_lesson_id_disagreement_id")),
        _to("lesson_source", "lesson_id", "lesson"),
        _to("lesson_source", "disagreement_id", "disagreement"),
    )
    op.create_index(op.f("ix_meeting_question_meeting_id"), "meeting_question", ["meeting_id"])
    op.create_index(op.f("ix_question_item_question_id"), "question_item", ["question_id"])
    op.create_index(op.f("ix_lesson_source_disagreement_id"), "lesson_source", ["disagreement_id"])
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_area_id"), table, ["area_id"])
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY same_area ON {table} USING ({SAME_AREA})")


def _own(table: str) -> tuple[sa.Column[str] | sa.Constraint, ...]:
    """What every table of an area has."""
    return (
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("area_id", "id", name=op.f(f"uq_{table}_area_id_id")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f(f"fk_{table}_area_id")),
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_area_id_{column}")
    return sa.ForeignKeyConstraint(["area_id", column], [f"{other}.area_id", f"{other}.id"], name=name)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
