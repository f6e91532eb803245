"""What each auditor knows best: for leads only."""

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to
from moderation.web.render import act, db, render, settled
from moderation.words import Role

from . import experts
from .experts import ExpertLine
from .forms import ExpertiseForm
from .pages import here, pages, status, submitted


@pages.get("/expertise")
@open_to(Role.LEAD)
def expertise() -> Response:
    return render("allocate/experts.html", experts.expert_lines(db(), here()))


@pages.route("/expertise/<account_id>", methods=["GET", "POST"])
@open_to(Role.LEAD)
def expertise_edit(account_id: str) -> AnyResponse:
    line = experts.expert_line(db(), here(), account_id)
    form = ExpertiseForm(obj=line)
    done = submitted(form, lambda: _recorded(line, form))
    return done or render("allocate/expert.html", form=form, line=line, status=status(form))


def _recorded(line: ExpertLine, form: ExpertiseForm) -> AnyResponse:
    act(experts.record_expertise, line.account_id, form.version.data, form.needs.data or (), form.phases.data or ())
    return settled("allocate.expertise", f"What {line.name} knows best is saved.")
