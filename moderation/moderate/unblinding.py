"""Names behind Auditor A, B and C of one plan: the lead asks with a reason, a second person approves or refuses, both for the
record. Only whoever asked sees the names, for two weeks, and the auditors are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from moderation.allocate.population import secret_plans
from moderation.allocate.rules import RELEASED, RoundState
from moderation.allocate.tables import Allocation, Round, RoundPlan
from moderation.ledger import Transaction
from moderation.people.queries import Member, people_with
from moderation.people.tables import Account, Agency
from moderation.post import Letter, queue
from moderation.register.tables import ChildCase, PlanVersion
from moderation.words import InvalidInput, NotFound, Problem, Refused, Role

from .events import NamesSeen, UnblindingAnswered, UnblindingAsked
from .queries import MISSING
from .states import UnblindingState
from .tables import AuditorLetter, Unblinding

DAYS = 14  # how long a request waits, and how long names are shown after it is approved
LONGEST = 1000
APPROVERS = (Role.LEAD, Role.AREA_LEAD)


@dataclass(frozen=True)
class NamedAuditor:
    letter: str
    name: str
    agency: str


@dataclass(frozen=True)
class UnblindingView:
    """One request. `names` are there for whoever asked only, while they may be seen."""

    id: str
    reference: str
    round_id: str
    round_name: str
    reason: str
    asked_by_id: str
    asked_by: str
    asked_at: datetime
    state: UnblindingState
    answered_by: str
    answered_at: datetime | None
    answer: str
    until: datetime
    is_over: bool
    may_answer: bool
    names: tuple[NamedAuditor, ...]

    @property
    def words(self) -> str:
        if self.state is UnblindingState.ASKED:
            return "Lapsed without an answer" if self.is_over else "Waiting for a second person"
        if self.state is UnblindingState.REFUSED:
            return "Refused"
        return "Approved, no longer shown" if self.is_over else "Approved"


# --- verbs ----------------------------------------------------------------------------------------------------------------


def ask(tx: Transaction, round_id: str, round_plan_id: str, reason: str, where: str) -> str:
    """Ask for the names behind one plan of a closed round; the same question while it waits is the same request."""
    found = tx.get(Round, round_id)
    if round_plan_id not in dict(plans(tx.session, tx.area_id, round_id)):
        raise NotFound(MISSING)
    if not reason.strip():
        raise InvalidInput([Problem("reason", "Enter why you need the names")])
    waiting = select(Unblinding).where(
        Unblinding.area_id == tx.area_id, Unblinding.round_plan_id == round_plan_id, Unblinding.state == UnblindingState.ASKED,
        Unblinding.asked_by == tx.actor.account_id, Unblinding.asked_at > tx.now - timedelta(days=DAYS),
    )  # fmt: skip
    known = tx.session.exec(waiting).first()
    if known is not None:
        return known.id
    row = Unblinding(
        area_id=tx.area_id, round_id=round_id, round_plan_id=round_plan_id, reason=reason.strip(),
        asked_by=tx.actor.account_id or "", asked_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.record(UnblindingAsked(row.id, round_plan_id))
    for person in _second_people(tx, row):
        queue(tx, _request_letter(tx, row, person, found.name, where.format(row.id)))
    return row.id


def _request_letter(tx: Transaction, row: Unblinding, person: Member, round_name: str, address: str) -> Letter:
    body = (
        f"Hello {person.name},\n\n{tx.actor.name} asks to see which auditors rated one plan of {round_name}. A second person has "
        f"to agree. Please read the reason and decide:\n{address}\n\nWithout an answer the request lapses after {DAYS} days.\n"
    )
    key = f"unblinding:{row.id}:{person.account_id}"
    return Letter(person.email, "Please decide: a request to see auditors' names", body, key)


def answer(tx: Transaction, unblinding_id: str, version: int, approves: bool, reason: str) -> None:
    """Approve or refuse, as a second person who did not rate the plan. A refusal needs a reason."""
    row = tx.get(Unblinding, unblinding_id)
    if tx.actor.account_id not in {person.account_id for person in _second_people(tx, row)}:
        raise Refused("Somebody else has to decide this: not the person who asked, and nobody who rated the plan.")
    if row.state is not UnblindingState.ASKED or row.asked_at <= tx.now - timedelta(days=DAYS):
        raise Refused("This request is not waiting for an answer any more.")
    if not approves and not reason.strip():
        raise InvalidInput([Problem("reason", "Enter why you refuse")])
    tx.fresh(row, version, mine={"answer": reason})
    row.state = UnblindingState.APPROVED if approves else UnblindingState.REFUSED
    row.answered_by, row.answered_at, row.answer = tx.actor.account_id, tx.now, reason.strip()
    tx.record(UnblindingAnswered(row.id, row.state))
    if approves:
        _tell_auditors(tx, row)


def note_sight(tx: Transaction, unblinding_id: str) -> None:
    """Whoever asked looked at the names."""
    row = tx.get(Unblinding, unblinding_id)
    tx.record(NamesSeen(row.id, row.round_plan_id))


def _second_people(tx: Transaction, row: Unblinding) -> list[Member]:
    raters = {account for account, _ in _raters(tx.session, tx.area_id, row.round_plan_id)}
    able = people_with(tx.session, tx.area_id, *APPROVERS)
    return [person for person in able if person.account_id != row.asked_by and person.account_id not in raters]


def _tell_auditors(tx: Transaction, row: Unblinding) -> None:
    """They are told that their names are shown, by whom and to whom; why, they can ask."""
    asker = tx.session.get(Account, row.asked_by)
    reference = _reference(tx.session, tx.area_id, row.round_plan_id)
    for account_id, _ in _raters(tx.session, tx.area_id, row.round_plan_id):
        person = tx.session.get(Account, account_id)
        if person is not None and asker is not None:
            body = (
                f"Hello {person.name},\n\nYou rated plan {reference}. {asker.name} may now see which auditor is which on it, "
                f"for {DAYS} days. {tx.actor.name} agreed to this as the second person. Both are on record. "
                "If you want to know why, ask them.\n"
            )
            queue(tx, Letter(person.email, f"Your name is shown beside plan {reference}", body, f"unblinded:{row.id}:{account_id}"))


# --- views ----------------------------------------------------------------------------------------------------------------


def requests(session: Session, area_id: str, viewer_id: str, now: datetime) -> list[UnblindingView]:
    """Every request of the area, those that wait first."""
    rows = session.exec(select(Unblinding).where(Unblinding.area_id == area_id).order_by(col(Unblinding.asked_at).desc())).all()
    views = [_view(session, area_id, row, viewer_id, now) for row in rows]
    return sorted(views, key=lambda view: view.state is not UnblindingState.ASKED or view.is_over)


def request(session: Session, area_id: str, unblinding_id: str, viewer_id: str, now: datetime) -> UnblindingView:
    row = session.get(Unblinding, unblinding_id)
    if row is None or row.area_id != area_id:
        raise NotFound(MISSING)
    return _view(session, area_id, row, viewer_id, now)


def _view(session: Session, area_id: str, row: Unblinding, viewer_id: str, now: datetime) -> UnblindingView:
    until = (row.answered_at or row.asked_at) + timedelta(days=DAYS)
    people = {key: session.get(Account, key) for key in (row.asked_by, row.answered_by) if key}
    names = {key: account.name if account else "" for key, account in people.items()}
    found, is_over = session.get_one(Round, row.round_id), now >= until
    shown = row.state is UnblindingState.APPROVED and not is_over and viewer_id == row.asked_by
    raters = {account for account, _ in _raters(session, area_id, row.round_plan_id)}
    may_answer = row.state is UnblindingState.ASKED and not is_over and viewer_id != row.asked_by and viewer_id not in raters
    return UnblindingView(
        row.id, _reference(session, area_id, row.round_plan_id), found.id, found.name, row.reason, row.asked_by,
        names[row.asked_by], row.asked_at, row.state, names.get(row.answered_by or "", ""), row.answered_at, row.answer, until,
        is_over, may_answer, tuple(_named(session, area_id, row.round_plan_id)) if shown else (),
    )  # fmt: skip


def version_of(session: Session, unblinding_id: str) -> int:
    return session.get_one(Unblinding, unblinding_id).version


def plans(session: Session, area_id: str, round_id: str) -> list[tuple[str, str]]:
    """The plans of a closed round, by reference; hidden ones once it is published."""
    state = session.exec(select(Round.state).where(Round.area_id == area_id, Round.id == round_id)).first()
    if state is None or RoundState(state) not in RELEASED:
        raise NotFound(MISSING)
    chosen = _references().where(RoundPlan.area_id == area_id, RoundPlan.round_id == round_id)
    chosen = chosen.where(col(RoundPlan.id).not_in(secret_plans(area_id)))
    return [(key, reference) for key, reference in session.exec(chosen.order_by(col(ChildCase.reference)))]


def _references() -> Any:
    chosen = select(RoundPlan.id, ChildCase.reference).join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
    return chosen.join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)


def _reference(session: Session, area_id: str, round_plan_id: str) -> str:
    found = session.exec(_references().where(RoundPlan.area_id == area_id, RoundPlan.id == round_plan_id)).one()
    return str(found[1])


def _raters(session: Session, area_id: str, round_plan_id: str) -> Sequence[tuple[str, str]]:
    """Who has a letter on this plan: account and letter."""
    mine = (AuditorLetter.area_id == area_id, AuditorLetter.round_plan_id == round_plan_id)
    return session.exec(
        select(AuditorLetter.account_id, AuditorLetter.letter).where(*mine).order_by(col(AuditorLetter.letter))
    ).all()


def _named(session: Session, area_id: str, round_plan_id: str) -> list[NamedAuditor]:
    chosen = (
        select(AuditorLetter.letter, Account.name, Agency.name)
        .join(Account, col(Account.id) == AuditorLetter.account_id)
        .join(
            Allocation, (col(Allocation.round_plan_id) == AuditorLetter.round_plan_id) & (col(Allocation.account_id) == Account.id)
        )
        .join(Agency, col(Agency.id) == Allocation.agency_id)
        .where(AuditorLetter.area_id == area_id, AuditorLetter.round_plan_id == round_plan_id, Allocation.area_id == area_id)
        .where(col(AuditorLetter.is_shown))
        .order_by(col(AuditorLetter.letter))
        .distinct()
    )
    return [NamedAuditor(*each) for each in session.exec(chosen)]
