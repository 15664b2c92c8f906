"""Reading ahead: what facets and tests will read off the texts of a small corpus, read once and by all cores.

Most of the time of a comparison of ten thousand texts is reading, each text by several and by some of them twice: where
modes are learnt, and where rows are labelled. Texts of a large corpus are read as they stream by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from modecollapse.engine import Engine
from modecollapse.facets.base import Reader, Rows
from modecollapse.progress import Progress

MOST = 32_768
"""Rows of which everything that has been read is kept: some 6 KB each."""

BATCH = 512
"""Rows that are read together: few enough for every core to have some."""


def read_ahead(rows: Rows, wanted: Sequence[Reader[Any]], engine: Engine, progress: Progress | None = None) -> Rows:
    """``rows`` with what the ``wanted`` readers read off each text at hand; as they are where they are too many."""
    names = tuple(reader.name for reader in wanted if reader.name not in rows.ahead)
    if not names or len(rows) > MOST:
        return rows
    # What a reader has no use for is not sent to other processes.
    known = {name: values for name, values in rows.known.items() if name in names}
    bare = replace(rows, vectors=None, columns={}, prompt_texts=(), languages=None, known=known, ahead={})
    batches = list(bare.batches(np.arange(len(rows)), BATCH))
    found = []
    for read in engine.map(_read, names, batches, len(batches)):
        found.append(read)
        if progress is not None:
            progress.advance(len(read[0]))
    ahead = {name: [value for part in found for value in part[place]] for place, name in enumerate(names)}
    return replace(rows, ahead={**rows.ahead, **ahead})


def _read(names: Sequence[str], rows: Rows) -> list[list[Any]]:
    """What each of the named readers reads off ``rows``; a name, unlike a reader, can be sent to another process."""
    from modecollapse.facets.readers import readers

    return [rows.read(readers()[name]) for name in names]
