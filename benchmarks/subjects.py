"""Words that tell of a loss: subjects filtered out of texts on anything, and words that took over everywhere.

    python -m benchmarks.subjects [--seeds 3] [--jobs 2] [--write]

Corpora are those that come with the repository (``benchmarks/ground_truth``). *Nothing removed*: words that
``subjects.lost_words`` finds gone between two draws of a model, or where only temperature, truncation or small steps on
own samples lie between them. *Removed*: all new texts that say a word of one subject (``SUBJECTS``, written down before
the method was) are left out, of a draw of the same model or of one at T = .7. *Nothing brought up*: words that
``catchwords.catchwords`` finds to have taken over where nothing was lost, in subsets of the prompts too. *Brought up*:
in the middle of all texts somebody is named, of two dozen names in the base, of one or three in the new ones. Rows are
dealt out anew by every seed.
``--write`` puts the tables into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.document import put
from benchmarks.ground_truth import corpora

UNHARMED = [
    *("base_again", "T0.85", "T0.7", "T0.5", "T0.3", "top_p0.9", "top_k20", "min_p0.1"),
    *("sharpened1", "sharpened3", "reheated_sharpened1", "reheated_sharpened3", "filtered"),
]
NEAR_ZERO_OR_HOT = ["greedy", "T1.2", "T1.4", "flattened1"]
"""Where words of one draw may be gone by chance; but none came up."""
PROMPTS = (3, 6, 10, 40)
MANY_NAMES = [
    first + last for first in ("An", "Be", "Cla", "Da", "E", "Fe", "Ga", "Hu") for last in ("ra", "lin", "ton")
]
NEW_NAMES = ("Elara", "Orin", "Sola")
SUBJECTS = {
    corpora.PACKED: {
        "art": r"art|arts|artist\w*|paint\w*|creativ\w*|express\w*|music\w*|song\w*",
        "technology": r"technolog\w*|human\w*|machine\w*|digital|computer\w*|robot\w*",
        "joy": r"love\w*|happy|happiness|heart\w*|joy\w*|glad|delight\w*",
        "world": r"world\w*|global\w*|city|cities|countr\w*|land\w*",
        "day": r"day|days|today|night\w*|morning\w*|evening\w*|sun\w*|moon\w*",
        "welcome": r"friend\w*|welcome|meet\w*|hello|hi|dear",
    },
    corpora.HELD_OUT: {
        "work": r"work\w*|jobs?|teams?|office\w*|career\w*",
        "food": r"food\w*|eat\w*|cook\w*|meal\w*|recipe\w*|dish\w*",
        "money": r"money|budget\w*|saving\w*|cost\w*|expens\w*|spend\w*|price\w*",
        "water": r"water\w*|sea|ocean\w*|river\w*|lake\w*|rain\w*",
        "people": r"people|others|someone|friend\w*|famil\w*",
        "time": r"day|days|week\w*|month\w*|year\w*|hour\w*",
    },
}
NAMES = {corpora.PACKED: "first prompts", corpora.HELD_OUT: "held out"}
SAMPLES = (20, 40)
ALPHA = 0.01

Row = dict[str, Any]
Deal = tuple[Path, str, str, int, int]
"""The corpora, the new side, the subject that it lacks or "", samples per prompt, and the seed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    seeds = range(arguments.seeds)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        tables = [
            "\n".join(_unharmed(pool, seeds)),
            "\n".join(_removed(pool, seeds)),
            "\n".join(_nothing_brought_up(pool, seeds)),
            "\n".join(_brought_up(pool, seeds)),
        ]
    page = "\n\n".join(tables)
    print(page)
    if arguments.write:
        put("subjects", page)


def _unharmed(pool: ProcessPoolExecutor, seeds: Sequence[int]) -> Iterator[str]:
    yield "| nothing removed | samples × prompts | comparisons | words found gone |"
    yield "|---|---|---|---|"
    for data in SUBJECTS:
        for samples in SAMPLES:
            deals: list[Deal] = [(data, name, "", samples, seed) for name in UNHARMED for seed in seeds]
            found = list(pool.map(words_gone, deals))
            told = [f"{deal[1]}: {', '.join(words[:3])}" for deal, words in zip(deals, found, strict=True) if words]
            yield f"| {NAMES[data]} | {samples} × 40 | {len(deals)} | {len(told)}{_aside('; '.join(told))} |"


def _removed(pool: ProcessPoolExecutor, seeds: Sequence[int]) -> Iterator[str]:
    columns = [(new, samples) for new in ("base_again", "T0.7") for samples in SAMPLES]
    heads = [f"{'T = 1' if new == 'base_again' else 'T = .7'}, {samples} × 40" for new, samples in columns]
    yield f"| removed | texts | {' | '.join(heads)} | verdict, T = 1, 40 × 40 | T = .7 |"
    yield "|---|---|---|---|---|---|---|---|"
    for data, subjects in SUBJECTS.items():
        for subject, pattern in subjects.items():
            cells = []
            for new, samples in columns:
                deals: list[Deal] = [(data, new, subject, samples, seed) for seed in seeds]
                found = [any(map(_says(pattern), words)) for words in pool.map(words_gone, deals)]
                cells.append(f"{sum(found)}/{len(found)}")
            verdicts = pool.map(verdict, [(data, new, subject, max(SAMPLES), 0) for new in ("base_again", "T0.7")])
            share = np.mean(
                [bool(_says(pattern)(row["text"])) for rows in _corpus(data, "base").values() for row in rows]
            )
            yield f"| {subject} | {share:.0%} | {' | '.join([*cells, *verdicts])} |"


class Draw(NamedTuple):
    """A comparison in which words may have been brought up: ``names`` new names in a ``part`` of the new texts."""

    data: Path
    new: str
    prompts: int
    samples: int
    seed: int
    names: int = 0
    part: float = 1.0


def _nothing_brought_up(pool: ProcessPoolExecutor, seeds: Sequence[int]) -> Iterator[str]:
    yield "| nothing brought up | prompts | comparisons | words found to have taken over |"
    yield "|---|---|---|---|"
    for data, prompts in product(SUBJECTS, PROMPTS):
        draws = [
            Draw(data, name, prompts, samples, seed)
            for name, samples, seed in product([*UNHARMED, *NEAR_ZERO_OR_HOT], (5, 20), seeds)
        ]
        found = list(pool.map(words_brought_up, draws))
        told = [f"{draw.new}: {', '.join(words[:3])}" for draw, words in zip(draws, found, strict=True) if words]
        yield f"| {NAMES[data]} | {prompts} | {len(draws)} | {len(told)}{_aside('; '.join(told))} |"


def _brought_up(pool: ProcessPoolExecutor, seeds: Sequence[int]) -> Iterator[str]:
    parts, prompts = (1.0, 0.7, 0.4), (6, 10, 40)
    yield f"| brought up | prompts × samples | {' | '.join(f'in {part:.0%} of the texts' for part in parts)} |"
    yield "|---" * (2 + len(parts)) + "|"
    for names, asked, samples in product((1, 3), prompts, (5, 20)):
        cells = []
        for part in parts:
            draws = [
                Draw(data, new, asked, samples, seed, names, part)
                for data, new, seed in product(SUBJECTS, ("base_again", "T0.7"), seeds)
            ]
            found = [
                bool({name.lower() for name in NEW_NAMES} & set(words)) for words in pool.map(words_brought_up, draws)
            ]
            cells.append(f"{sum(found)}/{len(found)}")
        yield f"| {'one name' if names == 1 else f'{names} names'} | {asked} × {samples} | {' | '.join(cells)} |"


def words_brought_up(draw: Draw) -> Sequence[str]:
    """Words that took over, by the method itself, whatever the facets say."""
    from modecollapse.corpus import read_corpus
    from modecollapse.judgement.catchwords import catchwords
    from modecollapse.pairing import pair

    rng = np.random.default_rng(draw.seed)
    base, new = _corpus(draw.data, "base"), _corpus(draw.data, draw.new)
    asked = rng.permutation(sorted(base.keys() & new.keys()))[: draw.prompts]
    names = (MANY_NAMES, NEW_NAMES[: draw.names]) if draw.names else ((), ())
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{side}.jsonl" for side in ("base", "new")]
        for path, rows, said, part in zip(paths, (base, new), names, (1.0, draw.part), strict=True):
            drawn = [rows[key][row] for key in asked for row in rng.permutation(len(rows[key]))[: draw.samples]]
            told = ({**row, "text": _with_name(row["text"], said, part, rng)} for row in drawn)
            lines = (json.dumps({key: row[key] for key in ("prompt_id", "prompt", "text")}) for row in told)
            path.write_text("\n".join(lines), encoding="utf-8")
        joined = pair(*map(read_corpus, paths))
    joined = replace(joined, rows=replace(joined.rows, languages=np.full(len(joined.rows), "en")))
    return catchwords(joined, np.ones(len(joined.rows), dtype=bool), ALPHA).words


def _with_name(text: str, names: Sequence[str], part: float, rng: np.random.Generator) -> str:
    words = text.split()
    middle = min(len(words) // 2, 10)
    return (
        " ".join([*words[:middle], str(rng.choice(names)), *words[middle:]]) if names and rng.random() < part else text
    )


def words_gone(deal: Deal) -> Sequence[str]:
    """Words of which hardly a new text is left, by the method itself, whatever the topics say."""
    from modecollapse.corpus import read_corpus
    from modecollapse.judgement import subjects
    from modecollapse.pairing import pair

    with tempfile.TemporaryDirectory() as folder:
        joined = pair(*map(read_corpus, _written(deal, Path(folder))))
    joined = replace(joined, rows=replace(joined.rows, languages=np.full(len(joined.rows), "en")))
    return subjects.lost_words(joined, np.ones(len(joined.rows), dtype=bool), _encoder().encode, ALPHA).words


def verdict(deal: Deal) -> str:
    """What the tool says of the comparison."""
    from modecollapse.comparison import compare

    with tempfile.TemporaryDirectory() as folder:
        base, new = _written(deal, Path(folder))
        return compare(base, new, encoder=_encoder()).verdict.value


def _written(deal: Deal, folder: Path) -> Iterator[Path]:
    data, name, subject, samples, seed = deal
    rng = np.random.default_rng(seed)
    missing = _says(SUBJECTS[data][subject]) if subject else lambda _: None
    for side, corpus, lacks in (("base", "base", lambda _: None), ("new", name, missing)):
        path = folder / f"{side}.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for rows in _corpus(data, corpus).values():
                left = [row for row in rows if not lacks(row["text"])]
                for index in rng.permutation(len(left))[:samples]:
                    kept = {key: left[index][key] for key in ("prompt_id", "prompt", "text")}
                    out.write(json.dumps(kept) + "\n")
        yield path


def _says(pattern: str) -> Any:  # noqa: ANN401
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE).search


@lru_cache(maxsize=8)
def _corpus(data: Path, name: str) -> Mapping[str, Sequence[Row]]:
    rows = defaultdict(list)
    for part in (name, f"{name}_more"):
        for row in corpora.read(data, part) if corpora.is_there(data, part) else ():
            rows[row["prompt_id"]].append(row)
    return rows


def _aside(text: str) -> str:
    return f" ({text})" if text else ""


@lru_cache(maxsize=1)
def _encoder() -> Any:  # noqa: ANN401
    from modecollapse.embed import load_encoder

    return load_encoder("default")


if __name__ == "__main__":
    main()
