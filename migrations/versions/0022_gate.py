"""The gate: findings and decisions, released copies. A pack is released by a person who passed its gate, not by a tick.

Packs that were confirmed before and that a round works with stay readable until the round lets them go: auditors are in the
middle of reading them, and a person had looked at every page. Their copies are the cleaned originals. Every other pack waits at
the gate.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from moderation.database import UTCDateTime

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("discarded_object", "gate", "finding", "page_look", "released_copy")
SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"
HELD = "id IN (SELECT plan_version_id FROM plan_hold)"
WITH_DOCUMENTS = "id IN (SELECT plan_version_id FROM document WHERE erased_at IS NULL)"


def upgrade() -> None:
    _rename("attested", "released")
    _create_tables()
    for table in TABLES if op.get_bind().dialect.name == "postgresql" else ():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON {table} USING ({SAME_AREA})")
    _bring_packs_to_the_gate()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    _rename("released", "attested")


def _rename(before: str, after: str) -> None:
    """The columns and, where that can be done without building the table anew, the constraints that are named after them."""
    for column in ("at", "by"):
        op.execute(f"ALTER TABLE plan_version RENAME COLUMN {before}_{column} TO {after}_{column}")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("ck_plan_version_{}_by_somebody", "fk_plan_version_{}_by"):
            op.execute(f"ALTER TABLE plan_version RENAME CONSTRAINT {name.format(before)} TO {name.format(after)}")


def _bring_packs_to_the_gate() -> None:
    """A gate for every plan with documents; passed where a round works with a confirmed pack, else to be searched and passed."""
    empty = "'{}'" if op.get_bind().dialect.name == "sqlite" else "CAST('{}' AS JSON)"
    op.execute(f"UPDATE plan_version SET released_at = NULL, released_by = NULL WHERE NOT ({HELD})")  # noqa: S608
    op.execute(
        "INSERT INTO gate (id, area_id, plan_version_id, asked, searched_at, checks, passed_at, passed_by, version) "  # noqa: S608
        f"SELECT id, area_id, id, 0, released_at, CASE WHEN released_at IS NULL THEN NULL ELSE {empty} END, released_at, "
        f"released_by, 1 FROM plan_version WHERE {WITH_DOCUMENTS}"
    )
    op.execute(
        "INSERT INTO released_copy (id, area_id, document_id, store_path, wrapped_key, sha256, pages, made_at, passed_by) "
        "SELECT d.id, d.area_id, d.id, d.store_path, d.wrapped_key, d.sha256, d.pages, p.released_at, p.released_by "
        "FROM document d JOIN plan_version p ON p.id = d.plan_version_id "
        "WHERE p.released_at IS NOT NULL AND d.erased_at IS NULL AND d.rendered_at IS NOT NULL AND d.render_error IS NULL"
    )


def _create_tables() -> None:
    op.create_table(
        "discarded_object",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("store_path", sa.String(length=200), nullable=False),
        sa.Column("discarded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_discarded_object_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discarded_object")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_discarded_object_area_id_id")),
    )
    op.create_index(op.f("ix_discarded_object_area_id"), "discarded_object", ["area_id"], unique=False)
    op.create_table(
        "gate",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("plan_version_id", sa.String(length=40), nullable=False),
        sa.Column("people_path", sa.String(length=200), nullable=True),
        sa.Column("people_key", sa.String(length=200), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("searched_at", UTCDateTime(), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=True),
        sa.Column("checks", sa.JSON(), nullable=True),
        sa.Column("passed_at", UTCDateTime(), nullable=True),
        sa.Column("passed_by", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(passed_at IS NULL) = (passed_by IS NULL)", name=op.f("ck_gate_passed_by_somebody")),
        sa.CheckConstraint("(people_path IS NULL) = (people_key IS NULL)", name=op.f("ck_gate_people_with_their_key")),
        sa.CheckConstraint(
            "passed_at IS NULL OR (searched_at IS NOT NULL AND checks IS NOT NULL)",
            name=op.f("ck_gate_passed_after_search_and_checks"),
        ),
        sa.ForeignKeyConstraint(
            ["area_id", "plan_version_id"],
            ["plan_version.area_id", "plan_version.id"],
            name=op.f("fk_gate_area_id_plan_version_id"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_gate_area_id")),
        sa.ForeignKeyConstraint(["passed_by"], ["account.id"], name=op.f("fk_gate_passed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_gate_area_id_id")),
        sa.UniqueConstraint("area_id", "plan_version_id", name=op.f("uq_gate_area_id_plan_version_id")),
    )
    op.create_index(op.f("ix_gate_area_id"), "gate", ["area_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=True),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.Column("area_left", sa.Integer(), nullable=True),
        sa.Column("area_top", sa.Integer(), nullable=True),
        sa.Column("area_right", sa.Integer(), nullable=True),
        sa.Column("area_bottom", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "name",
                "possible_name",
                "initials",
                "birth",
                "nhs_number",
                "upn",
                "number",
                "postcode",
                "address",
                "telephone",
                "email",
                "url",
                "setting",
                "added",
                "area",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column(
            "origin", sa.Enum("found", "added", name="origin", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column(
            "decision",
            sa.Enum("waiting", "replace", "keep", name="decision", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("(starts IS NULL) = (area_left IS NOT NULL)", name=op.f("ck_finding_text_or_area")),
        sa.CheckConstraint(
            "(starts IS NULL) = (ends IS NULL) AND (starts IS NULL OR (starts >= 0 AND starts < ends))",
            name=op.f("ck_finding_text_is_whole"),
        ),
        sa.CheckConstraint(
            "area_left IS NULL OR (area_left >= 0 AND area_top >= 0 AND area_left < area_right AND area_top < area_bottom "
            "AND area_right <= 10000 AND area_bottom <= 10000)",
            name=op.f("ck_finding_area_is_whole"),
        ),
        sa.CheckConstraint("page BETWEEN 1 AND 300", name=op.f("ck_finding_page")),
        sa.ForeignKeyConstraint(
            ["area_id", "document_id"], ["document.area_id", "document.id"], name=op.f("fk_finding_area_id_document_id")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_finding_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_finding_area_id_id")),
    )
    op.create_index(op.f("ix_finding_area_id"), "finding", ["area_id"], unique=False)
    op.create_index(op.f("ix_finding_document_id"), "finding", ["document_id"], unique=False)
    op.create_table(
        "page_look",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum("no_text", "picture", name="lookreason", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("waiting", "looked", "left_out", name="lookstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("page BETWEEN 1 AND 300", name=op.f("ck_page_look_page")),
        sa.ForeignKeyConstraint(
            ["area_id", "document_id"], ["document.area_id", "document.id"], name=op.f("fk_page_look_area_id_document_id")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_page_look_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_look")),
        sa.UniqueConstraint("area_id", "document_id", "page", name=op.f("uq_page_look_area_id_document_id_page")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_page_look_area_id_id")),
    )
    op.create_index(op.f("ix_page_look_area_id"), "page_look", ["area_id"], unique=False)
    op.create_index(op.f("ix_page_look_document_id"), "page_look", ["document_id"], unique=False)
    op.create_table(
        "released_copy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_id", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("store_path", sa.String(length=200), nullable=False),
        sa.Column("wrapped_key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("passed_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("pages BETWEEN 1 AND 300", name=op.f("ck_released_copy_pages")),
        sa.ForeignKeyConstraint(
            ["area_id", "document_id"], ["document.area_id", "document.id"], name=op.f("fk_released_copy_area_id_document_id")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_released_copy_area_id")),
        sa.ForeignKeyConstraint(["passed_by"], ["account.id"], name=op.f("fk_released_copy_passed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released_copy")),
        sa.UniqueConstraint("area_id", "document_id", name=op.f("uq_released_copy_area_id_document_id")),
        sa.UniqueConstraint("area_id", "id", name=op.f("uq_released_copy_area_id_id")),
    )
    op.create_index(op.f("ix_released_copy_area_id"), "released_copy", ["area_id"], unique=False)
