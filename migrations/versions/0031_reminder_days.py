"""The days before a round closes on which somebody wants a reminder of their unfinished plans."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHOICES = (
    "", "7", "2", "1", "0", "7,2", "7,1", "7,0", "2,1", "2,0", "1,0", "7,2,1", "7,2,0", "7,1,0", "2,1,0", "7,2,1,0",
)  # fmt: skip


def upgrade() -> None:
    known = ", ".join(f"'{days}'" for days in CHOICES)
    check = sa.CheckConstraint(f"reminder_days IN ({known})", name=op.f("ck_account_reminder_days"))
    op.add_column("account", sa.Column("reminder_days", sa.String(length=20), check, nullable=False, server_default="7,2,0"))


def downgrade() -> None:
    op.drop_column("account", "reminder_days")
