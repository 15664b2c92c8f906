"""A report must not depend on where the work was done: in one process or several, in memory or on disk."""

import errno
import gzip
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from modecollapse import compare, labelling, scratch, texts
from modecollapse.config import Config
from modecollapse.corpus import ranges
from modecollapse.embed import vectors
from modecollapse.embed.vectors import Vectors
from modecollapse.engine.base import OneProcess
from modecollapse.engine.cluster import RayTasks
from modecollapse.engine.local import WORTH_A_PROCESS, Processes
from modecollapse.errors import ModecollapseError, ModelError
from modecollapse.pairing import Side, alone
from tests.corpora import SAMPLE_DATA, sample

CONFIG = Config(embedder="fast", resamples=1000, cache=False, workers=1)


def add(shared, item):
    return shared + item


@pytest.mark.parametrize("engine", [OneProcess(), Processes(1), Processes(2)])
@pytest.mark.parametrize("count", [0, 1, 3 * WORTH_A_PROCESS])
def test_results_come_in_the_order_of_the_items(engine, count):
    assert list(engine.map(add, 100, iter(range(count)), count)) == [100 + item for item in range(count)]


@pytest.mark.parametrize("refusal", [ImportError, OSError])
def test_where_no_process_can_be_started_the_work_is_done_here(refusal, monkeypatch):
    def refuse(*_, **__):
        raise refusal

    monkeypatch.setattr("loky.get_reusable_executor", refuse)
    items = range(2 * WORTH_A_PROCESS)
    assert list(Processes(2).map(add, 1, iter(items), len(items))) == [1 + item for item in items]


def test_few_results_are_held_before_they_are_asked_for(monkeypatch):
    """Rows of a million come as they are read: the first result is there long before the last row is."""
    taken = []

    def items():
        for item in range(200):
            taken.append(item)
            yield item

    results = Processes(2).map(add, 0, items(), 200)
    assert next(results) == 0
    assert len(taken) < 50
    assert list(results) == list(range(1, 200))


def test_a_process_that_may_have_no_others_works_alone(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("daemonic processes are not allowed to have children")

    monkeypatch.setattr("loky.get_reusable_executor", refuse)
    monkeypatch.setattr(multiprocessing.current_process(), "_config", {"daemon": True, "authkey": b""})
    assert list(Processes(2).map(add, 1, iter(range(20)), 20)) == list(range(1, 21))


def end(first, item):
    if os.getpid() != first:
        os._exit(9)
    time.sleep(0.05)
    return item


def test_a_process_that_is_killed_is_no_bug_of_the_program():
    with pytest.raises(ModecollapseError, match="--workers 1"):
        list(Processes(2).map(end, os.getpid(), iter(range(100)), 100))


def test_what_others_still_work_on_is_not_waited_for_after_an_error():
    """Ctrl-C had hung at the exit now and then, and an error waited for all that was queued."""
    code = """
import os, time
from modecollapse.engine.local import Processes
def work(first, item):
    time.sleep(600 if os.getpid() != first else 0.1)
    if item > 5:
        raise KeyboardInterrupt
    return item
list(Processes(2).map(work, os.getpid(), iter(range(100)), 100))
"""
    done = subprocess.run([sys.executable, "-c", code], timeout=60, capture_output=True, text=True, check=False)
    assert "KeyboardInterrupt" in done.stderr


def interrupt(first, item):
    """Interrupts whichever process works on it, if it is not the ``first``, as a terminal interrupts all of them."""
    if os.getpid() == first:
        time.sleep(0.2)  # until the other one has started
    else:
        signal.raise_signal(signal.SIGINT)
    return os.getpid()


def test_an_interrupt_is_left_to_the_first_process():
    """One that is stopped in the middle of a message is waited for for ever."""
    items = range(100)
    found = set(Processes(2).map(interrupt, os.getpid(), iter(items), len(items)))
    assert len(found) == 2


def fail(shared, item):
    if item == shared:
        raise ModelError("made-up", f"item {item}")
    return item


@pytest.mark.parametrize("failing", [0, WORTH_A_PROCESS, 3 * WORTH_A_PROCESS - 1])
def test_what_goes_wrong_in_a_process_is_told_as_if_it_had_been_here(failing):
    with pytest.raises(ModelError, match=f"item {failing}"):
        list(Processes(2).map(fail, failing, iter(range(3 * WORTH_A_PROCESS)), 3 * WORTH_A_PROCESS))


@pytest.fixture(scope="module")
def plain():
    return _told(CONFIG)


SAMPLES = [SAMPLE_DATA / f"{name}.jsonl.gz" for name in ("base", "base_T0.6")]


def _told(config, paths=SAMPLES):
    report = json.loads(compare(*paths, config=config).to_json())
    return {key: value for key, value in report.items() if key != "provenance"}


def test_processes_find_what_one_process_finds(plain, monkeypatch):
    monkeypatch.setattr(labelling, "BATCH", 100)
    assert _told(replace(CONFIG, workers=2)) == plain


def test_what_lies_on_disk_is_what_lay_in_memory(plain, monkeypatch):
    monkeypatch.setattr(texts, "MOST_IN_MEMORY", 1)
    monkeypatch.setattr(vectors, "MOST_IN_MEMORY", 1)
    assert _told(CONFIG) == plain


@pytest.mark.parametrize("most", [1 << 30, 0], ids=["in memory", "on disk"])
def test_vectors_keep_rows_in_their_places(most, monkeypatch):
    monkeypatch.setattr(vectors, "MOST_IN_MEMORY", most)
    random = np.random.default_rng(0)
    given = random.normal(size=(100, 8))
    given /= np.linalg.norm(given, axis=1, keepdims=True)
    kept = Vectors(101, 8)
    order = random.permutation(100)
    for some in np.split(order, 4):
        kept.put(some, given[some])
    assert np.allclose(kept.take(np.arange(100)), given, atol=1e-3)
    assert np.allclose(np.linalg.norm(kept.take(order), axis=1), 1, atol=1e-6)
    assert not kept.take(np.array([100])).any()


@pytest.mark.parametrize("dimensions", [2, 8, 384])
def test_vectors_taken_out_and_put_in_again_stay_the_same(dimensions):
    """A baseline holds what was taken out: with it a comparison must see the vectors that the texts have."""
    rows = np.arange(500)
    texts, baseline = Vectors(500, dimensions), Vectors(500, dimensions)
    texts.put(rows, np.random.default_rng(1).normal(size=(500, dimensions)) / 3)
    baseline.put(rows, texts.held(rows))
    assert np.array_equal(baseline.take(rows), texts.take(rows))


@pytest.mark.parametrize("allocate", ["posix_fallocate", "truncate"])
def test_a_full_disk_is_told_before_anything_is_written(allocate, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(vectors, "MOST_IN_MEMORY", 0)
    if allocate == "posix_fallocate":
        monkeypatch.setattr(scratch.os, "posix_fallocate", refuse, raising=False)
    else:
        monkeypatch.delattr(scratch.os, "posix_fallocate", raising=False)
        monkeypatch.setattr(scratch.mmap, "mmap", refuse)
    with pytest.raises(ModecollapseError, match=r"No space left on device \(set TMPDIR"):
        Vectors(10, 10)


def test_first_words_are_looked_at_of_the_same_part_of_each_prompt():
    rows = alone(sample("base"))
    everything = np.ones(len(rows.rows), dtype=bool)
    assert rows.bounded(everything) is everything
    bounded = rows.bounded(everything, len(rows.rows) // 2)
    all_of, some_of = (
        np.bincount(rows.rows.prompts[chosen & (rows.side == Side.BASE)]) for chosen in (everything, bounded)
    )
    assert np.abs(some_of - all_of / 2).max() <= 1


@pytest.fixture(scope="module")
def cluster():
    """Two machines' worth of Ray on this one, of which one may die."""
    os.environ.setdefault("RAY_worker_niceness", "0")  # or workers starve beside other work
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    ray.init(cluster.address, log_to_driver=False, logging_level="ERROR")
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def slowly(shared, item):
    time.sleep(0.1)
    return shared + item


def test_a_cluster_finds_what_one_process_finds_though_a_machine_dies(cluster, plain, monkeypatch):
    monkeypatch.setattr(labelling, "BATCH", 100)
    assert _told(replace(CONFIG, engine="ray")) == plain
    doomed = cluster.add_node(num_cpus=2)
    results = RayTasks().map(slowly, 100, iter(range(60)), 60)
    found = [next(results) for _ in range(5)]
    cluster.remove_node(doomed, allow_graceful=False)
    assert [*found, *results] == [100 + item for item in range(60)]


def test_a_cluster_reads_what_every_machine_can_reach(cluster, plain, tmp_path, monkeypatch):
    """Files by address, in ranges, as tasks: the report is that of the files on this machine."""
    monkeypatch.setattr(ranges, "BYTES", 20_000)
    shared_out = []
    handed_out = RayTasks.map

    def noted(self, function, shared, items, count):
        shared_out.append((function.__name__, count))
        return handed_out(self, function, shared, items, count)

    monkeypatch.setattr(RayTasks, "map", noted)
    for name in ("base", "base_T0.6"):
        rows = gzip.decompress((SAMPLE_DATA / f"{name}.jsonl.gz").read_bytes()).splitlines(keepends=True)
        for part, some in enumerate((rows[:300], rows[300:])):
            (tmp_path / f"{name}-{part}.jsonl").write_bytes(b"".join(some))
    addresses = [f"file://{tmp_path}/{name}-*.jsonl" for name in ("base", "base_T0.6")]
    found = _told(replace(CONFIG, engine="ray"), addresses)
    assert [name for name, count in shared_out if name == "_read_part" and count > 2] == ["_read_part"] * 2
    for side in ("base", "new"):
        found["corpora"][side]["name"] = plain["corpora"][side]["name"]
    assert found == plain


def refuse(shared, item):
    raise ModelError("bad-vectors", f"{shared} {item}", hint="try another")


@pytest.mark.parametrize("make", [OneProcess, lambda: Processes(2), RayTasks], ids=["here", "processes", "ray"])
def test_an_error_is_the_same_wherever_it_is_raised(make, cluster):
    with pytest.raises(ModelError) as caught:
        list(make().map(refuse, "no", iter(range(20)), 20))
    assert re.fullmatch(r"no \d+ \(try another\)", str(caught.value))  # whichever came first
