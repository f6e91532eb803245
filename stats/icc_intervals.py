"""Exact intervals of the intraclass correlations for normal ratings, from the F distribution.

Source: P. E. Shrout and J. L. Fleiss, Intraclass correlations (1979), pages 424 and 425, with the correction of
K. O. McGraw and S. P. Wong (1996). The bootstrap needs no normal ratings; these are what other packages print.
"""

import math
from collections.abc import Callable

from stats.icc import MeanSquares, mean_squares
from stats.patterns import Patterns

Limits = tuple[float, float]
_FLAT = 1e-9


def icc_interval(name: str, patterns: Patterns, level: float) -> Limits | None:
    """Limits of one of the six by its name in the registry; None for other names, and where nothing is left to chance.

    Shrout and Fleiss's table 2, ICC (1,1), (2,1) and (3,1):

    >>> from stats import Ratings, Scale
    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> patterns = Patterns.of(Ratings.of(table, Scale.of("interval", range(1, 11))))
    >>> [[round(limit, 2) for limit in icc_interval(f"icc_{form}_1", patterns, 0.95)] for form in (1, 2, 3)]
    [[-0.13, 0.72], [0.02, 0.76], [0.34, 0.95]]
    """
    form = _FORMS.get(name[:-2])
    if form is None:
        return None
    ms = mean_squares(patterns, patterns.observed)
    if not (ms.error[0] > 0 and ms.within[0] > 0):
        return None
    low, high = form(ms, 1 - (1 - level) / 2)
    if name.endswith("_k"):
        low, high = _of_mean(low, ms.width), _of_mean(high, ms.width)
    return (low, high) if math.isfinite(low) and high - low > _FLAT else None


def _one_way(ms: MeanSquares, share: float) -> Limits:
    freedom = float(ms.plans[0]) * (ms.width - 1)
    return _from_ratio(float(ms.between[0] / ms.within[0]), freedom, ms, share)


def _consistency(ms: MeanSquares, share: float) -> Limits:
    freedom = (float(ms.plans[0]) - 1) * (ms.width - 1)
    return _from_ratio(float(ms.between[0] / ms.error[0]), freedom, ms, share)


def _from_ratio(ratio: float, freedom: float, ms: MeanSquares, share: float) -> Limits:
    plans, width = float(ms.plans[0]), ms.width
    least, most = ratio / _quantile(plans - 1, freedom, share), ratio * _quantile(freedom, plans - 1, share)
    return (least - 1) / (least + width - 1), (most - 1) / (most + width - 1)


def _agreement(ms: MeanSquares, share: float) -> Limits:
    """The error of the raters' means is estimated too: degrees of freedom by Satterthwaite."""
    n, k = float(ms.plans[0]), ms.width
    between, error, raters = float(ms.between[0]), float(ms.error[0]), float(ms.raters[0])
    value = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    pull = n * (1 + (k - 1) * value) - k * value
    ratio = raters / error
    top = (k - 1) * (n - 1) * (k * value * ratio + pull) ** 2
    bottom = (n - 1) * (k * value * ratio) ** 2 + pull**2
    if not top or not bottom:
        return math.nan, math.nan
    freedom = top / bottom
    up, down = _quantile(n - 1, freedom, share), _quantile(freedom, n - 1, share)
    rest = k * raters + (k * n - k - n) * error
    return n * (between - up * error) / (up * rest + n * between), n * (down * between - error) / (rest + n * down * between)


def _of_mean(single: float, width: int) -> float:
    """Spearman and Brown: the reliability of the mean of `width` raters; without limit where a single one is too low."""
    if not single * (width - 1) > -1:
        return -math.inf
    return single * width / (1 + single * (width - 1))


def _quantile(one: float, other: float, share: float) -> float:
    from scipy.special import fdtri

    return float(fdtri(one, other, share))


_FORMS: dict[str, Callable[[MeanSquares, float], Limits]] = {"icc_1": _one_way, "icc_2": _agreement, "icc_3": _consistency}
