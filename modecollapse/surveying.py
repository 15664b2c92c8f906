"""The census of one corpus: its modes per facet, as ``compare`` finds them, with shares, diversity and examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from modecollapse.comparison import Encoding, Source, facet_names, provenance, read_all
from modecollapse.config import Config
from modecollapse.corpus import Corpus
from modecollapse.embed.encoder import Encoder
from modecollapse.engine import make_engine
from modecollapse.labelling import Labelled, label_all
from modecollapse.pairing import Pair, alone
from modecollapse.progress import Progress, Silent
from modecollapse.quantities import percent
from modecollapse.report import Estimate, ReportWarning
from modecollapse.reporting.cautions import cautions_alone
from modecollapse.reporting.stating import examples, stated_share, summary
from modecollapse.reporting.typical import Typicality
from modecollapse.reporting.wording import counted, listed
from modecollapse.results.census import Census, CensusFacet, CensusMode, Cut
from modecollapse.stats import diversity

_EXAMPLES = 2
_BOOTSTRAP = 400
_AS_MANY = 0.95


def modes(
    corpus: Source,
    *,
    config: Config | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Census:
    """The modes of one corpus, a path (``-`` is stdin) or already read.

    ``encoder`` overrides the one that ``config`` names. Raises ``InputError``, ``ConfigError`` or ``ModelError``.
    """
    config, watcher = config or Config(), progress or Silent()
    read = read_all({"corpus": corpus}, config, watcher)["corpus"]
    rows, names = alone(read, every_temperature=True), facet_names(config)
    encoding = Encoding(config, encoder, watcher)
    with threadpool_limits(1, user_api="blas"):
        labelled = label_all(rows, names, encoding, config.seed, watcher, make_engine(config.engine, config.workers))
        watcher.stage("counting")
        typical = Typicality(rows, labelled["language"].member, encoding.vectors)
        facets = [_facet(labelled[name], rows, typical, config.seed) for name in names]
    partitions = [labelled[name].partition for name in names]
    warnings = [*_mixed(read), *cautions_alone(read, rows, partitions), *encoding.cautions()]
    return Census(
        headline=_headline(rows, facets),
        corpus=summary(read),
        facets=facets,
        warnings=warnings,
        config=config.to_dict(),
        provenance=provenance({"corpus": read}, encoding),
    )


def _mixed(corpus: Corpus) -> list[ReportWarning]:
    known = np.unique(corpus.temperatures[~np.isnan(corpus.temperatures)])
    if len(known) < 2:
        return []
    told = ", ".join(f"{value:g}" for value in known[:5].tolist()) + (", …" if len(known) > 5 else "")
    return [ReportWarning("several-temperatures", f"Texts at several temperatures ({told}) are counted together.")]


def _facet(facet: Labelled, rows: Pair, typical: Typicality, seed: int) -> CensusFacet:
    texts = int(facet.member.sum())
    members = [(facet.labels[:, mode.level] == index) & facet.member for index, mode in enumerate(facet.modes)]
    learnt = getattr(facet.partition, "stability", None) is not None
    found = [
        CensusMode(
            id=mode.id,
            label=mode.label,
            description=mode.rule,
            level=mode.level,
            parent=None if mode.parent is None else facet.modes[mode.parent].id,
            share=stated_share(int(member.sum()), texts),
            prompts=len(np.unique(rows.rows.prompts[member])),
            stability=float(facet.stability[index]) if learnt else None,
            examples=examples(rows, typical.order(np.flatnonzero(member)), _EXAMPLES),
        )
        for index, (mode, member) in enumerate(zip(facet.modes, members, strict=True))
        if member.any()
    ]
    found.sort(key=lambda mode: (-mode.share.value, mode.level, mode.id))
    return CensusFacet(facet.name, texts, [_cut(facet, rows, level, found, seed) for level in _finest(found)], found)


def _finest(modes: Sequence[CensusMode]) -> list[int]:
    """Levels that the next one does not cut more finely: into more modes, and hardly a text left out."""
    sizes = np.bincount([mode.level for mode in modes], minlength=1)
    placed = np.bincount([mode.level for mode in modes], [mode.share.value for mode in modes], minlength=1)
    finer = (sizes[1:] > sizes[:-1]) & (placed[1:] >= _AS_MANY * placed[:-1])
    return [int(level) for level in np.flatnonzero(sizes) if level == len(finer) or not finer[level]]


def _cut(facet: Labelled, rows: Pair, level: int, modes: Sequence[CensusMode], seed: int) -> Cut:
    shares = [mode.share.value for mode in modes if mode.level == level]
    return Cut(level, len(shares), min(1.0, sum(shares)), _effective(facet, rows, level, seed), _half_in(shares))


def _effective(facet: Labelled, rows: Pair, level: int, seed: int) -> Estimate:
    """The Hill number, with the bootstrap over prompts; one prompt alone tells no interval."""
    own = np.flatnonzero(facet.levels == level)
    labels, prompts = facet.labels[facet.member, level], rows.rows.prompts[facet.member]
    in_mode = labels >= 0
    number, prompt = np.unique(prompts[in_mode], return_inverse=True)
    counts = np.zeros((len(number), len(own)), dtype=np.int64)
    np.add.at(counts, (prompt, np.searchsorted(own, labels[in_mode])), 1)
    value, low, high = diversity.hill_interval(counts, _BOOTSTRAP, seed)
    return Estimate(value, (low, high)) if len(number) > 1 else Estimate(value)


def _half_in(shares: Sequence[float]) -> int | None:
    """The fewest of the modes, largest first, that hold half of the texts."""
    held = np.cumsum(shares) >= 0.5 - 1e-9
    return int(held.argmax()) + 1 if held.any() else None


def _headline(rows: Pair, facets: Sequence[CensusFacet]) -> str:
    cut = {facet.name: facet.cuts for facet in facets if facet.name != "degeneration"}
    how_many = [counted(sum(each.modes for each in cuts), name) for name, cuts in cut.items()]
    fewest = {name: [each.half_in for each in cuts if each.half_in is not None] for name, cuts in cut.items()}
    half = [counted(min(numbers), name) for name, numbers in fewest.items() if numbers]
    prompts = len(np.unique(rows.rows.prompts))
    said = (
        f"{len(rows.rows):,} text{'' if len(rows.rows) == 1 else 's'}, {prompts:,} prompt{'' if prompts == 1 else 's'}"
    )
    said += f": {listed(how_many)}" if how_many else ""
    said += f"; half of the texts are in {listed(half)}" if half else ""
    return f"{said}.{_degenerate(facets)}"


def _degenerate(facets: Sequence[CensusFacet]) -> str:
    """What leaves the other facets, where that facet was asked for."""
    modes = [mode for facet in facets if facet.name == "degeneration" for mode in facet.modes if mode.level == 0]
    share = percent(sum(mode.share.value for mode in modes))
    return f" {share} of them are empty, loops or soft repetition, and leave the other facets." if modes else ""
