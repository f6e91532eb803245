"""Health for whoever runs the service: is it up, is the database there, is the schema current, does the clock tick?"""

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from .. import instants
from ..database import schema_state
from ..jobs import last_tick
from ..words import CODE_VERSION
from .access import ANYONE, open_to
from .render import db, engine

pages = Blueprint("health", __name__)
QUIET = timedelta(minutes=5)


@pages.get("/health")
@open_to(ANYONE)
def health() -> tuple[Response, int]:
    up = _database_answers()
    return jsonify(version=CODE_VERSION, database="up" if up else "down"), 200 if up else 503


@pages.get("/ready")
@open_to(ANYONE)
def ready() -> tuple[Response, int]:
    if not _database_answers():
        return jsonify(version=CODE_VERSION, database="down"), 503
    current, wanted = schema_state(engine())
    tick = last_tick(db())
    ticking = tick is not None and instants.now() - tick < QUIET
    state = {"database": "up", "schema": current, "schema_wanted": wanted, "clock": tick.isoformat() if tick else None}
    return jsonify(version=CODE_VERSION, **state), 200 if current == wanted and ticking else 503


def _database_answers() -> bool:
    try:
        db().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
