"""What became of one mode: vanished, thinned, in doubt, grown, or within what temperature does.

*In doubt*: a mode that is surely under half of what the usual entropy allowance predicts, or (unless it is a bare
word) of which surely less than a quarter is left, a loss beyond the tolerance, of all texts or (where β̂ is 1.9 at
most) of those of prompts whose answers it is not anyway; or words of which hardly a text is left (``subjects``).

A *remainder* (texts in no language) may grow like any mode; it is never lost, and what only took its room has not
grown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from modecollapse.counts import CountTable
from modecollapse.judgement.evidence import FacetEvidence, Settings
from modecollapse.judgement.movement import SMALL_P, Movement
from modecollapse.report import ModeVerdict
from modecollapse.stats import power, temperature

_SUSPECT_SHARE = 0.01
_LEFT = 0.25
"""Part of a mode's share below which it is as good as gone. Cooling to T = .5 left three tenths or more of every mode
of a tenth of the base; modes that were taken out left less than a tenth."""


def judge_modes(evidence: FacetEvidence, moved: Movement, settings: Settings) -> list[ModeVerdict]:
    """What became of each mode."""
    doubted = suspects(evidence, settings)
    return [_judge(evidence, mode, bool(doubted[mode]), moved, settings) for mode in range(len(doubted))]


def _judge(evidence: FacetEvidence, mode: int, doubted: bool, moved: Movement, settings: Settings) -> ModeVerdict:
    tolerance = settings.tolerance
    base, new = evidence.base_share[mode], evidence.new_share[mode]
    base_counts, new_counts = (side[:, mode].sum() for side in evidence.table.by_mode())
    if evidence.gone[mode]:
        return ModeVerdict.VANISHED if vanished(evidence, mode) else ModeVerdict.THINNED
    if mode in evidence.taken_over or _told_as_grown(evidence, mode, moved, tolerance):
        return ModeVerdict.EMERGED if base_counts == 0 else ModeVerdict.AMPLIFIED
    if base_counts == 0 and new_counts == 0:
        return ModeVerdict.KEPT
    if doubted:
        return ModeVerdict.UNDECIDED
    if not evidence.traits.stable[mode]:
        return ModeVerdict.UNSTABLE
    if not evidence.prediction.tested[mode] or evidence.prediction.share[mode] * evidence.table.new.sum() < 3:
        if new_counts == 0 and moved is Movement.SHARPENED:
            return ModeVerdict.ABSENT_SHARPENED
        return ModeVerdict.UNDETECTABLE
    effect = evidence.change.design_effect[mode]
    most = share_interval(new_counts / effect, evidence.table.new.sum() / effect)[1]
    far = abs(new - base) > tolerance or most < _LEFT * base
    p_value = evidence.change.mode_p_values[mode]
    by_temperature = {Movement.SHARPENED: ModeVerdict.SHARPENED, Movement.HOTTER: ModeVerdict.FLATTENED}
    if moved in by_temperature:
        return by_temperature[moved] if far or p_value <= SMALL_P else ModeVerdict.KEPT
    return ModeVerdict.CHANGED if far and p_value <= settings.alpha else ModeVerdict.KEPT


def _told_as_grown(evidence: FacetEvidence, mode: int, moved: Movement, tolerance: float) -> bool:
    """Grown, and not only because a rare mode that sharpening raised was met in the new corpus first."""
    gain = evidence.new_share[mode] - evidence.prediction.high[mode]
    return bool(evidence.grown[mode] and (moved is not Movement.SHARPENED or gain > tolerance))


def vanished(evidence: FacetEvidence, mode: int) -> bool:
    """The 95% upper bound of the new share is under a tenth of the lowest prediction."""
    _, new = evidence.table.by_mode()
    effect = evidence.change.design_effect[mode]
    upper = share_interval(new[:, mode].sum() / effect, evidence.table.new.sum() / effect)[1]
    return bool(evidence.gone[mode] and upper < 0.1 * evidence.prediction.low[mode])


def share_interval(count: float, rows: float) -> tuple[float, float]:
    """95% interval of a share (Clopper & Pearson 1934). Where rows depend on each other: of the effective numbers."""
    if rows == 0:
        return 0.0, 1.0
    low = float(special.betaincinv(count, rows - count + 1, 0.025)) if count > 0 else 0.0
    high = float(special.betaincinv(count + 1, rows - count, 0.975)) if count < rows else 1.0
    return low, high


def in_question(evidence: FacetEvidence, settings: Settings) -> NDArray[np.bool_]:
    """Modes that text found missing or could not clear, shape ``(modes,)``: what better evidence is asked about."""
    unclear = residual_bounds(evidence) > settings.tolerance
    found: NDArray[np.bool_] = evidence.traits.stable & (evidence.gone | suspects(evidence, settings) | unclear)
    return found


def suspects(evidence: FacetEvidence, settings: Settings) -> NDArray[np.bool_]:
    """Modes that temperature might have taken, but that are too nearly gone to be passed over, shape ``(modes,)``.

    Surely below half of the lowest share that the usual entropy allowance predicts; or surely less than a quarter of
    the base's share is left, and the loss is beyond the tolerance; or hardly a text is left that says its words.
    """
    _, new = evidence.table.by_mode()
    rows = int(evidence.table.new.sum())
    upper = np.array([share_interval(int(count), rows)[1] for count in new.sum(0)])
    usual, base = evidence.prediction.usual_low, evidence.base_share
    unusual = (usual >= _SUSPECT_SHARE) & (upper < 0.5 * usual)
    little_left = (upper < _LEFT * base) & (base - upper > settings.tolerance)
    if evidence.betas[1] <= temperature.HIGHEST:  # beyond, every mode is left where it is the likeliest alone
        little_left |= _little_left_where_it_may_go(evidence.table, settings.tolerance)
    surely = evidence.change.mode_p_values <= settings.alpha
    # The share of a bare word follows exactly from a temperature, near zero as well.
    found: NDArray[np.bool_] = unusual | (evidence.traits.telling & little_left & surely) | evidence.traits.depleted
    return found & evidence.traits.stable & ~evidence.traits.remainder


def _little_left_where_it_may_go(table: CountTable, tolerance: float) -> NDArray[np.bool_]:
    """Modes of which surely less than a quarter is left beside prompts whose answers they are anyway, ``(modes,)``.

    A language stays where it is asked in, on either side and whatever went elsewhere. So each text counts by the part
    of its prompt's texts, both sides together, that are not of the mode: by that part a stratum tells of a difference
    (Mantel & Haenszel 1959).
    """
    base, new = table.by_mode()
    base_rows, new_rows = table.totals()
    other = 1 - (base + new) / np.maximum(base_rows + new_rows, 1)[:, None]
    had = (other * base).sum(0) / max(1, int(base_rows.sum()))
    upper = np.array([share_interval(float(left), int(new_rows.sum()))[1] for left in (other * new).sum(0)])
    found: NDArray[np.bool_] = (upper < _LEFT * had) & (had - upper > tolerance)
    return found


def residual_bounds(evidence: FacetEvidence) -> NDArray[np.float64]:
    """95% upper bound on each mode's loss below the lowest predicted share, ``(modes,)``; 0 of remainders."""
    bounds = power.loss_upper_bound(evidence.prediction.low, evidence.new_share, evidence.change.standard_error)
    return np.where(evidence.traits.remainder, 0.0, bounds)
