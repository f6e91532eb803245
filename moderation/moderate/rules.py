"""Decisions of moderation, in plain values: which cells a meeting is offered, how a cell nobody discussed is settled, who may
moderate, and when a meeting has a quorum. (A cell is one plan and one criterion.)"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple, NoReturn

from moderation.allocate.rules import RoundState
from moderation.register.criteria import Criterion, NonScore, Trigger, TriggerKind
from moderation.words import AgencyKind, NotFound, Refused

from .policy import distance
from .states import Basis


class Mark(NamedTuple):
    """One auditor's locked answer to one criterion on one plan. Both None = not answered, which is never a difference."""

    value: float | None = None
    non_score: str | None = None
    confidence: str | None = None


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
    return len(values) > 1 and unsure > trigger.part * len(values)


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
    """The agreed rating of a cell that no meeting decided: the lower median of the independent ratings, or the one opinion. Where
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


def refuse_conflicted(barred_to_moderator: Iterable[str]) -> None:
    """A moderator never moderates a plan they scored or have a conflict of interest with, or whose auditors they know by name.
    Which of these it is, is theirs to know."""
    plans = sorted(barred_to_moderator)
    if plans:
        some = ", ".join(plans[:5]) + (" and others" if len(plans) > 5 else "")
        raise Refused(
            f"The moderator of this meeting may not moderate {some}: they scored it in this round, have a conflict of interest with"
            " it, or may see who rated it. So another moderator has to take it."
        )


def refuse_barred(is_chair: bool, why: str) -> NoReturn:
    """For the chair the item exists, and somebody else has to run it; for anybody else there is no such item."""
    if not is_chair:
        raise NotFound("Page not found")
    raise Refused(
        f"You are out of this item, because {why}. Another moderator can run it on their own device, or take the meeting over."
        " Or leave it for another meeting."
    )


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


def refuse_held(meetings: Sequence[str]) -> None:
    """What is decided in a meeting can be reopened there until it ends. Published ratings are final, so publishing waits."""
    if meetings:
        raise Refused(f"{meetings[0]} is still in session, and what it decided can change. Conclude it first, then publish.")


def refuse_unconfirmed(decisions: int) -> None:
    """A decision without a quorum is not final: the chair of the next meeting confirms it or decides it again. Published ratings
    are final, so publishing waits for that."""
    it = "it" if decisions == 1 else "them"
    if decisions:
        raise Refused(
            f"{decisions} {'decision was' if decisions == 1 else 'decisions were'} made without a quorum, and no later meeting has"
            f" confirmed {it} or decided {it} again. The chair of the next meeting does that first, then you can publish."
        )


def moved(order: Sequence[str], item: str, step: int) -> list[str]:
    """The agenda with one item moved up (-1) or down (+1); at an end it stays where it is."""
    to = min(max(order.index(item) + step, 0), len(order) - 1)
    rest = [other for other in order if other != item]
    return [*rest[:to], item, *rest[to:]]
