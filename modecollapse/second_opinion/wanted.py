"""Which further samples would settle what is open: of which model, at what temperature, how many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from modecollapse.judgement.base import Judged, Judgement
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.modes import in_question
from modecollapse.judgement.movement import LOST_OPENINGS, Movement
from modecollapse.pairing import Pair, Side
from modecollapse.report import Estimate, SamplesWanted, Use, Verdict
from modecollapse.second_opinion.questions import needs_equal_temperature
from modecollapse.stats import equivalence
from modecollapse.stats.temperature import InverseTemperature

_RUNGS = (0.7, 0.5)
"""Parts of the base's temperature for a ladder where no temperature could be estimated."""


def samples_wanted(pair: Pair, judgement: Judgement, settings: Settings) -> list[SamplesWanted]:
    """What to draw for the facets that equal temperature would settle. Either of a ladder and a reheated corpus does.

    Temperatures are those to sample at; a corpus that does not tell its own is taken to be at 1.
    """
    open_facets = [
        judged
        for judged in judgement.facets.values()
        if judged.finding.verdict is Verdict.INCONCLUSIVE and needs_equal_temperature(judged)
    ]
    # With too few prompts more of them are wanted, not more samples of each.
    if not open_facets or judgement.movement is Movement.UNKNOWN:
        return []
    samples = max(_samples(judged, settings) for judged in open_facets)
    names = [judged.labelled.name for judged in open_facets]
    prompts = len(np.unique(pair.rows.prompts[pair.matched]))
    return [
        SamplesWanted(use, model, temperature, samples, prompts, names)
        for use, model, temperature in _where(pair, judgement)
    ]


def _where(pair: Pair, judgement: Judgement) -> Iterator[tuple[Use, str, Estimate]]:
    """Use, model and temperature of each corpus that would help."""
    base = pair.sampled_at(Side.BASE)
    beta = judgement.tree.beta
    if beta is None or judgement.movement in LOST_OPENINGS:
        for part in _RUNGS:
            yield Use.LADDER, "base", Estimate(base * part)
        return
    low, high = beta.low, None if beta.unbounded else beta.high
    yield Use.LADDER, "base", Estimate(base / beta.value, (None if high is None else base / high, base / low))
    yield Use.REHEATED, "new", _reheating(pair, judgement, beta)


def _reheating(pair: Pair, judgement: Judgement, beta: InverseTemperature) -> Estimate:
    """Where to sample the new model: up to the temperature that gives its first words the base's spread.

    Just there, where rows say that the sides were sampled at different temperatures. Else the model was retrained, and
    is no escort where it was not trained: too much heat makes it ramble, so the geometric middle between its own
    temperature and that one comes first. A reheated corpus that was too hot, or not hot enough, moves the bracket.
    """
    base, new = (pair.sampled_at(side) for side in (Side.BASE, Side.NEW))
    low, high = new, new * beta.value
    if base != new:
        return Estimate(high, (new * beta.low, None if beta.unbounded else new * beta.high))
    tried = pair.sampled_at(Side.REHEATED)
    if low < tried and judgement.unlike is None:
        too_hot = any("reheated-too-hot" in judged.finding.reasons for judged in judgement.facets.values())
        low, high = (low, tried) if too_hot else (tried, max(tried, high))
    return Estimate(float(np.sqrt(low * high)), (min(low, high), max(low, high)))


def _samples(judged: Judged, settings: Settings) -> int:
    """Per prompt: enough to show every mode in question to be there, if it is, four times in five."""
    table = judged.evidence.table
    now = float(np.median(np.concatenate(table.totals()))) if table.n_prompts else 0.0
    asked = in_question(judged.evidence, settings)
    if judged.samples_factor is not None:
        return equivalence.samples_for(judged.samples_factor, now)
    if not asked.any():
        asked = judged.evidence.base_share >= settings.tolerance
    factor: Sequence[float] = equivalence.planned_factor(table, settings.tolerance)[asked].tolist()
    return int(np.ceil(max([*factor, 1.0]) * now))
