"""The actions on plans that meetings agreed: what is open, what is late, what was done. Of meetings that are over only; those on
a hidden plan once its round is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from moderation.allocate.population import secret_plans
from moderation.allocate.tables import Round
from moderation.moderate.meeting_rules import ActionKind, ActionState, lateness
from moderation.moderate.queries import plans_of
from moderation.moderate.states import OVER
from moderation.moderate.tables import Disagreement, Meeting, PlanAction
from moderation.people.queries import names
from moderation.words import NotFound

SHOWS = ("open", "settled", "all")


@dataclass(frozen=True)
class ActionLine:
    """One action: `when` says in words when it is due, how late it is, or when it was settled."""

    action_id: str
    version: int
    round_id: str
    round_name: str
    meeting: str
    plan: str
    criterion_key: str
    kind: ActionKind
    text: str
    owner: str
    due_on: date
    state: ActionState
    is_late: bool
    when: str
    note: str
    settled_at: datetime | None
    settled_by: str

    @property
    def is_open(self) -> bool:
        return self.state is ActionState.OPEN


@dataclass(frozen=True)
class Tally:
    """How many actions there are, and how they stand. Late ones are open."""

    open: int
    late: int
    done: int
    not_needed: int

    @property
    def total(self) -> int:
        return self.open + self.done + self.not_needed


@dataclass(frozen=True)
class ActionsPage:
    lines: tuple[ActionLine, ...]
    tally: Tally
    rounds: tuple[tuple[str, str], ...]  # id and name of the rounds that have any
    round_id: str
    show: str


def actions_page(session: Session, area_id: str, today: date, round_id: str | None, show: str | None) -> ActionsPage:
    """The actions of the area or of one round, open ones first, then by when they are due; the tally counts all."""
    everything = _lines(session, area_id, today)
    rounds = {line.round_id: line.round_name for line in everything}
    if round_id and round_id not in rounds:
        raise NotFound("Page not found")
    chosen = [line for line in everything if not round_id or line.round_id == round_id]
    wanted = show if show in SHOWS else "open"
    shown = [line for line in chosen if wanted == "all" or line.is_open is (wanted == "open")]
    open_first = tuple(sorted(shown, key=lambda line: not line.is_open))
    return ActionsPage(open_first, tally_of(chosen), tuple(rounds.items()), round_id or "", wanted)


def action_line(session: Session, area_id: str, today: date, action_id: str) -> ActionLine:
    found = next((line for line in _lines(session, area_id, today) if line.action_id == action_id), None)
    if found is None:
        raise NotFound("Page not found")
    return found


def tally_of_round(session: Session, area_id: str, today: date, round_id: str) -> Tally:
    return tally_of(line for line in _lines(session, area_id, today) if line.round_id == round_id)


def tally_of(lines: Iterable[ActionLine]) -> Tally:
    found = list(lines)
    states = [line.state for line in found]
    return Tally(
        states.count(ActionState.OPEN), sum(line.is_late for line in found), states.count(ActionState.DONE),
        states.count(ActionState.NOT_NEEDED),
    )  # fmt: skip


def _lines(session: Session, area_id: str, today: date) -> list[ActionLine]:
    chosen = (
        select(PlanAction, Meeting, Round, Disagreement.criterion_key)
        .join(Meeting, col(Meeting.id) == PlanAction.meeting_id)
        .join(Round, col(Round.id) == Meeting.round_id)
        .join(Disagreement, col(Disagreement.id) == PlanAction.disagreement_id)
        .where(PlanAction.area_id == area_id, Meeting.area_id == area_id, col(Meeting.state).in_(OVER))
        .where(col(PlanAction.round_plan_id).not_in(secret_plans(area_id)))
        .order_by(col(PlanAction.due_on), col(PlanAction.created_at), col(PlanAction.id))
    )
    rows = session.exec(chosen).all()
    plans = _references(session, area_id, [found.id for _, _, found, _ in rows])
    people = names(session, [row.settled_by for row, *_ in rows if row.settled_by])
    return [
        _line(row, meeting, found, key, plans.get(row.round_plan_id, ""), people.get(row.settled_by or "", ""), today)
        for row, meeting, found, key in rows
    ]


def _references(session: Session, area_id: str, rounds: Sequence[str]) -> Mapping[str, str]:
    return {key: plan.reference for round_id in dict.fromkeys(rounds) for key, plan in plans_of(session, area_id, round_id).items()}


def _line(row: PlanAction, meeting: Meeting, found: Round, key: str, plan: str, settled_by: str, today: date) -> ActionLine:
    is_open = row.state is ActionState.OPEN
    return ActionLine(
        row.id, row.version, found.id, found.name, meeting.title, plan, key, row.kind, row.text, row.owner, row.due_on, row.state,
        is_open and row.due_on < today, lateness(row.due_on, today) if is_open else row.state.words.lower(), row.note,
        row.settled_at, settled_by,
    )  # fmt: skip
