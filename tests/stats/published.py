"""Tables from the literature and the digits that were printed for them (`tests/data` holds further ones)."""

from collections.abc import Iterator, Sequence
from typing import Any

Table = list[list[Any]]


def from_cells(cells: Sequence[Sequence[int]], levels: Sequence[Any]) -> Table:
    """Two raters from a square table of counts."""
    return [[levels[i], levels[j]] for i, row in enumerate(cells) for j, count in enumerate(row) for _ in range(count)]


def from_counts(counts: Sequence[Sequence[int]], levels: Sequence[Any]) -> Table:
    """Plans on which so many raters chose each level; who they were is not known."""
    return [[level for level, count in zip(levels, row, strict=True) for _ in range(count)] for row in counts]


def from_lines(*lines: str) -> Table:
    """One line of ratings per rater, * where there is none; digits become numbers."""
    columns = [[None if word == "*" else int(word) if word.isdigit() else word for word in line.split()] for line in lines]
    return [list(plan) for plan in zip(*columns, strict=True)]


FOUR, FIVE = [1, 2, 3, 4], [1, 2, 3, 4, 5]

CASES: list[tuple[str, str, list[Any], Table, dict[str, float]]] = [
    (
        "Krippendorff (2011) B: two observers, five categories",
        "nominal",
        list("abcde"),
        from_lines("a a b b d c c c e d d a", "b a b b b c c c e d d d"),
        {"alpha_nominal": 0.692},
    ),
    (
        "Krippendorff (2011) C as ordinal, interval and ratio data",
        "ratio",
        FIVE,
        from_lines("1 2 3 3 2 1 4 1 2 * * *", "1 2 3 3 2 2 4 1 2 5 * *", "* 3 3 3 2 3 4 2 2 5 1 3", "1 2 3 3 2 4 4 1 2 5 1 *"),
        {"alpha_nominal": 0.743, "alpha_ordinal": 0.815, "alpha_interval": 0.849, "alpha_ratio": 0.797},
    ),
    (
        "three coders, fifteen units, gaps (the example of the krippendorff package)",
        "interval",
        FOUR,
        from_lines("* * * * * 3 4 1 2 1 1 3 3 * 3", "1 * 2 1 3 3 4 3 * * * * * * *", "* * 2 1 3 4 4 * 2 1 1 3 3 * 4"),
        {"alpha_nominal": 0.691, "alpha_interval": 0.811},
    ),
    (
        "ten subjects, fourteen raters, five categories (Fleiss's kappa worked through)",
        "nominal",
        FIVE,
        from_counts(
            [
                [0, 0, 0, 0, 14],
                [0, 2, 6, 4, 2],
                [0, 0, 3, 5, 6],
                [0, 3, 9, 2, 0],
                [2, 2, 8, 1, 1],
                [7, 7, 0, 0, 0],
                [3, 2, 6, 3, 0],
                [2, 5, 3, 2, 2],
                [6, 5, 2, 1, 0],
                [0, 2, 2, 3, 7],
            ],
            FIVE,
        ),
        {"percent_agreement": 0.378, "fleiss_kappa": 0.210},
    ),
    (
        "Agresti: carcinoma, two pathologists (Landis and Koch 1977)",
        "ordinal",
        FOUR,
        from_cells([[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]], FOUR),
        {"cohen_kappa": 0.493},
    ),
    (
        "Landis and Koch (1977): multiple sclerosis, Winnipeg patients",
        "ordinal",
        FOUR,
        from_cells([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]], FOUR),
        {"cohen_kappa": 0.208},
    ),
    (
        "Agresti and Winner (1997): Siskel and Ebert",
        "ordinal",
        [1, 2, 3],
        from_cells([[24, 8, 13], [8, 13, 11], [10, 9, 64]], [1, 2, 3]),
        {"cohen_kappa": 0.389},
    ),
    (
        "fifty proposals, two readers",
        "nominal",
        ["yes", "no"],
        from_cells([[20, 5], [10, 15]], ["yes", "no"]),
        {"percent_agreement": 0.7, "cohen_kappa": 0.4},
    ),
    (
        "the same agreement, other marginals",
        "nominal",
        ["yes", "no"],
        from_cells([[25, 35], [5, 35]], ["yes", "no"]),
        {"cohen_kappa": 0.2593},
    ),
    (
        "Gwet (2002): almost everybody says the same",
        "nominal",
        ["+", "-"],
        from_cells([[118, 5], [2, 0]], ["+", "-"]),
        {"percent_agreement": 0.944, "cohen_kappa": -0.0234, "scott_pi": -0.0288, "gwet_ac1": 0.9408},
    ),
    (
        "Shrout and Fleiss (1979), table 2",
        "interval",
        list(range(1, 11)),
        from_lines("9 6 8 7 10 6", "2 1 4 1 5 2", "5 3 6 2 6 4", "8 2 8 6 9 7"),
        {"icc_1_1": 0.17, "icc_2_1": 0.29, "icc_3_1": 0.71, "icc_1_k": 0.44, "icc_2_k": 0.62, "icc_3_k": 0.91},
    ),
]


def printed() -> Iterator[tuple[str, str, list[Any], Table, str, float]]:
    """Each printed value with the table that it belongs to."""
    for name, level, levels, table, values in CASES:
        for stat, value in values.items():
            yield name, level, levels, table, stat, value
