"""What each auditor knows best, as leads record it. Nobody else sees it: it says something about a person."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from moderation.ledger import Transaction
from moderation.register.codes import NEED_NAMES, PrimaryNeed
from moderation.words import AgencyKind, InvalidInput, NotFound, Problem

from .events import ExpertiseRecorded
from .population import possible_auditors
from .rules import PHASE_NAMES
from .tables import Expertise


@dataclass(frozen=True)
class ExpertLine:
    account_id: str
    name: str
    agency: str
    kind: AgencyKind
    needs: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    version: int = 0  # 0: nothing recorded yet

    @property
    def words(self) -> str:
        """What is recorded, in one line."""
        needs = [str(NEED_NAMES[PrimaryNeed(need)]) for need in self.needs]
        return "; ".join(part for part in (", ".join(needs), ", ".join(self.phases)) if part)


def expert_lines(session: Session, area_id: str) -> list[ExpertLine]:
    """Every auditor of the area, agency by agency, with what is recorded of them."""
    rows = {row.account_id: row for row in session.exec(select(Expertise).where(Expertise.area_id == area_id))}
    lines = []
    for person in possible_auditors(session, area_id):
        row = rows.get(person.account_id)
        known = (tuple(row.needs), tuple(row.phases), row.version) if row else ((), (), 0)
        lines.append(ExpertLine(person.account_id, person.name, person.agency_name, person.kind, *known))
    return lines


def expert_line(session: Session, area_id: str, account_id: str) -> ExpertLine:
    """One auditor of the area."""
    found = next((line for line in expert_lines(session, area_id) if line.account_id == account_id), None)
    if found is None:
        raise NotFound("Page not found")
    return found


def recorded(session: Session, area_id: str, account_ids: Collection[str]) -> int:
    """Of how many of these people something is recorded."""
    chosen = select(Expertise).where(Expertise.area_id == area_id, col(Expertise.account_id).in_(account_ids))
    return sum(bool(row.needs or row.phases) for row in session.exec(chosen))


def record_expertise(tx: Transaction, account_id: str, version: int, needs: Collection[str], phases: Collection[str]) -> None:
    """Write down what an auditor knows best; nothing chosen means that every plan suits them."""
    if account_id not in {person.account_id for person in possible_auditors(tx.session, tx.area_id)}:
        raise NotFound("Page not found")
    if not set(needs) <= {need.value for need in PrimaryNeed} or not set(phases) <= set(PHASE_NAMES):
        raise InvalidInput([Problem("needs", "Choose from the list")])
    chosen = select(Expertise).where(Expertise.area_id == tx.area_id, Expertise.account_id == account_id)
    row = tx.session.exec(chosen).first()
    known, in_phases = sorted(needs), [phase for phase in PHASE_NAMES if phase in set(phases)]
    if row is None:
        tx.session.add(Expertise(area_id=tx.area_id, account_id=account_id, needs=known, phases=in_phases))
    else:
        tx.fresh(row, version, mine={"needs": known, "phases": in_phases})
        row.needs, row.phases = known, in_phases
    tx.record(ExpertiseRecorded(account_id, len(needs), len(phases)))
