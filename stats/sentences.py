"""Says a result in one plain sentence, never with a word stronger than its interval allows."""

from stats.labels import KRIPPENDORFF, LANDIS_KOCH, Benchmark, label
from stats.results import Agreement, Difference, State


def sentence(agreement: Agreement, benchmark: Benchmark = LANDIS_KOCH) -> str:
    """The result for a page, under the rules for pages: below ten pairable plans only the percentage.

    >>> from stats.results import Agreement
    >>> sentence(Agreement("alpha_ordinal", 0.48, 0.27, 0.67, 0.95, "bootstrap", None, 0.74, 124, 124, 3, 372))
    'Auditors agreed on 74% of ratings; allowing for chance, agreement is at least fair (0.48, between 0.27 and 0.67; 124 plans).'
    """
    if agreement.state is State.UNDEFINED:
        return f"{_percent(agreement)}{agreement.reason}"
    words = f"allowing for chance, {verdict(agreement, benchmark)} ({_figures(agreement)})."
    return f"{_opening(agreement)}{words}{_caution(agreement)}"


def verdict(agreement: Agreement, benchmark: Benchmark = LANDIS_KOCH) -> str:
    """The words alone: "agreement is at least fair"; the last word of a benchmark says what cannot be said, not what is."""
    word = label(agreement, benchmark)
    if word is None:
        return "it cannot be said how good agreement is"
    if word == benchmark.bands[-1][0]:
        return "agreement cannot be called reliable" if benchmark is KRIPPENDORFF else "agreement may be no better than chance"
    best = word == benchmark.bands[0][0]
    return f"agreement is {word}" if best else f"agreement is at least {word}"


def change_sentence(difference: Difference) -> str:
    """What can be said about a change: rose, fell, or cannot tell."""
    if difference.value is None:
        return f"Cannot tell whether agreement changed. {difference.undefined}"
    if difference.low is None or difference.high is None:
        return "Cannot tell whether agreement changed. There are too few ratings for an interval."
    limits = f"{signed(difference.value)}, between {signed(difference.low)} and {signed(difference.high)}"
    if not difference.is_clear:
        return f"Cannot tell whether agreement changed ({limits})."
    low, high = (_not_nothing(end) for end in (difference.low, difference.high))
    verb = "rose" if difference.value > 0 else "fell"
    return f"Agreement {verb} ({signed(difference.value)}, between {low} and {high})."


def _not_nothing(end: float) -> str:
    """An end of a clear change with decimals enough to show that it leaves out 0."""
    return next((text for text in (_signed(end, places) for places in (2, 3, 4)) if text.strip("0.")), signed(end))


def signed(number: float) -> str:
    """Two decimals with a sign that reads as one: +0.08, \u22120.08, 0.00."""
    return _signed(number, 2)


def _signed(number: float, places: int) -> str:
    text = f"{number:+.{places}f}"
    return text[1:] if not text.strip("+-0.") else text.replace("-", "\u2212")


def plain(number: float) -> str:
    """Two decimals; a real minus sign."""
    return signed(number).removeprefix("+")


def _percent(agreement: Agreement) -> str:
    return "" if agreement.percent is None else f"Auditors agreed on {_rounded(agreement.percent)}% of ratings. "


def _opening(agreement: Agreement) -> str:
    text = _percent(agreement)
    return text.removesuffix(". ") + "; " if text else ""


def _rounded(share: float) -> int:
    """Whole percent; 100 and 0 only where they are exact."""
    if 0 < share < 1:
        return min(max(round(share * 100), 1), 99)
    return round(share * 100)


def _figures(agreement: Agreement) -> str:
    assert agreement.value is not None
    plans = f"{agreement.pairable_items:,} plans"
    if agreement.low is None or agreement.high is None:
        return f"{plain(agreement.value)}; {plans}"
    return f"{plain(agreement.value)}, between {plain(agreement.low)} and {plain(agreement.high)}; {plans}"


def _caution(agreement: Agreement) -> str:
    return " This is provisional: fewer than 50 plans." if agreement.state is State.PROVISIONAL else ""
