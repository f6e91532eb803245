"""What *My plans* shows: an auditor's plans in groups by what is to be done, with the sentence above them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from moderation.allocate.rules import AllocationState
from moderation.instants import london
from moderation.register.codes import EVENT_NAMES, NEED_NAMES, SETTING_NAMES, year_name
from moderation.register.framework import Criterion

from .own_pace import to_go
from .rules import SheetState
from .views import MyPlan, MyProgress, PlanFacts

SOON = 7  # days


@dataclass(frozen=True)
class PlanLine:
    """One plan of the list, in the words of the page."""

    allocation_id: str
    sheet_id: str | None
    reference: str
    about: str
    setting: str
    due_on: date
    days_left: int
    questions: int
    answered: int
    stopped_at: str
    go_on_at: str  # the question to go on at; nothing when all are answered
    submitted_at: datetime | None
    state: str
    time_to_go: str

    @property
    def is_started(self) -> bool:
        return self.sheet_id is not None

    @property
    def due_in(self) -> str:
        """How soon, in words."""
        if self.days_left < 0:
            return "Overdue"
        return {0: "Today", 1: "Tomorrow"}.get(self.days_left, f"In {self.days_left} days")


@dataclass(frozen=True)
class Share:
    """An auditor's own part in one open round."""

    round_name: str
    closes_on: date
    plans: int
    submitted: int


@dataclass(frozen=True)
class PlanList:
    """An auditor's plans, in groups."""

    soon: tuple[PlanLine, ...]
    later: tuple[PlanLine, ...]
    offered: tuple[PlanLine, ...]
    finished: tuple[PlanLine, ...]
    shares: tuple[Share, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.soon or self.later or self.offered or self.finished)

    @property
    def first(self) -> PlanLine | None:
        """The one plan with the green button, which is the one at the top."""
        return next(iter((*self.soon, *self.later)), None)

    @property
    def sentence(self) -> str:
        """What is to be done, in one or two sentences."""
        due = f"{_plans(len(self.soon))} due in the next {SOON} days." if self.soon else ""
        new = f"{_new(len(self.offered))} your reply." if self.offered else ""
        rest = f"{_plans(len(self.later))} in progress." if self.later and not due else ""
        return " ".join(part for part in (due, rest, new) if part) or "You have no plans to score."


def plan_list(
    plans: Iterable[MyPlan],
    progress: Mapping[str, MyProgress],
    questions: Callable[[MyPlan], Sequence[Criterion]],
    today: date,
    pace: timedelta | None = None,
) -> PlanList:
    """The groups of the page. `plans` come in the auditor's own order and stay in it, what is begun before what is not."""
    mine = list(plans)
    lines = [(plan, _line(plan, progress, questions(plan), today, pace)) for plan in mine]
    active = [(plan, line) for plan, line in lines if plan.is_open and plan.state is not AllocationState.ENDED]
    accepted = [line for plan, line in active if plan.state is not AllocationState.OFFERED]
    at_hand = sorted(accepted, key=lambda line: not line.is_started)
    finished = [line for plan, line in lines if plan.state is AllocationState.ENDED and plan.sheet_id]
    return PlanList(
        tuple(line for line in at_hand if line.days_left <= SOON),
        tuple(line for line in at_hand if line.days_left > SOON),
        tuple(line for plan, line in active if plan.state is AllocationState.OFFERED),
        tuple(sorted(finished, key=_latest_first)),
        _shares(mine),
    )


def about(facts: PlanFacts) -> str:
    """Year 10, autistic spectrum disorder, amended after review"""
    need = _named(facts.primary_need, NEED_NAMES)
    event = _named(facts.plan_event, EVENT_NAMES)
    return ", ".join([year_name(facts.year_group), _small(need), _small(event)])


def year_and_event(facts: PlanFacts) -> str:
    """Year 10, amended after review"""
    return f"{year_name(facts.year_group)}, {_small(_named(facts.plan_event, EVENT_NAMES))}"


def _latest_first(line: PlanLine) -> tuple[float, str]:
    return (-line.submitted_at.timestamp() if line.submitted_at else 0.0, line.reference)


def standing(plan: MyPlan) -> str:
    """Where a sheet stands that its auditor can no longer change; nothing for a draft that they can."""
    if plan.withdrawn:
        return "This plan was taken out of the round"
    if plan.submitted_at and plan.sheet_state in (SheetState.SUBMITTED, SheetState.LOCKED):
        day = london(plan.submitted_at)
        return f"Submitted {day.day} {day:%B}, locked"
    return "" if plan.is_open else "Not finished when the round closed"


def _line(
    plan: MyPlan, progress: Mapping[str, MyProgress], questions: Sequence[Criterion], today: date, pace: timedelta | None
) -> PlanLine:
    done = progress.get(plan.sheet_id or "", MyProgress())
    last = next((criterion for criterion in questions if criterion.key == done.last_key), None)
    return PlanLine(
        plan.allocation_id, plan.sheet_id, plan.facts.reference, about(plan.facts),
        _named(plan.facts.setting_type, SETTING_NAMES), plan.due_on, (plan.due_on - today).days,
        len(questions), done.answered, f"{last.key} {last.title}" if last else "",
        (last or questions[0]).key if questions and done.answered < len(questions) else "", plan.submitted_at, _ending(plan),
        to_go(pace, len(questions) - done.answered),
    )  # fmt: skip


def _ending(plan: MyPlan) -> str:
    if plan.withdrawn:
        return "taken out of the round"
    return {SheetState.LAPSED: "not finished when the round closed"}.get(plan.sheet_state or SheetState.DRAFT, "locked")


def _shares(plans: Sequence[MyPlan]) -> tuple[Share, ...]:
    rounds: dict[str, list[MyPlan]] = {}
    for plan in plans:
        if plan.is_open:
            rounds.setdefault(plan.round_id, []).append(plan)
    return tuple(
        Share(mine[0].round_name, mine[0].due_on, len(mine), sum(plan.sheet_state is SheetState.SUBMITTED for plan in mine))
        for mine in rounds.values()
    )


def _named(code: str, names: Mapping[Any, str]) -> str:
    """The name of a code; a code that has none speaks for itself."""
    return names.get(code, code)


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _plans(count: int) -> str:
    return "1 plan is" if count == 1 else f"{count} plans are"


def _new(count: int) -> str:
    return "1 new plan needs" if count == 1 else f"{count} new plans need"
