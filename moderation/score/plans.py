"""What *My plans* shows: an auditor's plans in groups by what is to be done, with the sentence above them. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from moderation.allocate.rules import AllocationState, Ending, RoundState
from moderation.instants import london
from moderation.register.codes import EVENT_NAMES, NEED_NAMES, SETTING_NAMES, year_name
from moderation.register.framework import Criterion

from .own_pace import to_go
from .rules import SheetState
from .views import MyPlan, MyProgress, PlanFacts

SOON = 7  # days


class Group(StrEnum):
    """What is to be done about a plan, or what became of it."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    UNSUBMITTED = "unsubmitted"
    UNSUBMITTED_BEFORE = "unsubmitted before"
    FINISHED = "finished"


@dataclass(frozen=True)
class PlanLine:
    """One plan of the list, in the words of the page."""

    allocation_id: str
    round_name: str
    sheet_id: str | None
    reference: str
    about: str
    setting: str
    due_on: date
    days_left: int
    questions: int
    answered: int
    where: str  # where the work stands, in words
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
    unsubmitted: tuple[PlanLine, ...]  # when their rounds closed, which are not published yet
    unsubmitted_before: tuple[PlanLine, ...]  # begun, and in rounds that are published
    finished: tuple[PlanLine, ...]
    shares: tuple[Share, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.soon or self.later or self.offered or self.unsubmitted or self.unsubmitted_before or self.finished)

    @property
    def first(self) -> PlanLine | None:
        """The one plan with the green button, which is the one at the top."""
        return next(iter((*self.soon, *self.later)), None)

    @property
    def late_words(self) -> str:
        """What became of the plans that were not submitted in time."""
        late = len(self.unsubmitted)
        if not late:
            return "What is not submitted is left out of the results of its round."
        why = "it was not" if late == 1 else "they were not"
        return f"{_plans(late)} left out of the results because {why} submitted in time."

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
    groups: dict[Group | None, list[PlanLine]] = defaultdict(list)
    for plan in mine:
        groups[_group(plan)].append(_line(plan, progress, questions(plan), today, pace))
    at_hand = sorted(groups[Group.ACCEPTED], key=lambda line: not line.is_started)
    return PlanList(
        tuple(line for line in at_hand if line.days_left <= SOON),
        tuple(line for line in at_hand if line.days_left > SOON),
        tuple(groups[Group.OFFERED]),
        tuple(sorted(groups[Group.UNSUBMITTED], key=lambda line: not line.is_started)),
        tuple(groups[Group.UNSUBMITTED_BEFORE]),
        tuple(sorted(groups[Group.FINISHED], key=_latest_first)),
        _shares(mine),
    )


def _group(plan: MyPlan) -> Group | None:
    """Where a plan stands on the page; nowhere, if it ended before anything was done about it."""
    if plan.state is not AllocationState.ENDED:
        waiting = Group.OFFERED if plan.state is AllocationState.OFFERED else Group.ACCEPTED
        return waiting if plan.is_open else None
    if plan.ended_as is Ending.LAPSED and not plan.withdrawn and plan.round_state is not RoundState.PUBLISHED:
        return Group.UNSUBMITTED
    if plan.sheet_id is None:
        return None
    return Group.UNSUBMITTED_BEFORE if plan.ended_as is Ending.LAPSED and not plan.withdrawn else Group.FINISHED


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
    return "" if plan.is_open else "Not submitted when the round closed"


def _line(
    plan: MyPlan, progress: Mapping[str, MyProgress], questions: Sequence[Criterion], today: date, pace: timedelta | None
) -> PlanLine:
    done = progress.get(plan.sheet_id or "", MyProgress())
    answered = sum(criterion.key in done.answered for criterion in questions)
    next_one = _next_question(questions, done)
    return PlanLine(
        plan.allocation_id, plan.round_name, plan.sheet_id, plan.facts.reference, about(plan.facts),
        _named(plan.facts.setting_type, SETTING_NAMES), plan.due_on, (plan.due_on - today).days,
        len(questions), answered, _where(next_one, done), next_one.key if next_one else "", plan.submitted_at, _ending(plan),
        to_go(pace, len(questions) - answered),
    )  # fmt: skip


def _next_question(questions: Sequence[Criterion], done: MyProgress) -> Criterion | None:
    """The first question that is not answered, from the one that was worked on last and then from the beginning."""
    last = next((place for place, criterion in enumerate(questions) if criterion.key == done.last_key), 0)
    return next((one for one in (*questions[last:], *questions[:last]) if one.key not in done.answered), None)


def _where(next_one: Criterion | None, done: MyProgress) -> str:
    if next_one is None:
        return "Every question is answered. Check your answers and submit them"
    begins = "You stopped at" if next_one.key == done.last_key else "Next:"
    return f"{begins} {next_one.key} {next_one.title}" if done.last_key else ""


def _ending(plan: MyPlan) -> str:
    return "taken out of the round" if plan.withdrawn else "locked"


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
