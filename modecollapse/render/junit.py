"""The report as JUnit XML, for whatever shows the results of tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from modecollapse.render import story
from modecollapse.render.escape import for_xml
from modecollapse.render.next_steps import next_steps
from modecollapse.render.standing import Standing, judged
from modecollapse.report import FacetReport, ModeReport, Outcome, Report

_FAILURE, _SKIPPED = "failure", "skipped"
_BY_STANDING = {Standing.FAILS: _FAILURE, Standing.PASSES: None}
_BY_OUTCOME = {Outcome.FAIL: _FAILURE, Outcome.INCONCLUSIVE: _SKIPPED}


@dataclass(frozen=True)
class Case:
    """One test: what is expected, its result (None for a pass), why in a sentence, and the evidence line by line."""

    name: str
    result: str | None
    kind: str
    why: str
    evidence: Sequence[str]


def render(report: Report) -> str:
    """A suite for the gate and one per facet, whose cases are its verdict and each mode that it lost."""
    root = ElementTree.Element("testsuites", name="modecollapse")
    root.append(_suite("gate", [_gate(report)]))
    root.extend(_suite(facet.name, list(_facet(facet, report))) for facet in report.facets)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.attrib[count]) for suite in root)))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _suite(name: str, cases: Sequence[Case]) -> ElementTree.Element:
    name = for_xml(f"modecollapse.{name}")
    suite = ElementTree.Element("testsuite", name=name, tests=str(len(cases)))
    for count, result in (("failures", _FAILURE), ("errors", "error"), ("skipped", _SKIPPED)):
        suite.set(count, str(sum(case.result == result for case in cases)))
    for case in cases:
        suite.append(_element(case, name))
    return suite


def _element(case: Case, suite: str) -> ElementTree.Element:
    element = ElementTree.Element("testcase", classname=suite, name=for_xml(case.name))
    text = "\n".join(map(for_xml, case.evidence))
    if case.result:
        result = ElementTree.SubElement(element, case.result, message=for_xml(case.why), type=case.kind)
        result.text = text
    else:
        ElementTree.SubElement(element, "system-out").text = text
    return element


def _gate(report: Report) -> Case:
    told = ["".join(story.headline(report)), story.evidence(report), *story.temperature_notes(report)]
    told += [story.error_rates(report) or "", story.corpora(report)]
    told += [f"Warning: {warning.message} [{warning.code}]" for warning in report.warnings]
    told += [f"Next: {step}" for step in next_steps(report)]
    outcome, why = report.gate.outcome, " ".join(report.gate.reasons)
    return Case("the gate passes", _BY_OUTCOME.get(outcome), report.verdict.value, why, [line for line in told if line])


def _facet(facet: FacetReport, report: Report) -> Iterator[Case]:
    found = judged(facet, report)
    result = _BY_STANDING.get(found.standing, _SKIPPED)
    evidence = [*_found(facet, report), *(_modes(facet, report) if result else ())]
    yield Case("no mode is lost", result, facet.verdict.value, f"{found.why}: {facet.headline}", evidence)
    reasons = {loss.finding: loss.reason for loss in report.gate.accepted}
    for mode in story.lost(facet):
        name, accepted = f"“{mode.label}” is there [{mode.id}]", reasons.get(f"{facet.name}:{mode.id}")
        why = f"accepted: {accepted}" if accepted else f"{found.why}: {story.in_words(mode)}"
        yield Case(name, _SKIPPED if accepted else result or _SKIPPED, mode.verdict.value, why, list(_mode(mode)))


def _found(facet: FacetReport, report: Report) -> Iterator[str]:
    yield f"{facet.name} is {facet.verdict.value}: {facet.headline}"
    if facet.caused_by:
        yield f"Follows from {story.cause(facet.caused_by, report)}."
    if story.effective(facet):
        yield f"Effective modes: {story.effective(facet)}"


def _modes(facet: FacetReport, report: Report) -> Iterator[str]:
    found = story.told(facet, report)
    for mode in found.modes:
        yield from _mode(mode)
    yield from found.alike
    if found.untold:
        yield f"Not listed here: {found.untold}"


def _mode(mode: ModeReport) -> Iterator[str]:
    yield story.in_words(mode)
    yield from (f"{side}: {text}" for side, text in story.texts(mode))
