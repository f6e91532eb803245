"""Lessons from meetings: the lead adopts them into the next framework version or declines them; moderators may word them."""

from collections.abc import Mapping

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.moderate.lessons import decline, word_lesson
from moderation.register.wording import Sides, compared
from moderation.web.access import open_to, viewer
from moderation.web.fields import Form, Hidden, Radios, TextArea, Version
from moderation.web.keeping import Lines, keeps_typed, named
from moderation.web.render import act, db, fragment, redirect_to, render, settled
from moderation.words import InvalidInput, Role

from . import lessons as verbs
from .pages import pages
from .queries.lessons import LessonsPage, WaitingGroup, lessons_page, waiting_group

WHERE = "track.lessons"


class LessonForm(Form):
    """One decision on one lesson, or on several that change the same sentences."""

    choice = Radios("Your decision", needed="Choose what becomes of the lesson", look={"classes": "govuk-radios--small"})
    reason = TextArea(
        "Reason", limit=2000, look={"rows": 2},
        hint="Needed if you decline. Everybody who can read the lessons can read it.",
    )  # fmt: skip
    versions = Hidden(limit=2000)

    def offer(self, group: WaitingGroup, number: int) -> "LessonForm":
        self.choice.label.text = f"Your decision on {group.first.criterion_key}"
        adopt = [(line.id, self._adopt(line.meeting, group, number)) for line in group.lessons if line.fits and line.is_known]
        edit = [("edit", "Adopt after I edit the wording")] if group.first.is_known else []
        self.choice.choices = [*adopt, *edit, ("decline", "Decline both" if group.is_clash else "Decline")]
        self.versions.data = self.versions.data or " ".join(f"{line.id}:{line.version}" for line in group.lessons)
        return self

    @staticmethod
    def _adopt(meeting: str, group: WaitingGroup, number: int) -> str:
        return f"Adopt the wording from {meeting} into version {number}" if group.is_clash else f"Adopt into version {number}"

    @property
    def seen(self) -> dict[str, int]:
        """The lessons that the page showed, with their versions."""
        pairs = (pair.partition(":") for pair in (self.versions.data or "").split())
        return {key: int(version) for key, _, version in pairs if version.isdecimal()}


class WordingForm(Form):
    guidance = TextArea("Guidance", called="The guidance", limit=5000, look={"rows": 10})
    before = Hidden(limit=6000)
    version = Version()


class EditForm(WordingForm):
    ruling = TextArea(
        "Ruling", needed="Enter the ruling", limit=2000, look={"rows": 3},
        hint="What the meeting settled, in a sentence or two. Auditors see it with its date under the guidance.",
    )  # fmt: skip
    reason = TextArea(
        "Why do you edit it?", called="Reason", needed="Enter why you edit it", limit=2000, look={"rows": 2},
        hint="Everybody who can read the lessons can read it.",
    )  # fmt: skip
    versions = Hidden(limit=2000)
    seen = LessonForm.seen


def _prefix(group: WaitingGroup) -> str:
    """Of the fields of one form among several; letters around the id, because an id may end in a dash."""
    return f"l{group.first.id}l"


def _reason_in(sent: Mapping[str, str]) -> Lines:
    """Of a form among several: its only field in which somebody writes."""
    return [("Reason", text) for name, text in sent.items() if name.endswith("l-reason") and text.strip()]


def difference_of(form: WordingForm) -> Sides:
    """What the wording in the form changes."""
    return compared(form.before.data or "", form.guidance.data or "")


def _here() -> str:
    return viewer().area_id or ""


@pages.get("/lessons")
@open_to(Role.LEAD, Role.MODERATOR)
def lessons() -> Response:
    """What meetings learned and what became of it."""
    return _page(lessons_page(db(), _here(), request.args.get("show", "waiting")))


def _page(page: LessonsPage, status: int = 200, tried: LessonForm | None = None, on: str = "") -> Response:
    """`tried` is a form that was sent and not accepted, `on` the first lesson of its group."""
    forms = {
        group.first.id: LessonForm(formdata=None, prefix=_prefix(group)).offer(group, page.next_number) for group in page.waiting
    }
    given = forms | ({on: tried} if tried else {})
    return render("track/lessons.html", page, status, forms=given, form=tried, may_decide=viewer().has(Role.LEAD))


@pages.post("/lessons/<lesson_id>")
@open_to(Role.LEAD)
@keeps_typed(_reason_in)
def lesson_decide(lesson_id: str) -> AnyResponse:
    """Adopt, go on to edit, or decline."""
    group, page = waiting_group(db(), _here(), lesson_id), lessons_page(db(), _here(), "waiting")
    form = LessonForm(prefix=_prefix(group)).offer(group, page.next_number)
    if form.validate_on_submit():
        if form.choice.data == "edit":
            return redirect_to("track.lesson_edit", lesson_id=lesson_id)
        try:
            return _settle(form, group, page.next_number)
        except InvalidInput as error:
            form.add(error.problems)
    return _page(page, 422, form, group.first.id)


def _settle(form: LessonForm, group: WaitingGroup, number: int) -> AnyResponse:
    seen, choice, title = form.seen, form.choice.data, group.first.criterion_key
    if group.is_clash:
        chosen = None if choice == "decline" else choice
        act(verbs.settle_clash, seen, chosen, form.reason.data or "")
        return settled(
            WHERE, f"{title}: both declined." if chosen is None else f"{title}: one wording adopted into version {number}."
        )
    if choice == "decline":
        act(decline, group.first.id, seen.get(group.first.id, 0), form.reason.data or "")
        return settled(WHERE, f"{title}: declined. You can take that back under Declined.")
    act(verbs.adopt, group.first.id, seen.get(group.first.id, 0))
    return settled(WHERE, f"{title}: adopted into version {number}. You can take that back under Adopted until it is published.")


@pages.route("/lessons/<lesson_id>/edit", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(named(guidance="The guidance", ruling="Ruling", reason="Reason"))
def lesson_edit(lesson_id: str) -> AnyResponse:
    """Adopt with wording that the lead edits; the difference is shown before it is saved."""
    group, number = waiting_group(db(), _here(), lesson_id), lessons_page(db(), _here(), "waiting").next_number
    first = group.first
    form = EditForm(data={
        "guidance": first.proposed, "before": first.now, "ruling": first.text,
        "versions": " ".join(f"{line.id}:{line.version}" for line in group.lessons),
    })  # fmt: skip
    if request.headers.get("HX-Request"):
        return fragment("track/_difference.html", difference_of(form))
    if request.form.get("do") == "save" and form.validate_on_submit():
        wanted = verbs.Edited(form.before.data or "", form.guidance.data or "", form.ruling.data, form.reason.data)
        act(verbs.adopt_edited, form.seen, wanted)
        return settled(WHERE, f"{first.criterion_key}: adopted into version {number}, with your wording.")
    return render("track/lesson_edit.html", group, 422 if form.errors else 200, form=form, sides=difference_of(form), number=number)


@pages.route("/lessons/<lesson_id>/wording", methods=["GET", "POST"])
@open_to(Role.LEAD, Role.MODERATOR)
@keeps_typed(named(guidance="The guidance"))
def lesson_wording(lesson_id: str) -> AnyResponse:
    """Suggest how the guidance should read with a lesson. The lead decides."""
    group = waiting_group(db(), _here(), lesson_id)
    line = next(each for each in group.lessons if each.id == lesson_id)
    form = WordingForm(data={"guidance": line.proposed, "before": line.now, "version": line.version})
    if request.headers.get("HX-Request"):
        return fragment("track/_difference.html", difference_of(form))
    if request.form.get("do") == "save" and form.validate_on_submit():
        act(word_lesson, lesson_id, form.version.data, form.before.data or "", form.guidance.data or "")
        return settled(WHERE, f"{line.criterion_key}: your wording is suggested to the QA lead.")
    return render("track/lesson_wording.html", line, 422 if form.errors else 200, form=form, sides=difference_of(form))


@pages.post("/lessons/<lesson_id>/undo")
@open_to(Role.LEAD)
def lesson_undo(lesson_id: str) -> AnyResponse:
    """Take a decision back: the lesson waits again."""
    act(verbs.undo, lesson_id)
    return settled(WHERE, "The decision is taken back. The lesson waits again.")
