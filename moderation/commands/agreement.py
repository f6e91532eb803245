"""`moderation agreement FILE.csv`: every coefficient for any file of ratings, as a table or as JSON."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stats import Agreement, Level, find, measure_all, sentence
from stats.coincidences import coincidences
from stats.patterns import Patterns
from stats.scales import Label

from ..words import InvalidInput
from .csv_columns import unusable
from .patience import patience
from .ratings_table import OPTIONAL, Group, RatingsTable, declared_scale, groups_of, read_ratings_table

_LEVELS_TO_COMPARE = 50


def add_to(subparsers: Any) -> None:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("agreement", help="measure agreement in a CSV file of ratings", description=__doc__)
    parser.add_argument(
        "file", type=Path, metavar="FILE.csv", help="columns item, rater, score; optional criterion, round, rater_group"
    )
    parser.add_argument(
        "--level", choices=[level.value for level in Level], help="level of measurement (default: ordinal for numbers)"
    )
    parser.add_argument("--scale", help="the declared levels, separated by commas: 1,2,3,4")
    parser.add_argument("--by", default="", help=f"columns that make groups: {', '.join(OPTIONAL)}")
    parser.add_argument("--replicates", type=int, default=2000, help="bootstrap replicates; 0 leaves the intervals out")
    parser.add_argument("--seed", type=int, default=1, help="seed of the bootstrap")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 0, or 2 with one line on stderr when the file or an option cannot be used."""
    try:
        with patience(f"measuring {args.file.name}"):
            groups = list(_measured(args))
    except InvalidInput as error:
        print(f"moderation agreement: {error}", file=sys.stderr)
        return 2
    print(json.dumps({"groups": [_as_json(group, results) for group, results in groups]}) if args.json else _as_text(groups))
    return 0


def _measured(args: argparse.Namespace) -> Iterator[tuple[Group, Sequence[Agreement]]]:
    level = Level(args.level) if args.level else None
    by = _columns_of(args.by)
    for option in ("replicates", "seed"):
        if getattr(args, option) < 0:
            raise unusable(f"--{option}", "give a whole number from 0", value=str(getattr(args, option)))
    scale = declared_scale(args.scale, level) if args.scale is not None else None
    if level is None and scale and isinstance(scale[0], str):
        level = Level.NOMINAL
    data = read_ratings_table(args.file, level, "or --level nominal for words")
    for group in groups_of(data, by, scale):
        shared = len(group.plans) != group.items
        plans = group.plans if shared else None
        yield group, measure_all(group.ratings, plans=plans, replicates=args.replicates, seed=args.seed)
    if scale is None:  # said last: a file that cannot be used gets one line
        _say_observed(data, level)


def _columns_of(by: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in by.split(",") if name.strip()))
    strange = [name for name in names if name not in OPTIONAL]
    if strange:
        raise unusable("--by", "groups cannot be made by this column", value=strange[0], allowed=", ".join(OPTIONAL))
    return names


def _say_observed(data: RatingsTable, level: Level | None) -> None:
    shown = ", ".join(" ".join(str(label).split()) for label in data.labels[:12]) + (", ..." if len(data.labels) > 12 else "")
    words = "; they are not numbers, so their order is left out (nominal)" if level is None and data.level is Level.NOMINAL else ""
    print(f"moderation agreement: no --scale given; the observed values are taken ({shown}){words}", file=sys.stderr)


def _as_json(group: Group, results: Sequence[Agreement]) -> dict[str, Any]:
    patterns = Patterns.of(group.ratings)
    return {
        "criterion": group.key.get("criterion"),
        "round": group.key.get("round"),
        **{name: value for name, value in group.key.items() if name == "rater_group"},
        "items": patterns.items,
        "pairable_items": patterns.pairable_items,
        "raters": len(patterns.active),
        "ratings": patterns.ratings,
        "results": [_result(result) for result in results],
        "differences": [{"levels": [one, other], "share": share} for one, other, share in _differences(group)],
    }


def _result(result: Agreement) -> dict[str, Any]:
    names = ("stat", "value", "low", "high", "level", "method", "undefined", "note")
    return {name: getattr(result, name) for name in names}


def _as_text(groups: Sequence[tuple[Group, Sequence[Agreement]]]) -> str:
    return "\n\n".join("\n".join(_lines(group, results)) for group, results in groups)


def _lines(group: Group, results: Sequence[Agreement]) -> Iterator[str]:
    first = results[0]
    yield _title(group)
    rated = f"{_counted(first.items, 'item')}, {first.pairable_items:,} rated by two or more"
    yield f"{rated}, {_counted(first.raters, 'rater')}, {_counted(first.ratings, 'rating')}{_several(group)}"
    yield sentence(_headline(group, results))
    yield from _where_they_differ(group)
    yield f"  {'':54} {'value':>8}  95% interval"
    for result in results:
        yield f"  {find(result.stat, group.ratings.scale).title:54} {_figures(result)}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _several(group: Group) -> str:
    """Says that an item counts once although it was rated in several respects."""
    rows = len(group.plans)
    return "" if rows == group.items else f"; {rows:,} rows, as an item has several criteria or rounds"


def _differences(group: Group) -> list[tuple[Label, Label, float]]:
    """Pairs of levels that two raters gave to the same item, most frequent first; none on a scale of measurements."""
    return coincidences(group.ratings).disagreements if len(group.ratings.scale) <= _LEVELS_TO_COMPARE else []


def _where_they_differ(group: Group) -> Iterator[str]:
    found = [f"{one} and {other} ({share:.0%})" for one, other, share in _differences(group)[:3]]
    if found:
        yield f"Where two raters differ, most often: {', '.join(found)} of all pairs of ratings."


def _headline(group: Group, results: Sequence[Agreement]) -> Agreement:
    name = f"alpha_{group.ratings.scale.level.value}"
    return next((result for result in results if result.stat == name), results[0])


def _title(group: Group) -> str:
    return ", ".join(f"{name} {value}" for name, value in group.key.items()) or "All ratings"


def _figures(result: Agreement) -> str:
    if result.value is None:
        return f"{'-':>8}  {result.undefined}"
    if result.low is None or result.high is None:
        return f"{result.value:8.4f}  {result.note or ''}".rstrip()
    return f"{result.value:8.4f}  {result.low:.4f} to {result.high:.4f}  {result.note or ''}".rstrip()
