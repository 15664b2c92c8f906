"""Does a mode of the base keep its id when the new side changes? Accepted losses and two releases apart rest on that.

    python -m benchmarks.mode_identity [--write]

The sample base is compared with every other sample corpus. For each ordered pair of these comparisons: the share, by
base texts, of the modes of one that stand under the same id in the other. ``--write`` puts the table into
``docs/method.md``.
"""

from __future__ import annotations

import argparse
from itertools import permutations
from pathlib import Path

import numpy as np

from benchmarks.document import put
from modecollapse.comparison import compare
from modecollapse.report import ModeVerdict, Report

SAMPLES = Path("sample_data")
LEAST = 0.02
"""Smaller modes of the base are left out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    others = sorted(path for path in SAMPLES.glob("*.jsonl.gz") if path.name != "base.jsonl.gz")
    reports = [compare(SAMPLES / "base.jsonl.gz", path) for path in others]
    lines = [
        "| facet | kept their id: mean | worst pair | of stable modes | worst pair |",
        "|---|---|---|---|---|",
    ]
    for name in ("language", "opening", "topic", "persona"):
        every, stable = (
            [_kept(*pair, name, stable=stable) for pair in permutations(reports, 2)] for stable in (False, True)
        )
        cells = (f"{value:.0%}" for kept in (every, stable) for value in (np.mean(kept), min(kept)))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    table = "\n".join(lines)
    print(table)
    if arguments.write:
        put("mode identity", table)


def _kept(one: Report, other: Report, name: str, *, stable: bool) -> float:
    """The share of base texts in the modes of ``one`` that ``other`` has under the same id."""
    modes, others = (next(facet.modes for facet in each.facets if facet.name == name) for each in (one, other))
    chosen = [mode for mode in modes if mode.base_share.value >= LEAST]
    chosen = [mode for mode in chosen if not (stable and mode.verdict is ModeVerdict.UNSTABLE)]
    there = {mode.id for mode in others}
    total = sum(mode.base_share.value for mode in chosen)
    return sum(mode.base_share.value for mode in chosen if mode.id in there) / total if total else 1.0


if __name__ == "__main__":
    main()
