"""Which audit packs nobody uses any more. A round uses a pack from its draft until it is published; a round with hidden plans uses
all those that its hidden plans could be, so that what is kept does not tell which they are.

The last use is whatever came last: a document was added, the pack was released, a round with the plan in its sample was
published or abandoned, or the plan was withdrawn from it. Having been a hidden plan moves no date, for the date would tell.
Nothing is erased that the leads were not told of two weeks before, whenever the clock ran.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func
from sqlmodel import Session, col, select

from moderation.instants import london, today
from moderation.ledger import EventRow, Transaction
from moderation.people.queries import people_with
from moderation.post import queue
from moderation.register.erasing import call_off_erasure, erase_pack, plan_erasure
from moderation.register.tables import ChildCase, Document, PlanHold, PlanVersion
from moderation.words import Role

from . import letters
from .events import RoundAbandoned
from .population import FINISHED, all_seeds, hiding_rounds, pool
from .tables import Round, RoundPlan

NOTICE = timedelta(days=14)


class Step(StrEnum):
    ANNOUNCE = "announce"
    CALL_OFF = "call off"
    ERASE = "erase"


@dataclass(frozen=True)
class KeptPack:
    """An audit pack that is in the store."""

    plan_version_id: str
    reference: str
    used_at: datetime
    in_use: bool
    erase_on: date | None

    def due(self, keep: timedelta) -> date:
        return london(self.used_at).date() + keep

    def step(self, keep: timedelta, day: date) -> Step | None:
        """What is to be done about it on a day."""
        if self.in_use or self.due(keep) > day + NOTICE:
            return Step.CALL_OFF if self.erase_on else None
        if self.erase_on is None:
            return Step.ANNOUNCE
        return Step.ERASE if self.erase_on <= day and self.due(keep) <= day else None


def kept_packs(session: Session, area_id: str, plan_version_id: str | None = None) -> list[KeptPack]:
    """Every pack of an area that has documents, or the one that is named, with its last use."""
    chosen = (
        select(PlanVersion, ChildCase.reference, func.max(col(Document.uploaded_at)))
        .join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
        .join(Document, col(Document.plan_version_id) == PlanVersion.id)
        .where(PlanVersion.area_id == area_id, col(Document.erased_at).is_(None))
        .group_by(col(PlanVersion.id), col(ChildCase.reference))
        .order_by(col(ChildCase.reference), col(PlanVersion.number))
    )
    if plan_version_id is not None:
        chosen = chosen.where(PlanVersion.id == plan_version_id)
    uses = _uses(session, area_id)
    held = set(session.exec(select(PlanHold.plan_version_id).where(PlanHold.area_id == area_id)))
    return [
        KeptPack(
            plan.id, reference, max(filter(None, (uploaded, plan.released_at, *uses.get(plan.id, ())))),
            plan.id in held or None in uses.get(plan.id, ()), plan.erase_on,
        )
        for plan, reference, uploaded in session.exec(chosen)
    ]  # fmt: skip


def _uses(session: Session, area_id: str) -> dict[str, list[datetime | None]]:
    """When rounds had done with each plan; None for a round that has not."""
    abandoned = _abandoned(session, area_id)
    chosen = select(RoundPlan, Round).join(Round, col(Round.id) == RoundPlan.round_id).where(RoundPlan.area_id == area_id)
    chosen = chosen.where(col(RoundPlan.id).not_in(all_seeds(area_id)))
    uses: dict[str, list[datetime | None]] = defaultdict(list)
    for plan, found in session.exec(chosen):
        over = found.published_at or abandoned.get(found.id) if found.state in FINISHED else None
        uses[plan.plan_version_id].append(plan.withdrawn_at or over)
    for hiding in hiding_rounds(session, area_id):
        for plan_version_id in session.exec(pool(hiding)):
            uses[plan_version_id].append(None)
    return uses


def _abandoned(session: Session, area_id: str) -> dict[str, datetime]:
    """No column says when a round was abandoned; the ledger does."""
    chosen = select(EventRow.subject, EventRow.at).where(EventRow.chain == area_id, EventRow.name == RoundAbandoned.__name__)
    return dict(session.exec(chosen).all())


def announce(tx: Transaction, keep: timedelta) -> int:
    """Note on which day packs will be erased and tell the leads, once; take it back for those that are used again."""
    steps = [(pack, pack.step(keep, today())) for pack in kept_packs(tx.session, tx.area_id)]
    for pack in (pack for pack, step in steps if step is Step.CALL_OFF):
        call_off_erasure(tx, pack.plan_version_id)
    leaving = [pack for pack, step in steps if step is Step.ANNOUNCE]
    for pack in leaving:
        plan_erasure(tx, pack.plan_version_id, _announced(pack, keep))
    _tell(tx, [(pack.reference, _announced(pack, keep)) for pack in leaving])
    return len(leaving)


def _announced(pack: KeptPack, keep: timedelta) -> date:
    return max(pack.due(keep), today() + NOTICE)


def _tell(tx: Transaction, leaving: Sequence[tuple[str, date]]) -> None:
    for lead in people_with(tx.session, tx.area_id, Role.LEAD) if leaving else ():
        to = letters.Addressee(lead.account_id, lead.name, lead.email)
        queue(tx, letters.erasure(to, tx.area_id, leaving, tx.now))


def due(session: Session, area_id: str, keep: timedelta) -> list[str]:
    """The plans whose packs are to be erased today."""
    return [pack.plan_version_id for pack in kept_packs(session, area_id) if pack.step(keep, today()) is Step.ERASE]


def erase(tx: Transaction, plan_version_id: str, keep: timedelta) -> int:
    """Erase one pack, if it is still due: somebody may have put the plan into a round meanwhile."""
    packs = kept_packs(tx.session, tx.area_id, plan_version_id)
    return sum(erase_pack(tx, pack.plan_version_id) for pack in packs if pack.step(keep, today()) is Step.ERASE)
