"""From its opening to its publication, whatever anybody opens tells nobody which plan a round hides.

Leads know the sample. So what they open names the hidden plan exactly where it names one that could have been hidden and was not.
Moderators and auditors know the plans before them. So what they open names the hidden plan exactly where it names a plan of the
sample. One exception is declared: a concern goes at once to the one named person, with the plan's name.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from moderation.allocate import actions as allocate
from moderation.allocate import drawing, setup
from moderation.allocate.conflicts import NewConflict, record_conflict
from moderation.allocate.rules import ConflictWith, SampleTerms
from moderation.allocate.tables import Allocation, RoundPlan
from moderation.instants import frozen
from moderation.moderate import actions as moderate
from moderation.moderate import unblinding
from moderation.moderate.agendas import put_on_agenda
from moderation.moderate.decisions import Decision, WantedAction, decide
from moderation.moderate.jobs import chase_actions
from moderation.moderate.meeting_rules import ActionKind
from moderation.moderate.meetings import MeetingTerms, conclude, create_meeting, record_attendance, start
from moderation.moderate.minutes import approve_minutes, publish_minutes
from moderation.moderate.queries_conflicts import drew_allocation
from moderation.moderate.record import ItemRecord, MinutesRecord, with_numbers
from moderation.moderate.states import Basis, Cause
from moderation.moderate.tables import Disagreement, MeetingItem, PlanAction, Unblinding
from moderation.people.tables import Membership
from moderation.post import Outbox
from moderation.register.tables import ChildCase, PlanVersion
from moderation.score import actions as score
from moderation.score import concerns
from moderation.score.concern_tables import Concern
from moderation.score.jobs import chase_concerns
from moderation.score.rules import SheetState
from moderation.score.tables import Scoresheet
from moderation.settings import Settings
from moderation.words import AgencyKind, Role
from tests.actions.test_allocate_options import a_published_round, a_second_round, seeds_of, the_round
from tests.blindness.things import open_for
from tests.build import Person, World, act_as
from tests.build_sheets import answer_all, submit
from tests.conftest import SignIn
from tests.pages.test_allocate_hidden import all_alike, plans_of
from tests.pages.test_allocate_options import agree

START = datetime(2026, 11, 2, 12, tzinfo=UTC)
ASKED = "F02"  # a question that every discipline answers
DUE = date(2026, 11, 20)
OWNER_HIDDEN, OWNER_TWIN = "The manager of the north team", "The manager of the south team"  # who sees to the actions
WORRY = "On page 2 he says that he is hit."
CONCERNS = {"score.concerns_list", "score.concern_close"}
DRAWN = {"moderate.disagreements_of"}  # lists, beside what differs, answers drawn at random from any plan


Ids = Mapping[str, Sequence[str]]


@pytest.fixture(autouse=True)
def at_a_fixed_time() -> Iterator[None]:
    with frozen(START):
        yield


@pytest.fixture(autouse=True)
def readable_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.web.printing.as_pdf", lambda html: html.encode())


@dataclass
class Play:
    """A round with a hidden plan, a plan of its sample (`twin`) and one that could have been hidden (`spared`): ids and names."""

    engine: Engine
    world: World
    first: str
    round_id: str
    hidden: str
    twin: str
    names: Mapping[str, str]
    spared_name: str
    meeting: str = ""

    @property
    def hidden_name(self) -> str:
        return self.names[self.hidden]

    @property
    def twin_name(self) -> str:
        return self.names[self.twin]

    def act(self, person: Person | None, action, *args):  # type: ignore[no-untyped-def]
        return act_as(self.engine, person, self.world.area_id, action, *args)

    def raters(self, plan: str) -> list[tuple[Person, str]]:
        """Who has the plan on their list, and the allocation: education first."""
        people = {person.id: person for person in self.world.auditors()}
        chosen = select(Allocation.account_id, Allocation.id).where(Allocation.round_plan_id == plan)
        standing = chosen.where(col(Allocation.ended_as).is_distinct_from("declined"))
        with Session(self.engine) as session:
            found = [(people[who], one) for who, one in session.exec(standing)]
        return sorted(found, key=lambda pair: (pair[0].agency is not AgencyKind.EDUCATION, pair[0].name))

    @property
    def rater(self) -> Person:
        """Has both on their list."""
        return self.raters(self.hidden)[0][0]

    def rows(self, kind: type[SQLModel], *where: object) -> list[str]:
        with Session(self.engine) as session:
            return list(session.exec(select(kind.id).where(*where).order_by(kind.id)))  # type: ignore[attr-defined]

    def addresses(self) -> dict[str, list[str]]:
        """What every parameter of an address may be: the hidden plan and its twin, and all that hangs on them."""
        both = [self.hidden, self.twin]
        own = self.rows(MeetingItem, MeetingItem.meeting_id == self.meeting)
        return {
            "round_id": [self.round_id],
            "round_plan_id": both,
            "plan": both,
            "sheet_id": self.rows(Scoresheet, col(Scoresheet.round_plan_id).in_(both)),
            "allocation_id": self.rows(Allocation, col(Allocation.round_plan_id).in_(both)),
            "disagreement_id": self.rows(
                Disagreement, col(Disagreement.round_plan_id).in_(both), Disagreement.criterion_key == ASKED
            ),
            "meeting_id": [self.meeting] if self.meeting else [],
            "item_id": own,
            "action_id": self.rows(PlanAction),
            "unblinding_id": self.rows(Unblinding),
            "concern_id": self.rows(Concern),
            "auditor": [self.world.helen.id, self.world.tom.id],
            "account_id": [self.world.helen.id],
            "key": [ASKED],
            "kind": ["safeguarding"],
            "name": ["agreement-by-round"],
            "number": ["1"],
            "page": ["1"],
            "token": ["none"],
        }


def a_hiding_round(engine: Engine, world: World) -> Play:
    """Open. Somebody of education has both the hidden plan and its twin."""
    first = a_published_round(engine, world)
    found = a_second_round(engine, world, first)
    lead = world.grace
    act_as(engine, lead, world.area_id, setup.draw_plans, found, 3, SampleTerms(6))
    act_as(engine, lead, world.area_id, drawing.allocate, found, the_round(engine, found).version)
    act_as(engine, lead, world.area_id, drawing.open_round, found, the_round(engine, found).version)
    (hidden,) = seeds_of(engine, found)
    names = _names(engine, found)
    spared = next(name for name in sorted(_names(engine, first).values()) if name != names[hidden])
    play = Play(engine, world, first, found, hidden, hidden, names, spared)
    play.act(lead, concerns.name_person, world.ruth.id)
    play.twin = min(key for key in names.keys() - {hidden} if play.raters(key)[0][0] == play.rater)
    return play


def _names(engine: Engine, round_id: str) -> dict[str, str]:
    chosen = select(RoundPlan.id, ChildCase.reference).join(PlanVersion, col(PlanVersion.id) == RoundPlan.plan_version_id)
    chosen = chosen.join(ChildCase, col(ChildCase.id) == PlanVersion.case_id)
    with Session(engine) as session:
        return dict(session.exec(chosen.where(RoundPlan.round_id == round_id)).all())


def everybody_scores(play: Play, sign_in: SignIn) -> None:
    """Education and the others differ on one question, about both plans. Somebody is worried about both children."""
    for plan in (play.hidden, play.twin):
        for person, allocation in play.raters(plan):
            level = 1 if person.agency is AgencyKind.EDUCATION else 3
            sheet = play.act(person, score.start, allocation)
            if person == play.rater:
                raise_concern(sign_in(person), sheet)
            answer_all(play.engine, play.world, person, sheet, {ASKED: level})
            submit(play.engine, play.world, person, sheet)


def raise_concern(client: FlaskClient, sheet: str) -> None:
    answer = client.post(f"/sheets/{sheet}/questions/{ASKED}/concerns/safeguarding", data={"text": WORRY})
    assert answer.status_code == 303


def somebody_knows_the_child(play: Play) -> None:
    """Of both plans somebody sends one back, and is too close to it from now on."""
    for plan in (play.hidden, play.twin):
        person, allocation = play.raters(plan)[-1]
        play.act(person, allocate.declare_conflict, allocation, "I know this child.")


def they_meet(play: Play) -> None:
    """One meeting about both plans: decided, concluded, its minutes published; actions on both are due."""
    priya = play.world.priya
    play.act(None, score.close_round, play.round_id)
    play.act(None, moderate.find_disagreements, play.round_id)
    terms = MeetingTerms("Meeting 1", START + timedelta(days=1))
    play.meeting = play.act(priya, create_meeting, play.round_id, terms)
    cells = play.addresses()["disagreement_id"]
    assert len(cells) == 2
    play.act(priya, put_on_agenda, play.meeting, cells)
    play.act(priya, start, play.meeting)
    play.act(priya, record_attendance, play.meeting, [person.id for person in play.world.auditors()])
    both = ((play.hidden, OWNER_HIDDEN), (play.twin, OWNER_TWIN))
    decisions = [
        Decision(
            plan, ASKED, 2, None, Basis.MAJORITY, "It does not say.", cause=Cause.GUIDANCE, lesson="Ask how often.",
            action=WantedAction(ActionKind.AMEND, "Say how often.", owner, DUE),
        )
        for plan, owner in both
    ]  # fmt: skip
    play.act(priya, decide, play.meeting, decisions)
    play.act(priya, conclude, play.meeting)
    play.act(priya, approve_minutes, play.meeting, 0)
    play.act(play.world.grace, publish_minutes, play.meeting)
    play.act(play.world.grace, unblinding.ask, play.round_id, play.twin, "A complaint.", "http://127.0.0.1/{}")


# --- everything that somebody can open ------------------------------------------------------------------------------------------


def pages_of(
    app: Flask, client: FlaskClient, mine: Collection[str], ids: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and text of every one of these pages with these ids."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        names = sorted(rule.arguments)
        if "GET" not in (rule.methods or ()) or rule.endpoint not in mine or not ids.keys() >= set(names):
            continue
        for values in product(*(ids[name] for name in names)):
            address = adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))
            answer = client.get(address, follow_redirects=False)
            assert answer.status_code != 500, address
            yield rule.endpoint, address, answer.text if answer.status_code == 200 else ""


@dataclass(frozen=True)
class Seen:
    """Where somebody met which plan: (endpoint, address)."""

    pages: tuple[tuple[str, str, str], ...]

    def addresses(self, name: str) -> set[str]:
        return {address for _, address, text in self.pages if name in text}

    def endpoints(self, name: str) -> set[str]:
        return {endpoint for endpoint, _, text in self.pages if name in text}


def seen_by(play: Play, app: Flask, sign_in: SignIn, person: Person) -> Seen:
    return Seen(tuple(pages_of(app, sign_in(person), open_for(app, person), play.addresses())))


def letters(play: Play, name: str) -> set[str]:
    """Who got a letter that names the plan."""
    with Session(play.engine) as session:
        return {one.recipient for one in session.exec(select(Outbox)) if name in f"{one.subject} {one.body} {one.calendar or ''}"}


def nobody_is_told(play: Play, app: Flask, sign_in: SignIn) -> dict[str, Seen]:
    """Leads meet the hidden plan where they meet one that was spared; the others where they meet its twin."""
    world = play.world
    found = {person.name: seen_by(play, app, sign_in, person) for person in (world.grace, world.sam, world.ruth, world.priya)}
    for person in (world.grace, world.sam):
        mine = found[person.name]
        assert mine.addresses(play.hidden_name) == mine.addresses(play.spared_name), person.name
    told = found[world.ruth.name]  # the one named person reads of both what was seen in their papers
    assert told.endpoints(play.hidden_name) == CONCERNS
    assert told.endpoints(play.twin_name) - {"moderate.unblindings", "moderate.unblinding_request"} == CONCERNS
    moderator = found[world.priya.name]
    assert moderator.endpoints(play.hidden_name) - DRAWN == moderator.endpoints(play.twin_name) - DRAWN
    mine = seen_by(play, app, sign_in, play.rater)
    assert mine.endpoints(play.hidden_name) == mine.endpoints(play.twin_name) != set()
    assert letters(play, play.hidden_name) == {world.ruth.email}
    return found


def test_nothing_that_anybody_opens_tells_which_plan_is_hidden_until_the_round_is_published(
    engine: Engine, world: World, app: Flask, sign_in: SignIn, settings: Settings
) -> None:
    play = a_hiding_round(engine, world)
    somebody_knows_the_child(play)
    everybody_scores(play, sign_in)
    leads = nobody_is_told(play, app, sign_in)[world.grace.name]
    assert leads.endpoints(play.twin_name) >= {"score.submitted_sheets", "allocate.plans", "score.round_withdraw"}
    they_meet(play)
    seen = nobody_is_told(play, app, sign_in)
    assert seen[world.grace.name].endpoints(play.twin_name) >= {
        "moderate.closed_sheets", "moderate.sheet_withdraw", "moderate.unblinding_ask", "moderate.unblindings",
        "moderate.unblinding_request", "track.actions", "track.actions_csv", "track.action", "allocate.plans",
    }  # fmt: skip
    for person in (world.grace, world.sam):
        assert not seen[person.name].endpoints(OWNER_HIDDEN), person.name
    assert seen[world.grace.name].endpoints(OWNER_TWIN) == {"track.actions", "track.actions_csv", "track.action"}
    minutes, paper = f"/meetings/{play.meeting}/minutes", f"/meetings/{play.meeting}/minutes.pdf"
    for address in (minutes, paper):
        assert "2 actions on plans. They are shown here when the round is published." in sign_in(world.grace).get(address).text
        assert OWNER_HIDDEN in sign_in(world.priya).get(address).text
    assert seen[world.priya.name].endpoints(play.twin_name) >= {"moderate.disagreement", "moderate.minutes", "moderate.minutes_pdf"}
    settled = sign_in(world.priya).get(f"/disagreements/{play.round_id}?view=settled").text
    assert play.hidden_name in settled and play.twin_name in settled
    with frozen(START + timedelta(days=40)):
        chase_actions(engine, settings)
    assert [subject for subject in subjects(engine, world.grace) if "overdue" in subject] == ["1 action on a plan is overdue"]
    play.act(world.priya, moderate.defer_rest, play.round_id)
    play.act(world.grace, moderate.publish_round, play.round_id)
    client = sign_in(world.grace)
    of_round = [f"disagreements/{play.round_id}/{page}" for page in ("sheets", "unblinding")]
    for address in (*of_round, f"meetings/{play.meeting}/minutes", "actions?show=all", "conflicts"):
        assert play.hidden_name in client.get(f"/{address}").text, address
    for address in (minutes, paper):
        assert OWNER_HIDDEN in client.get(address).text and "shown here when" not in client.get(address).text


def subjects(engine: Engine, person: Person) -> list[str]:
    with Session(engine) as session:
        return list(session.exec(select(Outbox.subject).where(Outbox.recipient == person.email)))


def test_a_concern_about_a_hidden_plan_reaches_the_named_person_like_any_other_and_nobody_else(
    engine: Engine, world: World, app: Flask, sign_in: SignIn, settings: Settings
) -> None:
    play = a_hiding_round(engine, world)
    for plan in (play.hidden, play.twin):
        person, allocation = play.raters(plan)[0]
        raise_concern(sign_in(person), play.act(person, score.start, allocation))
    with Session(engine) as session:
        sent = {one.subject: one for one in session.exec(select(Outbox).where(Outbox.recipient == world.ruth.email))}
    ours, theirs = (
        sent[f"Please act today: a safeguarding concern about plan {name}"] for name in (play.hidden_name, play.twin_name)
    )
    assert ours.body.replace(play.hidden_name, "") == theirs.body.replace(play.twin_name, "")
    assert ours.not_before == theirs.not_before <= START
    inbox = sign_in(world.ruth).get("/concerns").text
    assert inbox.count(WORRY) == 2 and play.hidden_name in inbox
    with frozen(START + timedelta(days=2)):
        assert chase_concerns(engine, settings) == "2 concerns without an answer"
    assert sum("Overdue" in subject for subject in subjects(engine, world.ruth)) == 2
    assert sum("No answer" in subject for subject in subjects(engine, world.grace)) == 2
    assert letters(play, play.hidden_name) == {world.ruth.email}
    assert play.hidden_name not in sign_in(world.grace).get("/concerns").text
    (concern, *_) = play.rows(Concern, Concern.round_plan_id == play.hidden)
    answered = sign_in(world.ruth).post(f"/concerns/{concern}/handled", follow_redirects=True)
    assert "You have said that you are dealing with it." in answered.text


def named(client: FlaskClient, address: str, name: str, **form: str) -> str:
    """What comes back when a lead names a plan, without its name."""
    answer = client.post(address, data={"reference": name, "reason": "A mistake came to light."} | form, follow_redirects=True)
    assert answer.status_code == 200
    return without_tokens(answer.text.replace(name, "NAMED"))


def without_tokens(text: str) -> str:
    return re.sub(r'value="[^"]+"|nonce="[^"]+"|content="[^"]+"|"X-CSRFToken": "[^"]+"', "", text)


def test_a_sheet_on_a_hidden_plan_is_given_back_by_name_and_the_lead_is_not_told_whether_there_was_one(
    engine: Engine, world: World, sign_in: SignIn
) -> None:
    play, lead = a_hiding_round(engine, world), sign_in(world.grace)
    person, allocation = play.raters(play.hidden)[0]
    sheet = play.act(person, score.start, allocation)
    answer_all(engine, world, person, sheet)
    submit(engine, world, person, sheet)
    address, both = f"/rounds/{play.round_id}/submitted", (play.spared_name, play.hidden_name)
    answers = {named(lead, address, name, auditor=person.id) for name in both}
    assert len(answers) == 1 and "If this auditor had submitted plan NAMED, it is open again" in answers.pop()
    with Session(engine) as session:
        assert session.get_one(Scoresheet, sheet).state is SheetState.DRAFT
    wrong = lead.post(address, data={"auditor": person.id, "reference": "P999", "reason": "A mistake."})
    assert wrong.status_code == 422 and "Enter the reference of a plan in the register" in wrong.text


def test_a_hidden_plan_is_withdrawn_by_name_and_the_lead_is_not_told_whether_it_was_there(
    engine: Engine, world: World, app: Flask, sign_in: SignIn
) -> None:
    play, lead = a_hiding_round(engine, world), sign_in(world.grace)
    address, both = f"/rounds/{play.round_id}/plans/withdraw", (play.spared_name, play.hidden_name)
    answers, after = set(), []
    for name in both:
        answers.add(named(lead, address, name))
        after.append([(where, without_tokens(text)) for _, where, text in seen_by(play, app, sign_in, world.grace).pages])
    assert after[0] == after[1]  # nothing that a lead can open moves
    assert len(answers) == 1 and "If plan NAMED was in this round, it is withdrawn" in answers.pop()
    with Session(engine) as session:
        assert session.get_one(RoundPlan, play.hidden).withdrawn_at and not session.get_one(RoundPlan, play.twin).withdrawn_at
    seen = seen_by(play, app, sign_in, world.grace)
    assert seen.addresses(play.hidden_name) == seen.addresses(play.spared_name)
    all_alike(lead, plans_of(engine, play.first))
    named(lead, address, play.twin_name)
    with Session(engine) as session:
        assert session.get_one(RoundPlan, play.twin).withdrawn_at
    play.act(None, score.close_round, play.round_id)
    play.act(None, moderate.find_disagreements, play.round_id)
    counts = lead.get(f"/disagreements/{play.round_id}").text  # five of the sample are left; the hidden one counts
    assert "on 0 of 6 plans" in counts


def test_after_closing_nobody_finds_the_hidden_plan_by_withdrawing_one_name_after_the_other(
    engine: Engine, world: World, sign_in: SignIn
) -> None:
    play, lead = a_hiding_round(engine, world), sign_in(world.grace)
    play.act(None, score.close_round, play.round_id)
    play.act(None, moderate.find_disagreements, play.round_id)
    address, said = f"/rounds/{play.round_id}/plans/withdraw", {"reason": "A mistake came to light."}
    refusals = set()
    for name in (play.spared_name, play.hidden_name):
        answer = lead.post(address, data=said | {"reference": name}, follow_redirects=True)
        refusals.add((answer.status_code, without_tokens(answer.text.replace(name, "NAMED"))))
    assert len(refusals) == 1 and "not open" in refusals.pop()[1]
    assert not play.rows(RoundPlan, col(RoundPlan.withdrawn_at).is_not(None))
    assert "This round is not open." in lead.get(address).text
    listed = lead.get(f"/rounds/{play.round_id}/plans").text
    assert "Withdraw a plan that is not in this list" not in listed and f"/plans/{play.twin}/withdraw" in listed


BARS = "cannot moderate or sit in this round&#39;s meetings.", "Nobody else in "


def test_a_lead_reads_before_the_draw_that_it_bars_from_moderating_and_whether_anybody_else_could(
    engine: Engine, world: World, sign_in: SignIn
) -> None:
    first = a_published_round(engine, world)
    agree(engine, world, first)
    found, lead = a_second_round(engine, world, first), sign_in(world.grace)
    pages = [f"/rounds/{found}/{page}" for page in ("options", "sample", "hidden-plan", "allocation", "allocation/draw")]
    for address in pages:
        text = lead.get(address).text.replace("'", "&#39;")
        assert BARS[0] in text and BARS[1] not in text, address
    with Session(engine) as session:
        held = session.exec(select(Membership).where(Membership.account_id == world.priya.id)).one()
        held.role = Role.LEAD
        session.add(held)
        session.commit()
    for address in pages:
        assert BARS[1] in lead.get(address).text, address


def test_whoever_drew_a_sample_with_a_hidden_plan_does_not_moderate_it(engine: Engine, world: World) -> None:
    found = a_second_round(engine, world, a_published_round(engine, world))
    act_as(engine, world.grace, world.area_id, setup.draw_plans, found, 3, SampleTerms(6))
    with Session(engine) as session:
        assert drew_allocation(session, world.area_id, found, world.grace.id)
        assert not drew_allocation(session, world.area_id, found, world.priya.id)


def test_a_conflict_that_a_lead_recorded_stands_in_the_list_whether_its_plan_is_hidden_or_not(
    engine: Engine, world: World, sign_in: SignIn
) -> None:
    play, lead = a_hiding_round(engine, world), world.grace
    (first, _), (knows, allocation) = play.raters(play.hidden)[:2]
    play.act(lead, record_conflict, NewConflict(first.id, ConflictWith.CASE, play.hidden_name, "She taught him."))
    play.act(knows, allocate.declare_conflict, allocation, WORRY)
    page = sign_in(lead).get("/conflicts").text
    assert "She taught him." in page and WORRY not in page
    for _ in range(2):
        play.act(lead, record_conflict, NewConflict(knows.id, ConflictWith.CASE, play.hidden_name, "He is a neighbour."))
    page = sign_in(lead).get("/conflicts").text
    assert page.count("He is a neighbour.") == 1 and WORRY not in page


def test_numbered_minutes_name_no_plan_and_keep_apart_what_is_about_different_plans() -> None:
    items = tuple(ItemRecord(place, ASKED, "Outcomes", plan) for place, plan in enumerate(("P003", "S001", "P003"), start=1))
    confirmed = ("C01, plan P003: Good", "C02, plan S0010: Good")
    kept = MinutesRecord("", "", "", "", "", None, None, (), items, confirmed=confirmed)
    found = with_numbers(kept, ["P003", "S001", "S0010"])
    assert [item.plan for item in found.items] == ["1", "2", "1"]
    assert found.confirmed == ("C01, plan 1: Good", "C02, plan 3: Good")
