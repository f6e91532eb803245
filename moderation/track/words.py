"""The findings in words: what a figure shows, never stronger than its interval allows."""

from collections.abc import Sequence

from moderation.web.filters import coefficient, interval, join_words, number, percent, plural
from stats import change_sentence, sentence
from stats.results import PROVISIONAL, TOO_FEW, Agreement
from stats.shares import Share

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
    return first, of_round(view.round.name, view.overall)


def of_round(name: str, agreement: Agreement) -> str:
    """How agreement stands in a round, as a whole or on one question."""
    if 0 < agreement.pairable_items < HIDDEN_BELOW:
        return f"In {name} fewer than {HIDDEN_BELOW} plans were rated by two auditors, so nothing is shown."
    return f"In {name} {_lower(sentence(agreement))}"


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


def least_agreed(rows: Sequence[NamedAgreement], what: str, overall: Agreement) -> str:
    """A heading that names where auditors differ most, if its whole interval lies below the round's figure."""
    if overall.reason is not None or overall.value is None:
        return f"Agreement by {what}"
    below = [row for row in rows if row.agreement.reason is None and _is_below(row.agreement.high, overall.value)]
    if not below:
        return f"No {what} is clearly below the rest"
    lowest = min(below, key=lambda row: row.agreement.value or 0.0)
    return f"Auditors differ most on \u2018{lowest.name}\u2019"


def pairs_heading(pairs: Sequence[Pair]) -> str:
    """Which two agencies agree less than which, if their intervals say so."""
    known = [
        pair for pair in pairs if pair.first != pair.second and pair.agreement.reason is None and pair.agreement.low is not None
    ]
    if len(known) < 2:
        return "Agreement between agencies"
    lowest, highest = (pick(known, key=lambda pair: pair.agreement.value or 0.0) for pick in (min, max))
    if _is_below(lowest.agreement.high, highest.agreement.low):
        return f"{_both(lowest)} agree less than {_lower(_both(highest))}"
    return "No pair of agencies clearly agrees less than another"


def _is_below(high: float | None, mark: float | None) -> bool:
    """Both ends are known, and 0 is an end like any other."""
    return high is not None and mark is not None and high < mark


def _both(pair: Pair) -> str:
    return f"{pair.first.name} and {_lower(pair.second.name)}"


def discussed_heading(view: AgreementView) -> str:
    row = view.discussed.everything if view.discussed else None
    if row is None or row.before is None or row.after is None:
        return "Before and after the meeting"
    way = "more" if row.after > row.before else "no more"
    return (
        f"After the discussion auditors gave the same answer {way} often: {percent(row.before)} before, {percent(row.after)} after"
    )


def why_undefined(agreement: Agreement) -> str:
    """A few words for the place of the mark that is not there. Of fewer than five plans nothing is said, not even that all
    their ratings are the same."""
    if agreement.ratings and agreement.pairable_items < HIDDEN_BELOW:
        return f"fewer than {HIDDEN_BELOW} plans"
    if agreement.value is not None and agreement.pairable_items < TOO_FEW:
        return f"fewer than {COEFFICIENT_FROM} plans"
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
        return f"agreement not shown: {why_without_agreement(agreement)}"
    if agreement.low is None or agreement.high is None:
        return f"agreement {coefficient(agreement.value)} without an interval"
    provisional = ", provisional" if agreement.pairable_items < PROVISIONAL else ""
    return f"agreement {coefficient(agreement.value)} {interval((agreement.low, agreement.high))}{provisional}"


def why_without_agreement(agreement: Agreement) -> str:
    """Beside the number of plans that have a grade, which is another one than that of plans with two ratings."""
    why = why_undefined(agreement)
    return f"{why} have two ratings" if why.endswith(" plans") else why


def weakest(rows: Sequence[QualityRow]) -> str:
    """The section with the lowest figure, among those with ten plans or more."""
    known = _well_known(rows)
    if len(known) < 2:
        return ""
    row, share = known[0]
    figure = f"{percent(share.value)} ({_ends(share.low, share.high)}), from {plural(row.quality.plans or 0, 'plan')}"
    return f"The lowest figure is that of {_lower(row.name)}: {figure}."


def levels_heading(rows: Sequence[QualityRow]) -> str:
    """Names at most two sections, whose whole interval lies below the middle section."""
    known = _well_known(rows)
    if len(known) < 3:
        return "Plan quality by section"
    middle = known[len(known) // 2][1].value
    below = [row.name for row, share in known if share.high < middle][:2]
    if not below:
        return "No section is clearly weaker than the rest"
    names = [below[0], *map(_lower, below[1:])]
    return f"{join_words(names)} {'is' if len(names) == 1 else 'are'} clearly more often below Good"


def _well_known(rows: Sequence[QualityRow]) -> list[tuple[QualityRow, Share]]:
    """Sections with ten plans or more, the lowest share of Good or better first."""
    shown = [(row, row.quality.better) for row in rows if row.quality.better and (row.quality.plans or 0) >= COEFFICIENT_FROM]
    return sorted(shown, key=lambda one: one[1].value)


def changes_heading(rows: Sequence[QualityRow]) -> str:
    clear = [row for row in rows if row.change and row.change.is_clear]
    if not clear:
        return "No section has clearly changed"
    better = [row.name for row in clear if row.change and row.change.value > 0]
    worse = [row.name for row in clear if row.change and row.change.value < 0]
    return "; ".join(f"{_few(names)} clearly {verb}" for names, verb in ((better, "better"), (worse, "worse")) if names)


def _few(names: Sequence[str]) -> str:
    """Two names in full, more as a number."""
    return join_words([names[0], *map(_lower, names[1:])]) if len(names) < 3 else f"{len(names)} sections"


def needs_heading(rows: Sequence[QualityRow]) -> str:
    hidden = sum(row.quality.better is None for row in rows)
    if not hidden:
        return "By primary need"
    return f"By primary need: {number(hidden)} of {plural(len(rows), 'group')} not shown"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _ends(low: float, high: float) -> str:
    return f"{percent(low)} to {percent(high)}"
