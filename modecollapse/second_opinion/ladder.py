"""The new corpus against the base at its own temperature, wherever on the ladder that may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.base import Finding, Judged, Judgement
from modecollapse.judgement.evidence import FacetEvidence, Settings
from modecollapse.judgement.modes import in_question
from modecollapse.judgement.movement import Movement
from modecollapse.judgement.verdict import judge_at_equal_temperature, judge_degeneration
from modecollapse.judgement.weighing import degenerate_shares, weigh, word_tree
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import Evidence, Verdict
from modecollapse.second_opinion import questions
from modecollapse.stats import equivalence, ladder, multiplicity

_SAME_TEMPERATURE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Opinion:
    """What equal temperature shows of one facet: the evidence, the finding from it, and how much may be missing.

    ``high`` holds the 95% upper bound of each mode's shortfall at each position, shape ``(positions, modes)``;
    ``margin`` and ``samples_factor`` have shape ``(modes,)``.
    """

    evidence: FacetEvidence
    finding: Finding
    high: NDArray[np.float64]
    margin: NDArray[np.float64]
    samples_factor: NDArray[np.float64]

    def clears(self, asked: NDArray[np.bool_]) -> bool:
        """Whether at one temperature of the interval no mode ``asked`` about is short by more than its margin."""
        return bool((self.high[:, asked] <= self.margin[asked]).all(1).any())


def settle(
    pair: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], judgement: Judgement, settings: Settings
) -> Judgement:
    """``judgement`` with what the ladder settles; unchanged where there is none, or where it does not reach."""
    position = place(pair, labelled["language"].member)
    if position is None or (position.off and not position.short):
        return judgement
    if position.off:
        return replace(judgement, facets={n: _too_short(judged, settings) for n, judged in judgement.facets.items()})
    opinions = against(pair, labelled, names, position, settings)
    short = position.short or _may_be_cooler(pair, judgement)
    facets = {
        name: _settle(judged, opinions[name], judgement.movement, short, settings)
        for name, judged in judgement.facets.items()
    }
    return replace(judgement, facets=facets)


def _settle(judged: Judged, opinion: Opinion, moved: Movement, short: bool, settings: Settings) -> Judged:
    judged = replace(judged, ladder=opinion.evidence)
    asked_about = questions.open_question(judged, moved)
    if not asked_about and judged.finding.verdict is not Verdict.SHARPENED:
        return judged
    asked = in_question(judged.evidence, settings)
    if opinion.finding.verdict in questions.GONE:
        if short:
            return _too_short(judged, settings)
        return questions.lost(judged, opinion.finding.verdict, "beyond-ladder", Evidence.LADDER)
    if not asked_about:
        return judged
    if judged.finding.verdict in questions.GONE and judged.finding.of_a_rise:
        return _not_confirmed(judged)
    if opinion.clears(asked) if asked.any() else opinion.finding.verdict is not Verdict.INCONCLUSIVE:
        return questions.cleared(judged, moved, "within-ladder", Evidence.LADDER)
    return questions.still_open(judged, "ladder-undecided", asked, opinion.samples_factor)


def _not_confirmed(judged: Judged) -> Judged:
    """A mode that merely grew, which the base at the same temperature does not show beyond chance.

    The prediction that it outgrew is drawn from first words, where a few texts of a base are easily off; rungs are not.
    """
    doubted = Finding(Verdict.INCONCLUSIVE, (*judged.finding.reasons, "ladder-undecided"))
    return replace(judged, finding=doubted, caused_by=None)


def _may_be_cooler(pair: Pair, judgement: Judgement) -> bool:
    """Whether the new side may by its inverse temperature be cooler than the coolest rung.

    A retrained model's first words lie on no rung, and the nearest one's confidence says nothing of that.
    """
    beta = judgement.tree.beta
    if beta is None or judgement.movement is not Movement.SHARPENED:
        return False
    coolest = rungs(pair)[1][-1]
    highest = np.inf if beta.unbounded else beta.high
    return bool(highest * coolest > pair.sampled_at(Side.BASE))


def _too_short(judged: Judged, settings: Settings) -> Judged:
    """A base that is cooler still than the coolest rung might look just like the new side."""
    return questions.still_open(judged, "ladder-too-short", in_question(judged.evidence, settings))


def rungs(pair: Pair) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Each row's rung, from 0 for the hottest, -1 for rows of none, shape ``(rows,)``; and the rungs' temperatures."""
    of_base = ((pair.side == Side.BASE) | (pair.side == Side.RUNG)) & ~np.isnan(pair.temperatures)
    temperatures = np.unique(pair.temperatures[of_base])[::-1]
    rung = np.full(len(pair.side), -1, dtype=np.int64)
    rung[of_base] = np.searchsorted(-temperatures, -pair.temperatures[of_base])
    return rung, temperatures


def place(pair: Pair, sound: NDArray[np.bool_]) -> ladder.Position | None:
    """The new corpus's position on the base's ladder, by the first words of sound rows; None without a ladder."""
    if not (pair.side == Side.RUNG).any():
        return None
    rung, temperatures = rungs(pair)
    group = np.where(pair.side == Side.NEW, len(temperatures), rung)
    used = pair.bounded(sound & (group >= 0))
    words = word_tree(pair, used).words
    return ladder.place(pair.rows.prompts[used], group[used], words)


def against(
    pair: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], position: ladder.Position, settings: Settings
) -> dict[str, Opinion]:
    """Each facet against the base at every position in the interval: a loss is one at all of them."""
    rung, _ = rungs(pair)
    mixed = [
        pair.recast(ladder.mixture(pair.rows.prompts, rung, at, settings.seed), pair.side == Side.NEW)
        for at in position.grid()
    ]
    middle = position.grid().index(position.value)
    found = {name: [_weigh(labelled, name, there, settings) for there in mixed] for name in names}
    whole = {name: _throughout(found[name], middle) for name in names}
    adjusted = multiplicity.holm(np.array([whole[name].change.p_value for name in names]))
    changed = dict(zip(names, (adjusted <= settings.alpha).tolist(), strict=True))
    return {
        name: _opinion(
            found[name],
            whole[name],
            _find(labelled[name], whole[name], changed[name], mixed, settings),
            settings.tolerance,
        )
        for name in names
    }


def _opinion(found: Sequence[FacetEvidence], whole: FacetEvidence, finding: Finding, tolerance: float) -> Opinion:
    back = [
        equivalence.recovery(one.table, np.zeros(one.table.n_modes), tolerance, one.gone, alpha=0.05) for one in found
    ]
    return Opinion(
        evidence=whole,
        finding=finding,
        high=np.array([one.high for one in back]),
        margin=np.min([equivalence.margins(one.base_share, tolerance) for one in found], axis=0),
        samples_factor=np.min([one.samples_factor for one in back], axis=0),
    )


def _weigh(labelled: Mapping[str, Labelled], name: str, pair: Pair, settings: Settings) -> FacetEvidence:
    compared = pair.matched & (pair.side <= Side.NEW)
    sound = pair.bounded(compared & labelled["language"].member)
    return weigh(labelled[name], pair, compared, word_tree(pair, sound), sound, _SAME_TEMPERATURE, settings)


def _throughout(found: Sequence[FacetEvidence], middle: int) -> FacetEvidence:
    """The evidence that holds at every temperature of ``found``; shares are those at ``middle``.

    The largest p-value over the temperatures is a p-value of *at none of them* (Berger 1982).
    """
    there = found[middle]
    return replace(
        there,
        change=replace(
            there.change,
            p_value=max(one.change.p_value for one in found),
            mode_p_values=np.max([one.change.mode_p_values for one in found], axis=0),
        ),
        prediction=replace(
            there.prediction,
            low=np.min([one.prediction.low for one in found], axis=0),
            high=np.max([one.prediction.high for one in found], axis=0),
            p_fewer=np.max([one.prediction.p_fewer for one in found], axis=0),
            p_more=np.max([one.prediction.p_more for one in found], axis=0),
            tested=np.all([one.prediction.tested for one in found], axis=0),
        ),
        q_values=np.max([one.q_values for one in found], axis=0),
        gone=np.all([one.gone for one in found], axis=0),
        grown=np.all([one.grown for one in found], axis=0),
        taken_over=[mode for mode in there.taken_over if all(mode in one.taken_over for one in found)],
        loss_bound=min(one.loss_bound for one in found),
    )


def _find(
    facet: Labelled, evidence: FacetEvidence, changed: bool, mixed: Sequence[Pair], settings: Settings
) -> Finding:
    if evidence.table.n_prompts == 0:
        return Finding(Verdict.INCONCLUSIVE, ("no-common-prompts",))
    if facet.name != "degeneration":
        return judge_at_equal_temperature(evidence, changed, settings)
    risen_least = min((degenerate_shares(facet, pair) for pair in mixed), key=lambda shares: shares[1] - shares[0])
    return judge_degeneration(evidence, changed, risen_least, Movement.SAME, settings)
