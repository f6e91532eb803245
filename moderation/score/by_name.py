"""What a lead does to a plan of a round by naming it, whether it is hidden or not.

Lists for leads leave hidden plans out. An auditor may still ask for such a sheet back, and a name may have been left in such a
plan's papers. What is named is done if it is there; nothing that comes back tells whether it was.
"""

from sqlmodel import col, select

from moderation.allocate.rules import check_open
from moderation.allocate.tables import Round, RoundPlan
from moderation.ledger import Transaction
from moderation.register.tables import ChildCase, PlanVersion
from moderation.words import InvalidInput, Problem

from . import actions
from .rules import check_reason


def reopen_named(tx: Transaction, round_id: str, account_id: str, reference: str, reason: str) -> None:
    """Give this auditor back what they submitted about the plan of that name."""
    check_open(tx.get(Round, round_id).state)
    check_reason(reason)
    for round_plan_id in _named(tx, round_id, reference):
        actions.reopen_of(tx, account_id, round_plan_id, reason)


def withdraw_named(tx: Transaction, round_id: str, reference: str, reason: str) -> None:
    """Take the plan of that name, and every sheet of it, out of the round. Only while it is open: later, agreement and
    disagreements are counted anew, and whoever watches the counts would be told."""
    check_open(tx.get(Round, round_id).state)
    check_reason(reason)
    for round_plan_id in _named(tx, round_id, reference):
        actions.withdraw_plan(tx, round_plan_id, reason)


def _named(tx: Transaction, round_id: str, reference: str) -> list[str]:
    """The ids that the plan has in the round; one or none. A name that the register does not have is a mistake and said so."""
    wanted = reference.strip()
    case_id = tx.session.exec(select(ChildCase.id).where(ChildCase.area_id == tx.area_id, ChildCase.reference == wanted)).first()
    if case_id is None:
        raise InvalidInput([Problem("reference", "Enter the reference of a plan in the register", value=reference)])
    chosen = select(RoundPlan.id).join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
    chosen = chosen.where(RoundPlan.area_id == tx.area_id, RoundPlan.round_id == round_id, PlanVersion.case_id == case_id)
    return list(tx.session.exec(chosen.where(col(RoundPlan.withdrawn_at).is_(None))))
