"""Which facets and modes better evidence is asked about, and what its answer does to a facet's verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.base import Finding, Judged
from modecollapse.judgement.movement import Movement
from modecollapse.report import Evidence, Verdict

GONE = (Verdict.LOST, Verdict.COLLAPSED)
LOSS_REASONS = frozenset({"taken-over", "vanished", "thinned"})
_OPEN_REASONS = frozenset(
    {"openings-sharpened-too", "new-side-hotter", "concentrated-unexplained", "temperature-unknown"}
    | {
        "within-temperature",
        "ladder-undecided",
        "ladder-too-short",
        "recovery-undecided",
        "reheated-too-hot",
        "reheated-unlike",
    }
)


def needs_equal_temperature(judged: Judged) -> bool:
    """Whether the facet is open for a reason that only a comparison at equal temperature can settle."""
    return bool(_OPEN_REASONS & set(judged.finding.reasons))


def open_question(judged: Judged, moved: Movement) -> bool:
    """Whether equal temperature may clear the facet: it is open, or lost by shares that temperature might explain."""
    finding = judged.finding
    if judged.labelled.name == "degeneration" and finding.verdict in GONE:
        return False
    if judged.labelled.name == "opening" and finding.verdict in GONE:
        # What the collision plane or the traces show is no question of temperature.
        return finding.of_missing_modes
    few = moved is Movement.SHARPENED and "too-few-samples" in finding.reasons
    return finding.verdict in GONE or few or bool(_OPEN_REASONS & set(finding.reasons))


def lost(judged: Judged, verdict: Verdict, reason: str, rests_on: Evidence) -> Judged:
    """The facet with a loss that stands at equal temperature."""
    kept = (code for code in judged.finding.reasons if code not in _OPEN_REASONS | {"too-few-samples", reason})
    settled = Finding(verdict, tuple(dict.fromkeys([reason, *kept])))
    cause = judged.caused_by if judged.finding.verdict in GONE else None
    return replace(judged, finding=settled, rests_on=rests_on, caused_by=cause, samples_factor=None)


def cleared(judged: Judged, moved: Movement, reason: str, rests_on: Evidence) -> Judged:
    """The facet with nothing missing at equal temperature."""
    word = Verdict.FLATTENED if moved is Movement.HOTTER else Verdict.SHARPENED
    return replace(judged, finding=Finding(word, (reason,)), rests_on=rests_on, caused_by=None, samples_factor=None)


def still_open(
    judged: Judged, reason: str, asked: NDArray[np.bool_], factor: NDArray[np.float64] | None = None
) -> Judged:
    """The facet as it was; where it was open for the modes ``asked`` about, with why this evidence did not settle it.

    ``factor``, shape ``(modes,)``, says how many times the samples would settle each mode; None where no number would.
    """
    if judged.finding.verdict is not Verdict.INCONCLUSIVE or not asked.any():
        return judged
    reasons = tuple(dict.fromkeys([*judged.finding.reasons, reason]))
    samples = judged.samples_factor if factor is None else float(factor[asked].max(initial=1.0))
    return replace(judged, finding=Finding(Verdict.INCONCLUSIVE, reasons), samples_factor=samples)
