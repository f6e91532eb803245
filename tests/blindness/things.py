"""The things of the scene by the names that the role matrix uses, and the ids to try in every address."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from flask import Flask
from sqlmodel import Session, SQLModel, col, select
from werkzeug.routing import Rule

from moderation.allocate.tables import Allocation, Conflict, RoundPlan
from moderation.moderate.tables import Disagreement, Lesson, MeetingItem, PlanAction, Unblinding
from moderation.register.tables import Document, FrameworkVersion, PlanVersion, UploadBatch
from moderation.score.concern_tables import Concern
from moderation.score.tables import Scoresheet
from moderation.web.access import ANYONE, SIGNED_IN
from moderation.words import AgencyKind, Role
from tests.blindness.conftest import Stage
from tests.blindness.scene import ASKED, given_to, sheets_of
from tests.build import Person

WORDS: Mapping[str, str] = {
    "key": ASKED, "kind": "safeguarding", "name": "agreement-by-round", "page": "1", "number": "1", "token": "none",
    "absence_id": "none",
}  # fmt: skip


def things(stage: Stage) -> dict[str, str]:
    """One of everything in Northfield, by a name that says what it is good for."""
    scene, engine = stage.scene, stage.engine
    area, rounds, people = scene.northfield.area_id, scene.rounds, scene.northfield
    helen, robert = given_to(engine, rounds["open"], people.helen), sheets_of(engine, rounds["open"], people.robert)
    begun, done = sheets_of(engine, rounds["open"], people.helen)
    with Session(engine) as session:

        def first(kind: type[SQLModel], *where: object) -> str:
            return session.exec(select(kind.id).where(kind.area_id == area, *where).order_by(kind.id)).first()  # type: ignore[attr-defined]

        open_plan = session.get_one(Scoresheet, begun).round_plan_id
        plan = session.get_one(RoundPlan, open_plan).plan_version_id
        moving = select(Allocation).where(Allocation.round_id == rounds["open"], col(Allocation.state) == "offered")
        movable = session.exec(moving.order_by(col(Allocation.id))).first()
        draft_plan = first(RoundPlan, RoundPlan.round_id == rounds["draft"])
        return {
            **rounds,
            **scene.meetings,
            "offered": helen[0],
            "begun": begun,
            "done": done,
            "roberts": robert[0],
            "plan": plan,
            "batch": first(UploadBatch),
            "paper": first(Document, Document.plan_version_id == plan),
            "framework": first(FrameworkVersion, FrameworkVersion.state == "published"),
            "new_framework": first(FrameworkVersion, FrameworkVersion.state == "draft"),
            "helen": people.helen.id,
            "robert": people.robert.id,
            "education": people.agencies[AgencyKind.EDUCATION],
            "open_plan": open_plan,
            "movable_plan": movable.round_plan_id,
            "movable_auditor": movable.account_id,
            "draft_plan": draft_plan,
            "draft_version": session.get_one(RoundPlan, draft_plan).plan_version_id,
            "conflict": first(Conflict, Conflict.declared_by == people.grace.id),
            "concern": first(Concern),
            "disagreement": first(Disagreement, Disagreement.round_id == rounds["moderating"]),
            "item": first(MeetingItem, MeetingItem.meeting_id == scene.meetings["going_on"], MeetingItem.position == 3),
            "asked": first(MeetingItem, MeetingItem.meeting_id == scene.meetings["going_on"], MeetingItem.position == 4),
            "planned_item": first(MeetingItem, MeetingItem.meeting_id == scene.meetings["planned"]),
            "lesson": first(Lesson, Lesson.meeting_id == scene.meetings["over"]),
            "action": first(PlanAction, PlanAction.meeting_id == scene.meetings["over"]),
            "closed_sheet": first(Scoresheet, Scoresheet.round_id == rounds["moderating"], Scoresheet.state == "locked"),
            "unblinding": first(Unblinding),
            "section": "F",
            "csv": "csv",
            "agreement_table": "agreement-by-round",
            "asked_key": ASKED,
            "question_table": f"{ASKED.lower()}-where-auditors-differ",
            "quality_table": "plan-quality-by-section",
            "helped_table": "the-next-round",
        }


def all_ids(stage: Stage, of_each: int = 2) -> dict[str, list[str]]:
    """For every parameter of an address, ids of every kind of owner: Helen's, everybody else's, another area's, nobody's."""
    with Session(stage.engine) as session:

        def some(kind: type[SQLModel], *groups: str) -> list[str]:
            """The first few of each group: of each person and round, for example."""
            seen: dict[tuple[object, ...], list[str]] = {}
            for row in session.exec(select(kind).order_by(kind.id)):  # type: ignore[attr-defined]
                seen.setdefault(tuple(getattr(row, name) for name in groups), []).append(row.id)  # type: ignore[attr-defined]
            return [key for keys in seen.values() for key in keys[:of_each]] + ["a" * 22]

        scene, known = stage.scene, things(stage)
        rounds = [*scene.rounds.values(), "a" * 22]
        people = [scene.northfield.helen.id, scene.northfield.robert.id, scene.southmoor.helen.id, "a" * 22]
        return {
            "round_id": rounds,
            "allocation_id": some(Allocation, "account_id", "round_id"),
            "sheet_id": [known["begun"], known["done"], *some(Scoresheet, "account_id", "round_id")],
            "batch_id": some(UploadBatch, "area_id"),
            "document_id": [known["paper"], *some(Document, "area_id")],
            "plan_version_id": [known["plan"], *some(PlanVersion, "area_id")],
            "framework_version_id": some(FrameworkVersion, "area_id"),
            "round_plan_id": some(RoundPlan, "round_id"),
            "plan": some(RoundPlan, "round_id"),
            "disagreement_id": some(Disagreement, "round_id"),
            "meeting_id": [*scene.meetings.values(), "a" * 22],
            "item_id": [known["asked"], *some(MeetingItem, "meeting_id")],
            "unblinding_id": some(Unblinding, "area_id"),
            "lesson_id": some(Lesson, "meeting_id"),
            "action_id": some(PlanAction, "meeting_id"),
            "conflict_id": some(Conflict, "area_id"),
            "concern_id": some(Concern, "area_id"),
            "absence_id": ["a" * 22],
            "agency_id": [*scene.northfield.agencies.values(), "a" * 22],
            "account_id": people,
            "auditor": people,
            "key": [ASKED, "A01", "F", "nothing"],
            "kind": ["safeguarding", "csv"],
            "name": ["agreement-by-round", "plan-quality-by-section", "the-next-round"],
            "page": ["1", "3"],
            "number": ["1"],
            "token": ["none"],
        }


WHOLE: Mapping[str, str] = {}
FRAGMENT = {"HX-Request": "true", "HX-Target": "question"}


@dataclass(frozen=True)
class Request:
    """One page to be asked for, whole or as a fragment."""

    endpoint: str
    address: str
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.address}{' (fragment)' if self.headers else ''}"


def requests(
    stage: Stage, person: Person, ids: Mapping[str, Sequence[str]], endpoints: Collection[str] | None = None, most: int = 70
) -> Iterator[Request]:
    """Every page with these ids. Pages for this person with every combination of them, up to `most`; the others with the first few.

    Auditors get every page as a fragment as well.
    """
    mine = open_for(stage.app, person)
    for rule in stage.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or (endpoints and rule.endpoint not in endpoints):
            continue
        ways = (WHOLE, FRAGMENT) if rule.endpoint in mine and Role.AUDITOR in person.roles else (WHOLE,)
        for address in islice(_addresses(stage.app, rule, ids), most if rule.endpoint in mine else 3):
            yield from (Request(rule.endpoint, address, headers) for headers in ways)


def _addresses(app: Flask, rule: Rule, ids: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A parameter that nobody has thought of yet is an error here."""
    names, adapter = sorted(rule.arguments), app.url_map.bind("localhost")
    for values in product(*(ids[name] for name in names)):
        yield adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))


def open_for(app: Flask, person: Person) -> set[str]:
    """The pages that somebody with these roles may open."""
    able = {*person.roles, ANYONE, SIGNED_IN}
    return {name for name, view in app.view_functions.items() if able & getattr(view, "open_to", frozenset())}
