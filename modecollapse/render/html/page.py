"""What the page shows, chosen and in order; the words are those of ``story``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modecollapse.render import story
from modecollapse.render.escape import one_line
from modecollapse.render.html import pictures
from modecollapse.render.next_steps import next_steps
from modecollapse.report import (
    CorpusSummary,
    Estimate,
    FacetReport,
    ModeReport,
    ModeVerdict,
    Outcome,
    Report,
    Verdict,
    encode,
)

SKIPPED_LINES = 200
_STEADY_MODES = 3
_TONES: Mapping[str, str] = {
    **dict.fromkeys((Verdict.LOST, Verdict.COLLAPSED, ModeVerdict.VANISHED, ModeVerdict.THINNED, Outcome.FAIL), "loss"),
    **dict.fromkeys((Verdict.SHIFTED, ModeVerdict.AMPLIFIED, ModeVerdict.EMERGED), "rise"),
    **dict.fromkeys((*(Verdict.SHARPENED, Verdict.FLATTENED), *(ModeVerdict.SHARPENED, ModeVerdict.FLATTENED)), "heat"),
    ModeVerdict.ABSENT_SHARPENED: "heat",
    **dict.fromkeys((Verdict.UNCHANGED, ModeVerdict.RECOVERED, Outcome.PASS), "calm"),
    **dict.fromkeys((Verdict.INCONCLUSIVE, ModeVerdict.CHANGED, ModeVerdict.UNDECIDED, Outcome.INCONCLUSIVE), "open"),
}


def tone(word: str) -> str:
    """The colour of a verdict or outcome, as a class of the style sheet."""
    return _TONES.get(word, "plain")


@dataclass(frozen=True)
class FacetPart:
    """One facet on the page: ``drawn`` modes have a row in its picture, ``told`` ones their texts."""

    anchor: str
    facet: FacetReport
    depth: int
    cause: str | None
    told: Sequence[ModeReport]
    drawn: Sequence[ModeReport]
    untold: str | None
    alike: Sequence[str]


@dataclass(frozen=True)
class Culprit:
    """The mode to look at first; ``displaced`` is one whose place it took, where the base has no text of its own."""

    facet: FacetReport
    mode: ModeReport
    displaced: ModeReport | None


@dataclass(frozen=True)
class Page:
    """The page's parts that a template could not choose by itself."""

    title: str
    facets: Sequence[FacetPart]
    culprit: Culprit | None
    map: pictures.Map | None
    temperature: pictures.TemperatureAxis | None
    steps: Sequence[str]
    skipped: Sequence[str]
    skipped_more: int


def of(report: Report) -> Page:
    """The page of a report."""
    skipped = list(story.skipped_lines(report))
    names = f"{report.corpora.base.name} → {report.corpora.new.name}"
    return Page(
        title=f"{report.verdict.value.capitalize()}: {names} – modecollapse",
        facets=[
            _part(f"facet-{number}", facet, depth, report)
            for number, (facet, depth) in enumerate(story.grouped(report.facets), 1)
        ],
        culprit=_culprit(report),
        map=pictures.corpus_map(report),
        temperature=pictures.temperature_axis(report.temperature),
        steps=next_steps(report),
        skipped=skipped[:SKIPPED_LINES],
        skipped_more=len(skipped) - SKIPPED_LINES,
    )


def _culprit(report: Report) -> Culprit | None:
    found = story.culprit(report)
    if found is None:
        return None
    facet, mode = found
    gave_way = (other for other in facet.modes if other.displaced_by == mode.id and other.examples.base)
    return Culprit(facet, mode, None if mode.examples.base else next(gave_way, None))


def _part(anchor: str, facet: FacetReport, depth: int, report: Report) -> FacetPart:
    found = story.told(facet, report)
    cause = story.cause(facet.caused_by, report) if facet.caused_by else None
    heading = f"{one_line(facet.name)}: "  # stands above it
    untold = found.untold and found.untold.removeprefix(heading)
    alike = [line.removeprefix(heading) for line in found.alike]
    return FacetPart(anchor, facet, depth, cause, found.modes, found.modes or _steady(facet), untold, alike)


def _steady(facet: FacetReport) -> Sequence[ModeReport]:
    """What to draw of a facet with nothing to tell: those modes of one level that moved most; one of a follower."""
    if facet.caused_by:
        return sorted(facet.modes, key=story.gravity)[:1]
    there = [mode for mode in facet.modes if max(mode.base_share.value, mode.new_share.value) > 0]
    return [mode for mode in there if mode.level == there[0].level][:_STEADY_MODES]


def all_modes(page: Page) -> Iterator[tuple[FacetReport, ModeReport]]:
    """Every mode of every facet, the gravest of each first."""
    for part in page.facets:
        yield from ((part.facet, mode) for mode in sorted(part.facet.modes, key=story.gravity))


def cause_facet(facet: FacetReport) -> str:
    """The name of the facet that this one follows from."""
    return (facet.caused_by or "").rpartition(":")[0]


def corpora(report: Report) -> Sequence[tuple[str, CorpusSummary]]:
    """Every corpus that took part, by its role."""
    roles = ("base", "new", "reheated", "elicited")
    return [(role, corpus) for role in roles if (corpus := getattr(report.corpora, role)) is not None]


def fields(corpus: CorpusSummary) -> str:
    """Which fields of the rows were taken."""
    taken = corpus.fields
    named = {"text": taken.text, "prompt": taken.prompt, "temperature": taken.temperature, "dialect": taken.dialect}
    return ", ".join(f"{name}: {value}" for name, value in named.items() if value)


def inverse_temperature(report: Report) -> Estimate:
    """The inverse temperature with its interval."""
    return Estimate(report.temperature.inverse_temperature, report.temperature.interval)


def warmth(report: Report) -> str:
    """On which side of unchanged the inverse temperature lies, in words."""
    value, (low, high) = report.temperature.inverse_temperature, report.temperature.interval
    like = f"the new model is like the base sampled at T = {1 / value:.2f}" if value else "no temperature"
    if low is not None and low > 1:
        return f"cooler. In its openings {like}."
    if high is not None and high < 1:
        return f"hotter. In its openings {like}."
    return "neither cooler nor hotter for sure, as 1 lies within the interval."


def settings(values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Names and values as JSON writes them, strings without their quotes."""
    return [(name, value if isinstance(value, str) else encode(value, None)) for name, value in values.items()]


def counted(values: Mapping[str, float]) -> str:
    """A small mapping in words: ``min: 60, max: 60``."""
    return ", ".join(f"{name}: {value:,g}" for name, value in values.items())
