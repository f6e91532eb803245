"""What can have happened in moderation. Ids, numbers and states; reasons, votes and ratings stay in the rows."""

from dataclasses import dataclass

from moderation.words import Event


@dataclass(frozen=True)
class DisagreementsFound(Event):
    """A closed round was looked through, once."""

    round_id: str
    cells: int
    found: int


@dataclass(frozen=True)
class RoutingRulesChanged(Event):
    """The lead changed what sends an answer to a meeting, for rounds of this framework version that close from now on."""

    framework_version_id: str
    number: int


@dataclass(frozen=True)
class DisagreementWithdrawn(Event):
    """A sheet was withdrawn, and the ratings that are left fire no trigger."""

    disagreement_id: str
    round_id: str


@dataclass(frozen=True)
class DisagreementFoundAgain(Event):
    """A sheet was withdrawn, and a decision that rested on it fell: the ratings that are left still differ."""

    disagreement_id: str
    round_id: str


@dataclass(frozen=True)
class PlanLookedAtAgain(Event):
    """A sheet was withdrawn, and what is left of its plan was looked at again: so many cells came out differently."""

    round_plan_id: str
    cells: int


@dataclass(frozen=True)
class UnblindingAsked(Event):
    """A lead asked for the names behind one plan's letters; the reason is in the row."""

    unblinding_id: str
    round_plan_id: str


@dataclass(frozen=True)
class UnblindingAnswered(Event):
    """A second person approved or refused."""

    unblinding_id: str
    state: str


@dataclass(frozen=True)
class NamesSeen(Event):
    """Whoever asked looked at the names."""

    unblinding_id: str
    round_plan_id: str


@dataclass(frozen=True)
class DisagreementDeferred(Event):
    """Left for later, outside a meeting."""

    disagreement_id: str
    round_id: str


@dataclass(frozen=True)
class MeetingPlanned(Event):
    meeting_id: str
    round_id: str


@dataclass(frozen=True)
class MeetingChanged(Event):
    """Title, time, length or place."""

    meeting_id: str


@dataclass(frozen=True)
class PeopleInvited(Event):
    """Some people were invited, others no longer are."""

    meeting_id: str
    invited: int
    left_out: int


@dataclass(frozen=True)
class MeetingCancelled(Event):
    meeting_id: str
    items_released: int


@dataclass(frozen=True)
class ItemsListed(Event):
    """Disagreements were put on a meeting's agenda."""

    meeting_id: str
    items: int


@dataclass(frozen=True)
class ItemTakenOff(Event):
    meeting_id: str
    disagreement_id: str


@dataclass(frozen=True)
class AgendaReordered(Event):
    meeting_id: str


@dataclass(frozen=True)
class ItemTimed(Event):
    """The minutes of one item were set by hand."""

    meeting_id: str
    disagreement_id: str


@dataclass(frozen=True)
class AttendanceRecorded(Event):
    meeting_id: str
    present: int


@dataclass(frozen=True)
class MeetingStarted(Event):
    meeting_id: str


@dataclass(frozen=True)
class JoinedRoom(Event):
    """Somebody who is invited came, on their own device."""

    meeting_id: str


@dataclass(frozen=True)
class LeftRoom(Event):
    """Somebody left before the end, on their own device."""

    meeting_id: str


@dataclass(frozen=True)
class ItemStepTaken(Event):
    """The room went on to another step of an item, or to another item. A cancelled vote is the step back to the discussion."""

    disagreement_id: str
    meeting_id: str
    step: str


@dataclass(frozen=True)
class VotedAgain(Event):
    """After a reveal the chair opened a second silent vote; the first votes are kept."""

    disagreement_id: str
    meeting_id: str


@dataclass(frozen=True)
class BallotCast(Event):
    """Somebody voted, or changed their vote before the reveal. How, is in no event."""

    disagreement_id: str
    meeting_id: str


@dataclass(frozen=True)
class RevotesRecorded(Event):
    """Votes after the discussion; `linked` of them by people who had rated the plan."""

    meeting_id: str
    votes: int
    linked: int


@dataclass(frozen=True)
class DisagreementDecided(Event):
    """A meeting agreed a rating. `basis` says how: unanimous, majority, chair."""

    disagreement_id: str
    meeting_id: str
    basis: str
    quorate: bool


@dataclass(frozen=True)
class DecisionReopened(Event):
    """A meeting took up again what it had decided; the former decision stays with the item."""

    disagreement_id: str
    meeting_id: str


@dataclass(frozen=True)
class DecisionConfirmed(Event):
    """The chair of a later meeting confirmed what was decided without a quorum."""

    disagreement_id: str
    meeting_id: str


@dataclass(frozen=True)
class DecisionRuleChosen(Event):
    """How meetings of the area decide, from the next one planned on."""

    area_id: str
    decision_rule: str


@dataclass(frozen=True)
class MeetingHandedOver(Event):
    """Another moderator runs the meeting. Nothing else changes."""

    meeting_id: str
    from_id: str
    to_id: str


@dataclass(frozen=True)
class ItemDeferred(Event):
    """A meeting left a disagreement for later; its reason is in the row."""

    disagreement_id: str
    meeting_id: str


@dataclass(frozen=True)
class ActionSettled(Event):
    """An action on a plan is done, or no longer needed; the note is in the row."""

    action_id: str
    disagreement_id: str
    state: str


@dataclass(frozen=True)
class ActionOpenedAgain(Event):
    action_id: str
    disagreement_id: str


@dataclass(frozen=True)
class ActionsChased(Event):
    """The leads were told by letter that actions on plans are overdue."""

    area_id: str
    overdue: int


@dataclass(frozen=True)
class LessonProposed(Event):
    lesson_id: str
    meeting_id: str
    criterion_key: str


@dataclass(frozen=True)
class LessonWorded(Event):
    """Somebody suggested how the guidance should read, or took the suggestion back."""

    lesson_id: str
    criterion_key: str


@dataclass(frozen=True)
class LessonAdopted(Event):
    """The lead took a lesson into a draft of the framework, as it was proposed or edited."""

    lesson_id: str
    framework_version_id: str
    edited: bool


@dataclass(frozen=True)
class LessonDeclined(Event):
    """The lead left the guidance as it is; the reason is in the row."""

    lesson_id: str
    criterion_key: str


@dataclass(frozen=True)
class LessonDecisionUndone(Event):
    """A decision on a lesson was taken back: the lesson waits again."""

    lesson_id: str
    criterion_key: str


@dataclass(frozen=True)
class MeetingConcluded(Event):
    meeting_id: str
    decided: int
    carried_over: int


@dataclass(frozen=True)
class DecisionDrafted(Event):
    """What is being written about an item was kept. It is in the row, never here."""

    disagreement_id: str
    meeting_id: str


@dataclass(frozen=True)
class ActionAgreed(Event):
    """A meeting asked for something to happen to a plan."""

    action_id: str
    disagreement_id: str
    kind: str


@dataclass(frozen=True)
class MinutesWritten(Event):
    """The record of a meeting was written down when it ended. The digest is that of its content."""

    meeting_id: str
    content_sha256: str


@dataclass(frozen=True)
class MinutesNoted(Event):
    """Notes were added to minutes that are not approved yet."""

    meeting_id: str


@dataclass(frozen=True)
class MinutesMoved(Event):
    """Minutes went to the chair, came back, were approved or published."""

    meeting_id: str
    state: str
    content_sha256: str


@dataclass(frozen=True)
class MinutesAddendumAdded(Event):
    """A correction of approved minutes, beside them."""

    meeting_id: str
    number: int


@dataclass(frozen=True)
class UndiscussedSettled(Event):
    """At publication, cells nobody discussed got the lower median of their independent ratings or their one opinion."""

    round_id: str
    cells: int
