"""Report + policy → pass, fail or inconclusive, and the exit status that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from modecollapse.config import FACETS
from modecollapse.findings import (
    BY_NO_MODE,
    LOST,
    OPEN,
    UNTOLD,
    covering,
    findings,
    is_covered,
    may_have_lost,
    open_findings,
)
from modecollapse.policy import Policy
from modecollapse.quantities import percent
from modecollapse.report import (
    AcceptedLoss,
    Estimate,
    FacetReport,
    Gate,
    ModeReport,
    Outcome,
    Recovery,
    Report,
    Verdict,
)

EXIT_STATUS: Mapping[Outcome, int] = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 3}

_NO_PROMPTS = "no-common-prompts"


def gate(report: Report, policy: Policy | None = None) -> Gate:
    """What ``policy`` makes of a report; by default the one that it was made with."""
    import msgspec

    if policy is None:
        policy = msgspec.convert(report.config.get("gate", {}), Policy)
    return evaluate(report.verdict, report.facets, policy)


def evaluate(verdict: Verdict, facets: Sequence[FacetReport], policy: Policy) -> Gate:
    """What ``policy`` makes of the overall ``verdict`` and of the facets.

    *Fail* where a facet, or the whole, has a verdict that fails and not all that was found is accepted, or where a mode
    surely lost more than is allowed. Else, where the whole, a required facet or the size of a loss can't be judged,
    or modes are missing from any facet that a temperature may have taken, what the policy makes of thin evidence; else
    *pass*. Columns and facets of other packages are required once they were compared: who names one asks for an answer.
    A whole that is inconclusive for the sake of a facet that counts for nothing doesn't count. ``reasons`` are
    sentences, never empty.
    """
    policy = _with_additions(facets, policy)
    met, stale = _accepted(facets, policy)
    accepted = {loss.finding for loss in met}
    failures = [*_failures(verdict, facets, policy, accepted), *_large_losses(facets, policy, accepted)]
    doubts = [*_doubts(verdict, facets, policy, accepted), *_unsure_losses(facets, policy, accepted)]
    notes = [
        *(f"Accepted: {loss.finding} ({loss.reason}, {loss.date})." for loss in met),
        *(f"Stale: {loss.finding} was accepted and is no longer lost." for loss in stale),
    ]
    outcomes = [Outcome.FAIL] * len(failures) + [doubt.outcome for doubt in doubts]
    outcome = next((each for each in (Outcome.FAIL, Outcome.INCONCLUSIVE) if each in outcomes), Outcome.PASS)
    told = [*failures, *(doubt.told for doubt in doubts)] or [_fine(verdict, policy, accepted)]
    return Gate(outcome, [*told, *notes], met, stale)


def loss_beyond_temperature(mode: ModeReport) -> Estimate:
    """How much of all texts a mode lost beyond what temperature predicts, with a 95% interval.

    The difference of two shares by the square-and-add method (Newcombe 1998, method 10). 0 where temperature explains
    what is missing; from 0 on where that is undecided. Of a mode that reheating does not bring back: what is missing
    then, at equal temperature, with one-sided 95% bounds.
    """
    expected = mode.predicted_share or mode.base_share
    if mode.verdict not in (*LOST, *OPEN):
        return Estimate(0.0, (0.0, 0.0))
    if mode.recovery is Recovery.NOT_RECOVERED and mode.shortfall is not None:
        return mode.shortfall
    value = max(0.0, expected.value - mode.new_share.value)
    below = hypot(expected.value - expected.interval[0], mode.new_share.interval[1] - mode.new_share.value)
    above = hypot(expected.interval[1] - expected.value, mode.new_share.value - mode.new_share.interval[0])
    low = 0.0 if mode.verdict in OPEN else max(0.0, value - below)
    return Estimate(value, (low, min(1.0, value + above)))


@dataclass(frozen=True)
class _Doubt:
    """Something that can't be judged, and what that counts as."""

    reason: str
    outcome: Outcome

    @property
    def told(self) -> str:
        """The reason, and whether it counts."""
        return f"{self.reason} The policy lets that pass." if self.outcome is Outcome.PASS else self.reason


def _with_additions(facets: Sequence[FacetReport], policy: Policy) -> Policy:
    from dataclasses import replace

    added = [facet.name for facet in facets if facet.name not in FACETS]
    return replace(policy, required_facets=tuple(dict.fromkeys([*policy.required_facets, *added])))


def _accepted(facets: Sequence[FacetReport], policy: Policy) -> tuple[list[AcceptedLoss], list[AcceptedLoss]]:
    """The accepted losses that are there, and those that are not there any more; others can't be told."""
    if not policy.accepted_losses:
        return [], []
    there = {name for facet in facets for finding in _all_lost(facet) for name in covering(finding, facet)}
    back = {finding for facet in facets for finding in _not_lost(facet)} - there
    met = [loss for loss in policy.accepted_losses if loss.finding in there]
    return met, [loss for loss in policy.accepted_losses if loss.finding in back]


def _all_lost(facet: FacetReport) -> Iterator[str]:
    """All findings of a facet, what is in question, and modes that only made room for another."""
    yield from findings(facet)
    yield from open_findings(facet)
    yield from (f"{facet.name}:{mode.id}" for mode in facet.modes if mode.verdict in LOST)


def _not_lost(facet: FacetReport) -> Iterator[str]:
    """What could be a finding of the facet, and is surely none."""
    if facet.verdict is not Verdict.INCONCLUSIVE:
        yield from (f"{facet.name}:{reason}" for reason in BY_NO_MODE)
    yield from (f"{facet.name}:{mode.id}" for mode in facet.modes if mode.verdict not in (*LOST, *UNTOLD))


def _failures(verdict: Verdict, facets: Sequence[FacetReport], policy: Policy, accepted: set[str]) -> list[str]:
    by_name = {facet.name: facet for facet in facets}
    failing = [facet for facet in facets if facet.verdict in policy.fails_on(facet.name)]
    reasons = [
        f"Facet {facet.name} is {facet.verdict.value}{_follows(facet)}{_beyond(facet, accepted)}."
        for facet in failing
        if not _is_accepted(facet, by_name, accepted)
    ]
    explained = any(facet.verdict is verdict for facet in facets)
    if explained or verdict not in policy.fail_on:
        return reasons
    return [*reasons, f"The comparison as a whole is {verdict.value}."]


def _follows(facet: FacetReport) -> str:
    return f" (follows from {facet.caused_by.rpartition(':')[0]})" if facet.caused_by else ""


def _beyond(facet: FacetReport, accepted: set[str]) -> str:
    """What keeps a facet failing of which something is accepted."""
    found = findings(facet)
    left = [finding for finding in found if not is_covered(finding, facet, accepted)]
    return f"; not accepted: {', '.join(left)}" if left and len(left) < len(found) else ""


def _is_accepted(facet: FacetReport, facets: Mapping[str, FacetReport], accepted: set[str]) -> bool:
    """Whether all that was found in a facet is accepted, or all that it follows from."""
    found = findings(facet) or open_findings(facet)
    if found and all(is_covered(finding, facet, accepted) for finding in found):
        return True
    if facet.caused_by is None:
        return False
    cause = facets.get(facet.caused_by.rpartition(":")[0])
    if cause is None:
        return facet.caused_by in accepted
    others = {name: each for name, each in facets.items() if name != facet.name}
    return is_covered(facet.caused_by, cause, accepted) or _is_accepted(cause, others, accepted)


def _large_losses(facets: Sequence[FacetReport], policy: Policy, accepted: set[str]) -> list[str]:
    return [
        f"{_named(facet, mode)} surely lost {percent(loss.interval[0] or 0.0)} of all texts or more, "
        f"beyond the {percent(most)} allowed."
        for facet, mode, loss, most in _sizes(facets, policy, accepted)
        if (loss.interval[0] or 0.0) > most
    ]


def _unsure_losses(facets: Sequence[FacetReport], policy: Policy, accepted: set[str]) -> list[_Doubt]:
    return [
        _Doubt(
            f"{_named(facet, mode)} may have lost up to {percent(loss.interval[1] or 0.0)} of all texts, "
            f"beyond the {percent(most)} allowed.",
            policy.on_thin_evidence(facet.name),
        )
        for facet, mode, loss, most in _sizes(facets, policy, accepted)
        if (loss.interval[0] or 0.0) <= most < (loss.interval[1] or 0.0)
    ]


def _sizes(
    facets: Sequence[FacetReport], policy: Policy, accepted: set[str]
) -> Iterator[tuple[FacetReport, ModeReport, Estimate, float]]:
    """Each mode that is held to a largest loss, with its own loss and that."""
    for facet in facets:
        most = policy.largest_loss(facet.name)
        for mode in facet.modes if most is not None else ():
            if most is not None and not is_covered(f"{facet.name}:{mode.id}", facet, accepted):
                yield facet, mode, loss_beyond_temperature(mode), most


def _doubts(verdict: Verdict, facets: Sequence[FacetReport], policy: Policy, accepted: set[str]) -> list[_Doubt]:
    by_name = {facet.name: facet for facet in facets}
    verdicts = {facet.name: facet.verdict for facet in facets}
    doubts = [
        _Doubt(
            f"Required facet {name} {'is inconclusive' if name in verdicts else 'was not compared'}.",
            policy.on_thin_evidence(name),
        )
        for name in policy.required
        if verdicts.get(name, Verdict.INCONCLUSIVE) is Verdict.INCONCLUSIVE
    ]
    doubts += [
        _Doubt(f"Facet {facet.name} has changed, and that may be a loss.", policy.on_thin_evidence(facet.name))
        for facet in facets
        if may_have_lost(facet) and not _is_passed_over(facet.name, policy)
        if not _is_accepted(facet, by_name, accepted)
    ]
    if any(_NO_PROMPTS in facet.reasons for facet in facets):
        # Nothing was compared, which no policy on thin evidence lets pass: a prompt set that was renamed would.
        outcome = policy.inconclusive if policy.inconclusive is Outcome.FAIL else Outcome.INCONCLUSIVE
        return [*doubts, _Doubt("No prompt stands on both sides: nothing was compared.", outcome)]
    thin = [facet.verdict is Verdict.INCONCLUSIVE for facet in facets]
    if doubts or verdict is not Verdict.INCONCLUSIVE or (any(thin) and not all(thin)):
        return doubts
    return [_Doubt("The comparison as a whole is inconclusive.", policy.inconclusive)]


def _is_passed_over(name: str, policy: Policy) -> bool:
    """Whether doubts about the facet count for nothing, or are told of it as a required one already."""
    return name in policy.ignored_facets or policy.requires(name)


def _fine(verdict: Verdict, policy: Policy, accepted: set[str]) -> str:
    fails = " or ".join(word.value for word in policy.fail_on)
    beyond = " beyond what is accepted" if accepted else ""
    fine = f"no facet is {fails}{beyond}" if fails else "no verdict fails under this policy"
    judged = f", and {listed(policy.required)} could be judged" if policy.required else ""
    passes = {Verdict.SHARPENED: " Sharpening alone passes.", Verdict.FLATTENED: " Flattening alone passes."}
    return f"{fine}{judged}.".capitalize() + passes.get(verdict, "")


def _named(facet: FacetReport, mode: ModeReport) -> str:
    return f"{facet.name.capitalize()} “{mode.label}” ({facet.name}:{mode.id})"


def listed(names: Sequence[str]) -> str:
    """``names`` as a sentence lists them."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
