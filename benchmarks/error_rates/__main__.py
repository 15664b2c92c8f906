"""How often is the verdict wrong?

    python -m benchmarks.error_rates [--data DIR] [--seeds 0 1 2] [--sizes 20x40 5x10] [--jobs 2]
                                     [--held-out | --second-model] [--write | --recorded]

DIR holds the corpora that ``python -m benchmarks.ground_truth --out DIR`` draws. Those that come with the repository
have no log probabilities, and conditions that need some are left out. Every comparison is text only, unless its
condition says otherwise, with the tool's defaults. Results are kept in ``.cache/error_rates``, by version
of the program: a study that was stopped goes on where it was, and a change to the program starts a new one.
``--write`` puts the tables into ``docs/error_rates.md``, the rates that the tool quotes into
``modecollapse/error_rates.json``, and the outcome of every comparison beside this module: from there ``--recorded``
prints the tables again.
``--held-out`` runs the study on answers to other prompts, at more length, for ``docs/error_rates_held_out.md``, and
``--second-model`` on those of another model, which must be drawn first, for ``docs/error_rates_second_model.md``.
"""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

from benchmarks.error_rates import records, studies, study, tables
from benchmarks.error_rates.conditions import CONDITIONS, FRESH
from benchmarks.error_rates.studies import Study
from benchmarks.ground_truth import corpora

SIZES = [(samples, prompts) for prompts in (40, 10, 3) for samples in (20, 5, 40, 10, 2, 60, 1)]
"""Samples per prompt and side, and prompts; the most telling first."""

_CACHE = Path(".cache/error_rates")
_PROGRAM = Path("modecollapse")
_QUOTED = _PROGRAM / "error_rates.json"
_ONLY_TELLS = {
    *("cli", "render", "schema", "settings.py", "toml.py", "policy.py", "gating.py", "progress.py", "quantities.py"),
    *(
        "findings.py",
        "nesting.py",
        "explanation.py",
        "changes.py",
        "corpus_map.py",
        "frozen.py",
        "freezing.py",
        "rates.py",
        "recall.py",
        "keeping.py",
        "wording.py",
        "paraphrases.py",
        "surveying.py",
        "typical.py",
    ),
}
"""Parts of the program that no verdict depends on."""

_BETTER = {"second_opinion", "equivalence.py", "ladder.py", "unseen.py"}
"""Parts that only conditions with better evidence than texts depend on."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--held-out", action="store_const", dest="study", const=studies.HELD_OUT)
    parser.add_argument("--second-model", action="store_const", dest="study", const=studies.SECOND_MODEL)
    parser.set_defaults(study=studies.FIRST)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--sizes", nargs="*", type=_size, default=SIZES, help="such as 20x40")
    parser.add_argument("--kinds", nargs="*", help="only conditions of these kinds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--recorded", action="store_true")
    arguments = parser.parse_args()
    wanted: Study = arguments.study
    if arguments.recorded:
        rows, made = records.load(wanted)
        print(tables.page(rows, wanted, made))
        return
    data = arguments.data or wanted.data
    if data is None:
        parser.error("its corpora are no part of the repository: --data DIR")
    keys = [
        (name, *size, seed)
        for seed in arguments.seeds
        for size in arguments.sizes
        for name, condition in CONDITIONS.items()
        if _there(data, name) and (not arguments.kinds or condition.kind in arguments.kinds)
    ]
    done = {tuple(row["key"]) for row in _saved(wanted)}
    _run(data, [key for key in keys if key not in done], arguments.jobs, wanted)
    rows = _saved(wanted)
    page = tables.page(rows, wanted, date.today())
    print(page)
    if arguments.write:
        records.save(rows, wanted, date.today())
        wanted.page.write_text(page, encoding="utf-8")
    if arguments.write and wanted is studies.FIRST:
        _QUOTED.write_text(json.dumps(tables.cells(rows), indent=1) + "\n", encoding="utf-8")


def _run(data: Path, keys: list[tuple[Any, ...]], jobs: int, wanted: Study) -> None:
    with ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(study.run, data, *key) for key in keys]
        for number, future in enumerate(as_completed(futures), start=1):
            if future.exception():
                pool.shutdown(cancel_futures=True)
            row = future.result()
            with _cache(_is_better(row["key"][0]), wanted).open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
            print(f"{number}/{len(keys)}", *row["key"], row["verdict"], f"{row['seconds']} s", flush=True)


def _is_better(name: str) -> bool:
    condition = CONDITIONS[name]
    return bool(condition.reheated or condition.elicited or condition.rungs)


def _cache(better: bool, wanted: Study) -> Path:
    """The file of this version's results, with ``better`` evidence or without: its name is a hash of the program."""
    ignored = _ONLY_TELLS if better else _ONLY_TELLS | _BETTER
    digest = blake2b(digest_size=6)
    for path in sorted(_PROGRAM.rglob("*.py")):
        if not ignored & set(path.parts):
            digest.update(path.read_bytes())
    folder = _CACHE if wanted is studies.FIRST else _CACHE / wanted.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{digest.hexdigest()}.jsonl"


def _saved(wanted: Study) -> list[dict[str, Any]]:
    files = [path for better in (False, True) if (path := _cache(better, wanted)).exists()]
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def _there(data: Path, name: str) -> bool:
    """Whether all corpora of a condition have been drawn."""
    condition = CONDITIONS[name]
    parts = {corpus for mix in (condition.base, condition.new) for corpus, _ in mix.parts}
    parts |= {*study.BASES, *condition.rungs, condition.reheated, condition.elicited}
    parts -= {FRESH, ""}
    return all(corpora.is_there(data, corpus) for corpus in parts) and corpora.is_there(data, "base", condition.fields)


def _size(text: str) -> tuple[int, int]:
    samples, prompts = text.split("x")
    return int(samples), int(prompts)


if __name__ == "__main__":
    main()
