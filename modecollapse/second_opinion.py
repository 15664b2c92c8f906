"""Better evidence: what a reheated corpus, or a base at several temperatures, settles.

Where openings are sharpened too, text at one temperature can't tell whether a topic shrank by entropy inside it or by
loss. Both of these compare at equal temperature, so that nothing is left for temperature to explain:

* **reheated**: base against the new model sampled at the temperature that should undo the sharpening;
* **ladder**: the base at the rung nearest the new model's temperature against the new corpus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from modecollapse.evidence import Settings
from modecollapse.judging import Judged, Judgement, judge
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import Evidence, Verdict
from modecollapse.verdict import Finding, Movement

_OPEN_REASONS = {"openings-sharpened-too", "new-side-hotter", "concentrated-unexplained"}
_GONE = (Verdict.LOST, Verdict.COLLAPSED)


@dataclass(frozen=True)
class _Better:
    """A comparison at equal temperature, and the reason codes of what it can say."""

    pair: Pair
    evidence: Evidence
    explained: str
    missing: str


def settle(
    pair: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], judgement: Judgement, settings: Settings
) -> Judgement:
    """``judgement`` with its open questions settled where the rows hold better evidence; unchanged where they don't."""
    better = _reheated(pair) or _rung(pair, judgement)
    if better is None or not better.pair.matched.any():
        return judgement
    other = judge(better.pair, labelled, names, settings)
    settled = {
        name: _settle(judged, other.facets[name], better, judgement) for name, judged in judgement.facets.items()
    }
    return replace(judgement, facets=settled)


def _reheated(pair: Pair) -> _Better | None:
    again = pair.side == Side.REHEATED
    if not again.any():
        return None
    recast = pair.recast(pair.side == Side.BASE, again)
    return _Better(recast, Evidence.REHEATED, explained="recovered", missing="not-recovered")


def _rung(pair: Pair, judgement: Judgement) -> _Better | None:
    """The rung nearest the temperature at which the base would be as sharp as the new corpus."""
    rungs = np.unique(pair.temperatures[pair.side == Side.RUNG])
    if not len(rungs) or judgement.tree.beta is None:
        return None
    main = float(np.nanmax(pair.temperatures[pair.side == Side.BASE]))
    available = np.append(rungs, main)
    apart = np.abs(np.log(np.maximum(available, 0.05)) - np.log(max(main, 0.05) / judgement.tree.beta.value))
    nearest = float(available[apart.argmin()])
    if nearest == main:
        return None
    at_rung = (pair.side == Side.RUNG) & (pair.temperatures == nearest)
    recast = pair.recast(at_rung, pair.side == Side.NEW)
    return _Better(recast, Evidence.LADDER, explained="within-ladder", missing="beyond-ladder")


def _settle(judged: Judged, other: Judged, better: _Better, judgement: Judgement) -> Judged:
    finding, again = judged.finding, other.finding.verdict
    lost_shares = finding.verdict in _GONE and judged.labelled.name not in ("opening", "degeneration")
    # Sharpening is undone by reheating: what is missing then is lost, however sharpened the first words looked.
    not_undone = better.evidence is Evidence.REHEATED and finding.verdict is Verdict.SHARPENED and again in _GONE
    open_question = lost_shares or not_undone or _OPEN_REASONS & set(finding.reasons)
    if not open_question or again is Verdict.INCONCLUSIVE:
        return judged
    if again in _GONE:
        settled = Finding(again, (better.missing, *(r for r in finding.reasons if r not in _OPEN_REASONS)))
    else:
        word = Verdict.FLATTENED if judgement.movement is Movement.HOTTER else Verdict.SHARPENED
        settled = Finding(word, (better.explained,))
    return replace(judged, finding=settled, rests_on=better.evidence, second=other.evidence, caused_by=None)
