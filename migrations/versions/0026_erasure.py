"""The day on which the documents of a plan that nobody uses are erased."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("plan_version", sa.Column("erase_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("plan_version", "erase_on")
