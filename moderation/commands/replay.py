"""`moderation replay FILE.csv`: play real ratings through the whole service, its own actions, and print what it measured.

A framework is made of the criteria, plans of the items, auditors of the raters; the file's allocation is kept, every rating is saved
and every sheet submitted, the round is closed, the clock's jobs measure it and find the disagreements. Where the file has a second
round, it is the re-vote of a meeting that lists every cell.
"""

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from pypdf import PdfWriter
from sqlalchemy import Engine
from sqlmodel import Session, select

from stats import Agreement, Difference

from .. import instants
from ..allocate.drawing import allocate_as_given, open_round
from ..allocate.rules import AuditorChoice, RoundTerms
from ..allocate.setup import choose_agencies, choose_auditors, create_round, take_plans
from ..allocate.tables import Allocation, Round, RoundPlan
from ..clock import run_jobs
from ..database import open_engine
from ..ledger import OPERATOR, Actor, Transaction, Via, transaction
from ..measure.queries import Figure, RoundFigures, round_figures
from ..measure.rules import STATS, Scope
from ..moderate.agendas import list_every_cell
from ..moderate.decisions import Vote, record_revotes
from ..moderate.meetings import MeetingTerms, conclude, create_meeting, record_attendance
from ..moderate.meetings import start as start_meeting
from ..moderate.tallies import trigger_counts
from ..moderate.rows import by_cell
from ..people.administration import NewArea, add_agency, create_account, create_area, invite
from ..people.rules import Invitee, Post
from ..people.tables import Account
from ..register.actions import attach_document, attest, publish_content, register_plans
from ..register.criteria import NonScore
from ..register.codes import PlanEvent, PrimaryNeed, SettingType
from ..register.packs import Kept, keep_pdf
from ..register.rules import PlanFacts
from ..register.tables import DocumentKind, PlanVersion
from ..score.actions import close_round, save, submit
from ..score.actions import start as start_sheet
from ..score.tables import Scoresheet
from ..settings import Settings
from ..store import open_store
from ..track.queries.discussion import change_by_criterion
from ..words import AgencyKind, Role, new_id
from .database import upgrade
from .ratings_file import Criterion, RatingsFile, read_ratings

P = ParamSpec("P")
T = TypeVar("T")


def add_to(subparsers: Any) -> None:
    parser = subparsers.add_parser("replay", help="play a file of real ratings through the whole service")
    parser.add_argument("file", type=Path)
    parser.add_argument("--criterion", action="append", default=[], metavar="'k1=ordinal:1,2,3,4'", help="declare a criterion's scale")
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
    return {"rounds": [_first(ratings, figures), *_second(ratings, change)], "disagreements": _routed(found), "change": _change(ratings, change)}


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
        {"criterion": criterion, "trigger": trigger, "found": count, "of": cells} for (criterion, trigger), (count, cells) in found.items()
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
            lines.append(f"  {criterion['criterion']} ({criterion['level']}, {criterion['items']} items, {criterion['raters']} raters)")
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


@dataclass(frozen=True)
class Stage:
    """The people and plans of a replay, and who acts."""

    engine: Engine
    ratings: RatingsFile
    area_id: str
    framework_id: str
    lead: Actor
    agency_of: Mapping[str, str]  # group of raters -> agency id
    auditors: Mapping[str, str]  # rater -> account id
    plans: Mapping[str, str]  # item -> plan version id

    def as_lead(self, action: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return _act(self.engine, self.lead, self.area_id, action, *args, **kwargs)

    def open_round(self) -> str:
        """One round with every plan, every auditor and the file's own allocation."""
        today = instants.today()
        round_id = self.as_lead(create_round, RoundTerms("Replay", self.framework_id, today, today + timedelta(days=14)))
        per_plan = {agency_id: self.ratings.most_raters(group) for group, agency_id in self.agency_of.items()}
        self.as_lead(choose_agencies, round_id, self._version(round_id), per_plan)
        raters = self.ratings.raters.items()
        choices = [AuditorChoice(self.auditors[rater], self.agency_of[group], len(self.plans)) for rater, group in raters]
        self.as_lead(choose_auditors, round_id, self._version(round_id), choices)
        self.as_lead(take_plans, round_id, list(self.plans.values()))
        place = self.round_plans(round_id)
        self.as_lead(allocate_as_given, round_id, [(place[item], self.auditors[rater]) for item, rater in self.ratings.first])
        self.as_lead(open_round, round_id, self._version(round_id), confirmed=True)
        return round_id

    def _version(self, round_id: str) -> int:
        with Session(self.engine) as session:
            return session.get_one(Round, round_id).version

    def round_plans(self, round_id: str) -> dict[str, str]:
        """Plan in the round by item."""
        with Session(self.engine) as session:
            rows = session.exec(select(RoundPlan.plan_version_id, RoundPlan.id).where(RoundPlan.round_id == round_id))
            of_version = dict(rows.all())
        return {item: of_version[version] for item, version in self.plans.items()}

    def score(self, round_id: str) -> None:
        """Every auditor starts, answers every criterion and submits: one transaction a sheet."""
        place = self.round_plans(round_id)
        with Session(self.engine) as session:
            rows = session.exec(select(Allocation).where(Allocation.round_id == round_id))
            given = {(row.round_plan_id, row.account_id): row.id for row in rows}
        for (item, rater), answers in self.ratings.first.items():
            account_id = self.auditors[rater]
            allocation_id = given[place[item], account_id]
            _act(self.engine, Actor(account_id, rater), self.area_id, _score_sheet, allocation_id, list(self.ratings.criteria), answers)

    def vote_again(self, round_id: str) -> None:
        """A meeting that lists every cell, with everybody present; the second round is its vote."""
        meeting_id = self.as_lead(create_meeting, round_id, MeetingTerms("Replay", instants.now(), minutes=600, minutes_per_item=1))
        self.as_lead(list_every_cell, meeting_id)
        self.as_lead(start_meeting, meeting_id)
        self.as_lead(record_attendance, meeting_id, list(self.auditors.values()))
        place = self.round_plans(round_id)
        votes = [
            Vote(place[item], key, self.auditors[rater], value)
            for (item, rater), answers in self.ratings.second.items()
            for key, value in answers.items()
        ]
        self.as_lead(_vote, meeting_id, votes)
        self.as_lead(conclude, meeting_id)


def _vote(tx: Transaction, meeting_id: str, votes: list[Vote]) -> int:
    """Cells with fewer than two independent ratings are on no agenda, so there is no vote on them."""
    listed = by_cell(tx, meeting_id)
    return record_revotes(tx, meeting_id, [vote for vote in votes if (vote.round_plan_id, vote.criterion_key) in listed])


def _score_sheet(tx: Transaction, allocation_id: str, keys: list[str], answers: Mapping[str, int]) -> None:
    sheet_id = start_sheet(tx, allocation_id)
    for key in keys:
        save(tx, sheet_id, key, {"value": answers[key]} if key in answers else {"non_score": NonScore.NO_EVIDENCE}, 0)
    submit(tx, sheet_id, tx.get(Scoresheet, sheet_id).version)


def set_stage(engine: Engine, settings: Settings, ratings: RatingsFile) -> Stage:
    """An area with an agency per group of raters, an auditor per rater, a framework and a plan per item."""
    lead, area_id = _area(engine)
    with transaction(engine, lead, Via.COMMAND, area_id) as tx:
        agency_of = {group: add_agency(tx, group, kind) for group, kind in zip(ratings.groups, _kinds(), strict=False)}
        auditors = {rater: _auditor(tx, rater, agency_of[group]) for rater, group in ratings.raters.items()}
        framework_id = publish_content(tx, framework_content(ratings))
    plans = _plans(engine, lead, area_id, ratings, _one_page(settings))
    return Stage(engine, ratings, area_id, framework_id, lead, agency_of, auditors, plans)


def _kinds() -> Iterator[AgencyKind]:
    """Education, health and care for the first three groups, other for any further one."""
    return chain((AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE), repeat(AgencyKind.OTHER))


def _area(engine: Engine) -> tuple[Actor, str]:
    email = f"lead-{new_id()[:8].lower()}@replay.example"
    _act(engine, OPERATOR, None, create_account, "Replay lead", email)
    with Session(engine) as session:
        lead = Actor(session.exec(select(Account.id).where(Account.email == email)).one(), "Replay lead")
    new = NewArea(f"Replay {new_id()[:8]}", "navy", "201")
    return lead, _act(engine, lead, None, create_area, new, lead.account_id)


def _auditor(tx: Transaction, rater: str, agency_id: str) -> str:
    person = Invitee(f"Rater {rater}", f"{new_id().lower()}@replay.example")
    return invite(tx, [person], Post(frozenset({Role.AUDITOR}), agency_id), lambda path: path)[0]


def _one_page(settings: Settings) -> Kept:
    """The audit pack of every plan of a replay: one empty page, kept once."""
    page, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(page)
    return keep_pdf(open_store(settings), page.getvalue())


def _plans(engine: Engine, lead: Actor, area_id: str, ratings: RatingsFile, pack: Kept) -> dict[str, str]:
    facts = [
        PlanFacts(f"R{number:05}", 5, PrimaryNeed.OTH, SettingType.OTHER, PlanEvent.NEW_PLAN) for number in range(1, len(ratings.items) + 1)
    ]
    with transaction(engine, lead, Via.COMMAND, area_id) as tx:
        versions = list(register_plans(tx, facts).values())
        for version_id in versions:
            attach_document(tx, version_id, DocumentKind.FINAL_PLAN, None, pack)
            attest(tx, version_id, tx.get(PlanVersion, version_id).version)
    return dict(zip(ratings.items, versions, strict=True))


def framework_content(ratings: RatingsFile) -> dict[str, Any]:
    """An audit framework with the file's criteria, scored by everybody, and the usual triggers."""
    return {
        "framework": {"id": "replay", "version": "1", "title": "Replayed ratings"},
        "disciplines": {kind.value: {"label": kind.value} for kind in AgencyKind},
        "scales": {key: _scale(criterion) for key, criterion in ratings.criteria.items()},
        "defaults": {
            "moderation_triggers": [
                {"id": "spread2", "kind": "spread", "rule": "2 or more apart", "at_least": 2},
                {"id": "compliance_split", "kind": "split", "rule": "any split on two values"},
                {"id": "na_split", "kind": "not_applicable_split", "rule": "one says it does not apply, another rates it"},
            ]
        },
        "sections": [{"id": "R", "label": "Replayed criteria"}],
        "criteria": [
            {"id": key, "section": "R", "title": key, "question": key, "scale": key, "scorers": list(AgencyKind)} for key in ratings.criteria
        ],
    }


def _scale(criterion: Criterion) -> dict[str, Any]:
    if criterion.levels:
        levels = [{"value": value, "key": f"level{value}", "label": str(value)} for value in criterion.levels]
        return {"kind": criterion.kind.value, "levels": levels}
    ends = {"minimum": criterion.lowest, "maximum": criterion.highest, "decimals": criterion.decimals}
    return {"kind": criterion.kind.value} | ends


def _act(
    engine: Engine, actor: Actor, area_id: str | None, action: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    with transaction(engine, actor, Via.COMMAND, area_id) as tx:
        return action(tx, *args, **kwargs)
