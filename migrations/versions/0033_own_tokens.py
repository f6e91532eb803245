"""Each finding says whether a person chose its token: a search that knows better who somebody is leaves that one alone.

What leads added has a token that they typed. Which other tokens were changed by hand was not noted: the next search sets them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("finding", sa.Column("is_own_token", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE finding SET is_own_token = :yes WHERE origin = 'added'").bindparams(yes=True))


def downgrade() -> None:
    op.drop_column("finding", "is_own_token")
