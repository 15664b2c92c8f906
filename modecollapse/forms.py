"""How length and layout changed from base to new: means over prompts, beside the modes and in no verdict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from modecollapse.facets.form import FORM, MARKS
from modecollapse.pairing import Pair, Side
from modecollapse.report import CHARACTERS, Estimate, FormChange

Floats = NDArray[np.float64]

LOOKED_AT = 4_000
"""Rows of either side that are read: shares are then known to a point or so."""


def form_changes(pair: Pair) -> list[FormChange]:
    """Length first, then each mark that a text of either side has.

    Shares are means over prompts of the share in each, and length is geometric: the mean logarithm likewise. Intervals
    are of a paired t over the prompts that both sides have; none where there are fewer than two.
    """
    base, new = (_by_prompt(pair, side) for side in (Side.BASE, Side.NEW))
    both = ~np.isnan(base[:, 0] + new[:, 0])
    base, new = base[both], new[both]
    if not len(base):
        return []
    return [_length(base[:, 0], new[:, 0])] + [
        _share(name, base[:, column], new[:, column])
        for column, name in enumerate(MARKS, start=1)
        if base[:, column].any() or new[:, column].any()
    ]


def _by_prompt(pair: Pair, side: Side) -> Floats:
    """Mean log length and share of each mark, per prompt: ``(prompts, 1 + marks)``, NaN where a prompt has no row."""
    index = np.flatnonzero(pair.matched & (pair.side == side))[:LOOKED_AT]  # in content-hash order: a sample
    read = [found for rows in pair.rows.batches(index) for found in rows.read(FORM)]
    values = np.array(read, dtype=np.float64).reshape(len(index), 1 + len(MARKS))
    values[:, 0] = np.log1p(values[:, 0])
    prompts, size = pair.rows.prompts[index], len(pair.rows.prompt_texts)
    rows = np.bincount(prompts, minlength=size).astype(np.float64)
    sums = np.column_stack([np.bincount(prompts, weights=column, minlength=size) for column in values.T])
    return np.asarray(np.divide(sums, rows[:, None], out=np.full(sums.shape, np.nan), where=rows[:, None] > 0))


def _length(base: Floats, new: Floats) -> FormChange:
    change = _difference(base, new)
    low, high = (None if end is None else float(np.exp(end)) for end in change.interval)
    ratio = None if change.value is None else float(np.exp(change.value))
    return FormChange(
        CHARACTERS, float(np.expm1(base.mean())), float(np.expm1(new.mean())), Estimate(ratio, (low, high))
    )


def _share(name: str, base: Floats, new: Floats) -> FormChange:
    return FormChange(name, float(base.mean()), float(new.mean()), _difference(base, new))


def _difference(base: Floats, new: Floats) -> Estimate:
    """new − base with its 95% interval over prompts."""
    differences = new - base
    value = float(differences.mean())
    if len(differences) < 2:
        return Estimate(value)
    reach = float(stats.t.ppf(0.975, len(differences) - 1) * differences.std(ddof=1) / np.sqrt(len(differences)))
    return Estimate(value, (value - reach, value + reach))
