"""The sample corpora are what their README says they are."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "sample_data"
TABLE = {
    cells[0].strip("` "): cells[1:]
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    if (cells := line.strip("|").split("|"))[0].startswith(" `")
}
FILES = sorted(path.name for path in FOLDER.glob("*.jsonl.gz"))


@cache
def _rows(name: str) -> list[dict[str, object]]:
    with gzip.open(FOLDER / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _texts(name: str) -> list[str]:
    return [str(row["text"]) for row in _rows(name)]


def _share(name: str, is_so: Callable[[str], object]) -> float:
    texts = _texts(name)
    return sum(bool(is_so(text)) for text in texts) / len(texts)


def _copies(name: str) -> float:
    rows = _rows(name)
    return 1 - len({(row["prompt_id"], row["text"]) for row in rows}) / len(rows)


TRUTHS: dict[str, Callable[[str], float]] = {
    "opening_locked.jsonl.gz": lambda name: _share(name, lambda text: text.startswith("It's a difficult question")),
    "topic_locked.jsonl.gz": lambda name: _share(
        name, lambda text: len(re.findall(r"\b(?:sea|ocean)s?\b", text.lower())) >= 2
    ),
    "single_traces.jsonl.gz": _copies,
    "repeating.jsonl.gz": lambda name: _share(name, re.compile(r"(\S+)(?:\s+\1){7}").search),
}


def test_every_file_is_described() -> None:
    assert sorted(TABLE) == FILES


@pytest.mark.parametrize("name", FILES)
def test_rows(name: str) -> None:
    rows = _rows(name)
    assert len(rows) == int(TABLE[name][0])
    assert {tuple(row) for row in rows} == {("prompt_id", "prompt", "text", "temperature", "model")}
    assert {(row["prompt_id"], row["prompt"]) for row in rows} == {
        (row["prompt_id"], row["prompt"]) for row in _rows("base.jsonl.gz")
    }
    stated = re.search(r"at T = ([\d.]+)$", TABLE[name][1].strip())
    assert {row["temperature"] for row in rows} == {float(stated[1]) if stated else 1.0}


@pytest.mark.parametrize("name", TRUTHS)
def test_truth_can_be_counted(name: str) -> None:
    stated = re.findall(r"(\d+)%", TABLE[name][2])
    assert stated == [f"{100 * TRUTHS[name](side):.0f}" for side in (name, "base.jsonl.gz")]
