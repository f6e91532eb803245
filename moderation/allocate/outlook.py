"""How sure the figures of a round will be, before any plan is rated: for the lead who decides how many plans to draw."""

from dataclasses import dataclass

from stats.planner import Expected, interval_width, plans_for_width, sentence_for

WIDTHS = (0.4, 0.3, 0.2)
USUAL_PLANS = 40
EXPECTATIONS = {
    "3": ("Less than usual", "agreement about 0.3"),
    "5": ("As usual for judgements of this kind", "agreement about 0.5"),
    "7": ("More than usual", "agreement about 0.7"),
}


@dataclass(frozen=True)
class Outlook:
    """The planner's answer: a sentence, where a figure would lie, and for some widths the plans that they need."""

    sentence: str
    middle: float
    low: float
    high: float
    needed: tuple[tuple[float, int], ...]

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(f"about {width:.1f}", f"{plans:,}") for width, plans in self.needed]


def outlook(plans: int, auditors: int, expected: str) -> Outlook:
    """For one question with four levels that `auditors` answer about each plan; `expected` is a key of EXPECTATIONS."""
    middle = int(expected) / 10
    known = Expected(raters=auditors, levels=4, agreement=middle)
    half = interval_width(plans, known) / 2
    needed = tuple((width, plans_for_width(width, known)) for width in WIDTHS)
    return Outlook(sentence_for(plans, known), middle, max(middle - half, -1.0), min(middle + half, 1.0), needed)
