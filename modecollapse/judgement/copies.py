"""Texts that repeat another one of their prompt word for word: how many there are, and what they leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.whole_text import WHOLE, WholeText, chance_of_copies, copies
from modecollapse.judgement.base import Judged
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.movement import SMALL_P
from modecollapse.judgement.verdict import Finding, on_copies, on_new_copies, on_risen_copies, overwhelming
from modecollapse.pairing import Pair, Side
from modecollapse.stats import collision

Bools = NDArray[np.bool_]

MOSTLY = 0.5
"""Texts of which this part are copies tell neither a temperature nor what came up."""

SOME = 0.2
"""A base of which this part are copies supports no loss that fewer samples would not show. Of the answers of chat
models that were drawn one by one at T = .5 or more a hundredth at most were; near temperature 0, from a cache or in one
conversation a quarter and more."""

MANY, FEWEST = 0.1, 5
"""Part and number of copies from which texts are not taken for samples drawn one by one."""


@dataclass(frozen=True)
class Repeats:
    """The whole texts of one side, one entry per row; none where no text of a prompt stands there twice."""

    prompts: NDArray[np.int32]
    whole: Sequence[WholeText]

    @classmethod
    def read(cls, pair: Pair, compared: Bools, side: Side) -> Repeats:
        """Of the ``compared`` rows of ``side``."""
        index = np.flatnonzero(compared & (pair.side == side))
        twice = len(np.unique(pair.rows.hashes[index])) < len(index)
        found = (text for rows in pair.rows.batches(index) for text in rows.read(WHOLE))
        return cls(pair.rows.prompts[index], list(found) if twice else [])

    @property
    def share(self) -> float:
        """Which part of the texts are copies of another one."""
        return float(copies(self.prompts, self.whole).mean()) if self.whole else 0.0

    @property
    def many(self) -> bool:
        """Whether there are so many copies that the texts are hardly samples drawn one by one."""
        return self.share >= MANY and self.share * len(self.whole) >= FEWEST

    def chances(self, prompts: int) -> NDArray[np.float64]:
        """The chance that two texts of a prompt are copies, shape ``(prompts,)``; NaN where there are not two."""
        if not self.whole:
            return np.where(np.bincount(self.prompts, minlength=prompts) > 1, 0.0, np.nan)
        return chance_of_copies(self.prompts, self.whole, prompts)

    def rose_to(self, new: Repeats, settings: Settings) -> bool:
        """Whether two ``new`` texts of a prompt are surely copies more often, by more than the tolerance.

        On average over prompts, at 5% (t-test over prompts): it takes three of 30 or four of 40 of which one text is
        left.
        """
        size = 1 + max(self.prompts.max(initial=-1), new.prompts.max(initial=-1))
        before, after = self.chances(size), new.chances(size)
        both = ~np.isnan(before + after)
        rise = collision.greater(after[both], before[both])
        surely = both.sum() >= collision.FEWEST_PROMPTS and rise.p_value <= SMALL_P
        return bool(surely and rise.difference > settings.tolerance)


def allowing_for_copies(
    judged: Mapping[str, Judged], pair: Pair, compared: Bools, may_be_cold: bool, settings: Settings
) -> dict[str, Judged]:
    """Findings where there are many copies; ``may_be_cold`` says that nothing tells the new texts from greedy ones."""
    base, new = (Repeats.read(pair, compared, side) for side in (Side.BASE, Side.NEW))
    if base.share >= SOME:
        mostly = base.share >= MOSTLY
        sure = {name: facet for name, facet in judged.items() if not mostly and overwhelming(facet.evidence)}
        judged = {**_weakened(judged, partial(on_copies, mostly=mostly)), **sure}
    if new.share >= MOSTLY:
        judged = _weakened(judged, partial(on_new_copies, unknown=may_be_cold, alone=base.share < new.share / 2))
    if "opening" in judged and base.rose_to(new, settings):
        opening = judged["opening"]
        judged = {**judged, "opening": replace(opening, finding=on_risen_copies(opening.finding))}
    return dict(judged)


def _weakened(judged: Mapping[str, Judged], weaken: Callable[[Finding], Finding]) -> dict[str, Judged]:
    """Findings as ``weaken`` leaves them, degeneration aside."""
    return {
        name: facet if name == "degeneration" else replace(facet, finding=weaken(facet.finding))
        for name, facet in judged.items()
    }
