"""What the tool says of real pairs whose truth is known, or was read by eye.

    python -m benchmarks.known_pairs --data DIR [--write]

DIR holds the corpora of ``PAIRS``; those that are missing are named and left out (``sample_data`` has those of ``lm``).
Text only: prompt, text and nothing else reach the tool, with its defaults. ``--write`` puts the table into
``docs/method.md`` between its marks.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from pathlib import Path

from benchmarks.document import put

PAIRS = [
    ("lm/base", "lm/base_again"),
    ("lm/base", "lm/base_T0.8"),
    ("lm/base", "lm/base_T0.6"),
    ("lm/base", "lm/sharpened"),
    ("lm/base", "lm/single_traces"),
    ("lm/base", "lm/opening_locked"),
    ("lm/base", "lm/topic_locked"),
    ("lm/base", "lm/repeating"),
    ("temperature/mistral-large_T1.0", "temperature/mistral-large_T0.5"),
    ("temperature/mistral-large_T1.0", "temperature/mistral-large_T0.0"),
    ("labelled/roles_base", "labelled/roles_narrow_tuned"),
    ("xsum/davinci", "xsum/gpt-3.5-turbo"),
    ("language_confusion/command-r-base", "language_confusion/command-r"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    rows = [row for pair in PAIRS if (row := _row(arguments.data, *pair))]
    table = "\n".join(["| pair | verdict | facets | β | headline |", "|---|---|---|---|---|", *rows])
    print(table)
    if arguments.write:
        put("known pairs", table)


def _row(data: Path, base: str, new: str) -> str | None:
    from modecollapse.comparison import compare

    found = [_find(data, name) for name in (base, new)]
    if None in found:
        print(f"not here: {base} → {new}")
        return None
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{side}.jsonl" for side in ("base", "new")]
        for path, source in zip(paths, found, strict=True):
            path.write_text("".join(_text_only(source)))
        report = compare(*paths)
    facets = ", ".join(
        f"{facet.name} {facet.verdict.value}" + (f" (from {facet.caused_by.split(':')[0]})" if facet.caused_by else "")
        for facet in report.facets
    )
    beta = report.temperature
    low, high = beta.interval
    span = f"{beta.inverse_temperature:.2f} ({low:.2f}–{high:.2f})" if low and high else "–"
    headline = report.headline.replace("|", "/")
    return f"| `{base}` → `{new.split('/')[-1]}` | **{report.verdict.value}** | {facets} | {span} | {headline} |"


def _find(data: Path, name: str) -> Path | None:
    stems = [data / name, data / name.split("/")[-1]]
    candidates = [Path(f"{stem}{ending}") for stem in stems for ending in (".jsonl", ".jsonl.gz")]
    return next((path for path in candidates if path.exists()), None)


def _text_only(path: Path) -> list[str]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [json.loads(line) for line in content.splitlines()]
    return [json.dumps({key: row[key] for key in ("prompt_id", "prompt", "text") if key in row}) + "\n" for row in rows]


if __name__ == "__main__":
    main()
