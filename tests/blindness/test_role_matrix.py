"""Every page x every role x own and other area: who gets in, who is asked to sign in, and for whom there is no such page.

The table is the specification. A page that is not in it fails, and so does one whose declaration says something else. Foreign
and random ids get the same answer, byte for byte.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from moderation.allocate import pages
from moderation.web.access import guard
from moderation.wiring import routes
from moderation.words import Role
from tests.blindness.conftest import Stage
from tests.blindness.things import WORDS, things
from tests.build import Person

# endpoint, methods, whom it is declared open to; what its address names in the scene; `only=` who of those it lets in there
TABLE = """
people.home                  GET       anyone
people.help_page             GET       anyone
people.privacy               GET       anyone
people.cookies               GET       anyone
people.accessibility         GET       anyone
people.sign_in               GET POST  anyone
people.sign_out              POST      anyone
people.forgotten_password    GET POST  anyone
people.reset_sent            GET       anyone
people.choose_password       GET POST  anyone                            token=token only=nobody_without_a_letter
people.account               GET POST  signed-in
people.change_password       GET POST  signed-in
people.away                  GET POST  auditor
people.reminder_days         GET POST  auditor
people.away_remove           POST      auditor                           absence_id=nothing
people.change_area           GET POST  signed-in                         only=somebody_with_two_areas
people.area_new              GET POST  signed-in                         only=administrator,newcomer
people.members               GET       administrator+lead
people.member                GET POST  administrator                     account_id=helen
people.member_disable        GET POST  administrator                     account_id=helen
people.member_enable         POST      administrator                     account_id=helen
people.member_end            GET POST  administrator                     account_id=helen
people.invite                GET POST  administrator
people.invite_again          POST      administrator                     account_id=helen
people.area                  GET POST  administrator
people.area_agency           GET POST  administrator                     agency_id=education
people.area_agency_new       GET POST  administrator
people.jobs                  GET       administrator

register.plans               GET       lead
register.plan                GET       lead                              plan_version_id=plan
register.gate_overview       GET       lead                              plan_version_id=plan
register.gate_people         GET POST  lead                              plan_version_id=plan
register.gate_decide         POST      lead                              plan_version_id=plan
register.gate_token          POST      lead                              plan_version_id=plan
register.gate_add            POST      lead                              plan_version_id=plan
register.gate_checks         GET POST  lead                              plan_version_id=plan
register.gate_release        GET POST  lead                              plan_version_id=plan
register.gate_close          POST      lead                              plan_version_id=plan
register.gate_page_of        GET       lead                              document_id=paper page=page
register.gate_look           POST      lead                              document_id=paper page=page
register.gate_mark           POST      lead                              document_id=paper page=page
register.released            GET       lead                              document_id=paper page=page
register.released_picture    GET       lead                              document_id=paper page=page
register.released_pdf        GET       lead                              document_id=paper
register.import_plans        GET POST  lead
register.import_template     GET       lead                              kind=csv
register.document            GET       lead                              document_id=paper
register.document_new        GET POST  lead                              plan_version_id=plan
register.document_original   GET       lead                              document_id=paper
register.document_picture    GET       lead                              document_id=paper page=page
register.document_remove     GET POST  lead                              document_id=paper
register.document_sections   GET POST  lead                              document_id=paper
register.uploads_new         GET POST  lead
register.uploads             GET POST  lead                              batch_id=batch
register.uploads_throw_away  GET POST  lead                              batch_id=batch
register.frameworks          GET       lead
register.framework           GET       lead                              framework_version_id=framework
register.framework_section   GET       lead                              framework_version_id=framework key=section
register.framework_changes   GET       lead                              framework_version_id=new_framework
register.framework_copy      POST      lead                              framework_version_id=framework
register.framework_install   POST      lead
register.framework_name      GET POST  lead                              framework_version_id=new_framework
register.framework_publish   GET POST  lead                              framework_version_id=new_framework
register.framework_discard   GET POST  lead                              framework_version_id=new_framework
register.criterion           GET POST  lead                              framework_version_id=new_framework key=key
register.guidance            GET       area_lead+auditor+lead+moderator
register.guidance_section    GET       area_lead+auditor+lead+moderator  key=section

allocate.rounds              GET       lead
allocate.round_new           GET POST  lead
allocate.round_page          GET       lead                              round_id=draft
allocate.round_terms         GET POST  lead                              round_id=draft
allocate.round_agencies      GET POST  lead                              round_id=draft
allocate.round_auditors      GET POST  lead                              round_id=draft
allocate.round_options       GET POST  lead                              round_id=draft
allocate.round_sample        GET POST  lead                              round_id=draft
allocate.sample_csv          GET       lead                              round_id=draft
allocate.exclude             POST      lead                              round_id=draft
allocate.include             POST      lead                              round_id=draft plan_version_id=draft_version
allocate.leave_out           GET POST  lead                              round_id=draft round_plan_id=draft_plan
allocate.abandon             GET POST  lead                              round_id=draft
allocate.allocation          GET       lead                              round_id=draft
allocate.allocation_csv      GET       lead                              round_id=draft
allocate.load_csv            GET       lead                              round_id=draft
allocate.pairs_csv           GET       lead                              round_id=draft
allocate.draft_plans         GET       lead                              round_id=draft
allocate.draw                GET POST  lead                              round_id=draft
allocate.receipt             GET       lead                              round_id=draft
allocate.receipt_json        GET       lead                              round_id=open number=number only=after_publication
allocate.swap                GET POST  lead                              round_id=draft plan=draft_plan auditor=helen
allocate.open_round          POST      lead                              round_id=draft
allocate.plans               GET       lead                              round_id=open
allocate.closing_date        GET POST  lead                              round_id=open
allocate.add_auditor         GET POST  lead                              round_id=open
allocate.capacity            GET POST  lead                              round_id=open account_id=helen
allocate.away                GET POST  lead                              round_id=open account_id=helen
allocate.back                POST      lead                              round_id=open account_id=helen
allocate.moves               GET       lead                              round_id=open
allocate.repair              POST      lead                              round_id=open
allocate.by_itself           POST      lead                              round_id=open
allocate.late                GET POST  lead                              round_id=open account_id=helen
allocate.share               GET POST  lead                              round_id=open account_id=helen
allocate.swap_open           GET POST  lead                              round_id=open plan=movable_plan auditor=movable_auditor
allocate.expertise           GET       lead
allocate.expertise_edit      GET POST  lead                              account_id=helen
allocate.conflicts           GET       lead
allocate.conflict_new        GET POST  lead
allocate.conflict_clear      POST      lead                              conflict_id=conflict

score.my_plans               GET       auditor
score.accept                 POST      auditor                           allocation_id=offered
score.start                  POST      auditor                           allocation_id=offered
score.decline                GET       auditor                           allocation_id=offered
score.send_decline           POST      auditor                           allocation_id=offered
score.declare_conflict       GET       auditor                           allocation_id=offered
score.send_conflict          POST      auditor                           allocation_id=offered
score.give_back              GET       auditor                           allocation_id=offered
score.send_back              POST      auditor                           allocation_id=offered
score.sheet                  GET       auditor                           sheet_id=begun
score.question               GET       auditor                           sheet_id=begun key=key
score.save                   POST      auditor                           sheet_id=begun key=key
score.picture                GET       auditor                           sheet_id=begun document_id=paper page=page
score.check                  GET       auditor                           sheet_id=begun
score.submit                 POST      auditor                           sheet_id=begun
score.thanks                 GET       auditor                           sheet_id=done
score.concern                GET POST  auditor                           sheet_id=begun key=key kind=kind
score.concerns_list          GET       signed-in
score.concern_handled        POST      signed-in                         concern_id=concern only=area_lead
score.concern_close          GET POST  signed-in                         concern_id=concern only=area_lead
score.named_person           GET POST  lead
score.round_progress         GET       lead                              round_id=open
score.progress_csv           GET       lead                              round_id=open
score.round_remind           POST      lead                              round_id=open
score.round_close            GET POST  lead                              round_id=open
score.round_withdraw         GET POST  lead                              round_id=open round_plan_id=open_plan
score.round_withdraw_named   GET POST  lead                              round_id=open
score.submitted_sheets       GET POST  lead                              round_id=open
score.reopen                 GET POST  lead                              round_id=open sheet_id=roberts

moderate.disagreements       GET       lead+moderator
moderate.disagreements_of    GET       lead+moderator                    round_id=moderating
moderate.disagreement        GET       moderator                         round_id=moderating disagreement_id=disagreement
moderate.add_to_meeting      POST      moderator                         round_id=moderating
moderate.defer_rest          GET POST  moderator                         round_id=moderating
moderate.publish             GET POST  lead                              round_id=moderating
moderate.closed_sheets       GET       lead                              round_id=moderating
moderate.sheet_withdraw      GET POST  lead                              round_id=moderating sheet_id=closed_sheet
moderate.unblinding_ask      GET POST  lead                              round_id=moderating
moderate.unblindings         GET       area_lead+lead
moderate.unblinding_request  GET POST  area_lead+lead                    unblinding_id=unblinding
moderate.routing_now         GET       lead
moderate.routing             GET POST  lead                              framework_version_id=framework
moderate.meetings            GET       lead+moderator
moderate.meeting_new         GET POST  moderator                         round_id=moderating
moderate.meeting             GET       lead+moderator                    meeting_id=going_on
moderate.meeting_change      GET POST  moderator                         meeting_id=planned
moderate.meeting_cancel      GET POST  moderator                         meeting_id=planned
moderate.meeting_attendance  GET POST  moderator                         meeting_id=going_on
moderate.meeting_hand_over   GET POST  moderator                         meeting_id=going_on
moderate.meeting_reopen      POST      moderator                         meeting_id=going_on item_id=item
moderate.meeting_fill        POST      moderator                         meeting_id=planned
moderate.meeting_invite      GET POST  moderator                         meeting_id=planned
moderate.meeting_invite_missing POST   moderator                         meeting_id=planned
moderate.meeting_conclude    GET POST  moderator                         meeting_id=going_on
moderate.meeting_item        GET POST  moderator                         meeting_id=going_on item_id=item
moderate.meeting_defer       POST      moderator                         meeting_id=going_on item_id=item
moderate.meeting_draft       POST      moderator                         meeting_id=going_on item_id=item
moderate.meeting_plan        GET       moderator                         meeting_id=going_on item_id=item only=with_a_pack
moderate.meeting_picture     GET       moderator       meeting_id=going_on item_id=item document_id=paper page=page only=with_a_pack
moderate.meeting_room_plan   GET       auditor                           meeting_id=going_on only=with_a_pack
moderate.meeting_room_picture GET      auditor         meeting_id=going_on document_id=paper page=page only=with_a_pack
moderate.meeting_stand_aside POST      moderator                         meeting_id=going_on item_id=item only=conflicted_chair
moderate.meeting_question    GET POST  moderator                         meeting_id=going_on item_id=asked
moderate.meeting_question_defer POST   moderator                         meeting_id=going_on item_id=asked
moderate.meeting_question_reopen POST  moderator                         meeting_id=going_on item_id=asked
moderate.meeting_alone       POST      moderator                         meeting_id=going_on item_id=asked
moderate.meeting_vote_again  POST      moderator                         meeting_id=going_on item_id=item
moderate.meeting_step        POST      moderator                         meeting_id=going_on item_id=item
moderate.meeting_item_now    GET       moderator                         meeting_id=going_on item_id=item
moderate.my_meetings         GET       auditor+observer
moderate.meeting_room        GET       auditor+observer                  meeting_id=going_on
moderate.meeting_room_now    GET       auditor+observer                  meeting_id=going_on
moderate.meeting_room_join   POST      auditor+observer                  meeting_id=going_on
moderate.meeting_room_leave  POST      auditor+observer                  meeting_id=going_on
moderate.meeting_room_minutes GET      auditor+observer                  meeting_id=over only=auditor
moderate.meeting_room_pack   GET       auditor+observer                  meeting_id=going_on
moderate.meeting_pack        GET       moderator                         meeting_id=going_on
moderate.meeting_carried     POST      moderator                         meeting_id=going_on
moderate.meeting_rule        GET POST  lead
moderate.meeting_room_vote   POST      auditor                           meeting_id=going_on
moderate.meeting_move        POST      moderator                         meeting_id=planned item_id=planned_item
moderate.meeting_item_minutes POST     moderator                         meeting_id=planned item_id=planned_item
moderate.meeting_take_off    POST      moderator                         meeting_id=planned item_id=planned_item
moderate.minutes             GET       lead+moderator                    meeting_id=over
moderate.minutes_pdf         GET       lead+moderator                    meeting_id=over
moderate.minutes_notes       GET POST  moderator                         meeting_id=over
moderate.minutes_to_chair    POST      moderator                         meeting_id=over
moderate.minutes_back        POST      moderator                         meeting_id=over
moderate.minutes_approve     POST      moderator                         meeting_id=over
moderate.minutes_publish     POST      lead                              meeting_id=over
moderate.minutes_addendum    GET POST  moderator                         meeting_id=over

track.lessons                GET       lead+moderator
track.lesson_decide          POST      lead                              lesson_id=lesson
track.lesson_edit            GET POST  lead                              lesson_id=lesson
track.lesson_wording         GET POST  lead+moderator                    lesson_id=lesson
track.lesson_undo            POST      lead                              lesson_id=lesson
track.hidden_plan            GET POST  lead                              round_id=draft
track.agreement              GET       area_lead+lead
track.agreement_csv          GET       area_lead+lead                    name=agreement_table
track.question               GET       area_lead+lead                    round_id=published key=asked_key
track.question_csv           GET       area_lead+lead                    round_id=published key=asked_key name=question_table
track.agreement_helped       GET       area_lead+lead
track.agreement_helped_csv   GET       area_lead+lead                    name=helped_table
track.quality                GET       area_lead+lead
track.quality_csv            GET       area_lead+lead                    name=quality_table
track.actions                GET       lead
track.actions_csv            GET       lead
track.action                 GET POST  lead                              action_id=action
track.action_open_again      POST      lead                              action_id=action
track.my_feedback            GET       auditor
track.my_feedback_on         GET       auditor                           round_id=published
track.my_strictness_csv      GET       auditor                           round_id=published

health.health                GET       anyone
health.ready                 GET       anyone
"""

IN, MISSING, SIGN_IN = "gets in", "missing", "sign in"


@dataclass(frozen=True)
class Line:
    """One page of the table."""

    endpoint: str
    methods: tuple[str, ...]
    open_to: frozenset[str]
    only: frozenset[str]
    about: dict[str, str]

    def expected(self, who: str, roles: frozenset[str]) -> str:
        """What somebody of this kind meets in their own area."""
        if "anyone" not in self.open_to and who == "visitor":
            return SIGN_IN
        if self.only:
            return IN if who in self.only else MISSING
        return IN if roles & self.open_to else MISSING


def read(table: str) -> dict[str, Line]:
    lines = [line.split() for line in table.splitlines() if line.strip()]
    return {words[0]: _line(words) for words in lines}


def _line(words: list[str]) -> Line:
    methods = tuple(word for word in words[1:] if word in ("GET", "POST"))
    who, *rest = words[1 + len(methods) :]
    named = dict(word.split("=") for word in rest)
    only = frozenset(filter(None, named.pop("only", "").split(",")))
    return Line(words[0], methods, frozenset(who.split("+")), only, named)


MATRIX = read(TABLE)


# --- who knocks, and what they meet -------------------------------------------------------------------------------------------

PEOPLE = ("grace", "helen", "priya", "ruth", "sam")
EVERYBODY = ("visitor", "newcomer", *PEOPLE)


@dataclass(frozen=True)
class Caller:
    """Somebody at the door: a visitor, somebody without an area, or one of an area's people."""

    person: Person | None
    name: str
    roles: frozenset[str]


def caller(stage: Stage, who: str, area: str = "northfield") -> Caller:
    if who == "visitor":
        return Caller(None, who, frozenset({"anyone"}))
    if who == "newcomer":
        return Caller(stage.scene.nobody, who, frozenset({"anyone", "signed-in"}))
    person: Person = getattr(stage.scene, area).people[who]
    return Caller(person, person.roles[0].value, frozenset({"anyone", "signed-in", *(role.value for role in person.roles)}))


@dataclass(frozen=True)
class Answer:
    status: int
    where: str
    body: bytes

    @property
    def verdict(self) -> str:
        if (self.status == 303 and "/sign-in" in self.where) or self.status == 401:
            return SIGN_IN
        return {404: MISSING, 500: "is broken", 403: "is forbidden"}.get(self.status, IN)


TOKEN = re.compile(rb'name="csrf_token" value="[^"]+"')


def knock(stage: Stage, person: Person | None, method: str, address: str) -> Answer:
    """One request of somebody, in a world that is as it was before when it is over."""
    response = stage.client(person).open(address, method=method)
    if method == "POST" and response.status_code != 404:
        stage.restore()
    return Answer(response.status_code, response.location or "", TOKEN.sub(b"", response.data))


def address_of(app: Flask, line: Line, known: dict[str, str], method: str) -> str:
    values = {name: known.get(thing) or WORDS[name] for name, thing in line.about.items()}
    return app.url_map.bind("localhost").build(line.endpoint, values, method=method)


def wrong_answers(stage: Stage, who: str, matrix: dict[str, Line], area: str = "northfield") -> Iterator[str]:
    """Where somebody meets something else than the table says."""
    known, knocking = things(stage), caller(stage, who, area)
    for line in matrix.values():
        foreign = area != "northfield" and any(name not in WORDS for name in line.about)
        for method in line.methods:
            expected = MISSING if foreign else line.expected(knocking.name, knocking.roles)
            answer = knock(stage, knocking.person, method, address_of(stage.app, line, known, method))
            if answer.verdict != expected and not leaves(line, answer):
                yield f"{method} {line.endpoint}: {knocking.name} {answer.verdict} ({answer.status}), expected: {expected}"


def leaves(line: Line, answer: Answer) -> bool:
    """Signing out, and being signed in already, end at the sign-in page too."""
    return line.endpoint in ("people.sign_out", "people.sign_in") and answer.status == 303


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_gets_into_their_own_pages_and_into_no_others(busy: Stage, who: str) -> None:
    assert list(wrong_answers(busy, who, MATRIX)) == []


@pytest.mark.parametrize("who", PEOPLE)
def test_what_belongs_to_another_area_is_missing(busy: Stage, who: str) -> None:
    pages = {name: line for name, line in MATRIX.items() if any(given not in WORDS for given in line.about)}
    assert list(wrong_answers(busy, who, pages, "southmoor")) == []


def test_what_belongs_to_another_auditor_is_missing(busy: Stage) -> None:
    mine = {"allocation_id", "sheet_id"}
    pages = {name: line for name, line in MATRIX.items() if mine & set(line.about) and "auditor" in line.open_to}
    known, met = things(busy), []
    for line in pages.values():
        for method in line.methods:
            address = address_of(busy.app, line, known, method)
            met += [(line.endpoint, knock(busy, person, method, address).verdict) for person in others_than_helen(busy)]
    assert pages and {verdict for _, verdict in met} == {MISSING}


def others_than_helen(stage: Stage) -> list[Person]:
    world = stage.scene.northfield
    return [world.robert, world.amina]


@pytest.mark.parametrize("who", PEOPLE)
def test_a_foreign_thing_and_a_thing_that_never_was_get_the_same_answer(busy: Stage, who: str) -> None:
    """Also for a page that this person has no role for."""
    known, person = things(busy), caller(busy, who, "southmoor").person
    nothing = {name: "a" * len(thing) if len(thing) == 22 else thing for name, thing in known.items()}
    for line in MATRIX.values():
        if all(name in WORDS for name in line.about):
            continue
        for method in line.methods:
            foreign, random = (knock(busy, person, method, address_of(busy.app, line, ids, method)) for ids in (known, nothing))
            assert foreign == random, f"{method} {line.endpoint}"
            assert foreign.status == 404


# --- the table is whole -------------------------------------------------------------------------------------------------------


def declared() -> dict[str, tuple[set[str], frozenset[str]]]:
    """What the views themselves say: methods and openness by endpoint."""
    found: dict[str, tuple[set[str], frozenset[str]]] = {}
    for _, methods, endpoint, who in routes():
        known = found.setdefault(endpoint, (set(), frozenset(who.replace("signed in", "signed-in").split(", "))))
        known[0].update(methods.split(", "))
    return found


def differences(matrix: dict[str, Line], views: dict[str, tuple[set[str], frozenset[str]]]) -> list[str]:
    unlisted = [f"{endpoint} is not in the table" for endpoint in views.keys() - matrix.keys()]
    gone = [f"{endpoint} is in the table and nowhere else" for endpoint in matrix.keys() - views.keys()]
    other = [
        f"{endpoint} is declared {methods} {set(who)}"
        for endpoint, (methods, who) in views.items()
        if endpoint in matrix and (set(matrix[endpoint].methods), matrix[endpoint].open_to) != (methods, who)
    ]
    return sorted(unlisted + gone + other)


def test_the_table_lists_every_page_as_it_is_declared() -> None:
    assert differences(MATRIX, declared()) == []


def test_every_address_of_the_running_service_is_listed(busy: Stage) -> None:
    assert {rule.endpoint for rule in busy.app.url_map.iter_rules()} - {"static"} == set(MATRIX)


# --- and the matrix notices ---------------------------------------------------------------------------------------------------


def test_a_page_that_nobody_listed_is_noticed() -> None:
    views = declared() | {"track.everything": ({"GET"}, frozenset({"auditor"}))}
    assert differences(MATRIX, views) == ["track.everything is not in the table"]


def test_a_page_without_a_declaration_stops_the_service() -> None:
    app = Flask("leaky")
    app.add_url_rule("/everything", "everything", lambda: "all ratings")
    with pytest.raises(RuntimeError, match="/everything"):
        guard(app, lambda: None)


def test_a_page_opened_to_the_wrong_role_is_noticed(busy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    view = busy.app.view_functions["score.round_progress"]
    monkeypatch.setattr(view, "open_to", frozenset({Role.LEAD, Role.AUDITOR}))
    page = {"score.round_progress": MATRIX["score.round_progress"]}
    assert list(wrong_answers(busy, "helen", page)) == ["GET score.round_progress: auditor gets in (200), expected: missing"]
    assert any("score.round_progress is declared" in line for line in differences(MATRIX, declared()))


def test_a_query_that_forgets_the_area_is_noticed(busy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "here", lambda: busy.scene.northfield.area_id)
    page = {"allocate.round_page": MATRIX["allocate.round_page"]}
    found = list(wrong_answers(busy, "grace", page, "southmoor"))
    assert found == ["GET allocate.round_page: lead gets in (200), expected: missing"]
