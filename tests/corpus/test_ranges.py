"""Whoever reads a file in ranges reads what stands in the file: nothing twice, nothing left out, the same numbers."""

import gzip
import json
import os
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.corpus import ranges, read_corpus
from modecollapse.engine.base import ONE_PROCESS
from modecollapse.engine.local import Processes
from modecollapse.errors import InputError
from tests.corpora import made_up, write

LINE = st.sampled_from(
    [
        b'{"prompt": "p", "text": "one"}',
        '{"prompt": "q", "text": "zwei – 三"}'.encode(),
        b"no JSON",
        b"  ",
        b"",
        b"\xff",
    ]
)
BREAK = st.sampled_from([b"\n", b"\r\n"])


@given(st.binary(max_size=0) | st.just(b"\xef\xbb\xbf"), st.lists(st.tuples(LINE, BREAK)), LINE, st.integers(1, 60))
def test_ranges_of_any_length_hold_every_line_once(tmp_path_factory, mark, lines, last, length):
    path = tmp_path_factory.mktemp("ranges") / "corpus.jsonl"
    path.write_bytes(mark + b"".join(line + end for line, end in lines) + last)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "BYTES", length)
        assert _read(path, ONE_PROCESS) == _read(path, None)


def _read(path, engine):
    try:
        return _told(read_corpus(path, max_bad=1, engine=engine))
    except InputError as error:
        return str(error)


def _told(corpus):
    """All of a corpus, in what compares by value; NaN equals itself."""
    told = {field.name: getattr(corpus, field.name) for field in fields(corpus)} | {"texts": list(corpus.texts)}
    return {name: str(value.tolist() if isinstance(value, np.ndarray) else value) for name, value in told.items()}


@pytest.fixture
def shards(tmp_path):
    """Plain and compressed files, an array, blank lines at ends, and rows that repeat those of another file."""
    rows = [
        {**row, "filter": "strict", "temperature": 0.7, "sample": n} for n, row in enumerate(made_up(4, 50, seed=2))
    ]
    write(tmp_path / "a.jsonl", rows[:90])
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(b"\n\nnot JSON\n\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"\n".join(json.dumps(row).encode() for row in rows[90:150])))
    (tmp_path / "c.json").write_text(json.dumps(rows[150:]), encoding="utf-8")
    write(tmp_path / "d.jsonl", [{**row, "filter": "loose"} for row in rows[:20]])
    return tmp_path / "*.json*"


@pytest.mark.parametrize("engine", [ONE_PROCESS, Processes(2)], ids=["here", "processes"])
@pytest.mark.parametrize("largest", [0, 1 << 20], ids=["large files here", "all shared out"])
def test_files_of_all_kinds_are_read_the_same_by_an_engine(shards, engine, largest, monkeypatch):
    monkeypatch.setattr(ranges, "BYTES", 500)
    monkeypatch.setattr(ranges, "LARGEST_WHOLE", largest)
    expected = read_corpus(shards, max_bad=0.1)
    assert len(expected) == 200
    assert {skipped.reason for skipped in expected.skipped} == {
        "not JSON",
        "repeats a generation under another filter",
    }
    assert _told(read_corpus(shards, max_bad=0.1, engine=engine)) == _told(expected)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_can_be_read_but_once_is_read_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert ranges.ranges(tmp_path / "pipe") == []
    assert ranges.ranges("-") == []


@pytest.mark.parametrize("name", ["nothing.jsonl", "folder"])
def test_what_is_not_there_is_told_as_ever(name, tmp_path):
    (tmp_path / "folder").mkdir()
    assert _read(tmp_path / name, ONE_PROCESS) == _read(tmp_path / name, None)
