"""Is what ``power`` promises of a base what ``compare`` then finds?

    python -m benchmarks.promised_power [--data DIR] [--seeds 10] [--write]

DIR holds the corpora that ``python -m benchmarks.ground_truth --out DIR`` draws. Two studies:

* *planted*: a part of the base's rows is Spanish, or has one opening; the new side has none of it;
* *taken out*: the base and the new side are drawn from two independent samples of the model, and the new side has no
  row of one mode of the base; other rows of the same prompts stand in their place, which is the hardest kind of loss
  to see. Modes are chosen at random, most of them among those that can be promised.

*Promised*: the power stated for a complete removal, averaged. *Found*: how often a mode was called thinned or vanished.
``--write`` puts the tables into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.document import put
from benchmarks.error_rates.conditions import Mix, mixed
from benchmarks.error_rates.study import Deal, write
from benchmarks.error_rates.tables import rate
from benchmarks.ground_truth.corpora import PACKED, read
from benchmarks.ground_truth.targets import OPENING
from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.corpus import Corpus, read_corpus
from modecollapse.embed import embed, load_encoder
from modecollapse.facets.degeneration import degenerate_rows
from modecollapse.labelling import label_all
from modecollapse.pairing import alone
from modecollapse.planning import power
from modecollapse.policy import Policy
from modecollapse.progress import Silent
from modecollapse.report import Report
from modecollapse.results.power import ModePower

PLANTED = {"spanish": ("language", "Spanish"), "opening": ("opening", OPENING)}
CONFIG = Config(facets=("language", "opening"), gate=Policy(required_facets=("language", "opening")))
FACETS = ("language", "topic", "persona", "opening")
MODES_EACH = 4
"""Modes of a facet and seed that are taken out, one at a time."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=PACKED)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = [*_planted(arguments.data, arguments.seeds), "", *_taken_out(arguments.data, arguments.seeds)]
    if arguments.write:
        put("promised power", "\n".join(lines))


def _planted(data: Path, seeds: int) -> Iterator[str]:
    yield from ("| planted | share | samples × prompts | promised | found |", "|---|---|---|---|---|")
    for name in PLANTED:
        for share in (0.03, 0.05, 0.1, 0.2):
            for samples in (5, 10, 20):
                trials = list(_planted_trials(data, name, share, samples, seeds))
                promised = np.mean([promise for promise, _ in trials])
                found = rate(sum(gone for _, gone in trials), len(trials))
                yield _shown(f"| {name} | {share:.0%} | {samples} × 40 | {promised:.0%} | {found} |")


def _planted_trials(data: Path, name: str, share: float, samples: int, seeds: int) -> Iterator[tuple[float, bool]]:
    """Promised power and whether the loss was found, for each seed."""
    facet, label = PLANTED[name]
    for seed in range(seeds):
        deal = Deal(data, np.random.default_rng([seed, samples]), samples, 40, ())
        with tempfile.TemporaryDirectory() as folder:
            base, new = (Path(folder) / f"{side}.jsonl" for side in ("base", "new"))
            write(base, deal.rows(mixed(name, share)))
            write(new, deal.rows(Mix()))
            planned = next(each for each in power(base, samples=samples, config=CONFIG).facets if each.name == facet)
            report = compare(base, new, config=CONFIG)
        promises = [mode.outlooks[0].removal_power for mode in planned.modes if mode.label == label]
        yield max(promises, default=0.0), label in _gone(report, facet)


def _taken_out(data: Path, seeds: int) -> Iterator[str]:
    pool = _embedded(data, "base", "base_again")
    yield "| taken out | samples × prompts | modes | promised | found | of those promised four times in five |"
    yield "|---|---|---|---|---|---|"
    for samples in (20, 40):
        trials = [trial for seed in range(seeds) for trial in _removals(pool, samples, seed)]
        for facet in FACETS:
            own = [trial for trial in trials if trial.facet == facet]
            sure = [trial.found for trial in own if trial.promised >= 0.8]
            promised, found = np.mean([(trial.promised, trial.found) for trial in own], axis=0) if own else (0, 0)
            kept = rate(sum(sure), len(sure)) if sure else "–"
            yield _shown(f"| {facet} | {samples} × 40 | {len(own)} | {promised:.0%} | {found:.0%} | {kept} |")


@dataclass(frozen=True)
class Trial:
    facet: str
    promised: float
    found: bool


def _removals(pool: Corpus, samples: int, seed: int) -> Iterator[Trial]:
    """A base of ``samples`` rows a prompt, and one new side after the other that lacks a mode of it."""
    rng, prompts = np.random.default_rng([seed, samples]), np.array(pool.prompt_keys)
    orders = [rng.permutation(np.flatnonzero(prompts == prompt)) for prompt in np.unique(prompts)]
    base = _take(pool, np.concatenate([order[:samples] for order in orders]))
    rest = np.concatenate([order[samples:] for order in orders])
    members = _members(base, _take(pool, rest))
    for facet in power(base, samples=samples).facets:
        for mode in _chosen(facet.modes, rng):
            without = set(rest[members[facet.name][mode.id]].tolist())
            kept = [
                row
                for order in orders
                for row in [row for row in order[samples:].tolist() if row not in without][:samples]
            ]
            report = compare(base, _take(pool, np.array(kept)))
            yield Trial(facet.name, mode.outlooks[0].removal_power, bool(_gone(report, facet.name)))


def _chosen(modes: Sequence[ModePower], rng: np.random.Generator) -> list[ModePower]:
    """Most of them firm, as the others promise nothing."""
    firm, others = ([mode for mode in modes if mode.firm is which] for which in (True, False))
    picked = [[part[index] for index in rng.permutation(len(part))] for part in (firm, others)]
    return [*picked[0][: MODES_EACH - 1], *picked[1][:1]]


def _members(base: Corpus, others: Corpus) -> dict[str, dict[str, NDArray[np.int64]]]:
    """By facet and mode of ``base``: which rows of ``others`` are in it."""
    labelled = label_all(alone(base), FACETS, lambda texts: np.zeros((len(texts), 1), np.float32), 0, Silent())
    pair = alone(others)
    sound = ~degenerate_rows(labelled["degeneration"].partition.label(pair.rows))
    languages = labelled["language"].partition
    rows = replace(pair.rows, languages=languages.codes(languages.label(pair.rows)))
    return {
        name: {
            mode.id: pair.lines[sound & (labelled[name].partition.label(rows)[:, mode.level] == index)]
            for index, mode in enumerate(labelled[name].modes)
        }
        for name in FACETS
    }


def _embedded(data: Path, *names: str) -> Corpus:
    """The texts of some corpora as one, with vectors; a row's line is its place."""
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder) / "both.jsonl"
        write(both, [row for name in names for row in read(data, name)])
        corpus = read_corpus(both)
    vectors = embed(corpus.texts, load_encoder("default"), None, Silent())
    return replace(corpus, vectors=vectors, token_ids=None, logprobs=None)


def _take(corpus: Corpus, index: NDArray[np.int64]) -> Corpus:
    assert corpus.vectors is not None
    return replace(
        corpus,
        texts=[corpus.texts[row] for row in index],
        hashes=corpus.hashes[index],
        prompt_keys=[corpus.prompt_keys[row] for row in index],
        lines=np.arange(len(index)),
        temperatures=corpus.temperatures[index],
        samples=np.full(len(index), -1),
        decoding={name: values[index] for name, values in corpus.decoding.items()},
        vectors=corpus.vectors[index],
        rows=len(index),
        sha256=f"{hash(index.tobytes()):x}",
    )


def _gone(report: Report, name: str) -> list[str]:
    modes = next(facet for facet in report.facets if facet.name == name).modes
    return [mode.label for mode in modes if mode.verdict.value in ("thinned", "vanished")]


def _shown(line: str) -> str:
    print(line, flush=True)
    return line


if __name__ == "__main__":
    main()
