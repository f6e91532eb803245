"""The demo's moderation meetings: the weightiest disagreements are voted on again and decided, the rest is left, the round published."""

from collections import Counter
from contextlib import AbstractContextManager
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from .. import instants
from ..moderate.actions import defer_rest, publish_round
from ..moderate.agendas import put_on_agenda
from ..moderate.decisions import Decision, Vote, WantedAction, decide, record_revotes
from ..moderate.follow_up import settle_action
from ..moderate.meeting_rules import ActionKind, ActionState
from ..moderate.meetings import MeetingTerms, conclude, create_meeting, record_attendance, start
from ..moderate.minutes import approve_minutes, note_minutes, publish_minutes
from ..moderate.queries import rated_cells
from ..moderate.question_decisions import PlanDecision, QuestionDecision, decide_question
from ..moderate.questions import put_question
from ..moderate.stakes import alone
from ..moderate.states import Basis, Cause, DisagreementState
from ..moderate.steps import basis_of
from ..moderate.tables import Disagreement, MeetingItem, PlanAction
from ..score.questions import framework_of

if TYPE_CHECKING:
    from .demo_world import Demo

ITEMS, MINUTES = 10, 6  # discussed one by one, and how long each takes
REASONS = (
    "The guidance asks for every item to be quantified; F4 is not, and it matters for this child.",
    "The passage in section D answers the question; one of us had read only section H.",
    "The advice supports it, but the plan itself does not say who is responsible.",
    "We agreed that a dated review is enough for this level, and that a named person is needed for the next.",
)
LESSONS = (
    "“As needed” is not a quantity unless the plan says who decides and how.",
    "Look at section K before choosing No evidence: the advice may be listed and attached elsewhere.",
    "A shared column for E and F is acceptable where each item is numbered.",
)
WANTED = (
    (ActionKind.AMEND, "Say in section F how often, how long and by whom.", "SEND team manager"),
    (ActionKind.ESCALATE, "Ask the therapy service for the advice that section K names.", "Designated clinical officer"),
)
PLANS_OF_A_QUESTION = 4
QUESTION_REASON = "The guidance does not say whether a general heading is enough. We agreed that each need is named, plan by plan."
QUESTION_LESSON = "Say in the guidance that a general heading is not enough: each need has its own line."
AMENDED = "Amended plan issued and sent to the family."
CHAIR = "Priya Nair"


def hold_meeting(demo: "Demo", round_id: str, title: str) -> None:
    """One meeting with everybody there, then publication."""
    with Session(demo.engine) as session:
        first = (
            select(Disagreement)
            .where(Disagreement.round_id == round_id)
            .order_by(col(Disagreement.stake).desc(), col(Disagreement.id))
        )
        chosen = list(session.exec(first.where(Disagreement.state == DisagreementState.FOUND).limit(ITEMS)))
    terms = MeetingTerms(title, instants.now(), place="Room 4, Civic Centre, and by video")
    meeting_id = demo.act(CHAIR, create_meeting, round_id, terms)
    demo.act(CHAIR, put_on_agenda, meeting_id, [row.id for row in chosen])
    alike = _recurring(demo, round_id)
    demo.act(CHAIR, put_question, meeting_id, [row.id for row in alike])
    demo.act(CHAIR, start, meeting_id)
    auditors = [actor.account_id for name, actor in demo.people.items() if name in demo.auditors]
    demo.act(CHAIR, record_attendance, meeting_id, [account for account in auditors if account])
    votes = _votes(demo, round_id, [*chosen, *alike])
    demo.act(CHAIR, record_revotes, meeting_id, votes)
    for number, row in enumerate(chosen, 1):
        with _later(MINUTES * number):
            demo.act(CHAIR, decide, meeting_id, [_decision(row, votes)])
    with _later(85):
        _answer(demo, meeting_id, alike, votes)
    with _later(90):
        demo.act(CHAIR, conclude, meeting_id)
    with _later(100):
        _follow_up(demo, meeting_id)
        demo.act(CHAIR, note_minutes, meeting_id, 0, "Apologies from the designated clinical officer.")
        demo.act(CHAIR, approve_minutes, meeting_id, 1)
        demo.act("Grace Obi", publish_minutes, meeting_id)
    with _later(120):
        demo.act(CHAIR, defer_rest, round_id)
        demo.act("Grace Obi", publish_round, round_id)


def _later(minutes: int) -> AbstractContextManager[None]:
    """The clock held so long after the meeting began."""
    return instants.frozen(instants.now() + timedelta(minutes=minutes))


def _recurring(demo: "Demo", round_id: str) -> list[Disagreement]:
    """The plans of the criterion that recurs most among what is not discussed one by one."""
    with Session(demo.engine) as session:
        found = select(Disagreement).where(Disagreement.round_id == round_id, Disagreement.state == DisagreementState.FOUND)
        rows = session.exec(found.order_by(col(Disagreement.stake).desc(), col(Disagreement.id))).all()
        criteria = {one.key: one for one in framework_of(session, demo.area_id, demo.framework_id).criteria}
    together = [row for row in rows if not alone(criteria[row.criterion_key], row.reasons)]
    most = Counter(row.criterion_key for row in together).most_common(1)
    return [row for row in together if most and row.criterion_key == most[0][0]][:PLANS_OF_A_QUESTION]


def _answer(demo: "Demo", meeting_id: str, rows: list[Disagreement], votes: list[Vote]) -> None:
    """The question is decided at once: a rating for each plan, one reason and one lesson."""
    if len(rows) < 2:
        return
    with Session(demo.engine) as session:
        item = select(MeetingItem.id).where(MeetingItem.meeting_id == meeting_id, MeetingItem.disagreement_id == rows[0].id)
        item_id = session.exec(item).one()
    made = {row.id: _decision(row, votes) for row in rows}
    plans = {key: PlanDecision(one.value, one.non_score, one.basis, one.dissent) for key, one in made.items()}
    asked = QuestionDecision(
        plans, QUESTION_REASON, Cause.GUIDANCE, QUESTION_LESSON, "We read the guidance aloud, then every plan."
    )
    demo.act(CHAIR, decide_question, item_id, 1, asked)


def _wanted(chance: Random) -> WantedAction:
    kind, text, owner = chance.choice(WANTED)
    return WantedAction(kind, text, owner, instants.today() + timedelta(weeks=chance.choice((4, 6, 10))))


def _follow_up(demo: "Demo", meeting_id: str) -> None:
    """Every other action is done."""
    with Session(demo.engine) as session:
        chosen = select(PlanAction.id).where(PlanAction.meeting_id == meeting_id)
        wanted = list(session.exec(chosen.order_by(col(PlanAction.due_on), col(PlanAction.id))))
    for action_id in wanted[::2]:
        demo.act("Grace Obi", settle_action, action_id, 1, ActionState.DONE, AMENDED)


def _votes(demo: "Demo", round_id: str, chosen: list[Disagreement]) -> list[Vote]:
    """The plan's own auditors vote again: most move to the middle rating, some stay."""
    with Session(demo.engine) as session:
        rated = rated_cells(session, demo.area_id, round_id)
    votes = []
    for row in chosen:
        plan, key = row.round_plan_id, row.criterion_key
        cell = {account: mark.value for (of, criterion, account), mark in rated.items() if (of, criterion) == (plan, key)}
        levels = sorted(round(value) for value in cell.values() if value is not None)
        for account, value in cell.items():
            moves = value is None or Random(f"vote {row.id} {account}").random() < 0.7
            votes.append(Vote(plan, key, account, levels[(len(levels) - 1) // 2] if levels and moves else _whole(value)))
    return votes


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _decision(row: Disagreement, votes: list[Vote]) -> Decision:
    chance = Random(f"decision {row.id}")
    mine = sorted(
        vote.value
        for vote in votes
        if (vote.round_plan_id, vote.criterion_key) == (row.round_plan_id, row.criterion_key) and vote.value is not None
    )
    agreed = mine[(len(mine) - 1) // 2]
    basis = basis_of(Counter(map(str, mine)), str(agreed))
    return Decision(
        row.round_plan_id, row.criterion_key, agreed, None, basis,
        chance.choice(REASONS), cause=chance.choice(list(Cause)), dissent="" if basis is Basis.UNANIMOUS else "One auditor still sees too little detail.",
        lesson=chance.choice(LESSONS) if chance.random() < 0.3 else "", action=_wanted(chance) if chance.random() < 0.3 else None,
    )  # fmt: skip
