"""Reading generations: JSON Lines in the usual dialects → Corpus."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from itertools import chain, groupby, islice, repeat
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import Concealment
from modecollapse.dialects import SETTINGS, Asked, Generation, Reader, Reading, field_names, longest_field
from modecollapse.echoes import FEWEST_PROMPTS, MOST, answers, before_prompts
from modecollapse.engine import Engine
from modecollapse.errors import InputError
from modecollapse.escapes import as_said, is_quoted, read_as_json
from modecollapse.jsonl import Record, UnusableError, display_name, display_path, printable, read_file, read_records
from modecollapse.logprobs import LogprobsGathered, TokenLogprobs
from modecollapse.progress import Progress, Silent
from modecollapse.ranges import Range, ranges, read_range
from modecollapse.reasoning import Reasoning, without_reasoning
from modecollapse.special_tokens import without_special_tokens
from modecollapse.texts import TextFile


@dataclass(frozen=True)
class Skipped:
    """A line that could not be used. ``line`` counts from 1 (for a JSON array: the element)."""

    line: int
    reason: str


@dataclass(frozen=True)
class Fields:
    """Which fields of a row were taken, as dotted paths (None: not there)."""

    text: str
    prompt: str | None
    temperature: str | None
    dialect: str


@dataclass(frozen=True)
class Frozen:
    """What a baseline holds of its rows in place of their texts; sequences have one entry per row.

    ``known`` is what each reader read (see ``facets.base.Reader``), ``encoded`` the vectors by the encoder with the
    given ``fingerprint`` (None where rows have their own).
    ``concealment`` is None, and nothing is ``known``, where the baseline has the texts as well.
    """

    known: Mapping[str, Sequence[Any]]
    concealment: Concealment | None
    encoded: NDArray[np.float16] | None
    encoder: str
    fingerprint: str


@dataclass(frozen=True)
class Corpus:
    """Generations of one model. Sequences have one entry per generation that can be used, in file order.

    ``hashes`` are over prompt and text: the same on every machine, in every run and for every corpus.
    ``prompt_keys`` identify the prompt (its ``prompt_id``, or its text), ``prompt_texts`` maps each key to the text
    (may be empty). ``lines`` are line numbers of the file. ``temperatures`` is NaN and ``samples`` -1 where unknown;
    ``decoding`` holds top_p, top_k and min_p where rows give them, NaN elsewhere. ``vectors`` only where every row
    has an ``embedding`` of one length. ``token_ids`` only where every row has them; ``logprobs`` where any row has
    some (or token ids, which they hold as well); ``malformed_logprobs`` counts the rows whose log probabilities can't
    be used, ``rewritten`` the texts that were not written down as they were said (see :mod:`modecollapse.escapes` and
    :mod:`modecollapse.special_tokens`), and ``echoed`` those whose prompt stood before the answer and was left out
    (:mod:`modecollapse.echoes`). ``framed`` counts prompts that have the keys of a base that has them in another
    template (:mod:`modecollapse.templates`). ``reasoning`` says of how many texts what a model reasoned before its
    answer was left out, or kept; left out, such a row has no vector, token ids or log probabilities. ``sha256`` is over
    the prompts, texts, settings and token ids of the rows in hash order, so that it does not depend on row order.
    ``skipped`` names each line, or generation in a line, that can't be used; ``rows`` counts them and those that can.
    ``frozen`` is there where the corpus is that of a baseline: its texts are empty.
    """

    name: str
    texts: Sequence[str]
    hashes: NDArray[np.uint64]
    prompt_keys: Sequence[str]
    prompt_texts: Mapping[str, str]
    lines: NDArray[np.int64]
    temperatures: NDArray[np.float64]
    samples: NDArray[np.int64]
    decoding: Mapping[str, NDArray[np.float64]]
    vectors: NDArray[np.float32] | None
    token_ids: Sequence[NDArray[np.int32]] | None
    columns: Mapping[str, Sequence[str | None]]
    rows: int
    skipped: Sequence[Skipped]
    fields: Fields
    sha256: str
    logprobs: TokenLogprobs | None = None
    malformed_logprobs: int = 0
    rewritten: int = 0
    echoed: int = 0
    framed: int = 0
    reasoning: Reasoning = field(default_factory=Reasoning)
    frozen: Frozen | None = None

    def __len__(self) -> int:
        return len(self.texts)


def content_hashes(prompt_keys: Sequence[str], texts: Sequence[str]) -> NDArray[np.uint64]:
    """A hash of prompt and text per row, uint64."""
    return np.array([_content_hash(key, text) for key, text in zip(prompt_keys, texts, strict=True)], dtype=np.uint64)


def _content_hash(key: str, text: str) -> int:
    return int.from_bytes(blake2b(f"{key}\0{text}".encode(), digest_size=8).digest(), "little")


REPEATED = "repeats a generation under another filter"

Outcome = tuple[int, Reading | str]
"""The number of a line, and what it says, or why it can't be used."""

_SILENT = Silent()
_ROWS_TO_SETTLE = 100
_ROWS_PER_STEP = 1000
_LONGEST_LISTING = 30
_LONGEST_NAME = 60
_BAD_LINES_SHOWN = 5
_ESCAPED = 0.2  # part of a file's texts from which quotation marks around the others are JSON's as well


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

    Text, prompt and temperature are found by themselves in the usual dialects (see :mod:`modecollapse.dialects`), or
    stand where the dotted paths ``text_field``, ``prompt_field`` and ``temperature_field`` say. Where no row has a
    prompt, all share the prompt key "". ``columns`` are further fields to keep, as labels. What a model has reasoned
    before its answer is left out (see :mod:`modecollapse.reasoning`) unless ``keep_reasoning``.

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
    gathered = _Gathered(asked.columns, keep_reasoning)
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


class _Gathered:
    """A corpus as it grows, row by row: numbers in flat arrays, nothing of a row but what the corpus keeps."""

    def __init__(self, columns: Sequence[str], keep_reasoning: bool) -> None:
        self._keep_reasoning = keep_reasoning
        self.lines_read = self.quoted = self.rewritten = self.reasoned = self.unanswered = 0
        self.texts = TextFile()
        self.prompt_keys: list[str] = []
        self.hashes = array("Q")
        self.prompt_texts: dict[str, str] = {}
        self._same_key: dict[str, str] = {}
        self.lines = array("q")
        self.samples = array("q")
        self.settings = {name: array("d") for name in SETTINGS}
        self.columns: dict[str, list[str | None]] = {name: [] for name in columns}
        self.vectors = _Vectors()
        self.token_ids: list[NDArray[np.int32]] | None = []
        self.logprobs = LogprobsGathered()
        self.skipped: list[Skipped] = []
        self._answer_filters: dict[int, str] = {}

    def add(self, line: int, outcome: Reading | str) -> None:
        """Take the generations of one line, or note why there are none."""
        self.lines_read += 1
        if isinstance(outcome, str) or self._is_repeated(outcome):
            self.skipped.append(Skipped(line, outcome if isinstance(outcome, str) else REPEATED))
            return
        self._add_prompt(outcome.prompt_key, outcome.prompt_text)
        for generation in outcome.generations:
            if generation.text is None:
                self.skipped.append(Skipped(line, "no text"))
            else:
                said = without_special_tokens(as_said(generation.text))
                self.rewritten += said != generation.text
                self.quoted += is_quoted(said)
                text, generation = self._answered(said, generation)
                self._add_generation(line, outcome.prompt_key, text, generation)

    def _answered(self, text: str, generation: Generation) -> tuple[str, Generation]:
        """The answer, and what else is known of it: tokens and vectors are those of reasoning and answer together."""
        said = without_reasoning(text)
        if said is None:
            return text, generation
        self.reasoned += 1
        self.unanswered += not said
        if self._keep_reasoning:
            return text, generation
        return said, generation._replace(token_ids=None, logprobs=None, embedding=None)

    def _is_repeated(self, reading: Reading) -> bool:
        """lm-evaluation-harness writes each generation once per answer filter: only the first time counts."""
        if reading.answer_filter is None:
            return False
        said = hash((reading.prompt_key, *(generation.text for generation in reading.generations)))
        return self._answer_filters.setdefault(said, reading.answer_filter) != reading.answer_filter

    def _add_prompt(self, key: str, text: str) -> None:
        # Rows may disagree about a prompt's text: the choice must not depend on their order.
        known = self.prompt_texts.get(key)
        self.prompt_texts[key] = min(known, text) if known and text else known or text

    def _add_generation(self, line: int, key: str, text: str, generation: Generation) -> None:
        self.texts.append(text)
        self.prompt_keys.append(self._same_key.setdefault(key, key))
        self.hashes.append(_content_hash(key, text))
        self.lines.append(line)
        self.samples.append(generation.sample)
        for name, values in self.settings.items():
            values.append(generation.settings.get(name, np.nan))
        for name, labels in self.columns.items():
            labels.append(_label(generation.columns[name]))
        self.vectors.append(generation.embedding)
        self.logprobs.append(generation.logprobs, generation.token_ids)
        token_ids = None if self.token_ids is None else _token_ids(generation.token_ids)
        if self.token_ids is not None and token_ids is not None:
            self.token_ids.append(token_ids)
        else:
            self.token_ids = None

    def corpus(self, name: str, reader: Reader) -> Corpus:
        """Everything gathered."""
        settings = {setting: np.frombuffer(values, dtype=np.float64) for setting, values in self.settings.items()}
        temperatures = settings.pop("temperature")
        self._leave_quotation_marks_out()
        return Corpus(
            name=name,
            texts=self.texts,
            hashes=np.frombuffer(self.hashes, dtype=np.uint64),
            prompt_keys=self.prompt_keys,
            prompt_texts=dict(sorted(self.prompt_texts.items())),
            lines=np.frombuffer(self.lines, dtype=np.int64),
            temperatures=temperatures,
            samples=np.frombuffer(self.samples, dtype=np.int64),
            decoding=settings,
            vectors=self.vectors.normalised(),
            token_ids=self.token_ids,
            columns=self.columns,
            rows=len(self.texts) + len(self.skipped),
            skipped=self.skipped,
            fields=Fields(reader.text or "", reader.prompt, reader.temperature, reader.dialect),
            sha256=_sha256(self.prompt_keys, self.prompt_texts, self.texts, self.settings, self.token_ids),
            logprobs=self.logprobs.gathered(),
            malformed_logprobs=self.logprobs.malformed,
            rewritten=self.rewritten,
            reasoning=Reasoning(self.reasoned, self._keep_reasoning, self.unanswered),
        )

    def _leave_quotation_marks_out(self) -> None:
        """Where they are JSON's: texts with an escape have lost theirs already, and most others have them."""
        texts = len(self.texts)
        if self.quoted and self.rewritten >= _ESCAPED * texts and self.rewritten + self.quoted >= MOST * texts:
            self.rewritten += self.quoted
            self.texts = TextFile.of(map(read_as_json, self.texts))
            self.hashes = array("Q", content_hashes(self.prompt_keys, self.texts).tolist())


def _sha256(
    prompt_keys: Sequence[str],
    prompt_texts: Mapping[str, str],
    texts: Sequence[str],
    settings: Mapping[str, Iterable[float]],
    token_ids: Sequence[NDArray[np.int32]] | None,
) -> str:
    contents = zip(
        prompt_keys,
        (prompt_texts[key] for key in prompt_keys),
        texts,
        *(settings[name] for name in SETTINGS if name in settings),
        (ids.tobytes() for ids in token_ids) if token_ids is not None else repeat(None),
        strict=False,
    )
    return sha256(b"".join(sorted(sha256(msgspec.msgpack.encode(row)).digest() for row in contents))).hexdigest()


def answers_alone(corpus: Corpus, prompt_texts: Mapping[str, str]) -> Corpus:
    """``corpus`` without the prompts where most texts hold theirs (see :mod:`modecollapse.echoes`).

    ``prompt_texts`` maps prompt keys to texts. What else is known of a row is of prompt and answer together, and is
    left out as well.
    """
    if len({key for key in corpus.prompt_keys if prompt_texts.get(key)}) < FEWEST_PROMPTS:
        return corpus
    prompts = [prompt_texts.get(key, "") for key in corpus.prompt_keys]
    before = before_prompts(prompts, corpus.texts)
    if before is None:
        return corpus
    texts, echoed, reasoning = answers(before, prompts, corpus.texts, corpus.reasoning)
    if echoed < MOST * len(corpus):
        return corpus
    settings = {name: values.tolist() for name, values in corpus.decoding.items()}
    settings["temperature"] = corpus.temperatures.tolist()
    return replace(
        corpus,
        texts=texts,
        hashes=content_hashes(corpus.prompt_keys, texts),
        vectors=None,
        token_ids=None,
        logprobs=None,
        sha256=_sha256(corpus.prompt_keys, corpus.prompt_texts, texts, settings, None),
        echoed=echoed,
        reasoning=reasoning,
    )


class _Vectors:
    """Embeddings in one growing float32 buffer; given up for good once a row has none or an unlike one."""

    def __init__(self) -> None:
        self._values: array[float] | None = array("f")
        self._dimensions = 0

    def append(self, embedding: object) -> None:
        """Add one row's."""
        if self._values is None:
            return
        try:
            values = msgspec.convert(embedding, list[float])
        except msgspec.ValidationError:
            values = []
        self._dimensions = self._dimensions or len(values)
        if values and len(values) == self._dimensions:
            self._values.extend(values)
        else:
            self._values = None

    def normalised(self) -> NDArray[np.float32] | None:
        """Unit vectors, shape ``(rows, dimensions)``, in the buffer itself; None where a length is zero or infinite."""
        if not self._values:
            return None
        vectors = np.frombuffer(self._values, dtype=np.float32).reshape(-1, self._dimensions)
        norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        if not (np.isfinite(norms) & (norms > 0)).all():
            return None
        np.divide(vectors, norms[:, None], out=vectors, casting="same_kind")
        return vectors


_TokenId = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


def _token_ids(value: object) -> NDArray[np.int32] | None:
    try:
        return np.array(msgspec.convert(value, list[_TokenId]), dtype=np.int32)
    except msgspec.ValidationError:
        return None


def _label(value: object) -> str | None:
    """A scalar as a label; a number 7.0, as it comes out of a data frame, is the same as 7."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int | float) else None


def _check_fields(
    gathered: _Gathered, reader: Reader, asked: Asked, rows: Sequence[Mapping[str, Any]], file: str
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


def _check_lines(gathered: _Gathered, max_bad: float, rows: Sequence[Mapping[str, Any]], file: str) -> None:
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
