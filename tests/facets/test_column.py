"""The column facet: the user's labels come through as they are."""

from __future__ import annotations

import numpy as np
import pytest

from modecollapse.errors import InputError
from modecollapse.facets.base import Rows
from modecollapse.facets.column import MOST_VALUES, ColumnFacet


def rows_of(values, column="judge"):
    count = len(values)
    return Rows(
        texts=["text"] * count,
        prompts=np.zeros(count, np.int32),
        prompt_texts=["prompt"],
        hashes=np.arange(count, dtype=np.uint64),
        columns={column: values},
    )


def learn(values):
    rows = rows_of(values)
    return ColumnFacet("judge").learn(rows, rows, 0)


def ids_of(partition, values):
    return [partition.modes[mode].id for mode in partition.label(rows_of(values))[:, 0]]


def test_every_row_gets_its_value():
    partition = learn(["pirate", "judge", "pirate"])
    assert ids_of(partition, ["judge", "pirate", None, "king"]) == ["judge", "pirate", "unlabelled", "other"]


def test_ids_are_unique_whatever_the_values():
    values = ["A b", "a b", "a-b", "a_b", "海", "山", "other", "unlabelled", "", "\ud800", "x" * 300, "x" * 301]
    partition = learn(values)
    ids = [mode.id for mode in partition.modes]
    assert len(set(ids)) == len(ids)
    assert all(id_.isascii() and id_ == id_.lower() and " " not in id_ for id_ in ids)
    assert [partition.modes[mode].label for mode in partition.label(rows_of(values))[:, 0]] == values


def test_rare_values_are_counted_together_and_said():
    values = [str(i) for i in range(MOST_VALUES + 5)] + [str(i) for i in range(MOST_VALUES)]
    partition = learn(values)
    assert ids_of(partition, values).count("other") == 5
    assert [code for code, _ in partition.notes] == ["column-has-many-values"]


def test_order_of_rows_does_not_matter():
    values = ["a", "b", "c", "b", "a", "d"]
    assert learn(values).modes == learn(values[::-1]).modes


def test_a_missing_column_is_an_error_that_names_the_others():
    rows = rows_of(["a"], column="jugde")
    with pytest.raises(InputError, match="jugde"):
        ColumnFacet("judge").learn(rows, rows, 0)
