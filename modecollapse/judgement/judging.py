"""Labels → findings: weigh each facet, apply the rules, and trace what follows from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.base import Finding, Judged, Judgement
from modecollapse.judgement.beside_others import settled_by_others
from modecollapse.judgement.causes import traced
from modecollapse.judgement.copies import allowing_for_copies
from modecollapse.judgement.evidence import FacetEvidence, Settings, reversed_order
from modecollapse.judgement.movement import LOST_OPENINGS, Movement, movement, temperature_unknown
from modecollapse.judgement.provisos import held_back, on_reading, on_truncation, on_unanswered
from modecollapse.judgement.verdict import judge_degeneration, judge_opening, judge_shares
from modecollapse.judgement.weighing import FirstWords, degenerate_shares, first_words, tree_of_all, weigh
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import Verdict
from modecollapse.stats import multiplicity

Bools = NDArray[np.bool_]


def judge(pair: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], settings: Settings) -> Judgement:
    """Weigh and judge the facets of ``names`` on base (side 0) and new (side 1) rows of matched prompts."""
    compared = pair.matched & (pair.side <= Side.NEW)
    sound = pair.bounded(compared & labelled["language"].member)
    words = first_words(pair, sound, settings)
    pair, tree, betas = words.pair, words.tree, words.betas
    weighed = {name: weigh(labelled[name], pair, compared, words.rows, sound, betas, settings) for name in names}
    moved = words.moved_beside(weighed.get("opening"), settings)
    adjusted = multiplicity.holm(np.array([weighed[name].change.p_value for name in names]))
    p_values = dict(zip(names, adjusted.tolist(), strict=True))
    judged = {
        name: Judged(
            labelled[name],
            weighed[name],
            held_back(
                _find(labelled[name], weighed[name], p_values[name] <= settings.alpha, words, moved, settings),
                tree,
            ),
            p_values[name],
        )
        for name in names
    }
    at = {name: partial(weigh, labelled[name], pair, compared, words.rows, sound, settings=settings) for name in names}
    judged = {name: settled_by_others(facet, words, sound, settings, at[name]) for name, facet in judged.items()}
    # Of several prompts taken for one, greedy texts are in another order as well.
    reordered = reversed_order(tree, settings.alpha) and list(pair.prompt_keys) != [""]
    may_be_cold = temperature_unknown(tree, moved) and not reordered
    judged = allowing_for_copies(judged, pair, compared, may_be_cold, settings)
    judged = {
        name: replace(facet, finding=on_reading(facet.finding, facet.labelled.unlike, facet.labelled.ends_alike))
        for name, facet in judged.items()
    }
    if pair.unanswered > settings.tolerance:
        judged = {name: replace(facet, finding=on_unanswered(facet.finding)) for name, facet in judged.items()}
    if pair.truncated:
        judged = {name: replace(facet, finding=on_truncation(facet.finding)) for name, facet in judged.items()}
    replaced_beside = partial(_replaced_beside, words, sound, settings)
    return Judgement(tree, moved, betas, traced(judged, pair, compared, moved, replaced_beside), words.dependence)


def _find(
    facet: Labelled, evidence: FacetEvidence, changed: bool, words: FirstWords, moved: Movement, settings: Settings
) -> Finding:
    pair, tree = words.pair, words.tree
    if evidence.table.n_prompts == 0:
        return Finding(Verdict.INCONCLUSIVE, ("all-degenerate" if pair.matched.any() else "no-common-prompts",))
    if facet.name == "opening":
        return judge_opening(evidence, changed, tree, moved, settings)
    if facet.name == "degeneration":
        return judge_degeneration(
            evidence,
            changed,
            degenerate_shares(facet, pair),
            moved,
            settings,
            tree,
            partial(tree_of_all, pair, settings),
        )
    return judge_shares(evidence, changed, tree, moved, settings)


def _replaced_beside(words: FirstWords, sound: Bools, settings: Settings, others: Bools) -> bool:
    """Whether the first words of the texts in ``others`` are no longer those of the base either."""
    return movement(words.of(others[sound], settings), settings.alpha) in LOST_OPENINGS
