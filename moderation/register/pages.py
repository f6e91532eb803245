"""The list of plans, a plan, and the import. Audit packs and frameworks add their pages to the same Blueprint."""

from collections.abc import Collection, Mapping, Sequence

from flask import Response, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to, viewer
from moderation.web.filters import plural
from moderation.web.render import act, db, render, settled
from moderation.words import InvalidInput, NotFound, Problem, Role

from . import actions, pages_frameworks, pages_gate, pages_packs, pages_uploads, queries  # noqa: F401 (they add their pages)
from .blueprint import pages
from .codes import EVENT_NAMES, NEED_NAMES, PlanEvent, PrimaryNeed
from .columns import COLUMNS
from .forms import ImportPlans, Versioned
from .queries import PACK_STATES, PlanFilter
from .sheets import MOST_BYTES, MOST_ROWS, read_table
from .template_files import CODES, csv_template, xlsx_template

__all__ = ["pages"]

SHOWN_PROBLEMS = 200
TEMPLATES = {
    "csv": (csv_template, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_template, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@pages.get("/plans")
@open_to(Role.LEAD)
def plans() -> Response:
    wanted = _filter()
    view = queries.plans(db(), viewer().area_id or "", wanted, request.args.get("page", 1, type=int))

    def link(page: int) -> str:
        return url_for("register.plans", page=page, **{name: value for name, value in vars(wanted).items() if value})

    waiting = queries.open_batches(db(), viewer().area_id or "")
    return render(
        "register/plans.html",
        view,
        wanted=wanted,
        link=link,
        waiting=waiting,
        needs=NEED_NAMES,
        events=EVENT_NAMES,
        packs=PACK_STATES,
    )


def _filter() -> PlanFilter:
    """What the address asks for; a value that is no choice asks for nothing."""

    def chosen(name: str, allowed: Collection[str]) -> str:
        value = request.args.get(name, "")
        return value if value in allowed else ""

    return PlanFilter(
        text=request.args.get("text", "").strip()[:40],
        primary_need=chosen("primary_need", list(PrimaryNeed)),
        plan_event=chosen("plan_event", list(PlanEvent)),
        pack=chosen("pack", PACK_STATES),
    )


@pages.get("/plans/<plan_version_id>")
@open_to(Role.LEAD)
def plan(plan_version_id: str) -> Response:
    view = queries.plan_view(db(), viewer().area_id or "", plan_version_id)
    arriving = queries.arriving(db(), viewer().area_id or "", plan_version_id, viewer().account_id)
    return render("register/plan.html", view, arriving=arriving, form=Versioned(formdata=None, version=view.version))


@pages.route("/plans/import", methods=["GET", "POST"])
@open_to(Role.LEAD)
def import_plans() -> AnyResponse:
    form = ImportPlans()
    if not form.validate_on_submit():
        return _import_page(form, status=422 if request.method == "POST" else 200)
    try:
        table = read_table(form.file.data.filename[:80], form.file.data.stream.read(MOST_BYTES + 1))
        added = act(actions.import_plans, table)
    except InvalidInput as wrong:
        form.say("file", f"Nothing was imported. {plural(len(wrong.problems), 'thing')} to fix in the file")
        return _import_page(form, status=422, problems=wrong.problems[:SHOWN_PROBLEMS], found=len(wrong.problems))
    return _imported(added)


def _imported(added: Mapping[str, str]) -> AnyResponse:
    """To the plan itself when there is one only: its documents come next."""
    if len(added) == 1:
        (reference, plan_version_id) = next(iter(added.items()))
        return settled("register.plan", f"1 plan imported: {reference}. Add its documents next.", plan_version_id=plan_version_id)
    return settled("register.plans", f"{plural(len(added), 'plan')} imported. Add their documents next.")


def _import_page(form: ImportPlans, status: int = 200, problems: Sequence[Problem] = (), found: int = 0) -> Response:
    limits = {"megabytes": MOST_BYTES // 1_000_000, "rows": MOST_ROWS}
    return render("register/import.html", COLUMNS, status, form=form, codes=CODES, limits=limits, problems=problems, found=found)


@pages.get("/plans/import/template.<kind>")
@open_to(Role.LEAD)
def import_template(kind: str) -> Response:
    if kind not in TEMPLATES:
        raise NotFound("Page not found")
    make, content_type = TEMPLATES[kind]
    response = make_response(make())
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = f'attachment; filename="plans-template.{kind}"'
    return response
