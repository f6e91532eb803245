"""Naming a hidden seed plan for a round that is being set up. Left alone, the service chooses one at random."""

from werkzeug.wrappers import Response

from moderation.allocate import setup
from moderation.allocate.pages import here, others_left, status, submitted, the_round
from moderation.allocate.queries import RoundView, auditor_ids
from moderation.web.access import open_to, viewer
from moderation.web.fields import Form, Select
from moderation.web.render import act, db, render, settled
from moderation.words import NotFound, Refused, Role

from .pages import pages
from .queries.seeds import may_be_named, seed_lines


class SeedForm(Form):
    plan = Select("Plan", needed="Choose a plan", blank="Choose a plan")


@pages.route("/rounds/<round_id>/hidden-plan", methods=["GET", "POST"])
@open_to(Role.LEAD)
def hidden_plan(round_id: str) -> Response:
    """Whoever rates in the round must not know its seeds, so they name none."""
    view = the_round(round_id)
    if not view.in_setup:
        raise NotFound("Page not found")
    if viewer().account_id in auditor_ids(db(), here(), round_id):
        raise Refused("You rate in this round, so you may not know which plan is hidden. Leave the choice to chance.")
    form = SeedForm()
    form.plan.choices = [(line.plan_version_id, line.words) for line in seed_lines(db(), here(), round_id)]
    done = submitted(form, lambda: _named(view, form.plan.data))
    in_time = may_be_named(db(), here(), round_id)
    others = others_left(round_id)
    return done or render("track/hidden_plan.html", view, form=form, in_time=in_time, others_moderate=others, status=status(form))


def _named(view: RoundView, plan_version_id: str) -> Response:
    act(setup.add_seed, view.id, plan_version_id)
    return settled("allocate.round_options", "The plan is hidden in this round. No page shows it.", round_id=view.id)
