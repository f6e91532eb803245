"""The page of the plan that lies beside an item in the room."""

from flask import current_app

from moderation.allocate.pages import here
from moderation.store import Store
from moderation.web.render import db

from .queries_cells import CellView
from .queries_plan import PlanPage, plan_page


def store() -> Store:
    found: Store = current_app.extensions["moderation"]["store"]
    return found


def beside(cell: CellView) -> PlanPage | None:
    """What the auditors cited, or where the section begins; none where the pack cannot be shown."""
    return plan_page(db(), store(), here(), cell)
