"""Agreement on the independent ratings of closed rounds: over time, between agencies, by section and by criterion."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

from sqlmodel import Session, col, select

from moderation.allocate.tables import RoundAgency
from moderation.measure.queries import Figure
from moderation.people.tables import Agency
from moderation.register.framework import Framework
from moderation.score import released
from moderation.score.questions import framework_of
from moderation.words import AgencyKind, NotFound
from stats.results import Agreement

from ..rules import AUDITORS_NEEDED
from .discussed import Discussed, discussed
from .measured import Measured, measured
from .names import section_name
from .rounds import TrackedRound, released_rounds
from .trends import Trends, trends


@dataclass(frozen=True)
class NamedAgreement:
    """Agreement on one criterion or section. `after`: where the meeting's second vote ended, never called agreement."""

    key: str
    name: str
    agreement: Agreement
    after: float | None = None


@dataclass(frozen=True)
class AgencyName:
    id: str
    name: str
    kind: AgencyKind


@dataclass(frozen=True)
class Pair:
    """Two agencies on the same plans, or one agency within itself.

    `difference`: levels that the second gives more than the first; without it, `hidden` says why.
    """

    first: AgencyName
    second: AgencyName
    agreement: Agreement
    difference: tuple[float, float, float] | None
    hidden: str = ""


@dataclass(frozen=True)
class RoundMeasured:
    round: TrackedRound
    agreement: Agreement


@dataclass(frozen=True)
class AgreementView:
    """Everything the agreement page says. `round` is the one that is looked at; `history` has all, the earliest first."""

    round: TrackedRound
    family: str
    overall: Agreement
    history: tuple[RoundMeasured, ...]
    trends: Trends
    sections: tuple[NamedAgreement, ...]
    criteria: tuple[NamedAgreement, ...]
    agencies: tuple[AgencyName, ...]
    pairs: tuple[Pair, ...]
    discussed: Discussed | None


def agreement_view(session: Session, area_id: str, round_id: str | None = None, family: str = "alpha") -> AgreementView | None:
    """The chosen closed round, or the latest; None while no round is closed."""
    rounds = released_rounds(session, area_id)
    if not rounds:
        return None
    chosen = _chosen(rounds, round_id)
    framework = framework_of(session, area_id, chosen.framework_version_id)
    found = measured(session, area_id, chosen.id, family)
    talked = discussed(session, area_id, chosen, framework) if chosen.is_published else None
    agencies = _agencies(session, area_id, chosen.id)
    return AgreementView(
        chosen,
        family,
        found.round(),
        _history(session, area_id, rounds, family),
        trends(session, area_id),
        _sections(framework, found),
        _criteria(framework, found, talked),
        agencies,
        _pairs(session, area_id, chosen, agencies, found),
        talked,
    )


def _chosen(rounds: tuple[TrackedRound, ...], round_id: str | None) -> TrackedRound:
    found = [one for one in rounds if one.id == round_id] if round_id else rounds[-1:]
    if not found:
        raise NotFound("Page not found")
    return found[0]


def _history(session: Session, area_id: str, rounds: tuple[TrackedRound, ...], family: str) -> tuple[RoundMeasured, ...]:
    return tuple(RoundMeasured(one, measured(session, area_id, one.id, family).round()) for one in rounds)


def _sections(framework: Framework, found: Measured) -> tuple[NamedAgreement, ...]:
    """In reading order; a section without a criterion that can be compared has no agreement and no line."""
    shared = {criterion.section for criterion in framework.criteria if criterion.is_pooled}
    return tuple(
        NamedAgreement(section.key, section_name(section), found.section(section.key))
        for section in framework.sections
        if section.key in shared
    )


def _criteria(framework: Framework, found: Measured, talked: Discussed | None) -> tuple[NamedAgreement, ...]:
    """The most agreed first, those without a coefficient last."""
    after = talked.coefficients if talked else {}
    rows = [
        NamedAgreement(one.key, one.title, found.criterion(one.key), after.get(one.key))
        for one in framework.criteria
        if one.is_pooled
    ]
    return tuple(sorted(rows, key=_by_agreement))


def _by_agreement(row: NamedAgreement) -> tuple[bool, float]:
    hidden = row.agreement.reason is not None or row.agreement.value is None
    return hidden, 0.0 if hidden else -(row.agreement.value or 0.0)


def _agencies(session: Session, area_id: str, round_id: str) -> tuple[AgencyName, ...]:
    statement = (
        select(Agency.id, Agency.name, Agency.kind)
        .join(RoundAgency, col(RoundAgency.agency_id) == Agency.id)
        .where(Agency.area_id == area_id, RoundAgency.area_id == area_id, RoundAgency.round_id == round_id)
    )
    order = list(AgencyKind)
    found = [AgencyName(key, name, AgencyKind(kind)) for key, name, kind in session.exec(statement)]
    return tuple(sorted(found, key=lambda agency: (order.index(agency.kind), agency.name)))


def _pairs(
    session: Session, area_id: str, chosen: TrackedRound, agencies: tuple[AgencyName, ...], found: Measured
) -> tuple[Pair, ...]:
    people = released.auditors_per_agency(session, released.release_for(session, area_id, chosen.id))
    return tuple(_pair(one, other, people, found) for one, other in combinations_with_replacement(agencies, 2))


def _pair(one: AgencyName, other: AgencyName, people: Mapping[str, int], found: Measured) -> Pair:
    agreement = found.pair(one.id, other.id)
    if one.id == other.id:
        return Pair(one, other, agreement, None)
    fewest = min(people.get(one.id, 0), people.get(other.id, 0))
    if fewest < AUDITORS_NEEDED:
        return Pair(
            one, other, agreement, None, f"fewer than {AUDITORS_NEEDED} auditors in one of them, so it would speak of a person"
        )
    return Pair(one, other, agreement, _difference(found.level_difference(one.id, other.id), one.id > other.id))


def _difference(figure: Figure | None, turned: bool) -> tuple[float, float, float] | None:
    """The measurement takes the agencies in the order of their ids; the page in its own."""
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return None
    return (-figure.value, -figure.high, -figure.low) if turned else (figure.value, figure.low, figure.high)
