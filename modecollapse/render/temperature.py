"""The temperature of a pair for people, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from modecollapse.render import story
from modecollapse.render.escape import one_line
from modecollapse.render.screen import View, printed, section
from modecollapse.report import CorpusSummary, Temperature
from modecollapse.results.temperature import TemperatureReport


def render(result: TemperatureReport, view: View) -> str:
    """The result as text ending in a line feed."""
    return printed(_blocks(result), view)


def _blocks(result: TemperatureReport) -> Iterator[RenderableType]:
    found = result.temperature
    yield Text(one_line(result.headline), "bold")
    stated = found.inverse_temperature is not None
    yield Text(story.evidence_of(found) if stated else _without(found))
    if stated:
        yield from (Text(one_line(note), "dim") for note in found.notes)
    yield Text(f"{_corpus(result.corpora.base)} → {_corpus(result.corpora.new)}", "dim")
    yield from section("Warnings", [f"{warning.message} [{warning.code}]" for warning in result.warnings])
    yield from section("Next", list(_next(result)))


def _without(found: Temperature) -> str:
    """Where a temperature was looked for; why there is none stands in the first line."""
    explained = found.explained_fraction
    nearest = "" if explained is None else f" The nearest one would explain {explained:.0%} of the change."
    return f"Evidence: {story.RESTS_ON[found.evidence]}.{nearest}"


def _corpus(corpus: CorpusSummary) -> str:
    """The corpus, with the one temperature that it was sampled at where its rows tell it."""
    known = list(corpus.temperatures)
    return story.corpus(corpus) + (f", T = {one_line(known[0])}" if len(known) == 1 and known != ["unknown"] else "")


def _next(result: TemperatureReport) -> Iterator[str]:
    wanted, halfway = result.temperature.recovery_temperature, result.temperature.halfway
    if wanted.value is not None:
        retrained = f" If it was retrained, begin at {halfway:.2f}: the rest of its texts often takes less."
        cooled = result.corpora.base.temperatures.keys() != result.corpora.new.temperatures.keys()
        yield (
            f"Sample the new model at T = {story.temperature(wanted)} to give its openings the base's spread."
            f"{'' if cooled else retrained}"
        )
    if result.temperature.inverse_temperature is None or wanted.value is not None:
        yield "What became of languages, topics, personas and openings is what modecollapse compare tells."
