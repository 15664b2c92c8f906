"""What a comparison of a given size could reveal, before a new sample is drawn.

The base's own counts give a posterior for p; the new rows are supposed to be an escort of it, with or without a part of
one mode removed. A removal is *revealed* where the new count would fall to or below the largest count that the mode
tests flag (``stats.loss`` with Bonferroni over the modes tested, and the permutation test in its normal approximation).
Power is averaged over the posterior (Spiegelhalter, Abrams & Myles 2004, ch. 6: assurance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from modecollapse.counts import CountTable
from modecollapse.stats import loss

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POWER = 0.8
"""A loss is called detectable where it would be found this often."""

_FRACTIONS: Floats = np.linspace(0.05, 1.0, 20)


@dataclass(frozen=True)
class Reach:
    """What could be seen of each mode. All arrays have shape ``(modes,)``.

    ``share`` is the share expected of the new rows if nothing is lost; ``removal_power`` how often a complete removal
    would be flagged; ``smallest_loss`` the smallest fraction of the mode whose removal is found with power .8 (NaN
    where not even a complete removal is); ``critical`` the largest flagged count (-1 where none is).
    """

    share: Floats
    removal_power: Floats
    smallest_loss: Floats
    critical: Ints


def reach(
    table: CountTable,
    new_rows: int,
    betas: tuple[float, float, float],
    allowances: loss.Allowances,
    tested: NDArray[np.bool_],
    alpha: float,
    draws: int,
    seed: int,
) -> Reach:
    """What ``new_rows`` new rows, spread over the prompts as the table's, could reveal at level ``alpha``.

    ``table`` holds the base's counts on both of its sides. ``betas``: the interval (low, supposed, high) that a
    temperature estimate would give if the new model were sharpened by ``betas[1]``. ``tested``, shape ``(modes,)``:
    modes on which a finding may be built.
    """
    grid = sorted({betas[0], *np.geomspace(betas[0], betas[2], 3).tolist(), betas[2]})
    least = loss.predicted_shares(table, grid, allowances, -1, draws, seed)
    expected = loss.predicted_shares(table, [betas[1]], allowances, 0, draws, seed)[0]
    critical = _critical_counts(table, least, new_rows, tested, alpha)
    flagged = np.array(
        [stats.binom.cdf(critical, new_rows, expected * (1 - fraction)).mean(0) for fraction in _FRACTIONS]
    )
    flagged[:, critical < 0] = 0.0
    found = flagged >= POWER
    smallest = np.where(found.any(0), _FRACTIONS[found.argmax(0)], np.nan)
    return Reach(np.median(expected, axis=0), flagged[-1], smallest, critical)


def _critical_counts(table: CountTable, least: Floats, new_rows: int, tested: NDArray[np.bool_], alpha: float) -> Ints:
    """The largest count of each mode that both tests flag, -1 where even zero is not; shape ``(modes,)``."""
    base = table.by_mode()[0].sum(0)
    usable = tested & (base >= loss.FEWEST_TEXTS)
    each = alpha / max(1, int(usable.sum())) / 2
    rows = (int(table.base.sum()), new_rows)
    critical = [
        _largest_rejected(least[:, :, mode], int(base[mode]), rows, each) if usable[mode] else -1
        for mode in range(table.n_modes)
    ]
    return np.array(critical, dtype=np.int64)


def _largest_rejected(least: Floats, base: int, rows: tuple[int, int], level: float) -> int:
    """The largest new count that both tests reject at ``level``, by bisection; ``rows`` are those of base and new."""

    def rejected(count: int) -> bool:
        unpredicted = np.asarray(stats.binom.cdf(count, rows[1], least)).mean(1).max() <= level
        return bool(unpredicted) and _permuted_z(base, count, rows) <= -stats.norm.isf(level)

    low, high = -1, rows[1]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if rejected(middle) else (low, middle)
    return low


def _permuted_z(base: int, new: int, rows: tuple[int, int]) -> float:
    """Standard deviations of the new count from its mean when the sides are permuted (hypergeometric)."""
    total = sum(rows)
    mean = rows[1] * (base + new) / total
    variance = mean * (1 - (base + new) / total) * rows[0] / max(1, total - 1)
    return float((new - mean) / np.sqrt(variance)) if variance > 0 else 0.0
