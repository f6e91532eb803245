"""Which questions an auditor answers about a plan: the framework's criteria for their agency and the child's year group."""

from sqlmodel import Session, select

from moderation.register.framework import Criterion, Framework, criteria_for, parse
from moderation.register.tables import FrameworkVersion
from moderation.words import NotFound

from .views import AskedSheet, MyPlan, MySheet

_MOST = 50
_read: dict[tuple[str, str], Framework] = {}  # by version and digest of its content, so an entry can never be out of date


def questions_for(session: Session, area_id: str, plan: MyPlan) -> tuple[Criterion, ...]:
    """What this auditor is asked about this plan, in the order in which it is asked."""
    return criteria_for(_framework(session, area_id, plan), plan.agency_kind, plan.facts.year_group)


def asked(session: Session, area_id: str, sheet: MySheet) -> AskedSheet:
    """A sheet with its questions."""
    return AskedSheet(sheet, _framework(session, area_id, sheet.plan), questions_for(session, area_id, sheet.plan))


def _framework(session: Session, area_id: str, plan: MyPlan) -> Framework:
    """The framework of a plan's round; nothing is asked where it is at hand."""
    at_hand = _read.get((plan.framework_version_id, plan.framework_digest))
    return at_hand or framework_of(session, area_id, plan.framework_version_id)


def framework_of(session: Session, area_id: str, version_id: str) -> Framework:
    """The framework of a round. Reading one takes longer than a save may, so those in use are kept at hand."""
    here = (FrameworkVersion.area_id == area_id, FrameworkVersion.id == version_id)
    digest = session.exec(select(FrameworkVersion.content_sha256).where(*here)).first()
    if digest is None:
        raise NotFound("Page not found")
    known = (version_id, digest)
    if known not in _read:
        if len(_read) >= _MOST:
            _read.clear()
        _read[known] = parse(session.exec(select(FrameworkVersion.content).where(*here)).one())
    return _read[known]
