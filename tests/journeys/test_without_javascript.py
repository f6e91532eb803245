"""The auditor's and the moderator's part of a round in a browser that runs no script."""

from datetime import date

from sqlmodel import Session

from moderation.allocate.tables import Allocation
from moderation.score.tables import Scoresheet
from tests.build import PASSWORD, Person, World, a_world, allocations_of, an_open_round
from tests.build_sheets import a_sheet, answer_all, criteria_of, submit
from tests.journeys import people
from tests.journeys.conftest import Story


def somebody(story: Story, person: Person) -> people.Somebody:
    found = people.Somebody(story, person.email, story.windows.open(script=False), PASSWORD)
    found.sign_in()
    return found


def score_everything_else(story: Story, world: World, round_id: str) -> None:
    """All sheets that are not begun yet; the two auditors of an agency never agree on the first question."""
    engine = story.live.engine
    for person in world.auditors():
        for which, allocation in enumerate(allocations_of(engine, round_id, person)):
            with Session(engine) as session:
                begun = session.get_one(Allocation, allocation).state != "offered"
            if not begun:
                sheet = a_sheet(engine, world, round_id, person, which)
                lowest = {criterion.key: min(criterion.scale.values) for criterion in criteria_of(engine, world, person, sheet)}
                answer_all(engine, world, person, sheet, lowest if person.agency == "care" else None)
                submit(engine, world, person, sheet)


def test_scoring_and_a_meeting_without_a_script(story: Story) -> None:
    world = a_world(story.live.engine)
    round_id = an_open_round(story.live.engine, world, plans=3, capacity=3, closes=date(2026, 11, 30))

    helen = somebody(story, world.helen)
    people.accept_all(helen)
    helen.press("Start")
    answered = 0
    while "/questions/" in helen.page.url:
        helen.page.locator(".desk-level__label").last.click()
        helen.page.locator("#evidence").fill("Page 1: the provision is named and counted.")
        helen.page.locator("button[name=go][value=next]").click()
        answered += 1
    helen.sees(f"{answered} of {answered} answered")
    people.submit(helen)
    with Session(story.live.engine) as session:
        states = [session.get_one(Scoresheet, helen.page.url.split("/")[-2]).state]
    assert answered > 20 and states == ["submitted"]

    score_everything_else(story, world, round_id)
    story.clock.move(2026, 12, 1, 7)
    story.jobs("close_rounds", "measure", "find_disagreements")
    priya = somebody(story, world.priya)
    people.plan_meeting(priya, "Round 1", 2, date(2026, 12, 1))
    people.hold_meeting(priya, 2)
    people.leave_the_rest(priya, "Round 1")
    grace = somebody(story, world.grace)
    people.publish(grace, "Round 1")
    story.jobs("recompute_trends")
    helen.sign_in_later()
    helen.go("/my-feedback")
    helen.sees("the same as the agreed answer")
