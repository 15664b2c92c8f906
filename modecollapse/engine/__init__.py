"""Where the heavy work runs: on one core, on several or on several machines."""

from __future__ import annotations

from modecollapse.engine.base import ONE_PROCESS, Engine
from modecollapse.engine.cores import cores

__all__ = ["ONE_PROCESS", "Engine", "cores", "make_engine"]


def make_engine(name: str, workers: int | None) -> Engine:
    """The engine called ``name``, with so many ``workers`` (None: one per core that this process may use).

    A Ray cluster has the workers that it has. Raises ``ConfigError`` where there is no such engine.
    """
    if name == "ray":
        from modecollapse.engine.cluster import RayTasks

        return RayTasks()
    from modecollapse.engine.local import Processes

    return Processes(workers or cores())
