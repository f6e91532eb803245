"""Versions of the audit framework: copied, edited as a draft, published, and then fixed."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from moderation.ledger import OPERATOR, Via, transaction
from moderation.register import actions, jobs, queries
from moderation.register.criteria import YearGroups
from moderation.register.drafting import CriterionEdit, mark_of
from moderation.register.framework import Criterion, builtin, parse
from moderation.register.framework_views import FrameworkView
from moderation.register.tables import FrameworkVersion
from moderation.settings import Settings
from moderation.words import AgencyKind, InvalidInput, NotFound, Refused, StaleWrite
from tests.build import World, a_world, act_as


@pytest.fixture
def published(engine: Engine, world: World) -> str:
    found: str = act_as(engine, world.grace, world.area_id, actions.install_framework)
    return found


@pytest.fixture
def draft(engine: Engine, world: World, published: str) -> str:
    found: str = act_as(engine, world.grace, world.area_id, actions.copy_framework, published)
    return found


def shown(engine: Engine, world: World, version: str) -> FrameworkView:
    with Session(engine) as session:
        return queries.framework_view(session, world.area_id, version)


def edit_of(criterion: Criterion, **changed: object) -> CriterionEdit:
    plain = {name: getattr(criterion, name) for name in (
        "title", "question", "guidance", "good_example", "not_yet_example", "na_rule", "scorers", "applies_when", "weight",
        "statutory", "critical", "comparable_with_previous",
    )}  # fmt: skip
    descriptors = {level.key: level.descriptor for level in criterion.levels}
    return replace(CriterionEdit(seen=mark_of(criterion), descriptors=descriptors, **plain), **changed)  # type: ignore[arg-type]


def change(engine: Engine, world: World, version: str, key: str, **changed: object) -> None:
    criterion = shown(engine, world, version).framework.criterion(key)
    act_as(engine, world.grace, world.area_id, actions.change_criterion, version, key, edit_of(criterion, **changed))


def test_the_clock_gives_each_area_the_built_in_framework_once(engine: Engine, world: World, settings: Settings) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    assert jobs.install_frameworks(engine, settings) == "2 areas given the framework"
    assert jobs.install_frameworks(engine, settings) == "0 areas given the framework"
    with Session(engine) as session:
        assert [line.number for line in queries.published_frameworks(session, other.area_id)] == [1]


def test_installing_twice_is_installing(engine: Engine, world: World, published: str) -> None:
    assert act_as(engine, world.grace, world.area_id, actions.install_framework) == published
    assert len(shown(engine, world, published).framework.criteria) == 46


def test_a_changed_copy_becomes_the_next_version(engine: Engine, world: World, published: str, draft: str) -> None:
    change(
        engine,
        world,
        draft,
        "F02",
        guidance="Count the items.",
        weight=3.0,
        scorers=tuple(AgencyKind),
        descriptors={"good": "All key items."},
    )
    with Session(engine) as session:
        changed = queries.framework_changes(session, world.area_id, draft)
    assert [(each.key, [field.field for field in each.fields]) for each in changed] == [
        ("F02", ["Guidance", "Level: Good", "Scored by", "Weight"])
    ]
    act_as(engine, world.grace, world.area_id, actions.publish_framework, draft, 2)
    new, old = shown(engine, world, draft), shown(engine, world, published)
    assert (new.line.number, new.line.is_draft, new.framework.version) == (2, False, "2")
    assert new.framework.criterion("F02").guidance == "Count the items."
    assert old.framework.criterion("F02").guidance != "Count the items."


def test_a_published_version_cannot_change(engine: Engine, world: World, published: str) -> None:
    with pytest.raises(Refused):
        change(engine, world, published, "A01", title="Other")
    with pytest.raises(Refused):
        act_as(engine, world.grace, world.area_id, actions.discard_draft, published)
    with (
        pytest.raises(Exception, match=r"immutable|never change|published"),
        transaction(engine, OPERATOR, Via.COMMAND, world.area_id) as tx,
    ):
        row = tx.get(FrameworkVersion, published)
        row.content = dict(row.content, sections=[])
        tx.session.flush()


def test_a_draft_that_says_the_same_cannot_be_published(engine: Engine, world: World, draft: str) -> None:
    with pytest.raises(Refused):
        act_as(engine, world.grace, world.area_id, actions.publish_framework, draft, 1)


def test_two_people_who_change_the_same_criterion_are_shown_both_versions(engine: Engine, world: World, draft: str) -> None:
    criterion = shown(engine, world, draft).framework.criterion("A01")
    mine, theirs = edit_of(criterion, title="Mine"), edit_of(criterion, title="Theirs")
    act_as(engine, world.grace, world.area_id, actions.change_criterion, draft, "A01", theirs)
    with pytest.raises(StaleWrite) as stale:
        act_as(engine, world.grace, world.area_id, actions.change_criterion, draft, "A01", mine)
    assert (stale.value.mine, stale.value.theirs) == ({"Title": "Mine"}, {"Title": "Theirs"})


def test_two_people_who_change_different_criteria_do_not_meet(engine: Engine, world: World, draft: str) -> None:
    framework = shown(engine, world, draft).framework
    for key in ("A01", "A02"):
        edit = edit_of(framework.criterion(key), title=f"New {key}")
        act_as(engine, world.grace, world.area_id, actions.change_criterion, draft, key, edit)
    after = shown(engine, world, draft).framework
    assert [after.criterion(key).title for key in ("A01", "A02")] == ["New A01", "New A02"]


def test_saving_a_criterion_twice_is_saving_it(engine: Engine, world: World, draft: str) -> None:
    edit = edit_of(shown(engine, world, draft).framework.criterion("A01"), title="Mine")
    for _ in range(2):
        act_as(engine, world.grace, world.area_id, actions.change_criterion, draft, "A01", edit)
    assert shown(engine, world, draft).version == 2


def test_an_unchanged_draft_serves_again_and_can_be_discarded(engine: Engine, world: World, published: str, draft: str) -> None:
    assert act_as(engine, world.grace, world.area_id, actions.copy_framework, published) == draft
    act_as(engine, world.grace, world.area_id, actions.discard_draft, draft)
    with Session(engine) as session:
        assert [line.number for line in queries.framework_versions(session, world.area_id)] == [1]


def test_a_new_name_is_a_change_of_the_draft_only(engine: Engine, world: World, published: str, draft: str) -> None:
    act_as(engine, world.grace, world.area_id, actions.retitle, draft, 1, "Our framework")
    assert shown(engine, world, draft).line.title == "Our framework"
    assert shown(engine, world, published).line.title != "Our framework"


def test_a_lesson_is_adopted_once_into_a_draft(engine: Engine, world: World, published: str) -> None:
    lesson = actions.LessonText("lesson-1", "E01", "Count only dated outcomes.")
    drafts = {act_as(engine, world.grace, world.area_id, actions.adopt_lesson, lesson) for _ in range(2)}
    assert len(drafts) == 1
    rulings = shown(engine, world, drafts.pop()).framework.criterion("E01").rulings
    assert [(ruling.text, ruling.lesson_id) for ruling in rulings] == [("Count only dated outcomes.", "lesson-1")]
    assert shown(engine, world, published).framework.criterion("E01").rulings == ()


def test_year_groups_of_a_criterion_can_be_narrowed(engine: Engine, world: World, draft: str) -> None:
    change(engine, world, draft, "E01", applies_when=YearGroups(min_ncy=0, max_ncy=11))
    criterion = shown(engine, world, draft).framework.criterion("E01")
    assert [criterion.applies_when.include(year) for year in (-1, 0, 11, 12)] == [False, True, True, False]


def test_a_framework_from_elsewhere_is_published_whole_or_refused(engine: Engine, world: World) -> None:
    version = act_as(engine, world.grace, world.area_id, actions.publish_content, builtin())
    assert shown(engine, world, version).framework.criteria == parse(builtin()).criteria
    with pytest.raises(InvalidInput):
        act_as(engine, world.grace, world.area_id, actions.publish_content, {"criteria": []})


def test_a_framework_of_another_area_does_not_exist(engine: Engine, world: World, published: str) -> None:
    other = a_world(engine, "Southfield", "southfield.example")
    with pytest.raises(NotFound):
        shown(engine, other, published)
    with pytest.raises(NotFound):
        act_as(engine, other.grace, other.area_id, actions.copy_framework, published)


def test_comparability_is_said_of_each_version_anew(engine: Engine, world: World, draft: str) -> None:
    change(engine, world, draft, "F02", question="Something else?", comparable_with_previous=False)
    act_as(engine, world.grace, world.area_id, actions.publish_framework, draft, 2)
    third = act_as(engine, world.grace, world.area_id, actions.copy_framework, draft)
    assert shown(engine, world, third).framework.criterion("F02").comparable_with_previous
    with pytest.raises(Refused):
        act_as(engine, world.grace, world.area_id, actions.publish_framework, third, 1)
