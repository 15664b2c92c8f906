"""What could a comparison with this base reveal, before a new sample is drawn?

The base's modes are learnt as ``compare`` learns them, the temperature's interval is measured on two halves of the
base, and ``stats.foresight`` says which losses would be found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from modecollapse.comparison import Encoding, Source, facet_names, provenance, read_all
from modecollapse.config import Config
from modecollapse.counts import CountTable
from modecollapse.embed.encoder import Encoder
from modecollapse.errors import ConfigError
from modecollapse.judgement.evidence import WITHOUT_TEMPERATURE, Settings, inverse_temperature
from modecollapse.judgement.weighing import Bools, allowances, word_tree
from modecollapse.labelling import Labelled, label_all
from modecollapse.pairing import Pair, Side, alone
from modecollapse.progress import Progress, Silent
from modecollapse.quantities import percent
from modecollapse.report import ReportWarning
from modecollapse.reporting.cautions import cautions_alone
from modecollapse.reporting.stating import stated_share, summary
from modecollapse.reporting.wording import counted, kind, listed
from modecollapse.results.power import FacetOutlook, FacetPower, ModeOutlook, ModePower, Power
from modecollapse.stats import collision, foresight

SHARPENINGS = (1.0, 1.5)
"""Inverse temperatures of the new model under which power is stated: none, and a strong one."""

_DRAWS = 100
_SEARCH_DRAWS = 40
_FEWEST_SAMPLES, _STEP, _STEPS = 4, 2**0.5, 21
"""Numbers of samples tried: 4, 6, 8, 11, 16 … 4,096. The figure is a plan, not a measurement."""

_ONE_PROMPT = 0.5
"""A mode with so much of its texts in one prompt promises nothing: taken out, it is learnt anew around the prompt."""
_WHATEVER_THE_PROMPT = ("language", "column:")
"""Facets whose modes mean the same whatever the prompt: that one prompt alone has one makes it no less of a mode."""


def power(
    base: Source,
    *,
    samples: int | None = None,
    loss: float | None = None,
    config: Config | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Power:
    """The losses that ``samples`` new texts per prompt could reveal (by default as many as the base has).

    ``loss``, a share of the new texts, is what ``samples_needed`` is stated for (by default the tolerance). Raises
    ``InputError``, ``ConfigError`` or ``ModelError``.
    """
    config, watcher = config or Config(), progress or Silent()
    if samples is not None and samples < 1:
        raise ConfigError("bad-value", f"samples must be at least 1, not {samples}")
    names = _with_losses(config)
    read = read_all({"base": base}, config, watcher)["base"]
    rows, encoding = alone(read), Encoding(config, encoder, watcher)
    new_samples = samples or max(1, round(float(np.median(np.unique(rows.rows.prompts, return_counts=True)[1]))))
    asked = config.tolerance if loss is None else loss
    with threadpool_limits(1, user_api="blas"):
        labelled = label_all(rows, names, encoding, config.seed, watcher)
        watcher.stage("planning")
        measured = _Base.of(rows, labelled["language"].member, config)
        facets = [_facet(_Facet.of(labelled[name], measured), new_samples, asked) for name in names]
    partitions = [labelled[name].partition for name in names]
    return Power(
        headline=_headline(new_samples, facets),
        samples=new_samples,
        loss=asked,
        temperature_known=measured.width is not None,
        facets=facets,
        corpus=summary(read),
        warnings=[*_left_out(len(read), len(rows.rows)), *cautions_alone(read, rows, partitions), *encoding.cautions()],
        config=config.to_dict(),
        provenance=provenance({"base": read}, encoding),
    )


def _with_losses(config: Config) -> list[str]:
    """The facets that have modes to lose. Degeneration has none that anyone would miss: it is judged by its rise."""
    names = [name for name in facet_names(config) if name != "degeneration"]
    if not names:
        raise ConfigError(
            "nothing-to-lose", "degenerate texts are judged by their rise, not by a loss", hint="name another facet"
        )
    return names


def _left_out(read: int, used: int) -> list[ReportWarning]:
    if read == used:
        return []
    message = f"{read - used:,} of {read:,} texts are at other temperatures than most, or written again: left out."
    return [ReportWarning("rows-left-out", message)]


@dataclass(frozen=True)
class _Base:
    """The base's rows, and ``width``, that of the interval of log β between two halves of them; None: no estimate."""

    rows: Pair
    width: float | None
    config: Config

    @classmethod
    def of(cls, rows: Pair, sound: Bools, config: Config) -> _Base:
        """Measured on the rows that are ``sound``; the rules of ``evidence`` and ``verdict`` for too few hold here."""
        settings = Settings(config.alpha, config.tolerance, config.resamples, config.seed)
        halves = replace(rows, side=_halves(rows))
        enough = len(np.unique(rows.rows.prompts)) >= collision.FEWEST_PROMPTS
        found = inverse_temperature(word_tree(halves, halves.bounded(sound)), settings) if enough else None
        return cls(rows, None if found is None else float(np.log(found.high / found.low)), config)

    def betas(self, samples: int, beta: float) -> tuple[float, float, float]:
        """The interval that an estimate around ``beta`` would have with so many new samples per prompt."""
        if self.width is None:
            return min(WITHOUT_TEMPERATURE[0], beta), beta, max(WITHOUT_TEMPERATURE[2], beta)
        per_prompt = len(self.rows.rows) / max(1, len(np.unique(self.rows.rows.prompts)))
        # The variance follows the rows of both sides: 1/N + 1/M against twice 2/N of the halves.
        shrink = np.sqrt((1 / per_prompt + 1 / samples) / (4 / per_prompt))
        factor = float(np.exp(0.5 * self.width * shrink))
        return beta / factor, beta, beta * factor


@dataclass(frozen=True)
class _Facet:
    """One facet of the base: its counts on both sides, and how well each mode is found again, 0 where none is firm."""

    labelled: Labelled
    base: _Base
    table: CountTable
    stability: NDArray[np.float64]

    @classmethod
    def of(cls, labelled: Labelled, base: _Base) -> _Facet:
        """The new rows are supposed to be spread over prompts as the base's."""
        rows = np.flatnonzero(labelled.member)
        twice, new = np.concatenate([rows, rows]), np.repeat([False, True], len(rows))
        table = CountTable.from_rows(base.rows.rows.prompts[twice], new, labelled.labels[twice], labelled.levels)
        bound = np.zeros(len(labelled.modes), dtype=bool)
        if not labelled.name.startswith(_WHATEVER_THE_PROMPT) and table.n_prompts > 1:
            counts = table.by_mode()[0]
            bound = counts.max(0, initial=0) >= _ONE_PROMPT * np.maximum(1, counts.sum(0))
        return cls(labelled, base, table, np.where(bound, 0.0, labelled.stability))

    def reach(self, samples: int, beta: float, fractions: NDArray[np.float64], draws: int) -> foresight.Reach:
        """What ``samples`` new ones per prompt could reveal."""
        config = self.base.config
        return foresight.reach(
            self.table,
            samples * self.table.n_prompts,
            self.base.betas(samples, beta),
            allowances(self.labelled),
            self.stability,
            foresight.Rule(config.alpha, config.tolerance),
            draws,
            config.seed,
            estimated=self.base.width is not None,
            fractions=fractions,
        )

    def told_as_lost(self, beta: float) -> bool:
        """Whether a loss makes the facet *lost* at all: behind sharpening, text alone can't decide but for openings."""
        return self.base.width is not None and (beta == 1 or self.labelled.name == "opening")


def _facet(facet: _Facet, samples: int, asked: float) -> FacetPower:
    labelled, base = facet.labelled, facet.table.by_mode()[0]
    outlooks = [_outlooks(facet, samples, beta, asked) for beta in SHARPENINGS]
    texts, learnt = int(facet.table.base.sum()), hasattr(labelled.partition, "stability")
    modes = [
        ModePower(
            id=mode.id,
            label=mode.label,
            description=mode.rule,
            level=mode.level,
            base_share=stated_share(int(base[:, index].sum()), texts),
            prompts=int((base[:, index] > 0).sum()),
            stability=float(labelled.stability[index]) if learnt else None,
            firm=bool(facet.stability[index] >= foresight.FIRM),
            outlooks=[under[index] for under in outlooks],
        )
        for index, mode in enumerate(labelled.modes)
        if base[:, index].sum() > 0
    ]
    modes.sort(key=lambda mode: (-mode.base_share.value, mode.level, mode.id))
    under = [_summed(modes, index, beta, asked) for index, beta in enumerate(SHARPENINGS)]
    return FacetPower(labelled.name, sum(mode.firm for mode in modes), under, modes)


def _outlooks(facet: _Facet, samples: int, beta: float, asked: float) -> list[ModeOutlook]:
    """The outlook of each mode under one sharpening."""
    seen = facet.reach(samples, beta, foresight.FRACTIONS, _DRAWS)
    lost = seen.lost[-1] if facet.told_as_lost(beta) else np.zeros(len(seen.share))
    needed = _samples_needed(facet, beta, np.minimum(1.0, asked / np.maximum(seen.share, 1e-12)))
    return [
        ModeOutlook(
            inverse_temperature=beta,
            share=float(seen.share[mode]),
            removal_power=float(seen.found[-1, mode]),
            lost_power=float(lost[mode]),
            smallest_loss=None if np.isnan(seen.smallest_loss[mode]) else float(seen.smallest_loss[mode]),
            samples_needed=needed[mode],
        )
        for mode in range(len(seen.share))
    ]


def _samples_needed(facet: _Facet, beta: float, fraction: NDArray[np.float64]) -> list[int | None]:
    """The fewest samples per prompt, of those tried, at which the loss of that ``fraction`` of each mode is found."""
    tried = [round(_FEWEST_SAMPLES * _STEP**step) for step in range(_STEPS)]

    @cache
    def found(at: int) -> NDArray[np.bool_]:
        seen = facet.reach(tried[at], beta, fraction[None], _SEARCH_DRAWS)
        often: NDArray[np.bool_] = seen.found[0] >= foresight.POWER
        return often

    def fewest(mode: int) -> int | None:
        if facet.stability[mode] < foresight.FIRM or not found(len(tried) - 1)[mode]:
            return None
        return tried[bisect_left(range(len(tried)), True, key=lambda at: bool(found(at)[mode]))]

    return [fewest(mode) for mode in range(len(fraction))]


def _summed(modes: Sequence[ModePower], outlook: int, beta: float, asked: float) -> FacetOutlook:
    firm = [(mode.base_share.value, mode.outlooks[outlook]) for mode in modes if mode.firm]
    large = [each.samples_needed for share, each in firm if share >= asked]
    enough = [number for number in large if number is not None]
    return FacetOutlook(
        inverse_temperature=beta,
        found=sum(mode.outlooks[outlook].removal_power >= foresight.POWER for mode in modes),
        smallest_removal=_smallest([(share, each.removal_power) for share, each in firm]),
        smallest_lost=_smallest([(share, each.lost_power) for share, each in firm]),
        samples_needed=max(enough) if enough and len(enough) == len(large) else None,
    )


def _smallest(powers: Sequence[tuple[float, float]]) -> float | None:
    """The smallest share from which on every mode, in falling order of share, has power enough; None where none has."""
    smallest = None
    for share, power in powers:
        if power < foresight.POWER:
            break
        smallest = share
    return smallest


def _headline(samples: int, facets: Sequence[FacetPower]) -> str:
    """Which removals are found where nothing is sharpened: from which share on, or of how many modes."""
    new = f"{samples:,} new sample{'' if samples == 1 else 's'} per prompt"
    if not any(facet.outlooks[0].found for facet in facets):
        return f"With {new}, no removal of a mode can be promised to be found."
    found = listed([_found(facet) for facet in facets if facet.modes])
    return f"With {new}, the complete removal of {found} would be found four times in five; of others it may not."


def _found(facet: FacetPower) -> str:
    plain = facet.outlooks[0]
    if facet.firm == len(facet.modes) and plain.smallest_removal is not None and plain.found > 1:
        return f"any {kind(facet.name)} of {percent(plain.smallest_removal)} or more"
    return f"{plain.found:,} of {counted(len(facet.modes), facet.name)}"


def _halves(base: Pair) -> NDArray[np.int8]:
    """Every second row of each prompt, in content-hash order, as the new side."""
    order = np.argsort(base.rows.prompts, kind="stable")
    prompts = base.rows.prompts[order]
    first = np.searchsorted(prompts, prompts)
    side = np.empty(len(prompts), dtype=np.int8)
    side[order] = np.where((np.arange(len(prompts)) - first) % 2, Side.NEW, Side.BASE)
    return side
