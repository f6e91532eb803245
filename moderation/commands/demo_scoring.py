"""Simulated auditors of the demo: every plan has a quality of its own, every auditor a severity and a hand that wavers."""

from random import Random
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from ..allocate.tables import Allocation, RoundPlan
from ..people.tables import Agency
from ..register.framework import Criterion, NonScore, criteria_for, evidence_required, parse
from ..register.tables import FrameworkVersion, PlanVersion
from ..score.actions import fill_in
from ..score.rules import Confidence
from ..words import AgencyKind

if TYPE_CHECKING:
    from .demo_world import Demo

EVIDENCE = {
    0: ("Not there: I looked in the section itself and in section K.", "Two sections are run together, so I cannot tell which is which."),
    1: ("F4 says “as needed” and nobody is named. E2 cannot be measured.", "Mostly general statements; the reader would not know what to do on Monday."),
    2: ("Three items are quantified, the fourth is “as needed”.", "The need in B2 has provision, the one in C1 has none."),
    3: ("All but one item say who, how much and how often.", "Clear link from A to E1 to F3."),
    4: ("Every item is quantified and dated, and the child’s words run through it.", "Could be shown to others as it stands."),
}  # fmt: skip
YES = ("Checked against section K; all in place.", "Present under its own letter.")
MISSING = ("The advice in the pack does not cover this.", "No document from this service in the pack.")


def score_round(demo: "Demo", round_id: str, noise: float, quality: float = 2.6, share: float = 1.0, but: str = "") -> None:
    """Every auditor scores their plans in their own order; a `share` of each list is submitted, the next plan begun. One may not have begun."""
    with Session(demo.engine) as session:
        framework = parse(session.get_one(FrameworkVersion, demo.framework_id).content)
        rows = session.exec(
            select(Allocation, PlanVersion, Agency.kind)
            .join(RoundPlan, Allocation.round_plan_id == RoundPlan.id)  # type: ignore[arg-type]
            .join(PlanVersion, RoundPlan.plan_version_id == PlanVersion.id)  # type: ignore[arg-type]
            .join(Agency, Allocation.agency_id == Agency.id)  # type: ignore[arg-type]
            .where(Allocation.round_id == round_id)
            .order_by(Allocation.account_id, Allocation.position)  # type: ignore[arg-type]
        ).all()
    name_of = {actor.account_id: name for name, actor in demo.people.items()}
    for name in sorted({name_of[given.account_id] for given, _, _ in rows} - {but}):
        mine = [row for row in rows if name_of[row[0].account_id] == name]
        whole = round(share * len(mine))
        for place, (given, plan, kind) in enumerate(mine[: whole + 1]):
            criteria = criteria_for(framework, AgencyKind(kind), plan.year_group)
            hand, finish = Hand(plan.id, name, noise, quality), place < whole
            answers = {criterion.key: hand.answer(criterion) for criterion in (criteria if finish else criteria[:9])}
            demo.act(name, fill_in, given.id, answers, finish)


class Hand:
    """How one auditor judges one plan: the plan's quality, their severity, chance. The same every time."""

    def __init__(self, plan_id: str, auditor: str, noise: float, quality: float) -> None:
        self._plan, self._auditor, self._noise, self._quality = plan_id, auditor, noise, quality
        self._severity = Random(f"severity {auditor}").gauss(0, 0.3)

    def answer(self, criterion: Criterion) -> dict[str, object]:
        chance = Random(f"{self._plan} {self._auditor} {criterion.key}")
        if chance.random() < 0.03 and criterion.allows_non_score(NonScore.NO_EVIDENCE):
            return {"non_score": NonScore.NO_EVIDENCE, "evidence": chance.choice(MISSING)}
        value = self._value(criterion, chance)
        words = YES if not criterion.is_ordinal and value else EVIDENCE[value]
        told = evidence_required(criterion, value, None) or chance.random() < 0.6
        sure = chance.choice(("sure", "fairly_sure", "fairly_sure", "not_sure"))
        return {"value": value, "evidence": chance.choice(words) if told else "", "confidence": Confidence(sure)}

    def _value(self, criterion: Criterion, chance: Random) -> int:
        quality = Random(self._plan).gauss(self._quality, 0.55) + Random(f"{self._plan} {criterion.key}").gauss(0, 0.45)
        seen = quality - self._severity + chance.gauss(0, self._noise)
        if criterion.is_ordinal:
            return max(1, min(4, round(seen)))
        return int(seen > 1.7)
