"""A comparison on Ray clusters of one, two and four workers, beside the processes of one machine.

    pip install -e '.[ray]'
    python -m benchmarks.ray_workers [--rows 50000] [--workers 1 2 4] [--write]

The cluster is started anew for each number of workers, on this machine: more workers than it has cores gain nothing
here. Texts are those of ``benchmarks.growth``, vectors those of the fast encoder. ``--write`` puts the table into
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.document import BENCHMARKS, put
from benchmarks.growth import SIDES, compared, write

PORT = 6391


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000, help="of both corpora together")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = [f"| {arguments.rows:,} rows | seconds | verdict |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        files = [write(Path(folder) / f"{side}.jsonl", arguments.rows // 2, side) for side in SIDES]
        options = ("--embedder", "fast")
        found = {"one process": compared(files, *options, "--workers", "1")}
        found["a process per core"] = compared(files, *options)
        for workers in arguments.workers:
            with _cluster(workers):
                found[f"Ray, {workers} {'worker' if workers == 1 else 'workers'}"] = compared(
                    files, *options, "--engine", "ray"
                )
    lines += [f"| {name} | {run.seconds:.0f} | {run.verdict} |" for name, run in found.items()]
    print("\n".join(lines))
    if arguments.write:
        put("ray", "\n".join(lines), BENCHMARKS)


@contextmanager
def _cluster(workers: int) -> Iterator[None]:
    """A Ray cluster of one machine with so many workers, named by ``RAY_ADDRESS``."""
    # Ray's workers would otherwise give way to everything else on the machine.
    environment = {**os.environ, "RAY_worker_niceness": "0", "PYTHONPATH": str(Path.cwd())}
    start = ["ray", "start", "--head", f"--port={PORT}", f"--num-cpus={workers}", "--include-dashboard=false"]
    subprocess.run(start, check=True, env=environment, stdout=subprocess.DEVNULL)
    os.environ["RAY_ADDRESS"] = "auto"
    try:
        yield
    finally:
        del os.environ["RAY_ADDRESS"]
        subprocess.run(["ray", "stop"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
