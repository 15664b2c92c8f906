"""A loss that first words left open, settled by the texts in none of the lost modes.

Losing modes moves first words by itself. Where *inconclusive* rests on vanished or thinned modes and first words that
are sharpened or unexplained, these are looked at again without the texts of the modes that are beyond prediction (a
tenth to half of the base). It becomes *lost* where β's interval then lies within 0.8 and 1.25 (``temperature-ruled-
out``). A facet that is open for what temperature may have done (``within-temperature``, ``new-side-hotter``), or
merely *shifted*, is then weighed once more, beside the temperature of those texts, and *lost* where modes vanished or
thinned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.base import Finding, Judged
from modecollapse.judgement.evidence import FacetEvidence, Settings, TreeEvidence
from modecollapse.judgement.losses import losses
from modecollapse.judgement.verdict import MILD, OPEN_BECAUSE
from modecollapse.judgement.weighing import FirstWords
from modecollapse.pairing import Pair, Side
from modecollapse.report import Verdict
from modecollapse.stats import collision

Bools = NDArray[np.bool_]
Betas = tuple[float, float, float]

_SET_ASIDE = (0.1, 0.5)
"""The part of the base that lost modes may be, if the others are to speak for the temperature.

Top-p .9, of which rows often say nothing, cuts off up to a tenth and leaves the others as they were.
"""


def settled_by_others(
    facet: Judged, words: FirstWords, sound: Bools, settings: Settings, weighed_at: Callable[[Betas], FacetEvidence]
) -> Judged:
    """A loss that first words left open, settled by those of the texts in none of the lost modes.

    A mode that is missing concentrates first words by itself, or where it had one opening it spreads them.
    """
    concentrated, changed = left_open(facet.finding), facet.p_value <= settings.alpha
    spread = changed and facet.labelled.name != "degeneration" and spread_open(facet.finding)
    others = beside_missing(facet, words.pair, sound) if concentrated or spread else None
    if others is None:
        return facet
    tree = words.of(others[sound], settings)
    if concentrated:
        return replace(facet, finding=temperature_ruled_out(facet.finding, tree))
    if tree.beta is None or not at_the_base(tree):
        return facet
    evidence = weighed_at((min(tree.beta.low, 1.0), tree.beta.value, max(tree.beta.high, 1.0)))
    finding = weighed_again(facet.finding, evidence, settings)
    return facet if finding is facet.finding else replace(facet, evidence=evidence, finding=finding)


def beside_missing(facet: Judged, pair: Pair, sound: Bools) -> Bools | None:
    """Those of the ``sound`` rows, shape ``(rows,)``, that are in none of the modes that fell.

    None where these are so small a part of the base that the others hardly differ from all, or most of it.
    """
    missing = np.flatnonzero(facet.evidence.fell & (facet.evidence.displaced_by < 0))
    others: Bools = sound & ~np.any(np.isin(facet.labelled.labels, missing), axis=1)
    base = sound & (pair.side == Side.BASE)
    least, most = _SET_ASIDE
    return others if least < 1 - others[base].mean() <= most else None


def left_open(finding: Finding) -> bool:
    """Whether modes are missing, and only a concentration of first words keeps that from being called a loss."""
    return finding.verdict is Verdict.INCONCLUSIVE and bool(
        set(finding.reasons) & {"vanished", "thinned"} and set(finding.reasons) & set(OPEN_BECAUSE.values())
    )


def temperature_ruled_out(finding: Finding, others: TreeEvidence) -> Finding:
    """A loss that is ``left_open``, in the light of the first words of the texts in ``others``: all but the lost modes.

    Losing modes concentrates first words by itself. A temperature would have sharpened the other texts as well: where
    they are surely near that of the base, none took the modes away.
    """
    if not at_the_base(others):
        return finding
    lost = (reason for reason in finding.reasons if reason not in OPEN_BECAUSE.values())
    return Finding(Verdict.LOST, (*lost, "temperature-ruled-out"))


def at_the_base(others: TreeEvidence) -> bool:
    """Whether the first words of these texts are surely near the temperature of the base."""
    told = others.prompts >= collision.FEWEST_PROMPTS
    return told and others.beta is not None and others.beta.is_surely_within(MILD)


def spread_open(finding: Finding) -> bool:
    """Whether first words that are spread out, or tell little of temperature, may be why missing modes are no loss."""
    open_because = {"within-temperature", "new-side-hotter"} & {*finding.reasons}
    return finding == Finding(Verdict.SHIFTED) or (finding.verdict is Verdict.INCONCLUSIVE and bool(open_because))


def weighed_again(finding: Finding, evidence: FacetEvidence, settings: Settings) -> Finding:
    """A finding that is ``spread_open``, where the texts in none of the missing modes are surely ``at_the_base``.

    A mode of many texts that begin alike spreads first words when it goes, as heat does. ``evidence`` is what the
    facet shows beside the temperature of the others, which took nothing away.
    """
    lost = tuple(reason for reason in losses(evidence, settings) if reason in ("vanished", "thinned"))
    return Finding(Verdict.LOST, (*lost, "temperature-ruled-out")) if lost else finding
