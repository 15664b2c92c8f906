"""Reading generations: JSON Lines in the usual dialects → Corpus."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, islice
from typing import Any

import numpy as np

from modecollapse.corpus.base import Corpus
from modecollapse.corpus.dialects import Asked, Reader, Reading, field_names, longest_field
from modecollapse.corpus.gathering import REPEATED, Gathered
from modecollapse.corpus.jsonl import (
    Record,
    UnusableError,
    display_name,
    display_path,
    printable,
    read_file,
    read_records,
)
from modecollapse.corpus.prompts import answers_alone
from modecollapse.corpus.ranges import Range, ranges, read_range
from modecollapse.engine import Engine
from modecollapse.errors import InputError
from modecollapse.progress import Progress, Silent

Outcome = tuple[int, Reading | str]
"""The number of a line, and what it says, or why it can't be used."""

_SILENT = Silent()
_ROWS_TO_SETTLE = 100
_ROWS_PER_STEP = 1000
_LONGEST_LISTING = 30
_LONGEST_NAME = 60
_BAD_LINES_SHOWN = 5


def read_corpus(
    path: str | os.PathLike[str],
    *,
    text_field: str | None = None,
    prompt_field: str | None = None,
    temperature_field: str | None = None,
    columns: Sequence[str] = (),
    keep_reasoning: bool = False,
    max_bad: float = 0.01,
    progress: Progress = _SILENT,
    engine: Engine | None = None,
) -> Corpus:
    """Read the generations of one model: JSON Lines or one JSON array, plain, gzip or zstd; ``-`` is standard input.

    Text, prompt and temperature are found by themselves in the usual dialects (:mod:`modecollapse.corpus.dialects`),
    or stand where the dotted paths ``text_field``, ``prompt_field`` and ``temperature_field`` say. Where no row has a
    prompt, all share the prompt key "". ``columns`` are further fields to keep, as labels. What a model has reasoned
    before its answer is left out (:mod:`modecollapse.corpus.reasoning`) unless ``keep_reasoning``.

    Blank lines do not count. A line that can't be used is skipped and named in ``Corpus.skipped``. With an ``engine``,
    which must reach the files, it reads ranges of them wherever it works; what is read is the same.

    Raises :class:`InputError` where the file can't be read, more than the share ``max_bad`` of its lines can't be used,
    none can, or no row has a field asked for.
    """
    asked = Asked(text_field, prompt_field, temperature_field, tuple(columns))
    progress.stage(f"reading {display_name(path)}")
    records = read_records(path)
    head = list(islice(records, _ROWS_TO_SETTLE))
    rows = [record.value for record in head if isinstance(record.value, dict)]
    reader = Reader(rows, asked)
    gathered = Gathered(asked.columns, keep_reasoning)
    if engine and (parts := ranges(path)):
        records.close()
        outcomes = _read_by(engine, parts, reader)
    else:
        outcomes = (_outcome(reader, record) for record in chain(head, records))
    for outcome in _told(outcomes, progress):
        gathered.add(*outcome)
    _check_fields(gathered, reader, asked, rows, display_path(path))
    _check_lines(gathered, max_bad, rows, display_path(path))
    corpus = gathered.corpus(display_name(path), reader)
    return answers_alone(corpus, corpus.prompt_texts)


def _outcome(reader: Reader, record: Record) -> Outcome:
    if record.reason is not None:
        return record.line, record.reason
    try:
        return record.line, reader.read(record.value)
    except UnusableError as error:
        return record.line, str(error)


def _read_by(engine: Engine, parts: Sequence[Range], reader: Reader) -> Iterator[Outcome]:
    """The outcomes of all ranges, in order, lines numbered as ``read_records`` does: through all files."""
    before = inside = last = 0
    for part, (lines, outcomes) in _parts_read(engine, parts, reader):
        before, inside = (before, inside) if part.begin else (last, 0)
        for line, outcome in outcomes:
            last = before + inside + line
            yield last, outcome
        inside += lines


def _parts_read(
    engine: Engine, parts: Sequence[Range], reader: Reader
) -> Iterator[tuple[Range, tuple[int, Iterable[Outcome]]]]:
    """Each range with the number of its lines and their outcomes; large ones are read here, row by row."""
    for large, some in groupby(parts, key=lambda part: part.large):
        group = list(some)
        if large:
            yield from ((part, (0, (_outcome(reader, record) for record in read_file(part.file)))) for part in group)
        else:
            yield from zip(group, engine.map(_read_part, reader, group, len(group)), strict=True)


def _read_part(reader: Reader, part: Range) -> tuple[int, list[Outcome]]:
    lines, records = read_range(part)
    return lines, [_outcome(reader, record) for record in records]


def _told(outcomes: Iterable[Outcome], progress: Progress) -> Iterator[Outcome]:
    for number, outcome in enumerate(outcomes, 1):
        yield outcome
        if number % _ROWS_PER_STEP == 0:
            progress.advance(_ROWS_PER_STEP)


def _check_fields(
    gathered: Gathered, reader: Reader, asked: Asked, rows: Sequence[Mapping[str, Any]], file: str
) -> None:
    """A field asked for that no row has is a slip of the hand, not a property of the data."""
    found = bool(gathered.texts)
    missing = [
        (asked.text, not found and reader.text is None),
        (asked.prompt, not found and reader.text is not None and reader.prompt is None),
        (asked.temperature, found and bool(np.isnan(gathered.settings["temperature"]).all())),
        *((name, found and all(label is None for label in labels)) for name, labels in gathered.columns.items()),
    ]
    for name, is_missing in missing:
        if rows and name is not None and is_missing:
            message = f"no row has a usable field {_shown(name)}"
            raise InputError("no-such-field", message, file, hint=f"the fields are: {_listing(rows)}")


def _check_lines(gathered: Gathered, max_bad: float, rows: Sequence[Mapping[str, Any]], file: str) -> None:
    skipped = [line for line in gathered.skipped if line.reason != REPEATED]
    bad = len({line.line for line in skipped})
    first = "; ".join(f"line {line.line}: {line.reason}" for line in skipped[:_BAD_LINES_SHOWN])
    line = skipped[0].line if skipped else None
    if not gathered.texts:
        raise InputError("no-usable-row", f"no usable row: {first or 'the file is empty'}", file, line, _naming(rows))
    if bad > max_bad * gathered.lines_read:
        share = f"{bad} of {gathered.lines_read} lines can't be used, more than {100 * max_bad:.3g}%"
        raise InputError("too-many-bad-lines", f"{share}: {first}", file, line, "repair them, or raise --max-bad")


def _naming(rows: Sequence[Mapping[str, Any]]) -> str:
    """How to say which field is the text. It is not guessed: a field that holds references would pass for answers."""
    if not rows:
        return "write one JSON object per line"
    longest = longest_field(rows)
    where = f" ({_shown(longest)} has the longest strings)" if longest else ""
    return f"name the text by --text-field{where}; the fields are: {_listing(rows)}"


def _listing(rows: Sequence[Mapping[str, Any]]) -> str:
    names = [_shown(name) for name in field_names(rows)]
    more = ["…"] if len(names) > _LONGEST_LISTING else []
    return ", ".join(names[:_LONGEST_LISTING] + more) or "none"


def _shown(name: str) -> str:
    return printable(name)[:_LONGEST_NAME]
