"""An uploaded file may belong to one plan: it is added there as soon as it is made into pages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("uploaded_file") as batch:
        batch.add_column(sa.Column("plan_version_id", sa.String(length=40), nullable=True))
        batch.create_foreign_key(
            op.f("fk_uploaded_file_area_id_plan_version_id_plan_version"),
            "plan_version",
            ["area_id", "plan_version_id"],
            ["area_id", "id"],
        )
        batch.create_index(op.f("ix_uploaded_file_plan_version_id"), ["plan_version_id"])


def downgrade() -> None:
    with op.batch_alter_table("uploaded_file") as batch:
        batch.drop_index(op.f("ix_uploaded_file_plan_version_id"))
        batch.drop_constraint(op.f("fk_uploaded_file_area_id_plan_version_id_plan_version"), type_="foreignkey")
        batch.drop_column("plan_version_id")
