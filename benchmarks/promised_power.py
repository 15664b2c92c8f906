"""Is what ``planning.plan`` promises of a base what ``compare`` then finds? A language or an opening is taken out.

    python -m benchmarks.promised_power [--data DIR] [--seeds 10] [--write]

DIR holds the corpora that ``python -m benchmarks.ground_truth --out DIR`` draws. A part of the base's rows is Spanish,
or has one opening; the new side has none of it. *Promised*: the power stated for a complete removal, averaged over
seeds. *Found*: how often the mode was called thinned or vanished. ``--write`` puts the table into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.error_rates.conditions import Mix, mixed
from benchmarks.error_rates.study import Deal, write
from benchmarks.error_rates.tables import rate
from benchmarks.ground_truth.corpora import PACKED
from benchmarks.ground_truth.targets import OPENING
from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.planning import plan
from modecollapse.policy import Policy

FACETS = {"spanish": ("language", "Spanish"), "opening": ("opening", OPENING)}
CONFIG = Config(facets=("language", "opening"), gate=Policy(required_facets=("language", "opening")))
DOCUMENT, MARKS = Path("docs/method.md"), ("<!-- promised power -->", "<!-- /promised power -->")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=PACKED)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = ["| removed | share | samples × prompts | promised | found |", "|---|---|---|---|---|"]
    for name in FACETS:
        for share in (0.03, 0.05, 0.1, 0.2):
            for samples in (5, 10, 20):
                trials = list(_trials(arguments.data, name, share, samples, arguments.seeds))
                promised = np.mean([promise for promise, _ in trials])
                found = rate(sum(gone for _, gone in trials), len(trials))
                lines.append(f"| {name} | {share:.0%} | {samples} × 40 | {promised:.0%} | {found} |")
                print(lines[-1], flush=True)
    if arguments.write:
        before, rest = DOCUMENT.read_text().split(MARKS[0])
        table = "\n".join(lines)
        DOCUMENT.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{rest.split(MARKS[1])[1]}")


def _trials(data: Path, name: str, share: float, samples: int, seeds: int) -> Iterator[tuple[float, bool]]:
    """Promised power and whether the loss was found, for each seed."""
    facet, label = FACETS[name]
    for seed in range(seeds):
        deal = Deal(data, np.random.default_rng([seed, samples]), samples, 40, ())
        with tempfile.TemporaryDirectory() as folder:
            base, new = (Path(folder) / f"{side}.jsonl" for side in ("base", "new"))
            write(base, deal.rows(mixed(name, share)))
            write(new, deal.rows(Mix()))
            promises = [
                mode.removal_power
                for mode in plan(base, samples, config=CONFIG)
                if (mode.facet, mode.name, mode.inverse_temperature) == (facet, label, 1.0)
            ]
            modes = next(each for each in compare(base, new, config=CONFIG).facets if each.name == facet).modes
        gone = any(mode.label == label and mode.verdict.value in ("thinned", "vanished") for mode in modes)
        yield max(promises, default=0.0), gone


if __name__ == "__main__":
    main()
