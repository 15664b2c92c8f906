"""Is a mode back? Its share in a second sample of the base's distribution against its share in the base.

Two one-sided tests (Schuirmann 1987) at a margin, of which the lower one decides: a mode that came back stronger came
back. Shares are standardised over prompts (strata); the bounds on their difference are the square-and-add of Wilson's
(Newcombe 1998), with as many rows as the strata are worth in effect, so that a count of zero is no certainty.

The margin is the tolerance, and never more than half of the base's share: within five points, a mode of four per cent
would be "back" without a single text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from modecollapse.counts import CountTable

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_POWER_80 = 1.645 + 0.842
"""Standard errors between the margin and no difference: equivalence is shown four times in five at a one-sided 5%."""


@dataclass(frozen=True)
class Standardised:
    """Shares of modes over prompts that are weighted alike on both sides, and the rows they are worth: ``(modes,)``."""

    share: Floats
    rows: Floats

    def error(self) -> Floats:
        """Standard error; that of half a text where none, or all, have the mode."""
        share = np.clip(self.share, 0.5 / self.rows, 1 - 0.5 / self.rows)
        value: Floats = np.sqrt(share * (1 - share) / self.rows)
        return value

    def wilson(self, z: float | Floats) -> tuple[Floats, Floats]:
        """Wilson's (1927) score interval with ``z`` standard errors on either side."""
        centre = (self.share + z**2 / (2 * self.rows)) / (1 + z**2 / self.rows)
        reach = z * np.sqrt(self.share * (1 - self.share) / self.rows + z**2 / (4 * self.rows**2))
        reach = reach / (1 + z**2 / self.rows)
        return np.clip(centre - reach, 0, self.share), np.clip(centre + reach, self.share, 1)


def standardised(table: CountTable) -> tuple[Standardised, Standardised]:
    """Base and new shares of a table's modes, prompts weighted by their new rows."""
    totals = table.totals()
    weight = totals[1] / max(1, int(totals[1].sum()))
    base, new = (
        _side(counts.astype(float), rows.astype(float), weight)
        for counts, rows in zip(table.by_mode(), totals, strict=True)
    )
    return base, new


def _side(counts: Floats, rows: Floats, weight: Floats) -> Standardised:
    share = weight @ (counts / rows[:, None])
    # One row of the pooled share in every prompt: a prompt whose few rows agree is no certainty.
    within = (counts + share) / (rows + 1)[:, None]
    variance = (weight**2 / rows) @ (within * (1 - within))
    worth = np.full(len(share), 1 / (weight**2 / rows).sum())
    open_share = (share > 0) & (share < 1) & (variance > 0)
    worth[open_share] = (share * (1 - share))[open_share] / variance[open_share]
    return Standardised(share, worth)


def shortfall_bounds(base: Standardised, new: Standardised, confidence: float) -> tuple[Floats, Floats]:
    """One-sided bounds on base − new, each at ``confidence`` (Newcombe 1998, method 10)."""
    z = float(stats.norm.ppf(confidence))
    (base_low, base_high), (new_low, new_high) = base.wilson(z), new.wilson(z)
    short = base.share - new.share
    low = short - np.sqrt((base.share - base_low) ** 2 + (new_high - new.share) ** 2)
    high = short + np.sqrt((base_high - base.share) ** 2 + (new.share - new_low) ** 2)
    return low, high


def margins(base_share: Floats, tolerance: float) -> Floats:
    """How much of a mode's share may be missing while it still counts as there."""
    smaller: Floats = np.minimum(tolerance, 0.5 * base_share)
    return smaller


@dataclass(frozen=True)
class Recovery:
    """What came back. All arrays have shape ``(modes,)``; ``back`` and ``missing`` are never both true.

    ``shortfall`` is base − reheated, between ``low`` and ``high`` (one-sided 95% each). ``samples_factor`` says how
    many times the rows of both sides would show a mode to be back that truly is, four times in five.
    """

    shortfall: Floats
    low: Floats
    high: Floats
    back: Bools
    missing: Bools
    samples_factor: Floats


def recovery(table: CountTable, heat: Floats, tolerance: float, asked: Bools, alpha: float) -> Recovery:
    """Which modes of the base (``table``'s base side) are back in the reheated corpus (its new side).

    *Back*: the 95% upper bound of the shortfall is within the margin. *Missing*: the lower bound is beyond it, at
    ``alpha`` over all modes ``asked`` about (Bonferroni), even if ``heat`` of the share is missing only because the
    corpus was not reheated enough. ``heat`` and ``asked`` have shape ``(modes,)``. An error of the temperature can hide
    a mode that would be back; it can't bring one back that is lost.
    """
    base, again = standardised(table)
    margin = margins(base.share, tolerance)
    low, high = shortfall_bounds(base, again, 0.95)
    surely_low, _ = shortfall_bounds(base, again, 1 - alpha / max(1, int(asked.sum())))
    seen = base.share > 0
    error = np.sqrt(base.error() ** 2 + again.error() ** 2)
    factor = (_POWER_80 * error / np.maximum(margin, 1e-9)) ** 2
    return Recovery(
        shortfall=base.share - again.share,
        low=low,
        high=high,
        back=seen & (high <= margin),
        missing=seen & (surely_low - heat > margin),
        samples_factor=factor,
    )


def planned_factor(table: CountTable, tolerance: float) -> Floats:
    """How many times the rows of ``table`` would show each of the base's modes to be back: shape ``(modes,)``.

    For a second sample that is yet to be drawn, as large as the new side's, from the base's own distribution.
    """
    base, _ = standardised(table)
    again = Standardised(base.share, np.full(len(base.share), float(max(1, int(table.new.sum())))))
    error = np.sqrt(base.error() ** 2 + again.error() ** 2)
    factor: Floats = (_POWER_80 * error / np.maximum(margins(base.share, tolerance), 1e-9)) ** 2
    return np.where(base.share > 0, factor, 0.0)


def samples_for(factor: float, samples: float) -> int:
    """Samples per prompt: ``factor`` times as many as there are, and more than there are."""
    return max(math.floor(samples) + 1, math.ceil(samples * factor))
