"""The report as GitHub-flavoured Markdown, for a comment on a pull request or the summary of a job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from modecollapse.render import story
from modecollapse.render.escape import for_markdown, shortened
from modecollapse.render.next_steps import next_steps
from modecollapse.report import CorpusSummary, FacetReport, ModeReport, Outcome, Report, Verdict

LONGEST = 65_000
"""Characters of a document: GitHub takes 65,536 in a comment."""

_NAME, _TEXT, _SENTENCE, _PARAGRAPH = 60, 160, 500, 2_000
_NOTED = 8
_SKIPPED = 20
_FRAME = 5_000
"""Characters kept free for the fold and for the note on what was left out."""

_HEADING = {
    Outcome.PASS: "the gate passes",
    Outcome.FAIL: "the gate fails",
    Outcome.INCONCLUSIVE: "the gate is inconclusive",
}
_LOUD = (Verdict.LOST, Verdict.COLLAPSED, Verdict.INCONCLUSIVE)
_CALM = (Verdict.UNCHANGED, Verdict.SHARPENED, Verdict.FLATTENED)


class Rank(IntEnum):
    """What a reader can least do without comes first: where not all fits, the last goes."""

    VERDICT = 0
    FACETS = 1
    NEXT = 2
    WARNINGS = 3
    CHANGED_MODES = 4
    FORM = 5
    CORPORA = 6
    TESTS = 7
    SKIPPED_LINES = 8
    OTHER_MODES = 9


@dataclass(frozen=True)
class Part:
    """Rows of one kind beneath their heading; as many of them are shown as there is room for."""

    rank: Rank
    rows: Sequence[str]
    head: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.head + "\n".join(self.rows)


def render(report: Report) -> str:
    """The report as Markdown of at most ``LONGEST`` characters that ends in a line feed and says what it leaves out."""
    shown, folded = list(_shown(report)), list(_folded(report))
    kept, left_out = _fitted([*shown, *folded], LONGEST - _FRAME)
    blocks = [str(part) for part in kept[: len(shown)] if part.rows]
    beneath = [str(part) for part in kept[len(shown) :] if part.rows]
    if beneath:
        blocks += ["<details>\n<summary>Other modes, corpora and tests</summary>", *beneath, "</details>"]
    return "\n\n".join([*blocks, *_note(left_out)]) + "\n"


def _fitted(parts: Sequence[Part], room: int) -> tuple[list[Part], list[str]]:
    """``parts`` with the rows that fit, the most important first; and in words what does not."""
    kept, left_out = list(parts), []
    for at, part in sorted(enumerate(parts), key=lambda each: each[1].rank):
        room -= len(part.head) + 2
        fit = 0
        for row in part.rows:
            if len(row) + 1 > room:
                break
            room -= len(row) + 1
            fit += 1
        kept[at] = replace(part, rows=part.rows[:fit])
        if fit < len(part.rows):
            left_out.append(f"{len(part.rows) - fit:,} of {len(part.rows):,} {part.name}")
        room += 0 if fit else len(part.head) + 2
    return kept, left_out


def _note(left_out: Sequence[str]) -> list[str]:
    if not left_out:
        return []
    more = f"; parts of {len(left_out) - _NOTED:,} further lists" if len(left_out) > _NOTED else ""
    listed = "; ".join(left_out[:_NOTED])
    return [f"**Left out**, as a comment holds no more: {listed}{more}. The report as JSON has them all."]


def _shown(report: Report) -> Iterator[Part]:
    yield Part(Rank.VERDICT, [f"### modecollapse: {report.verdict.value}, {_HEADING[report.gate.outcome]}"])
    first, rest = story.headline(report)
    yield Part(Rank.VERDICT, [f"**{_text(first, _SENTENCE)}**{_text(rest, _PARAGRAPH)}"])
    reasons = _text(" ".join(report.gate.reasons), _PARAGRAPH)
    yield Part(Rank.VERDICT, [f"**Gate: {report.gate.outcome.value}.** {reasons}"])
    notes = [story.evidence(report), *story.temperature_notes(report), story.error_rates(report), story.corpora(report)]
    yield from (Part(Rank.VERDICT, [_text(note, _SENTENCE)], name="notes") for note in notes if note)
    yield _facets(report)
    told = [(facet, story.told(facet, report)) for facet, _ in story.grouped(report.facets)]
    yield from (_changed(facet, found.modes) for facet, found in told if facet.verdict not in _CALM)
    alike = [f"- {_text(line, _SENTENCE)}" for _, found in told for line in found.alike]
    yield Part(Rank.CHANGED_MODES, alike, "In other words:\n\n", "modes that are alike")
    untold = [f"- {_text(found.untold, _SENTENCE)}" for _, found in told if found.untold]
    yield Part(Rank.CHANGED_MODES, untold, "Folded below:\n\n", "notes on modes")
    yield _bullets(Rank.FORM, story.FORM, story.form(report))
    warnings = [f"{shortened(warning.message, _SENTENCE)} [{warning.code}]" for warning in report.warnings]
    yield _bullets(Rank.WARNINGS, "Warnings", warnings)
    yield _bullets(Rank.NEXT, "Next", next_steps(report))


def _folded(report: Report) -> Iterator[Part]:
    for facet, _ in story.grouped(report.facets):
        told = story.told(facet, report).modes
        if facet.verdict in _CALM:
            yield replace(_changed(facet, told), rank=Rank.OTHER_MODES)
        yield _others(facet, [mode for mode in sorted(facet.modes, key=story.gravity) if mode not in told])
    yield _corpora(report)
    yield _bullets(Rank.TESTS, "Tests", story.tests(report))
    skipped = list(story.skipped_lines(report))
    more = [f"and {len(skipped) - _SKIPPED:,} more"] if len(skipped) > _SKIPPED else []
    yield _bullets(Rank.SKIPPED_LINES, "Skipped lines", [*skipped[:_SKIPPED], *more])


def _facets(report: Report) -> Part:
    rows = []
    for facet, depth in story.grouped(report.facets):
        said = _text(facet.headline, _SENTENCE)
        if facet.caused_by:
            said += f" (follows from {_text(story.cause(facet.caused_by, report), 2 * _NAME)})"
        verdict = f"**{facet.verdict.value}**" if facet.verdict in _LOUD else facet.verdict.value
        name = _unbroken("└ " * bool(depth)) + _text(facet.name, _NAME)
        rows.append(_row([name, verdict, _unbroken(story.effective(facet)), said]))
    head = _head(["facet", "verdict", "effective modes", "what was found"], numbers=range(2, 3))
    return Part(Rank.FACETS, rows, head, "facets")


def _changed(facet: FacetReport, modes: Sequence[ModeReport]) -> Part:
    """The modes that changed, each with a text from either side."""
    texts = [story.Column("texts", _texts)] if any(map(_texts, modes)) else []
    return _modes(facet, modes, [*_columns(modes), *texts], Rank.CHANGED_MODES, "changed modes")


def _others(facet: FacetReport, modes: Sequence[ModeReport]) -> Part:
    """The other modes; where they are of several levels, the finer ones lie within the coarser."""
    levels = len({mode.level for mode in facet.modes})
    level = [story.Column("level", lambda mode: str(mode.level))] if levels > 1 else []
    labels = {mode.id: mode.label for mode in facet.modes}
    place = story.Column("displaced by", lambda mode: _text(labels.get(mode.displaced_by or "", ""), _NAME))
    columns = [*level, *_columns(modes), *([place] if any(map(place.cell, modes)) else [])]
    return _modes(facet, modes, columns, Rank.OTHER_MODES, "other modes")


def _columns(modes: Sequence[ModeReport]) -> list[story.Column]:
    return [replace(column, cell=_whole(column)) for column in story.COLUMNS if any(map(column.cell, modes))]


def _whole(column: story.Column) -> Callable[[ModeReport], str]:
    return lambda mode: _unbroken(column.cell(mode))


def _modes(
    facet: FacetReport, modes: Sequence[ModeReport], columns: Sequence[story.Column], rank: Rank, kind: str
) -> Part:
    """A table of modes; numbers stand before the verdict, words from there on."""
    name, titles = _text(facet.name, _NAME), ["mode", *(column.title for column in columns)]
    rows = [_row([_text(mode.label, _TEXT), *(column.cell(mode) for column in columns)]) for mode in modes]
    numbers = range(1, titles.index("verdict") if modes else 1)
    return Part(rank, rows, f"#### {name}: {kind}\n\n{_head(titles, numbers)}", f"{kind} of {name}")


def _texts(mode: ModeReport) -> str:
    return "<br>".join(f"*{side}:* {_text(text, _TEXT)}" for side, text in story.texts(mode))


def _corpora(report: Report) -> Part:
    roles = ("base", "new", "reheated", "elicited")
    read = [(role, corpus) for role in roles if (corpus := getattr(report.corpora, role)) is not None]
    titles = ["corpus", "file", "texts", "skipped", "prompts", "samples per prompt", "temperatures", "sha256"]
    rows = [_row([role, *_corpus(corpus)]) for role, corpus in read]
    return Part(Rank.CORPORA, rows, "#### Corpora\n\n" + _head(titles, numbers=range(2, 5)), "corpora")


def _corpus(corpus: CorpusSummary) -> list[str]:
    samples = ", ".join(f"{name} {value:,g}" for name, value in corpus.samples_per_prompt.items())
    temperatures = ", ".join(corpus.temperatures) or "not stated"
    counts = (f"{count:,}" for count in (corpus.used, len(corpus.skipped), corpus.prompts))
    return [
        _text(corpus.name, _TEXT),
        *counts,
        *(_text(words, _TEXT) for words in (samples, temperatures, corpus.sha256)),
    ]


def _bullets(rank: Rank, title: str, lines: Iterable[str]) -> Part:
    return Part(rank, [f"- {_text(line, _SENTENCE)}" for line in lines], f"#### {title}\n\n", title.lower())


def _text(text: str, most: int) -> str:
    return for_markdown(shortened(text, most))


def _unbroken(words: str) -> str:
    """``words`` that a narrow table keeps in one line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _head(titles: Sequence[str], numbers: range) -> str:
    """The head of a table; the columns in ``numbers`` are set to the right."""
    rule = ["--:" if at in numbers else "---" for at in range(len(titles))]
    return f"{_row(titles)}\n{_row(rule)}\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
