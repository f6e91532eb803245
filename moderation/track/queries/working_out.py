"""Working the trends out anew: agreement and quality round by round, twelve months together, and the latest change."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlmodel import Session

from moderation.measure.rules import ROUND, seed_of
from moderation.score import released
from moderation.score.questions import framework_of
from moderation.score.released import ReleasedRating
from stats import Difference, Ratings, difference, measure_round
from stats.results import Agreement

from ..rules import Quality, Series, Window, comparable_criteria, windows
from .measured import measured
from .quality import quality_by_section
from .ratings import tables_of
from .rounds import TrackedRound, published_rounds, released_rounds
from .trends import Point


def work_out(session: Session, area_id: str, replicates: int) -> tuple[Point, ...]:
    """Every point of an area's trends. Reads only; the same inputs give the same numbers."""
    rounds = released_rounds(session, area_id)
    by_round = [point for one in rounds for point in _agreement_of(session, area_id, one)]
    by_quality = [point for one in published_rounds(session, area_id) for point in _quality_of(session, area_id, one)]
    return (*by_round, *by_quality, *_over_time(session, area_id, rounds, replicates))


def _agreement_of(session: Session, area_id: str, one: TrackedRound) -> Iterator[Point]:
    found = measured(session, area_id, one.id)
    if found.figures is None:
        return
    framework = framework_of(session, area_id, one.framework_version_id)
    keyed = {ROUND: found.round()} | {section.key: found.section(section.key) for section in framework.sections}
    for key, agreement in keyed.items():
        yield _of_agreement(Series.AGREEMENT, key, one.id, one.id, one.closed_on, one.closed_on, agreement)


def _quality_of(session: Session, area_id: str, one: TrackedRound) -> Iterator[Point]:
    for key, found in quality_by_section(session, area_id, one).items():
        yield _of_quality(key, one, found)


def _of_quality(key: str, one: TrackedRound, found: Quality) -> Point:
    share = found.better
    return Point(
        Series.QUALITY,
        key,
        "good_or_better",
        one.id,
        one.id,
        one.closed_on,
        one.closed_on,
        share.value if share else None,
        share.low if share else None,
        share.high if share else None,
        None if share else found.hidden,
        found.plans or 0,
        0,
    )


def _of_agreement(series: Series, key: str, period: str, round_id: str | None, first: date, last: date, found: Agreement) -> Point:
    missing = None if found.value is not None else (found.undefined or "It cannot be worked out.")
    return Point(
        series,
        key,
        "alpha",
        period,
        round_id,
        first,
        last,
        found.value,
        found.low,
        found.high,
        missing,
        found.pairable_items,
        found.ratings,
    )


def _over_time(session: Session, area_id: str, rounds: Sequence[TrackedRound], replicates: int) -> Iterator[Point]:
    """Twelve months taken together, and the change from the twelve months before, or else from the round before."""
    if len(rounds) < 2:
        return
    seed, spans = seed_of(area_id), windows([one.closed_on for one in rounds])
    ratings = {one.id: released.ratings_of(session, released.release_for(session, area_id, one.id)) for one in rounds}
    groups = [[one for one in rounds if span.holds(one.closed_on)] for span in spans]
    for span, group in zip(spans, groups, strict=True):
        tables = _pooled(session, area_id, group, ratings)
        found = measure_round(tables, {ROUND: list(tables)}, ("alpha",), replicates=replicates, seed=seed).group(ROUND)
        yield _of_agreement(Series.PERIOD, ROUND, str(span), None, span.first, span.last, found)
    earlier, later = groups[-2:] if len(groups) > 1 else ([rounds[-2]], [rounds[-1]])
    sides = _common(*(_pooled(session, area_id, side, ratings) for side in (earlier, later)))
    yield _change(earlier, later, difference(*sides, paired=False, replicates=replicates, seed=seed))


def _change(earlier: Sequence[TrackedRound], later: Sequence[TrackedRound], found: Difference) -> Point:
    period = Window(earlier[0].closed_on, later[-1].closed_on)
    missing = None if found.value is not None else (found.undefined or "It cannot be worked out.")
    return Point(
        Series.CHANGE,
        ROUND,
        "alpha",
        str(period),
        None,
        period.first,
        period.last,
        found.value,
        found.low,
        found.high,
        missing,
        found.after.pairable_items,
        found.after.ratings,
    )


def _pooled(
    session: Session, area_id: str, rounds: Sequence[TrackedRound], ratings: Mapping[str, Sequence[ReleasedRating]]
) -> dict[str, Ratings]:
    """The ratings of several rounds on one index of plans, for the criteria that mean the same in all of them."""
    frameworks = [framework_of(session, area_id, one.framework_version_id) for one in rounds]
    together = [rating for one in rounds for rating in ratings[one.id]]
    return dict(tables_of(together, comparable_criteria(frameworks)))


def _common(before: dict[str, Ratings], after: dict[str, Ratings]) -> tuple[dict[str, Ratings], dict[str, Ratings]]:
    both = [key for key in after if key in before and before[key].scale == after[key].scale]
    return {key: before[key] for key in both}, {key: after[key] for key in both}
