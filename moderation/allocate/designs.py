"""What an exchange by hand does to the design: how well auditors can be compared before and after it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from moderation.words import NotFound

from . import repairing
from .drawing import drafted, latest_draw
from .problem import Allocation as Place
from .problem import Design, Problem
from .rules import Swap, check_swap, swapped
from .tables import Draw
from .weighing import visible_difference


@dataclass(frozen=True)
class Effect:
    before: Design
    after: Design

    @property
    def words(self) -> str:
        """One sentence; what stays the same is left out.

        >>> same = Design(1, 3, 0, 2.0, 0.9, 0.5)
        >>> Effect(same, same).words
        'This exchange changes nothing in how well auditors can be compared.'
        """
        changes = [
            f"{name} {now}, before {then}"
            for name, then, now in zip(NAMES, _figures(self.before), _figures(self.after), strict=True)
            if then != now
        ]
        if not changes:
            return "This exchange changes nothing in how well auditors can be compared."
        return f"With this exchange: {'; '.join(changes)}."


NAMES = (
    "smallest difference you will see",
    "groups of auditors who cannot be compared",
    "times that a pair meets again",
    "plans with the same auditors as another",
)


def _figures(design: Design) -> tuple[str, ...]:
    visible = visible_difference(design.contrast_variance)
    seen = f"{visible:.2f} grades" if visible else "none"
    return seen, str(design.components), str(design.repeat_pairs), str(design.repeat_triads)


def design_now(draw: Draw) -> Design:
    """The design of a draft as it stands: as it was drawn, or measured again after exchanges by hand."""
    if draw.outcome["swaps"]:
        return _measured(_problem(draw), drafted(draw))
    return Design(**{name: draw.outcome[name] for name in Design.__dataclass_fields__})


def effect_on_draft(session: Session, area_id: str, round_id: str, swap: Swap) -> Effect:
    """What exchanging two auditors of the newest draft would do."""
    draw = latest_draw(session, area_id, round_id)
    if draw is None or draw.outcome.get("given"):
        raise NotFound("Page not found")
    return _effect(_problem(draw), drafted(draw), swap)


def effect_on_round(session: Session, area_id: str, round_id: str, swap: Swap) -> Effect:
    """What exchanging two auditors of an open round would do."""
    now = repairing.situation(session, area_id, round_id)
    return _effect(now.problem, now.places, swap)


def _effect(problem: Problem, places: Iterable[Place], swap: Swap) -> Effect:
    standing = list(places)
    check_swap(standing, swap, {(bar.plan, bar.auditor) for bar in problem.conflicts})
    return Effect(_measured(problem, standing), _measured(problem, swapped(standing, swap)))


def _problem(draw: Draw) -> Problem:
    from .reading import parse_problem  # late: the solver's libraries take a second to load

    return parse_problem(draw.inputs)


def _measured(problem: Problem, places: Iterable[Place]) -> Design:
    from .repair import design_of_pairs

    return design_of_pairs(problem, [(place.plan, place.auditor) for place in places])
