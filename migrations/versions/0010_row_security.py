"""PostgreSQL's second belt: a connection that works for one area sees and writes no row of another.

The service says for which area it works (`database.confine`). A connection that says nothing, such as a backup, is not confined.
Memberships stay open: whether an account may be disabled depends on the other areas it works in.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = {"membership", "user_session", "outbox"}
SAME_AREA = "area_id = coalesce(nullif(current_setting('moderation.area', true), ''), area_id)"


def upgrade() -> None:
    for table in _tables():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY same_area ON {table} USING ({SAME_AREA})")


def downgrade() -> None:
    for table in _tables():
        op.execute(f"DROP POLICY same_area ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _tables() -> list[str]:
    """Every table of an area, on PostgreSQL; none on SQLite, which knows no such thing."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return []
    known = sa.inspect(bind)
    names = sorted(set(known.get_table_names()) - OPEN)
    return [name for name in names if any(column["name"] == "area_id" for column in known.get_columns(name))]
