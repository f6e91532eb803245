"""Conflicts of interest: the list of those that stand, a new one, and clearing one."""

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to, viewer
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, render, settled
from moderation.words import Role

from .conflicts import NewConflict, clear_conflict, known_names, people_concerned, record_conflict, standing_conflicts
from .forms import ConflictForm
from .pages import here, pages, status, submitted
from .rules import ConflictWith


@pages.get("/conflicts")
@open_to(Role.LEAD)
def conflicts() -> Response:
    return render("allocate/conflicts.html", standing_conflicts(db(), here()), me=viewer().account_id)


@pages.route("/conflicts/new", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(target="Which one?", reason="Reason"))
def conflict_new() -> AnyResponse:
    form = ConflictForm()
    form.auditor.choices = list(people_concerned(db(), here()).items())
    done = submitted(form, lambda: _recorded(form))
    settings, teams = known_names(db(), here())
    return done or render("allocate/conflict_new.html", form=form, settings=settings, teams=teams, status=status(form))


def _recorded(form: ConflictForm) -> AnyResponse:
    act(record_conflict, NewConflict(form.auditor.data, ConflictWith(form.kind.data), form.target.data, form.reason.data))
    return settled("allocate.conflicts", "The conflict is recorded. It holds from the next draw on.")


@pages.post("/conflicts/<conflict_id>/clear")
@open_to(Role.LEAD)
def conflict_clear(conflict_id: str) -> AnyResponse:
    act(clear_conflict, conflict_id)
    return settled("allocate.conflicts", "The conflict is cleared.")
