"""What happens to a closed round: its disagreements are found once, some are deferred or withdrawn, and it is published.
Meetings are in `meetings.py`."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from sqlmodel import col, select

from moderation.allocate import actions as allocate
from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.ledger import Transaction

from . import rules
from .events import DisagreementDeferred, DisagreementsFound, DisagreementWithdrawn, UndiscussedSettled
from .queries import Cells, barred_plans, each_cell, policy_of, released_cells
from .rows import move
from .rules import OPEN, DisagreementState, Mark, Policy
from .stakes import Outlook, Stake, cases_of, check_of_agreement, stake
from .tables import AgreedRating, AuditorLetter, Disagreement, RoutedRound

Cell = tuple[str, str]  # plan and criterion


def find_disagreements(tx: Transaction, round_id: str) -> int:
    """Look once through a closed round: deal the letters, route every cell, rank what was found. Returns how many there are."""
    done = tx.session.exec(select(RoutedRound).where(RoutedRound.area_id == tx.area_id, RoutedRound.round_id == round_id)).first()
    if done is not None:
        return done.found
    released = released_cells(tx.session, tx.area_id, round_id)
    found = tx.get(Round, round_id)
    policy = policy_of(tx.session, tx.area_id, found.framework_version_id)
    fired = route_cells(released.cells, policy, found.secret)
    tx.session.add_all(_letters(tx, released.raters))
    stakes = stakes_of(fired, released.cells, policy)
    tx.session.add_all(_disagreement(tx, round_id, cell, keys, stakes[cell]) for cell, keys in fired.items())
    cells = sum(len(criteria) for criteria in released.cells.values())
    tx.session.add(RoutedRound(area_id=tx.area_id, round_id=round_id, routed_at=tx.now, cells=cells, found=len(fired)))
    tx.record(DisagreementsFound(round_id, cells, len(fired)))
    if fired:
        allocate.mark_moderating(tx, round_id)
    return len(fired)


def route_cells(cells: Cells, policy: Policy, key: str) -> dict[Cell, tuple[str, ...]]:
    """The cells that fire a trigger, and the random sample of plans on which nothing fired."""
    fired = {
        (plan, criterion.key): keys
        for plan, criterion, marks in each_cell(cells, policy)
        if (keys := rules.route(marks, criterion, policy.watches[criterion.key]))
    }
    if policy.calibration is None:
        return fired
    differing = {plan for plan, _ in fired}
    agreed: defaultdict[str, list[str]] = defaultdict(list)
    for plan, criterion, marks in each_cell(cells, policy):
        if plan not in differing and rules.comparable(marks, criterion):
            agreed[plan].append(criterion.key)
    sample = rules.calibration_sample(agreed, policy.calibration.share or 0.0, key)
    return fired | dict.fromkeys(sample.items(), (policy.calibration.key,))


def stakes_of(fired: Mapping[Cell, tuple[str, ...]], cells: Cells, policy: Policy) -> dict[Cell, Stake]:
    drawn = {cell for cell, keys in fired.items() if policy.calibration and keys == (policy.calibration.key,)}
    alike = Counter(criterion for _, criterion in fired.keys() - drawn)
    outlooks = {plan: Outlook.of(_known(cells[plan], policy), policy) for plan in {plan for plan, _ in fired.keys() - drawn}}
    cases = cases_of(fired.keys() - drawn, cells, policy, alike)
    ranked = {cell: stake(case, outlooks[cell[0]], policy) for cell, case in cases.items()}
    return ranked | dict.fromkeys(drawn, check_of_agreement())


def _known(criteria: Mapping[str, tuple[Mark, ...]], policy: Policy) -> dict[str, tuple[Mark, ...]]:
    return {key: marks for key, marks in criteria.items() if key in policy.criteria}


def _letters(tx: Transaction, raters: Mapping[str, Mapping[str, str]]) -> list[AuditorLetter]:
    return [
        AuditorLetter(area_id=tx.area_id, round_plan_id=plan, account_id=account, letter=letter)
        for plan, people in raters.items()
        for letter, account in people.items()
    ]


def _disagreement(tx: Transaction, round_id: str, cell: Cell, keys: tuple[str, ...], ranked: Stake) -> Disagreement:
    plan, criterion = cell
    return Disagreement(
        area_id=tx.area_id, round_id=round_id, round_plan_id=plan, criterion_key=criterion,
        triggers=list(keys), stake=ranked.weight, reasons=list(ranked.reasons),
    )  # fmt: skip


def withdraw_lapsed(tx: Transaction, round_id: str) -> int:
    """After sheets were withdrawn: what is undecided and fires no trigger any more is withdrawn. Decisions of a meeting stand."""
    found = tx.get(Round, round_id)
    policy = policy_of(tx.session, tx.area_id, found.framework_version_id)
    cells = released_cells(tx.session, tx.area_id, round_id).cells
    gone = [row for row in _undecided(tx, round_id) if row.triggers and not _still_fires(row, cells, policy)]
    for row in gone:
        move(row, DisagreementState.WITHDRAWN)
        tx.record(DisagreementWithdrawn(row.id, round_id))
    return len(gone)


def _still_fires(row: Disagreement, cells: Cells, policy: Policy) -> bool:
    marks = cells.get(row.round_plan_id, {}).get(row.criterion_key, ())
    if policy.calibration and row.triggers == [policy.calibration.key]:
        return rules.comparable(marks, policy.criteria[row.criterion_key])
    return bool(rules.route(marks, policy.criteria[row.criterion_key], policy.watches[row.criterion_key]))


def _undecided(tx: Transaction, round_id: str) -> list[Disagreement]:
    chosen = select(Disagreement).where(Disagreement.area_id == tx.area_id, Disagreement.round_id == round_id)
    return list(tx.session.exec(chosen.where(col(Disagreement.state).in_([*OPEN, DisagreementState.DEFERRED]))))


def defer_rest(tx: Transaction, round_id: str) -> int:
    """Leave everything that is in no meeting to the independent ratings. Plans the moderator may not moderate are left alone."""
    barred = barred_plans(tx.session, tx.area_id, round_id, tx.actor.account_id or "")
    rest = [row for row in _undecided(tx, round_id) if row.state is DisagreementState.FOUND and row.round_plan_id not in barred]
    for row in rest:
        move(row, DisagreementState.DEFERRED)
        tx.record(DisagreementDeferred(row.id, round_id))
    return len(rest)


def publish_round(tx: Transaction, round_id: str) -> int:
    """Settle the cells nobody discussed (returns how many) and publish the round; refused while a disagreement is open."""
    found = tx.get(Round, round_id)
    find_disagreements(tx, round_id)
    if found.state is RoundState.PUBLISHED:
        return 0
    rules.refuse_unsettled(sum(row.state in OPEN for row in _undecided(tx, round_id)))
    settled = _settle_undiscussed(tx, found)
    tx.session.add_all(settled)
    tx.record(UndiscussedSettled(round_id, len(settled)))
    allocate.mark_published(tx, round_id)
    return len(settled)


def _settle_undiscussed(tx: Transaction, found: Round) -> list[AgreedRating]:
    policy = policy_of(tx.session, tx.area_id, found.framework_version_id)
    decided = _decided_cells(tx, found.id)
    cells = released_cells(tx.session, tx.area_id, found.id).cells
    return [
        AgreedRating(
            area_id=tx.area_id, round_id=found.id, round_plan_id=plan, criterion_key=criterion.key,
            value=outcome.value, non_score=outcome.non_score, basis=outcome.basis, decided_at=tx.now,
        )
        for plan, criterion, marks in each_cell(cells, policy)
        if (plan, criterion.key) not in decided and (outcome := rules.settle_undiscussed(marks, criterion))
    ]  # fmt: skip


def _decided_cells(tx: Transaction, round_id: str) -> set[Cell]:
    chosen = select(AgreedRating.round_plan_id, AgreedRating.criterion_key)
    rows = tx.session.exec(chosen.where(AgreedRating.area_id == tx.area_id, AgreedRating.round_id == round_id))
    return {(plan, criterion) for plan, criterion in rows}
