"""What is kept can be looked at and cleared, and nothing else goes with it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from modecollapse import recall
from modecollapse.cli import main
from modecollapse.config import Config
from modecollapse.embed import EmbeddingCache
from tests.reports import collapsed

KEY = 16 * "1f"


@pytest.fixture
def directory(tmp_path):
    """Three vectors, a report, one that was being written when its run was killed, and files of the user's."""
    folder = tmp_path / "kept"
    EmbeddingCache(folder).put("encoder", ["a", "b", "c"], np.ones((3, 4), dtype=np.float16))
    recall.put(Config(cache_dir=folder), KEY, collapsed())
    (folder / "reports" / "tmpkilled_.part").write_text("{")
    (folder / "reports" / "mine.json").write_text("{}")
    (folder / "notes.txt").write_text("mine")
    return folder


def info(directory, capsys):
    assert main(["cache", "info", "--cache-dir", str(directory), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_info_counts_what_is_there(directory, capsys):
    found = info(directory, capsys)
    assert (found["vectors"], found["reports"]) == (3, 2)
    assert found["vector_bytes"] == (directory / "vectors.sqlite").stat().st_size
    assert found["directory"] == str(directory)


def test_info_creates_nothing(tmp_path, capsys):
    found = info(tmp_path / "none", capsys)
    assert (found["vectors"], found["reports"], found["vector_bytes"]) == (0, 0, 0)
    assert not (tmp_path / "none").exists()


def test_clear_deletes_vectors_and_reports_and_nothing_else(directory, capsys):
    assert main(["cache", "clear", "--cache-dir", str(directory)]) == 0
    assert capsys.readouterr().out.startswith("Deleted 3 vectors and 2 reports: ")
    assert [path.name for path in sorted(directory.rglob("*")) if path.is_file()] == ["notes.txt", "mine.json"]
    assert recall.get(Config(cache_dir=directory), KEY) is None


def test_a_cache_that_is_damaged_can_be_cleared(directory, capsys):
    (directory / "vectors.sqlite").write_bytes(b"no database" * 100)
    assert main(["cache", "clear", "--cache-dir", str(directory)]) == 0
    assert EmbeddingCache(directory).get("encoder", ["a"]) == {}


def test_the_cache_is_the_one_that_the_settings_name(directory, capsys, monkeypatch):
    monkeypatch.setenv("MODECOLLAPSE_CACHE_DIR", str(directory))
    assert main(["cache", "info"]) == 0
    out = capsys.readouterr().out
    assert str(directory) in out
    assert "3" in out
