"""How each facet stands with the gate, for formats that say so facet by facet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import msgspec

from modecollapse.findings import findings
from modecollapse.gating import evaluate
from modecollapse.policy import Policy
from modecollapse.report import AcceptedLoss, FacetReport, Outcome, Report, Verdict


class Standing(Enum):
    """What the gate makes of one facet; a loss that is let pass is never a mere pass."""

    FAILS = "fails"
    OPEN = "open"
    LET_PASS = "let pass"
    ACCEPTED = "accepted"
    PASSES = "passes"


@dataclass(frozen=True)
class Judged:
    """One facet's standing, and why: a sentence without its full stop."""

    standing: Standing
    why: str


def judged(facet: FacetReport, report: Report) -> Judged:
    """The standing of ``facet`` under the report's policy, as if the gate asked for this facet alone."""
    policy = msgspec.convert(report.config.get("gate", {}), Policy)
    others = tuple(other.name for other in report.facets if other.name != facet.name)
    ignored = (*policy.ignored_facets, *others)
    alone = replace(policy, ignored_facets=ignored, accepted_losses=tuple(report.gate.accepted))
    gate = evaluate(facet.verdict, report.facets, alone)
    said = gate.reasons[0].rstrip(".")
    if gate.outcome is Outcome.FAIL:
        return Judged(Standing.FAILS, said)
    if gate.outcome is Outcome.INCONCLUSIVE:
        return Judged(Standing.OPEN, said)
    if facet.verdict in (Verdict.LOST, Verdict.COLLAPSED, Verdict.INCONCLUSIVE):
        return _let_pass(facet, report)
    return Judged(Standing.PASSES, said)


def _let_pass(facet: FacetReport, report: Report) -> Judged:
    said = f"Facet {facet.name} is {facet.verdict.value}"
    if facet.verdict is Verdict.INCONCLUSIVE:
        return Judged(Standing.OPEN, f"{said}, which the policy lets pass")
    reasons = [loss.reason for loss in accepted(facet, report)]
    if reasons:
        return Judged(Standing.ACCEPTED, f"accepted: {'; '.join(reasons)}")
    return Judged(Standing.LET_PASS, f"{said}, which the policy lets pass")


def accepted(facet: FacetReport, report: Report) -> Sequence[AcceptedLoss]:
    """The accepted losses that a facet has, or that it follows from."""
    found = {*findings(facet), *(f"{facet.name}:{mode.id}" for mode in facet.modes), facet.caused_by}
    return [loss for loss in report.gate.accepted if loss.finding in found]
