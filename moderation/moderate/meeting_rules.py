"""How meetings decide, and what becomes of their record: the area's rule, the minutes' life, actions on plans. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from moderation.words import InvalidInput, Problem, Refused

from .states import Basis


class MinutesState(StrEnum):
    """The record of a meeting: written when it ends, approved by the chair, then published; an addendum is the only correction."""

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    PUBLISHED = "published"

    @property
    def words(self) -> str:
        return MINUTES_WORDS[self]


class ActionKind(StrEnum):
    """What has to happen to the plan after the meeting."""

    AMEND = "amend"
    ESCALATE = "escalate"

    @property
    def words(self) -> str:
        return ACTION_WORDS[self]


class ActionState(StrEnum):
    """What became of an action on a plan."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not_needed"

    @property
    def words(self) -> str:
        return ACTION_STATE_WORDS[self]


class DecisionRule(StrEnum):
    """What settles an item when not everybody agrees."""

    UNANIMITY = "unanimity"
    MAJORITY = "majority"
    CHAIR = "chair"

    @property
    def words(self) -> str:
        return DECISION_RULE_WORDS[self]


MINUTES_WORDS: Mapping[MinutesState, str] = {
    MinutesState.DRAFT: "Draft",
    MinutesState.WAITING: "Waiting for the chair",
    MinutesState.APPROVED: "Approved by the chair",
    MinutesState.PUBLISHED: "Published",
}

DECISION_RULE_WORDS: Mapping[DecisionRule, str] = {
    DecisionRule.UNANIMITY: "Everybody has to agree; if they do not, the item is deferred",
    DecisionRule.MAJORITY: "More than half decide; where no rating has more than half, the chair decides",
    DecisionRule.CHAIR: "The chair decides when not everybody agrees",
}

ACTION_WORDS: Mapping[ActionKind, str] = {ActionKind.AMEND: "Amend the plan", ActionKind.ESCALATE: "Escalate"}

ACTION_STATE_WORDS: Mapping[ActionState, str] = {
    ActionState.OPEN: "Open",
    ActionState.DONE: "Done",
    ActionState.NOT_NEEDED: "No longer needed",
}

FIXED = frozenset({MinutesState.APPROVED, MinutesState.PUBLISHED})

# The chair may approve a draft without being asked, or give it back; what is approved never changes again.
MINUTES_MOVES: Mapping[MinutesState, frozenset[MinutesState]] = {
    MinutesState.DRAFT: frozenset({MinutesState.WAITING, MinutesState.APPROVED}),
    MinutesState.WAITING: frozenset({MinutesState.DRAFT, MinutesState.APPROVED}),
    MinutesState.APPROVED: frozenset({MinutesState.PUBLISHED}),
    MinutesState.PUBLISHED: frozenset(),
}


ACTION_MOVES: Mapping[ActionState, frozenset[ActionState]] = {
    ActionState.OPEN: frozenset({ActionState.DONE, ActionState.NOT_NEEDED}),
    ActionState.DONE: frozenset({ActionState.OPEN}),
    ActionState.NOT_NEEDED: frozenset({ActionState.OPEN}),
}
WORD_EVERY = timedelta(days=7)


def move_action(state: ActionState, to: ActionState) -> ActionState:
    if to not in ACTION_MOVES[state]:
        raise Refused(f"This action is {state.words.lower()} already. Open it again first.")
    return to


def lateness(due_on: date, today: date) -> str:
    """When an open action is due, in words."""
    days = (due_on - today).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} overdue"
    return ("due today", "due tomorrow")[days] if days < 2 else f"due in {days} days"


def wants_word(last_told: Iterable[date | None], today: date) -> bool:
    """Are the leads told of overdue actions today? Once a week at most, however many come to be overdue; `last_told` has one day,
    or none, for each overdue action."""
    told = list(last_told)
    known = [day for day in told if day is not None]
    return bool(told) and (not known or today - max(known) >= WORD_EVERY)


def move_minutes(state: MinutesState, to: MinutesState) -> MinutesState:
    if to not in MINUTES_MOVES[state]:
        raise Refused(f"These minutes are {state.words.lower()}, so they cannot become {to.words.lower()}.")
    return to


def refuse_basis(rule: DecisionRule, basis: Basis, votes: Mapping[str, int]) -> None:
    """Does the area's rule allow a decision on this basis? `votes` by answer, where there was a vote."""
    if rule is DecisionRule.UNANIMITY and basis is not Basis.UNANIMOUS:
        raise InvalidInput(
            [Problem("rating", "In this area everybody has to agree. Choose what everybody agrees on, or defer the item")]
        )
    clear = any(2 * count > sum(votes.values()) for count in votes.values())
    if rule is DecisionRule.MAJORITY and basis is Basis.CHAIR and clear:
        raise InvalidInput(
            [Problem("rating", "In this area more than half decide. Choose the rating that has the majority, or defer the item")]
        )


def bases(rule: DecisionRule) -> tuple[Basis, ...]:
    """How a decision can have come about where nobody voted."""
    return (Basis.UNANIMOUS,) if rule is DecisionRule.UNANIMITY else (Basis.UNANIMOUS, Basis.MAJORITY, Basis.CHAIR)
