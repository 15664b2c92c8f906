"""Has anything changed? Permutation of the side labels within prompts.

Where samples of the same number depend on each other between prompts (``stats.exchangeability``), the rows of one
number and side are a block, and one random order of the blocks holds for all prompts: in each prompt the rows of the
first blocks become its new side, as many as it has. With equal numbers of samples that is one swap for all prompts;
with unequal ones a prompt that lacks a block passes over it, and keeps its own numbers of rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from modecollapse.counts import CountTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ROWS = 200_000
"""Rows that are permuted: a share of them has a standard error of two tenths of a per cent at most."""

_CHUNK = 32_000_000
"""Entries of the side matrix held at once, in bytes: bounds memory however many rows there are."""


@dataclass(frozen=True)
class Change:
    """Result of the permutation test of a facet.

    ``p_value`` is for the facet, ``z`` and ``mode_p_values`` (adjusted over the facet's modes, Westfall & Young 1993)
    have shape ``(modes,)``; z > 0 where the new side has more. ``standard_error`` is that of each mode's new share
    under the null hypothesis, shape ``(modes,)``, and ``design_effect``, same shape, how many times the variance is
    larger than with independent rows: 1 unless rows depend on each other between prompts.
    """

    p_value: float
    largest_z: float
    distance: float
    z: Floats
    mode_p_values: Floats
    standard_error: Floats
    design_effect: Floats

    def first(self, modes: int) -> Change:
        """The same result with the arrays cut to the first ``modes`` modes."""
        return replace(
            self,
            z=self.z[:modes],
            mode_p_values=self.mode_p_values[:modes],
            standard_error=self.standard_error[:modes],
            design_effect=self.design_effect[:modes],
        )


def permutation_test(table: CountTable, resamples: int, seed: int) -> Change:
    """H0: within each prompt, base and new rows are exchangeable; where ``table`` has blocks, whole blocks are.

    Two statistics: the largest \\|z\\| of the modes' stratified hypergeometric counts, and the squared distance
    between the sides' shares per prompt. p = min(1, 2·min of both), each as (1 + b) / (1 + B).

    Of very many rows a random part stands for all, as large a part of each prompt and side: the test keeps its level,
    and a change that so many rows don't show is far below any tolerance.
    """
    table = table.thinned(MOST_ROWS, seed)
    cells, side = table.rows()
    member, weight = _membership(table), _prompt_weights(table)
    expected, variance = _hypergeometric(table)
    observed_new, observed_distance = _statistics(member, weight, table, cells, side[:, None])
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    z = np.where(variance > 0, (observed_new[:, 0] - expected) / deviation, 0.0)
    new_total = max(1, int(table.new.sum()))
    largest, distance, squares = [], [], np.zeros(table.n_modes)
    for sides in _permuted_sides(table, cells, resamples, seed):
        new, far = _statistics(member, weight, table, cells, sides)
        permuted = np.where(variance[:, None] > 0, np.abs(new - expected[:, None]) / deviation[:, None], 0.0)
        squares += (permuted**2).sum(1)
        largest.append(permuted.max(0, initial=0.0))
        distance.append(far)
    top, far = np.concatenate(largest), np.concatenate(distance)
    slack = 1e-9
    mode_p = (1 + (top[None, :] >= np.abs(z)[:, None] - slack).sum(1)) / (1 + resamples)
    p_largest = float(mode_p.min(initial=1.0))
    p_distance = float((1 + (far >= observed_distance[0] - slack).sum()) / (1 + resamples))
    design_effect = np.ones(table.n_modes) if table.blocks is None else np.maximum(1.0, squares / resamples)
    return Change(
        p_value=min(1.0, 2 * min(p_largest, p_distance)),
        largest_z=float(np.abs(z).max(initial=0.0)),
        distance=float(observed_distance[0]),
        z=z,
        mode_p_values=mode_p,
        standard_error=_share_error(table, variance, new_total) * np.sqrt(design_effect),
        design_effect=design_effect,
    )


def fewest_resamples(alpha: float, tests: int) -> int:
    """Resamples at which the smallest p-value there can be, 2 / (1 + B), passes ``alpha`` after Holm over ``tests``."""
    return math.ceil(2 * tests / alpha)


def _share_error(table: CountTable, variance: Floats, new_total: int) -> Floats:
    """Standard error of the difference new − base of each mode's share (prompts weighted by their new rows).

    Never smaller than that of a mode not seen at all (Agresti & Caffo 2000): that a few rows all agree is no certainty.
    """
    base_total, all_new = table.totals()
    total = base_total + all_new
    base, new = table.by_mode()
    share = (base + new) / np.maximum(total, 1)[:, None]
    spread = share * (1 - share) * (total / np.maximum(total - 1, 1))[:, None]
    per_prompt = spread * (1 / base_total + 1 / all_new)[:, None]
    error: Floats = np.sqrt((per_prompt * (all_new / new_total)[:, None] ** 2).sum(0))
    unseen = sum((rows + 1) / (rows + 2) ** 3 for rows in (int(base_total.sum()), int(all_new.sum())))
    return np.maximum(error, np.sqrt(unseen))


def _membership(table: CountTable) -> sparse.csr_matrix:
    """Cells to modes, shape ``(modes, cells)``."""
    cell, level = np.nonzero(table.labels >= 0)
    mode = table.labels[cell, level]
    return sparse.csr_matrix((np.ones(len(cell)), (mode, cell)), shape=(table.n_modes, len(table.prompts)))


def _prompt_weights(table: CountTable) -> sparse.csr_matrix:
    """Cells to (prompt, mode) pairs that occur: the bins of the distance. Shape ``(pairs, cells)``."""
    cell, level = np.nonzero(table.labels >= 0)
    pair = table.prompts[cell] * np.int64(table.n_modes) + table.labels[cell, level]
    _, row = np.unique(pair, return_inverse=True)
    size = int(row.max(initial=-1)) + 1
    return sparse.csr_matrix((np.ones(len(cell)), (row, cell)), shape=(size, len(table.prompts)))


def _hypergeometric(table: CountTable) -> tuple[Floats, Floats]:
    """Mean and variance of each mode's new count when the sides are permuted within prompts."""
    base, new = table.by_mode()
    base_total, new_total = (total[:, None].astype(float) for total in table.totals())
    total = base_total + new_total
    both = base + new
    mean = new_total * both / total
    variance = mean * (1 - both / total) * base_total / np.maximum(total - 1, 1)
    return mean.sum(0), variance.sum(0)


def _statistics(
    member: sparse.csr_matrix,
    weight: sparse.csr_matrix,
    table: CountTable,
    cells: NDArray[np.int64],
    sides: NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """New counts of each mode, shape ``(modes, resamples)``, and the distance, ``(resamples,)``."""
    to_cell = sparse.csr_matrix(
        (np.ones(len(cells)), (cells, np.arange(len(cells)))), shape=(len(table.prompts), len(cells))
    )
    new_cells = np.asarray(to_cell @ sides.astype(np.float64))
    base_total, new_total = (total.astype(float) for total in table.totals())
    share = new_cells / new_total[table.prompts, None]
    share -= ((table.base + table.new)[:, None] - new_cells) / base_total[table.prompts, None]
    difference = np.asarray(weight @ share)
    return np.asarray(member @ new_cells), (difference**2).sum(0)


def _permuted_sides(table: CountTable, cells: Ints, resamples: int, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Side labels permuted within prompts, by whole blocks, in chunks of shape ``(rows, resamples in the chunk)``."""
    rng = np.random.default_rng(seed)
    prompt = table.prompts[cells]
    by_prompt = np.argsort(prompt, kind="stable")
    base_total, new_total = table.totals()
    first = np.cumsum(base_total + new_total) - (base_total + new_total)
    becomes_new = np.arange(len(cells)) < (first + new_total)[prompt[by_prompt]]
    sorted_prompt = prompt[by_prompt].astype(np.float64)
    block = None if table.blocks is None else np.unique(table.blocks[cells[by_prompt]], return_inverse=True)[1]
    chunk = max(1, min(resamples, _CHUNK // max(1, 16 * len(cells))))
    for begin in range(0, resamples, chunk):
        sides = np.empty((min(chunk, resamples - begin), len(cells)), dtype=bool)
        for resample in sides:
            # A random key added to the prompt's number shuffles within prompts; its first rows become the new side.
            resample[by_prompt[np.argsort(sorted_prompt + _keys(rng, len(cells), block))]] = becomes_new
        yield sides.T


def _keys(rng: np.random.Generator, rows: int, block: Ints | None) -> Floats:
    """Random numbers from 0 to 1, one per row; rows of one block all but share theirs."""
    own = rng.random(rows)
    return own if block is None else 0.999 * rng.random(int(block.max(initial=0)) + 1)[block] + 1e-9 * own
