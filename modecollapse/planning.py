"""What could a comparison with this base reveal, at a given number of new samples?

The engine behind ``modecollapse power BASE``: the base's modes are learnt as ``compare`` learns them, the temperature's
interval is measured on two halves of the base, and ``stats.foresight`` says which losses would be found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from modecollapse.comparison import Encoding, Source, read_all
from modecollapse.config import FACETS, Config
from modecollapse.corpus import Corpus
from modecollapse.counts import CountTable
from modecollapse.embed.encoder import Encoder
from modecollapse.evidence import Settings, inverse_temperature
from modecollapse.judging import allowances, word_tree
from modecollapse.labelling import Labelled, label_all
from modecollapse.pairing import Pair, Side, pair
from modecollapse.progress import Progress, Silent
from modecollapse.stats import foresight

SHARPENINGS = (1.0, 1.5)
"""Inverse temperatures of the new model under which power is stated: none, and a strong one."""

_DRAWS = 100
_WIDEST = (0.5, 2.0)
"""Interval of the temperature, as factors, supposed where the base is too small to measure one."""


@dataclass(frozen=True)
class ModePlan:
    """What could be seen of one mode under one sharpening.

    ``share`` is the share expected of the new rows if nothing is lost, ``removal_power`` how often its complete removal
    would be flagged, ``smallest_loss`` the smallest loss, in share of rows, that is found four times in five (None:
    not even a complete removal is).
    """

    facet: str
    mode: str
    name: str
    inverse_temperature: float
    share: float
    removal_power: float
    smallest_loss: float | None


def plan(
    base: Source,
    samples: float,
    *,
    config: Config | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> list[ModePlan]:
    """Plans of every mode that has base rows, for ``samples`` new samples per prompt, by facet and falling share.

    Raises ``InputError``, ``ConfigError`` or ``ModelError`` as ``compare`` does.
    """
    config, watcher = config or Config(), progress or Silent()
    rows = _alone(read_all({"base": base}, config, watcher)["base"])
    names = list(config.facets or FACETS)
    settings = Settings(config.alpha, config.tolerance, config.resamples, config.seed)
    with threadpool_limits(1, user_api="blas"):
        labelled = label_all(rows, names, Encoding(config, encoder, watcher), config.seed, watcher)
        watcher.stage("planning")
        found = [mode for beta in SHARPENINGS for mode in _under(beta, rows, labelled, names, samples, settings)]
    return sorted(found, key=lambda mode: (names.index(mode.facet), mode.inverse_temperature, -mode.share, mode.mode))


def _alone(base: Corpus) -> Pair:
    """The rows of one corpus, all of them on the base side."""
    twice = pair(base, base)
    return twice.take(np.flatnonzero(twice.side == Side.BASE))


def _under(
    beta: float, base: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], samples: float, settings: Settings
) -> Iterator[ModePlan]:
    betas = _interval(base, labelled["language"].member, samples, beta, settings)
    for name in names:
        yield from _facet(labelled[name], base, samples, betas, settings)


def _facet(
    facet: Labelled, base: Pair, samples: float, betas: tuple[float, float, float], settings: Settings
) -> list[ModePlan]:
    table = _both_sides(facet, base)
    rows = round(samples * table.n_prompts)
    seen = foresight.reach(table, rows, betas, allowances(facet), facet.stable, settings.alpha, _DRAWS, settings.seed)
    counts, _ = table.by_mode()
    return [
        ModePlan(
            facet=facet.name,
            mode=mode.id,
            name=mode.label,
            inverse_temperature=betas[1],
            share=float(seen.share[index]),
            removal_power=float(seen.removal_power[index]),
            smallest_loss=None
            if np.isnan(seen.smallest_loss[index])
            else float(seen.smallest_loss[index] * seen.share[index]),
        )
        for index, mode in enumerate(facet.modes)
        if counts[:, index].sum() > 0
    ]


def _both_sides(facet: Labelled, base: Pair) -> CountTable:
    """The base's counts, standing on both sides: the new rows are supposed to be spread over prompts alike."""
    rows = np.flatnonzero(facet.member)
    twice = np.concatenate([rows, rows])
    new = np.repeat([False, True], len(rows))
    return CountTable.from_rows(base.rows.prompts[twice], new, facet.labels[twice], facet.levels)


def _interval(
    base: Pair, sound: NDArray[np.bool_], samples: float, beta: float, settings: Settings
) -> tuple[float, float, float]:
    """The interval that a temperature estimate around ``beta`` would have: measured on two halves of the base."""
    halves = replace(base, side=_halves(base))
    estimate = inverse_temperature(word_tree(halves, sound), settings)
    if estimate is None:
        return beta * _WIDEST[0], beta, beta * _WIDEST[1]
    per_prompt = len(base.rows) / max(1, len(np.unique(base.rows.prompts)))
    # The variance follows the rows of both sides: 1/N + 1/M against twice 2/N of the halves.
    shrink = np.sqrt((1 / per_prompt + 1 / samples) / (4 / per_prompt))
    reach = 0.5 * np.log(estimate.high / estimate.low) * shrink
    return float(beta * np.exp(-reach)), beta, float(beta * np.exp(reach))


def _halves(base: Pair) -> NDArray[np.int8]:
    """Every second row of each prompt, in content-hash order, as the new side."""
    order = np.argsort(base.rows.prompts, kind="stable")
    prompts = base.rows.prompts[order]
    first = np.searchsorted(prompts, prompts)
    side = np.empty(len(prompts), dtype=np.int8)
    side[order] = np.where((np.arange(len(prompts)) - first) % 2, Side.NEW, Side.BASE)
    return side
