"""Plans with agreed ratings that could be a hidden seed plan of a round that is being set up."""

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, select

from moderation.allocate.seeds import candidates, has_chosen
from moderation.allocate.tables import Round, RoundPlan
from moderation.moderate.tables import AgreedRating
from moderation.register.tables import ChildCase, PlanVersion

from .agreed import DISCUSSED


@dataclass(frozen=True)
class SeedLine:
    """A candidate, and how many of its agreed ratings a meeting has discussed: the more, the better it is as a seed."""

    plan_version_id: str
    reference: str
    agreed: int
    discussed: int

    @property
    def words(self) -> str:
        ratings = f"{self.agreed} agreed rating{'' if self.agreed == 1 else 's'}"
        return f"{self.reference}: {ratings}, {self.discussed} decided in a meeting"


def may_be_named(session: Session, area_id: str, round_id: str) -> bool:
    """Before the service chooses. Afterwards a list without the chosen ones would tell which they are."""
    samples = select(Round.sample).where(Round.area_id == area_id, Round.id == round_id)
    return not any(has_chosen(sample) for sample in session.exec(samples))


def seed_lines(session: Session, area_id: str, round_id: str) -> list[SeedLine]:
    """The candidates for this round, those discussed most first; none once the service has chosen."""
    if not may_be_named(session, area_id, round_id):
        return []
    possible = [one.plan_version_id for one in candidates(session, area_id, round_id)]
    of_plan = (
        select(PlanVersion.id, ChildCase.reference, AgreedRating.basis)
        .join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        .join(RoundPlan, col(RoundPlan.plan_version_id) == PlanVersion.id)
        .join(AgreedRating, col(AgreedRating.round_plan_id) == RoundPlan.id)
        .where(AgreedRating.area_id == area_id, PlanVersion.area_id == area_id, col(PlanVersion.id).in_(possible))
    )
    agreed: Counter[tuple[str, str]] = Counter()
    discussed: Counter[tuple[str, str]] = Counter()
    for plan_version_id, reference, basis in session.exec(of_plan):
        agreed[plan_version_id, reference] += 1
        discussed[plan_version_id, reference] += basis in DISCUSSED
    lines = [SeedLine(*key, number, discussed[key]) for key, number in agreed.items()]
    return sorted(lines, key=lambda line: (-line.discussed, line.reference))
