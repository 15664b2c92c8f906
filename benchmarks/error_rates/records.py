"""The outcomes that the documented tables are made of: what every comparison of the last study said."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_FOLDER = Path(__file__).parent


def save(rows: Sequence[Row], held_out: bool, made: date) -> None:
    """Put the ``rows`` of a study that was finished on the day ``made`` in place of those of the last one."""
    ordered = sorted(rows, key=lambda row: [*map(str, row["key"])])
    lines = [json.dumps({"made": made.isoformat()}), *map(json.dumps, ordered)]
    _path(held_out).write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))


def load(held_out: bool) -> tuple[list[Row], date]:
    """The rows of the last study, and the day on which it was finished."""
    first, *rows = map(json.loads, gzip.decompress(_path(held_out).read_bytes()).splitlines())
    return rows, date.fromisoformat(first["made"])


def _path(held_out: bool) -> Path:
    return _FOLDER / ("held_out.jsonl.gz" if held_out else "study.jsonl.gz")
