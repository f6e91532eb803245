"""Decisions of moderation, in plain values: which cells a meeting is offered, how a cell nobody discussed is settled, who may
moderate, when a meeting has a quorum, and the moves of the life cycles. (A cell is one plan and one criterion.)"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import ceil
from typing import NamedTuple

from moderation.allocate.rules import RoundState
from moderation.register.criteria import Criterion, Framework, Limit, LimitKind, NonScore, Scale, Trigger, TriggerKind
from moderation.words import AgencyKind, Refused


class DisagreementState(StrEnum):
    FOUND = "found"
    LISTED = "listed"
    DISCUSSED = "discussed"
    AGREED = "agreed"
    NOT_AGREED_CHAIR_DECIDED = "not_agreed_chair_decided"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        return DISAGREEMENT_WORDS[self]


class MeetingState(StrEnum):
    PLANNED = "planned"
    INVITED = "invited"
    IN_SESSION = "in_session"
    CONCLUDED = "concluded"
    MINUTES_PUBLISHED = "minutes_published"
    CANCELLED = "cancelled"

    @property
    def words(self) -> str:
        return self.replace("_", " ").capitalize()


class Basis(StrEnum):
    """How an agreed rating came about."""

    UNANIMOUS = "unanimous"
    MAJORITY = "majority"
    CHAIR = "chair"
    NOT_DISCUSSED = "not_discussed"
    ONE_OPINION = "one_opinion"

    @property
    def words(self) -> str:
        return BASIS_WORDS[self]


class LessonState(StrEnum):
    PROPOSED = "proposed"
    ADOPTED = "adopted"
    REJECTED = "rejected"

    @property
    def words(self) -> str:
        return LESSON_WORDS[self]


class UnblindingState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class Cause(StrEnum):
    """Main cause of a disagreement."""

    GUIDANCE = "guidance_unclear"
    MISSED = "evidence_missed"
    NOT_IN_PACK = "evidence_not_in_pack"
    LENS = "professional_lens"
    SCALE = "scale_misread"
    SLIP = "slip"

    @property
    def words(self) -> str:
        return CAUSE_WORDS[self]


DISAGREEMENT_WORDS: Mapping[DisagreementState, str] = {
    DisagreementState.FOUND: "not in a meeting yet",
    DisagreementState.LISTED: "on an agenda",
    DisagreementState.DISCUSSED: "discussed and not decided",
    DisagreementState.AGREED: "agreed",
    DisagreementState.NOT_AGREED_CHAIR_DECIDED: "decided by the chair",
    DisagreementState.DEFERRED: "deferred",
    DisagreementState.WITHDRAWN: "withdrawn",
}

BASIS_WORDS: Mapping[Basis, str] = {
    Basis.UNANIMOUS: "Unanimous",
    Basis.MAJORITY: "By majority",
    Basis.CHAIR: "Chair’s decision",
    Basis.NOT_DISCUSSED: "Not discussed",
    Basis.ONE_OPINION: "One opinion",
}

CAUSE_WORDS: Mapping[Cause, str] = {
    Cause.GUIDANCE: "Guidance is unclear",
    Cause.MISSED: "Evidence was missed",
    Cause.NOT_IN_PACK: "Evidence is not in the pack",
    Cause.LENS: "Different professional lens",
    Cause.SCALE: "Scale was misread",
    Cause.SLIP: "Slip",
}

DECIDED = frozenset({DisagreementState.AGREED, DisagreementState.NOT_AGREED_CHAIR_DECIDED})
OPEN = frozenset({DisagreementState.FOUND, DisagreementState.LISTED, DisagreementState.DISCUSSED})

# Taking an item off an agenda puts it back among the found; a deferred one may be carried over. Only the meeting itself, while
# it is in session, may reopen what it decided (`reopened`); otherwise nothing leads out of a
# decision: the same plan and criterion never come back.
DISAGREEMENT_MOVES: Mapping[DisagreementState, frozenset[DisagreementState]] = {
    DisagreementState.FOUND: frozenset({DisagreementState.LISTED, DisagreementState.DEFERRED, DisagreementState.WITHDRAWN}),
    DisagreementState.LISTED: frozenset(
        {DisagreementState.FOUND, DisagreementState.DISCUSSED, DisagreementState.DEFERRED, DisagreementState.WITHDRAWN}
    ),
    DisagreementState.DISCUSSED: DECIDED | {DisagreementState.DEFERRED, DisagreementState.WITHDRAWN},
    DisagreementState.DEFERRED: frozenset({DisagreementState.LISTED, DisagreementState.WITHDRAWN}),
    DisagreementState.AGREED: frozenset(),
    DisagreementState.NOT_AGREED_CHAIR_DECIDED: frozenset(),
    DisagreementState.WITHDRAWN: frozenset(),
}

MEETING_MOVES: Mapping[MeetingState, frozenset[MeetingState]] = {
    MeetingState.PLANNED: frozenset({MeetingState.INVITED, MeetingState.IN_SESSION, MeetingState.CANCELLED}),
    MeetingState.INVITED: frozenset({MeetingState.IN_SESSION, MeetingState.CANCELLED}),
    MeetingState.IN_SESSION: frozenset({MeetingState.CONCLUDED}),
    MeetingState.CONCLUDED: frozenset({MeetingState.MINUTES_PUBLISHED}),
    MeetingState.MINUTES_PUBLISHED: frozenset(),
    MeetingState.CANCELLED: frozenset(),
}


LESSON_WORDS: Mapping[LessonState, str] = {
    LessonState.PROPOSED: "waiting",
    LessonState.ADOPTED: "adopted",
    LessonState.REJECTED: "declined",
}

# What was adopted may be taken back until its framework version is published; what was declined may be taken up again.
LESSON_MOVES: Mapping[LessonState, frozenset[LessonState]] = {
    LessonState.PROPOSED: frozenset({LessonState.ADOPTED, LessonState.REJECTED}),
    LessonState.ADOPTED: frozenset({LessonState.PROPOSED}),
    LessonState.REJECTED: frozenset({LessonState.PROPOSED}),
}


def move_lesson(state: LessonState, to: LessonState) -> LessonState:
    if to not in LESSON_MOVES[state]:
        raise Refused(f"This lesson is {state.words}, so it cannot become {to.words}.")
    return to


def refuse_decided(state: LessonState) -> None:
    if state is not LessonState.PROPOSED:
        raise Refused(f"This lesson is {state.words}, so its wording cannot change any more.")


def move_disagreement(state: DisagreementState, to: DisagreementState) -> DisagreementState:
    """The new state, or Refused with the reason in words."""
    if to not in DISAGREEMENT_MOVES[state]:
        raise Refused(f"This disagreement is {state.words}, so it cannot become {to.words}.")
    return to


def taken_up_again(state: DisagreementState, quorate: bool, confirmed: bool) -> DisagreementState:
    """A decision made without quorum goes to the next chair, who may put it on the agenda again instead of confirming it."""
    if state not in DECIDED or quorate or confirmed:
        raise Refused("This decision stands: it was made with a quorum, or a later meeting has confirmed it.")
    return DisagreementState.LISTED


def reopened(state: DisagreementState) -> DisagreementState:
    """A decision taken up again by the meeting that made it."""
    if state not in DECIDED:
        raise Refused(f"This disagreement is {state.words}, so there is no decision to reopen.")
    return DisagreementState.DISCUSSED


def unsettled(state: DisagreementState, differs: bool) -> DisagreementState:
    """What becomes of a cell when a sheet that rated it is withdrawn: found again where the rest still differs, or else
    withdrawn. This alone leads out of a decision after its meeting."""
    if state in DECIDED:
        return DisagreementState.FOUND if differs else DisagreementState.WITHDRAWN
    return state if differs or state is DisagreementState.WITHDRAWN else DisagreementState.WITHDRAWN


def move_meeting(state: MeetingState, to: MeetingState) -> MeetingState:
    if to not in MEETING_MOVES[state]:
        raise Refused(f"This meeting is {state.words.lower()}, so it cannot become {to.words.lower()}.")
    return to


class Mark(NamedTuple):
    """One auditor's locked answer to one criterion on one plan. Both None = not answered, which is never a difference."""

    value: float | None = None
    non_score: str | None = None
    confidence: str | None = None


@dataclass(frozen=True)
class Policy:
    """What routing and grading need of one framework version, looked up once."""

    framework: Framework
    criteria: Mapping[str, Criterion]
    watches: Mapping[str, tuple[Trigger, ...]]
    overall: frozenset[str]  # the overall judgement: ordinal criteria in a section without weight
    shares: Mapping[str, float]  # of the criteria whose agreed ratings enter grades: their weight in the overall suggestion
    limits: Mapping[str, tuple[tuple[int, Limit], ...]]  # the limiting rules (with their place) that look at a criterion

    @classmethod
    def of(cls, framework: Framework) -> "Policy":
        criteria = {criterion.key: criterion for criterion in framework.criteria}
        watches = {
            key: tuple(trigger for trigger in framework.triggers if trigger.watches(criterion))
            for key, criterion in criteria.items()
        }
        weights = {section.key: section.weight for section in framework.sections}
        ordinal = [criterion for criterion in framework.criteria if criterion.is_ordinal]
        overall = frozenset(criterion.key for criterion in ordinal if not weights[criterion.section])
        graded = [criterion for criterion in ordinal if criterion.is_pooled and criterion.key not in overall]
        shares = {criterion.key: criterion.weight * weights[criterion.section] for criterion in graded}
        limits = {key: tuple(limits_on(criterion, framework.grade_rules.limits)) for key, criterion in criteria.items()}
        return cls(framework, criteria, watches, overall, shares, limits)

    @cached_property
    def calibration(self) -> Trigger | None:
        """The trigger that draws agreed plans at random, if the framework has one."""
        return next((trigger for trigger in self.framework.triggers if trigger.kind is TriggerKind.RANDOM_AGREED), None)

    @cached_property
    def counted(self) -> dict[tuple[str, float], tuple[int, ...]]:
        """Towards which limiting rules a rating counts, as `grades` worked it out: there are few distinct ratings."""
        return {}

    def grade_name(self, grade: float | None) -> str:
        """A grade in the words of the graded criteria's scale."""
        return level_name(self.grade_scale, grade) if self.grade_scale and grade is not None else "no grade"

    @cached_property
    def grade_scale(self) -> Scale | None:
        return next((self.criteria[key].scale for key in self.shares), None)


def limits_on(criterion: Criterion, limits: Iterable[Limit]) -> Iterator[tuple[int, Limit]]:
    """The limiting rules that an agreed rating of this criterion can count towards, with their place among all."""
    marked = {LimitKind.CRITICAL_NO: criterion.critical, LimitKind.STATUTORY_NO: criterion.statutory, LimitKind.LEVEL_AT_MOST: True}
    for place, limit in enumerate(limits):
        named = criterion.key not in limit.leaving_out and (not limit.criteria or criterion.key in limit.criteria)
        if named and marked.get(limit.kind, False):
            yield place, limit


def level_name(scale: Scale, value: float | None) -> str:
    """A rating in the words of its scale; a number where it has no levels."""
    if value is None:
        return "Not applicable"
    label = next((level.label for level in scale.levels if level.value == value), None)
    return label.replace(" - ", ", ") if label else f"{value / 10**scale.decimals:g}"


def distance(scale: Scale, low: float, high: float) -> float:
    """Levels between two ratings of an ordinal scale; the plain difference where there are no levels to count."""
    values = scale.values
    if low in values and high in values:
        return values.index(int(high)) - values.index(int(low))
    return (high - low) / float(10**scale.decimals)


def scores(marks: Iterable[Mark]) -> list[float]:
    return [mark.value for mark in marks if mark.value is not None]


def route(marks: Sequence[Mark], criterion: Criterion, watches: Sequence[Trigger]) -> tuple[str, ...]:
    """The keys of the triggers that the independent ratings of one cell fire. An evidence note, an unanswered question, "no
    evidence" or "outside my discipline" is never a difference. Advice that each discipline rates for itself is not one
    question, so no trigger watches it."""
    values = scores(marks)
    if not values:
        return ()
    return tuple(trigger.key for trigger in watches if FIRES[trigger.kind](values, marks, criterion, trigger))


Test = Callable[[Sequence[float], Sequence[Mark], Criterion, Trigger], bool]


def _spread(values: Sequence[float], _: Sequence[Mark], criterion: Criterion, trigger: Trigger) -> bool:
    return distance(criterion.scale, min(values), max(values)) >= (trigger.at_least or 1)


def _boundary(values: Sequence[float], _: Sequence[Mark], criterion: Criterion, trigger: Trigger) -> bool:
    return trigger.boundary is not None and min(values) <= trigger.boundary < max(values)


def _difference(values: Sequence[float], *_: object) -> bool:
    return min(values) != max(values)


def _applies_or_not(_: Sequence[float], marks: Sequence[Mark], criterion: Criterion, trigger: Trigger) -> bool:
    return any(mark.non_score == NonScore.NOT_APPLICABLE for mark in marks)


def _low_confidence(values: Sequence[float], marks: Sequence[Mark], criterion: Criterion, trigger: Trigger) -> bool:
    unsure = sum(mark.confidence == "not_sure" for mark in marks if mark.value is not None)
    return len(values) > 1 and unsure > (trigger.share or 0.5) * len(values)


FIRES: Mapping[TriggerKind, Test] = {
    TriggerKind.SPREAD: _spread,
    TriggerKind.BOUNDARY: _boundary,
    TriggerKind.SPLIT: _difference,
    TriggerKind.ANY_DIFFERENCE: _difference,
    TriggerKind.NOT_APPLICABLE_SPLIT: _applies_or_not,
    TriggerKind.LOW_CONFIDENCE: _low_confidence,
}

TRIGGER_WORDS: Mapping[TriggerKind, str] = {
    TriggerKind.SPREAD: "Far apart",
    TriggerKind.BOUNDARY: "Either side of a boundary",
    TriggerKind.SPLIT: "Yes and No",
    TriggerKind.ANY_DIFFERENCE: "Any difference on the overall judgement",
    TriggerKind.NOT_APPLICABLE_SPLIT: "Applies or not",
    TriggerKind.LOW_CONFIDENCE: "Most auditors were not sure",
    TriggerKind.RANDOM_AGREED: "Drawn at random where auditors agreed",
    TriggerKind.FLAG: "Safeguarding or data-breach flag",
}


def unanimous(marks: Sequence[Mark], criterion: Criterion) -> bool:
    """Did at least two auditors choose a level, all the same one, and nobody anything else?"""
    values = scores(marks)
    return comparable(marks, criterion) and min(values) == max(values) and not any(mark.non_score for mark in marks)


def comparable(marks: Sequence[Mark], criterion: Criterion) -> bool:
    """Can at least two ratings be compared?"""
    return criterion.is_pooled and len(scores(marks)) > 1


def keyed(key: str, *parts: str) -> str:
    """A number nobody can foresee without the key: it decides what is drawn."""
    return hmac.new(key.encode(), "\0".join(parts).encode(), "sha256").hexdigest()


def calibration_sample(agreed: Mapping[str, Sequence[str]], share: float, key: str) -> dict[str, str]:
    """Of the plans with criteria on which everybody agreed (plan -> those criteria) a random share, one criterion each: so
    agreement is checked too, and being in a meeting does not say that there was a difference."""
    plans = sorted((plan for plan, criteria in agreed.items() if criteria), key=lambda plan: keyed(key, "sample", plan))
    drawn = plans[: ceil(share * len(plans))]
    return {plan: min(agreed[plan], key=lambda criterion: keyed(key, "sample", plan, criterion)) for plan in drawn}


AGENCY_THRESHOLD = 3


def agencies_to_show(auditors: Mapping[str, int]) -> frozenset[str]:
    """Before the decision an agency (id -> auditors in the round) is named only where it has three or more of them."""
    return frozenset(agency for agency, people in auditors.items() if people >= AGENCY_THRESHOLD)


def quorum_missing(needed: Iterable[AgencyKind], present: Mapping[AgencyKind, int]) -> tuple[AgencyKind, ...]:
    """The kinds of agency of the round from which nobody is here."""
    return tuple(kind for kind in AgencyKind if kind in set(needed) and not present.get(kind))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The agreed rating of one cell and how it came about."""

    value: float | None
    non_score: str | None
    basis: Basis


def lower_median(values: Sequence[float]) -> float:
    """The middle value; of two middle values the lower one. `values` must not be empty."""
    return sorted(values)[(len(values) - 1) // 2]


def settle_undiscussed(marks: Sequence[Mark], criterion: Criterion) -> Outcome | None:
    """The agreed rating of a cell nobody discussed: the lower median of the independent ratings, or the one opinion. Where
    more auditors say that the criterion does not apply than score it, it does not apply. None where nobody could judge,
    and for advice that each discipline rates for itself."""
    values = scores(marks)
    inapplicable = sum(mark.non_score == NonScore.NOT_APPLICABLE for mark in marks)
    if not criterion.is_pooled or not (values or inapplicable):
        return None
    basis = Basis.ONE_OPINION if len(values) + inapplicable == 1 else Basis.NOT_DISCUSSED
    if inapplicable > len(values):
        return Outcome(None, NonScore.NOT_APPLICABLE, basis)
    return Outcome(lower_median(values), None, basis)


def deal(people: Iterable[tuple[str, str]], panel: Mapping[str, int] | None) -> list[tuple[str, bool]]:
    """The people of a plan (account, agency) in the order of their letters, and whether meetings see them. With a `panel`
    (people by agency) the first of each agency are seen, and the rest come last, so that no letter is missing between."""
    seen: Counter[str] = Counter()
    shown: list[str] = []
    beyond: list[str] = []
    for account, agency in people:
        seen[agency] += 1
        (shown if panel is None or seen[agency] <= panel.get(agency, 0) else beyond).append(account)
    return [*((account, True) for account in shown), *((account, False) for account in beyond)]


def refuse_conflicted(scored_by_moderator: Iterable[str]) -> None:
    """A moderator never moderates a plan they scored."""
    plans = sorted(scored_by_moderator)
    if plans:
        some = ", ".join(plans[:5]) + (" and others" if len(plans) > 5 else "")
        raise Refused(f"The moderator of this meeting scored {some} in this round, so another moderator has to take it.")


def refuse_published(state: RoundState) -> None:
    """What is published is settled: no meeting takes anything up again."""
    if state not in (RoundState.CLOSED, RoundState.MODERATING):
        raise Refused("This round is published, so its ratings are settled. They cannot go into a meeting any more.")


def refuse_unsettled(open_items: int) -> None:
    """A round is published when every disagreement is decided or deferred."""
    if open_items:
        noun = "disagreement is" if open_items == 1 else "disagreements are"
        raise Refused(
            f"{open_items} {noun} neither decided nor deferred. Decide or defer them first, then publish."
            " A moderator cannot settle plans that they scored; another moderator can."
        )


def moved(order: Sequence[str], item: str, step: int) -> list[str]:
    """The agenda with one item moved up (-1) or down (+1); at an end it stays where it is."""
    to = min(max(order.index(item) + step, 0), len(order) - 1)
    rest = [other for other in order if other != item]
    return [*rest[:to], item, *rest[to:]]
