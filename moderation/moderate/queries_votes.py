"""The revealed votes of a meeting, counted by answer: no names, no agencies."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from .tables import Revote
from .views import answer_key


@dataclass(frozen=True)
class Votes:
    """One silent vote: how often each answer was given, and how many said that they cannot judge."""

    answers: Mapping[str, int]
    cannot_judge: int


def votes_of(
    session: Session, area_id: str, meeting_id: str | None, disagreements: Collection[str]
) -> dict[str, tuple[Votes, ...]]:
    """By disagreement: the first vote of the meeting, and the second where it voted again."""
    chosen = select(Revote.disagreement_id, Revote.ballot_number, Revote.value, Revote.non_score).where(
        Revote.area_id == area_id, Revote.meeting_id == meeting_id, col(Revote.disagreement_id).in_(disagreements)
    )
    found: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for disagreement_id, number, value, non_score in session.exec(chosen):
        abstained = value is None and non_score is None
        found[disagreement_id][number].append("" if abstained else answer_key(value, non_score))
    return {key: tuple(_counted(ballots[number]) for number in sorted(ballots)) for key, ballots in found.items()}


def _counted(answers: Collection[str]) -> Votes:
    given = Counter(answers)
    unsure = given.pop("", 0)
    return Votes(dict(given), unsure)
