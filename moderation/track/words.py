"""The findings in words: what a figure shows, never stronger than its interval allows."""

from collections.abc import Sequence

from moderation.web.filters import coefficient, interval, join_words, number, percent, plural
from stats import change_sentence, sentence
from stats.results import PROVISIONAL, TOO_FEW, Agreement

from .queries.agreement import AgreementView, NamedAgreement, Pair
from .queries.quality import QualityRow, QualityView
from .rules import COEFFICIENT_FROM, HIDDEN_BELOW

COEFFICIENTS = {
    "alpha": "Krippendorff's alpha",
    "kappa": "Fleiss's kappa",
    "gwet": "Gwet's coefficient (AC1 or AC2)",
}


def answer(view: AgreementView) -> tuple[str, str]:
    """The answer of the agreement page: how it changed, and how it stands in the chosen round."""
    first = f"{change_words(view)} " if view.trends.change and view.family == "alpha" else ""
    if view.overall.pairable_items < HIDDEN_BELOW and view.overall.value is not None:
        return first, f"In {view.round.name} fewer than {HIDDEN_BELOW} plans were rated by two auditors, so nothing is shown."
    return first, f"In {view.round.name} {_lower(sentence(view.overall))}"


def change_words(view: AgreementView) -> str:
    """The latest change, and against what; "cannot tell" is an answer too."""
    point, change = view.trends.change, view.trends.difference()
    if point is None or change is None:
        return ""
    before = [one.round.name for one in view.history if one.round.closed_on == point.first_on]
    against = "the twelve months before" if len(view.trends.periods) > 1 else (before[0] if before else "the round before")
    said = change_sentence(change).replace("Cannot tell", "we cannot tell")
    return f"Against {against}, {_lower(said)}"


def rounds_heading(view: AgreementView) -> str:
    change = view.trends.difference()
    if len(view.history) == 1:
        return "Agreement in the first audit round"
    if change is None or change.value is None or not change.is_clear:
        return "No clear change in agreement so far"
    return "Agreement has risen" if change.value > 0 else "Agreement has fallen"


def least_agreed(rows: Sequence[NamedAgreement], what: str) -> str:
    """A heading that names where auditors differ most, among those with a coefficient."""
    known = [row for row in rows if row.agreement.reason is None and row.agreement.value is not None]
    if not known:
        return f"Agreement by {what}"
    lowest = min(known, key=lambda row: row.agreement.value or 0.0)
    return f"Auditors differ most on \u2018{lowest.name}\u2019"


def pairs_heading(pairs: Sequence[Pair]) -> str:
    known = [
        pair for pair in pairs if pair.first != pair.second and pair.agreement.reason is None and pair.agreement.value is not None
    ]
    if len(known) < 2:
        return "Agreement between agencies"
    lowest = min(known, key=lambda pair: pair.agreement.value or 0.0)
    return f"{lowest.first.name} and {lowest.second.name.lower()} agree least"


def discussed_heading(view: AgreementView) -> str:
    row = view.discussed.everything if view.discussed else None
    if row is None or row.before is None or row.after is None:
        return "Before and after the meeting"
    way = "more" if row.after > row.before else "no more"
    return (
        f"After the discussion auditors gave the same answer {way} often: {percent(row.before)} before, {percent(row.after)} after"
    )


def why_undefined(agreement: Agreement) -> str:
    """A few words for the place of the mark that is not there."""
    if (agreement.value is not None and agreement.pairable_items < TOO_FEW) or "plans were rated by two" in (
        agreement.reason or ""
    ):
        return f"too few plans (fewer than {COEFFICIENT_FROM})"
    if agreement.value is not None:
        return "the ratings vary too little for an interval"
    words = (agreement.undefined or "not worked out").rstrip(".")
    return (words[:1].lower() + words[1:]).partition(", so ")[0]


def state_words(agreement: Agreement) -> str:
    """What the table says beside a coefficient."""
    if agreement.reason is not None:
        return why_undefined(agreement)
    if agreement.low is None:
        return "the ratings vary too little for an interval"
    return "provisional" if agreement.pairable_items < PROVISIONAL else ""


def quality_answer(view: QualityView) -> tuple[str, str]:
    """Whole plans with interval, agreement and number; then where plans are weakest."""
    found = view.overall.quality
    if found.better is None:
        return "", f"Whole plans: {found.hidden}."
    share = f"As whole plans, {percent(found.better.value)} are Good or better ({_ends(found.better.low, found.better.high)})"
    return f"{share}, {agreement_words(view.overall.agreement)}, {plural(found.plans or 0, 'plan')}.", weakest(view.sections)


def agreement_words(agreement: Agreement) -> str:
    if agreement.reason is not None or agreement.value is None:
        return f"agreement not shown: {why_undefined(agreement)}"
    if agreement.low is None or agreement.high is None:
        return f"agreement {coefficient(agreement.value)} without an interval"
    provisional = ", provisional" if agreement.pairable_items < PROVISIONAL else ""
    return f"agreement {coefficient(agreement.value)} {interval((agreement.low, agreement.high))}{provisional}"


def weakest(rows: Sequence[QualityRow]) -> str:
    """The section with the fewest plans at Good or better, among those with ten plans or more."""
    known = [row for row in rows if row.quality.better and (row.quality.plans or 0) >= COEFFICIENT_FROM]
    if len(known) < 2:
        return ""
    low = min(known, key=lambda row: row.quality.better.value if row.quality.better else 0.0)
    share = low.quality.better
    return f"{low.name} is weakest at {percent(share.value)}, from {plural(low.quality.plans or 0, 'plan')}." if share else ""


def levels_heading(rows: Sequence[QualityRow]) -> str:
    known = [row for row in rows if row.quality.better and (row.quality.plans or 0) >= COEFFICIENT_FROM]
    lowest = sorted(known, key=lambda row: row.quality.better.value if row.quality.better else 0.0)[:2]
    if len(known) < 3:
        return "Plan quality by section"
    names = [lowest[0].name, _lower(lowest[1].name)]
    return f"{join_words(names)} are most often below Good"


def changes_heading(rows: Sequence[QualityRow]) -> str:
    clear = [row for row in rows if row.change and row.change.is_clear]
    if not clear:
        return "No section has clearly changed"
    better = [row.name for row in clear if row.change and row.change.value > 0]
    worse = [row.name for row in clear if row.change and row.change.value < 0]
    said = [f"{join_words(names)} clearly {verb}" for names, verb in ((better, "better"), (worse, "worse")) if names]
    return "; ".join(said)


def needs_heading(rows: Sequence[QualityRow]) -> str:
    hidden = sum(row.quality.better is None for row in rows)
    if not hidden:
        return "By primary need"
    return f"By primary need: {number(hidden)} of {plural(len(rows), 'group')} not shown"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _ends(low: float, high: float) -> str:
    return f"{percent(low)} to {percent(high)}"
