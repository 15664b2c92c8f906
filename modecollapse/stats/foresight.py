"""What a comparison of a given size could reveal, before a new sample is drawn.

The base's own counts give a posterior for p; the new rows are supposed to be an escort of it, with or without a part of
one mode removed. A removal is *revealed* where the new count would fall to or below the largest count that the mode
tests flag (``stats.loss`` with Bonferroni over the modes tested, and the permutation test in its normal approximation).
Power is averaged over the posterior (Spiegelhalter, Abrams & Myles 2004, ch. 6: assurance) and over where the estimate
of the inverse temperature may fall.

Modes that a facet learns are learnt anew from both corpora, and the one in question is then not quite the same, or not
there. A mode that is found again in half of the base with Jaccard overlap J shares 2J / (1 + J) of its rows with the
one found, if the two are of a size; that it is found at all is certain from J = .75 on and out of the question below
.5 (Hennig 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from modecollapse.counts import CountTable
from modecollapse.stats import loss

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POWER = 0.8
"""A loss is called detectable where it would be found this often."""

FIRM = 0.7
"""Stability from which a mode is found again at least this often, ``POWER``: of others no loss can be promised."""

_COMES_AND_GOES, _SOLID = 0.5, 0.75
FRACTIONS: Floats = np.linspace(0.05, 1.0, 20)[:, None]
"""Parts of a mode whose loss is looked at, shape ``(fractions, 1)``."""

_MORE_MODES = 2
"""Both corpora together have about twice as many modes to test as one of them alone."""

_ESTIMATES = ((-(3**0.5), 1 / 6), (0.0, 2 / 3), (3**0.5, 1 / 6))
"""Where the estimate of log β may fall, in its standard errors, with weights (Gauss–Hermite quadrature)."""


@dataclass(frozen=True)
class Rule:
    """What a finding takes: the error rate, and the loss of share that makes a facet *lost*."""

    alpha: float
    tolerance: float


@dataclass(frozen=True)
class Reach:
    """What could be seen of each mode. ``share`` has shape ``(modes,)``, ``found`` and ``lost`` ``(fractions, modes)``.

    ``share`` is the share expected of the new rows if nothing is lost; ``found`` how often the loss of each of the
    ``fractions`` of a mode would be flagged, ``lost`` how often it would make the facet *lost* by itself.
    """

    fractions: Floats
    share: Floats
    found: Floats
    lost: Floats

    @property
    def smallest_loss(self) -> Floats:
        """The smallest loss in share of rows that is found with power ``POWER``; NaN where none is."""
        often = self.found >= POWER
        fraction = np.take_along_axis(np.broadcast_to(self.fractions, often.shape), often.argmax(0)[None], 0)[0]
        smallest: Floats = np.where(often.any(0), fraction * self.share, np.nan)
        return smallest


def reach(
    table: CountTable,
    new_rows: int,
    betas: tuple[float, float, float],
    allowances: loss.Allowances,
    stability: Floats,
    rule: Rule,
    draws: int,
    seed: int,
    *,
    estimated: bool = True,
    fractions: Floats = FRACTIONS,
) -> Reach:
    """What ``new_rows`` new rows, spread over the prompts as the table's, could reveal.

    ``table`` holds the base's counts on both of its sides. ``betas``: the interval (low, supposed, high) that an
    estimate would give if the new model were sharpened by ``betas[1]``; not ``estimated`` where it is one allowed for.
    ``stability``, shape ``(modes,)``: how well each mode is found again in half of the rows, 1 where none is learnt.
    ``fractions`` of the modes that may be lost: shape ``(fractions, 1 or modes)``, rising.
    """
    expected = loss.predicted_shares(table, [betas[1]], allowances, 0, draws, seed)[0]
    again = np.clip((stability - _COMES_AND_GOES) / (_SOLID - _COMES_AND_GOES), 0.0, 1.0)
    touched = 2 * stability / (1 + stability)
    left = [expected * (1 - fraction * touched) for fraction in fractions]
    found, lost = np.zeros((2, len(fractions), table.n_modes))
    for deviation, weight in _ESTIMATES if estimated else ((0.0, 1.0),):
        low, high = _shifted(betas, deviation)
        grid = sorted({low, float(np.sqrt(low * high)), high})
        least = loss.predicted_shares(table, grid, allowances, -1, draws, seed)
        flagged, failing = _critical_counts(table, least, new_rows, again > 0, rule)
        found += weight * again * [_at_most(flagged, new_rows, share) for share in left]
        lost += weight * again * [_at_most(failing, new_rows, share) for share in left]
    return Reach(fractions, np.median(expected, axis=0), found, lost)


def _shifted(betas: tuple[float, float, float], deviation: float) -> tuple[float, float]:
    """The interval around an estimate that is so many standard errors off."""
    factor = (betas[2] / betas[0]) ** (deviation / (2 * stats.norm.ppf(0.975)))
    return float(betas[0] * factor), float(betas[2] * factor)


def _at_most(critical: Ints, rows: int, share: Floats) -> Floats:
    """How often a new count is ``critical`` or less, over draws of ``share``; 0 where no count is flagged."""
    power: Floats = np.where(critical >= 0, np.asarray(stats.binom.cdf(critical, rows, share)).mean(0), 0.0)
    return power


def _critical_counts(
    table: CountTable, least: Floats, new_rows: int, usable: NDArray[np.bool_], rule: Rule
) -> tuple[Ints, Ints]:
    """The largest count of each mode that both tests flag, and that makes the facet lost; -1 where not even 0 does."""
    base = table.by_mode()[0].sum(0)
    usable = usable & (base >= loss.FEWEST_TEXTS)
    each = rule.alpha / max(1, _MORE_MODES * int(usable.sum())) / 2
    rows = (int(table.base.sum()), new_rows)
    flagged = np.full(table.n_modes, -1)
    for mode in np.flatnonzero(usable):
        flagged[mode] = _largest_rejected(least[:, :, mode], int(base[mode]), rows, each)
    lowest = np.quantile(least, 0.025, axis=1).min(0)
    return flagged, np.minimum(flagged, _largest_failing(lowest, new_rows, rule.tolerance))


def _largest_failing(lowest: Floats, rows: int, tolerance: float) -> Ints:
    """The largest count at which a mode has vanished, or thinned by more than the tolerance.

    The rules of ``verdict``: an upper bound under a tenth of the lowest prediction; less than half of that, and below
    it by the tolerance.
    """
    counts = np.arange(-1, rows + 1)
    upper = np.where(counts < rows, special.betaincinv(counts + 1.0, np.maximum(rows - counts, 0.5), 0.975), 1.0)
    vanished = np.searchsorted(np.maximum.accumulate(upper[1:]), 0.1 * lowest) - 1
    thinned = np.ceil(np.minimum(lowest - tolerance, 0.5 * lowest) * rows - 1e-9) - 1
    largest: Ints = np.maximum(np.maximum(vanished, thinned), -1).astype(np.int64)
    return largest


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
