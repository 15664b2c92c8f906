"""Subjects filtered out of texts on anything: are they missed, and are any missed that are there?

    python -m benchmarks.subjects [--seeds 3] [--jobs 2] [--write]

Corpora are those that come with the repository (``benchmarks/ground_truth``). *Nothing removed*: words that
``subjects.lost_words`` finds gone between two draws of a model, or where only temperature, truncation or small steps on
own samples lie between them. *Removed*: all new texts that say a word of one subject (``SUBJECTS``, written down before
the method was) are left out, of a draw of the same model or of one at T = .7. Rows are dealt out anew by every seed.
``--write`` puts the tables into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.document import put
from benchmarks.ground_truth import corpora

UNHARMED = [
    *("base_again", "T0.85", "T0.7", "T0.5", "T0.3", "top_p0.9", "top_k20", "min_p0.1"),
    *("sharpened1", "sharpened3", "reheated_sharpened1", "reheated_sharpened3", "filtered"),
]
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
                [bool(_says(pattern)(row["text"])) for rows in corpora.by_prompt(data, "base").values() for row in rows]
            )
            yield f"| {subject} | {share:.0%} | {' | '.join([*cells, *verdicts])} |"


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
            for rows in corpora.by_prompt(data, corpus).values():
                left = [row for row in rows if not lacks(row["text"])]
                for index in rng.permutation(len(left))[:samples]:
                    kept = {key: left[index][key] for key in ("prompt_id", "prompt", "text")}
                    out.write(json.dumps(kept) + "\n")
        yield path


def _says(pattern: str) -> Any:  # noqa: ANN401
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE).search


def _aside(text: str) -> str:
    return f" ({text})" if text else ""


@lru_cache(maxsize=1)
def _encoder() -> Any:  # noqa: ANN401
    from modecollapse.embed import load_encoder

    return load_encoder("default")


if __name__ == "__main__":
    main()
