"""How often better evidence errs: the ladder and the reheated corpus on subsamples of corpora whose truth is known.

    python -m benchmarks.equal_temperature --data DIR [--seeds 3] [--sizes 10,20,40] [--out FILE]

DIR holds the corpora of ``sample_data``. Facets are learnt once a pair, on all rows; rows are then drawn per prompt and
corpus. ``removed`` takes one persona of 8% to 40% of the rows, spread over prompts, out of a corpus at another
temperature: a loss behind sharpening, which text alone can't tell. Ladder: facets found lost, and how many the nearest
rung alone would call so; all modes that are there at equal temperature, missing, undecided. Reheated: the same of the
modes in question (missing by text, or not cleared by it).
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modecollapse.config import Config
from modecollapse.corpus import Corpus, read_corpus
from modecollapse.embed import EmbeddingCache, embed_all, load_encoder
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.judging import judge
from modecollapse.judgement.modes import in_question
from modecollapse.judgement.weighing import count
from modecollapse.labelling import Labelled, label_all
from modecollapse.pairing import Pair, Side, pair
from modecollapse.progress import Silent
from modecollapse.report import Verdict
from modecollapse.second_opinion import ladder, reheated
from modecollapse.stats import equivalence

FACETS = ("language", "topic", "persona", "opening")
GONE = (Verdict.LOST, Verdict.COLLAPSED)
_HOT = ("base", "base_again", "base_T0.6")
_ALL = (*_HOT, "base_T0.8")


@dataclass(frozen=True)
class Case:
    """Corpora of one comparison; ``removed`` takes a persona out of the new (and the reheated) corpus."""

    name: str
    base: Sequence[str]
    new: str
    reheated: str | None = None
    removed: bool = False
    truly_lost: bool = False


CASES = [
    Case("ladder T1, .6: T = .8", _HOT, "base_T0.8"),
    Case("ladder T1, .6: sharpened", _HOT, "sharpened"),
    Case("ladder T1, .8, .6: sharpened", _ALL, "sharpened"),
    Case("ladder T1, .6: T = .8, a persona removed", _HOT, "base_T0.8", removed=True, truly_lost=True),
    Case("ladder T1, .6: sharpened, a persona removed", _HOT, "sharpened", removed=True, truly_lost=True),
    Case("ladder: topic_locked", _ALL, "topic_locked", truly_lost=True),
    Case("ladder: opening_locked", _ALL, "opening_locked", truly_lost=True),
    Case("reheated: T = .8, then T = 1", ("base",), "base_T0.8", "base_again"),
    Case("reheated: T = .6, then T = 1", ("base",), "base_T0.6", "base_again"),
    Case("reheated: sharpened, then T = 1", ("base",), "sharpened", "base_again"),
    Case("reheated: T = .6, a persona removed", ("base",), "base_T0.6", "base_again", removed=True, truly_lost=True),
    Case("reheated: opening_locked", ("base",), "opening_locked", "opening_locked", truly_lost=True),
    Case("reheated: topic_locked", ("base",), "topic_locked", "topic_locked", truly_lost=True),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=[10, 20, 40])
    parser.add_argument("--only", default="", help="cases whose name holds this")
    arguments = parser.parse_args()
    print("| case | samples | n | " + _HEAD + " |")
    print("|---|---|---|" + "---|" * (_HEAD.count("|") + 1))
    for case in CASES:
        if arguments.only in case.name:
            staged = stage(case, arguments.data)
            for size in arguments.sizes:
                found = Counter[str]()
                for seed in range(arguments.seeds):
                    found += _measure(case, *draw(*staged, size, seed), seed)
                print(f"| {case.name} | {size} | {arguments.seeds} | {_row(found)} |", flush=True)


_HEAD = (
    "ladder: lost, cleared, undecided facets | nearest rung: lost | off the ladder | modes: back, missing, undecided"
)


def _row(found: Counter[str]) -> str:
    return (
        f"{found['lost']}, {found['cleared']}, {found['open']} | {found['nearest lost']} | {found['off']} | "
        f"{found['back']}, {found['missing']}, {found['undecided']}"
    )


def stage(case: Case, data: Path) -> tuple[Pair, dict[str, Labelled]]:
    """Pair and labels of a case, all rows."""
    encoder, cache = load_encoder(Config().embedder), EmbeddingCache(Config().cache_dir)
    again = _read([case.reheated], data) if case.reheated else None
    pooled = pair(_read(case.base, data), _read([case.new], data), again)
    labelled = label_all(pooled, FACETS, lambda texts: embed_all(texts, encoder, cache, Silent()), 0, Silent())
    return _without_a_mode(pooled, labelled) if case.removed else (pooled, labelled)


def _read(names: Sequence[str], data: Path) -> Corpus:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        path.write_text("".join(line for name in names for line in _lines(data / f"{name}.jsonl")))
        return read_corpus(path)


def _lines(path: Path) -> Iterator[str]:
    content = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    for line in content.splitlines():
        row = json.loads(line)
        yield json.dumps({key: row[key] for key in ("prompt_id", "prompt", "text", "temperature")}) + "\n"


def _without_a_mode(pooled: Pair, labelled: dict[str, Labelled]) -> tuple[Pair, dict[str, Labelled]]:
    """The rows of one persona leave the new and the reheated corpus: stable, 8% to 40%, and no prompt's only one."""
    facet = labelled["persona"]
    table = count(facet, pooled, pooled.matched & (pooled.side <= Side.NEW) & facet.member)
    base = table.by_mode()[0]
    share, most = base.sum(0) / table.base.sum(), (base / table.totals()[0][:, None]).max(0)
    share[(share < 0.08) | (share > 0.4) | (most > 0.7) | ~facet.stable] = 0
    mode = int(share.argmax())
    member = facet.labels[:, facet.levels[mode]] == mode
    return _take(pooled, labelled, ~(member & np.isin(pooled.side, (Side.NEW, Side.REHEATED))))


def draw(pooled: Pair, labelled: dict[str, Labelled], size: int, seed: int) -> tuple[Pair, dict[str, Labelled]]:
    """At most ``size`` rows of each prompt and corpus; twice as many of the base at its main temperature."""
    rng = np.random.default_rng([seed, size])
    keys, kept = rng.random(len(pooled.side)), np.zeros(len(pooled.side), dtype=bool)
    group = np.column_stack([pooled.rows.prompts, pooled.side, np.nan_to_num(pooled.temperatures) * 100]).astype(int)
    _, member = np.unique(group, axis=0, return_inverse=True)
    for one in range(member.max() + 1):
        index = np.flatnonzero(member == one)
        rows = 2 * size if pooled.side[index[0]] == Side.BASE else size
        kept[index[np.argsort(keys[index])[:rows]]] = True
    return _take(pooled, labelled, kept)


def _take(pooled: Pair, labelled: dict[str, Labelled], keep: NDArray[np.bool_]) -> tuple[Pair, dict[str, Labelled]]:
    index = np.flatnonzero(keep)
    cut = {
        name: replace(facet, labels=facet.labels[index], member=facet.member[index]) for name, facet in labelled.items()
    }
    return pooled.take(index), cut


def _measure(case: Case, pooled: Pair, labelled: dict[str, Labelled], seed: int) -> Counter[str]:
    settings = Settings(0.01, 0.05, 1000, seed)
    if case.reheated:
        return _reheated(pooled, labelled, settings)
    found = Counter[str]()
    position = ladder.place(pooled, labelled["language"].member)
    if position is None or position.off:
        return Counter({"off": 1})
    nearest = replace(position, value=(near := float(round(position.value))), low=near, high=near)
    for name, opinion in ladder.against(pooled, labelled, FACETS, position, settings).items():
        stable = labelled[name].stable
        gone, back = opinion.evidence.gone & stable, (opinion.high <= opinion.margin).any(0) & stable
        found["missing"] += int(gone.sum())
        found["back"] += int((back & ~gone).sum())
        found["undecided"] += int((stable & ~back & ~gone).sum())
        cleared = opinion.clears(stable)
        found["lost" if opinion.finding.verdict in GONE else "cleared" if cleared else "open"] += 1
    for opinion in ladder.against(pooled, labelled, FACETS, nearest, settings).values():
        found["nearest lost"] += opinion.finding.verdict in GONE
    return found


def _reheated(pooled: Pair, labelled: dict[str, Labelled], settings: Settings) -> Counter[str]:
    first = judge(pooled, labelled, FACETS, settings)
    settled = reheated.settle(pooled, labelled, FACETS, first, settings)
    found = Counter[str]()
    for name, judged in settled.facets.items():
        back = judged.recovery
        assert isinstance(back, equivalence.Recovery)
        asked = in_question(first.facets[name].evidence, settings)
        found["back"] += int((asked & back.back).sum())
        found["missing"] += int((asked & back.missing).sum())
        found["undecided"] += int((asked & ~back.back & ~back.missing).sum())
        found["lost"] += judged.finding.verdict in GONE
        found["cleared"] += judged.finding.verdict is Verdict.SHARPENED
        found["open"] += judged.finding.verdict is Verdict.INCONCLUSIVE
    return found


if __name__ == "__main__":
    main()
