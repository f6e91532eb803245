"""A concern is closed with an outcome, by the person who deals with it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    answered = sa.CheckConstraint("closed_at IS NULL OR handled_at IS NOT NULL", name=op.f("ck_concern_closed_after_answer"))
    said = sa.CheckConstraint(
        "(closed_at IS NULL) = (outcome IS NULL) AND (outcome IS NULL OR outcome <> '')",
        name=op.f("ck_concern_closed_with_outcome"),
    )
    op.add_column("concern", sa.Column("closed_at", UTCDateTime(), answered, nullable=True))
    op.add_column("concern", sa.Column("outcome", sa.String(length=2000), said, nullable=True))


def downgrade() -> None:
    op.drop_column("concern", "outcome")
    op.drop_column("concern", "closed_at")
