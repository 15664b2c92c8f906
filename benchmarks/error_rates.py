"""How often is the verdict wrong? Subsamples of corpora with known truth, at several sizes.

    python -m benchmarks.error_rates --data DIR [--seeds 5] [--jobs 2]

DIR holds the corpora named in ``PAIRS`` (``sample_data`` has them). Every comparison is text only, with the defaults.
Results are kept in ``.cache/error_rates.jsonl``, so that a study that was stopped goes on where it was; remove the file
after a change to the method.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from pathlib import Path

import numpy as np

from modecollapse import __version__

CACHE = Path(".cache/error_rates.jsonl")
TABLE = Path("docs/error_rates.md")

PAIRS = {
    "no change": ("base", "base_again"),
    "T = 0.8": ("base", "base_T0.8"),
    "T = 0.6": ("base", "base_T0.6"),
    "T = 1.67 (swapped)": ("base_T0.6", "base"),
    "sharpened by retraining": ("base", "sharpened"),
    "single traces": ("base", "single_traces"),
    "locked opening": ("base", "opening_locked"),
    "locked opening, 30% of rows": ("base", "opening_locked:0.3"),
    "locked topic": ("base", "topic_locked"),
    "locked topic, 50% of rows": ("base", "topic_locked:0.5"),
    "repetition": ("base", "repeating"),
}
SIZES = ((5, 12), (10, 12), (20, 12), (24, 6), (24, 12))
"""Samples per prompt and side, and prompts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    CACHE.parent.mkdir(exist_ok=True)
    done = {tuple(row["key"]): row for row in _saved()}
    keys = [(pair, *size, seed) for seed in range(arguments.seeds) for size in SIZES for pair in PAIRS]
    todo = [key for key in keys if key not in done]
    with ProcessPoolExecutor(arguments.jobs) as pool, CACHE.open("a") as out:
        for future in as_completed([pool.submit(_one, arguments.data, *key) for key in todo]):
            if future.exception():
                pool.shutdown(cancel_futures=True)
            row = future.result()
            done[tuple(row["key"])] = row
            out.write(json.dumps(row) + "\n")
            out.flush()
    table = _table([done[key] for key in keys])
    print(table)
    TABLE.write_text(table)


def _saved() -> list[dict]:
    return [json.loads(line) for line in CACHE.read_text().splitlines()] if CACHE.exists() else []


def _one(data: Path, pair: str, samples: int, prompts: int, seed: int) -> dict:
    from modecollapse.compare import compare

    rng = np.random.default_rng([seed, samples, prompts])
    base, new = PAIRS[pair]
    name, _, strength = new.partition(":")
    base_rows, new_rows = _rows(data, base), _rows(data, name)
    kept = sorted(rng.permutation(sorted(set(base_rows) & set(new_rows)))[:prompts].tolist())
    spare = _rows(data, "base_again")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{side}.jsonl" for side in ("base", "new")]
        _write(paths[0], {prompt: _draw(rng, base_rows[prompt], samples) for prompt in kept})
        mixed = {prompt: _mix(rng, new_rows[prompt], spare[prompt], float(strength or 1), samples) for prompt in kept}
        _write(paths[1], mixed)
        report = compare(*paths)
    return {
        "key": [pair, samples, prompts, seed],
        "verdict": report.verdict.value,
        "facets": {facet.name: [facet.verdict.value, list(facet.reasons), facet.caused_by] for facet in report.facets},
        "beta": report.temperature.inverse_temperature,
        "interval": list(report.temperature.interval),
    }


def _rows(data: Path, name: str) -> dict[str, list[dict]]:
    path = next(p for p in (data / f"{name}.jsonl", data / f"{name}.jsonl.gz") if p.exists())
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found = defaultdict(list)
    for line in content.splitlines():
        row = json.loads(line)
        found[row["prompt_id"]].append({key: row[key] for key in ("prompt_id", "prompt", "text")})
    return found


def _draw(rng: np.random.Generator, rows: list[dict], samples: int) -> list[dict]:
    return [rows[i] for i in rng.permutation(len(rows))[:samples]]


def _mix(rng: np.random.Generator, new: list[dict], spare: list[dict], strength: float, samples: int) -> list[dict]:
    """A share ``strength`` of new rows, the rest of fresh base rows."""
    drawn = _draw(rng, new, samples)
    changed = round(strength * len(drawn))
    return drawn[:changed] + _draw(rng, spare, len(drawn) - changed)


def _write(path: Path, rows: dict[str, list[dict]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for group in rows.values() for row in group))


def _table(rows: list[dict]) -> str:
    """Verdict counts by pair and size."""
    counts: dict[tuple[str, int, int], Counter[str]] = defaultdict(Counter)
    for row in rows:
        pair, samples, prompts, _ = row["key"]
        counts[pair, samples, prompts][row["verdict"]] += 1
    head = "| pair | " + " | ".join(f"{samples} × {prompts}" for samples, prompts in SIZES) + " |"
    made = f"Version {__version__}, {date.today()}. Samples per prompt and side × prompts; verdicts counted."
    lines = ["# Verdicts by sample size", "", made, "", head]
    lines.append("|" + "---|" * (len(SIZES) + 1))
    for pair in PAIRS:
        cells = [
            ", ".join(f"{word} {count}" for word, count in counts[(pair, *size)].most_common()) or "–" for size in SIZES
        ]
        lines.append(f"| {pair} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
