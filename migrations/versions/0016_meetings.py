"""Observers, the rule by which meetings decide, and who confirmed a decision that was made without a quorum."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"
ROLES = ("administrator", "lead", "auditor", "moderator", "area_lead")
RULE = sa.Enum("unanimity", "majority", "chair", name="decisionrule", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _roles(*ROLES, "observer")
    op.create_table(
        "meeting_custom",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("decision_rule", RULE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_custom")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_meeting_custom_area_id_id")),
        sa.UniqueConstraint("area_id", name=op.f("uq_meeting_custom_area")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_meeting_custom_area_id")),
    )
    op.create_index(op.f("ix_meeting_custom_area_id"), "meeting_custom", ["area_id"])
    # not by a rebuilt table: on SQLite others point at this one
    op.execute(
        "ALTER TABLE meeting ADD COLUMN decision_rule VARCHAR(40) DEFAULT 'majority' NOT NULL"
        " CONSTRAINT ck_meeting_decisionrule CHECK (decision_rule IN ('unanimity', 'majority', 'chair'))"
    )
    with op.batch_alter_table("agreed_rating") as batch:
        batch.add_column(sa.Column("confirmed_at", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("confirmed_in", sa.String(length=40), nullable=True))
        batch.create_foreign_key(
            op.f("fk_agreed_rating_area_id_confirmed_in"), "meeting", ["area_id", "confirmed_in"], ["area_id", "id"]
        )
        batch.create_check_constraint(op.f("ck_agreed_rating_confirmed"), "(confirmed_at IS NULL) = (confirmed_in IS NULL)")
        batch.create_check_constraint(
            op.f("ck_agreed_rating_confirmed_what"), "confirmed_in IS NULL OR (NOT quorate AND confirmed_in <> meeting_id)"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE meeting_custom ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE meeting_custom FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON meeting_custom USING ({SAME_AREA})")


def _roles(*roles: str) -> None:
    """Which roles a membership may have: restated for the enlarged list."""
    names = ", ".join(f"'{role}'" for role in roles)
    with op.batch_alter_table("membership") as batch:
        batch.drop_constraint(op.f("ck_membership_role"), type_="check")
        batch.create_check_constraint(op.f("ck_membership_role"), f"role IN ({names})")


def downgrade() -> None:
    with op.batch_alter_table("agreed_rating") as batch:
        batch.drop_constraint(op.f("ck_agreed_rating_confirmed_what"), type_="check")
        batch.drop_constraint(op.f("ck_agreed_rating_confirmed"), type_="check")
        batch.drop_constraint(op.f("fk_agreed_rating_area_id_confirmed_in"), type_="foreignkey")
        batch.drop_column("confirmed_in")
        batch.drop_column("confirmed_at")
    op.execute("ALTER TABLE meeting DROP COLUMN decision_rule")
    op.drop_table("meeting_custom")
    op.execute("DELETE FROM membership WHERE role = 'observer'")
    _roles(*ROLES)
