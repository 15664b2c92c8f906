"""A label taken from the new side, or added to it: is there a mode that falls or rises with it, and how many others?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.facets.labelled import Task
from modecollapse.counts import CountTable
from modecollapse.stats.resampling import permutation_test

ALPHA = 0.01
RESAMPLES = 999
ABOUT_IT = 0.5
"""A mode is about a label where it makes up this share of the mode's rows, or of what is commoner than overall."""


@dataclass(frozen=True)
class Moved:
    """What a change of one label's share did: ``found`` a mode of that label, and ``false`` ones that moved so too."""

    label: str
    found: bool
    false: int


def removed(task: Task, label: str, seed: int, *, whole: bool = False) -> Moved:
    """The new side lacks the label; the base has half of its rows, or the ``whole``."""
    new = _deal(task, seed)
    if whole:
        new &= task.truth != label
    return _moved(task, label, new, keep=~(new & (task.truth == label)), direction=-1)


def raised(task: Task, label: str, seed: int) -> Moved:
    """Four fifths of the label's base rows leave: the new side has five times as many."""
    new = _deal(task, seed)
    spared = np.random.default_rng(seed).random(len(new)) < 0.2
    return _moved(task, label, new, keep=new | (task.truth != label) | spared, direction=1)


def false_alarms(task: Task, halves: int) -> int:
    """In how many random halves, alike but for chance, some mode differs at ``ALPHA``."""
    return sum(_differs(task, _deal(task, seed)) for seed in range(halves))


def _differs(task: Task, new: NDArray[np.bool_]) -> bool:
    return bool((_test(task, new, *_learn(task, new))[0] <= ALPHA).any())


def _moved(task: Task, label: str, new: NDArray[np.bool_], keep: NDArray[np.bool_], direction: int) -> Moved:
    index = np.flatnonzero(keep)
    task, new = task.take(index), new[index]
    labels, levels = _learn(task, new)
    p_values, z = _test(task, new, labels, levels)
    inside = task.truth == label
    # Rows of the side that has the label: what the mode was, or is.
    side = new if direction > 0 else ~new
    share = inside[side].mean()
    found, false = False, 0
    for mode in np.flatnonzero((p_values <= ALPHA) & (np.sign(z) == direction)):
        members = (labels == mode).any(axis=1) & side
        within = inside[members].mean()
        found |= bool(within >= ABOUT_IT)
        false += bool(within <= share)
    return Moved(label, found, false)


def _deal(task: Task, seed: int) -> NDArray[np.bool_]:
    """A random half of the rows of each prompt and label."""
    random = np.random.default_rng(seed)
    cells = np.unique(np.stack([task.rows.prompts.astype(str), task.truth]), axis=1, return_inverse=True)[1]
    new = np.zeros(len(task.truth), dtype=bool)
    for cell in np.unique(cells):
        members = random.permutation(np.flatnonzero(cells == cell))
        new[members[: (len(members) + random.integers(2)) // 2]] = True
    return new


def _learn(task: Task, new: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Labels per level by modes that are learnt as a comparison does: from both sides, beginning at the base's own."""
    partition = task.make().learn(task.rows, task.rows.take(np.flatnonzero(~new)), 0)
    return partition.label(task.rows), np.array([mode.level for mode in partition.modes], dtype=np.int64)


def _test(
    task: Task, new: NDArray[np.bool_], labels: NDArray[np.int32], levels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Per mode, the p-value (adjusted over modes) and the direction of its change."""
    change = permutation_test(CountTable.from_rows(task.rows.prompts, new, labels, levels), RESAMPLES, 0)
    return change.mode_p_values, change.z
