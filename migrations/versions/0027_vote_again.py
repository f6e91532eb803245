"""A second silent vote on an item: its votes stand beside the first ones."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ONE_VOTE = "uq_revote_disagreement_id_meeting_id_account_id"
EACH_BALLOT = "uq_revote_disagreement_id_meeting_id_account_id_ballot_number"


def upgrade() -> None:
    op.add_column("meeting_item", _number("meeting_item"))
    with op.batch_alter_table("revote") as batch:
        batch.add_column(_number("revote"))
        batch.drop_constraint(op.f(ONE_VOTE), type_="unique")
        batch.create_unique_constraint(op.f(EACH_BALLOT), ["disagreement_id", "meeting_id", "account_id", "ballot_number"])


def _number(table: str) -> sa.Column[int]:
    check = sa.CheckConstraint("ballot_number BETWEEN 1 AND 2", name=op.f(f"ck_{table}_ballots"))
    return sa.Column("ballot_number", sa.Integer(), check, nullable=False, server_default="1")


def downgrade() -> None:
    op.execute("DELETE FROM revote WHERE ballot_number > 1")
    with op.batch_alter_table("revote") as batch:
        batch.drop_constraint(op.f(EACH_BALLOT), type_="unique")
        batch.drop_constraint(op.f("ck_revote_ballots"), type_="check")
        batch.drop_column("ballot_number")
        batch.create_unique_constraint(op.f(ONE_VOTE), ["disagreement_id", "meeting_id", "account_id"])
    op.drop_column("meeting_item", "ballot_number")
