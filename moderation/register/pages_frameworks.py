"""The pages of the audit framework: its versions, reading one, editing a draft, publishing; and the guidance for everybody."""

from collections.abc import Mapping

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to, viewer
from moderation.web.keeping import Lines, keeps_typed, named
from moderation.web.render import act, db, redirect_to, render, settled
from moderation.words import NotFound, Role

from . import actions, queries
from .blueprint import pages
from .forms import Retitle, Versioned, criterion_form
from .framework import Section
from .framework_views import FrameworkView

READERS = (Role.LEAD, Role.AUDITOR, Role.MODERATOR, Role.AREA_LEAD)
_texts_in = named(
    title="Title", question="Question", guidance="Guidance", good_example="Good example", not_yet_example="Not yet example",
    na_rule="When it can be answered not applicable",
)  # fmt: skip


def _criterion_in(sent: Mapping[str, str]) -> Lines:
    """Which levels there are is for each criterion to say."""
    levels = {name: f"Level {name.removeprefix('level_').replace('_', ' ')}" for name in sent if name.startswith("level_")}
    return [*_texts_in(sent), *named(**levels)(sent)]


def _view(framework_version_id: str) -> FrameworkView:
    return queries.framework_view(db(), viewer().area_id or "", framework_version_id)


def _section(view: FrameworkView, key: str) -> Section:
    try:
        return view.framework.section(key)
    except KeyError:
        raise NotFound("Page not found") from None


@pages.get("/framework")
@open_to(Role.LEAD)
def frameworks() -> Response:
    return render("register/frameworks.html", queries.framework_versions(db(), viewer().area_id or ""))


@pages.post("/framework/built-in")
@open_to(Role.LEAD)
def framework_install() -> AnyResponse:
    act(actions.install_framework)
    return settled("register.frameworks", "Your area now has the built-in framework.")


@pages.get("/framework/<framework_version_id>")
@open_to(Role.LEAD)
def framework(framework_version_id: str) -> Response:
    return render("register/framework.html", _view(framework_version_id))


@pages.get("/framework/<framework_version_id>/sections/<key>")
@open_to(Role.LEAD)
def framework_section(framework_version_id: str, key: str) -> Response:
    view = _view(framework_version_id)
    return render("register/section.html", view, section=_section(view, key), guidance=False)


@pages.get("/guidance")
@pages.get("/guidance/<key>", endpoint="guidance_section")
@open_to(*READERS)
def guidance(key: str | None = None) -> Response:
    published = queries.published_frameworks(db(), viewer().area_id or "")
    if not published:
        return render("register/guidance_none.html")
    view = _view(published[0].id)
    section = _section(view, key) if key else view.framework.sections[0]
    return render("register/section.html", view, section=section, guidance=True)


@pages.get("/framework/<framework_version_id>/changes")
@open_to(Role.LEAD)
def framework_changes(framework_version_id: str) -> Response:
    changed = queries.framework_changes(db(), viewer().area_id or "", framework_version_id)
    return render("register/changes.html", _view(framework_version_id), changes=changed)


@pages.post("/framework/<framework_version_id>/copy")
@open_to(Role.LEAD)
def framework_copy(framework_version_id: str) -> AnyResponse:
    draft = act(actions.copy_framework, framework_version_id)
    return settled("register.framework", "Copied into a draft. Change its criteria, then publish it.", framework_version_id=draft)


@pages.route("/framework/<framework_version_id>/name", methods=["GET", "POST"])
@open_to(Role.LEAD)
def framework_name(framework_version_id: str) -> AnyResponse:
    view = _view(framework_version_id)
    form = Retitle(data={"title": view.line.title, "version": view.version})
    if form.validate_on_submit():
        act(actions.retitle, framework_version_id, form.version.data, form.title.data)
        return settled("register.framework", "Name saved.", framework_version_id=framework_version_id)
    return render("register/framework_name.html", view, status=422 if form.errors else 200, form=form)


@pages.route("/framework/<framework_version_id>/criteria/<key>", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(_criterion_in)
def criterion(framework_version_id: str, key: str) -> AnyResponse:
    view = _view(framework_version_id)
    found = next((each for each in view.framework.criteria if each.key == key), None)
    if found is None or (not view.line.is_draft and request.method == "GET"):
        raise NotFound("Page not found")
    form = criterion_form(found)
    if form.validate_on_submit():
        act(actions.change_criterion, framework_version_id, key, form.edit(found))
        where = {"framework_version_id": framework_version_id, "key": found.section, "_anchor": key}
        return settled("register.framework_section", f"{key} saved.", **where)
    return render("register/criterion.html", view, status=422 if form.errors else 200, form=form, criterion=found)


@pages.route("/framework/<framework_version_id>/publish", methods=["GET", "POST"])
@open_to(Role.LEAD)
def framework_publish(framework_version_id: str) -> AnyResponse:
    view = _view(framework_version_id)
    if request.method == "POST":
        act(actions.publish_framework, framework_version_id, Versioned().version.data)
        return settled("register.frameworks", f"Version {view.line.number} published. New rounds can use it.")
    if not view.line.is_draft:
        return redirect_to("register.framework", framework_version_id=framework_version_id)
    changed = queries.framework_changes(db(), viewer().area_id or "", framework_version_id)
    return render("register/framework_publish.html", view, changes=changed, form=Versioned(formdata=None, version=view.version))


@pages.route("/framework/<framework_version_id>/discard", methods=["GET", "POST"])
@open_to(Role.LEAD)
def framework_discard(framework_version_id: str) -> AnyResponse:
    view = _view(framework_version_id)
    if request.method == "GET":
        return render("register/framework_discard.html", view)
    act(actions.discard_draft, framework_version_id)
    return settled("register.frameworks", "Draft discarded.")
