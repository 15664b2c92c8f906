"""Counts → evidence: every number that a verdict rests on, computed and not yet judged."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from modecollapse.counts import CountTable, Nodes, WordTree, stack
from modecollapse.stats import (
    collision,
    escort,
    loss,
    multiplicity,
    order,
    power,
    resampling,
    temperature,
    traces,
    verbatim,
)
from modecollapse.stats.exchangeability import Dependence
from modecollapse.traits import Traits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


_POSTERIOR_DRAWS = 100
_NULL_DRAWS = 200
_TRACE_DRAWS = 100
_REPEAT_DRAWS = 2000
_BOOTSTRAP = 400

WITHOUT_TEMPERATURE = (0.8, 1.0, 2.0)
"""Inverse temperatures allowed where the tree can't estimate one: a loss must be beyond all of these."""


@dataclass(frozen=True)
class Settings:
    """How much to compute, at which error rate."""

    alpha: float
    tolerance: float
    resamples: int
    seed: int


@dataclass(frozen=True)
class NextTokens:
    """What the log probabilities of next tokens show.

    ``scales`` are the powers to which the listed probabilities of base and new stand in the texts: 1, or 1/T where they
    were written before temperature T was applied; None where the texts were not drawn from them in either way, or where
    that side has none. ``escort`` is None where they can't be used.
    """

    scales: tuple[float | None, float | None]
    known: tuple[bool, bool]
    escort: escort.Escort | None


@dataclass(frozen=True)
class TreeEvidence:
    """What the first words show. ``plane`` is that of the first word given the prompt.

    ``reversal`` is the p-value of their order being kept (``stats.order``), where prompts are too few for the plane;
    None elsewhere.
    """

    prompts: int
    plane: collision.Plane
    replaced: float
    concentrated: collision.OneSided
    flattened: collision.OneSided
    direction: float | None
    direction_bounds: tuple[float, float] | None
    unsupported: traces.Unsupported
    repeats: verbatim.Repeats
    beta: temperature.InverseTemperature | None
    reversal: float | None = None
    next_tokens: NextTokens | None = None


def reversed_order(tree: TreeEvidence, alpha: float) -> bool:
    """Whether few prompts suffice to show that no temperature is at work: words stand in another order."""
    return tree.reversal is not None and tree.reversal <= alpha


def weigh_tree(tree: WordTree, settings: Settings) -> TreeEvidence:
    """Evidence from the word tree: the collision plane, single traces and the inverse temperature."""
    first = tree.nodes(1, min_base=2, min_new=2)
    plane = collision.plane(first)
    opened = verbatim.unlocked(tree)
    return TreeEvidence(
        prompts=len(plane),
        plane=plane,
        replaced=collision.replaced(plane),
        concentrated=collision.greater(plane.qq, plane.pp),
        flattened=collision.greater(plane.pp, plane.qq),
        direction=plane.direction(),
        direction_bounds=collision.direction_bounds(plane),
        unsupported=traces.unsupported_concentration(
            opened.nodes(1, min_base=2, min_new=2), _TRACE_DRAWS, settings.seed
        ),
        repeats=verbatim.repeats(opened, _REPEAT_DRAWS, settings.seed),
        beta=inverse_temperature(tree, settings),
        reversal=order.reversal(first, settings.alpha) if len(plane) < collision.FEWEST_PROMPTS else None,
    )


_ROUNDING = 1.05
"""Log probabilities are rounded, and written by another pass than the one that sampled."""


def weigh_next_tokens(
    contexts: escort.Contexts | None, temperatures: tuple[float, float], settings: Settings
) -> NextTokens | None:
    """Evidence from log probabilities; ``temperatures`` of base and new rows, NaN where unknown or mixed."""
    if contexts is None or not len(contexts):
        return None
    known = (True, not bool(np.isnan(contexts.new).all()))
    sides = (contexts, contexts.swapped())
    base, new = (
        _scale(side, t, settings.seed) if has else None for side, t, has in zip(sides, temperatures, known, strict=True)
    )
    found = None
    if known[1] and base is not None and new is not None:
        found = escort.fit(contexts, (base, new), _BOOTSTRAP, settings.seed)
    elif not known[1] and base == 1:
        found = escort.fit_counts(contexts, _NULL_DRAWS, settings.seed)
    return NextTokens((base, new), known, found)


def _scale(contexts: escort.Contexts, asked: float, seed: int) -> float | None:
    """1 or 1/T, whichever power of the listed probabilities the side's own tokens were drawn from; None if neither."""
    drawn = escort.sampling(contexts, _BOOTSTRAP, seed)
    if drawn is None:
        return None
    candidates = [1.0] if np.isnan(asked) else [1.0, 1 / max(asked, 1 / escort.BETAS[-1])]
    low, high = drawn.low / _ROUNDING, drawn.high * _ROUNDING
    fitting = [power for power in candidates if low <= power <= high]
    return min(fitting, key=lambda power: abs(np.log(power / drawn.value)), default=None)


_FEWEST_SAMPLES = 4
"""Texts of a prompt and side from which first words tell a temperature. With two, intervals are drawn to 1 and cover
half of the true values, with four nine tenths: ``benchmarks.inverse_temperature``."""


def inverse_temperature(tree: WordTree, settings: Settings) -> temperature.InverseTemperature | None:
    """β at the nodes of the first words, those with enough texts; at first words alone where there are few."""
    deep = [tree.nodes(depth, min_base=8, min_new=4) for depth in range(1, temperature.DEPTH + 1)]
    nodes = stack([part for part in deep if len(part)]) if any(len(part) for part in deep) else deep[0]
    if len(np.unique(nodes.prompt)) < 3:
        nodes = tree.nodes(1, min_base=_FEWEST_SAMPLES, min_new=_FEWEST_SAMPLES)
    if len(np.unique(nodes.prompt)) < 3:
        return None
    return temperature.estimate(_at_most(nodes, 600, settings.seed))


def _at_most(nodes: Nodes, most: int, seed: int) -> Nodes:
    """A bounded number of nodes: the estimate needs no more, and time must not grow with the corpus."""
    keep = np.zeros(len(nodes), dtype=bool)
    keep[np.random.default_rng(seed).permutation(len(nodes))[:most]] = True
    return nodes.take(keep)


@dataclass(frozen=True)
class FacetEvidence:
    """What the counts of one facet show. Arrays have shape ``(modes,)``.

    ``fell`` is true where a mode is below the lowest prediction at the stated error rate, ``grown`` where above the
    highest; ``gone`` are those that fell and are missed, which no remainder is (see ``traits``). ``displaced_by`` is
    the index of the mode that took the rows of a mode that is ``gone`` only because of it, else -1. ``loss_bound`` is
    the 95% upper bound on the largest loss of any mode, first words included for openings, ``largest_error`` the
    largest standard error of a change of share among them. ``taken_over`` lists modes that were rare across the
    base's prompts and now stand across them, strongest first.
    """

    table: CountTable
    change: resampling.Change
    prediction: loss.Prediction
    base_share: Floats
    new_share: Floats
    q_values: Floats
    fell: Bools
    gone: Bools
    grown: Bools
    displaced_by: NDArray[np.int64]
    taken_over: list[int]
    plane: collision.Plane
    direction: float | None
    direction_bounds: tuple[float, float] | None
    betas: tuple[float, float, float]
    traits: Traits
    loss_bound: float
    largest_error: float

    def lost_share(self, displaced: bool = False) -> float:
        """The largest sum, over modes that exclude each other, of what they lost below their lowest prediction.

        Modes that only made room for another one count where ``displaced``.
        """
        counted = self.gone & (displaced | (self.displaced_by < 0))
        return self.most(np.where(counted, self.prediction.low - self.new_share, 0.0))

    def halved_share(self, among: Bools | bool = True) -> float:
        """The same of those modes ``among`` them of which less than half is left, so that others don't hide them."""
        counted = self.gone & (self.displaced_by < 0) & (self.new_share < 0.5 * self.prediction.low) & among
        return self.most(np.where(counted, self.prediction.low - self.new_share, 0.0))

    def gained_share(self) -> float:
        """The largest sum, over modes that exclude each other, of what they gained above their highest prediction."""
        return self.most(np.where(self.grown, self.new_share - self.prediction.high, 0.0))

    def most(self, amounts: Floats) -> float:
        """The largest sum of ``amounts``, shape ``(modes,)``, none negative, over modes that exclude each other.

        Those of one level do, and where levels nest those of which none holds another.
        """
        holders = self.traits.holders
        if holders is None:
            return float(np.bincount(self.table.levels, weights=amounts).max(initial=0.0))

        def within(holder: int) -> float:
            return sum(max(float(amounts[mode]), within(mode)) for mode in np.flatnonzero(holders == holder).tolist())

        return within(-1)


def among_dependent_prompts(tree: TreeEvidence, dependence: Dependence) -> TreeEvidence:
    """The evidence with every variance over prompts grown by the design effect (Kish 1965); the same where it is 1."""
    plane, found, beta = tree.plane, tree.unsupported, tree.beta
    effect = dependence.design_effect(len(plane))
    if effect == 1:
        return tree
    root = float(np.sqrt(effect))
    return replace(
        tree,
        prompts=int(len(plane) / effect),
        replaced=collision.replaced(plane, effect),
        concentrated=collision.greater(plane.qq, plane.pp, effect),
        flattened=collision.greater(plane.pp, plane.qq, effect),
        direction_bounds=collision.direction_bounds(plane, design_effect=effect),
        unsupported=replace(
            found,
            null_deviation=found.null_deviation * root,
            null_reversal_deviation=found.null_reversal_deviation * root,
        ),
        beta=None if beta is None else _widened(beta, root),
    )


def _widened(beta: temperature.InverseTemperature, factor: float) -> temperature.InverseTemperature:
    low, high = (float(beta.value * (end / beta.value) ** factor) for end in (beta.low, beta.high))
    return replace(beta, low=low, high=high)


def weigh_facet(
    table: CountTable,
    allowances: loss.Allowances,
    traits: Traits,
    betas: tuple[float, float, float],
    settings: Settings,
    change_table: CountTable | None = None,
) -> FacetEvidence:
    """Evidence from one facet's counts.

    ``change_table`` is the table for the permutation test where it has modes beyond those of ``table`` (after them).
    """
    whole = change_table or table
    change_of_all = resampling.permutation_test(whole, settings.resamples, settings.seed)
    change = change_of_all.first(table.n_modes)
    prediction = _predict(table, betas, allowances, traits.stable, settings)
    base_share, new_share = shares(table)
    q_values, gone, grown = _flag(prediction, change, new_share, settings.alpha)
    plane = _finest_plane(table)
    evidence = FacetEvidence(
        table=table,
        change=change,
        prediction=prediction,
        base_share=base_share,
        new_share=new_share,
        q_values=q_values,
        fell=gone,
        gone=gone & ~traits.remainder,
        grown=grown,
        displaced_by=np.full(table.n_modes, -1),
        taken_over=_taken_over(table, prediction, change, traits, settings.alpha),
        traits=traits,
        plane=plane,
        direction=plane.direction(),
        direction_bounds=collision.direction_bounds(plane),
        betas=betas,
        loss_bound=_loss_bound(whole, change_of_all, np.flatnonzero(traits.remainder)),
        largest_error=float(change_of_all.standard_error.max(initial=0.0)),
    )
    return _told_once(_remainder_aside(evidence, allowances, settings), allowances, settings)


def _loss_bound(table: CountTable, change: resampling.Change, remainder: NDArray[np.int64]) -> float:
    """95% upper bound on the largest loss of a mode but the ``remainder``; infinite where there is none to lose."""
    base_share, new_share = shares(table)
    bounds = np.delete(power.loss_upper_bound(base_share, new_share, change.standard_error), remainder)
    return float(bounds.max()) if len(bounds) else np.inf


def _predict(
    table: CountTable, betas: tuple[float, float, float], allowances: loss.Allowances, stable: Bools, settings: Settings
) -> loss.Prediction:
    prediction = loss.predict(table, betas, allowances, _POSTERIOR_DRAWS, settings.seed)
    return replace(prediction, tested=prediction.tested & stable)


def shares(table: CountTable) -> tuple[Floats, Floats]:
    """Shares of rows, the base's prompts weighted as the new side's, so that unequal prompt counts are no change."""
    base, new = table.by_mode()
    base_total, new_total = table.totals()
    weight = new_total / max(1, new_total.sum())
    return weight @ (base / np.maximum(base_total, 1)[:, None]), new.sum(0) / max(1, int(new_total.sum()))


def _flag(
    prediction: loss.Prediction, change: resampling.Change, new_share: Floats, alpha: float
) -> tuple[Floats, Bools, Bools]:
    """q-values over the modes with enough texts, and which are below and above what sharpening predicts."""
    p_values = np.where(prediction.tested, np.minimum(1, 2 * np.minimum(prediction.p_fewer, prediction.p_more)), 1.0)
    # Rows that depend on each other count for less (first-order correction of Rao & Scott 1981).
    p_values = 2 * stats.norm.sf(stats.norm.isf(p_values / 2) / np.sqrt(change.design_effect))
    q_values = np.ones_like(p_values)
    q_values[prediction.tested] = multiplicity.false_discovery(p_values[prediction.tested])
    beyond = (q_values <= alpha) & (change.mode_p_values <= alpha) & prediction.tested
    return q_values, beyond & (new_share < prediction.low), beyond & (new_share > prediction.high)


def _taken_over(
    table: CountTable, prediction: loss.Prediction, change: resampling.Change, traits: Traits, alpha: float
) -> list[int]:
    """Modes rare across the base's prompts (< 2%) that gained ten points or more across prompts, strongest first.

    Prompts that ask for a mode do not make it common; but for a prefix, which is what a prompt asks for first of all:
    sharpening spreads the commonest ones.
    """
    base, new = table.by_mode()
    base_total, new_total = (total[:, None] for total in table.totals())
    base_share, new_share = shares(table)
    affected = ((new / new_total >= 0.1) & (new / new_total > base / base_total)).sum(0)
    spread = affected >= np.maximum(min(3, table.n_prompts), 0.1 * table.n_prompts)
    unasked = _share_unasked(base, base_total, new_total / new_total.sum())
    found = (
        (base_share <= 0.25)
        & (np.where(traits.prefix, base_share, unasked) < 0.02)
        & (new_share - base_share >= 0.10)
        & (new_share > prediction.high)
        & (change.mode_p_values <= alpha)
        & spread
        & prediction.tested
    )
    return sorted(np.flatnonzero(found).tolist(), key=lambda mode: (-change.z[mode], mode))


def _share_unasked(count: Ints, rows: Ints, weight: Floats) -> Floats:
    """Share of each mode in the base but for prompts that ask for it, shape ``(modes,)``.

    ``count`` of each prompt's ``rows``, ``(prompts, modes)`` and ``(prompts, 1)``; ``weight`` of each prompt,
    ``(prompts, 1)``. A prompt asks for what half of its answers are, three at least.
    """
    asked = (count >= 3) & (2 * count >= rows)
    return np.asarray((weight * np.where(asked, 0, count) / rows).sum(0))


def _remainder_aside(evidence: FacetEvidence, allowances: loss.Allowances, settings: Settings) -> FacetEvidence:
    """Growth counts only where it is more than room that the remainder has made: the others against each other.

    Where answers were too short to be of any language, and are no more, no language came up.
    """
    remainder = evidence.traits.remainder
    shrank = np.flatnonzero(remainder & (evidence.new_share < evidence.base_share))
    if not len(shrank) or not evidence.grown.any():
        return evidence
    table = evidence.table
    for mode in shrank.tolist():
        table = table.take(~table.member(mode))
    _, still_grown = _beyond(table, evidence, allowances, settings)
    grown = evidence.grown & still_grown
    return replace(evidence, grown=grown, taken_over=[mode for mode in evidence.taken_over if grown[mode]])


def _finest_plane(table: CountTable) -> collision.Plane:
    if not table.n_modes:
        return collision.Plane(np.zeros(0), np.zeros(0), np.zeros(0))
    level = int(np.bincount(table.levels).argmax())
    return collision.plane(table.nodes(level))


def _told_once(evidence: FacetEvidence, allowances: loss.Allowances, settings: Settings) -> FacetEvidence:
    """One collapse is told once: rows of the mode that grew most are set aside, and the other modes are tested again.

    A mode that is no longer gone among the rest only made room; one that is no longer grown was the same growth.
    """
    displaced = evidence.displaced_by.copy()
    table, told = evidence.table, list[int]()
    for _ in range(3):
        grower = _strongest(evidence, table, displaced, settings)
        if grower is None:
            break
        table = table.take(~table.member(grower))
        still_gone, still_grown = _beyond(table, evidence, allowances, settings)
        settled = (evidence.gone & ~still_gone) | (evidence.grown & ~still_grown)
        told.append(grower)
        settled[told] = False
        displaced[settled & (displaced < 0)] = grower
    return replace(evidence, displaced_by=displaced)


def _beyond(
    table: CountTable, evidence: FacetEvidence, allowances: loss.Allowances, settings: Settings
) -> tuple[Bools, Bools]:
    """Which modes are gone and which grown among the rows of ``table``; none where too few rows are left to tell."""
    if table.n_prompts == 0 or min(table.base.sum(), table.new.sum()) < 20:
        none = np.zeros(table.n_modes, dtype=bool)
        return none, none
    change = resampling.permutation_test(table, settings.resamples, settings.seed)
    prediction = _predict(table, evidence.betas, allowances, evidence.traits.stable, settings)
    _, gone, grown = _flag(prediction, change, shares(table)[1], settings.alpha)
    return gone, grown


def _strongest(
    evidence: FacetEvidence, table: CountTable, displaced: NDArray[np.int64], settings: Settings
) -> int | None:
    """The mode that grew most, of those not yet told that grew by more than the tolerance and still have rows.

    Not one that most of the base had: it displaced nothing, it is what was left when the others went. And none that
    says little by itself where another one grew: "I" did because "I think that" has.
    """
    _, new = table.by_mode()
    beyond = evidence.new_share - evidence.prediction.high > settings.tolerance
    grew = evidence.grown & beyond & (evidence.base_share <= 0.5) & (new.sum(0) > 0) & (displaced < 0)
    candidates = np.flatnonzero(grew & evidence.traits.telling if (grew & evidence.traits.telling).any() else grew)
    if not len(candidates):
        return None
    return int(candidates[np.argmax((evidence.new_share - evidence.prediction.high)[candidates])])
