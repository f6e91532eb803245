"""What becomes of the actions on plans that meetings agreed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATE = sa.Enum("open", "done", "not_needed", name="actionstate", native_enum=False, create_constraint=False, length=40)
CHECKS = {
    "actionstate": "state IN ('open', 'done', 'not_needed')",
    "settled": "(state = 'open') = (settled_at IS NULL)",
    "noted": "state = 'open' OR note <> ''",
}
NEW = ("state", "note", "settled_at", "settled_by", "told_on", "version")


def upgrade() -> None:
    with op.batch_alter_table("plan_action") as batch:
        batch.add_column(sa.Column("state", STATE, nullable=False, server_default="open"))
        batch.add_column(sa.Column("note", sa.String(length=1000), nullable=False, server_default=""))
        batch.add_column(sa.Column("settled_at", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("settled_by", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("told_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.create_foreign_key(op.f("fk_plan_action_settled_by"), "account", ["settled_by"], ["id"])
        for name, rule in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_plan_action_{name}"), rule)


def downgrade() -> None:
    with op.batch_alter_table("plan_action") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_plan_action_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_plan_action_settled_by"), type_="foreignkey")
        for name in NEW:
            batch.drop_column(name)
