"""Whoever draws the plans of a round takes no part in its moderation: who that is, and who is left to moderate."""

from sqlmodel import Session

from moderation.ledger import history
from moderation.people.queries import people_with
from moderation.words import Role

from .events import PlansAllocated, SeedsChosen

DREW = (PlansAllocated.__name__, SeedsChosen.__name__)


def who_drew(session: Session, area_id: str, round_id: str) -> set[str]:
    """Those who allocated the round's plans, drew a sample with hidden plans or named one."""
    return {event.actor_id for event in history(session, area_id, round_id) if event.name in DREW and event.actor_id}


def others_moderate(session: Session, area_id: str, round_id: str, account_id: str) -> bool:
    """Is there a moderator who could take the round if this person draws?"""
    drew = who_drew(session, area_id, round_id) | {account_id}
    return any(one.account_id not in drew for one in people_with(session, area_id, Role.MODERATOR))
