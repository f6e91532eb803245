"""What administrators see: the area and its agencies, the people and their roles, and how the scheduled jobs went."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from ..web.access import SIGNED_IN, open_to, viewer
from ..web.fields import EMAIL, Form
from ..web.keeping import keeps_typed, named
from ..web.render import act, act_for_installation, db, render, settled
from ..words import InvalidInput, NotFound, Role
from . import administration, queries
from .administration import NewArea
from .blueprint import pages
from .forms import AgencyName, AreaDetails, Invitation, NewAgency, NewAreaDetails, PostForm
from .jobs import jobs_page
from .pages_signing import url_of
from .rules import read_invitees


def _here() -> str:
    """The area the request is about; a page of an area does not exist for somebody in none."""
    area_id = viewer().area_id
    if area_id is None:
        raise NotFound("Page not found")
    return area_id


def _status(form: Form) -> int:
    return 422 if form.problems else 200


@pages.get("/people")
@open_to(Role.ADMINISTRATOR, Role.LEAD)
def members() -> Response:
    return render("people/members.html", queries.members(db(), _here()), may_change=viewer().has(Role.ADMINISTRATOR))


@pages.route("/people/invite", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
@keeps_typed(named(people="Who do you want to invite?"))
def invite() -> AnyResponse:
    form = Invitation().offer(queries.agencies(db(), _here()))
    if form.validate_on_submit():
        try:
            return _invite(form)
        except InvalidInput as refusal:
            form.add(refusal.problems)
    return render("people/invite.html", form=form, status=_status(form))


def _invite(form: Invitation) -> AnyResponse:
    people, problems = read_invitees(form.people.data, EMAIL)
    if problems:
        raise InvalidInput(problems)
    invited = act(administration.invite, people, form.post, url_of)
    count = "1 person" if len(invited) == 1 else f"{len(invited)} people"
    return settled("people.members", f"You have invited {count}." if invited else "Everybody on your list was invited already.")


@pages.route("/people/<account_id>", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def member(account_id: str) -> AnyResponse:
    person = queries.member(db(), _here(), account_id)
    form = PostForm(data=PostForm.of(person)).offer(queries.agencies(db(), _here()))
    if form.validate_on_submit():
        try:
            act(administration.change_post, account_id, form.post, form.was.data)
            return settled("people.members", f"The roles of {person.name} are saved. They hold from now on.")
        except InvalidInput as refusal:
            form.add(refusal.problems)
    extra = {"may_disable": queries.may_disable(db(), viewer().account_id, account_id)}
    return render("people/member.html", person, form=form, status=_status(form), **extra)


@pages.post("/people/<account_id>/invite-again")
@open_to(Role.ADMINISTRATOR)
def invite_again(account_id: str) -> AnyResponse:
    act(administration.invite_again, account_id, url_of)
    return settled("people.member", "A new invitation is on its way. Earlier links no longer work.", account_id=account_id)


@pages.route("/people/<account_id>/end", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def member_end(account_id: str) -> AnyResponse:
    person = queries.member(db(), _here(), account_id)
    if request.method == "POST":
        act(administration.end_membership, account_id)
        return settled("people.members", f"{person.name} no longer has access to this area.")
    return render("people/member_end.html", person)


@pages.route("/people/<account_id>/disable", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def member_disable(account_id: str) -> AnyResponse:
    person = queries.member(db(), _here(), account_id)
    if not queries.may_disable(db(), viewer().account_id, account_id):
        raise NotFound("Page not found")
    if request.method == "POST":
        act(administration.disable_account, account_id)
        return settled("people.members", f"The account of {person.name} is disabled. They are signed out.")
    return render("people/member_disable.html", person)


@pages.post("/people/<account_id>/enable")
@open_to(Role.ADMINISTRATOR)
def member_enable(account_id: str) -> AnyResponse:
    act(administration.enable_account, account_id)
    return settled("people.member", "The account is open again.", account_id=account_id)


@pages.route("/areas/new", methods=["GET", "POST"])
@open_to(SIGNED_IN)
def area_new() -> AnyResponse:
    if not queries.may_create_area(db(), viewer().account_id):
        raise NotFound("Page not found")
    form = NewAreaDetails(colour="navy")
    if form.validate_on_submit():
        new = NewArea(form.name.data, form.colour.data, form.la_code.data)
        try:
            act_for_installation(administration.create_area, new, viewer().account_id, viewer().session_id)
            return settled("people.members", f"{new.name} is set up. You are its administrator. Invite people next.")
        except InvalidInput as refusal:
            form.add(refusal.problems)
    return render("people/area_new.html", form=form, status=_status(form))


@pages.route("/area", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def area() -> AnyResponse:
    view = queries.area(db(), _here())
    form = AreaDetails(obj=view)
    if form.validate_on_submit():
        try:
            act(administration.change_area, form.version.data, form.name.data, form.colour.data)
            return settled("people.area", "The area is saved.")
        except InvalidInput as refusal:
            form.add(refusal.problems)
    return render("people/area.html", view, form=form, agencies=queries.agencies(db(), _here()), status=_status(form))


@pages.route("/area/agencies/new", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def area_agency_new() -> AnyResponse:
    form = NewAgency()
    if form.validate_on_submit():
        try:
            act(administration.add_agency, form.name.data, form.kind.data)
            return settled("people.area", f"{form.name.data} is added.")
        except InvalidInput as refusal:
            form.add(refusal.problems)
    return render("people/agency_new.html", form=form, status=_status(form))


@pages.route("/area/agencies/<agency_id>", methods=["GET", "POST"])
@open_to(Role.ADMINISTRATOR)
def area_agency(agency_id: str) -> AnyResponse:
    view = queries.agency(db(), _here(), agency_id)
    form = AgencyName(obj=view)
    if form.validate_on_submit():
        try:
            act(administration.rename_agency, agency_id, form.version.data, form.name.data)
            return settled("people.area", f"The agency is now called {form.name.data}.")
        except InvalidInput as refusal:
            form.add(refusal.problems)
    return render("people/agency.html", view, form=form, status=_status(form))


@pages.get("/jobs")
@open_to(Role.ADMINISTRATOR)
def jobs() -> Response:
    return render("people/jobs.html", jobs_page(db(), "idle" in request.args))
