"""One audit round, from an empty service to agreed ratings and a trend, in a real browser."""

from datetime import date
from pathlib import Path

import pytest

from tests.journeys import people
from tests.journeys.conftest import Story

REFERENCES = ("NF-101", "NF-102", "NF-103")


def test_a_whole_round(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sam = people.an_administrator(story, "Sam Cole", monkeypatch, capsys)
    people.set_up_area(sam, "Northfield Partnership", "Gateshead")
    for names, role, agency in (
        (["Grace Obi"], "QA lead", ""),
        (["Helen Marsh"], "Auditor", "Education"),
        (["Amina Yusuf"], "Auditor", "Health"),
        (["Tom Evans"], "Auditor", "Social care"),
        (["Priya Nair"], "Moderator", ""),
        (["Ruth Adeyemi"], "Area lead", ""),
    ):
        people.invite(sam, names, role, agency)
    story.jobs("send_letters", "install_frameworks")

    cast = ("Grace Obi", "Helen Marsh", "Amina Yusuf", "Tom Evans", "Priya Nair", "Ruth Adeyemi")
    grace, helen, amina, tom, priya, ruth = (people.arrive(story, name) for name in cast)
    people.import_plans(grace, tmp_path, REFERENCES)
    pdf = people.a_plan()
    for reference in REFERENCES:
        people.add_pack(grace, reference, pdf)
    story.jobs("render_documents", "search_packs")
    for reference in REFERENCES:
        people.pass_gate(grace, reference)
    story.jobs("release_packs")
    people.looks_at_release(grace, REFERENCES[0])
    here = people.create_round(grace, "Autumn 2026", date(2026, 11, 16), date(2026, 11, 30), len(REFERENCES))
    people.allocate_and_open(grace, here)

    story.jobs("send_letters")
    assert [letter["Subject"] for letter in story.mailbox.to(tom.email)][-1] == "Autumn 2026: plans for you to score"
    for auditor in (helen, amina, tom):
        people.accept_all(auditor)
    assert people.score_one(helen, nth_level=2) > 20
    people.submit(helen)
    people.score_one_by_keyboard(tom)
    for nth_level, auditor in enumerate((helen, amina, tom), 1):
        people.score_the_rest(auditor, nth_level)
    grace.go("/rounds")
    grace.follow("Autumn 2026")
    grace.sees("9 of 9")

    story.clock.move(2026, 12, 1, 7)
    story.jobs("close_rounds", "measure", "find_disagreements")
    priya.sign_in_later()
    people.plan_meeting(priya, "Autumn 2026", 2, date(2026, 12, 3))
    story.clock.move(2026, 12, 3, 10)
    priya.sign_in_later()
    priya.go("/meetings")
    priya.follow("Moderation meeting 1")
    people.hold_meeting(priya, 2)
    people.leave_the_rest(priya, "Autumn 2026")
    grace.sign_in_later()
    people.publish(grace, "Autumn 2026")

    story.jobs("recompute_trends")
    ruth.sign_in_later()
    for page in ("/agreement", "/quality"):
        ruth.go(page)
        ruth.sees("Autumn 2026")
        header, *rows = people.download_table(ruth)
        assert header and rows
    helen.sign_in_later()
    helen.go("/my-feedback")
    helen.sees("the same as the agreed answer")
