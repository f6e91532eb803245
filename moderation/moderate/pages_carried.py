"""Around a meeting: its agenda on paper, what earlier meetings left over, and the rule by which meetings decide."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here, status, submitted
from moderation.web.access import open_to, viewer
from moderation.web.printing import pdf_download
from moderation.web.render import act, db, render, settled
from moderation.words import Refused, Role

from .confirmations import confirm_decision, take_up_again
from .customs import choose_rule, decision_rule_of
from .forms import RuleForm
from .meeting_rules import DecisionRule
from .pages import pages
from .pages_meetings import led_by_viewer
from .queries_pack import pack_for_member, pack_for_moderator
from .questions import put_question


@pages.get("/meetings/<meeting_id>/agenda.pdf")
@open_to(Role.MODERATOR)
def meeting_pack(meeting_id: str) -> Response:
    """What everybody may read before the meeting, without names."""
    found = led_by_viewer(meeting_id)
    pack = pack_for_moderator(db(), here(), found, viewer().account_id)
    return pdf_download(f"agenda-{found.number}.pdf", "moderate/print_agenda.html", pack)


@pages.get("/meetings/<meeting_id>/room/agenda.pdf")
@open_to(Role.AUDITOR, Role.OBSERVER)
def meeting_room_pack(meeting_id: str) -> Response:
    pack = pack_for_member(db(), here(), meeting_id, viewer().account_id)
    return pdf_download(f"agenda-{pack.meeting.number}.pdf", "moderate/print_agenda.html", pack)


@pages.post("/meetings/<meeting_id>/carried-over")
@open_to(Role.MODERATOR)
def meeting_carried(meeting_id: str) -> AnyResponse:
    """Add what is left over, confirm a decision without quorum, or take it up again."""
    led_by_viewer(meeting_id)
    wanted, disagreement_id = request.form.get("to", ""), request.form.get("disagreement", "")
    if wanted == "confirm":
        act(confirm_decision, meeting_id, disagreement_id)
        return settled("moderate.meeting", "The decision is confirmed.", meeting_id=meeting_id)
    if wanted == "again":
        act(take_up_again, meeting_id, disagreement_id)
        return settled("moderate.meeting", "The item is on the agenda again, with the decision as a draft.", meeting_id=meeting_id)
    if wanted != "add":
        raise Refused("Choose what to do with the item.")
    act(put_question, meeting_id, disagreement_id.split(","))
    return settled("moderate.meeting", "The item is on the agenda.", meeting_id=meeting_id)


@pages.route("/meetings/rule", methods=["GET", "POST"])
@open_to(Role.LEAD)
def meeting_rule() -> AnyResponse:
    """What settles an item when not everybody agrees."""
    form = RuleForm(data={"rule": decision_rule_of(db(), here())})
    done = submitted(form, lambda: _chosen(form))
    return done or render("moderate/meeting_rule.html", form=form, status=status(form))


def _chosen(form: RuleForm) -> AnyResponse:
    act(choose_rule, DecisionRule(form.rule.data))
    return settled("moderate.meetings", "The rule holds for meetings that are planned from now on.")
