"""An auditor's sheet from its first answer to closing, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from moderation import instants
from moderation.allocate import actions as allocate
from moderation.allocate.rules import AllocationState, Ending, RoundState
from moderation.allocate.tables import Allocation, Round
from moderation.instants import frozen
from moderation.ledger import EventRow, history, verify
from moderation.post import LetterState, Outbox
from moderation.register.framework import NonScore
from moderation.score import actions, concerns
from moderation.score.concern_tables import Concern
from moderation.score.jobs import chase_concerns
from moderation.score.own import RaterDesk
from moderation.score.progress import submitted_sheets
from moderation.score.released import Release, auditors_per_agency, own_ratings, raters_of, ratings_of, release_for
from moderation.score.rules import ConcernKind, Confidence, ScoresheetIncomplete, SheetState
from moderation.score.tables import Rating, RatingRevision, Scoresheet
from moderation.settings import Settings
from moderation.words import InvalidInput, NotFound, Refused, StaleWrite
from tests.build import Person, World, a_world, act_as, allocations_of, an_open_round
from tests.build_sheets import a_sheet, a_submitted_sheet, answer_all, criteria_of, save, submit

pytestmark = pytest.mark.scene.with_args(an_open_round)


def rows(engine: Engine, kind: type, **where: object) -> list:  # type: ignore[type-arg]
    with Session(engine) as session:
        return list(session.exec(select(kind).filter_by(**where)))


def desk(engine: Engine, world: World, person: Person) -> RaterDesk:
    return RaterDesk(Session(engine), world.area_id, person.id)


@pytest.fixture
def round_id(scene: str) -> str:
    return scene


@pytest.fixture
def sheet_id(engine: Engine, world: World, round_id: str) -> str:
    return a_sheet(engine, world, round_id, world.helen)


def close(engine: Engine, world: World, round_id: str) -> bool:
    return bool(act_as(engine, None, world.area_id, actions.close_round, round_id))


def test_starting_a_plan_twice_finds_the_same_sheet_and_accepts_it(engine: Engine, world: World, round_id: str) -> None:
    first = a_sheet(engine, world, round_id, world.helen)
    assert a_sheet(engine, world, round_id, world.helen) == first
    allocation = rows(engine, Allocation, id=allocations_of(engine, round_id, world.helen)[0])[0]
    assert allocation.state is AllocationState.STARTED


def test_a_save_keeps_the_version_before_it_and_records_ids_only(engine: Engine, world: World, sheet_id: str) -> None:
    first = save(engine, world, world.helen, sheet_id, "F02", value=2, evidence="No amounts")
    second = save(engine, world, world.helen, sheet_id, "F02", first.version, value=3)
    assert (first.version, second.version) == (1, 2)
    kept = rows(engine, RatingRevision)
    assert [(row.version, row.value, row.evidence) for row in kept] == [(1, 2, "No amounts")]
    events = [row.content for row in rows(engine, EventRow, name="RatingSaved")]
    assert events == [{"sheet_id": sheet_id, "criterion_key": "F02"}] * 2
    assert rows(engine, Scoresheet, id=sheet_id)[0].version == 3


def test_saving_what_is_saved_changes_nothing(engine: Engine, world: World, sheet_id: str) -> None:
    saved = save(engine, world, world.helen, sheet_id, "F02", value=2, evidence="No amounts")
    same = save(engine, world, world.helen, sheet_id, "F02", 0, value=2)  # another tab, the same answer: no conflict
    assert (same.version, same.asked) == (0, saved.asked)  # but that tab has not seen the rest, so it stays behind
    assert not rows(engine, RatingRevision)


def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(engine: Engine, world: World, sheet_id: str) -> None:
    save(engine, world, world.helen, sheet_id, "F02", value=2)
    assert save(engine, world, world.helen, sheet_id, "F02", 0, value=2).version == 1  # sent again by the same page
    save(engine, world, world.helen, sheet_id, "F02", 1, value=4)  # lost again, and typed on since
    assert save(engine, world, world.helen, sheet_id, "F02", 1, value=4, evidence="Page 9").version == 3
    save(engine, world, world.helen, sheet_id, "F02", 3, value=3, confidence=Confidence.SURE)  # more than another page knows
    with pytest.raises(StaleWrite):
        save(engine, world, world.helen, sheet_id, "F02", 2, value=3, quote="once a week")
    assert [row.value for row in rows(engine, RatingRevision)] == [2, 4, 4]


def test_a_stale_save_is_refused_with_both_versions(engine: Engine, world: World, sheet_id: str) -> None:
    first = save(engine, world, world.helen, sheet_id, "F02", value=2)
    save(engine, world, world.helen, sheet_id, "F02", first.version, value=None, non_score=NonScore.NO_EVIDENCE)
    with pytest.raises(StaleWrite) as caught:
        save(engine, world, world.helen, sheet_id, "F02", first.version, value=4)
    assert caught.value.mine["value"] == 4
    assert caught.value.theirs["value"] is None and caught.value.theirs["non_score"] is NonScore.NO_EVIDENCE
    assert desk(engine, world, world.helen).sheet(sheet_id).answers["F02"].non_score is NonScore.NO_EVIDENCE


def test_answers_that_the_framework_does_not_offer_are_refused(engine: Engine, world: World, sheet_id: str) -> None:
    for fields in ({"value": 5}, {"non_score": NonScore.NOT_APPLICABLE}, {"evidence": "x" * 4001}):
        with pytest.raises(InvalidInput):
            save(engine, world, world.helen, sheet_id, "F02", **fields)
    with pytest.raises(NotFound):
        save(engine, world, world.helen, sheet_id, "Z99", value=1)
    assert not rows(engine, Rating)


def test_another_auditors_sheet_does_not_exist(engine: Engine, world: World, sheet_id: str) -> None:
    for person in (world.robert, world.amina, world.grace):
        with pytest.raises(NotFound):
            save(engine, world, person, sheet_id, "F02", value=2)
        with pytest.raises(NotFound):
            act_as(engine, person, world.area_id, actions.submit, sheet_id, 1)
        with pytest.raises(NotFound):
            desk(engine, world, person).sheet(sheet_id)


def test_another_area_cannot_reach_a_sheet(engine: Engine, world: World, sheet_id: str) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    with pytest.raises(NotFound):
        act_as(engine, world.helen, other.area_id, actions.save, sheet_id, "F02", lambda _: {"value": 2}, 0)
    with pytest.raises(NotFound):
        act_as(engine, other.grace, other.area_id, actions.reopen, sheet_id, "no")


def test_an_incomplete_sheet_says_what_it_lacks(engine: Engine, world: World, sheet_id: str) -> None:
    answer_all(engine, world, world.helen, sheet_id, but={"F02": None, "A04": 0})
    with Session(engine) as session:
        version = RaterDesk(session, world.area_id, world.helen.id).sheet(sheet_id).version
    with pytest.raises(ScoresheetIncomplete) as caught:
        act_as(engine, world.helen, world.area_id, actions.submit, sheet_id, version)
    assert [(lack.criterion_key, lack.lack.value) for lack in caught.value.missing] == [("F02", "answer")]


def test_submitting_locks_and_submitting_again_is_one_submit(engine: Engine, world: World, round_id: str) -> None:
    sheet_id = a_submitted_sheet(engine, world, round_id, world.helen)
    act_as(engine, world.helen, world.area_id, actions.submit, sheet_id, 1)
    assert len(rows(engine, EventRow, name="ScoresheetSubmitted")) == 1
    with pytest.raises(Refused, match="locked"):
        save(engine, world, world.helen, sheet_id, "F02", 1, value=1)
    allocation = rows(engine, Allocation, id=allocations_of(engine, round_id, world.helen)[0])[0]
    assert allocation.ended_as is Ending.SUBMITTED


def test_a_submit_from_a_page_that_is_out_of_date_is_refused(engine: Engine, world: World, sheet_id: str) -> None:
    answer_all(engine, world, world.helen, sheet_id)
    with pytest.raises(StaleWrite):
        act_as(engine, world.helen, world.area_id, actions.submit, sheet_id, 1)
    assert rows(engine, Scoresheet, id=sheet_id)[0].state is SheetState.DRAFT


def test_a_lead_reopens_with_a_reason_before_closing_only(engine: Engine, world: World, round_id: str) -> None:
    sheet_id = a_submitted_sheet(engine, world, round_id, world.helen)
    with Session(engine) as session:
        assert [sheet.id for sheet in submitted_sheets(session, world.area_id, world.grace.id, round_id)] == [sheet_id]
        with pytest.raises(NotFound):
            submitted_sheets(session, world.area_id, world.helen.id, round_id)  # she rates in this round
    with pytest.raises(InvalidInput):
        act_as(engine, world.grace, world.area_id, actions.reopen, sheet_id, " ")
    act_as(engine, world.grace, world.area_id, actions.reopen, sheet_id, "Wrong plan open")
    save(engine, world, world.helen, sheet_id, "F02", 1, value=1)
    submit(engine, world, world.helen, sheet_id)
    close(engine, world, round_id)
    with pytest.raises(Refused):
        act_as(engine, world.grace, world.area_id, actions.reopen, sheet_id, "Too late")


def test_closing_locks_what_is_submitted_lapses_the_rest_and_happens_once(engine: Engine, world: World, round_id: str) -> None:
    done = a_submitted_sheet(engine, world, round_id, world.helen)
    begun = a_sheet(engine, world, round_id, world.amina)
    save(engine, world, world.amina, begun, "F02", value=2)
    assert close(engine, world, round_id) and not close(engine, world, round_id)
    states = {row.id: row.state for row in rows(engine, Scoresheet)}
    assert states == {done: SheetState.LOCKED, begun: SheetState.LAPSED}
    assert rows(engine, Round, id=round_id)[0].state is RoundState.CLOSED
    ended = {(row.account_id, row.ended_as) for row in rows(engine, Allocation)}
    assert {ending for _, ending in ended} == {Ending.SUBMITTED, Ending.LAPSED}
    told = [row for row in rows(engine, Outbox) if row.key.startswith("closed:")]
    late = {person.email for person in world.auditors() if (person.id, Ending.LAPSED) in ended}
    assert sorted(row.recipient for row in told) == sorted(late)
    assert len({row.body.partition(",")[2] for row in told}) == 1 and not any(
        char.isdigit() for row in told for char in row.body.replace("Round 1", "")
    )
    with pytest.raises(Refused):
        save(engine, world, world.amina, begun, "F02", 1, value=1)
    assert verify(engine, engine_heads()).fault is None


def test_closing_takes_back_the_letters_about_changed_lists_that_nobody_has_been_sent(
    engine: Engine, world: World, round_id: str
) -> None:
    """Both would come with the next digest: your list has changed, and the round has closed."""
    sent, *_ = queued = told_of_change(engine, world, round_id)
    with Session(engine) as session:
        session.execute(update(Outbox).where(col(Outbox.id) == sent).values(state=LetterState.SENT))
        session.add(
            Outbox(key="change:another round:x:2026-11-02", recipient="a@b.example", subject="", body="", not_before=instants.now())
        )
        session.commit()
    close(engine, world, round_id)
    left = [row for row in rows(engine, Outbox) if row.key.startswith("change:")]
    assert len(queued) > 1 and {row.id for row in left if row.key.startswith(f"change:{round_id}:")} == {sent} and len(left) == 2


def told_of_change(engine: Engine, world: World, round_id: str) -> list[str]:
    """The letters that a new closing date has put into the outbox."""
    found = rows(engine, Round, id=round_id)[0]
    day = found.closes_on + timedelta(days=1)
    act_as(engine, world.grace, world.area_id, allocate.move_closing_date, round_id, found.version, day)
    return [row.id for row in rows(engine, Outbox) if row.key.startswith(f"change:{round_id}:")]


def engine_heads():  # type: ignore[no-untyped-def]
    from pathlib import Path

    return Path("no-heads-signed")


def test_a_round_is_due_to_close_when_its_last_day_is_over_in_london(engine: Engine, world: World, round_id: str) -> None:
    closes_on = rows(engine, Round, id=round_id)[0].closes_on
    with Session(engine) as session:
        assert actions.due_to_close(session, instants.end_of_day(closes_on)) == []
        just_after = instants.end_of_day(closes_on) + timedelta(seconds=1)
        assert actions.due_to_close(session, just_after) == [(world.area_id, round_id)]
    close(engine, world, round_id)
    with Session(engine) as session:
        assert actions.due_to_close(session, just_after) == []


def test_withdrawn_sheets_count_nowhere_and_are_kept(engine: Engine, world: World, round_id: str) -> None:
    sheet_id = a_submitted_sheet(engine, world, round_id, world.helen)
    plan_id = rows(engine, Scoresheet, id=sheet_id)[0].round_plan_id
    act_as(engine, world.grace, world.area_id, allocate.withdraw_plan, plan_id, "A tribunal has begun")
    assert act_as(engine, world.grace, world.area_id, actions.withdraw_sheets, plan_id) == 1
    assert act_as(engine, world.grace, world.area_id, actions.withdraw_sheets, plan_id) == 0
    close(engine, world, round_id)
    with Session(engine) as session:
        assert not ratings_of(session, release_for(session, world.area_id, round_id))
    assert rows(engine, Rating)


def test_what_was_handed_back_is_gone_from_the_desk_and_kept_in_the_record(engine: Engine, world: World, sheet_id: str) -> None:
    save(engine, world, world.helen, sheet_id, "F02", value=2)
    allocation_id = rows(engine, Scoresheet, id=sheet_id)[0].allocation_id
    act_as(engine, world.helen, world.area_id, allocate.hand_back, allocation_id, "Away")
    with pytest.raises(Refused, match="no longer on your list"):
        save(engine, world, world.helen, sheet_id, "F02", 1, value=1)
    with pytest.raises(NotFound):
        desk(engine, world, world.helen).sheet(sheet_id)
    assert rows(engine, Rating)[0].value == 2


def test_there_is_no_release_before_closing_and_none_but_the_doors(engine: Engine, world: World, round_id: str) -> None:
    with Session(engine) as session:
        for area_id, asked in ((world.area_id, round_id), (world.area_id, "nothing"), ("elsewhere", round_id)):
            with pytest.raises(NotFound):
                release_for(session, area_id, asked)
    with pytest.raises(TypeError):
        Release(world.area_id, round_id, True, object())


def test_released_ratings_carry_letters_that_repeat_and_differ_by_plan(engine: Engine, world: World, round_id: str) -> None:
    people = [world.helen, world.robert, world.amina, world.jana, world.tom, world.shirin]
    for person in people:
        for which in range(len(allocations_of(engine, round_id, person))):
            sheet_id = a_sheet(engine, world, round_id, person, which)
            save(engine, world, person, sheet_id, "O01", value=2, evidence=f"Words of {person.name}", confidence=Confidence.SURE)
            answer_all(engine, world, person, sheet_id, but={"O01": None})
            submit(engine, world, person, sheet_id)
    close(engine, world, round_id)
    with Session(engine) as session:
        release = release_for(session, world.area_id, round_id)
        found = ratings_of(session, release, criterion_key="O01")
        assert found == ratings_of(session, release, criterion_key="O01")
        assert len(found) == 18 and {rating.letter for rating in found} == {"A", "B", "C"}
        assert len({(rating.letter, rating.agency_id) for rating in found}) > 3
        behind = raters_of(session, release)
        assert set(behind[found[0].round_plan_id]) == {"A", "B", "C"}
        assert set(auditors_per_agency(session, release).values()) == {2}
        with pytest.raises(NotFound):
            own_ratings(session, release, world.helen.id)  # feedback waits for publication


def test_a_concern_goes_to_one_person_once_and_says_nothing_in_the_letter(engine: Engine, world: World, sheet_id: str) -> None:
    sheet = desk(engine, world, world.helen).sheet(sheet_id)
    said = ("A bruise is mentioned on page 4", "https://service.example/concerns")
    first = act_as(engine, world.helen, world.area_id, concerns.raise_concern, sheet, ConcernKind.SAFEGUARDING, *said)
    assert first == act_as(engine, world.helen, world.area_id, concerns.raise_concern, sheet, ConcernKind.SAFEGUARDING, *said)
    letters = [row for row in rows(engine, Outbox) if row.key.startswith("concern:")]
    assert [letter.recipient for letter in letters] == [world.grace.email]
    assert "bruise" not in letters[0].body and world.helen.name not in letters[0].body
    with Session(engine) as session:
        assert [concern.text for concern in concerns.concerns_for(session, world.area_id, world.grace.id)] == [said[0]]
        assert not concerns.concerns_for(session, world.area_id, world.priya.id)
    with pytest.raises(NotFound):
        act_as(engine, world.priya, world.area_id, concerns.mark_handled, first)
    act_as(engine, world.grace, world.area_id, concerns.mark_handled, first)
    assert rows(engine, Concern)[0].handled_at and not rows(engine, Rating)


def test_the_named_person_closes_a_concern_with_an_outcome_that_stands_in_no_event(
    engine: Engine, world: World, sheet_id: str
) -> None:
    sheet = desk(engine, world, world.helen).sheet(sheet_id)
    said = ("A bruise is mentioned on page 4", "https://service.example/concerns")
    concern_id = act_as(engine, world.helen, world.area_id, concerns.raise_concern, sheet, ConcernKind.SAFEGUARDING, *said)

    def close(person: Person, version: int, outcome: str = "Social care was told on Monday.") -> None:
        act_as(engine, person, world.area_id, concerns.close, concern_id, version, outcome)

    with pytest.raises(Refused, match="first"):
        close(world.grace, 1)
    act_as(engine, world.grace, world.area_id, concerns.mark_handled, concern_id)
    for stranger in (world.priya, world.helen):
        with pytest.raises(NotFound):
            close(stranger, 2)
    with pytest.raises(InvalidInput):
        close(world.grace, 2, " ")
    close(world.grace, 2)
    close(world.grace, 2)  # a double click
    with pytest.raises(StaleWrite):
        close(world.grace, 2, "Something else.")
    with pytest.raises(Refused, match="stays"):
        close(world.grace, 3, "Something else.")
    (concern,) = rows(engine, Concern)
    assert concern.closed_at and concern.outcome == "Social care was told on Monday."
    written = [row for row in rows(engine, EventRow) if row.name == "ConcernClosed"]
    assert len(written) == 1 and "Social care" not in str(written[0].content)


def test_the_area_names_another_person_for_concerns(engine: Engine, world: World, sheet_id: str) -> None:
    act_as(engine, world.grace, world.area_id, concerns.name_person, world.ruth.id)
    with Session(engine) as session:
        told = concerns.named_person(session, world.area_id)
    assert told and told.account_id == world.ruth.id
    with pytest.raises(NotFound):
        act_as(engine, world.grace, world.area_id, concerns.name_person, "a stranger")


def test_a_concern_nobody_dealt_with_passes_to_whoever_is_named_next(engine: Engine, world: World, sheet_id: str) -> None:
    sheet = desk(engine, world, world.helen).sheet(sheet_id)
    said = ("A bruise is mentioned on page 4", "https://service.example/concerns")
    concern_id = act_as(engine, world.helen, world.area_id, concerns.raise_concern, sheet, ConcernKind.SAFEGUARDING, *said)
    act_as(engine, world.grace, world.area_id, concerns.name_person, world.ruth.id)
    with Session(engine) as session:
        assert [concern.id for concern in concerns.concerns_for(session, world.area_id, world.ruth.id)] == [concern_id]
    act_as(engine, world.ruth, world.area_id, concerns.mark_handled, concern_id)
    assert rows(engine, Concern)[0].handled_by == world.ruth.id
    with Session(engine) as session:  # and can read what they deal with
        assert [concern.id for concern in concerns.concerns_for(session, world.area_id, world.ruth.id)] == [concern_id]


def test_a_concern_has_a_clock_of_its_own_that_touches_no_score(
    engine: Engine, world: World, sheet_id: str, settings: Settings
) -> None:
    sheet = desk(engine, world, world.helen).sheet(sheet_id)
    said = ("A bruise is mentioned on page 4", "https://service.example/concerns")
    concern_id = act_as(engine, world.helen, world.area_id, concerns.raise_concern, sheet, ConcernKind.SAFEGUARDING, *said)
    raised = rows(engine, Concern)[0].raised_at

    def told_after(hours: float) -> list[tuple[str, str]]:
        with frozen(raised + timedelta(hours=hours)):
            chase_concerns(engine, settings)
            chase_concerns(engine, settings)
        late = [row for row in rows(engine, Outbox) if ":late:" in row.key or ":alarm:" in row.key]
        return sorted((row.recipient, row.key.split(":")[3]) for row in late)

    assert told_after(23.9) == []
    assert told_after(24) == [(world.grace.email, "1")]
    assert told_after(49) == sorted([(world.grace.email, "1"), (world.grace.email, "2"), (world.ruth.email, "2")])
    letters = [row.body for row in rows(engine, Outbox) if row.key.startswith("concern:")]
    assert len(letters) == 4 and not any(word in body for body in letters for word in ("bruise", world.helen.name))
    act_as(engine, world.grace, world.area_id, concerns.mark_handled, concern_id)
    assert len(told_after(200)) == 3 and not rows(engine, Rating)


def test_the_desk_lists_own_plans_in_own_order(engine: Engine, world: World, round_id: str, sheet_id: str) -> None:
    save(engine, world, world.helen, sheet_id, "A01", value=2)
    save(engine, world, world.helen, sheet_id, "F02", value=2)
    save(engine, world, world.helen, sheet_id, "F03", note_to_self="come back")
    mine = desk(engine, world, world.helen)
    assert [plan.allocation_id for plan in mine.plans()] == allocations_of(engine, round_id, world.helen)
    progress = mine.progress()[sheet_id]
    assert (progress.answered, progress.last_key) == ({"A01", "F02"}, "F03")
    keys = [criterion.key for criterion in criteria_of(engine, world, world.helen, sheet_id)]
    assert len(keys) == len(set(keys)) and keys[-1] == "O01"


def test_no_event_of_a_sheet_carries_a_word_or_a_rating(engine: Engine, world: World, round_id: str) -> None:
    sheet_id = a_submitted_sheet(engine, world, round_id, world.helen)
    with Session(engine) as session:
        for line in history(session, world.area_id, sheet_id):
            assert set(line.content) <= {"sheet_id", "criterion_key", "round_plan_id"}
