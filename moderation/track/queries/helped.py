"""Did it help? What the votes after the discussion say, and what the next round's independent ratings say.

The votes are by the same people on the same plans, picked because auditors differed: they improve by themselves. So the test is the
next round: were questions that a meeting discussed agreed on more than others that started in the same place?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, select

from moderation.measure.queries import Figure
from moderation.measure.rules import Scope, seed_of
from moderation.moderate.queries import policy_of
from moderation.moderate.queries_discussed import discussed_cells
from moderation.moderate.tables import Disagreement
from moderation.register.changes import changes
from moderation.register.criteria import Criterion, Framework
from moderation.score.questions import framework_of
from moderation.words import NotFound
from stats import Difference, difference
from stats.adjusted import AdjustedChange, adjusted_change

from ..rules import COEFFICIENT_FROM, HIDDEN_BELOW, comparable_criteria
from .discussion import Pairs, linked_votes, votes_table
from .measured import Measured, measured
from .rounds import TrackedRound, published_rounds, released_rounds

REPLICATES = 1000


class Fate(StrEnum):
    """What became of a question in the meetings of a round."""

    DIFFERED = "discussed, because auditors differed"
    DRAWN = "discussed, drawn at random"
    LEFT = "not discussed"


@dataclass(frozen=True)
class Voted:
    """One question before and after the discussion: how often two auditors gave the same answer, and the coefficient where ten
    plans or more were discussed. None where fewer than five were."""

    key: str
    name: str
    plans: int | None
    same: Difference | None
    alpha: Difference | None


@dataclass(frozen=True)
class FollowedUp:
    """One question in the round and in the next: how often two auditors, each alone, gave the same answer."""

    key: str
    name: str
    fate: Fate
    reworded: bool
    before: float
    after: float
    plans: int


@dataclass(frozen=True)
class FollowUp:
    """The next round against this one. `discussed` compares questions that differed and were discussed with those that were not
    discussed; `drawn` those that were drawn at random; `reworded` those with new guidance with all others."""

    next: TrackedRound
    questions: tuple[FollowedUp, ...]
    discussed: AdjustedChange
    drawn: AdjustedChange
    reworded: AdjustedChange

    def count(self, fate: Fate) -> int:
        return sum(one.fate is fate for one in self.questions)


@dataclass(frozen=True)
class HelpedView:
    """`everything` and `drawn` take all questions together; `drawn` are plans on which auditors had agreed."""

    round: TrackedRound
    rounds: tuple[TrackedRound, ...]
    everything: Voted | None
    drawn: Voted | None
    voted: tuple[Voted, ...]
    follow_up: FollowUp | None


def helped_view(session: Session, area_id: str, round_id: str | None = None) -> HelpedView | None:
    """Of a published round, or of the latest one that has a next; None while no round is published."""
    rounds = published_rounds(session, area_id)
    if not rounds:
        return None
    chosen = _chosen(session, area_id, rounds, round_id)
    policy = policy_of(session, area_id, chosen.framework_version_id)
    votes = linked_votes(session, area_id, chosen.id)
    criteria = [criterion for criterion in policy.framework.criteria if criterion.key in votes]
    random = _random_cells(session, area_id, chosen.id, policy.calibration.key if policy.calibration else "")
    seed = seed_of(chosen.id)
    differed, drawn = (_only(votes, random, wanted) for wanted in (False, True))
    return HelpedView(
        chosen, rounds, _together("All questions discussed", criteria, differed, seed),
        _together("Drawn at random where auditors had agreed", criteria, drawn, seed),
        tuple(_voted(criterion, votes[criterion.key], seed) for criterion in criteria),
        _follow_up(session, area_id, chosen),
    )  # fmt: skip


def _chosen(session: Session, area_id: str, rounds: Sequence[TrackedRound], round_id: str | None) -> TrackedRound:
    if round_id is None:
        followed = [one for one in rounds if _next(session, area_id, one)]
        return (followed or rounds)[-1]
    found = next((one for one in rounds if one.id == round_id), None)
    if found is None:
        raise NotFound("Page not found")
    return found


def _next(session: Session, area_id: str, chosen: TrackedRound) -> TrackedRound | None:
    """The next round that is closed: its independent ratings are what tells."""
    rounds = released_rounds(session, area_id)
    places = [place for place, one in enumerate(rounds) if one.id == chosen.id]
    return rounds[places[0] + 1] if places and places[0] + 1 < len(rounds) else None


# --- the votes ------------------------------------------------------------------------------------------------------------


def _random_cells(session: Session, area_id: str, round_id: str, calibration: str) -> frozenset[tuple[str, str]]:
    """Criterion and plan of what was discussed although auditors had agreed."""
    chosen = select(Disagreement.criterion_key, Disagreement.round_plan_id, Disagreement.triggers)
    rows = session.exec(chosen.where(Disagreement.area_id == area_id, Disagreement.round_id == round_id))
    return frozenset((key, plan) for key, plan, triggers in rows if triggers in ([calibration], []))


def _only(votes: Mapping[str, Pairs], cells: frozenset[tuple[str, str]], inside: bool) -> dict[str, Pairs]:
    kept = {
        key: {(plan, person): both for (plan, person), both in pairs.items() if ((key, plan) in cells) is inside}
        for key, pairs in votes.items()
    }
    return {key: pairs for key, pairs in kept.items() if pairs}


def _compared(pairs: Pairs) -> int:
    """Plans with the votes of two auditors or more."""
    people: dict[str, int] = {}
    for plan, _ in pairs:
        people[plan] = people.get(plan, 0) + 1
    return sum(count > 1 for count in people.values())


def _voted(criterion: Criterion, pairs: Pairs, seed: int) -> Voted:
    plans = _compared(pairs)
    if plans < HIDDEN_BELOW:
        return Voted(criterion.key, criterion.title, None, None, None)
    same = _change(criterion, pairs, "percent", seed)
    alpha = _change(criterion, pairs, "alpha", seed) if plans >= COEFFICIENT_FROM else None
    return Voted(criterion.key, criterion.title, plans, same, alpha)


def _change(criterion: Criterion, pairs: Pairs, stat: str, seed: int) -> Difference:
    before, after = (votes_table(criterion, pairs, side) for side in (0, 1))
    return difference(before, after, stat, paired=True, replicates=REPLICATES, seed=seed)


def _together(name: str, criteria: Iterable[Criterion], votes: Mapping[str, Pairs], seed: int) -> Voted | None:
    """All questions on the same rows of plans, so that whole plans are drawn."""
    if not votes:
        return None
    plans = sorted({plan for pairs in votes.values() for plan, _ in pairs})
    compared = len({plan for pairs in votes.values() for plan in plans if sum(one == plan for one, _ in pairs) > 1})
    if compared < HIDDEN_BELOW:
        return Voted("", name, None, None, None)
    known = [criterion for criterion in criteria if criterion.key in votes]
    before, after = (
        {criterion.key: votes_table(criterion, votes[criterion.key], side, plans) for criterion in known} for side in (0, 1)
    )
    return Voted("", name, compared, difference(before, after, "percent", paired=True, replicates=REPLICATES, seed=seed), None)


# --- the next round -------------------------------------------------------------------------------------------------------


def _follow_up(session: Session, area_id: str, chosen: TrackedRound) -> FollowUp | None:
    following = _next(session, area_id, chosen)
    if following is None:
        return None
    frameworks = [framework_of(session, area_id, one.framework_version_id) for one in (chosen, following)]
    measurements = [measured(session, area_id, one.id) for one in (chosen, following)]
    fates, reworded = _fates(session, area_id, chosen), _reworded(*frameworks)
    found = [_followed_up(one, fates, reworded, *measurements) for one in comparable_criteria(frameworks)]
    questions = tuple(one for one in found if one is not None)
    return FollowUp(
        following, questions, _test(questions, Fate.DIFFERED), _test(questions, Fate.DRAWN),
        adjusted_change(*_columns(questions), [one.reworded for one in questions]),
    )  # fmt: skip


def _followed_up(
    criterion: Criterion, fates: Mapping[str, Fate], reworded: frozenset[str], before: Measured, after: Measured
) -> FollowedUp | None:
    """None where fewer than five plans were rated by two auditors, before or after."""
    first, second = (_percent(one, criterion.key) for one in (before, after))
    if first is None or second is None or first.value is None or second.value is None:
        return None
    fate = fates.get(criterion.key, Fate.LEFT)
    known = criterion.key in reworded
    return FollowedUp(criterion.key, criterion.title, fate, known, first.value, second.value, min(first.plans, second.plans))


def _percent(found: Measured, key: str) -> Figure | None:
    figure = found.figures.get(Scope.CRITERION, key, "percent") if found.figures else None
    return figure if figure and figure.plans >= HIDDEN_BELOW else None


def _fates(session: Session, area_id: str, chosen: TrackedRound) -> dict[str, Fate]:
    """By question: a meeting discussed at least one plan on which auditors differed, or only such as were drawn at random. What was
    discussed and not decided counts: it is no question that nobody talked about."""
    policy = policy_of(session, area_id, chosen.framework_version_id)
    random = _random_cells(session, area_id, chosen.id, policy.calibration.key if policy.calibration else "")
    cells = [(key, plan) for plan, key in discussed_cells(session, area_id, chosen.id)]
    drawn = {key: Fate.DRAWN for key, plan in cells if (key, plan) in random}
    return drawn | {key: Fate.DIFFERED for key, plan in cells if (key, plan) not in random}


def _reworded(before: Framework, after: Framework) -> frozenset[str]:
    """Questions whose guidance, rulings or levels say something else in the later framework."""
    said = {"Weight", "Statutory", "Critical", "Scored by", "Year groups", "May be compared with the version before"}
    return frozenset(one.key for one in changes(before, after) if any(field.field not in said for field in one.fields))


def _columns(questions: Sequence[FollowedUp]) -> tuple[list[float], list[float]]:
    return [one.before for one in questions], [one.after for one in questions]


def _test(questions: Sequence[FollowedUp], fate: Fate) -> AdjustedChange:
    """Questions of this fate against those that nobody discussed."""
    kept = [one for one in questions if one.fate in (fate, Fate.LEFT)]
    return adjusted_change(*_columns(kept), [one.fate is fate for one in kept])
