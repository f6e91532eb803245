"""The revealed votes of a meeting, counted by answer: no names, no agencies."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from .tables import MeetingItem, Revote
from .views import answer_key


@dataclass(frozen=True)
class Votes:
    """One silent vote: how often each answer was given, how many said that they cannot judge, and how many were there and sent
    nothing before it was revealed."""

    answers: Mapping[str, int]
    cannot_judge: int
    not_voting: int = 0


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
    silent = _silent(session, area_id, meeting_id, found) if found else {}
    return {
        key: tuple(_counted(ballots[number], silent.get((key, number), 0)) for number in sorted(ballots))
        for key, ballots in found.items()
    }


def _silent(session: Session, area_id: str, meeting_id: str | None, voted_on: Collection[str]) -> dict[tuple[str, int], int]:
    """By disagreement and number of the vote."""
    chosen = select(MeetingItem.disagreement_id, MeetingItem.first_not_voting, MeetingItem.second_not_voting).where(
        MeetingItem.area_id == area_id, MeetingItem.meeting_id == meeting_id, col(MeetingItem.disagreement_id).in_(voted_on)
    )
    return {(key, number): silent for key, *both in session.exec(chosen) for number, silent in enumerate(both, start=1)}


def _counted(answers: Collection[str], not_voting: int) -> Votes:
    given = Counter(answers)
    unsure = given.pop("", 0)
    return Votes(dict(given), unsure, not_voting)
