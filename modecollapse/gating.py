"""Report + policy → pass, fail or inconclusive, and the exit status that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modecollapse.config import Policy
from modecollapse.report import FacetReport, Gate, Outcome, Verdict

EXIT_STATUS: Mapping[Outcome, int] = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 3}


def evaluate(verdict: Verdict, facets: Sequence[FacetReport], policy: Policy) -> Gate:
    """What ``policy`` makes of the overall ``verdict`` and of the facets.

    *Fail* where the whole or any facet has a verdict in ``fail_on``; else ``policy.inconclusive`` where the whole, or
    a required facet, is inconclusive or was not compared; else *pass*. A whole that is inconclusive for the sake of a
    facet that this policy does not require doesn't count. ``reasons`` are sentences, never empty.
    """
    failures, doubts = _failures(verdict, facets, policy), _doubts(verdict, facets, policy)
    if failures:
        return Gate(Outcome.FAIL, [*failures, *doubts])
    if doubts:
        return Gate(policy.inconclusive, doubts)
    fine = "nothing that the policy asks for" if not policy.fail_on else f"no facet is {_either(policy.fail_on)}"
    judged = f", and {listed(policy.required_facets)} could be judged" if policy.required_facets else ""
    return Gate(Outcome.PASS, [f"{fine}{judged}.".capitalize()])


def _failures(verdict: Verdict, facets: Sequence[FacetReport], policy: Policy) -> list[str]:
    failing = [f"Facet {facet.name} is {facet.verdict.value}." for facet in facets if facet.verdict in policy.fail_on]
    if failing or verdict not in policy.fail_on:
        return failing
    return [f"The comparison as a whole is {verdict.value}."]


def _doubts(verdict: Verdict, facets: Sequence[FacetReport], policy: Policy) -> list[str]:
    verdicts = {facet.name: facet.verdict for facet in facets}
    doubts = [
        f"Required facet {name} is inconclusive." if name in verdicts else f"Required facet {name} was not compared."
        for name in policy.required_facets
        if verdicts.get(name, Verdict.INCONCLUSIVE) is Verdict.INCONCLUSIVE
    ]
    thin = [facet.verdict is Verdict.INCONCLUSIVE for facet in facets]
    if doubts or verdict is not Verdict.INCONCLUSIVE or (any(thin) and not all(thin)):
        return doubts
    return ["The comparison as a whole is inconclusive."]


def _either(verdicts: Sequence[Verdict]) -> str:
    return " or ".join(verdict.value for verdict in verdicts)


def listed(names: Sequence[str]) -> str:
    """``names`` as a sentence lists them."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
