"""What earlier runs left in the cache: vectors and reports, counted and cleared."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modecollapse import recall
from modecollapse.config import Config
from modecollapse.embed.cache import MAX_BYTES, EmbeddingCache


@dataclass(frozen=True)
class Kept:
    """How much is kept, in entries and bytes, and how much may be."""

    directory: Path
    vectors: int
    vector_bytes: int
    most_vector_bytes: int
    reports: int
    report_bytes: int
    most_reports: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self) | {"directory": str(self.directory)}


def kept(config: Config) -> Kept:
    """What the cache of ``config`` holds; nothing is created."""
    vectors, reports = EmbeddingCache(config.cache_dir), recall.reports(config)
    return Kept(
        directory=vectors.path.parent,
        vectors=vectors.count(),
        vector_bytes=vectors.path.stat().st_size if vectors.path.exists() else 0,
        most_vector_bytes=MAX_BYTES,
        reports=len(reports),
        report_bytes=sum(path.stat().st_size for path in reports),
        most_reports=recall.MOST_REPORTS,
    )


def clear(config: Config) -> Kept:
    """Delete vectors and reports, and nothing else that may lie beside them; returns what there was."""
    gone = kept(config)
    EmbeddingCache(config.cache_dir).clear()
    for path in recall.reports(config):
        path.unlink(missing_ok=True)
    return gone
