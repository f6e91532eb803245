"""What the lead's overview of a gate shows: everything that was found, by kind, and what is still to do."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from moderation.people.tables import Account
from moderation.store import Store

from .audit_packs import pack_documents
from .gate_reading import Look, findings_in, gate_of, looks_in, words_found
from .gate_rules import ABOUT, ANSWERS, Check, CheckAnswer, GateState, seen_of
from .gate_tables import Decision, Finding, Gate, LookState
from .identity.folding import folded_words
from .identity.kinds import FIXED, KIND_NAMES, Kind
from .lookups import existing, pack_rows, plan_row
from .rules import HELD
from .tables import PlanHold

COMMON = ("PARENT 1", "PARENT 2", "SIBLING 1", "OTHER CHILD 1", "EP 1", "SENCO 1", "TEACHER 1", "SETTING 1")


@dataclass(frozen=True)
class Place:
    """Where a finding stands: for a link."""

    document_id: str
    page: int
    finding_id: str
    is_waiting: bool


@dataclass(frozen=True)
class Group:
    """All findings of the same words with the same token: decided together, or one by one in their place."""

    key: str  # the id of the first
    kind: Kind
    words: str
    token: str
    finding_ids: tuple[str, ...]
    places: tuple[Place, ...]
    waiting: int
    replaced: int
    kept: int
    seen: str  # changes as soon as somebody decides one of them


@dataclass(frozen=True)
class KindOfFinding:
    """All groups of one kind."""

    kind: Kind
    name: str
    groups: tuple[Group, ...]

    @property
    def waiting(self) -> int:
        return sum(group.waiting for group in self.groups)


@dataclass(frozen=True)
class GateView:
    """The gate of one plan."""

    plan_version_id: str
    reference: str
    version: int  # of the plan: for passing and closing
    gate_version: int  # of the gate: for people and checks
    is_drawn: bool
    is_searched: bool
    is_held: bool
    fault: str | None
    has_people: bool
    kinds: tuple[KindOfFinding, ...]
    looks: tuple[Look, ...]
    checks: tuple[tuple[str, str], ...]
    answers: dict[str, str]
    missing: tuple[str, ...]
    passed_at: datetime | None
    passed_by: str | None
    released_at: datetime | None
    documents: tuple[tuple[str, str], ...]  # id and label
    tokens: tuple[str, ...]

    @property
    def findings(self) -> int:
        return sum(len(group.finding_ids) for kind in self.kinds for group in kind.groups)

    @property
    def can_decide(self) -> bool:
        """Open, and no search under way that may change the findings."""
        return self.passed_at is None and not self.is_held and self.is_searched

    @property
    def held_in_words(self) -> str:
        return HELD

    @property
    def undecided(self) -> int:
        return sum(kind.waiting for kind in self.kinds)

    @property
    def unseen(self) -> int:
        return sum(look.state is LookState.WAITING for look in self.looks)

    def group(self, key: str) -> Group:
        return existing(next((group for kind in self.kinds for group in kind.groups if key in group.finding_ids), None))


def gate_view(session: Session, store: Store, area_id: str, plan_version_id: str) -> GateView:
    """The gate of a plan with everything that was found, by kind."""
    plan, case = plan_row(session, area_id, plan_version_id)
    gate, rows = gate_of(session, area_id, plan.id), pack_rows(session, area_id, plan.id)
    labels = {each.id: each.label for each in pack_documents(session, area_id, plan.id)}
    findings, looks = findings_in(session, area_id, rows), looks_in(session, area_id, rows, labels)
    groups = _groups(findings, words_found(store, rows, findings))
    state = GateState(
        tuple(row.kind.value for row in rows),
        sum(row.render_error is not None for row in rows),
        gate.searched_at is not None,
        sum(one.decision is Decision.WAITING for one in findings),
        sum(look.state is LookState.WAITING for look in looks),
        gate.checks is not None,
    )
    held = select(PlanHold.id).where(PlanHold.area_id == area_id, PlanHold.plan_version_id == plan.id)
    return GateView(
        plan.id, case.reference, plan.version, gate.version,
        all(row.rendered_at is not None for row in rows), gate.searched_at is not None, session.exec(held).first() is not None,
        gate.fault, gate.people_path is not None, groups, looks, _checks(gate), dict(gate.checks or {}),
        tuple(state.missing), gate.passed_at,
        _name(session, gate.passed_by), plan.released_at, tuple(labels.items()), _tokens(findings),
    )  # fmt: skip


def _groups(findings: Sequence[Finding], words: Mapping[str, str]) -> tuple[KindOfFinding, ...]:
    """Findings of the same words and token together, kinds in their order, the most frequent first."""
    gathered: dict[tuple[Kind, str, str], list[Finding]] = {}
    for one in findings:
        same = f"{one.document_id}/{one.page}/{one.id}" if one.kind is Kind.AREA else "".join(folded_words(words[one.id]).split())
        gathered.setdefault((one.kind, same, one.token), []).append(one)
    groups = [_group(rows, words) for rows in gathered.values()]
    return tuple(
        KindOfFinding(kind, KIND_NAMES[kind], tuple(sorted(mine, key=lambda group: (-group.waiting, -len(group.places)))))
        for kind in Kind
        if (mine := [group for group in groups if group.kind is kind])
    )


def _group(rows: Sequence[Finding], words: Mapping[str, str]) -> Group:
    first, counts = rows[0], Counter(row.decision for row in rows)
    return Group(
        first.id, first.kind, words[first.id], first.token, tuple(row.id for row in rows),
        tuple(Place(row.document_id, row.page, row.id, row.decision is Decision.WAITING) for row in rows),
        counts[Decision.WAITING], counts[Decision.REPLACE], counts[Decision.KEEP], seen_of({row.id: row.version for row in rows}),
    )  # fmt: skip


def _checks(gate: Gate) -> tuple[tuple[str, str], ...]:
    answers = gate.checks or {}
    return tuple((ABOUT[check], ANSWERS[CheckAnswer(answers[check])]) for check in Check if check in answers)


def _name(session: Session, account_id: str | None) -> str | None:
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else None


def _tokens(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Tokens to choose from: those of this pack first."""
    return tuple(dict.fromkeys([*sorted({one.token for one in findings}), *COMMON, *FIXED]))
