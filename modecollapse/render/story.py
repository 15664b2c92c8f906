"""What a report tells, in words and in an order that every format shares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from modecollapse.findings import LOST, outermost
from modecollapse.gating import listed
from modecollapse.quantities import percent
from modecollapse.render.escape import one_line
from modecollapse.report import (
    CHARACTERS,
    CorpusSummary,
    Estimate,
    Evidence,
    FacetReport,
    FormChange,
    ModeReport,
    ModeVerdict,
    Report,
    Share,
    Temperature,
)

MODES_PER_FACET = 6
UNCHANGED_MODES = (ModeVerdict.KEPT, ModeVerdict.UNDETECTABLE, ModeVerdict.UNSTABLE)
_FIRST = (
    *(*LOST, ModeVerdict.UNDECIDED),
    *(ModeVerdict.EMERGED, ModeVerdict.AMPLIFIED),
)
RESTS_ON: Mapping[Evidence, str] = {
    Evidence.TEXT: "the texts alone",
    Evidence.TOKEN_IDS: "token ids",
    Evidence.LOGPROBS: "log probabilities",
    Evidence.LADDER: "the base at several temperatures",
    Evidence.REHEATED: "the new model reheated",
    Evidence.ELICITED: "the new model asked for the lost modes",
}


def headline(report: Report) -> tuple[str, str]:
    """The headline in one line: its verdict's word (in its first clause, or put before it), and the rest."""
    said = one_line(report.headline)
    clause = re.split(r"[:,.](?!\S)", said, maxsplit=1)[0]
    if report.verdict.value in clause.lower():
        return clause, said.removeprefix(clause)
    return report.verdict.value.capitalize(), f": {said}"


def evidence(report: Report) -> str:
    """What the verdict rests on, and the temperature or why there is none."""
    return evidence_of(report.temperature, _settled_by(report))


def evidence_of(temperature: Temperature, settled: str = "") -> str:
    """What a temperature rests on, and the temperature or why there is none."""
    parts = [f"Evidence: {RESTS_ON[temperature.evidence]}{settled}."]
    if temperature.inverse_temperature is None:
        parts += [one_line(note) for note in temperature.notes] or ["The temperature can't be estimated."]
        return " ".join(parts)
    parts.append(f"Inverse temperature {estimate(Estimate(temperature.inverse_temperature, temperature.interval))}.")
    if temperature.explained_fraction is not None:
        parts.append(f"Temperature explains {temperature.explained_fraction:.0%} of the change.")
    return " ".join(parts)


_BETTER = (Evidence.LADDER, Evidence.REHEATED, Evidence.ELICITED)


def _settled_by(report: Report) -> str:
    """Facets that better evidence settled."""
    by = {kind: [one_line(facet.name) for facet in report.facets if facet.evidence is kind] for kind in _BETTER}
    return "".join(f"; for {listed(names)}, {RESTS_ON[kind]}" for kind, names in by.items() if names)


def temperature_notes(report: Report) -> Sequence[str]:
    """What a stated temperature is to be read with; where none is stated, ``evidence`` says why."""
    temperature = report.temperature
    return [] if temperature.inverse_temperature is None else [one_line(note) for note in temperature.notes]


def error_rates(report: Report) -> str | None:
    """How often such a verdict was wrong in the study; None where the study has no such size."""
    rates = report.error_rates
    if rates is None or not rates.false_losses.tried:
        return None
    weak = rates.weak_losses_found
    also = f", {weak.count} of {weak.tried} where three rows in ten had changed" if weak.tried else ""
    samples = f"{rates.samples} sample{'' if rates.samples == 1 else 's'}"
    return (
        f"In the study at {samples} × {rates.prompts} prompts, {rates.false_losses.count} of "
        f"{rates.false_losses.tried} unharmed pairs were called lost, and {rates.losses_found.count} of "
        f"{rates.losses_found.tried} losses were found{also}."
    )


FORM = "Length and layout (in no verdict)"


def form(report: Report) -> list[str]:
    """Length and layout: what surely changed, a line each; one line where nothing did."""
    changed = [one for one in report.form if _surely_changed(one)]
    if not report.form or changed:
        return [_form_changed(one) for one in changed]
    return ["As before: " + ", ".join(f"{one.name} {_form_of(one)}" for one in report.form) + "."]


_WORTH_TELLING = 0.05
_RATIO_WORTH_TELLING = 1.1


def _surely_changed(one: FormChange) -> bool:
    low, high = one.change.interval
    if low is None or high is None or one.change.value is None:
        return False
    if one.name == CHARACTERS:
        far = not 1 / _RATIO_WORTH_TELLING < one.change.value < _RATIO_WORTH_TELLING
        return far and not low <= 1 <= high
    return abs(one.change.value) >= _WORTH_TELLING and not low <= 0 <= high


def _form_of(one: FormChange) -> str:
    if one.name == CHARACTERS:
        return f"{one.base:,.0f} → {one.new:,.0f}"
    return f"{percent(one.base)} → {percent(one.new)}"


def _form_changed(one: FormChange) -> str:
    low, high = one.change.interval
    assert low is not None and high is not None
    if one.name == CHARACTERS:
        return f"{one.name} {_form_of(one)} (× {one.change.value:.2f}, {low:.2f}–{high:.2f})"
    ends = sorted((abs(100 * low), abs(100 * high)))
    more = "more" if low > 0 else "fewer"
    return f"{one.name} {_form_of(one)} of texts ({ends[0]:.0f} to {ends[1]:.0f} points {more})"


def corpora(report: Report) -> str:
    """Both corpora: what was read of each."""
    return f"{corpus(report.corpora.base)} → {corpus(report.corpora.new)}"


def corpus(corpus: CorpusSummary) -> str:
    """What was read of one corpus."""
    skipped = f", {_many(len(corpus.skipped), 'line')} skipped" if corpus.skipped else ""
    return f"{one_line(corpus.name)}: {_many(corpus.used, 'text')}, {prompts(corpus)}{skipped}"


def prompts(corpus: CorpusSummary) -> str:
    """How many prompts a corpus has."""
    return _many(corpus.prompts, "prompt")


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def grouped(facets: Sequence[FacetReport]) -> list[tuple[FacetReport, int]]:
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


def cause(finding: str, report: Report) -> str:
    """``facet:mode-id`` in words."""
    name, _, mode_id = finding.rpartition(":")
    labels = {mode.id: mode.label for facet in report.facets if facet.name == name for mode in facet.modes}
    return f"{one_line(name)} “{one_line(labels.get(mode_id, mode_id))}”"


def effective(facet: FacetReport) -> str:
    """Effective modes of both sides; empty where there are none."""
    modes = facet.effective_modes
    if modes is None or modes.base.value is None or modes.new.value is None:
        return ""
    return f"{number(modes.base.value)} → {number(modes.new.value)}"


@dataclass(frozen=True)
class Told:
    """The modes of one facet that are told one by one, and a line on the changed ones that are not.

    ``alike`` holds a line for each group of modes that say much the same, of which one is told.
    """

    modes: Sequence[ModeReport]
    untold: str | None
    alike: Sequence[str] = ()


def told(facet: FacetReport, report: Report, *, every_mode: bool = False, most: int = MODES_PER_FACET) -> Told:
    """The changed modes of one facet, those beyond temperature, or in doubt, first; all modes with ``every_mode``.

    One collapse is told once: modes that only made room for another, that changed as the mode did which holds them, or
    whose facet only follows another, are counted.
    """
    changed = sorted((mode for mode in facet.modes if mode.verdict not in UNCHANGED_MODES), key=gravity)
    own = [mode for mode in changed if mode.displaced_by is None]
    # A mode that only changed explains none that is a finding.
    findings = outermost([mode for mode in own if mode.verdict in _FIRST], facet.modes)
    rest = [mode for mode in outermost(own, facet.modes) if mode.verdict not in _FIRST]
    alone = sorted([*findings, *rest], key=gravity)
    most_telling = [] if facet.caused_by else _gravest(alone, most)
    shown = sorted(facet.modes, key=gravity) if every_mode else most_telling
    hidden = [mode for mode in changed if mode not in shown]
    untold = f"{one_line(facet.name)}: {_untold(facet, hidden, alone, report)}" if hidden else None
    return Told(shown, untold, list(_alike(facet, {mode.id for mode in shown})))


_NAMED_ALIKE = 4


def _alike(facet: FacetReport, shown: Set[str]) -> Iterator[str]:
    labels = {mode.id: mode.label for mode in facet.modes}
    for group in facet.alike:
        if shown.isdisjoint(group.modes):
            continue
        named = [f"“{one_line(labels.get(mode, mode))}”" for mode in group.modes[:_NAMED_ALIKE]]
        others = len(group.modes) - len(named)
        told = listed([*named, *([f"{others} other{'s' if others > 1 else ''}"] if others else [])])
        shares = f"{percent(group.base_share.value)} → {percent(group.new_share.value)}"
        yield f"{one_line(facet.name)}: {told} are much alike; together {shares}"


def _gravest(modes: Sequence[ModeReport], most: int) -> list[ModeReport]:
    """The first, and of the others ``most - 1``: lost ones rather than such as only changed."""
    others = sorted(modes[1:], key=lambda mode: mode.verdict not in LOST)
    return [mode for mode in modes if mode in [*modes[:1], *others[: max(0, most - 1)]]][:most]


def culprit(report: Report) -> tuple[FacetReport, ModeReport] | None:
    """The mode to look at first, with its facet: the gravest of a facet that has the verdict of the whole, if any."""
    found = [
        (facet, mode)
        for facet, _ in grouped(report.facets)
        for mode in told(facet, report, most=1).modes
        if mode.verdict in _FIRST
    ]
    return min(found, key=lambda each: each[0].verdict is not report.verdict, default=None)


def lost(facet: FacetReport) -> Sequence[ModeReport]:
    """The modes that a facet lost, gravest first: neither those that made room for another, nor what only follows.

    Nor those that lost no more than the lost mode that holds them.
    """
    gone = [] if facet.caused_by else [mode for mode in facet.modes if mode.verdict in LOST]
    return sorted(outermost([mode for mode in gone if mode.displaced_by is None], facet.modes), key=gravity)


def _untold(facet: FacetReport, hidden: Sequence[ModeReport], alone: Sequence[ModeReport], report: Report) -> str:
    """How many changed modes are ``hidden``, and why; ``alone`` are those whose change no other accounts for."""
    what = f"{len(hidden):,} changed mode{'s' if len(hidden) > 1 else ''}"
    if facet.caused_by:
        return f"{what} beneath {cause(facet.caused_by, report)}"
    displaced = sum(mode.displaced_by is not None for mode in hidden)
    smaller = sum(mode in alone for mode in hidden)
    counts = {
        "displaced by another": displaced,
        "within a larger one": len(hidden) - displaced - smaller,
        "with smaller changes": smaller,
    }
    return f"{what} ({', '.join(f'{count:,} {why}' for why, count in counts.items() if count)})"


def gravity(mode: ModeReport) -> tuple[bool, bool, float, str]:
    """Sorts modes: lost, in doubt and risen ones first, then by how far they are from the prediction."""
    expected = mode.predicted_share or mode.base_share
    distance = abs(mode.new_share.value - expected.value)
    return mode.verdict in UNCHANGED_MODES, mode.verdict not in _FIRST, -distance, mode.id


def tests(report: Report) -> Iterator[str]:
    """Every test, in words and with its p-value."""
    for facet in report.facets:
        for test in facet.tests:
            yield f"{facet.name}  {test.name}: p {p_value(test.p_value)}, null: {test.null}"


def skipped_lines(report: Report) -> Iterator[str]:
    """Every line that could not be used."""
    read = (report.corpora.base, report.corpora.new, report.corpora.reheated, report.corpora.elicited)
    for corpus in filter(None, read):
        for row in corpus.skipped:
            yield f"{corpus.name}:{row.line}: {row.reason}"


def share(given: Share | None) -> str:
    """A share with its interval; empty where there is none."""
    if given is None:
        return ""
    value, low, high = (percent(part) for part in (given.value, *given.interval))
    return value if low == high == value else f"{value} ({low.rstrip('%')}–{high})"


def base_to_new(mode: ModeReport) -> str:
    """The shares of both sides."""
    return f"{percent(mode.base_share.value)} → {percent(mode.new_share.value)}"


@dataclass(frozen=True)
class Column:
    """A column of a table of modes; a ``roomy`` one is shown only where there is room."""

    title: str
    cell: Callable[[ModeReport], str]
    roomy: bool = False


COLUMNS = (
    Column("base → new", base_to_new),
    Column("predicted", lambda mode: share(mode.predicted_share)),
    Column("reheated", lambda mode: share(mode.reheated_share)),
    Column("elicited", lambda mode: share(mode.elicited_share)),
    Column("prompts", lambda mode: f"{mode.prompts_affected:,}" if mode.prompts_affected else "", roomy=True),
    Column("verdict", lambda mode: mode.verdict.value),
)
"""What a table of modes says of each, its name apart; a column without a single entry is left out."""


def in_words(mode: ModeReport) -> str:
    """What became of a mode, in one line."""
    predicted = f", predicted {share(mode.predicted_share)}" if mode.predicted_share else ""
    return f"“{one_line(mode.label)}” {base_to_new(mode)} of all texts{predicted}: {mode.verdict.value}"


def texts(mode: ModeReport) -> Iterator[tuple[str, str]]:
    """A text of either side that has one, with the name of the side."""
    for side, examples in (("base", mode.examples.base), ("new", mode.examples.new)):
        for example in examples[:1]:
            yield side, one_line(example.text) or "(empty)"


def number(value: float) -> str:
    """An effective number of modes."""
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def estimate(given: Estimate) -> str:
    """A number with its interval, or with its lower bound where only that is known."""
    low, high = given.interval
    value = "–" if given.value is None else f"{given.value:.2f}"
    if low is not None and high is not None:
        return f"{value} (95% interval {low:.2f}–{high:.2f})"
    return f"{value} (at least {low:.2f})" if low is not None else value


def temperature(given: Estimate) -> str:
    """A sampling temperature with its interval, where it has both ends."""
    low, high = given.interval
    span = "" if low is None or high is None else f" ({low:.2f}–{high:.2f})"
    return f"{given.value:.2f}{span}"


def p_value(value: float | None) -> str:
    """A p-value; a dash where there is none."""
    return "–" if value is None else f"{value:.2g}"
