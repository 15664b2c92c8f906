"""The report for people, as text for a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from modecollapse.render.escape import for_terminal, one_line
from modecollapse.render.next_steps import next_steps
from modecollapse.report import (
    CorpusSummary,
    Estimate,
    Evidence,
    FacetReport,
    ModeReport,
    ModeVerdict,
    Outcome,
    Report,
    Share,
    Verdict,
)

UNBOUNDED = 10_000
EXAMPLE_WIDTH = 120
MODES_PER_FACET = 6
LABEL_WIDTH = 60
ROOMY = 100
NARROWEST = 60

_STYLES: Mapping[str, str] = {
    Verdict.UNCHANGED: "green",
    Verdict.SHARPENED: "cyan",
    Verdict.FLATTENED: "cyan",
    Verdict.SHIFTED: "yellow",
    Verdict.LOST: "bold red",
    Verdict.COLLAPSED: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
    ModeVerdict.VANISHED: "bold red",
    ModeVerdict.THINNED: "red",
    ModeVerdict.EMERGED: "yellow",
    ModeVerdict.AMPLIFIED: "yellow",
    ModeVerdict.UNDECIDED: "magenta",
    ModeVerdict.ABSENT_SHARPENED: "cyan",
    ModeVerdict.RECOVERED: "green",
    Outcome.PASS: "bold green",
    Outcome.FAIL: "bold red",
    Outcome.INCONCLUSIVE: "bold magenta",
}
_UNCHANGED = (ModeVerdict.KEPT, ModeVerdict.UNDETECTABLE)
_FIRST = (
    *(ModeVerdict.VANISHED, ModeVerdict.THINNED, ModeVerdict.UNDECIDED),
    *(ModeVerdict.EMERGED, ModeVerdict.AMPLIFIED),
)
_RESTS_ON: Mapping[Evidence, str] = {
    Evidence.TEXT: "the texts alone",
    Evidence.TOKEN_IDS: "token ids",
    Evidence.LOGPROBS: "log probabilities",
    Evidence.LADDER: "the base at several temperatures",
    Evidence.REHEATED: "the new model reheated",
    Evidence.ELICITED: "the new model asked for the lost modes",
}


@dataclass(frozen=True)
class View:
    """How to show a report.

    ``width`` is in cells, taken as 60 where it is less (tables would fall into letters); None means as wide as the
    content asks for.
    """

    width: int | None = None
    color: bool = False
    every_mode: bool = False
    details: bool = False

    @property
    def cells(self) -> int:
        """The width to lay out for."""
        return UNBOUNDED if self.width is None else max(self.width, NARROWEST)


def render(report: Report, view: View) -> str:
    """The report as text ending in a line feed; escape sequences only for colour, and only where ``view`` asks."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=view.cells,
        force_terminal=view.color,
        color_system="standard" if view.color else None,
        no_color=not view.color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    for block in _blocks(report, view):
        console.print(block)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def render_gate(report: Report, *, color: bool = False) -> str:
    """Only what the gate says: its outcome and reasons, one line each."""
    console = Console(file=io.StringIO(), width=UNBOUNDED, force_terminal=color, no_color=not color, highlight=False)
    with console.capture() as capture:
        for line in _gate(report):
            console.print(line)
    return capture.get()


def _blocks(report: Report, view: View) -> Iterator[RenderableType]:
    yield _first_line(report)
    yield from _evidence(report)
    yield from _error_rates(report)
    yield Text(f"{_corpus(report.corpora.base)} → {_corpus(report.corpora.new)}", "dim")
    yield from ("", _facet_table(report, view))
    for facet, _ in _grouped(report.facets):
        yield from _modes(facet, report, view)
    if view.details:
        yield from _details(report)
    yield from _section("Warnings", [f"{warning.message} [{warning.code}]" for warning in report.warnings])
    yield from _section("Next", next_steps(report))
    yield ""
    yield from _gate(report)


def _first_line(report: Report) -> Text:
    """The headline; where its first clause doesn't have the verdict's word, that word before it."""
    headline = one_line(report.headline)
    clause = re.split("[:,.]", headline, maxsplit=1)[0]
    rest = headline.removeprefix(clause)
    if report.verdict.value in clause.lower():
        return Text.assemble(_word(report.verdict, clause), (rest, "bold"))
    return Text.assemble(_word(report.verdict, report.verdict.value.capitalize()), (f": {clause}{rest}", "bold"))


def _word(key: str, shown: str | None = None) -> Text:
    return Text(shown or str(getattr(key, "value", key)), _STYLES.get(key, ""))


def _evidence(report: Report) -> Iterator[Text]:
    temperature = report.temperature
    parts = [f"Evidence: {_RESTS_ON[temperature.evidence]}."]
    if temperature.inverse_temperature is None:
        parts += [one_line(note) for note in temperature.notes] or ["The temperature can't be estimated."]
        yield Text(" ".join(parts))
        return
    parts.append(f"Inverse temperature {_estimate(Estimate(temperature.inverse_temperature, temperature.interval))}.")
    if temperature.explained_fraction is not None:
        parts.append(f"Temperature explains {temperature.explained_fraction:.0%} of the change.")
    yield Text(" ".join(parts))
    yield from (Text(one_line(note), "dim") for note in temperature.notes)


def _error_rates(report: Report) -> Iterator[Text]:
    rates = report.error_rates
    if rates is None or not rates.false_losses.tried:
        return
    weak = rates.weak_losses_found
    also = f", {weak.count} of {weak.tried} where three rows in ten had changed" if weak.tried else ""
    yield Text(
        f"In the study at {rates.samples} samples × {rates.prompts} prompts, {rates.false_losses.count} of "
        f"{rates.false_losses.tried} unharmed pairs were called lost, and {rates.losses_found.count} of "
        f"{rates.losses_found.tried} losses were found{also}.",
        "dim",
    )


def _corpus(corpus: CorpusSummary) -> str:
    skipped = f", {len(corpus.skipped):,} lines skipped" if corpus.skipped else ""
    return f"{for_terminal(corpus.name)}: {corpus.used:,} texts, {corpus.prompts:,} prompts{skipped}"


def _facet_table(report: Report, view: View) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("facet", overflow="fold")
    table.add_column("verdict", no_wrap=True, min_width=len(Verdict.INCONCLUSIVE.value))
    title = "effective modes" if view.cells >= ROOMY else "effective\nmodes"
    table.add_column(title, justify="right", overflow="fold")
    table.add_column("", overflow="fold")
    for facet, depth in _grouped(report.facets):
        branch = "  " * (depth - 1) + "└ " if depth else ""
        said = Text(one_line(facet.headline))
        if facet.caused_by:
            said.append(f" (follows from {_cause(facet.caused_by, report)})", "dim")
        table.add_row(Text(branch + for_terminal(facet.name)), _word(facet.verdict), _effective(facet), said)
    return table


def _grouped(facets: Sequence[FacetReport]) -> list[tuple[FacetReport, int]]:
    """Facets with their depth, each beneath the facet that caused it; in a circle of causes the first comes first."""
    names = {facet.name for facet in facets}
    placed: dict[str, tuple[FacetReport, int]] = {}

    def place(facet: FacetReport, depth: int) -> None:
        if facet.name in placed:
            return
        placed[facet.name] = (facet, depth)
        for other in facets:
            if _cause_facet(other) == facet.name:
                place(other, depth + 1)

    for facet in facets:
        if _cause_facet(facet) not in names:
            place(facet, 0)
    for facet in facets:
        place(facet, 0)
    return list(placed.values())


def _cause_facet(facet: FacetReport) -> str | None:
    return facet.caused_by.rpartition(":")[0] if facet.caused_by else None


def _cause(finding: str, report: Report) -> str:
    """``facet:mode-id`` in words."""
    name, _, mode_id = finding.rpartition(":")
    labels = {mode.id: mode.label for facet in report.facets if facet.name == name for mode in facet.modes}
    return f"{for_terminal(name)} “{one_line(labels.get(mode_id, mode_id))}”"


def _effective(facet: FacetReport) -> str:
    modes = facet.effective_modes
    if modes is None or modes.base.value is None or modes.new.value is None:
        return ""
    return f"{_number(modes.base.value)} → {_number(modes.new.value)}"


@dataclass(frozen=True)
class Column:
    """A column of the table of modes; a ``roomy`` one is shown only where there is room."""

    title: str
    cell: Callable[[ModeReport], str]
    roomy: bool = False


_COLUMNS = (
    Column("base → new", lambda mode: f"{_percent(mode.base_share.value)} → {_percent(mode.new_share.value)}"),
    Column("predicted", lambda mode: _share(mode.predicted_share)),
    Column("reheated", lambda mode: _share(mode.reheated_share)),
    Column("elicited", lambda mode: _share(mode.elicited_share)),
    Column("prompts", lambda mode: f"{mode.prompts_affected:,}" if mode.prompts_affected else "", roomy=True),
    Column("verdict", lambda mode: mode.verdict.value),
)


def _modes(facet: FacetReport, report: Report, view: View) -> Iterator[RenderableType]:
    """The changed modes of one facet, each with a text from either side; those beyond temperature, or in doubt, first.

    One collapse is told once: modes that only made room for another, or whose facet only follows another, are counted.
    """
    changed = sorted((mode for mode in facet.modes if mode.verdict not in _UNCHANGED), key=_gravity)
    if view.every_mode:
        shown = sorted(facet.modes, key=_gravity)
    else:
        shown = [] if facet.caused_by else [mode for mode in changed if mode.displaced_by is None][:MODES_PER_FACET]
    if shown:
        yield from ("", *_mode_tables(facet, shown, view))
    hidden = [mode for mode in changed if mode not in shown]
    if hidden:
        yield from ("", Text(f"{for_terminal(facet.name)}: {_untold(facet, hidden, report)} not listed (--all)", "dim"))


def _untold(facet: FacetReport, hidden: Sequence[ModeReport], report: Report) -> str:
    what = f"{len(hidden):,} changed mode{'s' if len(hidden) > 1 else ''}"
    if facet.caused_by:
        return f"{what} beneath {_cause(facet.caused_by, report)}"
    displaced = sum(mode.displaced_by is not None for mode in hidden)
    parts = [f"{displaced:,} displaced by another"] if displaced else []
    parts += [f"{len(hidden) - displaced:,} with smaller changes"] if displaced < len(hidden) else []
    return f"{what} ({', '.join(parts)})"


def _gravity(mode: ModeReport) -> tuple[bool, bool, float, str]:
    expected = mode.predicted_share or mode.base_share
    distance = abs(mode.new_share.value - expected.value)
    return mode.verdict in _UNCHANGED, mode.verdict not in _FIRST, -distance, mode.id


def _mode_tables(facet: FacetReport, modes: Sequence[ModeReport], view: View) -> Iterator[RenderableType]:
    """One table per mode with the same widths, so that examples can stand between the rows."""
    roomy = view.cells >= ROOMY
    columns = [
        column for column in _COLUMNS if (roomy or not column.roomy) and any(column.cell(mode) for mode in modes)
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
            table.add_column(width=width, justify="left" if column is _COLUMNS[-1] else "right", overflow="fold")
        table.add_row(label, *cells)
        return table

    yield row(heading, [Text(column.title, "dim") for column in columns])
    for mode, label in zip(modes, labels, strict=True):
        cells = [Text(column.cell(mode)) for column in columns[:-1]]
        yield row(Padding(label, (0, 0, 0, 2)), [*cells, _word(mode.verdict)])
        yield from _examples(mode, view)


def _examples(mode: ModeReport, view: View) -> Iterator[Text]:
    room = min(view.cells, EXAMPLE_WIDTH)
    for side, examples in (("base", mode.examples.base), ("new", mode.examples.new)):
        for example in examples[:1]:
            line = Text(f"      {side:<4}  {one_line(example.text) or '(empty)'}", "dim", no_wrap=True)
            line.truncate(room, overflow="ellipsis")
            yield line


def _details(report: Report) -> Iterator[RenderableType]:
    """Tests and skipped lines: what ``-v`` adds."""
    tests = [
        f"{facet.name}  {test.name}: p {_p(test.p_value)}, null: {test.null}"
        for facet in report.facets
        for test in facet.tests
    ]
    yield from _section("Tests", tests)
    skipped = [
        f"{corpus.name}:{row.line}: {row.reason}"
        for corpus in (report.corpora.base, report.corpora.new)
        for row in corpus.skipped
    ]
    yield from _section("Skipped lines", skipped)


def _section(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    if not lines:
        return
    yield from ("", Text(title, "bold"))
    for line in lines:
        yield Padding(Text(one_line(line)), (0, 0, 0, 2), expand=False)


def _gate(report: Report) -> Iterator[Text]:
    word = _word(report.gate.outcome, f"Gate: {report.gate.outcome.value}.")
    yield Text.assemble(word, " ", one_line(" ".join(report.gate.reasons)))


def _percent(share: float) -> str:
    if share <= 0:
        return "0%"
    if share < 0.001 or 0.999 < share < 1:
        return "<0.1%" if share < 0.5 else ">99.9%"
    return f"{share:.1%}" if share < 0.0995 or 0.995 <= share < 1 else f"{share:.0%}"


def _share(share: Share | None) -> str:
    if share is None:
        return ""
    value, low, high = (_percent(part) for part in (share.value, *share.interval))
    return value if low == high == value else f"{value} ({low.rstrip('%')}–{high})"


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _estimate(estimate: Estimate) -> str:
    low, high = estimate.interval
    value = "–" if estimate.value is None else f"{estimate.value:.2f}"
    if low is not None and high is not None:
        return f"{value} (95% interval {low:.2f}–{high:.2f})"
    return f"{value} (at least {low:.2f})" if low is not None else value


def _p(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}"
