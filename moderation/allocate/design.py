"""How well an allocation lets auditors' severities be compared: the rater design and what it is worth.

Write I_p for the identity and J_p for the all-ones matrix on the k_p raters of plan p. If a rating is plan + severity +
noise, the information about severities is C = sum over plans of (I_p - J_p / k_p).

- lambda2, the second smallest eigenvalue of C, is 0 exactly when the auditors fall into unconnected groups.
- The average variance of the difference of two severities is 2 tr(C+) / (v - 1) for v raters, in units of the variance
  of one rating.
- The ideal is C averaged over all permutations of the raters within each agency: every pair across two agencies equally
  often together. efficiency = variance under the ideal / variance achieved, between 0 and 1.
"""

import math

import numpy as np
import numpy.typing as npt

from .arrays import Arrays, Flags, Ints
from .problem import Design

Floats = npt.NDArray[np.float64]


def measured(arrays: Arrays, chosen: Flags) -> Design:
    """The design of an allocation: `chosen` are all pairs with ordinary plans, seeds are added."""
    return design_of(chosen, arrays.seeded, arrays.agency)


def design_of(chosen: Flags, seeded: Flags, agency: Ints) -> Design:
    """The design of pairs with ordinary plans and with seeds; `agency` is a number for each auditor."""
    everything = np.vstack([chosen, seeded])
    present = everything.any(axis=0)
    raters = everything[:, present]
    groups = components(raters)
    variance, lambda2 = _spectrum(information(raters), groups)
    ideal, _ = _spectrum(averaged(information(raters), agency[present]), groups)
    return Design(
        components=groups,
        repeat_pairs=repeat_pairs(together(chosen)),
        repeat_triads=repeat_triads(chosen),
        lambda2=lambda2,
        efficiency=ideal / variance if ideal and variance else (0.0 if groups > 1 else None),
        contrast_variance=variance,
    )


def information(raters: Flags) -> Floats:
    """C, raters x raters."""
    size = raters.sum(axis=1, keepdims=True)
    shares = raters / np.sqrt(np.maximum(size, 1))
    return np.asarray(np.diag(raters.sum(axis=0).astype(float)) - shares.T @ shares)


def averaged(matrix: Floats, group: Ints) -> Floats:
    """The mean of a symmetric matrix over all permutations of its rows (and columns alike) within groups."""
    members = (group[:, None] == np.unique(group)[None, :]).astype(float)
    size = members.sum(axis=0)
    total = members.T @ matrix @ members
    diagonal = members.T @ np.diag(matrix)
    pairs = np.outer(size, size) - np.diag(size)
    off = (total - np.diag(diagonal)) / np.maximum(pairs, 1)
    mean: Floats = members @ off @ members.T
    np.fill_diagonal(mean, members @ (diagonal / size))
    return mean


def components(raters: Flags) -> int:
    """Into how many groups the raters fall when shared plans link them."""
    return len(np.unique(linked_groups(raters)))


def linked_groups(raters: Flags) -> Ints:
    """For each rater the first rater of their group: everybody takes the lowest number among those they share a plan with."""
    group = np.arange(raters.shape[1])
    while True:
        lowest = np.where(raters, group, len(group)).min(axis=1, initial=len(group))
        better = np.minimum(group, np.where(raters, lowest[:, None], len(group)).min(axis=0, initial=len(group)))
        if (better == group).all():
            return group
        group = better


def together(chosen: Flags) -> Ints:
    """How many plans each two auditors share (0 on the diagonal)."""
    shares = chosen.astype(np.float32)
    counts = (shares.T @ shares).astype(np.int64)
    np.fill_diagonal(counts, 0)
    return counts


def repeat_pairs(times: Ints) -> int:
    """The sum over pairs of auditors of C(plans shared, 2): 0 when nobody meets anybody twice."""
    return int((times * (times - 1)).sum()) // 4


def repeat_triads(chosen: Flags) -> int:
    """How many plans have the same auditors, three or more, as an earlier plan."""
    panels = chosen[chosen.sum(axis=1) >= 3]
    return len(panels) - len(np.unique(panels, axis=0))


def plans_to_see(difference: float, design: Design, plans: int, rating_sd: float = 0.7) -> int | None:
    """About how many plans a round like this needs until a difference in severity between two auditors is visible, that
    is twice its standard error. `rating_sd` is the spread of one rating around plan and severity, in levels."""
    if design.contrast_variance is None:
        return None
    error = rating_sd**2 * design.contrast_variance
    return math.ceil(plans * 4 * error / difference**2)


def _spectrum(matrix: Floats, groups: int) -> tuple[float | None, float | None]:
    """Average variance of a contrast and lambda2; a design in several groups has no variance, a single rater neither."""
    if len(matrix) < 2:
        return None, None
    if groups > 1:
        return None, 0.0
    values = np.linalg.eigvalsh(matrix)[1:]
    return float(2 * (1 / values).sum() / (len(matrix) - 1)), float(values[0])
