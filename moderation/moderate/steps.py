"""The steps of one item in the room, who votes, and how a decision came about. Pure."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from moderation.words import Refused

from .states import Basis


class Step(StrEnum):
    """How far the room is with an item. What is decided or deferred is the disagreement's state."""

    WAITING = "waiting"
    EVIDENCE = "evidence"
    DISCUSSION = "discussion"
    VOTING = "voting"
    REVEALED = "revealed"

    @property
    def words(self) -> str:
        return STEP_WORDS[self]


STEP_WORDS: Mapping[Step, str] = {
    Step.WAITING: "not opened",
    Step.EVIDENCE: "reading the evidence",
    Step.DISCUSSION: "in discussion",
    Step.VOTING: "in a silent vote",
    Step.REVEALED: "revealed",
}

TALKED = frozenset({Step.DISCUSSION, Step.VOTING, Step.REVEALED})
VOTES = 2  # no third: a vote is not repeated until it suits

# A vote can be opened without a talk, and taken back before it is revealed; nothing leads out of a revealed vote but a second one
# (`again`).
STEP_MOVES: Mapping[Step, frozenset[Step]] = {
    Step.WAITING: frozenset({Step.EVIDENCE, Step.DISCUSSION, Step.VOTING}),
    Step.EVIDENCE: frozenset({Step.DISCUSSION, Step.VOTING}),
    Step.DISCUSSION: frozenset({Step.VOTING}),
    Step.VOTING: frozenset({Step.DISCUSSION, Step.REVEALED}),
    Step.REVEALED: frozenset(),
}


def move_step(step: Step, to: Step) -> Step:
    if to not in STEP_MOVES[step]:
        raise Refused(f"This item is {step.words}, so it cannot be {to.words} now.")
    return to


def again(step: Step, ballot_number: int) -> Step:
    """A second silent vote, after the first is revealed."""
    if ballot_number >= VOTES:
        raise Refused("This item has been voted on twice. There is no third vote: decide it, or defer it.")
    if step is not Step.REVEALED:
        raise Refused(f"This item is {step.words}. It can be voted on again after its votes are revealed.")
    return Step.VOTING


def refuse_vote(step: Step, ballot_number: int, wanted: int) -> None:
    """A vote counts between the opening and the reveal of the ballot that it was meant for."""
    if wanted < ballot_number:
        raise Refused(
            "That vote is revealed already, so yours came too late. It is not counted."
            " There is a second vote on this item: go back to the meeting to see it."
        )
    if step is Step.REVEALED:
        raise Refused("The votes are revealed already, so your vote came too late. It is not counted.")
    if step is not Step.VOTING:
        raise Refused("The vote on this item is not open. Nothing was recorded.")


def refuse_open_vote(step: Step) -> None:
    """Nothing is decided over the heads of those who are voting."""
    if step is Step.VOTING:
        raise Refused("A vote on this item is open. Reveal it or cancel it, then record the decision.")


def basis_of(votes: Mapping[str, int], agreed: str) -> Basis:
    """How a rating came about, from the votes by answer: everybody's, that of more than half, or the chair's. Who could not
    judge the item is in no count."""
    cast, for_it = Counter(votes).total(), votes.get(agreed, 0)
    if cast and for_it == cast:
        return Basis.UNANIMOUS
    return Basis.MAJORITY if 2 * for_it > cast else Basis.CHAIR
