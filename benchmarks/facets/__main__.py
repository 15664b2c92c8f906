"""How well do the modes that are found agree with labels that people gave?

    python -m benchmarks.facets --data DIR [--encoder NAME] [--only FILE …] [--halves 100] [--write]

DIR holds JSON Lines with ``text`` and any of ``language``, ``topic`` and ``persona``: each of these labels is
compared with the modes of the facet of that name. ``--write`` puts the table into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.document import put
from benchmarks.facets.agreement import agreement
from benchmarks.facets.labelled import Task, tasks
from benchmarks.facets.removal import false_alarms, raised, removed
from modecollapse.embed import EmbeddingCache, embed_all, load_encoder
from modecollapse.facets import clustering
from modecollapse.progress import Silent

SEEDS = range(3)

AGREEMENT = "| corpus | facet | rows | prompt | AMI | F1 | leakage: prompt, length, language | halves agree (ARI) |"
MOVED = " removed label found: half in the base | all | raised | false modes beside | null halves with a mode |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="default")
    parser.add_argument("--only", nargs="*", help="names of files, without .jsonl, or corpus:facet")
    parser.add_argument("--halves", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="agreement alone")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder)
    clustering.RESAMPLES = 2  # how stable modes are takes most of the time, and is asked of the base's own alone
    head = AGREEMENT if arguments.quick else AGREEMENT + MOVED
    lines = [head, "|" + "---|" * (head.count("|") - 1)]
    print(*lines, sep="\n", flush=True)
    details = []
    for file in sorted(arguments.data.glob("*.jsonl")):
        wanted = not arguments.only or any(one.split(":")[0] == file.stem for one in arguments.only)
        for task in tasks(file, lambda texts: embed_all(texts, encoder, EmbeddingCache(), Silent())) if wanted else []:
            if arguments.only and not {file.stem, f"{file.stem}:{task.facet}"} & set(arguments.only):
                continue
            begin = time.monotonic()
            line, detail = _measure(task, arguments.halves, arguments.quick)
            print(line, f"{time.monotonic() - begin:.0f} s", flush=True)
            lines.append(line)
            details.append(detail)
    print(*details, sep="\n")
    if arguments.write:
        mark = "labelled" if arguments.encoder == "default" else f"labelled {arguments.encoder}"
        put(mark, "\n".join([*lines, "", *details]))


def _measure(task: Task, halves: int, quick: bool) -> tuple[str, str]:
    found = agreement(task)
    leakage = ", ".join(
        f"{found.leakage[name]:.2f}" if name in found.leakage else "–" for name in ("prompt", "length", "language")
    )
    cells = [
        task.corpus,
        task.facet,
        str(len(task.truth)),
        task.prompted,
        f"{found.best:.2f}",
        f"{np.mean(list(found.f1.values())):.2f}",
        leakage,
        f"{found.halves:.2f}" + ("" if found.same else " (order matters)"),
    ]
    labels = sorted(set(task.truth))
    per_label = {label: f"F1 {found.f1[label]:.2f}" for label in labels}
    if not quick:
        gone = [removed(task, label, seed) for label in labels for seed in SEEDS]
        whole = [removed(task, label, seed, whole=True) for label in labels for seed in SEEDS]
        come = [raised(task, label, seed) for label in labels for seed in SEEDS]
        cells += [
            f"{sum(one.found for one in gone)}/{len(gone)}",
            f"{sum(one.found for one in whole)}/{len(whole)}",
            f"{sum(one.found for one in come)}/{len(come)}",
            str(sum(one.false for one in [*gone, *whole, *come])),
            f"{false_alarms(task, halves)}/{halves}",
        ]
        for label in labels:
            found_of = [sum(one.found for one in some if one.label == label) for some in (gone, whole)]
            per_label[label] += f", removed {found_of[0]}/{len(SEEDS)}, {found_of[1]}/{len(SEEDS)}"
    levels = " ".join(f"{level:.2f}" for level in found.levels)
    named = "; ".join(f"{label} {said}" for label, said in per_label.items())
    return "| " + " | ".join(cells) + " |", f"* {task.corpus}, {task.facet}: AMI by level {levels}. {named}."


if __name__ == "__main__":
    main()
