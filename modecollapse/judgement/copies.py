"""Texts that repeat another one of their prompt word for word: how many there are, and what they leave open.

Where a fifth or more of the base's texts are copies of others of their prompt, *collapsed* and *lost* become
inconclusive (``copied-base``), degeneration aside, unless half of the new texts are of a mode that the base hardly
has; from half on, in any case, and so do *shifted* and *flattened*. Where half or more of the new texts are copies,
degeneration aside: if the temperature is unknown, *collapsed* and *lost* become inconclusive (``temperature-
unknown``); if the base has not half as many copies, *sharpened* does (``copied-new``). Where the chance that two
texts of a prompt are copies rose by more than the tolerance (over prompts, at 5%), *unchanged*, *shifted* and
*flattened* openings become inconclusive (``copied-new``). Where the copies of one side seem to have been taken out,
every facet becomes inconclusive (``copies-left-out``), unless modes of which the base has no text take half of the
new texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.whole_text import WHOLE, WholeText, chance_of_copies, copies
from modecollapse.judgement.base import Finding, Judged
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.losses import overwhelming, unheard_of
from modecollapse.judgement.movement import SMALL_P
from modecollapse.pairing import Pair, Side
from modecollapse.report import Verdict
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

MET_ONCE, _SEVERAL = 0.8, 2.0
"""Part of the texts that one side repeats which the other has once each, if its copies were taken out; and how many
such texts its prompts have then, on average. Of a mean count of one, whatever it is, 37% at most are met once."""


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


def without_copies(pair: Pair, compared: Bools) -> Side | None:
    """The side of which copies seem to have been taken out, as its texts are all that the other repeats, once each.

    None where neither is, nor where most prompts have as many texts as each other. A model that was trained on one text
    of the base for each prompt repeats such texts as well: the base counts only where prompts have several, or where
    these are stock answers, met under other prompts too.
    """
    index = {side: np.flatnonzero(compared & (pair.side == side)) for side in (Side.BASE, Side.NEW)}
    for side, other in ((Side.BASE, Side.NEW), (Side.NEW, Side.BASE)):
        own, rows = pair.rows.hashes[index[side]], index[other]
        hashes, first, counts = np.unique(pair.rows.hashes[rows], return_index=True, return_counts=True)
        repeated, copied = counts > 1, len(rows) - len(hashes)
        if len(np.unique(own)) < len(own) or repeated.sum() < FEWEST or copied < SOME * len(rows):
            continue
        if np.isin(hashes[repeated], own).mean() < MET_ONCE:
            continue
        if _uneven(pair.rows.prompts[index[side]]) and (
            side is Side.NEW or _no_traces(pair, rows[np.sort(first[repeated])])
        ):
            return side
    return None


def _uneven(prompts: NDArray[np.int32]) -> bool:
    """Whether prompts have unlike numbers of texts, as where copies were taken out, not the same but for a few."""
    _, rows = np.unique(prompts, return_counts=True)
    return bool(np.unique(rows, return_counts=True)[1].max() < MOSTLY * len(rows)) if len(rows) else False


def _no_traces(pair: Pair, repeated: NDArray[np.int64]) -> bool:
    """Whether what stands at the ``repeated`` rows, one for each text and prompt, is more than one text for each."""
    if len(repeated) >= _SEVERAL * len(np.unique(pair.rows.prompts[repeated])):
        return True
    texts = np.array([text.hash for rows in pair.rows.batches(repeated) for text in rows.read(WHOLE)], dtype=np.uint64)
    _, number, times = np.unique(texts, return_inverse=True, return_counts=True)
    return bool((times[number] > 1).mean() >= MOSTLY)


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
    if without_copies(pair, compared) is not None:
        unmet = {name: facet for name, facet in judged.items() if unheard_of(facet.evidence)}
        judged = {**_weakened(judged, on_copies_left_out), **unmet}
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


def on_copies(finding: Finding, *, mostly: bool) -> Finding:
    """A finding against a base of which many texts are copies: of a cache or of a temperature near 0, who can tell.

    Shares and agreement would read differently in either case, so they support no loss; nor, where the base is
    ``mostly`` copies, that there is none.
    """
    open_then = (Verdict.LOST, Verdict.COLLAPSED, *((Verdict.SHIFTED, Verdict.FLATTENED) if mostly else ()))
    if finding.verdict in open_then:
        return Finding(Verdict.INCONCLUSIVE, ("copied-base", *finding.reasons))
    return finding


def on_new_copies(finding: Finding, *, unknown: bool, alone: bool) -> Finding:
    """A finding against a new side that is mostly copies; ``alone`` says that the base has not half as many.

    With the temperature ``unknown`` all of it may be one text each: what a few texts have in common is no mode of a
    model, and decoding near zero gives just these. Where first words tell one, it is that of the first words: no
    temperature but one near zero repeats whole texts, nor do a model that learnt one text a prompt, or a cache, look
    otherwise where the base's likeliest words begin that text.
    """
    if unknown and finding.verdict in (Verdict.LOST, Verdict.COLLAPSED):
        return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown", *finding.reasons))
    if alone and finding.verdict is Verdict.SHARPENED:
        return Finding(Verdict.INCONCLUSIVE, ("copied-new", *finding.reasons))
    return finding


def on_risen_copies(finding: Finding) -> Finding:
    """The openings where two new texts of a prompt are copies much more often: what passes there is left open.

    Of some prompts hardly more than one text may be left, which no mean over all prompts shows. Nor can it be called a
    loss: a cache does the same. A lower temperature as well, where first words say so.
    """
    if finding.verdict in (Verdict.UNCHANGED, Verdict.SHIFTED, Verdict.FLATTENED):
        return Finding(Verdict.INCONCLUSIVE, ("copied-new", *finding.reasons))
    return finding


def on_copies_left_out(finding: Finding) -> Finding:
    """A finding where the copies of one side were taken out: its shares are no longer those of the model."""
    if finding.verdict is Verdict.INCONCLUSIVE:
        return finding
    return Finding(Verdict.INCONCLUSIVE, ("copies-left-out", *finding.reasons))
