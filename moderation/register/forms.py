"""The forms about frameworks, plans and audit packs."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from moderation.instants import today
from moderation.web.fields import Checkboxes, DateParts, Form, Hidden, Radios, Text, TextArea, Tick, Upload, Version, WholeNumber
from moderation.words import AGENCY_NAMES, AgencyKind

from .audit_packs import DOCUMENT_NAMES
from .codes import OLDEST, YOUNGEST
from .criteria import Criterion, YearGroups
from .drafting import CriterionEdit, mark_of
from .sections import SECTION_NAMES, SECTIONS
from .tables import DocumentKind

TABLE_FILES = ".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENT_FILES = ".pdf,.docx,application/pdf,application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LONG_TEXT = 5_000
KIND_HINTS = {
    DocumentKind.FINAL_PLAN: "The EHC plan itself, as issued",
    DocumentKind.SECTION_K_ADVICE: "One piece of advice, or all the appendices together",
    DocumentKind.KEY_DATES: "Request, decisions, meetings and issue, where the register does not hold them",
    DocumentKind.OTHER: "For example the latest review report or the care plan",
}


class ImportPlans(Form):
    """`text` keeps nothing: a file cannot be shown again, so after an error it is chosen again."""

    file = Upload("CSV or Excel file", needed="Choose a CSV or Excel file", accept=TABLE_FILES)


class AddDocument(Form):
    file = Upload("PDF or Word file", needed="Choose a PDF or Word file", accept=DOCUMENT_FILES, hint="Up to 50 MB and 300 pages")
    kind = Radios(
        "What is it?",
        needed="Choose what the document is",
        choices=[(kind.value, DOCUMENT_NAMES[kind], hint) for kind, hint in KIND_HINTS.items()],
        coerce=DocumentKind,
    )
    dated = DateParts("Date of the document (optional)", called="The date of the document", hint="For example, 27 3 2026")

    def validate_dated(self, field: Any) -> None:
        if isinstance(field.data, date) and not date(2000, 1, 1) <= field.data <= today():
            raise ValidationError("The date of the document must be between 2000 and today")


class AddFiles(Form):
    files = Upload("Files", multiple=True, needed="Choose at least one file", accept=f"{DOCUMENT_FILES},.zip,application/zip")


class PlaceSections(Form):
    """The page on which each section begins; its fields are made for a document by `sections_form`."""

    version = Version()

    def places(self) -> dict[str, int | None]:
        return {key: self[f"section_{key}"].data for key in SECTIONS}


def sections_form(pages: int, places: Mapping[str, int], version: int) -> PlaceSections:
    """The form for a document of so many pages, filled with what is known or with what was posted."""
    fields = {
        f"section_{key}": WholeNumber(f"Section {key}: {name}", called=f"The page of section {key}", least=1, most=pages)
        for key, name in SECTION_NAMES.items()
    }
    kind: type[PlaceSections] = type("PlaceTheseSections", (PlaceSections,), fields)
    return kind(data={f"section_{key}": page for key, page in places.items()} | {"version": version})


class Versioned(Form):
    """A button about a row that two people can change."""

    version = Version()


class Retitle(Form):
    title = Text("Name of the framework", needed="Enter a name", limit=200)
    version = Version()


class Weight(Text):
    """How much a criterion counts: a number with up to two decimals."""

    def check(self) -> None:
        try:
            weight = float(self.data)
        except ValueError:
            weight = -1
        if not 0 <= weight <= 100 or round(weight, 2) != weight:
            raise ValidationError(f"{self.called} must be a number from 0 to 100 with up to two decimals, like 1.5")


class EditCriterion(Form):
    """One criterion of a draft; the descriptors' fields are made for its scale by `criterion_form`."""

    title = Text("Title", needed="Enter a title", limit=120)
    question = TextArea("Question", needed="Enter the question", limit=500, look={"rows": 2})
    guidance = TextArea("Guidance", limit=LONG_TEXT, look={"rows": 8})
    good_example = TextArea("Good example", limit=LONG_TEXT, look={"rows": 4}, hint="Invented, or so changed that nobody is in it")
    not_yet_example = TextArea("Not yet example", limit=LONG_TEXT, look={"rows": 3})
    na_rule = TextArea(
        "When can it be answered not applicable?", limit=500, look={"rows": 2}, hint="Write never where it always applies",
        called="The rule for not applicable",
    )  # fmt: skip
    scorers = Checkboxes(
        "Who scores it?", needed="Choose at least one agency", choices=[(kind.value, name) for kind, name in AGENCY_NAMES.items()],
        coerce=AgencyKind,
    )  # fmt: skip
    min_ncy = WholeNumber("From year group (optional)", called="The first year group", least=YOUNGEST, most=OLDEST)
    max_ncy = WholeNumber("Up to year group (optional)", called="The last year group", least=YOUNGEST, most=OLDEST)
    weight = Weight("Weight", needed="Enter a weight", limit=6, look={"inputmode": "decimal", "classes": "govuk-input--width-4"})
    statutory = Tick("It is required by law (statutory)")
    critical = Tick("It is critical: a No caps the overall grade")
    comparable = Tick(
        "Ratings may still be compared with those under the version before", hint="Untick if the question now means something else"
    )
    seen = Hidden()

    def validate_max_ncy(self, field: Any) -> None:
        if field.data is not None and self.min_ncy.data is not None and field.data < self.min_ncy.data:
            raise ValidationError("The last year group must not be before the first")

    def edit(self, criterion: Criterion) -> CriterionEdit:
        return CriterionEdit(
            seen=self.seen.data,
            title=self.title.data,
            question=self.question.data,
            guidance=self.guidance.data,
            descriptors={level.key: self[f"level_{level.key}"].data for level in criterion.levels},
            good_example=self.good_example.data,
            not_yet_example=self.not_yet_example.data,
            na_rule=self.na_rule.data,
            scorers=tuple(kind for kind in AgencyKind if kind in self.scorers.data),
            applies_when=YearGroups(self.min_ncy.data, self.max_ncy.data),
            weight=float(self.weight.data),
            statutory=self.statutory.data,
            critical=self.critical.data,
            comparable_with_previous=self.comparable.data,
        )


def criterion_form(criterion: Criterion) -> EditCriterion:
    """The form for this criterion, filled with what it says now or with what was posted."""
    described = any(level.descriptor for level in criterion.levels)
    fields = {
        f"level_{level.key}": TextArea(
            level.label, needed=f"Describe the level {level.label}" if described else "", limit=2_000, look={"rows": 3}
        )
        for level in criterion.levels
    }
    kind: type[EditCriterion] = type("EditThisCriterion", (EditCriterion,), fields)
    return kind(data=_present(criterion))


def _present(criterion: Criterion) -> dict[str, Any]:
    plain = ("title", "question", "guidance", "good_example", "not_yet_example", "na_rule", "statutory", "critical")
    return {
        **{name: getattr(criterion, name) for name in plain},
        **{f"level_{level.key}": level.descriptor for level in criterion.levels},
        "scorers": [kind.value for kind in criterion.scorers],
        "min_ncy": criterion.applies_when.min_ncy,
        "max_ncy": criterion.applies_when.max_ncy,
        "weight": f"{criterion.weight:g}",
        "comparable": criterion.comparable_with_previous,
        "seen": mark_of(criterion),
    }
