"""The main job: two corpora of generations → Report."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from modecollapse import __version__
from modecollapse.ahead import read_ahead
from modecollapse.config import FACETS, Config
from modecollapse.corpus import Corpus, Frozen, answers_alone, matched_to, read_corpus
from modecollapse.engine import ONE_PROCESS, Engine, make_engine
from modecollapse.errors import InputError, ModelError
from modecollapse.facets.readers import readers_of_comparison
from modecollapse.frozen import Baseline, is_baseline, read_baseline
from modecollapse.judgement import subjects
from modecollapse.judgement.base import Judgement
from modecollapse.judgement.catchwords import with_catchwords
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.judging import judge
from modecollapse.judgement.vocabulary import read_inside
from modecollapse.labelling import Labelled, label_all
from modecollapse.pairing import Pair, pair
from modecollapse.progress import Progress, Silent
from modecollapse.report import Report, ReportWarning
from modecollapse.reporting.assemble import assemble
from modecollapse.reporting.cautions import cautions
from modecollapse.reporting.typical import Typicality
from modecollapse.second_opinion import settle
from modecollapse.sources import is_address
from modecollapse.stats.resampling import fewest_resamples

if TYPE_CHECKING:
    from modecollapse.embed import EmbeddingCache, Encoder, Vectors

Source = str | Path | Corpus | Baseline


def compare(
    base: Source,
    new: Source,
    *,
    reheated: Source | None = None,
    elicited: Source | None = None,
    config: Config | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Report:
    """Compare the generations of a base and a new model: which modes vanished, which changes are sharpening alone.

    Corpora are paths (``-`` is stdin) or already read, the base may be frozen. ``reheated`` holds the new model's texts
    at the temperature that should give the base back, ``elicited`` its texts when asked for what seems lost.
    ``encoder`` overrides the one that ``config`` names. Raises ``InputError``, ``ConfigError`` or ``ModelError`` where
    no comparison can be made.
    """
    config, watcher = config or Config(), progress or Silent()
    corpora = read_all({"base": base, "new": new, "reheated": reheated, "elicited": elicited}, config, watcher)
    joined = pair(**corpora)
    # The pooled rows have their own copy; at a million rows a second one would not fit.
    corpora = {side: replace(corpus, vectors=None, token_ids=None, logprobs=None) for side, corpus in corpora.items()}
    names = facet_names(config)
    frozen = corpora["base"].frozen
    _check_baseline(corpora, config)
    _check_reasoning(corpora, config)
    # With too few resamples no p-value could be small enough, and every collapse would be called a thin sample.
    config = replace(config, resamples=max(config.resamples, fewest_resamples(config.alpha, len(names))))
    encoding = Encoding(config, encoder, watcher, frozen)
    settings = Settings(config.alpha, config.tolerance, config.resamples, config.seed)
    # Matrices here are small: several threads would wait for each other, and sum in another order on another machine.
    with threadpool_limits(1, user_api="blas"):
        engine = make_engine(config.engine, config.workers)
        watcher.stage("reading texts", len(joined.rows))
        joined = replace(joined, rows=read_ahead(joined.rows, readers_of_comparison(names), engine, watcher))
        labelled = label_all(joined, names, encoding, config.seed, watcher, engine)
        labelled = encoding.with_paraphrases(labelled)
        watcher.stage("testing")
        judgement = judge(joined, labelled, names, settings)
        if told := _told_by_words(joined, labelled, judgement, encoding, settings):
            labelled = {**labelled, told.name: told}
            judgement = judge(joined, labelled, names, settings)
        judgement = settle(joined, labelled, names, judgement, settings)
    warnings = [*cautions(corpora, joined, labelled, judgement), *encoding.cautions()]
    typical = Typicality(joined, labelled["language"].member, encoding.vectors)
    return assemble(corpora, joined, judgement, typical, warnings, config, provenance(corpora, encoding))


def _told_by_words(
    joined: Pair, labelled: Mapping[str, Labelled], judgement: Judgement, encoding: Encoding, settings: Settings
) -> Labelled | None:
    """The topics with one more mode, where words tell of a loss that no facet has shown."""
    if not subjects.nothing_lost(judgement):
        return None
    effect = max((side.design_effect(judgement.tree.prompts) for side in judgement.dependence.values()), default=1.0)
    inside = read_inside(labelled, joined)
    found = with_catchwords(labelled, inside, settings.alpha, effect)
    if found is None and subjects.is_open(judgement):
        words = encoding.of_words
        found = subjects.with_lost_subject(labelled, judgement.facets, inside, words, settings.alpha, effect)
    return found


def _check_baseline(corpora: Mapping[str, Corpus], config: Config) -> None:
    """A baseline stands for the base alone, and has nothing that a facet of another package could read."""
    for side, corpus in corpora.items():
        if corpus.frozen is not None and side != "base":
            raise InputError("misplaced-baseline", f"a baseline can't stand for {side}", corpus.name)
        if corpus.frozen is not None and corpus.frozen.concealment is not None and config.plugins:
            hint = "freeze the base with --with-texts, or compare with its texts"
            raise InputError(
                "baseline-without-texts", f"facet {config.plugins[0]!r} reads texts", corpus.name, hint=hint
            )


def _check_reasoning(corpora: Mapping[str, Corpus], config: Config) -> None:
    """Answers of one side are not compared with reasoning of another that was read, or frozen, before."""
    for corpus in corpora.values():
        if corpus.reasoning.texts and corpus.reasoning.kept != config.keep_reasoning:
            kept = "with" if corpus.reasoning.kept else "without"
            message = f"the reasoning before its answers was read {kept}, not as this comparison reads"
            hint = "read or freeze it anew, both times with --keep-reasoning or both times without"
            raise InputError("other-reasoning", message, corpus.name, hint=hint)


_MANY_TEXTS = 50_000
"""Texts from which it is worth it that another process loads the fast encoder as well."""


class Encoding:
    """Embeds when a facet asks for it, and not before: loading an encoder takes seconds."""

    def __init__(
        self, config: Config, encoder: Encoder | None, progress: Progress, frozen: Frozen | None = None
    ) -> None:
        """``encoder`` overrides the one that ``config`` names; it must be the one that a ``frozen`` base has used."""
        self._config, self._encoder, self._progress, self._frozen = config, encoder, progress, frozen
        self.used: Encoder | None = None
        self.vectors: Vectors | None = None
        self.cache_notes: list[str] = []
        self.truncated = self.texts = 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Vectors of ``texts``."""
        from modecollapse.embed import Named, embed_all, truncated

        self.used = self._encoder or Named(self._config.embedder)
        frozen = None if self._frozen is None or self._frozen.encoded is None else self._frozen
        if frozen is not None and frozen.fingerprint != self.used.fingerprint:
            raise ModelError(
                "another-encoder",
                f"the baseline was encoded by {frozen.encoder}, and this would be by {self.used.name}",
                hint="choose that one by --embedder, or freeze the base anew",
            )
        cache = self._cache()
        engine = self._engine(len(texts))
        vectors = self.vectors = embed_all(texts, self.used, cache, self._progress, engine)
        self.cache_notes = [] if cache is None else [f"{code}: {message}" for code, message in cache.notes]
        self.truncated, self.texts = truncated(texts, self.used, engine), len(texts)
        return vectors

    def with_paraphrases(self, labelled: Mapping[str, Labelled]) -> dict[str, Labelled]:
        """Openings that say much the same put together, where an encoder is at work that can tell."""
        from modecollapse.embed import embed, paraphrase_cosine
        from modecollapse.paraphrases import paraphrases

        found = dict(labelled)
        encoder, opening = self.used, found.get("opening")
        cosine = None if encoder is None else paraphrase_cosine(encoder)
        if encoder is None or opening is None or cosine is None:
            return found
        alike = paraphrases(
            opening, found["language"], lambda texts: embed(texts, encoder, self._cache(), Silent()), cosine
        )
        return {**found, "opening": replace(opening, alike=alike)}

    @property
    def of_words(self) -> Callable[[Sequence[str]], NDArray[np.float32]] | None:
        """Vectors of single words, where an encoder is at work."""
        from modecollapse.embed import embed

        encoder = self.used
        return None if encoder is None else lambda words: embed(words, encoder, self._cache(), Silent())

    def _cache(self) -> EmbeddingCache | None:
        from modecollapse.embed import EmbeddingCache

        return EmbeddingCache(self._config.cache_dir) if self._config.cache else None

    def _engine(self, texts: int) -> Engine:
        """That of the labelling, but on one machine a network uses all cores by itself, and few texts are soon done."""
        here = self._config.engine != "ray" and (self._config.embedder != "fast" or texts < _MANY_TEXTS)
        elsewhere = self._encoder is None and not here
        return make_engine(self._config.engine, self._config.workers) if elsewhere else ONE_PROCESS

    def cautions(self) -> list[ReportWarning]:
        """What the encoder did not see."""
        if not self.used or not self.truncated:
            return []
        seen = f"only the first {self.used.max_tokens} tokens" if self.used.max_tokens else "only the beginning"
        message = f"{self.truncated} of {self.texts} texts are longer than the encoder reads: topics rest on {seen}."
        return [ReportWarning("truncated-texts", message)]


def facet_names(config: Config) -> list[str]:
    """The facets to look at: those chosen, plug-ins and columns."""
    return list(
        dict.fromkeys([*(config.facets or FACETS), *config.plugins, *(f"column:{name}" for name in config.columns)])
    )


def read_all(sources: Mapping[str, Source | None], config: Config, progress: Progress) -> dict[str, Corpus]:
    """Every source as a corpus, by its side; raises ``InputError`` where one can't be read."""
    found = {side: _read(source, config, progress) for side, source in sources.items() if source is not None}
    known = {key: text for corpus in found.values() for key, text in corpus.prompt_texts.items() if text}
    # Rows that name their prompt alone may hold it all the same: what it says stands in another file.
    unnamed = [side for side, corpus in found.items() if not corpus.frozen and not any(corpus.prompt_texts.values())]
    found |= {side: answers_alone(found[side], known) for side in unnamed}
    base = found.get("base")
    if base is None or config.prompt_field is not None:  # whoever names a field means that one
        return found
    return {side: matched_to(base, corpus) for side, corpus in found.items()}


def _read(source: Source, config: Config, progress: Progress) -> Corpus:
    if isinstance(source, Baseline):
        return source.corpus
    if isinstance(source, Corpus):
        return source
    if is_baseline(str(source)):
        return read_baseline(str(source), config.columns)
    return read_corpus(
        source,
        text_field=config.text_field,
        prompt_field=config.prompt_field,
        temperature_field=config.temperature_field,
        keep_reasoning=config.keep_reasoning,
        columns=config.columns,
        max_bad=config.max_bad,
        progress=progress,
        engine=_engine_of_reading(source, config),
    )


def _engine_of_reading(source: str | Path, config: Config) -> Engine | None:
    """What an address names, every machine of a cluster can read; a path may mean something else there."""
    return make_engine("ray", None) if config.engine == "ray" and is_address(str(source)) else None


def provenance(corpora: Mapping[str, Corpus], encoding: Encoding | None) -> dict[str, Any]:
    """What a result was made by, when and from which files."""
    return {
        "modecollapse": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "encoder": _encoder(encoding),
        "cache_notes": encoding.cache_notes if encoding else [],
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "files": {side: corpus.name for side, corpus in corpora.items()},
    }


def _encoder(encoding: Encoding | None) -> dict[str, str] | None:
    used = encoding.used if encoding else None
    if used is None:
        return None
    from modecollapse.embed import arithmetic

    return {"name": used.name, "fingerprint": used.fingerprint, "arithmetic": arithmetic(used)}
