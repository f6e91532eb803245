"""Concerns about a child's safety or about another person's details: straight to one named person, and past every score.

Each area names one person. Only that person can read a concern, whatever roles others hold; the letter says that there is
one and nothing about it, because e-mail is no place for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from moderation.allocate.tables import Round, RoundPlan
from moderation.ledger import Transaction
from moderation.people.queries import member, members, people_with
from moderation.people.tables import Account, AccountState
from moderation.post import Letter, queue
from moderation.register.tables import ChildCase, PlanVersion
from moderation.words import NotFound, Refused, Role

from .concern_tables import Concern, ConcernContact
from .events import ConcernClosed, ConcernContactNamed, ConcernHandled, ConcernOverdue, ConcernRaised
from .rules import ConcernKind, check_concern, check_outcome
from .views import MySheet

ANSWER_WITHIN = timedelta(hours=24)  # a clock of its own: it runs at weekends too, and waits for no round
KIND_NAMES = {ConcernKind.SAFEGUARDING: "safeguarding concern", ConcernKind.DATA_BREACH: "concern about another person's details"}


@dataclass(frozen=True)
class NamedPerson:
    account_id: str
    name: str
    email: str


@dataclass(frozen=True)
class ConcernView:
    """One concern, as the named person reads it."""

    id: str
    kind: ConcernKind
    reference: str
    round_name: str
    text: str
    raised_by: str
    raised_at: datetime
    handled_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    version: int

    @property
    def due_at(self) -> datetime:
        return self.raised_at + ANSWER_WITHIN

    def is_late(self, now: datetime) -> bool:
        return self.handled_at is None and now >= self.due_at


def named_person(session: Session, area_id: str) -> NamedPerson | None:
    """Who is told: the person the area has named, while they belong to it; else its first QA lead by name."""
    named = session.exec(select(ConcernContact.account_id).where(ConcernContact.area_id == area_id)).first()
    here = [person for person in members(session, area_id) if person.state is AccountState.ACTIVE]
    leads = [person for person in here if Role.LEAD in person.post.roles]
    chosen = next((person for person in here if person.account_id == named), leads[0] if leads else None)
    return NamedPerson(chosen.account_id, chosen.name, chosen.email) if chosen else None


def name_person(tx: Transaction, account_id: str) -> None:
    """Name the one person of the area who is told of concerns from now on."""
    member(tx.session, tx.area_id, account_id)
    contact = tx.session.exec(select(ConcernContact).where(ConcernContact.area_id == tx.area_id)).first()
    if contact is None:
        contact = ConcernContact(area_id=tx.area_id, account_id=account_id, version=0)
    contact.account_id = account_id
    contact.version += 1
    tx.session.add(contact)
    tx.record(ConcernContactNamed(contact.id, account_id))


def raise_concern(tx: Transaction, sheet: MySheet, kind: ConcernKind, text: str, inbox: str) -> str:
    """Tell the named person at once. The same words about the same sheet are one concern. `inbox` is where it is read."""
    said = check_concern(text)
    same = (Concern.area_id == tx.area_id, Concern.sheet_id == sheet.id, Concern.kind == kind, Concern.text == said)
    known = tx.session.exec(select(Concern).where(*same)).first()
    if known is not None:
        return known.id
    person = named_person(tx.session, tx.area_id)
    if person is None or tx.actor.account_id is None:
        raise Refused("Your area has not named anybody to be told. Tell your QA lead now, by telephone.")
    concern = Concern(
        area_id=tx.area_id, sheet_id=sheet.id, round_plan_id=sheet.plan.round_plan_id, kind=kind, text=said,
        raised_by=tx.actor.account_id, raised_at=tx.now, sent_to=person.account_id,
    )  # fmt: skip
    tx.session.add(concern)
    queue(tx, _letter(person, sheet.plan.facts.reference, concern, inbox))
    tx.record(ConcernRaised(concern.id, sheet.id, kind.value))
    return concern.id


def _letter(person: NamedPerson, reference: str, concern: Concern, inbox: str) -> Letter:
    what = KIND_NAMES[concern.kind]
    body = (
        f"Hello {person.name},\n\n"
        f"An auditor has raised a {what} about plan {reference}. You are the person your area has named to be told.\n\n"
        f"Sign in to read it and to say that you are dealing with it:\n{inbox}\n\n"
        "If a child may be in danger now, follow your local safeguarding procedure at once.\n"
    )
    return Letter(person.email, f"Please act today: a {what} about plan {reference}", body, f"concern:{concern.id}")


def overdue(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Concerns for which another day has passed without an answer: (area id, concern id)."""
    waiting = session.exec(select(Concern).where(col(Concern.handled_at).is_(None)).order_by(col(Concern.raised_at)))
    return [(row.area_id, row.id) for row in waiting if _days(row, now) > row.reminders]


def remind(tx: Transaction, concern_id: str) -> None:
    """Remind the named person, once for each day without an answer. From the second day on the other leads hear that an answer
    is missing, and nothing else: what it is about is for the named person."""
    concern = tx.get(Concern, concern_id)
    days = _days(concern, tx.now)
    person = named_person(tx.session, tx.area_id)
    if concern.handled_at is not None or days <= concern.reminders or person is None:
        return
    concern.reminders = days
    concern.version += 1
    queue(tx, _reminder(person, concern, days))
    for lead in people_with(tx.session, tx.area_id, Role.LEAD, Role.AREA_LEAD) if days > 1 else ():
        if lead.account_id != person.account_id:
            queue(tx, _alarm(lead.name, lead.email, person, concern, days))
    tx.record(ConcernOverdue(concern_id, days))


def _days(concern: Concern, now: datetime) -> int:
    return (now - concern.raised_at) // ANSWER_WITHIN


def _reminder(person: NamedPerson, concern: Concern, days: int) -> Letter:
    body = (
        f"Hello {person.name},\n\nA {KIND_NAMES[concern.kind]} has been waiting for {24 * days} hours. Please sign in, read it "
        "under Concerns, and say that you are dealing with it.\n\nIf a child may be in danger now, follow your local safeguarding "
        "procedure at once.\n"
    )
    return Letter(person.email, f"Overdue: a {KIND_NAMES[concern.kind]}", body, f"concern:{concern.id}:late:{days}")


def _alarm(name: str, email: str, person: NamedPerson, concern: Concern, days: int) -> Letter:
    body = (
        f"Hello {name},\n\nA concern that an auditor raised has had no answer for {24 * days} hours. {person.name} was told at "
        "once and reminded. Please ring them. If they are away, choose another named person under People, Concerns.\n"
    )
    return Letter(email, f"No answer to a concern for {24 * days} hours", body, f"concern:{concern.id}:alarm:{days}:{email}")


def concerns_for(session: Session, area_id: str, account_id: str) -> tuple[ConcernView, ...]:
    """The concerns that were sent to this person, and as the present named person those nobody has dealt with; these come first."""
    statement = (
        select(Concern, ChildCase.reference, Round.name, Account.name)
        .join(RoundPlan, col(RoundPlan.id) == col(Concern.round_plan_id))
        .join(Round, col(Round.id) == col(RoundPlan.round_id))
        .join(PlanVersion, col(PlanVersion.id) == col(RoundPlan.plan_version_id))
        .join(ChildCase, col(ChildCase.id) == col(PlanVersion.case_id))
        .join(Account, col(Account.id) == col(Concern.raised_by))
        .where(Concern.area_id == area_id, _readable_by(session, area_id, account_id))
        .order_by(
            col(Concern.handled_at).is_not(None),
            col(Concern.closed_at).is_not(None),
            col(Concern.raised_at).desc(),
            col(Concern.id),
        )
    )
    return tuple(
        ConcernView(
            row.id,
            row.kind,
            reference,
            round_name,
            row.text,
            raised_by,
            row.raised_at,
            row.handled_at,
            row.closed_at,
            row.outcome,
            row.version,
        )
        for row, reference, round_name, raised_by in session.exec(statement)
    )


def _readable_by(session: Session, area_id: str, account_id: str) -> ColumnElement[bool]:
    """Whoever was told or deals with it; and if nobody does yet, whoever is named now."""
    mine = (col(Concern.sent_to) == account_id) | (col(Concern.handled_by) == account_id)
    person = named_person(session, area_id)
    is_named = person is not None and person.account_id == account_id
    return mine | col(Concern.handled_at).is_(None) if is_named else mine


def mark_handled(tx: Transaction, concern_id: str) -> None:
    """The named person is dealing with it. Saying so twice changes nothing."""
    concern = _mine(tx, concern_id)
    if concern.handled_at is not None:
        return
    concern.handled_at, concern.handled_by = tx.now, tx.actor.account_id
    concern.version += 1
    tx.record(ConcernHandled(concern_id))


def close(tx: Transaction, concern_id: str, version: int, outcome: str) -> None:
    """What was done stands beside the concern, and it is done with. Saying the same twice changes nothing."""
    concern, said = _mine(tx, concern_id), check_outcome(outcome)
    if concern.handled_at is None:
        raise Refused("Say first that you are dealing with this concern.")
    if concern.outcome == said:
        return
    tx.fresh(concern, version, mine={"outcome": said})
    if concern.closed_at is not None:
        raise Refused("This concern is closed, and its outcome stays as it is.")
    concern.closed_at, concern.outcome = tx.now, said
    tx.record(ConcernClosed(concern_id))


def _mine(tx: Transaction, concern_id: str) -> Concern:
    """A concern that this person may read; not there for anybody else."""
    concern = tx.get(Concern, concern_id)
    mine = (Concern.id == concern_id, _readable_by(tx.session, tx.area_id, tx.actor.account_id or ""))
    if tx.session.exec(select(Concern.id).where(*mine)).first() is None:
        raise NotFound("Page not found")
    return concern
