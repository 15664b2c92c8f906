"""Where generations are: a file, standard input, several files by one pattern, or a place that fsspec reaches."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

STDIN = "-"


def is_one_file(source: str | os.PathLike[str]) -> bool:
    """Whether ``source`` is the path of one file: no standard input, no pattern and no address."""
    name = os.fspath(source)
    return name != STDIN and not is_address(name) and (not glob.has_magic(name) or Path(name).exists())


def is_address(source: str) -> bool:
    """Whether ``source`` begins as ``s3://`` does."""
    return "://" in source


def without_query(source: str | os.PathLike[str]) -> str:
    """The name of ``source`` as others may read it: the query of an address may hold a signature."""
    name = os.fspath(source)
    return name.partition("?")[0] if is_address(name) else name


def files(source: str | os.PathLike[str]) -> list[str]:
    """The files that ``source`` stands for, in alphabetical order.

    ``*``, ``?`` and ``[…]`` stand for other characters, in an address ``*`` alone. Raises ``FileNotFoundError`` where a
    pattern fits no file, ``OSError`` where an address can't be reached.
    """
    name = os.fspath(source)
    if name == STDIN or is_one_file(source):
        return [name]
    found = _remote(name) if is_address(name) else _local(name)
    if not found:
        raise FileNotFoundError(name)
    return found


def _local(pattern: str) -> list[str]:
    # Path.glob takes no absolute pattern.
    return sorted(path for path in glob.glob(pattern, recursive=True) if Path(path).is_file())  # noqa: PTH207


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """The bytes of one of ``files``; standard input stays open, as it belongs to the caller. Raises ``OSError``."""
    if file == STDIN:
        stdin = getattr(sys.stdin, "buffer", None)
        if stdin is None:
            raise OSError("there is no standard input")
        yield stdin
        return
    with _remote_file(file) if is_address(file) else _local_file(file) as stream:
        yield stream


def _local_file(file: str) -> IO[bytes]:
    try:
        return Path(file).open("rb")
    except ValueError as error:  # a null byte in the name
        raise OSError(str(error)) from None


def _remote_file(file: str) -> IO[bytes]:
    with _explained():
        system, path = _located(file)
        return cast("IO[bytes]", system.open(path, "rb"))


def _remote(address: str) -> list[str]:
    with _explained():
        system, path = _located(address)
        if "*" not in path:  # a question mark begins the query of an address
            return [address]
        return sorted(system.unstrip_protocol(each) for each in system.glob(path))


def _located(address: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    system, path = url_to_fs(address)
    return system, path


@contextmanager
def _explained() -> Iterator[None]:
    """Whatever a service raises, as an ``OSError``: every one has errors of its own, and may not be installed."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(str(error) or type(error).__name__) from error
