"""Who has seen the real names of a case: whoever uploaded a document, opened an original, or worked at the gate. From the ledger.

Uploading counts like opening, because the name of a file often is the child's, and who chose the file knows what is in it.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from moderation.ledger import EventRow

from . import events
from .tables import Document, PlanVersion

AT_THE_GATE = (
    events.NamesSeen, events.PeopleNamed, events.FindingsDecided, events.FindingsAdded, events.NamesChecked, events.GatePassed,
)  # fmt: skip
OF_A_DOCUMENT = (events.DocumentAttached, events.DocumentRead, events.OriginalPageRead, events.PageLookedAt)


def seen_by_name(session: Session, area_id: str, people: Collection[str], cases: Collection[str]) -> list[tuple[str, str]]:
    """(account, case), for these people and cases."""
    chosen = (
        select(EventRow.actor_id, PlanVersion.case_id)
        .where(EventRow.chain == area_id, PlanVersion.area_id == area_id)
        .where(col(EventRow.actor_id).in_(people), col(PlanVersion.case_id).in_(cases))
        .distinct()
    )
    worked = chosen.join(PlanVersion, col(PlanVersion.id) == EventRow.subject).where(_named(AT_THE_GATE))
    read = (
        chosen.join(Document, col(Document.id) == EventRow.subject)
        .join(PlanVersion, col(PlanVersion.id) == Document.plan_version_id)
        .where(_named(OF_A_DOCUMENT))
    )
    uploaded = (
        select(Document.uploaded_by, PlanVersion.case_id)
        .join(PlanVersion, col(PlanVersion.id) == Document.plan_version_id)
        .where(PlanVersion.area_id == area_id, col(Document.uploaded_by).in_(people), col(PlanVersion.case_id).in_(cases))
    )
    found = {(who, case) for statement in (worked, read, uploaded) for who, case in session.exec(statement) if who}
    return sorted(found)


def knows_names(session: Session, area_id: str, account_id: str, plan_version_id: str) -> bool:
    """Has this person seen the real names of the case that this plan is of?"""
    of = select(PlanVersion.case_id).where(PlanVersion.area_id == area_id, PlanVersion.id == plan_version_id)
    return bool(seen_by_name(session, area_id, [account_id], session.exec(of).all()))


def _named(kinds: Collection[type]) -> ColumnElement[bool]:
    return col(EventRow.name).in_([kind.__name__ for kind in kinds])
