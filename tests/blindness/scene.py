"""A whole area for the tests of blindness: rounds in every state, an auditor, and everybody around her leaving unmistakable words.

Every word that somebody else left begins with `quokka-` and says where it stands, for example `quokka-open-evidence`. The auditor
of these tests is Helen. The open round stands still at `build`; `others_act` is everything that the others then do in it.
"""

import io
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.allocate import actions as allocate
from moderation.allocate import conflicts, drawing, setup
from moderation.allocate.population import possible_auditors
from moderation.allocate.rules import AuditorChoice, ConflictWith, RoundTerms
from moderation.allocate.tables import Allocation, Round
from moderation.instants import frozen
from moderation.ledger import OPERATOR, Via, transaction
from moderation.moderate import actions as moderate
from moderation.moderate import unblinding
from moderation.moderate.agendas import put_on_agenda
from moderation.moderate.decisions import Decision, WantedAction, decide
from moderation.moderate.meeting_rules import ActionKind
from moderation.moderate.meetings import MeetingTerms, conclude, create_meeting, record_attendance, start
from moderation.moderate.minutes import approve_minutes, publish_minutes
from moderation.moderate.questions import put_question
from moderation.moderate.states import Basis, Cause
from moderation.moderate.tables import Disagreement
from moderation.people import tables as people
from moderation.register import actions as register
from moderation.register import drafting, gate_deciding, gate_rows, uploads
from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.gate_packs import CoverPlace, Original, People, keep_people, make_copy, search_pack
from moderation.register.packs import draw_pages, keep_document
from moderation.register.rules import PlanFacts
from moderation.register.tables import DocumentKind, FrameworkVersion, PlanVersion
from moderation.score import actions as score
from moderation.score import concerns
from moderation.score.own import RaterDesk
from moderation.score.rules import ConcernKind, Confidence
from moderation.score.tables import Rating, Scoresheet
from moderation.settings import Settings
from moderation.store import open_store
from tests.build import PASSWORD_HASH, Person, World, WorldBuilt, a_framework_version, a_world, act_as, start_session
from tests.build_gate import a_html_pdf, released
from tests.build_moderation import ClosedRound
from tests.build_sheets import criteria_of, sent
from tests.build_track import a_measured_round, publish

NOW = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
PLANS = 8
CANARY = re.compile(rb"quokka-[a-z-]+", re.IGNORECASE)
ASKED = "F02"  # a question that every discipline answers, with evidence


@dataclass(frozen=True)
class Scene:
    """Who and what is there. `rounds` are Northfield's by state; `southmoor` is another area with an open round of its own."""

    settings: Settings
    northfield: World
    southmoor: World
    nobody: Person
    rounds: Mapping[str, str]
    meetings: Mapping[str, str]
    tokens: Mapping[str, str]  # sessions by account id

    def at(self, database_url: str) -> "Scene":
        return replace(self, settings=replace(self.settings, database_url=database_url))


@contextmanager
def same_ids(seed: str) -> Iterator[None]:
    """Ids and tokens that depend on the seed alone, so that two worlds can be compared byte by byte."""
    dice = Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_urlsafe", lambda size=16: f"{dice.getrandbits(128):032x}"[:22])
        yield


def build(engine: Engine, settings: Settings) -> Scene:
    """Everything up to the moment in which the others begin to act in the open round."""
    with frozen(NOW - timedelta(days=90)):
        northfield, southmoor = a_world(engine), a_world(engine, "Southmoor", "southmoor.example")
        nobody = _nobody(engine)
    published = _published(engine, northfield)
    moderating, meetings = _moderating(engine, northfield)
    with frozen(NOW - timedelta(days=3)):
        opened = _open(engine, settings, northfield, "Autumn audit")
        draft = _draft(engine, northfield, opened)
        elsewhere = _open(engine, settings, southmoor, "Southmoor audit", plans=6)
        _elsewhere(engine, southmoor, elsewhere)
        _begin(engine, northfield, opened)
        act_as(engine, northfield.grace, northfield.area_id, concerns.name_person, northfield.ruth.id)
        act_as(engine, northfield.grace, northfield.area_id, drafting.copy_framework, _framework(engine, northfield))
        plan = next(iter(unblinding_plans(engine, northfield, published)))
        ask = (unblinding.ask, published, plan, "quokka-reason-of-unblinding", "http://127.0.0.1/{}")
        act_as(engine, northfield.grace, northfield.area_id, *ask)
    with frozen(NOW):
        cast = [*northfield.people.values(), *southmoor.people.values(), nobody]
        tokens = {person.id: start_session(engine, person) for person in cast}
    rounds = {"published": published, "moderating": moderating, "open": opened, "draft": draft, "elsewhere": elsewhere}
    return Scene(settings, northfield, southmoor, nobody, rounds, meetings, tokens)


def unblinding_plans(engine: Engine, world: World, round_id: str) -> list[str]:
    with Session(engine) as session:
        return [key for key, _ in unblinding.plans(session, world.area_id, round_id)]


def _nobody(engine: Engine) -> Person:
    """Somebody with an account and no area."""
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        account = people.Account(
            email="nobody@example.org", name="Nora Body", password_hash=PASSWORD_HASH, state=people.AccountState.ACTIVE,
            created_at=tx.now,
        )  # fmt: skip
        tx.session.add(account)
        tx.record(WorldBuilt("nobody"))
        tx.session.flush()
    return Person(account.id, account.name, account.email, ())


# --- closed rounds ------------------------------------------------------------------------------------------------------------


def _published(engine: Engine, world: World) -> str:
    found = a_measured_round(engine, world, 12, "A", NOW - timedelta(days=60))
    _leave_words(engine, world, found, "published")
    with frozen(NOW - timedelta(days=50)):
        publish(engine, world, found.id)
    return found.id


def _moderating(engine: Engine, world: World) -> tuple[str, dict[str, str]]:
    """A closed round with a meeting that is over, one that is going on and one that is planned."""
    found = a_measured_round(engine, world, 12, "B", NOW - timedelta(days=20), seed=2)
    _leave_words(engine, world, found, "moderating")
    with frozen(NOW - timedelta(days=10)):
        act_as(engine, None, world.area_id, moderate.find_disagreements, found.id)
        with Session(engine) as session:
            ranked = select(Disagreement).where(Disagreement.round_id == found.id).order_by(col(Disagreement.stake).desc())
            rows = list(session.exec(ranked))
        over = _meeting(engine, world, found, rows[:3], "over")
        act_as(engine, world.priya, world.area_id, conclude, over)
        act_as(engine, world.priya, world.area_id, approve_minutes, over, 0)
        act_as(engine, world.grace, world.area_id, publish_minutes, over)
        going_on = _meeting(engine, world, found, rows[3:6], "going-on", decided=1)
        planned = _planned(engine, world, found, rows[6:9], "planned")
        act_as(engine, world.priya, world.area_id, put_question, going_on, _alike(rows[9:]))
    return found.id, {"over": over, "going_on": going_on, "planned": planned}


def _alike(rows: Sequence[Disagreement]) -> list[str]:
    """Two plans that differ on one criterion: for a question about its guidance."""
    key = Counter(row.criterion_key for row in rows).most_common(1)[0][0]
    return [row.id for row in rows if row.criterion_key == key][:2]


def _planned(engine: Engine, world: World, found: ClosedRound, rows: Sequence[Disagreement], word: str) -> str:
    terms = MeetingTerms(f"quokka-meeting-{word}", NOW + timedelta(days=1), place="quokka-room")
    meeting = act_as(engine, world.priya, world.area_id, create_meeting, found.id, terms)
    act_as(engine, world.priya, world.area_id, put_on_agenda, meeting, [row.id for row in rows])
    return meeting


def _meeting(
    engine: Engine, world: World, found: ClosedRound, rows: Sequence[Disagreement], word: str, decided: int | None = None
) -> str:
    meeting = _planned(engine, world, found, rows, word)
    act_as(engine, world.priya, world.area_id, start, meeting)
    act_as(engine, world.priya, world.area_id, record_attendance, meeting, [person.id for person in world.auditors()])
    decisions = [
        Decision(
            row.round_plan_id, row.criterion_key, 1, None, Basis.MAJORITY, f"quokka-decision-{word}", cause=Cause.GUIDANCE,
            dissent=f"quokka-dissent-{word}", lesson=f"quokka-lesson-{word}",
            action=WantedAction(ActionKind.AMEND, f"quokka-action-{word}", "SEND team manager", date(2026, 11, 9)),
        )
        for row in rows[:decided]
    ]  # fmt: skip
    act_as(engine, world.priya, world.area_id, decide, meeting, decisions)
    return meeting


def _leave_words(engine: Engine, world: World, found: ClosedRound, word: str) -> None:
    """What everybody but Helen wrote in a closed round."""
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        theirs = select(Rating).join(Scoresheet, col(Scoresheet.id) == Rating.sheet_id)
        theirs = theirs.where(Scoresheet.round_id == found.id, Scoresheet.account_id != world.helen.id)
        for rating in tx.session.exec(theirs):
            for name, value in texts(word).items():
                setattr(rating, name, value)
        tx.record(WorldBuilt(found.id))


def texts(word: str) -> dict[str, str]:
    return {name: f"quokka-{word}-{name.replace('_', '-')}" for name in ("evidence", "quote", "quote_place", "note_to_self")}


# --- rounds that are not closed -----------------------------------------------------------------------------------------------


def _open(engine: Engine, settings: Settings, world: World, name: str, plans: int = PLANS) -> str:
    """A round with real packs, open; one auditor of each agency per plan."""
    framework_id = _framework(engine, world)
    versions = _plans(engine, settings, world, plans)
    lead = world.grace
    terms = RoundTerms(name, framework_id, NOW.date() - timedelta(days=3), NOW.date() + timedelta(days=14))
    found: str = act_as(engine, lead, world.area_id, setup.create_round, terms)
    _people_of_round(engine, world, found)
    act_as(engine, lead, world.area_id, setup.take_plans, found, versions)
    act_as(engine, lead, world.area_id, drawing.allocate, found, version_of(engine, found))
    act_as(engine, lead, world.area_id, drawing.open_round, found, version_of(engine, found), True)
    return found


def _framework(engine: Engine, world: World) -> str:
    with Session(engine) as session:
        known = session.exec(select(FrameworkVersion.id).where(FrameworkVersion.area_id == world.area_id)).first()
    return known or a_framework_version(engine, world)


def _people_of_round(engine: Engine, world: World, round_id: str) -> None:
    per_plan = dict.fromkeys(world.agencies.values(), 1)
    act_as(engine, world.grace, world.area_id, setup.choose_agencies, round_id, version_of(engine, round_id), per_plan)
    with Session(engine) as session:
        choices = [AuditorChoice(one.account_id, one.agency_id, PLANS) for one in possible_auditors(session, world.area_id)]
    act_as(engine, world.grace, world.area_id, setup.choose_auditors, round_id, version_of(engine, round_id), choices)


def version_of(engine: Engine, round_id: str) -> int:
    with Session(engine) as session:
        return session.get_one(Round, round_id).version


def _plans(engine: Engine, settings: Settings, world: World, count: int) -> list[str]:
    """Plans on the register with one drawn document each; the team and the setting are words no auditor may read."""
    facts = [
        PlanFacts(
            f"P{number:03}", 7, PrimaryNeed.SLCN, SettingType.MAINSTREAM, PlanEvent.NEW_PLAN, setting="quokka-setting",
            team="quokka-team",
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    store = open_store(settings)
    kept = keep_document(store, a_pdf())
    drawn = draw_pages(store, kept.stored.path, kept.stored.wrapped_key)
    original = Original("", kept.stored.path, kept.stored.wrapped_key)
    people = People(child=("quokka-original-child",), parents=(("quokka-original-parent",),))
    (searched,) = search_pack(store, [original], people, (), NOW.date())
    covered = [CoverPlace(one.page, one.token, one.start, one.end) for one in searched.found]
    copy = make_copy(store, original, covered, ())
    with transaction(engine, world.grace.actor, Via.PAGE, world.area_id) as tx:
        versions = list(register.register_plans(tx, facts).values())
        for version in versions:
            document = register.attach_document(tx, version, DocumentKind.FINAL_PLAN, date(2026, 9, 1), kept)
            register.mark_rendered(tx, document, drawn)
            named = keep_people(store, people)
            gate_deciding.name_people(tx, version, gate_rows.gate_row(tx, version).version, named)
            released(tx, version, [replace(searched, document_id=document)], [replace(copy, document_id=document)])
        waiting = next(uploads.arrived(store, "P001 quokka-file-name.pdf", a_pdf()))
        uploads.start_batch(tx, [waiting])
    return versions


def a_pdf() -> bytes:
    """Two pages that name somebody, and tell-tale metadata."""
    pages = PdfReader(io.BytesIO(a_html_pdf(
        "<p>quokka-original-child is a boy of nine. His mother is quokka-original-parent.</p>"
        "<p style='break-before: page'>Write to quokka-original-parent at home. QUOKKA-ORIGINAL-CHILD likes maps.</p>"
    ))).pages  # fmt: skip
    writer, file = PdfWriter(), io.BytesIO()
    for page in pages:
        writer.add_page(page)
    writer.add_metadata({"/Title": "quokka-title", "/Author": "quokka-author"})
    writer.write(file)
    return file.getvalue()


def _draft(engine: Engine, world: World, opened: str) -> str:
    """A round that the lead is still setting up, with the plans of the open one."""
    with Session(engine) as session:
        framework_id = session.get_one(Round, opened).framework_version_id
    today = NOW.date()
    terms = RoundTerms("quokka-draft-round", framework_id, today + timedelta(days=30), today + timedelta(days=60))
    found: str = act_as(engine, world.grace, world.area_id, setup.create_round, terms)
    _people_of_round(engine, world, found)
    with Session(engine) as session:
        versions = session.exec(select(PlanVersion.id).where(PlanVersion.area_id == world.area_id, PlanVersion.team == "North"))
        chosen = list(versions)[:6]
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        for version in chosen:
            plan = tx.get(PlanVersion, version)
            plan.released_at, plan.released_by = tx.now, world.grace.id
        tx.record(WorldBuilt(found))
    act_as(engine, world.grace, world.area_id, setup.take_plans, found, chosen)
    act_as(engine, world.grace, world.area_id, drawing.allocate, found, version_of(engine, found))
    return found


def _elsewhere(engine: Engine, world: World, round_id: str) -> None:
    """Another area, where everybody rates and writes."""
    for person in world.auditors():
        mine = given_to(engine, round_id, person)
        sheet = act_as(engine, person, world.area_id, score.start, mine[0])
        _fill(engine, world, person, sheet, "elsewhere", lambda values: values[0])
        _submit(engine, world, person, sheet)


def given_to(engine: Engine, round_id: str, person: Person) -> list[str]:
    """A person's allocations of a round, in reading order."""
    mine = select(Allocation.id).where(Allocation.round_id == round_id, Allocation.account_id == person.id)
    with Session(engine) as session:
        return list(session.exec(mine.order_by(col(Allocation.position))))


def _begin(engine: Engine, world: World, round_id: str) -> None:
    """Helen has one plan offered, one begun and one submitted; everybody else has begun two sheets and saved nothing."""
    helen = given_to(engine, round_id, world.helen)
    begun = act_as(engine, world.helen, world.area_id, score.start, helen[1])
    own = {"value": 3, "evidence": "My own words about F2"}
    act_as(engine, world.helen, world.area_id, score.save, begun, ASKED, sent(**own), 0)
    done = act_as(engine, world.helen, world.area_id, score.start, helen[2])
    _fill(engine, world, world.helen, done, "", lambda values: values[-1])
    _submit(engine, world, world.helen, done)
    for person in others(world):
        for allocation in given_to(engine, round_id, person)[:2]:
            act_as(engine, person, world.area_id, score.start, allocation)


def others(world: World) -> list[Person]:
    return [person for person in world.auditors() if person is not world.helen]


def others_act(engine: Engine, scene: Scene, generous: bool = False) -> None:
    """The others save, edit, submit, decline, hand back, have conflicts, raise concerns, and a sheet is reopened.

    `generous` raters choose the highest levels, write more, and take twice as long over each question.
    """
    world, opened = scene.northfield, scene.rounds["open"]
    word = "open-at-some-greater-length" if generous else "open"
    choose = (lambda values: values[-1]) if generous else (lambda values: values[0])
    with same_ids("what the others do"):
        for person in others(world):
            first, second = sheets_of(engine, opened, person)[:2]
            _fill(engine, world, person, first, word, choose)
            _submit(engine, world, person, first)
            _fill(engine, world, person, second, word, choose, least=True)
        _part_with_plans(engine, world, opened)
        _concern_and_reopening(engine, world, opened)
        lead = world.grace
        theirs = conflicts.NewConflict(world.jana.id, ConflictWith.TEAM, "quokka-team", "quokka-conflict-of-jana")
        act_as(engine, lead, world.area_id, conflicts.record_conflict, theirs)
    _take_their_time(engine, world, opened, timedelta(minutes=4 if generous else 2))


def _take_their_time(engine: Engine, world: World, round_id: str, each: timedelta) -> None:
    """The others answered at a pace of their own, which the service can work out from the times of their answers."""
    with transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx:
        for person in others(world):
            theirs = select(Rating).join(Scoresheet, col(Scoresheet.id) == Rating.sheet_id)
            theirs = theirs.where(Scoresheet.round_id == round_id, Scoresheet.account_id == person.id)
            for place, rating in enumerate(tx.session.exec(theirs.order_by(Rating.sheet_id, Rating.id))):
                rating.saved_at = NOW - each * place
        tx.record(WorldBuilt(round_id))


def lead_withdraws(engine: Engine, scene: Scene) -> None:
    """A declared exception: one of Helen's plans goes, and she is not told why."""
    world = scene.northfield
    plan = plan_of(engine, given_to(engine, scene.rounds["open"], world.helen)[3])
    act_as(engine, world.grace, world.area_id, score.withdraw_plan, plan, "quokka-reason-of-withdrawal")


def _part_with_plans(engine: Engine, world: World, round_id: str) -> None:
    robert, jana, shirin = (given_to(engine, round_id, world.people[name]) for name in ("robert", "jana", "shirin"))
    act_as(engine, world.robert, world.area_id, allocate.decline, robert[2], "quokka-reason-of-declining")
    act_as(engine, world.jana, world.area_id, allocate.accept, jana[2])
    act_as(engine, world.jana, world.area_id, allocate.hand_back, jana[2], "quokka-reason-of-handing-back")
    act_as(engine, world.shirin, world.area_id, allocate.declare_conflict, shirin[2], "quokka-reason-of-conflict")


def _concern_and_reopening(engine: Engine, world: World, round_id: str) -> None:
    sheet = sheets_of(engine, round_id, world.tom)[0]
    with Session(engine) as session:
        mine = RaterDesk(session, world.area_id, world.tom.id).sheet(sheet)
    where = "http://127.0.0.1/concerns"
    act_as(engine, world.tom, world.area_id, concerns.raise_concern, mine, ConcernKind.SAFEGUARDING, "quokka-concern", where)
    act_as(engine, world.grace, world.area_id, score.reopen, sheet, "quokka-reason-of-reopening")


def sheets_of(engine: Engine, round_id: str, person: Person) -> list[str]:
    """A person's sheets of a round, in reading order."""
    mine = select(Scoresheet.id).join(Allocation, col(Allocation.id) == Scoresheet.allocation_id)
    mine = mine.where(Scoresheet.round_id == round_id, Scoresheet.account_id == person.id)
    with Session(engine) as session:
        return list(session.exec(mine.order_by(col(Allocation.position))))


def _fill(engine: Engine, world: World, person: Person, sheet: str, word: str, choose, least: bool = False) -> None:  # type: ignore[no-untyped-def]
    """Answer every question of a sheet, or the first few, with words of this person; then change one answer."""
    asked = criteria_of(engine, world, person, sheet)
    said = texts(word) if word else {"evidence": "My own words"}
    confidence = {"confidence": Confidence.SURE}
    with transaction(engine, person.actor, Via.PAGE, world.area_id) as tx:
        for criterion in asked[:5] if least else asked:
            answer = sent(value=choose(sorted(criterion.scale.values)), **said, **confidence)
            score.save(tx, sheet, criterion.key, answer, 0)
    first = asked[0]
    act_as(engine, person, world.area_id, score.save, sheet, first.key, sent(confidence=Confidence.NOT_SURE), 1)


def _submit(engine: Engine, world: World, person: Person, sheet: str) -> None:
    with Session(engine) as session:
        version = session.get_one(Scoresheet, sheet).version
    act_as(engine, person, world.area_id, score.submit, sheet, version)


def plan_of(engine: Engine, allocation: str) -> str:
    with Session(engine) as session:
        return session.get_one(Allocation, allocation).round_plan_id
