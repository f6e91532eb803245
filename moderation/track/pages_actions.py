"""Actions on plans: the lead follows up what meetings agreed, and says what became of each."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from moderation import instants
from moderation.instants import london
from moderation.moderate.follow_up import open_again, settle_action
from moderation.moderate.meeting_rules import ActionState
from moderation.web.access import open_to, viewer
from moderation.web.fields import Form, Radios, TextArea, Version
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, csv_download, db, render, settled
from moderation.words import Role

from .pages import pages
from .queries.plan_actions import ActionLine, ActionsPage, action_line, actions_page

CSV = (
    "Plan", "Audit round", "Meeting", "Criterion", "Action", "What has to happen", "Who sees to it", "Due", "State", "Days overdue",
    "Note", "Settled on", "Settled by",
)  # fmt: skip


class SettleForm(Form):
    state = Radios(
        "What became of it?",
        called="What became of it",
        needed="Choose what became of it",
        choices=[(state, state.words) for state in (ActionState.DONE, ActionState.NOT_NEEDED)],
    )
    note = TextArea(
        "What was done, or why is it not needed any more?",
        called="The note",
        needed="Enter what was done, or why it is not needed any more",
        limit=1000,
        look={"rows": 4},
        hint="For example, “Amended plan issued on 12 January”. No names.",
    )
    version = Version()


def _asked() -> ActionsPage:
    today = instants.today()
    return actions_page(db(), viewer().area_id or "", today, request.args.get("round") or None, request.args.get("show"))


@pages.get("/actions")
@open_to(Role.LEAD)
def actions() -> AnyResponse:
    """Open ones first, the most overdue at the top."""
    return render("track/actions.html", _asked())


@pages.get("/actions.csv")
@open_to(Role.LEAD)
def actions_csv() -> AnyResponse:
    """The same actions as on the page."""
    return csv_download("actions-on-plans.csv", CSV, [_row(line) for line in _asked().lines])


def _row(line: ActionLine) -> tuple[str | int, ...]:
    late = (instants.today() - line.due_on).days if line.is_late else 0
    settled_on = london(line.settled_at).date().isoformat() if line.settled_at else ""
    return (
        line.plan, line.round_name, line.meeting, line.criterion_key, line.kind.words, line.text, line.owner,
        line.due_on.isoformat(), line.state.words, late, line.note, settled_on, line.settled_by,
    )  # fmt: skip


@pages.route("/actions/<action_id>", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(note="The note"))
def action(action_id: str) -> AnyResponse:
    """One action; say what became of it."""
    line = action_line(db(), viewer().area_id or "", instants.today(), action_id)
    form = SettleForm(data={"note": line.note, "version": line.version})
    if form.validate_on_submit():
        act(settle_action, action_id, form.version.data, ActionState(form.state.data), form.note.data)
        return settled("track.actions", f"The action on plan {line.plan} is {ActionState(form.state.data).words.lower()}.")
    return render("track/action.html", line, 422 if form.errors else 200, form=form)


@pages.post("/actions/<action_id>/open-again")
@open_to(Role.LEAD)
def action_open_again(action_id: str) -> AnyResponse:
    line = action_line(db(), viewer().area_id or "", instants.today(), action_id)
    act(open_again, action_id, line.version)
    return settled("track.actions", f"The action on plan {line.plan} is open again.")
