"""Texts that repeat another one of their prompt word for word: how many there are, and what they leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from modecollapse.evidence import Settings
from modecollapse.facets.duplicates import WHOLE, WholeText, chance_of_copies, copies
from modecollapse.judgement import Judged
from modecollapse.movement import SMALL_P
from modecollapse.pairing import Pair, Side
from modecollapse.stats import collision
from modecollapse.verdict import Finding, on_copies, on_new_copies, on_risen_copies

Bools = NDArray[np.bool_]

MOSTLY = 0.5
"""A base of which this part are copies supports no loss."""


def copied_share(pair: Pair, compared: Bools, side: Side) -> float:
    """Which part of the texts of one side are copies."""
    index, whole = _whole_texts(pair, compared, side)
    return float(copies(pair.rows.prompts[index], whole).mean()) if whole else 0.0


def allowing_for_copies(
    judged: Mapping[str, Judged], pair: Pair, compared: Bools, unknown: bool, settings: Settings
) -> dict[str, Judged]:
    """Findings where there are many copies; ``unknown`` says that no temperature could be estimated."""
    base, new = (copied_share(pair, compared, side) for side in (Side.BASE, Side.NEW))
    if base >= MOSTLY:
        judged = _weakened(judged, on_copies)
    if new >= MOSTLY:
        judged = _weakened(judged, partial(on_new_copies, unknown=unknown, alone=base < new / 2))
    opening = judged.get("opening")
    if opening is not None and copies_rose(pair, compared, settings):
        judged = {**judged, "opening": replace(opening, finding=on_risen_copies(opening.finding))}
    return dict(judged)


def _weakened(judged: Mapping[str, Judged], weaken: Callable[[Finding], Finding]) -> dict[str, Judged]:
    """Findings as ``weaken`` leaves them, degeneration aside."""
    return {
        name: facet if name == "degeneration" else replace(facet, finding=weaken(facet.finding))
        for name, facet in judged.items()
    }


def copies_rose(pair: Pair, compared: Bools, settings: Settings) -> bool:
    """Whether two new texts of a prompt are surely copies more often than the base's, by more than the tolerance.

    On average over prompts, at 5% (t-test over prompts): it takes three of 30 or four of 40 of which one text is left.
    """
    base, new = (_chances(pair, compared, side) for side in (Side.BASE, Side.NEW))
    both = ~np.isnan(base + new)
    rise = collision.greater(new[both], base[both])
    return bool(
        both.sum() >= collision.FEWEST_PROMPTS and rise.difference > settings.tolerance and rise.p_value <= SMALL_P
    )


def _chances(pair: Pair, compared: Bools, side: Side) -> NDArray[np.float64]:
    """The chance that two texts of a prompt are copies, shape ``(prompts,)``; NaN where there are not two."""
    index, whole = _whole_texts(pair, compared, side)
    prompts, size = pair.rows.prompts[index], len(pair.rows.prompt_texts)
    if not whole:
        return np.where(np.bincount(prompts, minlength=size) > 1, 0.0, np.nan)
    return chance_of_copies(prompts, whole, size)


def _whole_texts(pair: Pair, compared: Bools, side: Side) -> tuple[NDArray[np.int64], list[WholeText]]:
    """The rows of a side and their texts; none of these where no text of a prompt stands there twice."""
    index = np.flatnonzero(compared & (pair.side == side))
    if len(np.unique(pair.rows.hashes[index])) == len(index):
        return index, []
    return index, [text for rows in pair.rows.batches(index) for text in rows.read(WHOLE)]
