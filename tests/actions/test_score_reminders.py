"""Reminders by the clock: on set days, one letter to each auditor for all their open rounds."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from moderation.allocate.actions import hand_back
from moderation.allocate.tables import RoundAuditor
from moderation.instants import frozen, now, today
from moderation.ledger import EventRow
from moderation.people.reminders import choose_reminder_days
from moderation.post import Outbox
from moderation.score.jobs import send_reminders
from moderation.settings import Settings
from tests.build import World, a_framework_version, act_as, allocations_of, an_open_round


def reminders(engine: Engine, email: str) -> list[Outbox]:
    chosen = select(Outbox).where(Outbox.recipient == email, col(Outbox.key).startswith("reminder:"))
    with Session(engine) as session:
        return list(session.exec(chosen.order_by(col(Outbox.not_before))))


def test_one_letter_on_a_set_day_names_every_round_with_plans_to_finish(engine: Engine, world: World, settings: Settings) -> None:
    framework, start = a_framework_version(engine, world), now()
    soon, late = (today() + timedelta(days=days) for days in (7, 20))
    first = an_open_round(engine, world, plans=2, closes=soon, framework=framework)
    second = an_open_round(engine, world, plans=2, closes=late, framework=framework, prefix="Q")
    for allocation in allocations_of(engine, first, world.robert):
        act_as(engine, world.robert, world.area_id, hand_back, allocation, "no time")
    for _ in range(2):
        send_reminders(engine, settings)
    with Session(engine) as session:
        noted = session.exec(select(EventRow.subject).where(EventRow.name == "AuditorsReminded")).all()
        versions = set(session.exec(select(RoundAuditor.version).where(col(RoundAuditor.reminded_at).is_not(None))))
    assert sorted(noted) == sorted({first, second}) and len(versions) == 1  # the job ran twice: told once, noted once
    with frozen(start + timedelta(days=1)):
        send_reminders(engine, settings)
    (letter,) = reminders(engine, world.helen.email)
    assert letter.subject == "Your plans to score in 2 rounds"
    assert f"{soon:%A} {soon.day} {soon:%B %Y}" in letter.body and f"{late:%A} {late.day} {late:%B %Y}" in letter.body
    assert reminders(engine, world.robert.email) == []  # his only round left closes on no set day from now
    with Session(engine) as session:
        told = session.exec(select(RoundAuditor.round_id).where(col(RoundAuditor.reminded_at).is_not(None)).distinct()).all()
    assert set(told) == {first, second}
    with frozen(start + timedelta(days=18)):
        send_reminders(engine, settings)
    for person in (world.helen, world.robert):  # the first round is over
        assert reminders(engine, person.email)[-1].subject == "Round 1: your plans to score"


def test_letters_come_on_the_days_that_each_auditor_chose(engine: Engine, world: World, settings: Settings) -> None:
    start = now()
    an_open_round(engine, world, plans=2, closes=today() + timedelta(days=7))
    act_as(engine, world.helen, None, choose_reminder_days, world.helen.id, [1])
    act_as(engine, world.amina, None, choose_reminder_days, world.amina.id, [])
    for day in range(8):
        with frozen(start + timedelta(days=day)):
            send_reminders(engine, settings)
    came = {who: [(one.not_before - start).days for one in reminders(engine, who.email)] for who in (world.helen, world.robert)}
    assert came == {world.helen: [6], world.robert: [0, 5, 7]}
    assert reminders(engine, world.amina.email) == []
