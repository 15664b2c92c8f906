"""Reports as files: the format from the ending, each written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from modecollapse.errors import ModecollapseError
from modecollapse.render.formats import ENDINGS, renderer
from modecollapse.report import Report


def check(paths: Sequence[Path], endings: Collection[str] = ENDINGS.keys()) -> None:
    """Raises ``ModecollapseError`` where a path could not be written later: better now than after the work.

    ``endings`` are those that what is to be written has a format for.
    """
    for path in paths:
        if path.suffix.lower() not in endings:
            supported = ", ".join(endings)
            raise ModecollapseError(
                "unknown-format", "no format has this ending", str(path), hint=f"supported: {supported}"
            )
        if path.is_dir() or not path.resolve().parent.is_dir():
            problem = "is a directory" if path.is_dir() else "its directory does not exist"
            raise ModecollapseError("cannot-write", problem, str(path))


def write(report: Report, paths: Sequence[Path]) -> None:
    """All of ``paths``, each in the format of its ending. Raises ``ModecollapseError``, leaving none half-written."""
    write_bytes({path: renderer(ENDINGS[path.suffix.lower()])(report).encode() for path in paths})


def write_bytes(contents: Mapping[Path, bytes]) -> None:
    """Write every file. Raises ``ModecollapseError``, leaving none half-written."""
    with ExitStack() as cleanup:
        ready = {path: _beside(path, content, cleanup) for path, content in contents.items()}
        for path, temporary in ready.items():
            with _blamed_on(path):
                temporary.replace(path.resolve())


def _beside(path: Path, content: bytes, cleanup: ExitStack) -> Path:
    """A temporary file in the directory of ``path``, where renaming it is atomic."""
    target = path.resolve()
    with _blamed_on(path):
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        cleanup.callback(_remove, name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
    return Path(name)


@contextmanager
def _blamed_on(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModecollapseError("cannot-write", f"can't be written: {error.strerror}", str(path)) from error


def _remove(name: str) -> None:
    with suppress(FileNotFoundError):
        Path(name).unlink()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
