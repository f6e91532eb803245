"""How much of full time an auditor of a round works: plans are shared out in proportion."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    limits = sa.CheckConstraint("availability BETWEEN 1 AND 100", name=op.f("ck_round_auditor_availability"))
    op.add_column("round_auditor", sa.Column("availability", sa.Integer(), limits, nullable=False, server_default="100"))


def downgrade() -> None:
    op.drop_column("round_auditor", "availability")
