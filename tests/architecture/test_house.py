"""The house rules that a newcomer could break without noticing."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import CodeType

import pytest
from flask import Flask
from sqlmodel import SQLModel
from wtforms.fields.core import UnboundField

import moderation
from moderation.web.fields import Form, TextArea
from moderation.wiring import STAGES
from moderation.words import Retention

ROOT = Path(__file__).parent.parent.parent
WITHOUT_AREA = {"area", "account", "user_session", "sign_in_link", "sign_in_failure", "job_run", "event", "ledger_head"}

for info in pkgutil.walk_packages(moderation.__path__, "moderation."):
    if info.name.endswith("tables") or info.name in ("moderation.ledger", "moderation.post", "moderation.jobs"):
        importlib.import_module(info.name)

TABLES = SQLModel.metadata.sorted_tables


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_says_how_long_it_is_kept(table) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(table.info.get("retention"), Retention)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_belongs_to_an_area_unless_it_is_known_not_to(table) -> None:  # type: ignore[no-untyped-def]
    assert ("area_id" in table.columns) is (table.name not in WITHOUT_AREA) or table.name == "user_session"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_reference_can_point_into_another_area(table) -> None:  # type: ignore[no-untyped-def]
    for key in table.foreign_key_constraints:
        target = key.elements[0].column.table
        if "area_id" in target.columns and target.name not in WITHOUT_AREA and "area_id" in table.columns:
            assert "area_id" in key.column_keys, f"{table.name}.{key.column_keys} reaches {target.name} without its area"


def sources() -> list[Path]:
    return [path for folder in ("moderation", "stats") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_happens_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "a module needs a docstring"


def test_templates_hold_no_inline_style_or_script() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for word in (" style=", "<style", " onclick=", " onchange=", "javascript:", "hx-on", "| safe", "|safe"):
            assert word not in text, f"{path.relative_to(ROOT)} has {word.strip()}"


def writing_pages() -> dict[str, object]:
    """The pages that take a form with a field in which somebody writes at length."""
    app = Flask("pages")
    for stage in STAGES:
        app.register_blueprint(stage)
    sent = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return {name: view for name, view in app.view_functions.items() if name in sent and any(map(_has_text, used_by(view)))}


def used_by(view: object) -> set[type]:
    """The classes that a view names, itself or in the functions of ours that it names, however deep."""
    found: set[type] = set()
    seen: set[object] = set()
    ahead: list[object] = [inspect.unwrap(view)]  # type: ignore[arg-type]
    while ahead:
        function = ahead.pop()
        seen.add(function)
        for name in _names(function.__code__):  # type: ignore[attr-defined]
            one = function.__globals__.get(name)  # type: ignore[attr-defined]
            if isinstance(one, type):
                found.add(one)
            elif inspect.isfunction(one) and one not in seen and one.__module__.startswith("moderation."):
                ahead.append(one)
    return found


def _names(code: CodeType) -> set[str]:
    """With those in its lambdas and comprehensions."""
    inner = [_names(const) for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*inner)


def _has_text(form: type) -> bool:
    fields = (value for name in dir(form) if isinstance(value := getattr(form, name, None), UnboundField))
    return issubclass(form, Form) and any(issubclass(field.field_class, TextArea) for field in fields)


def test_every_page_on_which_somebody_writes_loses_nothing() -> None:
    found = writing_pages()
    assert {"score.send_back", "register.gate_people", "register.criterion", "score.round_withdraw_named"} <= found.keys()
    assert not [endpoint for endpoint, view in found.items() if not hasattr(view, "keeps_typed")]
