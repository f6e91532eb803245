"""One question of a closed round, for area leads and QA leads."""

from werkzeug.wrappers import Response

from moderation.web.access import open_to, viewer
from moderation.web.render import db, render
from moderation.words import Role

from . import words
from .figures_question import question_figures
from .pages import pages
from .pages_agreement import download
from .queries.question import QuestionView, question_view


@pages.get("/agreement/<round_id>/questions/<key>")
@open_to(Role.AREA_LEAD, Role.LEAD)
def question(round_id: str, key: str) -> Response:
    view = _asked(round_id, key)
    answer = words.of_round(view.round.name, view.agreement)
    return render("track/question.html", view, figures=question_figures(view), answer=answer)


@pages.get("/agreement/<round_id>/questions/<key>/<name>.csv")
@open_to(Role.AREA_LEAD, Role.LEAD)
def question_csv(round_id: str, key: str, name: str) -> Response:
    """One figure's whole table; what the page does not show is not there."""
    return download(name, tuple(figure for figure in question_figures(_asked(round_id, key)) if figure.table.rows))


def _asked(round_id: str, key: str) -> QuestionView:
    return question_view(db(), viewer().area_id or "", round_id, key)
