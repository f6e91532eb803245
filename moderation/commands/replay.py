"""`moderation replay FILE.csv`: play real ratings through the whole service, its own actions, and print what it measured.

A framework is made of the criteria, plans of the items, auditors of the raters; the file's allocation is kept, every rating is
saved and every sheet submitted, the round is closed, the clock's jobs measure it and find the disagreements. Where the file has
a second round, it is the re-vote of a meeting that lists every cell.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlmodel import Session

from stats import Agreement, Difference

from ..clock import run_jobs
from ..database import open_engine
from ..measure.queries import Figure, RoundFigures, round_figures
from ..measure.rules import STATS, Scope
from ..moderate.tallies import trigger_counts
from ..score.actions import close_round
from ..settings import Settings
from ..track.queries.discussion import change_by_criterion
from .database import upgrade
from .ratings_file import Criterion, RatingsFile, read_ratings
from .replay_stage import set_stage


def add_to(subparsers: Any) -> None:
    parser = subparsers.add_parser("replay", help="play a file of real ratings through the whole service")
    parser.add_argument("file", type=Path)
    parser.add_argument("--criterion", action="append", default=[], metavar="'k1=ordinal:1,2,3,4'", help="declare a scale")
    parser.add_argument("--database", metavar="URL", help="an empty database to use; without it a temporary one")
    parser.add_argument("--replicates", type=int, default=2000, help="bootstrap replicates of every interval")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    ratings = read_ratings(args.file, args.criterion)
    with tempfile.TemporaryDirectory(prefix="moderation-replay-") as folder:
        settings = _settings(Path(folder), args.database, args.replicates)
        told = replay(ratings, settings, lambda text: print(text, file=sys.stderr))
    print(json.dumps(told, indent=1) if args.json else _readable(told))
    return 0


def _settings(folder: Path, database_url: str | None, replicates: int) -> Settings:
    """Settings of a throw-away installation: its secrets live as long as it does."""
    return Settings(
        database_url=database_url or f"sqlite:///{folder}/replay.sqlite", secret_key="replay " * 6, master_key=b"r" * 32,
        ledger_key=b"r" * 32, store_url=f"file://{folder}/documents", data_dir=folder, replicates=replicates,
    )  # fmt: skip


def replay(ratings: RatingsFile, settings: Settings, say: Callable[[str], None]) -> dict[str, Any]:
    """Play the ratings through a new area of the database; returns what the service measured, routed and saw change."""
    engine = open_engine(settings)
    upgrade(engine)
    stage = set_stage(engine, settings, ratings)
    say(f"{len(stage.plans)} plans, {len(stage.auditors)} auditors and {len(ratings.criteria)} criteria are set up")
    round_id = stage.open_round()
    stage.score(round_id)
    stage.as_lead(close_round, round_id)
    run_jobs(engine, settings, "measure", "find_disagreements")
    say("every sheet is submitted; the round is closed, measured and routed")
    change: Mapping[str, Difference] = {}
    if ratings.second:
        stage.vote_again(round_id)
        with Session(engine) as session:
            change = change_by_criterion(session, stage.area_id, round_id, settings.replicates)
        say("the second round is recorded as the re-vote of a meeting")
    with Session(engine) as session:
        figures = round_figures(session, stage.area_id, round_id)
        found = trigger_counts(session, stage.area_id, round_id)
    engine.dispose()
    assert figures is not None, "a closed round was measured"
    return {
        "rounds": [_first(ratings, figures), *_second(ratings, change)],
        "disagreements": _routed(found),
        "change": _change(ratings, change),
    }


def _first(ratings: RatingsFile, figures: RoundFigures) -> dict[str, Any]:
    """What the service measured of the independent ratings."""
    criteria = [_measured(criterion, len(ratings.items), figures) for criterion in ratings.criteria.values()]
    return {"round": ratings.rounds[0], "criteria": criteria}


def _measured(criterion: Criterion, items: int, figures: RoundFigures) -> dict[str, Any]:
    found = [figure for stat in STATS if (figure := figures.get(Scope.CRITERION, criterion.key, stat))]
    raters = max(figure.raters for figure in found)
    results = [_figure(figure) for figure in found]
    return {"criterion": criterion.key, "level": criterion.kind.value, "items": items, "raters": raters, "results": results}


def _figure(figure: Figure | Agreement) -> dict[str, Any]:
    stat = figure.statistic if isinstance(figure, Figure) else figure.stat
    return {"stat": stat, "value": figure.value, "low": figure.low, "high": figure.high, "undefined": figure.undefined}


def _second(ratings: RatingsFile, change: Mapping[str, Difference]) -> list[dict[str, Any]]:
    """Agreement after discussion: the votes of those who had rated the cell before."""
    after = [
        {
            "criterion": key, "level": ratings.criteria[key].kind.value, "items": found.after.items, "raters": found.after.raters,
            "results": [_figure(found.after.named(_alpha(ratings, key)))],
        }
        for key, found in change.items()
    ]  # fmt: skip
    return [{"round": ratings.rounds[1], "criteria": after}] if after else []


def _routed(found: Mapping[tuple[str, str], tuple[int, int]]) -> list[dict[str, Any]]:
    return [
        {"criterion": criterion, "trigger": trigger, "found": count, "of": cells}
        for (criterion, trigger), (count, cells) in found.items()
    ]


def _alpha(ratings: RatingsFile, key: str) -> str:
    return f"alpha_{ratings.criteria[key].kind.value}"


def _change(ratings: RatingsFile, change: Mapping[str, Difference]) -> list[dict[str, Any]]:
    return [
        {"criterion": key, "stat": _alpha(ratings, key), "difference": found.value, "low": found.low, "high": found.high}
        for key, found in change.items()
    ]


def _readable(told: Mapping[str, Any]) -> str:
    lines = []
    for one in told["rounds"]:
        lines.append(f"Round {one['round']}")
        for criterion in one["criteria"]:
            lines.append(
                f"  {criterion['criterion']} ({criterion['level']}, {criterion['items']} items, {criterion['raters']} raters)"
            )
            lines += [f"    {result['stat']:<28}{_value(result)}" for result in criterion["results"]]
    lines.append("Disagreements")
    lines += [f"  {row['criterion']:<28}{row['trigger']:<20}{row['found']} of {row['of']} cells" for row in told["disagreements"]]
    if told["change"]:
        lines.append("Change from the independent ratings to the votes after discussion")
        lines += [f"  {row['criterion']:<28}{_number(row['difference'], '+.4f')} {_interval(row)}" for row in told["change"]]
    return "\n".join(lines)


def _value(result: Mapping[str, Any]) -> str:
    return str(result["undefined"]) if result["value"] is None else f"{result['value']:.4f} {_interval(result)}"


def _interval(row: Mapping[str, Any]) -> str:
    return "(no interval)" if row["low"] is None else f"({row['low']:.4f} to {row['high']:.4f})"


def _number(value: float | None, shape: str) -> str:
    return "undefined" if value is None else format(value, shape)
