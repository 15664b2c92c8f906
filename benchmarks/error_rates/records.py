"""The outcomes that the documented tables are made of: what every comparison of the last study said."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.error_rates.studies import Study

Row = dict[str, Any]

_FOLDER = Path(__file__).parent


def save(rows: Sequence[Row], study: Study, made: date) -> None:
    """Put the ``rows`` of a ``study`` that was finished on the day ``made`` in place of those of the last one."""
    ordered = sorted(rows, key=lambda row: [*map(str, row["key"])])
    lines = [json.dumps({"made": made.isoformat()}), *map(json.dumps, ordered)]
    _path(study).write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))


def load(study: Study) -> tuple[list[Row], date]:
    """The rows of a study, the last time that it was run, and the day on which it was finished."""
    first, *rows = map(json.loads, gzip.decompress(_path(study).read_bytes()).splitlines())
    return rows, date.fromisoformat(first["made"])


def _path(study: Study) -> Path:
    return _FOLDER / f"{study.name}.jsonl.gz"
