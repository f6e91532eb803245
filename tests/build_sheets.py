"""Builders for score sheets: one that is begun, answers that are complete, one that is submitted."""

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from moderation.ledger import Transaction
from moderation.register.framework import Criterion, NonScore, builtin, evidence_required
from moderation.score import actions
from moderation.score.own import RaterDesk
from moderation.score.questions import questions_for
from tests.build import Person, World, a_framework_version, act_as, allocations_of, an_open_round_about, some_plans


def a_sheet(engine: Engine, world: World, round_id: str, person: Person, which: int = 0) -> str:
    """The sheet of one of a person's plans, begun."""
    return act_as(engine, person, world.area_id, actions.start, allocations_of(engine, round_id, person)[which])


def a_sheet_with_a_number(engine: Engine, world: World, key: str) -> str:
    """Helen's sheet in a round of its own, whose framework asks this question for a number from 0 to 10, one decimal place."""
    content = deepcopy(builtin())
    scale = {"kind": "interval", "levels": [], "minimum": 0, "maximum": 100, "decimals": 1}
    content["scales"]["points"] = content["scales"]["quality4"] | scale
    next(criterion for criterion in content["criteria"] if criterion["id"] == key).update(scale="points", levels={})
    plans = some_plans(engine, world, 1, prefix="N")
    framework = a_framework_version(engine, world, 2, content)
    return a_sheet(
        engine, world, an_open_round_about(engine, world, plans, framework, [world.helen, world.amina, world.tom]), world.helen
    )


def criteria_of(engine: Engine, world: World, person: Person, sheet_id: str) -> tuple[Criterion, ...]:
    with Session(engine) as session:
        plan = RaterDesk(session, world.area_id, person.id).sheet(sheet_id).plan
        return questions_for(session, world.area_id, plan)


def sent(**fields: Any) -> actions.Wanted:
    """What a form sends, whatever the question."""
    return lambda criterion: fields


def save(engine: Engine, world: World, person: Person, sheet_id: str, key: str, version: int = 0, **fields: Any) -> actions.Saved:
    return act_as(engine, person, world.area_id, actions.save, sheet_id, key, sent(**fields), version)


Choices = Mapping[str, int | NonScore | None]


def answer_all(engine: Engine, world: World, person: Person, sheet_id: str, but: Choices | None = None) -> None:
    """Answer every question with its highest level and evidence where it is needed; `but` says otherwise, None leaves open."""
    asked, chosen = criteria_of(engine, world, person, sheet_id), but or {}
    said = [(criterion, chosen.get(criterion.key, criterion.scale.highest)) for criterion in asked]

    def answers(tx: Transaction) -> None:
        for criterion, choice in said:
            if choice is not None:
                actions.save(tx, sheet_id, criterion.key, partial(_fields, choice=choice), 0)

    act_as(engine, person, world.area_id, answers)


def _fields(criterion: Criterion, choice: int | NonScore) -> dict[str, Any]:
    fields: dict[str, Any] = {"non_score": choice} if isinstance(choice, NonScore) else {"value": choice}
    if evidence_required(criterion, fields.get("value"), fields.get("non_score")):
        fields["evidence"] = f"Seen on page 2 for {criterion.key}"
    return fields


def submit(engine: Engine, world: World, person: Person, sheet_id: str) -> None:
    with Session(engine) as session:
        version = RaterDesk(session, world.area_id, person.id).sheet(sheet_id).version
    act_as(engine, person, world.area_id, actions.submit, sheet_id, version)


def a_submitted_sheet(engine: Engine, world: World, round_id: str, person: Person, which: int = 0) -> str:
    sheet_id = a_sheet(engine, world, round_id, person, which)
    answer_all(engine, world, person, sheet_id)
    submit(engine, world, person, sheet_id)
    return sheet_id
