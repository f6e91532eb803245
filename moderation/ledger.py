"""The one way to write, and the record of every write.

`transaction` opens it: changed rows without an event are refused, the events join the same commit, and each event is chained
to its predecessor by a keyed digest, one chain per area. Erasing a person's data may blank an event's content; its digest stays.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, UniqueConstraint, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from . import instants
from .database import confine, enum_column, json_column, utc_column
from .words import Event, NotFound, Retention, StaleWrite, new_id

INSTALLATION = "installation"  # the chain of what belongs to no area: accounts and areas
GENESIS = "0" * 64
CHAINED = ("name", "subject", "actor_id", "via", "content_digest")
R = TypeVar("R", bound=SQLModel)


class Via(StrEnum):
    PAGE = "page"
    JOB = "job"
    COMMAND = "command"


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, or the clock or an operator (no account)."""

    account_id: str | None
    name: str


CLOCK = Actor(None, "clock")
OPERATOR = Actor(None, "operator")


class SilentWrite(Exception):
    """A transaction changed rows and recorded no event. Nothing was written."""


class EventRow(SQLModel, table=True):
    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("chain", "seq"), {"info": {"retention": Retention.LEDGER}})

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    chain: str = Field(max_length=40)
    seq: int
    at: datetime = utc_column()
    name: str = Field(max_length=80)
    subject: str = Field(max_length=80, index=True)
    actor_id: str | None = Field(default=None, max_length=40)
    via: Via = enum_column(Via)
    content: dict[str, Any] | None = json_column(nullable=True)
    salt: str | None = Field(default=None, max_length=64)
    content_digest: str = Field(max_length=64)
    digest: str = Field(max_length=64)


class LedgerHead(SQLModel, table=True):
    __tablename__ = "ledger_head"
    __table_args__ = ({"info": {"retention": Retention.LEDGER}},)

    chain: str = Field(primary_key=True, max_length=40)
    seq: int = 0
    digest: str = Field(default=GENESIS, max_length=64)


class Transaction:
    """One act of one actor in one area: its session, its instant, and the events that it records."""

    def __init__(self, session: Session, actor: Actor, via: Via, area_id: str | None) -> None:
        self.session = session
        self.actor = actor
        self.via = via
        self.now = instants.now()
        self.events: list[Event] = []
        self.changed = False
        self._area_id = area_id

    @property
    def area_id(self) -> str:
        if self._area_id is None:
            raise NotFound("This needs a local area.")
        return self._area_id

    @property
    def chain(self) -> str:
        return self._area_id or INSTALLATION

    def record(self, happened: Event) -> None:
        """Add an event to this transaction's commit."""
        self.events.append(happened)

    def get(self, kind: type[R], key: str) -> R:
        """The row of this area with that id; NotFound if missing or in another area."""
        row = self.session.get(kind, key) if "\0" not in key else None  # PostgreSQL cannot hold a NUL, so it has no such key
        if row is None or getattr(row, "area_id", self.area_id) != self.area_id:
            raise NotFound("Page not found")
        return row

    def fresh(self, row: Any, version: int, mine: Mapping[str, Any]) -> None:
        """Refuse a write that was made on an older version of the row; otherwise count the version up."""
        if row.version != version:
            raise StaleWrite(mine, {name: getattr(row, name, None) for name in mine})
        row.version += 1


@contextmanager
def transaction(engine: Engine, actor: Actor, via: Via, area_id: str | None) -> Iterator[Transaction]:
    """The only writer. Commits rows and events together, or nothing.

    Writers of one area queue at its ledger head, so that a rule checked inside still holds at the commit.
    """
    writing = engine.execution_options(writes=True)
    with Session(writing, expire_on_commit=False) as session, session.begin():
        tx = Transaction(session, actor, via, area_id)
        confine(session, area_id)
        _watch(tx)
        head = _take_head(session, tx.chain)
        yield tx
        session.flush()
        if tx.changed and not tx.events:
            raise SilentWrite("rows were changed and no event was recorded")
        _append(tx, head, _key(engine))


def _key(engine: Engine) -> bytes:
    key: bytes = engine.get_execution_options()["ledger_key"]
    return key


def _watch(tx: Transaction) -> None:
    def before_flush(session: Session, *_: object) -> None:
        rows = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
        tx.changed = tx.changed or any(_counts(type(row)) for row in rows)

    def on_execute(state: ORMExecuteState) -> None:
        writes = state.is_insert or state.is_update or state.is_delete
        table = getattr(state.statement, "table", None)
        technical = table is not None and table.info.get("retention") in (Retention.TECHNICAL, Retention.LEDGER)
        tx.changed = tx.changed or (writes and not technical)

    event.listen(tx.session, "before_flush", before_flush)
    event.listen(tx.session, "do_orm_execute", on_execute)


def _counts(kind: type[Any]) -> bool:
    return kind.__table__.info.get("retention") not in (Retention.TECHNICAL, Retention.LEDGER)


def _take_head(session: Session, chain: str) -> LedgerHead:
    head = select(LedgerHead).where(LedgerHead.chain == chain).with_for_update()
    return session.exec(head).first() or _first_head(session, chain, head)


def _first_head(session: Session, chain: str, head: SelectOfScalar[LedgerHead]) -> LedgerHead:
    """The head of a chain that begins now; two that begin it at once wait for each other."""
    dialect = session.get_bind().dialect.name
    start = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(LedgerHead)
    session.connection().execute(start.values(chain=chain, seq=0, digest=GENESIS).on_conflict_do_nothing())
    return session.exec(head).one()


def _append(tx: Transaction, head: LedgerHead, key: bytes) -> None:
    rows = [_chained(tx, head, happened, key) for happened in tx.events]
    if rows:
        tx.session.connection().execute(insert(EventRow), rows)
        tx.session.flush()


def _chained(tx: Transaction, head: LedgerHead, happened: Event, key: bytes) -> dict[str, Any]:
    content = json.loads(json.dumps(asdict(happened), default=str))
    salt = secrets.token_hex(16)
    row: dict[str, Any] = {
        "id": new_id(),
        "chain": tx.chain,
        "seq": head.seq + 1,
        "at": tx.now,
        "name": type(happened).__name__,
        "subject": happened.subject,
        "actor_id": tx.actor.account_id,
        "via": tx.via,
        "content": content,
        "salt": salt,
        "content_digest": content_digest(salt, content),
    }
    row["digest"] = chained_digest(key, head.digest, row)
    head.seq, head.digest = row["seq"], row["digest"]
    return row


def content_digest(salt: str, content: Mapping[str, Any]) -> str:
    """Salted digest of an event's content: it stays when the content is erased."""
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{salt}:{plain}".encode()).hexdigest()


def chained_digest(key: bytes, previous: str, row: Mapping[str, Any]) -> str:
    """Keyed digest of an event and of everything before it in its chain."""
    at = row["at"].isoformat(timespec="microseconds")
    parts = (previous, *(row[name] for name in ("chain", "seq")), at, *(row[name] for name in CHAINED))
    return hmac.new(key, json.dumps(parts, default=str).encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class HistoryLine:
    """One thing that happened to a subject."""

    at: datetime
    name: str
    actor_id: str | None
    via: str
    content: dict[str, Any]


def history(session: Session, area_id: str, subject: str) -> list[HistoryLine]:
    """What happened to a subject of an area, oldest first."""
    found = session.exec(select(EventRow).where(EventRow.chain == area_id, EventRow.subject == subject).order_by(col(EventRow.seq)))
    return [HistoryLine(row.at, row.name, row.actor_id, row.via, row.content or {}) for row in found]


@dataclass(frozen=True)
class Verdict:
    """Does the ledger stand? If not, the first bad row is named."""

    events: int
    chains: int
    fault: str | None


def verify(engine: Engine, heads: Path) -> Verdict:
    """Walk every chain: recompute each digest, compare with the head row and with the signed heads kept outside the database."""
    key = _key(engine)
    with Session(engine) as session:
        chains = {head.chain: head for head in session.exec(select(LedgerHead))}
        signed, fault = _signed_heads(heads, key)
        known = sorted({*chains, *signed})
        events = 0
        for chain in known:
            count, wrong = _walk(session, chain, chains.get(chain), signed.get(chain, {}), key)
            events, fault = events + count, fault or wrong
    return Verdict(events, len(known), fault)


def _walk(session: Session, chain: str, head: LedgerHead | None, signed: Mapping[int, str], key: bytes) -> tuple[int, str | None]:
    previous, seq = GENESIS, 0
    rows = session.exec(
        select(EventRow).where(EventRow.chain == chain).order_by(col(EventRow.seq)).execution_options(yield_per=1000)
    )
    for row in rows:
        fault = _row_fault(row, seq + 1, previous, signed, key)
        if fault:
            return seq, f"chain {chain}, event {row.seq} ({row.name}): {fault}"
        previous, seq = row.digest, row.seq
    if head is None or (head.seq, head.digest) != (seq, previous):
        return seq, f"chain {chain}, event {seq + 1}: the end of the chain is missing or was changed"
    if signed and max(signed) > seq:
        return seq, f"chain {chain}, event {seq + 1}: events up to {max(signed)} were signed and are gone"
    return seq, None


def _row_fault(row: EventRow, expected: int, previous: str, signed: Mapping[int, str], key: bytes) -> str | None:
    if row.seq != expected:
        return f"event {expected} is missing"
    if row.content is not None and content_digest(row.salt or "", row.content) != row.content_digest:
        return "its content was changed"
    if not hmac.compare_digest(chained_digest(key, previous, row.model_dump()), row.digest):
        return "it was changed, or one before it was removed or inserted"
    if signed.get(row.seq, row.digest) != row.digest:
        return "it differs from the signed head"
    return None


def sign_heads(engine: Engine, heads: Path) -> int:
    """Append the present head of every chain, signed, to a file outside the database; returns how many were new."""
    key = _key(engine)
    signed, _ = _signed_heads(heads, key)
    with Session(engine) as session:
        rows = list(session.exec(select(LedgerHead)))
    fresh = [row for row in rows if row.seq and row.seq not in signed.get(row.chain, {})]
    heads.parent.mkdir(parents=True, exist_ok=True)
    with heads.open("a", encoding="utf-8") as file:
        for row in fresh:
            line = {"chain": row.chain, "seq": row.seq, "digest": row.digest}
            file.write(json.dumps(line | {"signature": _signature(key, line)}) + "\n")
    return len(fresh)


def _signature(key: bytes, line: Mapping[str, Any]) -> str:
    return hmac.new(key, f"head:{line['chain']}:{line['seq']}:{line['digest']}".encode(), hashlib.sha256).hexdigest()


def _signed_heads(heads: Path, key: bytes) -> tuple[dict[str, dict[int, str]], str | None]:
    found: dict[str, dict[int, str]] = {}
    lines = heads.read_text(encoding="utf-8").splitlines() if heads.exists() else []
    for number, text in enumerate(lines, 1):
        line = json.loads(text)
        if not hmac.compare_digest(_signature(key, line), line["signature"]):
            return found, f"{heads.name}, line {number}: the signature is wrong"
        found.setdefault(line["chain"], {})[line["seq"]] = line["digest"]
    return found, None
