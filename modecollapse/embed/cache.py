"""Vectors on disk, so that no text is embedded twice by the same encoder."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Answer = TypeVar("Answer")

MAX_BYTES = 2 << 30  # nearly two million vectors of 512 dimensions
KEYS_PER_QUERY = 500  # SQLite takes 999 at least
PATIENCE = 30  # seconds to wait for another process that writes
SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, entry BLOB NOT NULL)"


class EmbeddingCache:
    """Float16 vectors by content: one SQLite file that any number of processes may use at once.

    Holds hashes, never texts. Each entry carries a checksum: a damaged one counts as missing, a damaged file is begun
    anew. Nothing that goes wrong here stops a run: the vectors are computed instead, and ``notes`` says why. Where the
    entries outgrow ``max_bytes``, the oldest quarter goes.
    """

    def __init__(self, directory: Path | str | None = None, max_bytes: int = MAX_BYTES) -> None:
        """Use ``directory``, by default the user's cache directory; nothing is created before the first use."""
        if directory is None:
            from platformdirs import user_cache_path

            directory = user_cache_path("modecollapse", appauthor=False)
        self.path = Path(directory) / "vectors.sqlite"
        self._max_bytes = max_bytes
        self._usable = True
        self._notes: dict[str, str] = {}

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """What went wrong, as (stable kebab-case code, message)."""
        return list(self._notes.items())

    def count(self) -> int:
        """How many vectors are kept; 0 where nothing is, or it can't be read."""
        if not self.path.exists():
            return 0
        return self._run(lambda connection: int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])) or 0

    def clear(self) -> None:
        """Delete all vectors. Raises ``OSError`` where that can't be done."""
        self._delete()

    def get(self, fingerprint: str, texts: Iterable[str]) -> Mapping[str, NDArray[np.float16]]:
        """The vectors that are there, by text."""
        wanted = {_key(fingerprint, text): text for text in texts}
        entries = self._run(lambda connection: _select(connection, list(wanted))) or []
        found = {wanted[key]: _unpacked(key, entry) for key, entry in entries}
        sound = {text: vector for text, vector in found.items() if vector is not None}
        if len(sound) < len(found):
            self._note("cache-entry-damaged", f"embedded {len(found) - len(sound)} texts again: damaged in {self.path}")
        return sound

    def put(self, fingerprint: str, texts: Iterable[str], vectors: NDArray[np.float16]) -> None:
        """Keep ``vectors``, ``(texts, dimensions)``."""
        keys = [_key(fingerprint, text) for text in texts]
        entries = [(key, _packed(key, vector)) for key, vector in zip(keys, vectors, strict=True)]
        self._run(lambda connection: _insert(connection, entries, self._max_bytes))

    def _run(self, task: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """The task's answer; None where the cache can't be used. A damaged file is replaced and the task run again."""
        if not self._usable:
            return None
        try:
            try:
                return self._attempt(task)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self._note("cache-damaged", f"began {self.path} anew: it was damaged")
                self._delete()
                return self._attempt(task)
        except (sqlite3.Error, OSError) as error:
            self._note("cache-unusable", f"went on without {self.path}: {error}")
            self._usable = False
            return None

    def _attempt(self, task: Callable[[sqlite3.Connection], Answer]) -> Answer:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A connection per task: none has to survive a fork, a thread or a pickle.
        # The plain journal, not WAL: entering and leaving WAL fails at once where another process is at work.
        with closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level="IMMEDIATE")) as connection:
            connection.execute(SCHEMA)
            with connection:
                return task(connection)

    def _delete(self) -> None:
        # The file itself goes last: a new one must not meet the old one's journal.
        for suffix in ("-journal", ""):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def _note(self, code: str, message: str) -> None:
        self._notes.setdefault(code, message)


def _key(fingerprint: str, text: str) -> bytes:
    content = fingerprint.encode() + b"\0" + text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=16).digest()


def _packed(key: bytes, vector: NDArray[np.float16]) -> bytes:
    content = vector.astype("<f2").tobytes()
    return zlib.crc32(key + content).to_bytes(4, "little") + content


def _unpacked(key: bytes, entry: object) -> NDArray[np.float16] | None:
    if not isinstance(entry, bytes) or entry[:4] != zlib.crc32(key + entry[4:]).to_bytes(4, "little"):
        return None
    return np.frombuffer(entry, dtype="<f2", offset=4).astype(np.float16)


def _select(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[tuple[bytes, object]]:
    rows: list[tuple[bytes, object]] = []
    for start in range(0, len(keys), KEYS_PER_QUERY):
        part = keys[start : start + KEYS_PER_QUERY]
        marks = ",".join("?" * len(part))
        rows += connection.execute(f"SELECT key, entry FROM vectors WHERE key IN ({marks})", part)
    return rows


def _insert(connection: sqlite3.Connection, entries: Sequence[tuple[bytes, bytes]], max_bytes: int) -> None:
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", entries)
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > max_bytes:
        connection.execute(
            "DELETE FROM vectors WHERE rowid IN"
            " (SELECT rowid FROM vectors ORDER BY rowid LIMIT (SELECT count(*) / 4 FROM vectors))"
        )
