"""How many cells each trigger caught, by criterion: what the lead and a replay are told about routing."""

from collections import Counter
from collections.abc import Mapping

from sqlmodel import Session, select

from .finding import each_cell
from .queries import released_cells
from .queries_routing import routing_policy
from .rules import comparable
from .tables import Disagreement


def trigger_counts(session: Session, area_id: str, round_id: str) -> Mapping[tuple[str, str], tuple[int, int]]:
    """By criterion and trigger: cells that fired it, of the cells with two or more comparable answers."""
    policy = routing_policy(session, area_id, round_id)
    cells = released_cells(session, area_id, round_id)
    able = Counter(criterion.key for _, criterion, marks in each_cell(cells, policy) if comparable(marks, criterion))
    found = select(Disagreement).where(Disagreement.area_id == area_id, Disagreement.round_id == round_id)
    fired = Counter((row.criterion_key, trigger) for row in session.exec(found) for trigger in row.triggers)
    watched = [(key, trigger.key) for key, triggers in policy.watches.items() for trigger in triggers]
    return {pair: (fired[pair], able[pair[0]]) for pair in watched if able[pair[0]]}
