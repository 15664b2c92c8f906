"""Two reports on the same base: which modes were lost from one release to the next, and which came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modecollapse.findings import LOST, UNTOLD, findings, is_covered
from modecollapse.report import FacetReport, ModeReport, ModeVerdict, Report, Verdict


@dataclass(frozen=True)
class ModeChange:
    """One mode in both reports; a verdict or new share is None where that report does not have the mode."""

    finding: str
    label: str
    before: ModeVerdict | None
    after: ModeVerdict | None
    base_share: float
    share_before: float | None
    share_after: float | None


@dataclass(frozen=True)
class FacetChange:
    """The verdict on one facet in both reports; None where a report does not have the facet."""

    name: str
    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True)
class Difference:
    """What changed from the report ``before`` to the report ``after``.

    ``lost_since`` modes are missing now and were not, ``recovered_since`` the reverse, ``still_lost`` are missing in
    both; ``risen_since`` have taken over and had not. ``newly_compared`` are missing in facets that the earlier report
    does not have. Of ``open`` modes, missing before, the later report can't tell.
    ``same_base``: both reports rest on the same base rows; if not, the same mode may go by another id.
    """

    before: Verdict
    after: Verdict
    same_base: bool
    facets: Sequence[FacetChange]
    lost_since: Sequence[ModeChange]
    recovered_since: Sequence[ModeChange]
    still_lost: Sequence[ModeChange]
    risen_since: Sequence[ModeChange]
    open: Sequence[ModeChange]
    newly_compared: Sequence[ModeChange]


def difference(after: Report, before: Report) -> Difference:
    """What changed from the report ``before`` to the report ``after``; modes are matched by facet and id."""
    earlier, later = _modes(before), _modes(after)
    changes = {finding: _change(finding, earlier.get(finding), later.get(finding)) for finding in {**later, **earlier}}
    was = {finding for finding, mode in earlier.items() if mode.verdict in LOST}
    now = {finding for finding, mode in later.items() if mode.verdict in LOST}
    untold = {finding for finding in was - now if finding not in later or later[finding].verdict in UNTOLD}
    risen = _uncovered((_risen(after) & set(later)), after, _risen(before))
    compared = {facet.name for facet in before.facets}
    fresh = {finding for finding in now | risen if finding.rpartition(":")[0] not in compared}
    return Difference(
        before=before.verdict,
        after=after.verdict,
        same_base=before.corpora.base.sha256 == after.corpora.base.sha256,
        facets=_facets(before.facets, after.facets),
        lost_since=_sorted(changes, _uncovered(now - fresh, after, was)),
        recovered_since=_sorted(changes, was - now - untold),
        still_lost=_sorted(changes, was & now),
        risen_since=_sorted(changes, risen - fresh),
        open=_sorted(changes, untold),
        newly_compared=_sorted(changes, fresh),
    )


def _modes(report: Report) -> dict[str, ModeReport]:
    return {f"{facet.name}:{mode.id}": mode for facet in report.facets for mode in facet.modes}


def _risen(report: Report) -> set[str]:
    """Modes that took over: what makes a facet lost and is not itself missing."""
    missing = {finding for finding, mode in _modes(report).items() if mode.verdict in LOST}
    return {finding for facet in report.facets for finding in findings(facet)} - missing


def _uncovered(found: set[str], report: Report, by: set[str]) -> set[str]:
    """Findings of a report that those named in ``by`` don't account for: a part of what was lost is not lost since."""
    facets = {facet.name: facet for facet in report.facets}
    return {finding for finding in found if not is_covered(finding, facets[finding.rpartition(":")[0]], by)}


def _change(finding: str, before: ModeReport | None, after: ModeReport | None) -> ModeChange:
    named = after or before
    return ModeChange(
        finding=finding,
        label=named.label if named else finding,
        before=before.verdict if before else None,
        after=after.verdict if after else None,
        base_share=named.base_share.value if named else 0.0,
        share_before=before.new_share.value if before else None,
        share_after=after.new_share.value if after else None,
    )


def _facets(before: Sequence[FacetReport], after: Sequence[FacetReport]) -> list[FacetChange]:
    earlier, later = ({facet.name: facet.verdict for facet in facets} for facets in (before, after))
    return [FacetChange(name, earlier.get(name), later.get(name)) for name in {**later, **earlier}]


def _sorted(changes: dict[str, ModeChange], chosen: set[str]) -> list[ModeChange]:
    """Those that moved most first."""

    def moved(change: ModeChange) -> tuple[float, str]:
        before, after = (
            change.base_share if share is None else share for share in (change.share_before, change.share_after)
        )
        return -abs(after - before), change.finding

    return sorted((changes[finding] for finding in chosen), key=moved)
