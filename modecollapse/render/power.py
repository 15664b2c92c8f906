"""What a base could reveal, for people, as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from modecollapse.quantities import percent
from modecollapse.render import story
from modecollapse.render.escape import for_terminal, one_line
from modecollapse.render.screen import LABEL_WIDTH, View, printed, section
from modecollapse.results.power import FacetOutlook, FacetPower, ModeOutlook, ModePower, Power

MODES_PER_FACET = 8
_NONE = "–"


def render(result: Power, view: View) -> str:
    """The result as text ending in a line feed; modes of which nothing can be promised only where ``view`` asks."""
    return printed(_blocks(result, view), view)


def _blocks(result: Power, view: View) -> Iterator[RenderableType]:
    yield Text(one_line(result.headline), "bold")
    yield Text(story.corpus(result.corpus), "dim")
    yield from ("", _facets(result))
    for facet in result.facets:
        yield from _modes(facet, result, view)
    yield from section("How to read it", list(_explained(result)))
    yield from section("Warnings", [f"{warning.message} [{warning.code}]" for warning in result.warnings])


def _facets(result: Power) -> Table:
    """A row per facet, each cell without and with sharpening."""
    table = _table("facet", "firm\nmodes", "removal found\nfrom a share of", "gate fails\nfrom", _needed(result))
    for facet in result.facets:
        table.add_row(
            Text(for_terminal(facet.name)),
            f"{facet.firm:,} of {len(facet.modes):,}",
            _pair(facet.outlooks, lambda outlook: _share(outlook.smallest_removal)),
            _pair(facet.outlooks, lambda outlook: _share(outlook.smallest_lost)),
            _pair(facet.outlooks, lambda outlook: _number(outlook.samples_needed)),
        )
    return table


def _modes(facet: FacetPower, result: Power, view: View) -> Iterator[RenderableType]:
    """The modes of one facet of which something can be said, largest first."""
    if not facet.modes:
        return
    seen = [mode for mode in facet.modes if mode.firm and any(map(_seen, mode.outlooks))]
    told = list(facet.modes) if view.every_mode else seen[:MODES_PER_FACET]
    yield from ("", _mode_table(facet, told, result))
    if view.every_mode:
        return
    unseen = sum(mode.firm for mode in facet.modes) - len(seen)
    rest = {
        f"{len(seen) - len(told):,} more, each of fewer texts": len(seen) > len(told),
        f"{unseen:,} firm ones of which no loss would be found": unseen > 0,
        f"{len(facet.modes) - facet.firm:,} of which nothing can be promised": facet.firm < len(facet.modes),
    }
    yield from (Text(f"  {line} (--all)", "dim") for line, said in rest.items() if said)


def _seen(outlook: ModeOutlook) -> bool:
    return outlook.smallest_loss is not None or outlook.samples_needed is not None


def _mode_table(facet: FacetPower, modes: Sequence[ModePower], result: Power) -> Table:
    titles = ("share", "smallest loss\nfound", _needed(result)) if modes else ()
    table = _table(Text(for_terminal(facet.name), "bold"), *titles)
    for mode in modes:
        table.add_row(
            Padding(Text(("" if mode.firm else "~ ") + one_line(mode.label)), (0, 0, 0, 2)),
            percent(mode.base_share.value),
            _pair(mode.outlooks, lambda outlook: _share(outlook.smallest_loss)),
            _pair(mode.outlooks, lambda outlook: _number(outlook.samples_needed)),
        )
    return table


def _table(first: Text | str, *titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold", max_width=LABEL_WIDTH)
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _needed(result: Power) -> str:
    return f"samples for a\nloss of {percent(result.loss)}"


def _pair(outlooks: Sequence[ModeOutlook] | Sequence[FacetOutlook], cell: Callable[..., str]) -> str:
    return " | ".join(cell(outlook) for outlook in outlooks)


def _share(value: float | None) -> str:
    return _NONE if value is None else percent(value)


def _number(value: int | None) -> str:
    return _NONE if value is None else f"{value:,}"


def _explained(result: Power) -> Iterator[str]:
    yield (
        "Left of the bar: the new model is as warm as the base. Right of it: strongly sharpened, by an inverse "
        "temperature of 1.5. A dash: never, or no such mode."
    )
    tolerance = percent(float(result.config["tolerance"]))
    yield (
        "Found: named as thinned or vanished, four times in five. The default gate fails for a loss beyond the "
        f"tolerance ({tolerance} of the texts) and for a mode that surely vanished; smaller losses are named and pass. "
        "Behind sharpening a loss of anything but openings stays an open question, until the base holds several "
        "temperatures or --reheated is given."
    )
    if any(facet.firm < len(facet.modes) for facet in result.facets):
        yield (
            "Firm: likely to be found again in other texts of the base, and not mostly the topic, persona or opening "
            "of one prompt. Of other modes nothing is promised: their removal may be found or not."
        )
    if not result.temperature_known:
        yield (
            "This base tells no temperature (that takes six prompts with eight samples or more, and openings that "
            "repeat): whatever is found stays an open question."
        )
    yield (
        "All this is simulated from shares fitted to this base. benchmarks/promised_power.py compares what is promised "
        "with what is found on real samples."
    )
