"""What happens to a closed round: its disagreements are found once, some are deferred or withdrawn, and it is published.
Meetings are in `meetings.py`."""

from collections.abc import Sequence

from sqlmodel import col, select

from moderation.allocate import actions as allocate
from moderation.allocate import seeds
from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.ledger import Transaction
from moderation.register.tables import FrameworkVersion
from moderation.score.questions import framework_of
from moderation.score.rules import letters
from moderation.words import StaleWrite

from . import rules
from .events import DisagreementDeferred, DisagreementsFound, DisagreementWithdrawn, RoutingRulesChanged, UndiscussedSettled
from .finding import Cell, Cells, each_cell, route_cells, stakes_of
from .policy import Policy
from .queries import policy_of, raters_by_agency, released_cells
from .queries_carried import unconfirmed
from .queries_conflicts import barred_plans
from .queries_routing import routing_of, routing_policy
from .revealing import stop_voting_on
from .routing import Setting, check, rules_of, stored
from .rows import decisions_on, move
from .stakes import Stake
from .states import OPEN, DisagreementState, MeetingState
from .tables import AgreedRating, AuditorLetter, Disagreement, Meeting, RoutedRound, RoutingRules


def find_disagreements(tx: Transaction, round_id: str) -> int:
    """Look once through a closed round: deal the letters, route every cell, rank what was found. Returns how many there are."""
    done = tx.session.exec(select(RoutedRound).where(RoutedRound.area_id == tx.area_id, RoutedRound.round_id == round_id)).first()
    if done is not None:
        return done.found
    found = tx.get(Round, round_id)
    _deal_letters(tx, round_id)
    cells = released_cells(tx.session, tx.area_id, round_id)
    force = routing_of(tx.session, tx.area_id, found.framework_version_id)
    policy = routing_policy(tx.session, tx.area_id, round_id)
    fired = route_cells(cells, policy, found.secret)
    stakes = stakes_of(fired, cells, policy, found.secret)
    tx.session.add_all(_disagreement(tx, round_id, cell, keys, stakes[cell]) for cell, keys in fired.items())
    looked_at = sum(len(criteria) for criteria in cells.values())
    held = None if force.settings is None else stored(force.settings)
    tx.session.add(
        RoutedRound(area_id=tx.area_id, round_id=round_id, routed_at=tx.now, cells=looked_at, found=len(fired), rules=held)
    )
    tx.record(DisagreementsFound(round_id, looked_at, len(fired)))
    if fired:
        allocate.mark_moderating(tx, round_id)
    return len(fired)


def _deal_letters(tx: Transaction, round_id: str) -> None:
    panels = seeds.panels(tx, round_id)
    for plan, people in raters_by_agency(tx.session, tx.area_id, round_id).items():
        dealt = rules.deal(people, panels.get(plan))
        tx.session.add_all(
            AuditorLetter(area_id=tx.area_id, round_plan_id=plan, account_id=account, letter=letter, is_shown=is_shown)
            for letter, (account, is_shown) in zip(letters(len(dealt)), dealt, strict=True)
        )
    tx.session.flush()


def _disagreement(tx: Transaction, round_id: str, cell: Cell, keys: tuple[str, ...], ranked: Stake) -> Disagreement:
    plan, criterion = cell
    return Disagreement(
        area_id=tx.area_id, round_id=round_id, round_plan_id=plan, criterion_key=criterion,
        triggers=list(keys), stake=ranked.weight, reasons=list(ranked.reasons),
    )  # fmt: skip


def set_routing(tx: Transaction, framework_version_id: str, number: int, settings: Sequence[Setting]) -> None:
    """Set what sends an answer to a meeting, for rounds of this version that close from now on. `number` is that of the rules
    the page showed; saving the same again changes nothing."""
    version = tx.get(FrameworkVersion, framework_version_id)
    framework = framework_of(tx.session, tx.area_id, version.id)
    wanted, force = check(framework, settings), routing_of(tx.session, tx.area_id, version.id)
    current = tuple(rule.setting for rule in rules_of(framework, force.settings))
    if wanted == current:
        return
    if number != force.number:
        raise StaleWrite({"rules": f"changed from number {number}"}, {"rules": f"number {force.number}, set by somebody else"})
    tx.session.add(RoutingRules(
        area_id=tx.area_id, framework_version_id=version.id, number=force.number + 1, settings=stored(wanted),
        made_by=tx.actor.account_id, made_at=tx.now,
    ))  # fmt: skip
    tx.record(RoutingRulesChanged(version.id, force.number + 1))


def withdraw_lapsed(tx: Transaction, round_id: str) -> int:
    """After sheets were withdrawn: what is undecided and fires no trigger any more is withdrawn. Decisions of a meeting stand, also
    where another meeting has taken one up again."""
    policy = routing_policy(tx.session, tx.area_id, round_id)
    cells = released_cells(tx.session, tx.area_id, round_id)
    undecided = [row for row in _undecided(tx, round_id) if row.triggers and not _still_fires(row, cells, policy)]
    made = decisions_on(tx, [row.id for row in undecided])
    gone = [row for row in undecided if row.id not in made]
    for row in gone:
        move(row, DisagreementState.WITHDRAWN)
        tx.record(DisagreementWithdrawn(row.id, round_id))
        stop_voting_on(tx, row)
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
    """Settle the cells nobody discussed (returns how many) and publish the round; refused while a disagreement is open or
    a decision waits for the next chair, or a meeting is still held: what it decides may change until it ends."""
    found = tx.get(Round, round_id)
    find_disagreements(tx, round_id)
    if found.state is RoundState.PUBLISHED:
        return 0
    rules.refuse_unsettled(sum(row.state in OPEN for row in _undecided(tx, round_id)))
    rules.refuse_held(_in_session(tx, round_id))
    rules.refuse_unconfirmed(unconfirmed(tx.session, tx.area_id, round_id))
    settled = _settle_undiscussed(tx, found)
    tx.session.add_all(settled)
    tx.record(UndiscussedSettled(round_id, len(settled)))
    allocate.mark_published(tx, round_id)
    return len(settled)


def _in_session(tx: Transaction, round_id: str) -> list[str]:
    chosen = select(Meeting.title).where(Meeting.area_id == tx.area_id, Meeting.round_id == round_id)
    return list(tx.session.exec(chosen.where(Meeting.state == MeetingState.IN_SESSION).order_by(col(Meeting.number))))


def _settle_undiscussed(tx: Transaction, found: Round) -> list[AgreedRating]:
    policy = policy_of(tx.session, tx.area_id, found.framework_version_id)
    decided = _decided_cells(tx, found.id)
    cells = released_cells(tx.session, tx.area_id, found.id)
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
