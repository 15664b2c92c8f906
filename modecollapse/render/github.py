"""What a step of GitHub Actions prints: the headline, and annotations that show on the run and on the pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from modecollapse.render import story
from modecollapse.render.escape import for_annotation, for_annotation_property, for_workflow_log, shortened
from modecollapse.render.next_steps import next_steps
from modecollapse.render.standing import Standing, judged
from modecollapse.report import FacetReport, ModeReport, Outcome, Report, Verdict

MOST = 10
"""Annotations of one level that GitHub shows of a step."""

_LONGEST_LINE = 500
_LONGEST_TITLE = 80
_TEMPERATURE = (Verdict.SHARPENED, Verdict.FLATTENED)


class Level(Enum):
    """How loud an annotation is, as the workflow command is called."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True)
class Annotation:
    """A message of several lines under a title."""

    level: Level
    title: str
    lines: Sequence[str]

    def __str__(self) -> str:
        title = for_annotation_property(shortened(f"modecollapse: {self.title}", _LONGEST_TITLE))
        data = "%0A".join(for_annotation(shortened(line, _LONGEST_LINE)) for line in self.lines)
        return f"::{self.level.value} title={title}::{data}"


def render(report: Report) -> str:
    """Headline and gate in one line, then at most ten annotations of each level, the gravest first."""
    found = [*_gate(report), *_facets(report), *_lost_modes(report), *_cautions(report), *_temperature(report)]
    shown = [str(each) for level in Level for each in _most([each for each in found if each.level is level])]
    headline = for_workflow_log(f"{''.join(story.headline(report))} Gate: {report.gate.outcome.value}.")
    return "".join(f"{line}\n" for line in [headline, *shown])


def _most(annotations: Sequence[Annotation]) -> Sequence[Annotation]:
    """As many as GitHub shows; the last of them names the rest."""
    if len(annotations) <= MOST:
        return annotations
    rest = annotations[MOST - 1 :]
    more = Annotation(rest[0].level, f"{len(rest):,} more, see the report", [_listed([each.title for each in rest])])
    return [*annotations[: MOST - 1], more]


def _listed(titles: Sequence[str]) -> str:
    return "; ".join(shortened(title, _LONGEST_TITLE) for title in titles)


def _gate(report: Report) -> Iterator[Annotation]:
    outcome = report.gate.outcome
    if outcome is not Outcome.PASS:
        level, word = (Level.ERROR, "fails") if outcome is Outcome.FAIL else (Level.WARNING, "is inconclusive")
        yield Annotation(level, f"the gate {word}", [*report.gate.reasons, *next_steps(report)])


def _facets(report: Report) -> Iterator[Annotation]:
    for facet, _ in story.grouped(report.facets):
        found = judged(facet, report)
        if found.standing in _LEVELS:
            gravest = story.told(facet, report, most=1).modes if found.standing is Standing.FAILS else []
            lines = [f"{found.why}: {facet.headline}", *(line for mode in gravest for line in _texts(mode))]
            yield Annotation(_LEVELS[found.standing], f"{facet.name} is {facet.verdict.value}", lines)


_LEVELS = {
    Standing.FAILS: Level.ERROR,
    Standing.OPEN: Level.WARNING,
    Standing.LET_PASS: Level.WARNING,
    Standing.ACCEPTED: Level.NOTICE,
}


def _lost_modes(report: Report) -> Iterator[Annotation]:
    for facet in report.facets:
        if judged(facet, report).standing is Standing.FAILS:
            yield from (_lost_mode(facet, mode) for mode in story.lost(facet))


def _lost_mode(facet: FacetReport, mode: ModeReport) -> Annotation:
    title = f"{facet.name} “{mode.label}” {mode.verdict.value}"
    return Annotation(Level.ERROR, title, [story.in_words(mode), *_texts(mode)])


def _texts(mode: ModeReport) -> Iterator[str]:
    return (f"{side}: {text}" for side, text in story.texts(mode))


def _cautions(report: Report) -> Iterator[Annotation]:
    for loss in report.gate.stale:
        yield Annotation(Level.WARNING, "an accepted loss is gone", [f"{loss.finding} was accepted: {loss.reason}"])
    for warning in report.warnings:
        yield Annotation(Level.WARNING, warning.code, [warning.message])


def _temperature(report: Report) -> Iterator[Annotation]:
    if report.verdict in _TEMPERATURE:
        yield Annotation(Level.NOTICE, report.verdict.value, [report.headline, *next_steps(report)])
