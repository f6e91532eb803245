"""Whether somebody is left who may moderate a plan: else nothing on it can be decided, and the round cannot be published."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from moderation.allocate.barring import who_drew
from moderation.people.queries import people_with
from moderation.words import Role

from .queries import UNCONFIRMED, plans_of, round_facts
from .queries_conflicts import barred_plans
from .states import OPEN
from .tables import AgreedRating, Disagreement


def able(session: Session, area_id: str, round_id: str) -> dict[str, frozenset[str]]:
    """By moderator, the plans of the round that they may moderate; not who drew or allocated them."""
    plans = frozenset(plans_of(session, area_id, round_id))
    free = {one.account_id for one in people_with(session, area_id, Role.MODERATOR)} - who_drew(session, area_id, round_id)
    return {one: plans - barred_plans(session, area_id, round_id, one).keys() for one in free}


def only_able(session: Session, area_id: str, round_id: str, account_id: str) -> tuple[str, ...]:
    """The references of the plans that nobody but this person may moderate; none once the round is published."""
    if round_facts(session, area_id, round_id).is_published:
        return ()
    people = able(session, area_id, round_id)
    mine = people.pop(account_id, frozenset()).difference(*people.values())
    references = plans_of(session, area_id, round_id)
    return tuple(sorted(references[plan].reference for plan in mine))


def stuck(session: Session, area_id: str, round_id: str) -> int:
    """How many plans have something to settle or to confirm that no moderator may touch."""
    return len(_waiting(session, area_id, round_id).difference(*able(session, area_id, round_id).values()))


def _waiting(session: Session, area_id: str, round_id: str) -> frozenset[str]:
    left = select(Disagreement.round_plan_id).where(Disagreement.area_id == area_id, Disagreement.round_id == round_id)
    unsure = select(AgreedRating.round_plan_id).where(AgreedRating.area_id == area_id, AgreedRating.round_id == round_id)
    unsure = unsure.where(UNCONFIRMED)
    found: Collection[str] = session.exec(left.where(col(Disagreement.state).in_(OPEN))).all()
    return frozenset([*found, *session.exec(unsure).all()])
