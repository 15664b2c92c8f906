"""What is read ahead, wherever it was read, is what would be read of each text by itself."""

import numpy as np
import pytest

from modecollapse import ahead, baseline
from modecollapse.corpus import read_corpus
from modecollapse.engine.base import ONE_PROCESS
from modecollapse.engine.local import Processes
from modecollapse.engine.threads import in_threads
from modecollapse.facets.base import UNREAD
from modecollapse.facets.readers import readers
from modecollapse.frozen import read_baseline
from modecollapse.pairing import alone, pair
from tests.corpora import QUICK, made_up, sample, write

EVERYTHING = list(readers().values())


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(ahead, "BATCH", 16)


@pytest.mark.parametrize("where", [ONE_PROCESS, Processes(2)], ids=["here", "processes"])
def test_every_reader_gives_what_it_gives_of_single_texts(where, small_batches):
    rows = alone(sample("base")).rows.take(np.arange(150))
    read = ahead.read_ahead(rows, EVERYTHING, where)
    for reader in EVERYTHING:
        assert read.read(reader) == [reader.read([text])[0] for text in rows.texts]
    some = np.array([7, 3, 140])
    assert read.take(some).read(EVERYTHING[3]) == [read.read(EVERYTHING[3])[row] for row in some]


@pytest.mark.parametrize("where", [ONE_PROCESS, Processes(2)], ids=["here", "processes"])
def test_what_a_baseline_knows_is_not_read_anew(where, small_batches, tmp_path):
    """In another process the mark of what is still to be read was another object, and came back as what was read."""
    base, new = (read_corpus(write(tmp_path / f"{seed}.jsonl", made_up(10, 20, seed))) for seed in (1, 2))
    path = tmp_path / "base.modes"
    path.write_bytes(baseline(base, config=QUICK).to_bytes())
    rows = pair(read_baseline(str(path), ()), new).rows
    read = ahead.read_ahead(rows, EVERYTHING, where)
    for reader in EVERYTHING:
        assert read.read(reader) == rows.read(reader)
        assert UNREAD not in list(read.read(reader))


def test_larger_corpora_are_read_as_they_stream_by(monkeypatch):
    monkeypatch.setattr(ahead, "MOST", 10)
    rows = alone(sample("base")).rows
    assert ahead.read_ahead(rows, EVERYTHING, ONE_PROCESS) is rows


def test_threads_give_results_in_the_order_of_the_items(monkeypatch):
    monkeypatch.setattr("modecollapse.engine.threads.cores", lambda: 4)
    assert in_threads(lambda item: item * item, list(range(50))) == [item * item for item in range(50)]
    assert in_threads(str, []) == []
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda item: 1 // item, [1, 0, 2])
