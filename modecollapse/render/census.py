"""The census of a corpus for people, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from modecollapse.quantities import percent
from modecollapse.render import story
from modecollapse.render.escape import for_terminal, one_line
from modecollapse.render.screen import EXAMPLE_WIDTH, LABEL_WIDTH, View, printed, section
from modecollapse.results.census import Census, CensusFacet, CensusMode, Cut

MODES_PER_TABLE = 8
_SHARE, _PROMPTS = "share (95% interval)", "prompts"
_COMES_AND_GOES = 0.5
"""Stability below which no finding of ``compare`` is built on a mode."""


def render(result: Census, view: View) -> str:
    """The result as text ending in a line feed; every mode of every level only where ``view`` asks."""
    return printed(_blocks(result, view), view)


def _blocks(result: Census, view: View) -> Iterator[RenderableType]:
    yield Text(one_line(result.headline), "bold")
    yield Text(one_line(result.corpus.name), "dim")
    for facet in result.facets:
        yield from _facet(facet, view)
    if any(map(_unstable, (mode for facet in result.facets for mode in facet.modes))):
        yield from (
            "",
            Text("~ comes and goes: another sample may have no such mode, and no loss of it is told.", "dim"),
        )
    yield from section("Warnings", [f"{warning.message} [{warning.code}]" for warning in result.warnings])


def _facet(facet: CensusFacet, view: View) -> Iterator[RenderableType]:
    if not facet.modes:
        yield from ("", Text.assemble((for_terminal(facet.name), "bold"), (": no modes", "dim")))
    cuts = {cut.level: cut for cut in facet.cuts}
    modes = [mode for mode in facet.modes if view.every_mode or mode.level in cuts]
    ids = {mode.id for mode in modes}
    roots = [mode for mode in modes if mode.parent not in ids]
    for level in sorted({mode.level for mode in roots}):
        lines = list(_tree([mode for mode in roots if mode.level == level], modes))
        told = lines if view.every_mode else lines[:MODES_PER_TABLE]
        yield from ("", *_table(facet, cuts.get(level), told, view))
        if len(lines) > len(told):
            yield Text(f"  {len(lines) - len(told):,} more, each of fewer texts (--all)", "dim")


def _tree(roots: Sequence[CensusMode], modes: Sequence[CensusMode], depth: int = 0) -> Iterator[tuple[int, CensusMode]]:
    """Each mode with its depth, those that it contains after it."""
    for mode in roots:
        yield depth, mode
        yield from _tree([inner for inner in modes if inner.parent == mode.id], modes, depth + 1)


def _table(
    facet: CensusFacet, cut: Cut | None, modes: Sequence[tuple[int, CensusMode]], view: View
) -> Iterator[RenderableType]:
    """One table per mode with the same widths, so that examples can stand between the rows."""
    shares = [story.share(mode.share) for _, mode in modes]
    widths = [max(len(_SHARE), *map(len, shares)), len(_PROMPTS)]
    labels = [Text("  " * depth + ("~ " if _unstable(mode) else "") + one_line(mode.label)) for depth, mode in modes]
    heading = Text(for_terminal(facet.name), "bold")
    left = min(view.cells - sum(widths) - 4, LABEL_WIDTH)
    first = min(left, max(label.cell_len for label in [heading, *labels]) + 2)

    def row(label: RenderableType, cells: Sequence[Text]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(width=first, overflow="fold")
        for width in widths:
            table.add_column(width=width, justify="right", overflow="fold")
        table.add_row(label, *cells)
        return table

    yield row(heading, [Text(_SHARE, "dim"), Text(_PROMPTS, "dim")])
    if cut is not None and cut.modes > 1 and facet.name != "degeneration":
        yield Padding(Text(_diversity(cut), "dim"), (0, 0, 0, 2))
    for (_, mode), label, share in zip(modes, labels, shares, strict=True):
        yield row(Padding(label, (0, 0, 0, 2)), [Text(share), Text(f"{mode.prompts:,}")])
        for example in mode.examples[:1]:
            line = Text(f"      {one_line(example.text) or '(empty)'}", "dim", no_wrap=True)
            line.truncate(min(view.cells, EXAMPLE_WIDTH), overflow="ellipsis")
            yield line


def _unstable(mode: CensusMode) -> bool:
    return mode.stability is not None and mode.stability < _COMES_AND_GOES


def _diversity(cut: Cut) -> str:
    value, (low, high) = cut.effective_modes.value, cut.effective_modes.interval
    span = "" if low is None or high is None else f" ({story.number(low)}–{story.number(high)})"
    among = "" if cut.placed > 1 - 1e-9 else f"{percent(cut.placed)} of the texts have one of these; they are "
    effective = "" if value is None else f"{among}as diverse as {story.number(value)}{span} equally common modes"
    half = "" if cut.half_in is None else f"half of the texts are in {cut.half_in:,}"
    return "; ".join(filter(None, [effective, half]))
