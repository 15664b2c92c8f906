"""All modes of a report as flat rows, the same for every format that machines read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from modecollapse.report import Estimate, FacetReport, ModeReport, Report, Share

Cell = str | int | float | None


def rows(report: Report) -> Iterator[dict[str, Cell]]:
    """One row per facet and mode, in the report's order; every row has the same columns, in the same order."""
    for facet in report.facets:
        for mode in facet.modes:
            yield {name: cell(facet, mode) for name, cell in COLUMNS.items()}


def _share(name: str, counted: bool = True) -> Mapping[str, Callable[[FacetReport, ModeReport], Cell]]:
    """The columns of a share: itself, the bounds of its interval and, where texts stand behind it, how many."""

    def part(take: Callable[[Share], Cell]) -> Callable[[FacetReport, ModeReport], Cell]:
        def cell(_: FacetReport, mode: ModeReport) -> Cell:
            share: Share | None = getattr(mode, name)
            return None if share is None else take(share)

        return cell

    count = {f"{name}_count": part(lambda share: share.count)} if counted else {}
    return {
        name: part(lambda share: share.value),
        f"{name}_low": part(lambda share: share.interval[0]),
        f"{name}_high": part(lambda share: share.interval[1]),
        **count,
    }


def _shortfall(take: Callable[[Estimate], Cell]) -> Callable[[FacetReport, ModeReport], Cell]:
    return lambda _, mode: None if mode.shortfall is None else take(mode.shortfall)


COLUMNS: Mapping[str, Callable[[FacetReport, ModeReport], Cell]] = {
    "finding": lambda facet, mode: f"{facet.name}:{mode.id}",
    "facet": lambda facet, _: facet.name,
    "facet_verdict": lambda facet, _: facet.verdict.value,
    "facet_caused_by": lambda facet, _: facet.caused_by,
    "id": lambda _, mode: mode.id,
    "label": lambda _, mode: mode.label,
    "level": lambda _, mode: mode.level,
    "verdict": lambda _, mode: mode.verdict.value,
    **_share("base_share"),
    **_share("new_share"),
    **_share("predicted_share", counted=False),
    "p_value": lambda _, mode: mode.p_value,
    "q_value": lambda _, mode: mode.q_value,
    "minimum_detectable_share": lambda _, mode: mode.minimum_detectable_share,
    "prompts_affected": lambda _, mode: mode.prompts_affected,
    "displaced_by": lambda _, mode: mode.displaced_by,
    **_share("ladder_share"),
    **_share("reheated_share"),
    "recovery": lambda _, mode: mode.recovery and mode.recovery.value,
    "shortfall": _shortfall(lambda estimate: estimate.value),
    "shortfall_low": _shortfall(lambda estimate: estimate.interval[0]),
    "shortfall_high": _shortfall(lambda estimate: estimate.interval[1]),
    **_share("elicited_share"),
    "reach": lambda _, mode: mode.reach and mode.reach.value,
    "description": lambda _, mode: mode.description,
    "within": lambda _, mode: mode.within,
}
"""Every column and what stands in it (``docs/formats.md``); new ones are added at the end."""
