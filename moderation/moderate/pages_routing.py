"""What sends an answer to a meeting: the lead sets the rules, after trying them on the latest published round."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here
from moderation.web.access import open_to
from moderation.web.render import act, db, redirect_to, render, settled
from moderation.words import InvalidInput, Problem, Role

from . import actions, queries_routing
from .pages import pages
from .queries_routing import RoutingPage
from .routing import RoutingRule, Setting


@pages.get("/routing")
@open_to(Role.LEAD)
def routing_now() -> AnyResponse:
    """The rules of the framework version in use."""
    return redirect_to("moderate.routing", framework_version_id=queries_routing.newest_version(db(), here()))


@pages.route("/framework/<framework_version_id>/routing", methods=["GET", "POST"])
@open_to(Role.LEAD)
def routing(framework_version_id: str) -> AnyResponse:
    """Show, try, or save. What is tried is counted on a published round and saved nowhere."""
    page = queries_routing.routing_page(db(), here(), framework_version_id)
    if request.method == "GET":
        return _shown(page)
    wanted, problems = [_setting(rule) for rule in page.rules], []
    if request.form.get("do") == "save":
        try:
            act(actions.set_routing, framework_version_id, _number(request.form.get("number", "")) or 0, wanted)
            return settled(
                "moderate.routing",
                "Rules saved. Rounds that close from now on use them.",
                framework_version_id=framework_version_id,
            )
        except InvalidInput as error:
            problems = error.problems
    tried = queries_routing.routing_page(db(), here(), framework_version_id, wanted)
    return _shown(tried, tuple(problems), is_tried=not problems)


def _shown(page: RoutingPage, problems: tuple[Problem, ...] = (), is_tried: bool = False) -> Response:
    wrong = {problem.field: problem.message for problem in problems}
    return render("moderate/routing.html", page, 422 if problems else 200, problems=problems, wrong=wrong, is_tried=is_tried)


def _setting(rule: RoutingRule) -> Setting:
    """As the form says; a rule that cannot be switched off stays on."""
    key = rule.trigger.key
    amount = _number(request.form.get(f"amount-{key}", "")) if rule.amount_words or rule.lines else None
    return Setting(key, rule.is_fixed or key in request.form.getlist("on"), amount)


def _number(typed: str) -> int | None:
    return int(typed) if typed.strip().isdecimal() and len(typed) < 6 else None
