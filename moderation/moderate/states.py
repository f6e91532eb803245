"""The life cycles of moderation and the words for them: what may become of a disagreement, a meeting, a lesson. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from moderation.words import Refused


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
    """How an agreed rating came about. `not_discussed` is what no meeting decided; whether one talked about it is known from the
    meetings (`queries_discussed`)."""

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
    Basis.NOT_DISCUSSED: "Not decided by a meeting",
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


OVER = frozenset({MeetingState.CONCLUDED, MeetingState.MINUTES_PUBLISHED})


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


def decided(basis: Basis) -> DisagreementState:
    """What a decision makes of a disagreement."""
    return DisagreementState.NOT_AGREED_CHAIR_DECIDED if basis is Basis.CHAIR else DisagreementState.AGREED


def taken_up_again(state: DisagreementState, quorate: bool, confirmed: bool) -> DisagreementState:
    """A decision made without quorum goes to the next chair, who may put it on the agenda again instead of confirming it."""
    if quorate or confirmed:
        raise Refused("This decision stands: it was made with a quorum, or a later meeting has confirmed it.")
    if state not in DECIDED:
        raise Refused(f"This disagreement is {state.words}, because a meeting decides it again.")
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
