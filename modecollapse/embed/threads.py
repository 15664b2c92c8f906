"""Threads for networks that are small enough for one core."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

import torch

MAX_THREADS = 8  # each holds about 30 MB


@contextmanager
def one_core_each() -> Iterator[Executor]:
    """Workers that each use a single core.

    Torch's own threads meet after every operation and wait for each other by spinning: where another program takes one
    of the cores, that made encoding up to twenty times slower. And sums of several threads have other last digits from
    one run to the next.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        # Each thread has a setting of its own.
        with ThreadPoolExecutor(min(threads, MAX_THREADS), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield pool
    finally:
        torch.set_num_threads(threads)
