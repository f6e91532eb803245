"""Every coefficient once more, straight from its definition: loops over ratings and pairs, nothing shared with `stats`.

A table is a list of plans, each a list with one place per rater, None where there is no rating. `levels` is the
declared scale in its order; levels are numbers wherever a definition calculates with them. A function returns None
where its definition divides by zero.
"""

from collections.abc import Callable, Sequence
from itertools import combinations, permutations
from statistics import fmean
from typing import Any

Level = Any
Plan = Sequence[Level | None]
Table = Sequence[Plan]
Weight = Callable[[Level, Level], float]
Value = float | None


def ratio(top: float, bottom: float) -> Value:
    return top / bottom if abs(bottom) > 1e-12 else None


def beyond(agreement: Value, chance: Value) -> Value:
    return None if agreement is None or chance is None else ratio(agreement - chance, 1 - chance)


def given(plan: Plan) -> list[Level]:
    return [value for value in plan if value is not None]


def share(values: Sequence[Level], level: Level) -> float:
    return sum(value == level for value in values) / len(values)


def weight(kind: str, levels: Sequence[Level]) -> Weight:
    """Agreement weights of two levels of the declared scale."""
    q = len(levels)

    def linear(a: Level, b: Level) -> float:
        return 1 - abs(a - b) / (max(levels) - min(levels)) if q > 1 else 1.0

    def quadratic(a: Level, b: Level) -> float:
        return 1 - ((a - b) / (max(levels) - min(levels))) ** 2 if q > 1 else 1.0

    def ordinal(a: Level, b: Level) -> float:
        between = abs(levels.index(a) - levels.index(b)) + 1
        return 1 - (between * (between - 1) / 2) / (q * (q - 1) / 2) if q > 1 else 1.0

    return {"": lambda a, b: float(a == b), "linear": linear, "quadratic": quadratic, "ordinal": ordinal}[kind]


def percent_agreement(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    rated = [given(plan) for plan in table if len(given(plan)) >= 2]
    return fmean(fmean(w(a, b) for a, b in permutations(plan, 2)) for plan in rated) if rated else None


def percent_agreement_all(table: Table) -> Value:
    rated = [given(plan) for plan in table if len(given(plan)) >= 2]
    return fmean(float(len(set(plan)) == 1) for plan in rated) if rated else None


def expected(one: Sequence[Level], other: Sequence[Level], levels: Sequence[Level], w: Weight) -> float:
    """Mean weight of one value drawn from each of two lists."""
    return sum(share(one, a) * share(other, b) * w(a, b) for a in levels for b in levels)


def alpha(table: Table, metric: str) -> Value:
    units = [given(plan) for plan in table if len(given(plan)) >= 2]
    values = [value for unit in units for value in unit]
    n = len(values)

    def apart(a: Level, b: Level) -> float:
        if metric == "nominal":
            return float(a != b)
        if metric == "interval":
            return float((a - b) ** 2)
        if metric == "ratio":
            return float(((a - b) / (a + b)) ** 2) if a + b else 0.0
        low, high = min(a, b), max(a, b)
        between = sum(low <= value <= high for value in values)
        return float((between - (values.count(a) + values.count(b)) / 2) ** 2) if a != b else 0.0

    if not n:
        return None
    observed = sum(sum(apart(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / n
    chance = sum(apart(a, b) for a, b in permutations(values, 2)) / (n * (n - 1))
    found = ratio(observed, chance)
    return None if found is None else 1 - found


def the_two(table: Table) -> tuple[list[Level], list[Level]] | None:
    """The ratings of two raters on the plans that both rated, when there are just two raters."""
    active = [rater for rater in range(len(table[0])) if any(plan[rater] is not None for plan in table)]
    return both(table, *active) if len(active) == 2 else None


def both(table: Table, one: int, other: int) -> tuple[list[Level], list[Level]]:
    shared = [plan for plan in table if plan[one] is not None and plan[other] is not None]
    return [plan[one] for plan in shared], [plan[other] for plan in shared]


def kappa(first: Sequence[Level], second: Sequence[Level], levels: Sequence[Level], w: Weight) -> Value:
    if not first:
        return None
    agreement = fmean(w(a, b) for a, b in zip(first, second, strict=True))
    return beyond(agreement, expected(first, second, levels, w))


def cohen_kappa(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    two = the_two(table)
    return kappa(*two, levels, w) if two else None


def cohen_kappa_observed_ranks(table: Table, kind: str) -> Value:
    """Weights from the ranks of the levels that occur among the ratings of both."""
    two = the_two(table)
    if not two or not two[0]:
        return None
    used = sorted({*two[0], *two[1]})
    first, second = ([used.index(value) for value in side] for side in two)
    return kappa(first, second, range(len(used)), weight(kind, range(len(used))))


def scott_pi(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    two = the_two(table)
    if not two or not two[0]:
        return None
    first, second = two
    agreement = fmean(w(a, b) for a, b in zip(first, second, strict=True))
    return beyond(agreement, expected([*first, *second], [*first, *second], levels, w))


def prevalence(table: Table, levels: Sequence[Level]) -> list[float]:
    rated = [given(plan) for plan in table if given(plan)]
    return [fmean(share(plan, level) for plan in rated) for level in levels] if rated else []


def fleiss_kappa(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    common = prevalence(table, levels)
    chance = sum(p * q * w(a, b) for p, a in zip(common, levels, strict=False) for q, b in zip(common, levels, strict=False))
    return beyond(percent_agreement(table, levels, w), chance)


def fleiss_kappa_category(table: Table, level: Level) -> Value:
    table = [[None if value is None else float(value == level) for value in plan] for plan in table]
    return fleiss_kappa(table, [0.0, 1.0], weight("", [0.0, 1.0]))


def conger_kappa(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    columns = [[value for value in column if value is not None] for column in zip(*table, strict=True)]
    columns = [column for column in columns if column]
    pairs = list(permutations(columns, 2))
    return beyond(percent_agreement(table, levels, w), fmean(expected(a, b, levels, w) for a, b in pairs)) if pairs else None


def light_kappa(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    active = [rater for rater in range(len(table[0])) if any(plan[rater] is not None for plan in table)]
    found = [kappa(*both(table, one, other), levels, w) for one, other in combinations(active, 2)]
    known = [value for value in found if value is not None]
    return fmean(known) if known and len(known) == len(found) else None


def gwet_ac(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    q, common = len(levels), prevalence(table, levels)
    if q < 2 or not common:
        return None
    total = sum(w(a, b) for a in levels for b in levels)
    return beyond(percent_agreement(table, levels, w), total / (q * (q - 1)) * sum(p * (1 - p) for p in common))


def brennan_prediger(table: Table, levels: Sequence[Level], w: Weight) -> Value:
    q = len(levels)
    return beyond(percent_agreement(table, levels, w), sum(w(a, b) for a in levels for b in levels) / q**2) if q > 1 else None


def panel(table: Table) -> list[list[float]]:
    """The plans that every rater (who rated anything) rated, without the raters who rated nothing."""
    active = [rater for rater in range(len(table[0])) if any(plan[rater] is not None for plan in table)]
    rows = [[plan[rater] for rater in active] for plan in table]
    return [row for row in rows if None not in row]


def icc(table: Table, form: str) -> Value:
    """Shrout and Fleiss's six, from the mean squares of the two-way table."""
    rows = panel(table)
    n = len(rows)
    if n < 2 or len(rows[0]) < 2:
        return None
    k = len(rows[0])
    grand = fmean(value for row in rows for value in row)
    by_plan, by_rater = [fmean(row) for row in rows], [fmean(column) for column in zip(*rows, strict=True)]
    plans = k * sum((mean - grand) ** 2 for mean in by_plan) / (n - 1)
    within = sum((value - mean) ** 2 for row, mean in zip(rows, by_plan, strict=True) for value in row) / (n * (k - 1))
    raters = n * sum((mean - grand) ** 2 for mean in by_rater) / (k - 1)
    error = sum((rows[i][j] - by_plan[i] - by_rater[j] + grand) ** 2 for i in range(n) for j in range(k)) / ((n - 1) * (k - 1))
    top, bottom = {
        "1_1": (plans - within, plans + (k - 1) * within),
        "2_1": (plans - error, plans + (k - 1) * error + k * (raters - error) / n),
        "3_1": (plans - error, plans + (k - 1) * error),
        "1_k": (plans - within, plans),
        "2_k": (plans - error, plans + (raters - error) / n),
        "3_k": (plans - error, plans),
    }[form]
    return ratio(top, bottom) if bottom > 0 else None


def kendall_w(table: Table) -> Value:
    """12 S / (m^2 (n^3 - n) - m T), T the sum of t^3 - t over all ties of all raters."""
    rows = panel(table)
    n = len(rows)
    if n < 2 or len(rows[0]) < 2:
        return None
    columns = list(zip(*rows, strict=True))
    ranks = [[sum(b < a for b in column) + (sum(b == a for b in column) + 1) / 2 for a in column] for column in columns]
    sums = [sum(rank) for rank in zip(*ranks, strict=True)]
    spread = sum((total - fmean(sums)) ** 2 for total in sums)
    ties = sum(column.count(value) ** 3 - column.count(value) for column in columns for value in set(column))
    m = len(columns)
    return ratio(12 * spread, m**2 * (n**3 - n) - m * ties)


WEIGHTED = {
    "percent_agreement": percent_agreement,
    "cohen_kappa": cohen_kappa,
    "scott_pi": scott_pi,
    "fleiss_kappa": fleiss_kappa,
    "conger_kappa": conger_kappa,
    "light_kappa": light_kappa,
    "gwet_ac1": gwet_ac,
    "gwet_ac2": gwet_ac,
    "brennan_prediger": brennan_prediger,
}


def defined(name: str, table: Table, levels: Sequence[Level]) -> Value:
    """The value of a coefficient by its name in the registry."""
    family, _, kind = name.rpartition("_")
    if family == "alpha":
        return alpha(table, kind)
    if name.startswith("fleiss_kappa_category:"):
        wanted = name.split(":")[1]
        return fleiss_kappa_category(table, next(level for level in levels if str(level) == wanted))
    if name.endswith("_observed_ranks"):
        return cohen_kappa_observed_ranks(table, name.split("_")[2])
    if name.startswith("icc_"):
        return icc(table, name.removeprefix("icc_"))
    if name == "percent_agreement_all":
        return percent_agreement_all(table)
    if name == "kendall_w":
        return kendall_w(table)
    if family in WEIGHTED and kind in ("linear", "quadratic", "ordinal"):
        return WEIGHTED[family](table, levels, weight(kind, levels))
    return WEIGHTED[name](table, levels, weight("", levels))
