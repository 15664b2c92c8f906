"""Large files in ranges of bytes: each can be read without the others, in another process or on another machine.

A line belongs to the range in which it begins, as Hadoop splits text files.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from modecollapse.corpus.jsonl import BOM, WHITESPACE, Record, explained, is_plain, read_file, record_of
from modecollapse.sources import STDIN, files, is_address, opened

BYTES = 8 << 20
"""Length of a range."""

LARGEST_WHOLE = 32 << 20
"""Bytes of a file that can't be divided beyond which it is read where the results are gathered, row by row."""

_HEAD = 1 << 16


@dataclass(frozen=True)
class Range:
    """The lines of ``file`` that begin at byte ``begin`` or after it and before ``end``; None: the whole file.

    One that is ``large`` would not fit into memory at once.
    """

    file: str
    begin: int = 0
    end: int | None = None
    large: bool = False


def ranges(path: str | os.PathLike[str]) -> list[Range]:
    """The ranges of what ``path`` stands for, in order; none where it can be read but once, as a pipe.

    Compressed files and JSON arrays are one range. Raises :class:`InputError` where a file can't be read.
    """
    with explained(path):
        found = files(path)
        if not all(is_address(file) or (file != STDIN and Path(file).is_file()) for file in found):
            return []
    return [part for file in found for part in _divided(file)]


def _divided(file: str) -> list[Range]:
    with explained(file), opened(file) as stream:
        head = stream.read(_HEAD)
        size = stream.seek(0, os.SEEK_END) if stream.seekable() else None
    if size is None or not is_plain(head):
        return [Range(file, large=size is None or size > LARGEST_WHOLE)]
    return [Range(file, begin, min(begin + BYTES, size)) for begin in range(0, size, BYTES)]


def read_range(part: Range) -> tuple[int, list[Record]]:
    """How many lines a range has, and its records, whose lines are counted from 1 within it."""
    if part.end is None:
        records = list(read_file(part.file))
        return records[-1].line if records else 0, records
    number, records = 0, []
    with explained(part.file), opened(part.file) as stream:
        for number, line in enumerate(_lines(stream, part.begin, part.end), 1):
            if line:
                records.append(record_of(number, line))
    return number, records


def _lines(raw: IO[bytes], begin: int, end: int) -> Iterator[bytes]:
    """As ``jsonl`` has them: without surrounding white space, the first of the file without a byte order mark."""
    stream = io.BufferedReader(cast("io.RawIOBase", raw), _HEAD)
    position = stream.seek(max(begin - 1, 0))
    if begin:
        position += len(stream.readline())  # ends the line that began before
    while position < end and (line := stream.readline()):
        yield (line if position else line.removeprefix(BOM)).strip(WHITESPACE)
        position += len(line)
