"""The forms about rounds."""

from collections.abc import Iterable, Sequence
from typing import Any

from moderation.register.codes import NEED_NAMES
from moderation.web.fields import Checkboxes, DateParts, Form, Radios, Select, Text, TextArea, Tick, Version, WholeNumber
from moderation.web.filters import join_words, london_date

from .outlook import EXPECTATIONS, Outlook, outlook
from .queries import AgencyLine, AuditorLine
from .rules import CONFLICT_NAMES, FULL_TIME, MOST_SEEDS, PHASE_NAMES, STRATIFIERS, ConflictWith, Options, RoundTerms, SampleTerms
from .terms import SLIDER

LONGEST_REASON = 500
SHORT = {"rows": 3}


class TermsForm(Form):
    name = Text("Name of the round", needed="Enter a name for the round", limit=120, hint="For example, Autumn 2026")
    framework_version_id = Select("Framework", called="Framework", needed="Choose a framework", blank=None)
    opens_on = DateParts(
        "Opening date", needed="Enter the opening date", hint="When auditors should get their plans. You open the round yourself."
    )
    closes_on = DateParts(
        "Closing date", needed="Enter the closing date", hint="The round closes at the end of this day, London time."
    )
    version = Version()

    def offer(self, frameworks: Sequence[tuple[str, str]]) -> "TermsForm":
        self.framework_version_id.choices = frameworks
        return self

    def terms(self) -> RoundTerms:
        return RoundTerms(self.name.data, self.framework_version_id.data, self.opens_on.data, self.closes_on.data)


class SampleForm(Form):
    size = WholeNumber("How many plans?", called="Number of plans", needed="Enter how many plans to draw", least=1, most=10_000)
    stratify_by = Checkboxes(
        "Draw in proportion to",
        called="Groups",
        choices=list(STRATIFIERS.items()),
        hint="Each group gets its share of the sample. Choose none for a plain random draw.",
    )
    again = Tick(
        "Plans from earlier rounds may be drawn again",
        hint="Never by an auditor who has met the case before. While a round has hidden plans, no plan of a round published in the "
        "90 days before it is drawn: its hidden plans come from there.",
    )
    version = Version()
    strata: Sequence[str] = ()
    strata_by: Sequence[str] = ()

    def terms(self) -> SampleTerms:
        return SampleTerms(self.size.data, tuple(self.stratify_by.data or ()), bool(self.again.data), self.quotas())

    @property
    def quota_fields(self) -> list[Any]:
        return [self[f"quota_{index}"] for index in range(len(self.strata))]

    def quotas(self) -> dict[str, int]:
        """The numbers fixed for groups; other groups than those of the last draw have none."""
        if list(self.stratify_by.data or ()) != list(self.strata_by):
            return {}
        given = zip(self.strata, self.quota_fields, strict=True)
        return {name: field.data for name, field in given if field.data is not None}


class OutlookForm(Form):
    """Asks by GET and changes nothing."""

    plans = WholeNumber("Plans", called="Plans", needed="Enter how many plans", least=2, most=10_000)
    auditors = WholeNumber("Auditors on each plan", needed="Enter how many auditors rate each plan", least=2, most=12)
    expected = Radios(
        "How well do you expect auditors to agree?",
        needed="Choose how well you expect auditors to agree",
        choices=[(key, *words) for key, words in EXPECTATIONS.items()],
    )

    def answer(self) -> Outlook | None:
        return None if self.problems else outlook(self.plans.data, self.auditors.data, self.expected.data)


class ExcludeForm(Form):
    reference = Text(
        "Reference of the plan", needed="Enter the reference of the plan", look={"classes": "govuk-input--width-10"}, limit=40
    )
    reason = Text(
        "Why must it not be drawn?", called="Reason", needed="Enter a reason", limit=200, hint="For example, tribunal or complaint"
    )


class ReasonForm(Form):
    reason = TextArea("Reason", needed="Enter a reason", limit=LONGEST_REASON, look=SHORT)
    version = Version()

    def ask(self, question: str, hint: str = "") -> "ReasonForm":
        self.reason.label.text, self.reason.description = question, hint
        return self


class DrawForm(Form):
    """The first draw needs no reason; a later one does, and the action says so. Nothing chosen is the recommended setting."""

    weighing = Radios(
        "Expertise or independence?",
        called="Setting",
        choices=[(number, f"{number}. {setting.name}") for number, setting in enumerate(SLIDER, 1)],
        coerce=int,
    )
    reason = TextArea("Why draw again?", called="Reason", limit=LONGEST_REASON, look=SHORT)
    version = Version()


class OptionsForm(Form):
    double_share = WholeNumber(
        "How many in 100 plans does each agency score twice?",
        called="Plans scored twice",
        needed="Enter 0 if no plan is to be scored twice",
        most=100,
        hint="By a second auditor of the same agency, so that colleagues can be compared. 10 is usual where agencies score "
        "criteria of their own. 0 means none.",
    )
    seed_plans = WholeNumber(
        "How many hidden plans with agreed ratings?",
        called="Hidden plans",
        needed="Enter 0 for no hidden plan",
        most=MOST_SEEDS,
        hint="From published rounds, chosen at random, for auditors who never met the case. They are marked nowhere. Each costs "
        "every auditor a plan, so one for each round is enough. Until a round is published there is none to choose.",
    )
    repairs_itself = Tick(
        "Give plans that come back to somebody else without asking me",
        hint="Every morning, with the smallest change that works. Started work never moves.",
    )
    version = Version()

    def options(self) -> Options:
        return Options(self.double_share.data, self.seed_plans.data, bool(self.repairs_itself.data))


class ExpertiseForm(Form):
    needs = Checkboxes("Primary needs", choices=[(need.value, name) for need, name in NEED_NAMES.items()])
    phases = Checkboxes("Phases of education", choices=[(name, name) for name in PHASE_NAMES])
    version = Version()


class VersionForm(Form):
    """Nothing to enter: a button that must not act on an old page."""

    version = Version()


class OpenForm(Form):
    confirm = Tick("Open the round with these places empty")
    version = Version()


class ClosingForm(Form):
    closes_on = DateParts(
        "New closing date", needed="Enter the closing date", hint="The round closes at the end of this day, London time."
    )
    version = Version()


class ConflictForm(Form):
    auditor = Select("Auditor", needed="Choose an auditor", blank="Choose an auditor")
    kind = Radios(
        "Too close to",
        called="What",
        needed="Choose what the auditor is too close to",
        choices=list(CONFLICT_NAMES.items()),
        coerce=ConflictWith,
    )
    target = Text(
        "Which one?",
        called="Which one",
        needed="Enter what the auditor is too close to",
        limit=80,
        hint="The plan's reference, or the setting or team as the register names it.",
    )
    reason = TextArea(
        "Reason",
        needed="Enter a reason",
        limit=LONGEST_REASON,
        look=SHORT,
        hint="For example: wrote the advice, is a governor there, knows the family. No names of children or parents.",
    )


class SwapForm(Form):
    other = Select("Exchange with", needed="Choose whom to exchange with", blank="Choose an auditor and plan")
    reason = TextArea("Reason", needed="Enter a reason", limit=LONGEST_REASON, look=SHORT)
    version = Version()


class AddAuditorForm(Form):
    auditor = Select("Auditor", needed="Choose an auditor", blank="Choose an auditor")
    capacity = WholeNumber(
        "How many plans can they take?", called="Number of plans", needed="Enter how many plans they can take", most=500
    )


class CapacityForm(Form):
    capacity = WholeNumber(
        "How many plans can they take?", called="Number of plans", needed="Enter how many plans they can take", most=500
    )


class AbsenceForm(Form):
    absent_from = DateParts("Away from", called="The first day away", needed="Enter the first day away")


def sample_form(by: Sequence[str], strata: Sequence[str]) -> Any:
    """The form of the sample, with a number for every group of the last draw."""
    look = {"classes": "govuk-input--width-3"}
    fields: dict[str, Any] = {f"quota_{index}": WholeNumber(name, most=10_000, look=look) for index, name in enumerate(strata)}
    return type("SampleForm", (SampleForm,), fields | {"strata": tuple(strata), "strata_by": tuple(by)})


def agencies_form(lines: Iterable[AgencyLine]) -> Any:
    """One number per agency: how many of its auditors rate each plan."""
    look = {"classes": "govuk-input--width-2"}
    fields: dict[str, Any] = {
        f"n_{line.agency_id}": WholeNumber(line.name, most=9, default=line.auditors_per_plan, look=look) for line in lines
    }
    return type("AgenciesForm", (VersionForm,), fields)


def _part_time(line: AuditorLine, look: Any) -> WholeNumber:
    shown = None if line.availability == FULL_TIME else line.availability
    return WholeNumber(f"{line.name}, % of full time", least=1, most=FULL_TIME, default=shown, look=look)


def auditors_form(lines: Iterable[AuditorLine]) -> Any:
    """Two numbers per auditor: how many plans they can take (empty leaves them out), and their share of full time."""
    look = {"classes": "govuk-input--width-3"}
    fields: dict[str, Any] = {
        f"n_{line.account_id}": WholeNumber(line.name, most=500, default=line.capacity, look=look, hint=_away_words(line))
        for line in lines
    }
    fields |= {f"part_{line.account_id}": _part_time(line, look) for line in lines}
    return type("AuditorsForm", (VersionForm,), fields)


def _away_words(line: AuditorLine) -> str:
    """Says they are away 3 March 2026 to 5 March 2026"""
    days = [" to ".join(dict.fromkeys(map(london_date, (one.starts_on, one.ends_on)))) for one in line.away]
    return f"Says they are away {join_words(days)}" if days else ""
