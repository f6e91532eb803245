"""Guards in the database itself: the ledger only grows, and a published framework version never changes."""

from collections.abc import Sequence

from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# An event may lose its content and salt (erasure); everything the chain is made of stays.
KEPT = ("id", "chain", "seq", "at", "name", "subject", "actor_id", "via", "content_digest", "digest")
CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in KEPT)

RULES = (
    ("event_no_delete", "event", "DELETE", "1 = 1", "the ledger is append-only"),
    ("event_no_change", "event", "UPDATE", f"NEW.content IS NOT NULL OR {CHANGED}", "the ledger is append-only"),
    (
        "framework_version_no_change",
        "framework_version",
        "UPDATE",
        "OLD.state = 'published' AND (CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT) OR NEW.state <> OLD.state"
        " OR NEW.number <> OLD.number OR NEW.content_sha256 <> OLD.content_sha256)",
        "a published framework version never changes",
    ),
    (
        "framework_version_no_delete",
        "framework_version",
        "DELETE",
        "OLD.state = 'published'",
        "a published framework version never changes",
    ),
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, when, condition, words in RULES:
        op.execute(_sqlite(name, table, when, condition, words) if sqlite else _function(name, words))
        if not sqlite:
            op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in reversed(RULES):
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")


def _sqlite(name: str, table: str, when: str, condition: str, words: str) -> str:
    rule = condition.replace("IS DISTINCT FROM", "IS NOT")
    return f"CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {rule} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def _function(name: str, words: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{words}'; END $$"
