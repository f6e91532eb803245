"""The plan in the room: page by page beside the item, for the chair and for the people who are there."""

import re

from flask import Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here
from moderation.register.audit_packs import page_picture
from moderation.register.flattening import type_of
from moderation.web.access import open_to
from moderation.web.render import db, render
from moderation.words import NotFound, Role

from .pages import pages
from .pages_attend import the_seat
from .pages_beside import store
from .pages_room import the_room
from .queries import MISSING
from .queries_cells import CellView
from .queries_plan import plan_page, version_of


@pages.get("/meetings/<meeting_id>/items/<item_id>/plan")
@open_to(Role.MODERATOR)
def meeting_plan(meeting_id: str, item_id: str) -> AnyResponse:
    return _shown(the_room(meeting_id, item_id).cell)


@pages.get("/meetings/<meeting_id>/items/<item_id>/documents/<document_id>/pages/<int:page>")
@open_to(Role.MODERATOR)
def meeting_picture(meeting_id: str, item_id: str, document_id: str, page: int) -> Response:
    return _picture(the_room(meeting_id, item_id).cell, document_id, page)


@pages.get("/meetings/<meeting_id>/room/plan")
@open_to(Role.AUDITOR)
def meeting_room_plan(meeting_id: str) -> AnyResponse:
    """Of the item that the room looks at, or of one plan (`of`) of its question; not for observers, nor where somebody has a
    conflict of interest."""
    return _shown(_cell(meeting_id))


@pages.get("/meetings/<meeting_id>/room/documents/<document_id>/pages/<int:page>")
@open_to(Role.AUDITOR)
def meeting_room_picture(meeting_id: str, document_id: str, page: int) -> Response:
    return _picture(_cell(meeting_id), document_id, page)


def _cell(meeting_id: str) -> CellView:
    seat = the_seat(meeting_id)
    cells = {cell.disagreement_id: cell for cell in seat.cells}
    found = cells.get(request.args.get("of", ""), seat.cell)
    if found is None or seat.observes:
        raise NotFound(MISSING)
    return found


def _shown(cell: CellView) -> Response:
    asked = request.args.get("page", "")
    number = int(asked) if re.fullmatch(r"[0-9]{1,4}", asked) else 0
    found = plan_page(db(), store(), here(), cell, request.args.get("document", "")[:60], number)
    if found is None:
        raise NotFound(MISSING)
    return render("moderate/plan.html", found, cell=cell)


def _picture(cell: CellView, document_id: str, page: int) -> Response:
    version = version_of(db(), here(), cell.plan.round_plan_id)
    drawn = page_picture(db(), store(), here(), version, document_id, page)
    response = make_response(drawn)
    response.headers["Content-Type"] = type_of(drawn)
    return response
