"""Files uploaded together, matched to plans before they are added to audit packs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("upload_batch", "uploaded_file")
STATES = ("waiting", "ready", "refused")
KINDS = ("final_plan", "section_k_advice", "key_dates", "other")
SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"


def upgrade() -> None:
    op.add_column("document", sa.Column("uploaded_sha256", sa.String(length=64), nullable=True))
    op.create_table(
        "upload_batch",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_upload_batch_area_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_upload_batch_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_batch")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_upload_batch_area_id_id")),
    )
    op.create_table(
        "uploaded_file",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", _choice("filestate", STATES), nullable=False),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.Column("store_path", sa.String(length=200), nullable=True),
        sa.Column("wrapped_key", sa.String(length=200), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("uploaded_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("wordless", sa.JSON(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("kind", _choice("documentkind", KINDS), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(state = 'refused') = (wrapped_key IS NULL)", name=op.f("ck_uploaded_file_kept_unless_refused")),
        sa.CheckConstraint("(state = 'ready') = (pages IS NOT NULL)", name=op.f("ck_uploaded_file_ready_has_pages")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_uploaded_file_area_id")),
        sa.ForeignKeyConstraint(
            ["area_id", "batch_id"], ["upload_batch.area_id", "upload_batch.id"], name=op.f("fk_uploaded_file_area_id_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploaded_file")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_uploaded_file_area_id_id")),
    )
    op.create_index(op.f("ix_upload_batch_area_id"), "upload_batch", ["area_id"])
    op.create_index(op.f("ix_uploaded_file_area_id"), "uploaded_file", ["area_id"])
    op.create_index(op.f("ix_uploaded_file_batch_id"), "uploaded_file", ["batch_id"])
    for table in TABLES if op.get_bind().dialect.name == "postgresql" else ():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON {table} USING ({SAME_AREA})")


def downgrade() -> None:
    op.drop_table("uploaded_file")
    op.drop_table("upload_batch")
    op.drop_column("document", "uploaded_sha256")


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
