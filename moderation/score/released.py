"""The ratings of a round that is closed. Every function takes a Release, and only a closed round can issue one.

Auditors appear as A, B, C, shuffled anew for every plan. Who stands behind a letter is here for rules only
(who may not moderate, whose vote follows which rating), never for a page.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from moderation.allocate.rules import RELEASED, RoundState
from moderation.allocate.tables import Round
from moderation.people.tables import Agency
from moderation.register.framework import NonScore
from moderation.words import AgencyKind, NotFound

from .rules import Confidence, SheetState, letters
from .tables import Rating, Scoresheet

_SEAL = object()
_PUBLISHED = frozenset({RoundState.PUBLISHED, RoundState.ARCHIVED})


@dataclass(frozen=True)
class Release:
    """Proof that a round is closed. Made by `release_for` and by nothing else."""

    area_id: str
    round_id: str
    is_published: bool
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Release comes from release_for")


def release_for(session: Session, area_id: str, round_id: str) -> Release:
    """The release of a closed round; NotFound for a round that is not closed, not there, or somebody else's."""
    statement = select(Round.state).where(Round.area_id == area_id, Round.id == round_id)
    state = session.exec(statement).first()
    if state not in RELEASED:
        raise NotFound("Page not found")
    return Release(area_id, round_id, state in _PUBLISHED, _SEAL)


@dataclass(frozen=True)
class ReleasedRating:
    """What Auditor A, B or C of a plan said about one criterion."""

    round_plan_id: str
    letter: str
    agency_id: str
    agency_name: str
    agency_kind: AgencyKind
    criterion_key: str
    value: int | None
    non_score: NonScore | None
    evidence: str
    quote: str
    quote_place: str
    confidence: Confidence | None


def ratings_of(
    session: Session, release: Release, round_plan_id: str | None = None, criterion_key: str | None = None
) -> tuple[ReleasedRating, ...]:
    """Answers of the round's locked sheets, of one plan or one criterion if asked, by plan, criterion and letter."""
    letters = _letters(session, release)
    statement = _locked(release, Scoresheet.id, Agency.id, Agency.name, Agency.kind, Rating).join(
        Rating, (col(Rating.sheet_id) == col(Scoresheet.id)) & (col(Rating.area_id) == release.area_id)
    )
    statement = statement.where(col(Rating.value).is_not(None) | col(Rating.non_score).is_not(None))
    if round_plan_id is not None:
        statement = statement.where(col(Scoresheet.round_plan_id) == round_plan_id)
    if criterion_key is not None:
        statement = statement.where(col(Rating.criterion_key) == criterion_key)
    found = (_released(letters[sheet_id], *rest) for sheet_id, *rest in session.execute(statement))
    return tuple(sorted(found, key=lambda rating: (rating.round_plan_id, rating.criterion_key, rating.letter)))


@dataclass(frozen=True)
class GivenLevel:
    """A level that somebody gave a plan on one criterion. `auditor` tells answers of different people apart, and no more."""

    round_plan_id: str
    auditor: int
    value: int


def levels_of(session: Session, release: Release, criterion_key: str) -> tuple[GivenLevel, ...]:
    """Every level given on one criterion of the round, by plan: numbers for arithmetic, without the words beside them."""
    statement = _locked(release, Scoresheet.round_plan_id, Scoresheet.account_id, Rating.value)
    statement = statement.join(Rating, (col(Rating.sheet_id) == col(Scoresheet.id)) & (col(Rating.area_id) == release.area_id))
    statement = statement.where(col(Rating.criterion_key) == criterion_key, col(Rating.value).is_not(None))
    rows = sorted(tuple(row) for row in session.execute(statement))
    numbers = {account_id: number for number, account_id in enumerate(sorted({account_id for _, account_id, _ in rows}))}
    return tuple(GivenLevel(plan, numbers[account_id], round(value)) for plan, account_id, value in rows)


def raters_of(session: Session, release: Release) -> Mapping[str, Mapping[str, str]]:
    """Who is behind each letter: account ids by plan and letter. For rules, never for a page."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for named in _letters(session, release).values():
        found[named.round_plan_id][named.letter] = named.account_id
    return dict(found)


def people_of(session: Session, release: Release) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Account and agency of everybody who finished a sheet of a plan, in the order of their letters: for rules only."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for named in _letters(session, release).values():
        found[named.round_plan_id].append((named.account_id, named.agency_id))
    return dict(found)


def auditors_per_agency(session: Session, release: Release) -> Mapping[str, int]:
    """How many people of each agency finished a sheet: where they are few, a letter hides little."""
    statement = _locked(release, Scoresheet.agency_id, func.count(func.distinct(Scoresheet.account_id)))
    return dict(list(session.execute(statement.group_by(col(Scoresheet.agency_id)))))


@dataclass(frozen=True)
class OwnRating:
    """One of an auditor's own answers, for their own feedback."""

    round_plan_id: str
    criterion_key: str
    value: int | None
    non_score: NonScore | None
    evidence: str
    quote: str
    quote_place: str
    confidence: Confidence | None


def own_ratings(session: Session, release: Release, account_id: str) -> tuple[OwnRating, ...]:
    """What this auditor answered in a published round; NotFound before publication."""
    if not release.is_published:
        raise NotFound("Page not found")
    statement = _locked(release, Scoresheet.round_plan_id, Rating).join(Rating, col(Rating.sheet_id) == col(Scoresheet.id))
    mine = statement.where(col(Scoresheet.account_id) == account_id)
    ordered = mine.order_by(col(Scoresheet.round_plan_id), col(Rating.criterion_key))
    return tuple(OwnRating(plan_id, rating.criterion_key, *_said(rating)) for plan_id, rating in session.execute(ordered))


@dataclass(frozen=True)
class _Named:
    round_plan_id: str
    letter: str
    account_id: str
    agency_id: str


def _locked(release: Release, *columns: Any) -> Any:
    """Sheets of the round that count (locked, not withdrawn, first reading), with their agency; every statement starts here."""
    joined = (
        select(*columns)
        .select_from(Scoresheet)
        .join(Agency, (col(Agency.id) == col(Scoresheet.agency_id)) & (col(Agency.area_id) == release.area_id))
    )
    return joined.where(
        col(Scoresheet.area_id) == release.area_id,
        col(Scoresheet.round_id) == release.round_id,
        col(Scoresheet.state) == SheetState.LOCKED,
        col(Scoresheet.withdrawn_at).is_(None),
        col(Scoresheet.pass_number) == 1,
    )


def _letters(session: Session, release: Release) -> dict[str, _Named]:
    """Sheets with their letter. The order within a plan comes from the round's secret, so it repeats and cannot be guessed."""
    secret = session.exec(select(Round.secret).where(Round.area_id == release.area_id, Round.id == release.round_id)).one()
    by_plan: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    sheets = _locked(release, Scoresheet.id, Scoresheet.round_plan_id, Scoresheet.account_id, Scoresheet.agency_id)
    for sheet_id, plan_id, account_id, agency_id in session.execute(sheets):
        by_plan[plan_id].append((sheet_id, account_id, agency_id))
    return {
        sheet_id: _Named(plan_id, letter, account_id, agency_id)
        for plan_id, people in by_plan.items()
        for letter, (sheet_id, account_id, agency_id) in zip(letters(len(people)), shuffled(secret, plan_id, people), strict=True)
    }


def shuffled(secret: str, plan_id: str, people: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Sheets, people and agencies of one plan in the order of a keyed hash of the people."""
    key = secret.encode()
    return sorted(people, key=lambda person: hmac.new(key, f"{plan_id}:{person[1]}".encode(), hashlib.sha256).digest())


def _released(named: _Named, agency_id: str, agency_name: str, kind: AgencyKind, rating: Rating) -> ReleasedRating:
    return ReleasedRating(named.round_plan_id, named.letter, agency_id, agency_name, kind, rating.criterion_key, *_said(rating))


def _said(rating: Rating) -> tuple[int | None, NonScore | None, str, str, str, Confidence | None]:
    return (
        None if rating.value is None else round(rating.value),
        None if rating.non_score is None else NonScore(rating.non_score),
        rating.evidence,
        rating.quote,
        rating.quote_place,
        None if rating.confidence is None else Confidence(rating.confidence),
    )
