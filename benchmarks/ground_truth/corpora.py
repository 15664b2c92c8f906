"""Where the corpora of known truth are: those that come with the repository, or a folder of one's own draws."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

PACKED = Path(__file__).parent / "corpora"
"""Every corpus drawn so far, without log probabilities: these are as large as all the rest twenty times over."""

HELD_OUT = PACKED / "held_out"
"""Answers of the same models to other prompts, at more length: texts alone."""

_LEFT_OUT = {PACKED: {"logprobs"}, HELD_OUT: {"logprobs", "token_ids"}}


def read(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of one corpus."""
    path = path_of(folder, name)
    with path.open(encoding="utf-8") if path.suffix == ".jsonl" else gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@lru_cache(maxsize=8)
def by_prompt(folder: Path, name: str) -> Mapping[str, Sequence[dict[str, Any]]]:
    """The rows of one corpus, and of its further draws, by ``prompt_id``."""
    rows = defaultdict(list)
    for part in (name, f"{name}_more"):
        for row in read(folder, part) if is_there(folder, part) else ():
            rows[row["prompt_id"]].append(row)
    return rows


def path_of(folder: Path, name: str) -> Path:
    """The file of one corpus."""
    plain = folder / f"{name}.jsonl"
    return plain if plain.exists() else _packed(folder, name)


def is_there(folder: Path, name: str, fields: tuple[str, ...] = ()) -> bool:
    """Whether the corpus has been drawn, and its rows have ``fields``."""
    if not path_of(folder, name).exists():
        return False
    return set(fields) <= set(next(read(folder, name)))


def pack(folder: Path, packed: Path) -> None:
    """Put every corpus of ``folder`` into ``packed``."""
    packed.mkdir(exist_ok=True)
    for path in sorted(folder.glob("*.jsonl")):
        rows = (
            {key: value for key, value in row.items() if key not in _LEFT_OUT[packed]}
            for row in read(folder, path.stem)
        )
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        _packed(packed, path.stem).write_bytes(gzip.compress(lines.encode(), mtime=0))


def _packed(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl.gz"
