"""What the tool says of chat models: one of them twice, one that picked up a phrase, two of one maker.

    python -m benchmarks.chat_models --data DIR [--jobs 2] [--write]

DIR is a checkout of https://github.com/novelty-bench/novelty-bench.github.io (NoveltyBench, Zhang et al. 2025): ten
answers of each model to each of a hundred prompts. No file of it is part of this project.

* *Halves*: five answers to each prompt against the other five. Nothing was lost.
* *Halves, a phrase in three of ten*: the same, and three new texts in ten begin with a sentence that was not there.
* *One maker*: each model against every other one of its maker. Nobody knows what was lost; the verdicts are there to
  be read, and the headlines of all are printed.

``--write`` puts the counts into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from benchmarks.document import put

SEEDS = range(2)
PHRASE, PART = "It's a difficult question.", 0.3
VERDICTS = ("unchanged", "sharpened", "flattened", "shifted", "inconclusive", "lost", "collapsed")

Answers = dict[str, list[str]]


class Job(NamedTuple):
    """A comparison of ``base`` with ``new`` answers by prompt, of the ``kind`` that it counts among."""

    kind: str
    name: str
    base: Answers
    new: Answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for job, verdict, headline in pool.map(_compared, _jobs(arguments.data)):
            counts[job.kind][verdict] += 1
            print(f"{job.kind} | {job.name} | {verdict} | {headline}", flush=True)
    lines = [f"| | {' | '.join(VERDICTS)} |", "|---" * (len(VERDICTS) + 1) + "|"]
    lines += [f"| {kind} | {' | '.join(str(found[word]) for word in VERDICTS)} |" for kind, found in counts.items()]
    print(*lines, sep="\n")
    if arguments.write:
        put("chat models", "\n".join(lines))


def _jobs(data: Path) -> Iterator[Job]:
    makers: dict[str, dict[str, Answers]] = defaultdict(dict)
    for file in sorted(data.glob("eval/*/curated/*/*/generations.jsonl")):
        makers[file.parts[-3]][file.parts[-2]] = _answers(file)
    for models in makers.values():
        for name, answers in models.items():
            for seed in SEEDS:
                base, new = _halves(answers, seed)
                yield Job("halves of one model's answers", name, base, new)
                yield Job("halves, a phrase in three of ten", name, base, _with_phrase(new, seed))
        for one, other in permutations(models, 2):
            yield Job("two models of one maker", f"{one} → {other}", models[one], models[other])


def _answers(file: Path) -> Answers:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {row["prompt"]: row["generations"] for row in rows}


def _halves(answers: Answers, seed: int) -> tuple[Answers, Answers]:
    rng = random.Random(seed)
    shuffled = {prompt: rng.sample(given, len(given)) for prompt, given in answers.items()}
    return {prompt: given[::2] for prompt, given in shuffled.items()}, {
        prompt: given[1::2] for prompt, given in shuffled.items()
    }


def _with_phrase(answers: Answers, seed: int) -> Answers:
    rng = random.Random(seed)
    return {
        prompt: [f"{PHRASE} {text}" if rng.random() < PART else text for text in given]
        for prompt, given in answers.items()
    }


def _compared(job: Job) -> tuple[Job, str, str]:
    from modecollapse.comparison import compare

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{side}.jsonl" for side in ("base", "new")]
        for path, answers in zip(paths, (job.base, job.new), strict=True):
            rows = [{"prompt": prompt, "text": text} for prompt, given in answers.items() for text in given]
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        report = compare(*paths)
    return job._replace(base={}, new={}), report.verdict.value, report.headline


if __name__ == "__main__":
    main()
