"""How many who were present and might vote had not, when the votes on an item were revealed: for its first and its second vote."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ("first_not_voting", "second_not_voting")


def upgrade() -> None:
    for name in COLUMNS:
        check = sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_meeting_item_{name}"))
        op.add_column("meeting_item", sa.Column(name, sa.Integer(), check, nullable=False, server_default="0"))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("meeting_item", name)
