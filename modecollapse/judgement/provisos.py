"""What holds a finding back, whatever shares say: log probabilities, truncation, and texts that were not read whole.

Each only ever weakens a finding; those for copies stand in ``copies``.

Where both sides have log probabilities, *sharpened* becomes inconclusive if one temperature surely explains less than
a quarter of how next tokens diverge, or the nearest is a higher one (95% intervals, six prompts, lists that hold 80%
of the new tokens).

Where rows say that only the new side's tail was cut off (top-p, top-k, min-p), *lost* by vanished or thinned modes
alone becomes inconclusive (``may-be-truncation``). Where a baseline without texts could not be read as the new texts
were, *collapsed*, *lost* and *shifted* languages, topics and personas become inconclusive (``read-as-frozen``). Where
nearly all new texts and hardly any of the base's end with the same three words or more, topics that would pass become
inconclusive (``ends-alike``). Where reasoning that does not end leaves more of the new texts without an answer, by
more than the tolerance, no facet passes (``unanswered``).
"""

from __future__ import annotations

from modecollapse.judgement.base import Finding
from modecollapse.judgement.evidence import TreeEvidence
from modecollapse.report import Verdict
from modecollapse.stats import collision

_EXPLAINED = 0.25
_COVERED = 0.8


def held_back(finding: Finding, tree: TreeEvidence) -> Finding:
    """*Sharpened* only where log probabilities, if there are any, do not say otherwise. Only ever weakens a finding."""
    if finding.verdict is Verdict.SHARPENED and contradicted(tree):
        return Finding(Verdict.INCONCLUSIVE, ("concentrated-unexplained",))
    return finding


def contradicted(tree: TreeEvidence) -> bool:
    """Next tokens, by distributions known to their cut, surely diverge otherwise than one lower temperature makes them.

    It explains less than a quarter, or the nearest temperature is a higher one.
    """
    found = tree.next_tokens.escort if tree.next_tokens else None
    if found is None or found.explained is None or found.p_value is not None:
        return False
    known = found.prompts >= collision.FEWEST_PROMPTS and found.covered >= _COVERED
    return known and (found.explained.high < _EXPLAINED or found.beta.high < 1)


def on_truncation(finding: Finding) -> Finding:
    """A finding where only the new side's tail was cut off: what is missing may be in the tail.

    A new mode, a replacement or single traces stay: cutting off keeps the order of what is left.
    """
    if finding.verdict is Verdict.LOST and finding.of_missing_modes:
        return Finding(Verdict.INCONCLUSIVE, ("may-be-truncation", *finding.reasons))
    return finding


def on_reading(finding: Finding, unlike: bool, ends_alike: bool) -> Finding:
    """A finding where texts were not read as they stand.

    Where a baseline without texts could not be read as the new side was, what changed may be that. Where nearly all new
    texts end with the same words, these were left out: to a model that says so itself that is no *unchanged*.
    """
    if unlike and finding.verdict in (Verdict.LOST, Verdict.COLLAPSED, Verdict.SHIFTED):
        return Finding(Verdict.INCONCLUSIVE, ("read-as-frozen", *finding.reasons))
    return _passing_no_more(finding, "ends-alike") if ends_alike else finding


def on_unanswered(finding: Finding) -> Finding:
    """A finding where more of the new texts than of the base's have no answer, by more than the tolerance.

    What they would have answered may be a mode that is lost: nothing passes.
    """
    return _passing_no_more(finding, "unanswered")


def _passing_no_more(finding: Finding, reason: str) -> Finding:
    if finding.verdict in (Verdict.LOST, Verdict.COLLAPSED, Verdict.INCONCLUSIVE):
        return finding
    return Finding(Verdict.INCONCLUSIVE, (reason, *finding.reasons))
