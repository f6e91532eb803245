"""Which submitted sheets a lead may give back: whose, of which plan, since when. Never an answer, and never to a lead who rates."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from moderation.allocate.rules import RoundState, may_see_progress
from moderation.allocate.tables import Round, RoundAuditor, RoundPlan
from moderation.people.tables import Account
from moderation.register.tables import ChildCase, PlanVersion
from moderation.words import NotFound

from .rules import SheetState
from .tables import Scoresheet


@dataclass(frozen=True)
class SubmittedSheet:
    """One sheet that can be reopened."""

    id: str
    round_id: str
    round_name: str
    reference: str
    auditor: str
    submitted_at: datetime | None


def submitted_sheets(session: Session, area_id: str, viewer_id: str, round_id: str) -> tuple[SubmittedSheet, ...]:
    """The submitted sheets of an open round, by plan; NotFound for a lead who rates in it, and for any other round."""
    of_round = (RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)
    auditors = session.exec(select(RoundAuditor.account_id).where(*of_round))
    here = session.exec(select(Round).where(Round.area_id == area_id, Round.id == round_id)).first()
    if here is None or here.state is not RoundState.OPEN or not may_see_progress(here.state, viewer_id, auditors.all()):
        raise NotFound("Page not found")
    statement = (
        select(Scoresheet.id, ChildCase.reference, Account.name, Scoresheet.submitted_at)
        .join(RoundPlan, col(RoundPlan.id) == col(Scoresheet.round_plan_id))
        .join(PlanVersion, col(PlanVersion.id) == col(RoundPlan.plan_version_id))
        .join(ChildCase, col(ChildCase.id) == col(PlanVersion.case_id))
        .join(Account, col(Account.id) == col(Scoresheet.account_id))
        .where(Scoresheet.area_id == area_id, Scoresheet.round_id == round_id)
        .where(Scoresheet.state == SheetState.SUBMITTED, col(Scoresheet.withdrawn_at).is_(None))
        .order_by(col(ChildCase.reference), col(Account.name), col(Scoresheet.id))
    )
    rows = session.exec(statement).all()
    return tuple(SubmittedSheet(key, here.id, here.name, reference, name, at) for key, reference, name, at in rows)


def submitted_sheet(session: Session, area_id: str, viewer_id: str, round_id: str, sheet_id: str) -> SubmittedSheet:
    """One of them."""
    found = next((sheet for sheet in submitted_sheets(session, area_id, viewer_id, round_id) if sheet.id == sheet_id), None)
    if found is None:
        raise NotFound("Page not found")
    return found
