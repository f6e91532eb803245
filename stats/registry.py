"""The one list of coefficients. Pages, jobs, exports, the command line and the glossary read it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from stats import alpha, gwet, icc, kappa, needs, percent, weights
from stats.arrays import FloatArray
from stats.patterns import Patterns
from stats.scales import Label, Level, Scale

Evaluate = Callable[[Patterns, FloatArray], FloatArray]


@dataclass(frozen=True)
class Statistic:
    """One coefficient: `evaluate(patterns, times)` gives a value for each row of `times` (B x P -> B)."""

    name: str
    title: str
    family: str
    about: str
    evaluate: Evaluate
    needs: tuple[needs.Need, ...]
    knows_raters: bool = False
    is_share: bool = False

    def patterns_for(self, patterns: Patterns) -> Patterns:
        """Fewer patterns where it does not matter who gave a rating."""
        return patterns if self.knows_raters else patterns.anonymous

    def obstacle(self, patterns: Patterns) -> str | None:
        """Why it cannot be computed from these ratings (patterns by rater), or None."""
        return next((reason for need in self.needs if (reason := need(patterns))), None)


def statistics_for(scale: Scale) -> tuple[Statistic, ...]:
    """Every coefficient, in the order in which they are listed, for ratings on this scale."""
    return _GENERAL + tuple(_for_level(scale, code) for code in range(len(scale)) if len(scale) <= needs.MANY_LEVELS)


@cache
def find(name: str, scale: Scale) -> Statistic:
    """The coefficient of that name; raises KeyError for an unknown one."""
    by_name = {statistic.name: statistic for statistic in _GENERAL}
    if name in by_name:
        return by_name[name]
    return {statistic.name: statistic for statistic in statistics_for(scale)}[name]


_GENERAL_NAMES: dict[str, dict[Level, str]] = {
    "alpha": {level: f"alpha_{level.value}" for level in Level},
    "kappa": {
        Level.NOMINAL: "fleiss_kappa",
        Level.ORDINAL: "fleiss_kappa_quadratic",
        Level.INTERVAL: "fleiss_kappa_quadratic",
        Level.RATIO: "fleiss_kappa_quadratic",
    },
    "gwet": {
        Level.NOMINAL: "gwet_ac1",
        Level.ORDINAL: "gwet_ac2_ordinal",
        Level.INTERVAL: "gwet_ac2_quadratic",
        Level.RATIO: "gwet_ac2_quadratic",
    },
    "percent": dict.fromkeys(Level, "percent_agreement"),
}


def resolve(name: str, scale: Scale) -> Statistic:
    """The coefficient of that name, where "alpha", "kappa", "gwet" and "percent" mean the one for the scale.

    >>> resolve("alpha", Scale.of("ordinal", [1, 2, 3])).name
    'alpha_ordinal'
    """
    return find(_GENERAL_NAMES.get(name, {}).get(scale.level, name), scale)


def level_name(label: Label) -> str:
    """A level as it stands in a coefficient's name: 1 rather than 1.0."""
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


_WEIGHTS: dict[str, tuple[Callable[[Scale], FloatArray], str, tuple[needs.Need, ...]]] = {
    "": (weights.identity, "", ()),
    "linear": (weights.linear, "linear weights", (needs.numbers,)),
    "quadratic": (weights.quadratic, "quadratic weights", (needs.numbers,)),
    "ordinal": (weights.ordinal, "Gwet's ordinal weights", (needs.order,)),
}

_TWO = (needs.pairs, needs.few_levels, needs.two_raters)


def _weighted(function: Callable[[Patterns, FloatArray, FloatArray], FloatArray], kind: str) -> Evaluate:
    make = _WEIGHTS[kind][0]
    return lambda patterns, times: function(patterns, times, make(patterns.scale))


def _family(
    name: str,
    title: str,
    family: str,
    about: str,
    function: Callable[[Patterns, FloatArray, FloatArray], FloatArray],
    needed: tuple[needs.Need, ...] = (needs.pairs, needs.few_levels),
    kinds: tuple[str, ...] = ("", "linear", "quadratic", "ordinal"),
    **more: Any,
) -> list[Statistic]:
    return [
        Statistic(
            f"{name}_{kind}" if kind else name,
            f"{title} ({_WEIGHTS[kind][1]})" if kind else title,
            family,
            about,
            _weighted(function, kind),
            _WEIGHTS[kind][2] + needed,
            **more,
        )
        for kind in kinds
    ]


def _alpha(level: Level, needed: tuple[needs.Need, ...]) -> Statistic:
    return Statistic(
        f"alpha_{level.value}",
        f"Krippendorff's alpha ({level.value})",
        "alpha",
        "One minus observed over expected disagreement; any number of auditors, ratings may be missing.",
        partial(alpha.alpha, metric=level),
        (*needed, needs.pairs, needs.variation),
    )


def _for_level(scale: Scale, code: int) -> Statistic:
    label = level_name(scale.labels[code])
    return Statistic(
        f"fleiss_kappa_category:{label}",
        f"Fleiss's kappa for level {label}",
        "kappa",
        "Agreement beyond chance on whether a plan is at this level or at any other.",
        partial(kappa.fleiss_kappa_of_level, level=code),
        (needs.pairs, needs.few_levels, needs.variation_anywhere),
    )


def _observed_ranks(kind: str, power: int) -> Statistic:
    return Statistic(
        f"cohen_kappa_{kind}_observed_ranks",
        f"Cohen's kappa ({kind} weights on the levels that occur)",
        "kappa",
        "As some packages compute it, from the levels that occur; listed only for comparison.",
        partial(kappa.cohen_kappa_observed_ranks, power=power),
        (*_TWO, needs.variation),
        knows_raters=True,
    )


def _panel(name: str, title: str, about: str, evaluate: Evaluate, needed: needs.Need, family: str = "icc") -> Statistic:
    return Statistic(name, title, family, about, evaluate, (needed, needs.pairs, needs.panel, needs.variation), knows_raters=True)


_GENERAL: tuple[Statistic, ...] = (
    *_family(
        "percent_agreement",
        "Percent agreement",
        "percent",
        "Mean share of agreeing pairs of auditors on a plan; chance is not considered.",
        percent.pairwise,
        is_share=True,
    ),
    Statistic(
        "percent_agreement_all",
        "All auditors agree",
        "percent",
        "Share of plans on which everybody who rated chose the same level.",
        percent.unanimous,
        (needs.pairs, needs.few_levels),
        is_share=True,
    ),
    _alpha(Level.NOMINAL, (needs.few_levels,)),
    _alpha(Level.ORDINAL, (needs.order,)),
    _alpha(Level.INTERVAL, (needs.numbers,)),
    _alpha(Level.RATIO, (needs.numbers, needs.few_levels, needs.no_negatives)),
    *_family(
        "cohen_kappa",
        "Cohen's kappa",
        "kappa",
        "Agreement of two auditors beyond what their own use of the levels gives by chance.",
        kappa.cohen_kappa,
        (*_TWO, needs.variation),
        knows_raters=True,
    ),
    _observed_ranks("linear", 1),
    _observed_ranks("quadratic", 2),
    *_family(
        "scott_pi",
        "Scott's pi",
        "kappa",
        "Agreement of two auditors beyond what their common use of the levels gives by chance.",
        kappa.scott_pi,
        (*_TWO, needs.variation),
        knows_raters=True,
    ),
    *_family(
        "fleiss_kappa",
        "Fleiss's kappa",
        "kappa",
        "Agreement of any number of auditors beyond what the common use of the levels gives by chance.",
        kappa.fleiss_kappa,
        (needs.pairs, needs.few_levels, needs.variation_anywhere),
    ),
    *_family(
        "conger_kappa",
        "Conger's kappa",
        "kappa",
        "Agreement of a panel beyond what each auditor's own use of the levels gives by chance.",
        kappa.conger_kappa,
        (needs.pairs, needs.few_levels, needs.variation_anywhere),
        knows_raters=True,
    ),
    *_family(
        "light_kappa",
        "Light's kappa",
        "kappa",
        "Mean of Cohen's kappa over all pairs of auditors.",
        kappa.light_kappa,
        (needs.pairs, needs.few_levels, needs.every_pair, needs.variation),
        knows_raters=True,
    ),
    *_family(
        "gwet_ac1",
        "Gwet's AC1",
        "gwet",
        "Agreement beyond chance that stays steady where almost every plan gets the same grade.",
        gwet.gwet_ac,
        (needs.pairs, needs.two_levels, needs.few_levels),
        kinds=("",),
    ),
    *_family(
        "gwet_ac2",
        "Gwet's AC2",
        "gwet",
        "AC1 with partial credit for near misses.",
        gwet.gwet_ac,
        (needs.pairs, needs.two_levels, needs.few_levels),
        kinds=("linear", "quadratic", "ordinal"),
    ),
    *_family(
        "brennan_prediger",
        "Brennan-Prediger coefficient",
        "gwet",
        "Agreement beyond a blind choice among the declared levels.",
        gwet.brennan_prediger,
        (needs.pairs, needs.two_levels, needs.few_levels),
    ),
    _panel("icc_1_1", "ICC (1,1)", "One-way intraclass correlation of single ratings.", icc.icc_1_1, needs.numbers),
    _panel("icc_2_1", "ICC (2,1)", "Two-way, absolute agreement of single ratings.", icc.icc_2_1, needs.numbers),
    _panel("icc_3_1", "ICC (3,1)", "Two-way, consistency of single ratings.", icc.icc_3_1, needs.numbers),
    _panel("icc_1_k", "ICC (1,k)", "One-way, mean of all auditors.", icc.icc_1_k, needs.numbers),
    _panel("icc_2_k", "ICC (2,k)", "Two-way, absolute agreement of the mean of all auditors.", icc.icc_2_k, needs.numbers),
    _panel("icc_3_k", "ICC (3,k)", "Two-way, consistency of the mean of all auditors.", icc.icc_3_k, needs.numbers),
    _panel("kendall_w", "Kendall's W", "How alike auditors rank the plans.", icc.kendall_w, needs.order, "ranks"),
)
