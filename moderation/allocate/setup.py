"""Setting a round up: its terms, agencies, auditors and plans. Everything here ends when the round opens."""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import col, select

from moderation import instants
from moderation.ledger import Transaction
from moderation.people.tables import Account, Agency
from moderation.register.tables import ChildCase, FrameworkVersion, PlanVersion, VersionState
from moderation.words import InvalidInput, NotFound, Problem, Refused, StaleWrite

from . import seeds
from .events import (
    PlanExcluded,
    PlanLeftOut,
    PlansTaken,
    RoundAgenciesChanged,
    RoundAuditorAdded,
    RoundAuditorsChanged,
    RoundCreated,
    RoundOptionsChanged,
    RoundTermsChanged,
    SampleDrawn,
)
from .population import EligiblePlan, eligible_plans, possible_auditors
from .rules import (
    STRATIFIERS,
    AuditorChoice,
    Options,
    RoundState,
    RoundTerms,
    SampleTerms,
    check_availability,
    check_capacity,
    check_in_setup,
    check_open,
    check_options,
    check_reason,
    check_terms,
    taking,
)
from .sampling import Candidate, Sample, draw_sample
from .seeds import add_seed as add_seed  # for later stages, which know the agreed ratings
from .tables import Round, RoundAgency, RoundAuditor, RoundPlan, RoundPlanKind

NOTHING_TO_DRAW = (
    "No plan qualifies: release audit packs, or let plans of earlier rounds be drawn again. Plans of the last 90 days are drawn "
    "again only in an area where no unpublished round has hidden plans, so this round would need no hidden plans either"
)


def create_round(tx: Transaction, terms: RoundTerms) -> str:
    """A new round in draft. Its secret is made here, unknown to everybody, and committed to in the ledger."""
    check_terms(terms, instants.today())
    _check_framework(tx, terms.framework_version_id)
    last = tx.session.exec(select(func.max(Round.number)).where(Round.area_id == tx.area_id)).one()
    created = Round(
        area_id=tx.area_id, framework_version_id=terms.framework_version_id, number=(last or 0) + 1, name=terms.name.strip(),
        opens_on=terms.opens_on, closes_on=terms.closes_on, sample={}, secret=secrets.token_hex(32), created_at=tx.now,
    )  # fmt: skip
    tx.session.add(created)
    tx.session.flush()
    tx.record(RoundCreated(created.id, terms.framework_version_id, hashlib.sha256(created.secret.encode()).hexdigest()))
    return created.id


def change_terms(tx: Transaction, round_id: str, version: int, terms: RoundTerms) -> None:
    """Another name, framework or dates, before the round opens."""
    found = _in_setup(tx, round_id)
    check_terms(terms, instants.today())
    _check_framework(tx, terms.framework_version_id)
    tx.fresh(found, version, mine={"name": terms.name, "opens_on": terms.opens_on, "closes_on": terms.closes_on})
    found.name, found.framework_version_id = terms.name.strip(), terms.framework_version_id
    found.opens_on, found.closes_on = terms.opens_on, terms.closes_on
    tx.record(RoundTermsChanged(round_id))


def choose_agencies(tx: Transaction, round_id: str, version: int, auditors_per_plan: Mapping[str, int]) -> None:
    """How many auditors of each agency every plan gets; 0 leaves the agency, and its auditors, out of the round."""
    found = _in_setup(tx, round_id)
    wanted = {agency_id: number for agency_id, number in auditors_per_plan.items() if number}
    _check_agencies(tx, auditors_per_plan)
    now = {row.agency_id: row for row in tx.session.exec(select(RoundAgency).where(RoundAgency.round_id == round_id))}
    theirs = {agency_id: row.auditors_per_plan for agency_id, row in now.items()}
    names = dict(tx.session.exec(select(Agency.id, Agency.name).where(Agency.area_id == tx.area_id)).all())
    _fresh(found, version, _named(wanted, names), _named(theirs, names))
    for agency_id in now.keys() - wanted.keys():
        tx.session.delete(now[agency_id])
        tx.session.execute(_auditors_of(round_id).where(col(RoundAuditor.agency_id) == agency_id))
    for agency_id, number in wanted.items():
        row = now.get(agency_id) or RoundAgency(area_id=tx.area_id, round_id=round_id, agency_id=agency_id)
        row.auditors_per_plan = number
        tx.session.add(row)
    tx.record(RoundAgenciesChanged(round_id))


def choose_auditors(tx: Transaction, round_id: str, version: int, choices: Sequence[AuditorChoice]) -> None:
    """Who rates in this round, and how many plans each can take. Whoever is not chosen is out."""
    found = _in_setup(tx, round_id)
    _check_choices(tx, round_id, choices)
    now = {row.account_id: row for row in tx.session.exec(select(RoundAuditor).where(RoundAuditor.round_id == round_id))}
    mine = {choice.account_id: taking(choice.capacity, choice.availability) for choice in choices}
    theirs = {account_id: taking(row.capacity, row.availability) for account_id, row in now.items()}
    names = dict(tx.session.exec(select(Account.id, Account.name).where(col(Account.id).in_({*mine, *theirs}))).all())
    _fresh(found, version, _named(mine, names), _named(theirs, names))
    for account_id in now.keys() - mine.keys():
        tx.session.delete(now[account_id])
    for choice in choices:
        row = now.get(choice.account_id) or RoundAuditor(
            area_id=tx.area_id, round_id=round_id, account_id=choice.account_id, agency_id=choice.agency_id, capacity=0
        )
        row.agency_id, row.capacity, row.availability = choice.agency_id, choice.capacity, choice.availability
        tx.session.add(row)
    tx.record(RoundAuditorsChanged(round_id))


def add_auditor(tx: Transaction, round_id: str, choice: AuditorChoice) -> None:
    """One more auditor, also while the round is open. What they get is decided by a repair, which is shown first."""
    found = tx.get(Round, round_id)
    if found.state is not RoundState.OPEN:
        check_in_setup(found.state)
    _check_choices(tx, round_id, [choice])
    known = tx.session.exec(
        select(RoundAuditor).where(RoundAuditor.round_id == round_id, RoundAuditor.account_id == choice.account_id)
    ).first()
    if known and known.capacity == choice.capacity and known.absent_from is None:
        return
    row = known or RoundAuditor(
        area_id=tx.area_id, round_id=round_id, account_id=choice.account_id, agency_id=choice.agency_id, capacity=0
    )
    row.capacity, row.absent_from = choice.capacity, None
    tx.session.add(row)
    tx.record(RoundAuditorAdded(round_id, choice.account_id))


def change_capacity(tx: Transaction, round_id: str, account_id: str, capacity: int) -> None:
    """An auditor of the round can take more plans, or fewer."""
    known = tx.session.exec(
        select(RoundAuditor).where(
            RoundAuditor.area_id == tx.area_id, RoundAuditor.round_id == round_id, RoundAuditor.account_id == account_id
        )
    ).first()
    if known is None:
        raise NotFound("Page not found")
    away = known.absent_from
    add_auditor(tx, round_id, AuditorChoice(account_id, known.agency_id, capacity))
    known.absent_from = away  # a number says nothing about being back


def choose_options(tx: Transaction, round_id: str, version: int, options: Options) -> None:
    """The share scored twice, the number of hidden plans, and whether the round repairs itself."""
    found = _in_setup(tx, round_id)
    check_options(options)
    tx.fresh(found, version, mine=asdict(options))
    found.double_share, found.seed_plans, found.repairs_itself = astuple(options)
    if found.sample.get("strata"):
        seeds.top_up(tx, found)
    tx.record(RoundOptionsChanged(round_id, *astuple(options)))


def let_repair(tx: Transaction, round_id: str, repairs_itself: bool) -> None:
    """Whether an open round repairs itself every morning."""
    found = tx.get(Round, round_id)
    check_open(found.state)
    if found.repairs_itself is not repairs_itself:
        found.repairs_itself = repairs_itself
        found.version += 1
        tx.record(RoundOptionsChanged(round_id, found.double_share, found.seed_plans, repairs_itself))


def draw_plans(tx: Transaction, round_id: str, version: int, terms: SampleTerms) -> int:
    """Draw the round's plans at random from those that qualify, in strata. The same terms draw the same plans."""
    found = _in_setup(tx, round_id)
    _check_sample(terms)
    population = eligible_plans(tx.session, tx.area_id, round_id, terms.again)
    excluded = {line["plan_version_id"]: line["reason"] for line in found.sample.get("excluded", [])}
    _check_population(terms, sum(plan.plan_version_id not in excluded for plan in population))
    sample = _sampled(population, terms, found.secret, excluded)
    tx.fresh(found, version, mine={"sample": terms.size})
    kept = seeds.of_round(tx, round_id)
    _replace_plans(tx, round_id, [(one.plan, one.stratum, one.weight) for one in sample.drawn], kept)
    found.sample = _sample_record(found.sample, terms, sample, tx)
    tx.record(SampleDrawn(round_id, len(sample.drawn), sum(stratum.population for stratum in sample.strata)))
    seeds.top_up(tx, found)
    return len(sample.drawn)


def _sampled(population: Sequence[EligiblePlan], terms: SampleTerms, secret: str, excluded: Mapping[str, str]) -> Sample:
    candidates = [_candidate(plan) for plan in population]
    try:
        return draw_sample(candidates, terms.size, secret, stratify_by=terms.stratify_by, quotas=terms.quotas, exclude=excluded)
    except Refused as refusal:
        raise InvalidInput([Problem("size", str(refusal))]) from refusal


def take_plans(tx: Transaction, round_id: str, plan_version_ids: Sequence[str]) -> list[str]:
    """Exactly these plans, in this order: for rounds whose sample was decided elsewhere. Returns their ids in the round."""
    found = _in_setup(tx, round_id)
    known = tx.session.exec(
        select(PlanVersion.id).where(PlanVersion.area_id == tx.area_id, col(PlanVersion.id).in_(plan_version_ids))
    )
    if set(known) != set(plan_version_ids):
        raise NotFound("Page not found")
    found.version += 1
    found.sample = {"size": len(plan_version_ids), "given": True}
    tx.record(PlansTaken(round_id, len(plan_version_ids)))
    return _replace_plans(tx, round_id, [(plan_id, "", 1.0) for plan_id in plan_version_ids])


def exclude_plan(tx: Transaction, round_id: str, reference: str, reason: str) -> None:
    """A plan that must not be drawn for this round (a tribunal, a complaint). Draw again for it to take effect."""
    found, why = _in_setup(tx, round_id), check_reason(reason)
    population = eligible_plans(tx.session, tx.area_id, round_id, again=True)
    plan = next((plan for plan in population if plan.reference.casefold() == reference.strip().casefold()), None)
    if plan is None:
        raise InvalidInput([Problem("reference", "Enter the reference of a plan that could be drawn", value=reference)])
    lines = [line for line in found.sample.get("excluded", []) if line["plan_version_id"] != plan.plan_version_id]
    line = {"plan_version_id": plan.plan_version_id, "reference": plan.reference, "reason": why}
    _set_excluded(tx, found, [*lines, line], plan.plan_version_id, excluded=True)


def include_plan(tx: Transaction, round_id: str, plan_version_id: str) -> None:
    """An excluded plan may be drawn again."""
    found = _in_setup(tx, round_id)
    lines = [line for line in found.sample.get("excluded", []) if line["plan_version_id"] != plan_version_id]
    if len(lines) != len(found.sample.get("excluded", [])):
        _set_excluded(tx, found, lines, plan_version_id, excluded=False)


def leave_out(tx: Transaction, round_plan_id: str, reason: str) -> None:
    """Take one drawn plan out of a round that is not open yet; it is recorded with its reason, and not drawn again."""
    plan, why = tx.get(RoundPlan, round_plan_id), check_reason(reason)
    found = _in_setup(tx, plan.round_id)
    if plan.withdrawn_at is None:
        reference = tx.get(ChildCase, tx.get(PlanVersion, plan.plan_version_id).case_id).reference
        line = {"plan_version_id": plan.plan_version_id, "reference": reference, "reason": why}
        found.sample = {**found.sample, "excluded": [*found.sample.get("excluded", []), line]}
        plan.withdrawn_at, plan.withdrawn_reason = tx.now, why
        plan.version += 1
        tx.record(PlanLeftOut(round_plan_id, plan.round_id))


def _in_setup(tx: Transaction, round_id: str) -> Round:
    found = tx.get(Round, round_id)
    check_in_setup(found.state)
    return found


def _named(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[key]: value for key, value in values.items()}


def _fresh(found: Round, version: int, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """The round's version stands for its lists too: two people choosing auditors at once must not overwrite each other."""
    if found.version != version:
        raise StaleWrite(mine, theirs)
    found.version += 1


def _check_framework(tx: Transaction, framework_version_id: str) -> None:
    if tx.get(FrameworkVersion, framework_version_id).state is not VersionState.PUBLISHED:
        raise InvalidInput([Problem("framework_version_id", "Choose a published framework")])


def _check_agencies(tx: Transaction, auditors_per_plan: Mapping[str, int]) -> None:
    known = set(tx.session.exec(select(Agency.id).where(Agency.area_id == tx.area_id)))
    if not auditors_per_plan.keys() <= known:
        raise NotFound("Page not found")
    for agency_id, number in auditors_per_plan.items():
        if not 0 <= number <= 9:
            raise InvalidInput([Problem(f"n_{agency_id}", "Each plan can have 0 to 9 auditors of one agency")])
    if not any(auditors_per_plan.values()):
        first = next((f"n_{agency_id}" for agency_id in auditors_per_plan), "agencies")
        raise InvalidInput([Problem(first, "At least one agency must rate each plan")])


def _check_choices(tx: Transaction, round_id: str, choices: Sequence[AuditorChoice]) -> None:
    taking_part = set(tx.session.exec(select(RoundAgency.agency_id).where(RoundAgency.round_id == round_id)))
    able = {(person.account_id, person.agency_id) for person in possible_auditors(tx.session, tx.area_id)}
    for choice in choices:
        check_capacity(choice.capacity)
        check_availability(choice.availability)
        if choice.agency_id not in taking_part or (choice.account_id, choice.agency_id) not in able:
            raise Refused("One of these people is no longer an auditor of an agency in this round. Reload the page.")


def _check_sample(terms: SampleTerms) -> None:
    if terms.size < 1:
        raise InvalidInput([Problem("size", "Enter how many plans to draw")])
    if not set(terms.stratify_by) <= STRATIFIERS.keys():
        raise InvalidInput([Problem("stratify_by", "Choose from the list", allowed=", ".join(STRATIFIERS))])


def _check_population(terms: SampleTerms, qualify: int) -> None:
    if not qualify:
        raise InvalidInput([Problem("size", NOTHING_TO_DRAW)])
    if terms.size > qualify:
        plans = "plan qualifies" if qualify == 1 else "plans qualify"
        raise InvalidInput([Problem("size", f"Enter {qualify} or fewer: only {qualify} {plans}", value=str(terms.size))])


def _candidate(plan: EligiblePlan) -> Candidate:
    return Candidate(plan.plan_version_id, plan.attributes)


def _replace_plans(
    tx: Transaction, round_id: str, plans: Sequence[tuple[str, str, float]], kept: Collection[str] = ()
) -> list[str]:
    """Other plans instead of those in the round now, except the seeds that are kept."""
    old = select(RoundPlan.id).where(RoundPlan.round_id == round_id, col(RoundPlan.id).not_in(kept))
    tx.session.execute(delete(RoundPlanKind).where(col(RoundPlanKind.round_plan_id).in_(old)))
    tx.session.execute(delete(RoundPlan).where(col(RoundPlan.round_id) == round_id, col(RoundPlan.id).not_in(kept)))
    rows = [
        RoundPlan(area_id=tx.area_id, round_id=round_id, plan_version_id=plan_id, stratum=stratum[:200], weight=weight)
        for plan_id, stratum, weight in plans
    ]
    tx.session.add_all(rows)
    tx.session.flush()
    return [row.id for row in rows]


def _sample_record(before: Mapping[str, Any], terms: SampleTerms, sample: Sample, tx: Transaction) -> dict[str, Any]:
    strata = [[stratum.name, stratum.population, stratum.drawn] for stratum in sample.strata]
    return {
        "size": terms.size, "by": list(terms.stratify_by), "again": terms.again, "quotas": dict(terms.quotas), "strata": strata,
        "excluded": before.get("excluded", []), "drawn_at": tx.now.isoformat(),
    }  # fmt: skip


def _set_excluded(tx: Transaction, found: Round, lines: list[dict[str, str]], plan_version_id: str, excluded: bool) -> None:
    found.sample = {**found.sample, "excluded": lines}
    found.version += 1
    tx.record(PlanExcluded(found.id, plan_version_id, excluded))


def _auditors_of(round_id: str) -> Any:
    return delete(RoundAuditor).where(col(RoundAuditor.round_id) == round_id)
