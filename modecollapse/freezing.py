"""A base → its baseline: all that a comparison needs of it, without its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from modecollapse.ahead import BATCH
from modecollapse.comparison import Encoding, Source, facet_names, read_all
from modecollapse.concealment import Concealment
from modecollapse.config import Config
from modecollapse.corpus import Corpus, Frozen
from modecollapse.embed import Encoder, Vectors
from modecollapse.engine import Engine, make_engine
from modecollapse.errors import InputError
from modecollapse.facets.base import Rows
from modecollapse.facets.naming import STEMS, function_words
from modecollapse.facets.readers import readers
from modecollapse.facets.sequence import FIRST_WORDS, RUNNING_WORDS
from modecollapse.facets.surface import FRONT, TAIL, outer_words
from modecollapse.frozen import Baseline, FrozenMode
from modecollapse.labelling import Labelled, label_all
from modecollapse.pairing import Pair, alone
from modecollapse.progress import Progress, Silent

LEGIBLE_OPENING = 8
"""Texts that must begin alike before a baseline shows how: as many as it takes to be a mode."""

LEGIBLE_WORD = 5
"""Texts that must have a word before a baseline shows it."""


def baseline(
    base: Source,
    *,
    texts: bool = False,
    config: Config | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Baseline:
    """Freeze ``base``, with its ``texts`` or without, so that a later comparison needs neither them nor the encoding.

    Raises ``InputError``, ``ConfigError`` or ``ModelError`` as ``compare`` does.
    """
    config, watcher = config or Config(), progress or Silent()
    corpus = read_all({"base": base}, config, watcher)["base"]
    if corpus.frozen is not None:
        raise InputError("already-frozen", "is a baseline already", corpus.name)
    rows = alone(corpus, every_temperature=True)
    encoding = Encoding(config, encoder, watcher)
    vectors: dict[str, NDArray[np.float16]] = {}

    def embed(texts: Sequence[str]) -> Vectors:
        found = encoding(texts)
        vectors.update(zip(texts, found.held(np.arange(len(found))), strict=True))
        return found

    with threadpool_limits(1, user_api="blas"):
        engine = make_engine(config.engine, config.workers)
        labelled = label_all(rows, facet_names(config), embed, config.seed, watcher, engine)
    concealment = None if texts else _concealment(rows.rows, _languages(labelled["language"]))
    frozen = Frozen(
        known={} if concealment is None else _kept(corpus, concealment, engine),
        concealment=concealment,
        encoded=_in_order(corpus.texts, vectors),
        encoder="" if encoding.used is None else encoding.used.name,
        fingerprint="" if encoding.used is None else encoding.used.fingerprint,
    )
    return Baseline(replace(corpus, frozen=frozen, logprobs=None), list(_modes(rows, alone(corpus), labelled)))


def _concealment(rows: Rows, languages: Iterable[str]) -> Concealment:
    """What enough texts share stays legible."""
    beginnings, endings = (
        _shared(outer_words(text, last=reader is TAIL) for text in rows.read(reader)) for reader in (FRONT, TAIL)
    )
    words, names = (
        Counter(word for found in rows.read(reader) for word in set(found)) for reader in (RUNNING_WORDS, STEMS)
    )
    return Concealment(
        openings=_shared(rows.read(FIRST_WORDS)),
        beginnings=beginnings,
        endings=endings,
        words=frozenset(word for word, texts in words.items() if texts >= LEGIBLE_WORD),
        names=frozenset(word for word, texts in names.items() if texts >= LEGIBLE_WORD),
        grammar=frozenset().union(*map(function_words, languages)),
    )


def _shared(sequences: Iterable[list[str]]) -> frozenset[tuple[str, ...]]:
    """What enough of the sequences begin with."""
    prefixes = Counter(tuple(found[:depth]) for found in sequences for depth in range(1, len(found) + 1))
    return frozenset(prefix for prefix, texts in prefixes.items() if texts >= LEGIBLE_OPENING)


def _languages(labelled: Labelled) -> list[str]:
    return sorted({labelled.modes[index].id for index in np.unique(labelled.labels[labelled.labels >= 0])})


def _kept(corpus: Corpus, concealment: Concealment, engine: Engine) -> dict[str, list[Any]]:
    """What each reader reads off every text, as far as a baseline keeps it, in the order of ``corpus``."""
    places = range(0, len(corpus), BATCH)
    batches = ([corpus.texts[row] for row in range(len(corpus))[start : start + BATCH]] for start in places)
    found = list(engine.map(_kept_of, concealment, batches, len(places)))
    return {name: [value for part in found for value in part[name]] for name in readers()}


def _kept_of(concealment: Concealment, texts: Sequence[str]) -> dict[str, list[Any]]:
    return {
        name: [reader.keep(concealment, reader.seal(concealment, value)) for value in reader.read(texts)]
        for name, reader in readers().items()
    }


def _in_order(texts: Sequence[str], vectors: Mapping[str, NDArray[np.float16]]) -> NDArray[np.float16] | None:
    """The vectors of ``texts``, zeros for those that were not encoded; None where none was."""
    if not vectors:
        return None
    nothing = np.zeros_like(next(iter(vectors.values())))
    return np.stack([vectors.get(text, nothing) for text in texts])


def _modes(rows: Pair, main: Pair, labelled: Mapping[str, Labelled]) -> Iterator[FrozenMode]:
    """The base's own modes with their shares of its texts, at its main temperature."""
    compared = np.isin(rows.rows.hashes, main.rows.hashes)
    for name, facet in labelled.items():
        member = facet.member & compared
        for index, mode in enumerate(facet.modes):
            count = int((facet.labels[member, mode.level] == index).sum())
            if count:
                yield FrozenMode(name, mode.id, mode.label, mode.level, count, count / int(member.sum()))
