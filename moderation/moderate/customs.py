"""How meetings of an area decide: chosen by the lead, and fixed for a meeting when it is planned."""

from sqlmodel import Session, select

from moderation.ledger import Transaction

from .events import DecisionRuleChosen
from .meeting_rules import DecisionRule
from .tables import MeetingCustom


def decision_rule_of(session: Session, area_id: str) -> DecisionRule:
    """The area's rule; the majority's where nobody chose one."""
    found = session.exec(select(MeetingCustom.decision_rule).where(MeetingCustom.area_id == area_id)).first()
    return DecisionRule(found) if found else DecisionRule.MAJORITY


def choose_rule(tx: Transaction, rule: DecisionRule) -> None:
    """From the next meeting planned on; meetings that are planned keep theirs."""
    row = tx.session.exec(select(MeetingCustom).where(MeetingCustom.area_id == tx.area_id)).first()
    row = row or MeetingCustom(area_id=tx.area_id)
    row.decision_rule, row.version = rule, row.version + 1
    tx.session.add(row)
    tx.record(DecisionRuleChosen(tx.area_id, rule))
