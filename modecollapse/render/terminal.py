"""The report for people, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from modecollapse.render import story
from modecollapse.render.escape import for_terminal, one_line
from modecollapse.render.next_steps import next_steps
from modecollapse.render.screen import EXAMPLE_WIDTH, LABEL_WIDTH, ROOMY, View, printed, section, word
from modecollapse.report import (
    FacetReport,
    ModeReport,
    Report,
    Verdict,
)


def render(report: Report, view: View) -> str:
    """The report as text ending in a line feed."""
    return printed(_blocks(report, view), view)


def render_gate(report: Report, *, color: bool = False) -> str:
    """Only what the gate says: its outcome and reasons, one line."""
    return printed(_gate(report), View(color=color))


def _blocks(report: Report, view: View) -> Iterator[RenderableType]:
    yield _first_line(report)
    yield Text(story.evidence(report))
    notes = [*story.temperature_notes(report), story.error_rates(report), story.corpora(report)]
    yield from (Text(note, "dim") for note in notes if note)
    yield from ("", _facet_table(report, view))
    for facet, _ in story.grouped(report.facets):
        yield from _modes(facet, report, view)
    if view.details:
        yield from section("Tests", list(story.tests(report)))
        yield from section("Skipped lines", list(story.skipped_lines(report)))
    yield from section(story.FORM, story.form(report))
    yield from section("Warnings", [f"{warning.message} [{warning.code}]" for warning in report.warnings])
    yield from section("Next", next_steps(report))
    yield ""
    yield from _gate(report)


def _first_line(report: Report) -> Text:
    first, rest = story.headline(report)
    return Text.assemble(word(report.verdict, first), (rest, "bold"))


def _facet_table(report: Report, view: View) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("facet", overflow="fold")
    table.add_column("verdict", no_wrap=True, min_width=len(Verdict.INCONCLUSIVE.value))
    title = "effective modes" if view.cells >= ROOMY else "effective\nmodes"
    table.add_column(title, justify="right", overflow="fold")
    table.add_column("", overflow="fold")
    for facet, depth in story.grouped(report.facets):
        branch = "  " * (depth - 1) + "└ " if depth else ""
        said = Text(one_line(facet.headline))
        if facet.caused_by:
            said.append(f" (follows from {story.cause(facet.caused_by, report)})", "dim")
        table.add_row(Text(branch + for_terminal(facet.name)), word(facet.verdict), story.effective(facet), said)
    return table


def _modes(facet: FacetReport, report: Report, view: View) -> Iterator[RenderableType]:
    """The changed modes of one facet, each with a text from either side."""
    found = story.told(facet, report, every_mode=view.every_mode)
    if found.modes:
        yield from ("", *_mode_tables(facet, found.modes, view))
    if found.alike:
        yield ""
        yield from (Text(line, "dim") for line in found.alike)
    if found.untold:
        yield from ("", Text(f"{found.untold} not listed (--all)", "dim"))


def _mode_tables(facet: FacetReport, modes: Sequence[ModeReport], view: View) -> Iterator[RenderableType]:
    """One table per mode with the same widths, so that examples can stand between the rows."""
    roomy = view.cells >= ROOMY
    columns = [
        column for column in story.COLUMNS if (roomy or not column.roomy) and any(column.cell(mode) for mode in modes)
    ]
    widths = [max(len(column.title), *(len(column.cell(mode)) for mode in modes)) for column in columns]
    labels = [Text(one_line(mode.label)) for mode in modes]
    heading = Text(for_terminal(facet.name), "bold")
    left = min(view.cells - sum(widths) - 2 * len(widths), LABEL_WIDTH)
    first = min(left, max(label.cell_len for label in [heading, *labels]) + 2)

    def row(label: RenderableType, cells: Sequence[Text]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(width=first, overflow="fold")
        for width, column in zip(widths, columns, strict=True):
            table.add_column(width=width, justify="left" if column is story.COLUMNS[-1] else "right", overflow="fold")
        table.add_row(label, *cells)
        return table

    yield row(heading, [Text(column.title, "dim") for column in columns])
    for mode, label in zip(modes, labels, strict=True):
        cells = [Text(column.cell(mode)) for column in columns[:-1]]
        yield row(Padding(label, (0, 0, 0, 2)), [*cells, word(mode.verdict)])
        yield from _examples(mode, view)


def _examples(mode: ModeReport, view: View) -> Iterator[Text]:
    room = min(view.cells, EXAMPLE_WIDTH)
    for side, text in story.texts(mode):
        line = Text(f"      {side:<4}  {text}", "dim", no_wrap=True)
        line.truncate(room, overflow="ellipsis")
        yield line


def _gate(report: Report) -> Iterator[Text]:
    outcome = word(report.gate.outcome, f"Gate: {report.gate.outcome.value}.")
    yield Text.assemble(outcome, " ", one_line(" ".join(report.gate.reasons)))
