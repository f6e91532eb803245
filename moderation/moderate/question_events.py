"""What can have happened to a question about the guidance. Each of its plans has a decision, reopening or deferral of its own."""

from dataclasses import dataclass

from moderation.words import Event


@dataclass(frozen=True)
class QuestionListed(Event):
    """So many plans of one criterion were put on an agenda as one question, or joined the one that was there."""

    question_id: str
    meeting_id: str
    plans: int


@dataclass(frozen=True)
class QuestionTakenOff(Event):
    question_id: str
    meeting_id: str


@dataclass(frozen=True)
class QuestionTimed(Event):
    """Its minutes were set by hand."""

    question_id: str
    meeting_id: str


@dataclass(frozen=True)
class PlanTakenAlone(Event):
    """A plan left a question: it is an item of its own from then on."""

    disagreement_id: str
    meeting_id: str
    question_id: str


@dataclass(frozen=True)
class QuestionStepTaken(Event):
    """The room went on to another step of a question, with all its plans."""

    question_id: str
    meeting_id: str
    step: str


@dataclass(frozen=True)
class QuestionBallotsCast(Event):
    """Somebody voted on the plans of a question. How, is in no event."""

    question_id: str
    meeting_id: str


@dataclass(frozen=True)
class QuestionVotedAgain(Event):
    """A second silent vote on its plans was opened; the first votes stay."""

    question_id: str
    meeting_id: str


@dataclass(frozen=True)
class QuestionDecided(Event):
    question_id: str
    meeting_id: str
    plans: int


@dataclass(frozen=True)
class QuestionDrafted(Event):
    """A decision about all its plans was kept while it was being written."""

    question_id: str
    meeting_id: str
