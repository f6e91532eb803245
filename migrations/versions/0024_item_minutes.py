"""How many minutes an item of an agenda takes, where the moderator set them by hand."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    limits = sa.CheckConstraint("minutes IS NULL OR minutes BETWEEN 1 AND 120", name=op.f("ck_meeting_item_own_minutes"))
    op.add_column("meeting_item", sa.Column("minutes", sa.Integer(), limits, nullable=True))


def downgrade() -> None:
    op.drop_column("meeting_item", "minutes")
