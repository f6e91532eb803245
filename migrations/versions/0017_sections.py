"""Where the sections of a plan begin in its documents, and which pages are pictures without text."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SECTIONS = "'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H1', 'H2', 'I', 'J', 'K'"
SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"


def upgrade() -> None:
    op.add_column("document", sa.Column("wordless", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "document_section",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("section", sa.String(length=2), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"section IN ({SECTIONS})", name=op.f("ck_document_section_section")),
        sa.CheckConstraint("page BETWEEN 1 AND 300 AND top BETWEEN 0 AND 1000", name=op.f("ck_document_section_place")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_document_section_area_id")),
        sa.ForeignKeyConstraint(
            ["area_id", "document_id"], ["document.area_id", "document.id"], name=op.f("fk_document_section_area_id_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_section")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_document_section_area_id_id")),
        sa.UniqueConstraint("area_id", "document_id", "section", name=op.f("uq_document_section_area_id_document_id_section")),
    )
    op.create_index(op.f("ix_document_section_area_id"), "document_section", ["area_id"])
    op.create_index(op.f("ix_document_section_document_id"), "document_section", ["document_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE document_section ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE document_section FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON document_section USING ({SAME_AREA})")


def downgrade() -> None:
    op.drop_table("document_section")
    op.drop_column("document", "wordless")
