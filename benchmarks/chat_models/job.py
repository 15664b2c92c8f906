"""One comparison of samples that others have drawn."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.document import put
from benchmarks.ground_truth import corpora

VERDICTS = ("unchanged", "sharpened", "flattened", "shifted", "inconclusive", "lost", "collapsed")

WAITING = 4
"""Comparisons per process that are read before it needs them: all of them at once would fill the memory."""

Answers = dict[str, list[str]]
"""Texts by prompt."""


class Job(NamedTuple):
    """A comparison of ``base`` with ``new`` answers, of the ``kind`` that it counts among."""

    kind: str
    name: str
    base: Answers
    new: Answers


def halves(answers: Answers, seed: int) -> tuple[Answers, Answers]:
    """A random half of the answers to each prompt, and the other one."""
    rng = random.Random(seed)
    shuffled = {prompt: rng.sample(given, len(given)) for prompt, given in answers.items()}
    return {prompt: given[::2] for prompt, given in shuffled.items()}, {
        prompt: given[1::2] for prompt, given in shuffled.items()
    }


def compared(job: Job) -> tuple[Job, str, str]:
    """The job without its answers, the verdict and the headline."""
    from modecollapse.comparison import compare

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{side}.jsonl" for side in ("base", "new")]
        for path, answers in zip(paths, (job.base, job.new), strict=True):
            rows = [{"prompt": prompt, "text": text} for prompt, given in answers.items() for text in given]
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        report = compare(*paths)
    return job._replace(base={}, new={}), report.verdict.value, report.headline


def tabled(jobs: Iterator[Job], processes: int) -> str:
    """Verdicts by kind of job; prints each as it comes."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with ProcessPoolExecutor(processes) as pool:
        while some := list(islice(jobs, WAITING * processes)):
            for job, verdict, headline in pool.map(compared, some):
                counts[job.kind][verdict] += 1
                print(f"{job.kind} | {job.name} | {verdict} | {headline}", flush=True)
    lines = [f"| | {' | '.join(VERDICTS)} |", "|---" * (len(VERDICTS) + 1) + "|"]
    lines += [f"| {kind} | {' | '.join(str(found[word]) for word in VERDICTS)} |" for kind, found in counts.items()]
    return "\n".join(lines)


def answers(name: str, samples: int) -> Answers:
    """The first ``samples`` of each prompt of a corpus of known truth, of prompts that were held out."""
    found: Answers = {}
    for row in corpora.read(corpora.HELD_OUT, name):
        found.setdefault(row["prompt"], []).append(row["text"])
    return {prompt: given[:samples] for prompt, given in found.items()}


def run(description: str | None, jobs: Iterator[Job], mark: str) -> None:
    """A benchmark's command line: compares the ``jobs``, and puts the table where ``mark`` stands if that is asked."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    table = tabled(jobs, arguments.jobs)
    print(table)
    if arguments.write:
        put(mark, table)
