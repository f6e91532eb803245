"""The stage of a replay: a throw-away area with people, a framework and plans made of a file, and what they do with its ratings."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, repeat
from typing import Any, Concatenate, ParamSpec, TypeVar

from pypdf import PdfWriter
from sqlalchemy import Engine
from sqlmodel import Session, select

from .. import instants
from ..allocate.drawing import allocate_as_given, open_round
from ..allocate.rules import AuditorChoice, RoundTerms
from ..allocate.setup import choose_agencies, choose_auditors, create_round, take_plans
from ..allocate.tables import Allocation, Round, RoundPlan
from ..ledger import OPERATOR, Actor, Transaction, Via, transaction
from ..moderate.agendas import list_every_cell
from ..moderate.decisions import Vote, record_revotes
from ..moderate.meetings import MeetingTerms, conclude, create_meeting, record_attendance
from ..moderate.meetings import start as start_meeting
from ..moderate.rows import by_cell
from ..people.administration import NewArea, add_agency, create_account, create_area, invite
from ..people.rules import Invitee, Post
from ..people.tables import Account
from ..register.actions import attach_document, mark_rendered, publish_content, register_plans
from ..register.codes import PlanEvent, PrimaryNeed, SettingType
from ..register.criteria import NonScore
from ..register.gate import mark_released, pass_gate
from ..register.gate_deciding import answer_checks
from ..register.gate_packs import Copy, SearchedDocument, flattened, keep_copy
from ..register.gate_rows import gate_row
from ..register.gate_rules import Check, CheckAnswer
from ..register.gate_searching import mark_searched
from ..register.packs import Drawn, Kept, keep_document
from ..register.rules import PlanFacts
from ..register.tables import DocumentKind, PlanVersion
from ..score.actions import fill_in
from ..settings import Settings
from ..store import open_store
from ..words import AgencyKind, Role, new_id
from .ratings_file import Criterion, RatingsFile

P = ParamSpec("P")
T = TypeVar("T")


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
            actor = Actor(self.auditors[rater], rater)
            sheet = {key: _answer(answers.get(key)) for key in self.ratings.criteria}
            _act(self.engine, actor, self.area_id, fill_in, given[place[item], self.auditors[rater]], sheet)

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


def _answer(value: int | None) -> dict[str, Any]:
    """A rating of the file; what is missing there is no evidence."""
    return {"non_score": NonScore.NO_EVIDENCE} if value is None else {"value": value}


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
    return lead, _act(engine, lead, None, create_area, new, lead.account_id or "")


def _auditor(tx: Transaction, rater: str, agency_id: str) -> str:
    person = Invitee(f"Rater {rater}", f"{new_id().lower()}@replay.example")
    return invite(tx, [person], Post(frozenset({Role.AUDITOR}), agency_id), lambda path: path)[0]


@dataclass(frozen=True)
class Pack:
    """The audit pack of every plan of a replay: one empty page, and its copy."""

    kept: Kept
    copy: Copy


def _one_page(settings: Settings) -> Pack:
    """Kept once: the plans of a replay are nobody's."""
    page, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(page)
    store = open_store(settings)
    return Pack(keep_document(store, page.getvalue()), keep_copy(store, "", flattened(page.getvalue(), (), ())))


def _release(tx: Transaction, version_id: str, document_id: str, pack: Pack) -> None:
    """An empty page names nobody: it passes the gate as any pack does."""
    mark_rendered(tx, document_id, Drawn(1))
    mark_searched(tx, version_id, gate_row(tx, version_id).asked, [SearchedDocument(document_id, (), ())])
    answer_checks(tx, version_id, 1, dict.fromkeys(Check, CheckAnswer.NOT_THERE))
    pass_gate(tx, version_id, tx.get(PlanVersion, version_id).version)
    mark_released(tx, version_id, [replace(pack.copy, document_id=document_id)])


def _plans(engine: Engine, lead: Actor, area_id: str, ratings: RatingsFile, pack: Pack) -> dict[str, str]:
    facts = [
        PlanFacts(f"R{number:05}", 5, PrimaryNeed.OTH, SettingType.OTHER, PlanEvent.NEW_PLAN)
        for number in range(1, len(ratings.items) + 1)
    ]
    with transaction(engine, lead, Via.COMMAND, area_id) as tx:
        versions = list(register_plans(tx, facts).values())
        for version_id in versions:
            _release(tx, version_id, attach_document(tx, version_id, DocumentKind.FINAL_PLAN, None, pack.kept), pack)
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
            {"id": key, "section": "R", "title": key, "question": key, "scale": key, "scorers": list(AgencyKind)}
            for key in ratings.criteria
        ],
    }


def _scale(criterion: Criterion) -> dict[str, Any]:
    if criterion.levels:
        levels = [{"value": value, "key": f"level{value}", "label": str(value)} for value in criterion.levels]
        return {"kind": criterion.kind.value, "levels": levels}
    ends = {"minimum": criterion.lowest, "maximum": criterion.highest, "decimals": criterion.decimals}
    return {"kind": criterion.kind.value} | ends


def _act(
    engine: Engine,
    actor: Actor,
    area_id: str | None,
    action: Callable[Concatenate[Transaction, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    with transaction(engine, actor, Via.COMMAND, area_id) as tx:
        return action(tx, *args, **kwargs)
