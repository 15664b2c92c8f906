"""Examples are typical of their mode: what a reader takes its name by."""

from dataclasses import replace

import numpy as np
import pytest

from modecollapse.corpus import read_corpus
from modecollapse.embed.vectors import Vectors
from modecollapse.pairing import Side, pair
from modecollapse.reporting.typical import Typicality
from tests.corpora import made_up, write


@pytest.fixture
def joined(tmp_path):
    """Two corpora of 24 texts each."""
    sides = [read_corpus(write(tmp_path / f"{seed}.jsonl", made_up(4, 6, seed))) for seed in (1, 2)]
    return pair(*sides)


def vectors_of(joined):
    """Texts of the first third point one way, but for the first of all, which is halfway to the others'."""
    rng = np.random.default_rng(0)
    found = rng.normal(0, 0.05, (len(joined.rows), 8)).astype(np.float32)
    for side in (Side.BASE, Side.NEW):
        rows = np.flatnonzero(joined.side == side)
        found[rows[:8], 0] += 1
        found[rows[8:], 1] += 1
        found[rows[0], 1] += 1
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def held(found):
    vectors = Vectors(*found.shape)
    vectors.put(np.arange(len(found)), found)
    return vectors


def test_a_text_between_two_modes_is_the_last_example_of_either(joined):
    typical = Typicality(joined, np.ones(len(joined.rows), dtype=bool), held(vectors_of(joined)))
    for side in (Side.BASE, Side.NEW):
        member = np.flatnonzero(joined.side == side)[:8]
        order = typical.order(member)
        assert sorted(order) == sorted(member)
        assert order[-1] == member[0]


def test_a_mode_that_has_all_of_a_side_has_typical_texts_too(joined):
    """Seen from that side alone it would lie nowhere, and noise would choose."""
    found = np.random.default_rng(0).normal(0, 0.05, (len(joined.rows), 8)).astype(np.float32)
    base, new = (np.flatnonzero(joined.side == side) for side in (Side.BASE, Side.NEW))
    found[base, 1] += 1
    found[new, 0] += 1
    found[new[4], 1] += 1
    typical = Typicality(joined, np.ones(len(joined.rows), dtype=bool), held(found))
    assert typical.order(new)[-1] == new[4]


def test_vectors_that_rows_bring_do_as_well(joined):
    own = replace(joined, rows=replace(joined.rows, vectors=vectors_of(joined)))
    member = np.flatnonzero(joined.side == Side.NEW)[:8]
    assert Typicality(own, np.zeros(len(own.rows), dtype=bool), None).order(member)[-1] == member[0]


def test_examples_of_the_new_side_are_those_beside_a_baseline(joined):
    """A baseline comes with its vectors, and only those of the other rows are found anew."""
    found, sound = vectors_of(joined), np.ones(len(joined.rows), dtype=bool)
    sound[np.flatnonzero(joined.side == Side.NEW)[2]] = False
    base = joined.side == Side.BASE
    frozen = replace(joined, encoded=np.where(base[:, None], found, 0).astype(np.float16))
    fresh = Typicality(joined, sound, held(found[sound]))
    beside = Typicality(frozen, sound, held(found[sound & ~base]))
    for side in (Side.BASE, Side.NEW):
        member = np.flatnonzero(joined.side == side)[:8]
        assert beside.order(member).tolist() == fresh.order(member).tolist()


def test_rows_without_a_vector_come_last_in_their_order(joined):
    sound = np.ones(len(joined.rows), dtype=bool)
    member = np.flatnonzero(joined.side == Side.NEW)[:8]
    sound[member[[1, 3]]] = False
    order = Typicality(joined, sound, held(vectors_of(joined)[sound])).order(member)
    assert order[-2:].tolist() == member[[1, 3]].tolist()
    assert Typicality(joined, sound, None).order(member).tolist() == member.tolist()
