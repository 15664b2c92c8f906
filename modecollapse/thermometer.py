"""How much sharper or flatter is the new model? The temperature of a comparison, without the rest of it."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from modecollapse.comparison import Source, provenance, read_all
from modecollapse.config import FACETS, Config
from modecollapse.facets.degeneration import degenerate_rows
from modecollapse.judgement.base import Judgement
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.movement import Movement
from modecollapse.judgement.weighing import first_words, weigh
from modecollapse.labelling import label, prepared
from modecollapse.pairing import Pair, Side, pair
from modecollapse.progress import Progress, Silent
from modecollapse.report import Corpora, Temperature
from modecollapse.reporting.cautions import cautions
from modecollapse.reporting.stating import stated_temperature, summary, without_temperature
from modecollapse.reporting.wording import at_temperature
from modecollapse.results.temperature import TemperatureReport
from modecollapse.stats.resampling import fewest_resamples


def temperature(
    base: Source,
    new: Source,
    *,
    config: Config | None = None,
    progress: Progress | None = None,
) -> TemperatureReport:
    """The inverse temperature of the new model against its base: that of ``compare``, without facets or an encoder.

    Raises ``InputError`` or ``ConfigError`` where the corpora can't be read.
    """
    config, watcher = config or Config(), progress or Silent()
    corpora = read_all({"base": base, "new": new}, config, watcher)
    joined = pair(**corpora)
    with threadpool_limits(1, user_api="blas"):
        judgement = _judged(joined, config, watcher)
    found = stated_temperature(judgement, joined)
    return TemperatureReport(
        headline=_headline(found, judgement, joined.sampled_at(Side.BASE)),
        movement=judgement.movement.value,
        temperature=found,
        corpora=Corpora(**{side: summary(corpus) for side, corpus in corpora.items()}),
        warnings=cautions(corpora, joined, {}, judgement),
        config=config.to_dict(),
        provenance=provenance(corpora, None),
    )


def _judged(joined: Pair, config: Config, progress: Progress) -> Judgement:
    """What ``judging.judge`` says of the first words. Of the facets only openings may matter, and only to heat."""
    resamples = max(config.resamples, fewest_resamples(config.alpha, len(FACETS)))
    settings = Settings(config.alpha, config.tolerance, resamples, config.seed)
    everything = np.ones(len(joined.rows), dtype=bool)
    read = prepared("degeneration", joined, progress)
    sound = ~degenerate_rows(label("degeneration", read, everything, config.seed, progress).labels)
    progress.stage("measuring the temperature")
    compared = joined.matched & (joined.side <= Side.NEW)
    bounded = joined.bounded(compared & sound)
    words = first_words(joined, bounded, settings)
    moved = words.movement
    if moved is Movement.HOTTER:
        opening = label("opening", prepared("opening", joined, progress), sound, config.seed, progress)
        evidence = weigh(opening, words.pair, compared, words.rows, bounded, words.betas, settings)
        moved = words.moved_beside(evidence, settings)
    return Judgement(words.tree, moved, words.betas, {}, words.dependence)


def _headline(found: Temperature, judgement: Judgement, base_temperature: float) -> str:
    beta, (low, high) = found.inverse_temperature, found.interval
    if beta is None or low is None:
        return f"No temperature can be stated: {without_temperature(judgement)}."
    if high is None:
        return f"Sharper: the new model is like the base at {at_temperature(found, base_temperature)} or lower."
    told = f"inverse temperature {beta:.2f} ({low:.2f}–{high:.2f})"
    if low <= 1 <= high:
        return f"No change of temperature found: {told}."
    if judgement.movement is Movement.SAME:
        alike = "more" if beta > 1 else "less"
        return f"Undecided: {told}, yet the first words are not surely {alike} alike than the base's."
    word = "Sharper" if beta > 1 else "Flatter"
    return f"{word}: the new model is like the base at {at_temperature(found, base_temperature)}."
