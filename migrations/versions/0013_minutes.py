"""Minutes that are approved and then never change, their addenda, and actions on plans."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("plan_action", "meeting_minutes", "minutes_addendum")
SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"
FIXED = ("meeting_id", "content_sha256", "notes", "written_at", "approved_at", "approved_by")
CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED)

RULES = (
    (
        "meeting_minutes_no_change",
        "meeting_minutes",
        f"OLD.state IN ('approved', 'published') AND ({CHANGED} OR CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT)"
        " OR (NEW.state <> OLD.state AND NEW.state <> 'published'))",
        "approved minutes never change",
    ),
    ("minutes_addendum_no_change", "minutes_addendum", "1 = 1", "an addendum never changes"),
)


def upgrade() -> None:
    op.create_table(
        "plan_action",
        *_row("plan_action"),
        sa.Column("meeting_id", sa.String(length=40), nullable=False),
        sa.Column("disagreement_id", sa.String(length=40), nullable=False),
        sa.Column("round_plan_id", sa.String(length=40), nullable=False),
        sa.Column("kind", _enum("actionkind", "amend", "escalate"), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("text <> '' AND owner <> ''", name=op.f("ck_plan_action_somebody")),
        *(
            _key("plan_action", name, of)
            for name, of in (("meeting_id", "meeting"), ("disagreement_id", "disagreement"), ("round_plan_id", "round_plan"))
        ),
        sa.UniqueConstraint("disagreement_id", name=op.f("uq_plan_action_disagreement_id")),
    )
    op.create_index(op.f("ix_plan_action_meeting_id"), "plan_action", ["meeting_id"])
    op.create_table(
        "meeting_minutes",
        *_row("meeting_minutes"),
        sa.Column("meeting_id", sa.String(length=40), nullable=False),
        sa.Column("state", _enum("minutesstate", "draft", "waiting", "approved", "published"), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.String(length=4000), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("published_by", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('approved', 'published')) = (approved_at IS NOT NULL)", name=op.f("ck_meeting_minutes_approved")
        ),
        sa.CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_meeting_minutes_approved_by")),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name=op.f("ck_meeting_minutes_published")),
        sa.CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name=op.f("ck_meeting_minutes_published_by")),
        _key("meeting_minutes", "meeting_id", "meeting"),
        *(_account("meeting_minutes", name) for name in ("approved_by", "published_by")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_meeting_minutes_meeting_id")),
    )
    op.create_table(
        "minutes_addendum",
        *_row("minutes_addendum"),
        sa.Column("minutes_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("text <> '' AND reason <> ''", name=op.f("ck_minutes_addendum_said")),
        _key("minutes_addendum", "minutes_id", "meeting_minutes"),
        _account("minutes_addendum", "added_by"),
        sa.UniqueConstraint("minutes_id", "number", name=op.f("uq_minutes_addendum_minutes_id_number")),
    )
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_area_id"), table, ["area_id"])
    op.add_column("meeting_item", sa.Column("opened_at", UTCDateTime(), nullable=True))
    _guard()


def _row(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("area_id", "id", name=op.f(f"uq_{table}_area_id_id")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f(f"fk_{table}_area_id")),
    )


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_area_id_{column}")
    return sa.ForeignKeyConstraint(["area_id", column], [f"{of}.area_id", f"{of}.id"], name=name)


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{table}_{column}"))


def _guard() -> None:
    """What is approved stays, in both databases; on PostgreSQL a connection of one area sees no other (migration 0010)."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, condition, words in RULES:
        if sqlite:
            rule = condition.replace("IS DISTINCT FROM", "IS NOT")
            op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {rule} BEGIN SELECT RAISE(ABORT, '{words}'); END")
        else:
            op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{words}'; END $$")
            op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()")
    for table in () if sqlite else TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON {table} USING ({SAME_AREA})")


def downgrade() -> None:
    for name, table, *_ in RULES:
        op.execute(f"DROP TRIGGER {name}" if op.get_bind().dialect.name == "sqlite" else f"DROP TRIGGER {name} ON {table}")
        if op.get_bind().dialect.name != "sqlite":
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_column("meeting_item", "opened_at")
    for table in reversed(TABLES):
        op.drop_table(table)
