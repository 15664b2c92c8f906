"""Temporary files without a name, gone with the object that holds them; they lie in ``TMPDIR``."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from modecollapse.errors import ModecollapseError


@contextmanager
def writing() -> Iterator[None]:
    """Whatever the system says while a temporary file is written, as a ``ModecollapseError``."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "set TMPDIR to a folder with more room"
        raise ModecollapseError(
            "no-temporary-space", f"can't keep texts or vectors on disk: {reason}", hint=hint
        ) from error


def mapped(size: int) -> mmap.mmap:
    """So many bytes of zeros, as a file. Raises ``ModecollapseError`` where there is no room for them."""
    with writing(), tempfile.TemporaryFile() as file:
        if hasattr(os, "posix_fallocate"):
            # Found out now: where a page of a map finds no room later, the process is killed.
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.truncate(size)
        return mmap.mmap(file.fileno(), size)
