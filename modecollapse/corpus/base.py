"""What was read of the generations of one model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import Concealment
from modecollapse.corpus.dialects import SETTINGS
from modecollapse.corpus.logprobs import TokenLogprobs
from modecollapse.corpus.reasoning import Reasoning
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
    be used, ``rewritten`` the texts that were not written down as they were said
    (:mod:`modecollapse.corpus.escapes`, :mod:`modecollapse.corpus.special_tokens`), ``echoed`` those whose prompt stood
    before the answer and was left out (:mod:`modecollapse.corpus.echoes`), ``framed`` the prompts that have the key
    under which a base knows them (:mod:`modecollapse.corpus.prompts`). ``reasoning`` says of how many texts what a
    model reasoned before its answer was left out, or kept; left out, such a row has no vector, token ids or log
    probabilities. ``sha256`` is over the prompts, texts, settings and token ids of the rows in hash order, so that it
    does not depend on row order. ``skipped`` names each line, or generation in a line, that can't be used; ``rows``
    counts them and those that can. ``frozen`` is there where the corpus is that of a baseline: its texts are empty.
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

    def without(self, rows: Sequence[int], reason: str) -> Corpus:
        """The other rows; those are skipped, for that ``reason``."""
        kept = np.delete(np.arange(len(self)), rows)
        places = kept.tolist()
        return replace(
            self,
            texts=TextFile.of(self.texts[row] for row in places),
            hashes=self.hashes[kept],
            prompt_keys=[self.prompt_keys[row] for row in places],
            lines=self.lines[kept],
            temperatures=self.temperatures[kept],
            samples=self.samples[kept],
            decoding={name: values[kept] for name, values in self.decoding.items()},
            vectors=None if self.vectors is None else self.vectors[kept],
            token_ids=None if self.token_ids is None else [self.token_ids[row] for row in places],
            columns={name: [labels[row] for row in places] for name, labels in self.columns.items()},
            logprobs=None if self.logprobs is None else self.logprobs.take(kept),
            skipped=sorted([*self.skipped, *(Skipped(int(self.lines[row]), reason) for row in rows)], key=_line),
        ).summed()

    def summed(self) -> Corpus:
        """This with the ``sha256`` of its rows."""
        settings = {name: values.tolist() for name, values in self.decoding.items()}
        settings["temperature"] = self.temperatures.tolist()
        sums = sha256_of(self.prompt_keys, self.prompt_texts, self.texts, settings, self.token_ids)
        return replace(self, sha256=sums)


def _line(skipped: Skipped) -> int:
    return skipped.line


def content_hashes(prompt_keys: Sequence[str], texts: Sequence[str]) -> NDArray[np.uint64]:
    """A hash of prompt and text per row, uint64."""
    return np.array([content_hash(key, text) for key, text in zip(prompt_keys, texts, strict=True)], dtype=np.uint64)


def content_hash(key: str, text: str) -> int:
    """A hash of one prompt and text, of 64 bits."""
    return int.from_bytes(blake2b(f"{key}\0{text}".encode(), digest_size=8).digest(), "little")


def sha256_of(
    prompt_keys: Sequence[str],
    prompt_texts: Mapping[str, str],
    texts: Sequence[str],
    settings: Mapping[str, Iterable[float]],
    token_ids: Sequence[NDArray[np.int32]] | None,
) -> str:
    """What ``Corpus.sha256`` is."""
    contents = zip(
        prompt_keys,
        (prompt_texts[key] for key in prompt_keys),
        texts,
        *(settings[name] for name in SETTINGS if name in settings),
        (ids.tobytes() for ids in token_ids) if token_ids is not None else repeat(None),
        strict=False,
    )
    return sha256(b"".join(sorted(sha256(msgspec.msgpack.encode(row)).digest() for row in contents))).hexdigest()
