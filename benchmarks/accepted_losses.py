"""Does an accepted loss stay accepted when the same release is drawn again?

    python -m benchmarks.accepted_losses [--data DIR] [--seeds N] [--write]

Two disjoint draws of a release that lost a mode, or that another mode took over, are compared with the same base. All
that is found in one is accepted; the gate then judges the other. Beside it the way that ``docs/ci.md`` proposes for a
take-over that is meant: the first draw as the base of the second. ``--write`` puts the table into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import numpy as np

from benchmarks.document import put
from benchmarks.error_rates.conditions import CONDITIONS, Condition
from benchmarks.error_rates.study import Deal, write
from benchmarks.ground_truth.corpora import PACKED
from modecollapse.comparison import compare
from modecollapse.findings import findings
from modecollapse.gating import gate
from modecollapse.policy import Policy
from modecollapse.report import AcceptedLoss, Outcome, Report

GROUPS = {
    "a mode of 15% removed": "removed",
    "another mode takes over 30%": "loss 30%",
    "another mode takes over 60%": "loss 60%",
}
PROMPTS = 40
SAMPLES = {"removed": 40, "loss 30%": 24, "loss 60%": 24}
"""Per prompt and side before the new side is halved: as many as the corpora have."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=PACKED)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = [
        "| release | draws that fail | pass once the other is accepted | with the other as the base |",
        "|---|---|---|---|",
    ]
    for group, kind in GROUPS.items():
        found: Counter[str] = Counter()
        for condition in CONDITIONS.values():
            for seed in range(arguments.seeds) if condition.kind == kind else ():
                found.update(_outcomes(arguments.data, condition, seed))
        failing = found["failing"]
        lines.append(f"| {group} | {failing} | {found['accepted']} of {failing} | {found['rebased']} of {failing} |")
        print(lines[-1], flush=True)
    if arguments.write:
        put("accepted losses", "\n".join(lines))


def _outcomes(data: Path, condition: Condition, seed: int) -> Iterator[str]:
    """Per draw that fails: whether it does, and whether it doesn't in either of the two ways."""
    with tempfile.TemporaryDirectory() as folder:
        base, *draws = (Path(folder) / f"{side}.jsonl" for side in ("base", "one", "two"))
        deal = Deal(data, np.random.default_rng(seed), SAMPLES[condition.kind], PROMPTS, ())
        write(base, deal.rows(condition.base))
        rows = deal.rows(condition.new)
        for number, path in enumerate(draws):
            write(path, rows[number::2])
        reports = {path: compare(base, path) for path in draws}
        for accepted, judged in permutations(draws, 2):
            if gate(reports[judged]).outcome is not Outcome.FAIL:
                continue
            yield "failing"
            if gate(reports[judged], _accepting(reports[accepted])).outcome is not Outcome.FAIL:
                yield "accepted"
            if compare(accepted, judged).gate.outcome is not Outcome.FAIL:
                yield "rebased"


def _accepting(report: Report) -> Policy:
    names = sorted(finding for facet in report.facets for finding in findings(facet))
    return Policy(accepted_losses=tuple(AcceptedLoss(name, "meant", "2026-01-31") for name in names))


if __name__ == "__main__":
    main()
