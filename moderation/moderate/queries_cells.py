"""One cell (a plan and a criterion) as the list, the room, the agenda pack and the minutes show it: Auditor A, B and C, the votes
of a meeting, and what was agreed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from moderation.register.criteria import Criterion
from moderation.words import NotFound

from .agenda_rows import TO_DECIDE, decided_in, outcome_here, pairs_in
from .grades import overall_suggested
from .lesson_sources import lessons_from
from .meeting_rules import ActionState
from .policy import Policy, level_name
from .queries import MISSING, PlanLine, RoundFacts, auditors_by_cell, plans_of, policy_of, released_cells, sight_of
from .queries_naming import settled_plans
from .queries_votes import Votes, votes_of
from .record import ActionView, AgreedView, unnamed, without_identities
from .stakes import Outlook
from .states import DECIDED, Cause, DisagreementState
from .tables import AgreedRating, Disagreement, PlanAction
from .views import AuditorView, ReasonView, Strip, answer_key, choices_of, reason_view


@dataclass(frozen=True)
class CellView:
    """One cell, as the list, the room and the minutes show it."""

    disagreement_id: str
    state: DisagreementState
    plan: PlanLine
    criterion: Criterion
    section: str
    auditors: tuple[AuditorView, ...]
    strip: Strip
    reasons: tuple[ReasonView, ...]
    agreed: AgreedView | None
    lessons: tuple[str, ...]
    action: ActionView | None
    ballots: tuple[Votes, ...]
    suggested: str

    @property
    def votes(self) -> Mapping[str, int]:
        """The votes that were revealed last, by answer."""
        return self.ballots[-1].answers if self.ballots else {}

    @property
    def is_voted_twice(self) -> bool:
        return len(self.ballots) > 1

    @property
    def first_votes(self) -> Mapping[str, int]:
        """Where the meeting voted again: the votes before."""
        return self.ballots[0].answers if self.is_voted_twice else {}

    @property
    def cannot_judge(self) -> int:
        return self.ballots[-1].cannot_judge if self.ballots else 0

    @property
    def not_voting(self) -> int:
        return self.ballots[-1].not_voting if self.ballots else 0

    @property
    def first_cannot_judge(self) -> int:
        return self.ballots[0].cannot_judge if self.is_voted_twice else 0

    @property
    def first_not_voting(self) -> int:
        return self.ballots[0].not_voting if self.is_voted_twice else 0

    @property
    def is_open(self) -> bool:
        """Is it waiting for the decision of a meeting?"""
        return self.state in TO_DECIDE

    @property
    def given(self) -> Strip:
        """The strip without answers beside the scale that nobody gave."""
        return Strip(tuple(one for one in self.strip.columns if one.auditors or not one.off_scale), self.strip.spoken)

    @property
    def quotes(self) -> tuple[AuditorView, ...]:
        return tuple(auditor for auditor in self.auditors if auditor.quote)

    @property
    def agencies_hidden(self) -> bool:
        return any(auditor.agency_kind is None for auditor in self.auditors)


def cell_view(session: Session, area_id: str, facts: RoundFacts, disagreement_id: str, meeting_id: str | None = None) -> CellView:
    """One disagreement with everything a moderator may see of it, and the votes of one meeting."""
    return cell_views(session, area_id, facts, [disagreement_id], meeting_id)[disagreement_id]


def cell_views(
    session: Session, area_id: str, facts: RoundFacts, disagreements: Sequence[str], meeting_id: str | None = None
) -> dict[str, CellView]:
    """The same for several."""
    chosen = select(Disagreement).where(Disagreement.area_id == area_id, Disagreement.round_id == facts.round_id)
    rows = {row.id: row for row in session.exec(chosen.where(col(Disagreement.id).in_(disagreements)))}
    if rows.keys() != set(disagreements):
        raise NotFound(MISSING)
    policy, plans = policy_of(session, area_id, facts.framework_version_id), plans_of(session, area_id, facts.round_id)
    states = {key: row.state for key, row in rows.items()} | _states(session, area_id, meeting_id, rows)
    ids, decided = list(disagreements), [key for key in rows if states[key] in DECIDED]
    known = _Known(  # of what a meeting decides again, what was decided before is its draft
        agreed_of(session, area_id, decided, policy), lessons_of(session, area_id, decided), actions_of(session, area_id, decided),
        votes_of(session, area_id, meeting_id, ids), {}, states,
    )  # fmt: skip
    known.auditors.update(_auditors(session, area_id, facts, policy, list(rows.values())))
    return {
        key: _cell(rows[key], policy, plans[rows[key].round_plan_id], known, _suggested(session, area_id, facts, policy, rows[key]))
        for key in ids
    }


@dataclass(frozen=True)
class _Known:
    """Of several cells, by disagreement; the auditors by plan and criterion."""

    agreed: Mapping[str, AgreedView]
    lessons: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, ActionView]
    ballots: Mapping[str, tuple[Votes, ...]]
    auditors: dict[tuple[str, str], tuple[AuditorView, ...]]
    states: Mapping[str, DisagreementState]


def _states(session: Session, area_id: str, meeting_id: str | None, wanted: Collection[str]) -> dict[str, DisagreementState]:
    """What a meeting made of its items; another may have decided what this one deferred."""
    if meeting_id is None:
        return {}
    decided = decided_in(session, area_id, meeting_id)
    pairs = pairs_in(session, area_id, meeting_id)
    return {row.id: outcome_here(item, row, decided) for item, row in pairs if row.id in wanted}


def _auditors(
    session: Session, area_id: str, facts: RoundFacts, policy: Policy, rows: Sequence[Disagreement]
) -> dict[tuple[str, str], tuple[AuditorView, ...]]:
    """What the auditors said; every agency is named only where the plan is settled."""
    sight = sight_of(session, area_id, facts.round_id)
    settled = settled_plans(session, area_id, facts, {row.round_plan_id for row in rows})
    found: dict[tuple[str, str], tuple[AuditorView, ...]] = {}
    for plan, key in {(row.round_plan_id, row.criterion_key) for row in rows}:
        found |= auditors_by_cell(session, sight, policy, plan, key, settled=settled)
    return found


def _cell(row: Disagreement, policy: Policy, plan: PlanLine, known: _Known, suggested: str) -> CellView:
    criterion, auditors = policy.criteria[row.criterion_key], known.auditors.get((row.round_plan_id, row.criterion_key), ())
    return CellView(
        row.id, known.states[row.id], plan, criterion, policy.framework.section(criterion.section).label, auditors,
        choices_of(criterion, auditors, policy), tuple(reason_view(text) for text in row.reasons), known.agreed.get(row.id),
        known.lessons.get(row.id, ()), known.actions.get(row.id), known.ballots.get(row.id, ()), suggested,
    )  # fmt: skip


def for_observer(cell: CellView) -> CellView:
    """Without identities: no agency, not even after the decision, no reference of the plan, nobody who differed or has to act."""
    (auditors, strip), (agreed, action) = without_identities(cell.auditors, cell.strip), unnamed(cell.agreed, cell.action)
    plan = replace(cell.plan, reference="", year_group="", event="")
    return replace(cell, auditors=auditors, strip=strip, plan=plan, agreed=agreed, action=action)


def agreed_of(session: Session, area_id: str, disagreements: Sequence[str], policy: Policy) -> dict[str, AgreedView]:
    chosen = select(AgreedRating).where(AgreedRating.area_id == area_id, col(AgreedRating.disagreement_id).in_(disagreements))
    return {row.disagreement_id: agreed_view(row, policy) for row in session.exec(chosen) if row.disagreement_id}


def agreed_view(row: AgreedRating, policy: Policy) -> AgreedView:
    scale = policy.criteria[row.criterion_key].scale
    rating = policy.framework.non_score(row.non_score).label if row.non_score else level_name(scale, row.value)  # type: ignore[arg-type]
    cause = Cause(row.cause).words if row.cause else ""
    key = answer_key(row.value, row.non_score)
    return AgreedView(key, rating, row.basis, row.reason, cause, row.dissent, row.dissenter, row.quorate, row.decided_at)


def lessons_of(session: Session, area_id: str, disagreements: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for disagreement_id, lesson in lessons_from(session, area_id, disagreements):
        found[disagreement_id].append(lesson.text)
    return {key: tuple(texts) for key, texts in found.items()}


def actions_of(session: Session, area_id: str, disagreements: Sequence[str]) -> dict[str, ActionView]:
    chosen = select(PlanAction).where(PlanAction.area_id == area_id, col(PlanAction.disagreement_id).in_(disagreements))
    return {row.disagreement_id: _action(row) for row in session.exec(chosen)}


def _action(row: PlanAction) -> ActionView:
    return ActionView(row.kind.words, row.text, row.owner, row.due_on, row.note if row.state is ActionState.OPEN else "")


def _suggested(session: Session, area_id: str, facts: RoundFacts, policy: Policy, row: Disagreement) -> str:
    """For the overall judgement: what the grade rules suggest from what is agreed so far."""
    if row.criterion_key not in policy.overall:
        return ""
    cells = released_cells(session, area_id, facts.round_id).get(row.round_plan_id, {})
    known = {key: marks for key, marks in cells.items() if key in policy.criteria}
    so_far = Outlook.of(known, policy).agreed
    chosen = select(AgreedRating.criterion_key, AgreedRating.value).where(
        AgreedRating.area_id == area_id, AgreedRating.round_plan_id == row.round_plan_id, col(AgreedRating.value).is_not(None)
    )
    decided = {key: value for key, value in session.exec(chosen) if value is not None}
    return policy.grade_name(overall_suggested({**so_far, **decided}, policy))
