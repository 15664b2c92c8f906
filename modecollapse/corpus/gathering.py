"""A corpus as it grows, generation by generation."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from modecollapse.corpus.base import Corpus, Fields, Skipped, content_hash, content_hashes, sha256_of
from modecollapse.corpus.dialects import SETTINGS, Generation, Reader, Reading
from modecollapse.corpus.echoes import MOST
from modecollapse.corpus.escapes import as_said, is_quoted, read_as_json
from modecollapse.corpus.logprobs import LogprobsGathered
from modecollapse.corpus.reasoning import Reasoning, put_back
from modecollapse.corpus.special_tokens import without_special_tokens
from modecollapse.texts import TextFile

REPEATED = "repeats a generation under another filter"
_PROMPTED = 0.05  # part of a file's texts from which prompts begin the reasoning of others as well
_AS_LONG, _LONGEST = 0.7, 0.9  # of the longest that end their reasoning (a quantile): no direct answer is so long
_ESCAPED = 0.2  # part of a file's texts from which quotation marks around the others are JSON's as well


class Gathered:
    """A corpus as it grows, row by row: numbers in flat arrays, nothing of a row but what the corpus keeps."""

    def __init__(self, columns: Sequence[str], keep_reasoning: bool) -> None:
        """Without any row; ``columns`` are the further fields that it keeps."""
        self.reasoning = Reasoning(kept=keep_reasoning)
        self._reasoned = bytearray()
        self._sizes = array("I")
        self.lines_read = self.quoted = self.escaped = self.rewritten = 0
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
                said = as_said(generation.text)
                self.escaped += said != generation.text
                bare = without_special_tokens(said)
                self.rewritten += bare != generation.text
                self.quoted += said == generation.text and is_quoted(said)
                if bare != said:  # nothing tells which token ids are theirs
                    generation = generation._replace(token_ids=None, logprobs=None)
                before = self.reasoning
                text, generation = self._answered(bare, generation)
                self._reasoned.append(self.reasoning is not before)
                self._sizes.append(len(bare))
                self._add_generation(line, outcome.prompt_key, text, generation)

    def _answered(self, text: str, generation: Generation) -> tuple[str, Generation]:
        """The answer, and what else is known of it: tokens and vectors are those of reasoning and answer together."""
        before = self.reasoning
        self.reasoning, said = before.and_of(text)
        if self.reasoning is not before and not before.kept:
            generation = generation._replace(token_ids=None, logprobs=None, embedding=None)
        return said, generation

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
        self.hashes.append(content_hash(key, text))
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
        self._put_reasoning_back()
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
            sha256=sha256_of(self.prompt_keys, self.prompt_texts, self.texts, self.settings, self.token_ids),
            logprobs=self.logprobs.gathered(),
            malformed_logprobs=self.logprobs.malformed,
            rewritten=self.rewritten,
            reasoning=self.reasoning,
        )

    def _leave_quotation_marks_out(self) -> None:
        """Where they are JSON's: texts with an escape have lost theirs already, and most others have them."""
        texts = len(self.texts)
        if self.quoted and self.escaped >= _ESCAPED * texts and self.escaped + self.quoted >= MOST * texts:
            self.rewritten += self.quoted
            self.texts = TextFile.of(map(read_as_json, self.texts))
            self.hashes = array("Q", content_hashes(self.prompt_keys, self.texts).tolist())

    def _put_reasoning_back(self) -> None:
        """Where prompts begin the reasoning, long texts in which none ends are all reasoning."""
        if self.reasoning.kept or not self.reasoning.prompted or self.reasoning.prompted < _PROMPTED * len(self.texts):
            return
        sizes, reasoned = np.frombuffer(self._sizes, dtype=np.uint32), np.frombuffer(self._reasoned, dtype=bool)
        begun = ~reasoned & (sizes >= _AS_LONG * np.quantile(sizes[reasoned], _LONGEST))
        if others := int(begun.sum()):
            whole = zip(self.texts, begun, strict=True)
            self.texts = TextFile.of(put_back(text) if is_begun else text for text, is_begun in whole)
            self.hashes = array("Q", content_hashes(self.prompt_keys, self.texts).tolist())
            self.reasoning = replace(
                self.reasoning,
                texts=self.reasoning.texts + others,
                unfinished=self.reasoning.unfinished + others,
                prompted=self.reasoning.prompted + others,
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
