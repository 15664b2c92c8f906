"""Work on all cores of this machine, in processes of joblib's."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from modecollapse.engine.base import ONE_PROCESS, Item, Result, Shared

WORTH_A_PROCESS = 8
"""Items below which starting processes, which import numpy and more, takes longer than it saves."""


@dataclass(frozen=True)
class Processes:
    """As many processes as there are ``workers``."""

    workers: int

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item], count: int
    ) -> Iterator[Result]:
        """See ``Engine.map``; few items are not worth it and stay here."""
        if self.workers < 2 or count < WORTH_A_PROCESS:
            return ONE_PROCESS.map(function, shared, items, count)
        return self._map(function, shared, items)

    def _map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Result]:
        from joblib import Parallel, delayed, parallel_config

        # One thread of linear algebra each, as in one process: more would sum in another order.
        with parallel_config("loky", n_jobs=self.workers, inner_max_num_threads=1):
            tasks = Parallel(return_as="generator", batch_size=1, max_nbytes=None)
        with warnings.catch_warnings():
            # It tells of every worker that had nothing to do for a while, or was begun anew to free its memory.
            warnings.filterwarnings("ignore", "A worker stopped", UserWarning)
            yield from tasks(delayed(function)(shared, item) for item in items)
