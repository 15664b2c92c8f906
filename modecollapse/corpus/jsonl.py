"""From bytes to JSON values: plain, gzip or zstd; JSON Lines or one JSON array; a file or standard input."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import unicodedata
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import PurePath
from typing import IO, Any, NoReturn

import msgspec
import zstandard

from modecollapse.errors import InputError
from modecollapse.sources import STDIN, files, is_address, opened, without_query

BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE_ZSTD = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_LONGEST_MAGIC = 5
_OTHER_FORMATS = {
    b"PAR1": (
        "a Parquet file",
        "write it as JSON Lines, for example with pandas: to_json(lines=True, orient='records')",
    ),
    b"PK\x03\x04": ("a zip archive", "unpack it first"),
    b"BZh": ("compressed by bzip2", "unpack it, or compress it with gzip or zstd"),
    b"\xfd7zXZ": ("compressed by xz", "unpack it, or compress it with gzip or zstd"),
    b"\xff\xfe": ("encoded as UTF-16", "save it as UTF-8"),
    b"\xfe\xff": ("encoded as UTF-16", "save it as UTF-8"),
}
# A block of 128 KiB can be written in four bytes: small steps keep a hostile file from unpacking to gigabytes at once.
_ZSTD_STEP = 4096
_IMPOSSIBLE = -9999.0  # as services write it
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
WHITESPACE = b" \t\r\n"

_decode = msgspec.json.Decoder().decode
_decode_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


class UnusableError(Exception):
    """A line or row that can't be used; its message is a short, stable reason."""


@dataclass(frozen=True)
class Record:
    """What one line (or one element of an array, both counted from 1) holds: a JSON value, or why there is none."""

    line: int
    value: object = None
    reason: str | None = None


def read_records(path: str | os.PathLike[str]) -> Generator[Record]:
    """The records of a file, or of standard input for ``-``, one at a time; blank lines are left out.

    Where ``path`` stands for several files (see :mod:`modecollapse.sources`), lines are numbered through all of them.
    Raises :class:`InputError` where a file as a whole can't be read.
    """
    with explained(path):
        found = files(path)
    before = last = 0
    for file in found:
        for record in read_file(file):
            last = before + record.line
            yield record if not before else replace(record, line=last)
        before = last


def read_file(path: str) -> Iterator[Record]:
    """The records of one file; see :func:`read_records`."""
    with explained(path), opened(path) as raw:
        stream = _unpacked(raw, path)
        first = next((line for line in enumerate(_lines(stream), 1) if line[1]), None)
        if first is None:
            return
        number, line = first
        if line.startswith(b"["):
            yield from _array(line, stream, number, path)
        else:
            yield record_of(number, line)
            yield from _records(stream, number + 1)


def display_name(path: str | os.PathLike[str]) -> str:
    """The name of a file without its directories and without characters that do something to a terminal."""
    if os.fspath(path) == STDIN:
        return "stdin"
    return printable(PurePath(without_query(path)).name) or "corpus"


def display_path(path: str | os.PathLike[str]) -> str:
    """A path or address as a message can show it."""
    return printable(without_query(path))


def printable(text: str) -> str:
    """``text`` without control, formatting (such as bidirectional) and surrogate characters."""
    return "".join(character for character in text if unicodedata.category(character)[0] != "C")


@contextmanager
def explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever the system or a decompressor says, as an :class:`InputError`."""
    file = display_path(path)
    try:
        yield
    except FileNotFoundError:
        raise InputError("file-not-found", "no such file", file, hint="check the path") from None
    except IsADirectoryError:
        raise InputError(
            "is-a-directory", "this is a directory", file, hint="name its files, as in 'folder/*.jsonl'"
        ) from None
    except PermissionError:
        raise InputError("permission-denied", "permission denied", file, hint="check who may read it") from None
    except (EOFError, zlib.error, zstandard.ZstdError, gzip.BadGzipFile) as error:
        hint = "the file may be cut off: make or copy it again"
        raise InputError("damaged-compression", f"can't be unpacked: {error}", file, hint=hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "check the address and who may read it" if is_address(file) else "check the path"
        raise InputError("cannot-read", f"can't be read: {reason}", file, hint=hint) from None


def _unpacked(packed: IO[bytes], path: str | os.PathLike[str]) -> IO[bytes]:
    """The content of ``packed``, told by its first bytes: names lie and standard input has none."""
    head = packed.read(_LONGEST_MAGIC)
    for magic, (format_name, hint) in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise InputError("unsupported-format", f"this is {format_name}", display_path(path), hint=hint)
    whole = io.BufferedReader(_Rejoined(head, packed))
    if head.startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=whole))
    if head.startswith(_ZSTD) or _SKIPPABLE_ZSTD.match(head):
        return io.BufferedReader(_ZstdFile(whole))
    return whole


class _Rejoined(io.RawIOBase):
    """A stream with its first bytes put back: a pipe can't be rewound, and may deliver too few to peek at."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the name of its type, Buffer, comes with Python 3.12
        size = self._head.readinto(buffer)
        if size:
            return size
        data = self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _ZstdFile(io.RawIOBase):
    """The frames of a zstd file, one after another; unlike zstandard's own reader it tells when one is cut off."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._started = False
        self._rest = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the name of its type, Buffer, comes with Python 3.12
        while not self._ready:
            step = self._rest or self._packed.read(_ZSTD_STEP)
            if not step:
                if self._started:
                    raise EOFError("zstd data ended before the end of the frame")
                return 0
            self._ready, self._rest, self._started = memoryview(self._frame.decompress(step)), b"", True
            if self._frame.eof:
                self._rest, self._started = self._frame.unused_data, False
                self._frame = zstandard.ZstdDecompressor().decompressobj()
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def is_plain(head: bytes) -> bool:
    """Whether a file that begins so has one JSON value a line: it is not compressed, no array, and not empty."""
    other = (_GZIP, _ZSTD, *_OTHER_FORMATS)
    first = head.removeprefix(BOM).lstrip(WHITESPACE)[:1]
    return not head.startswith(other) and not _SKIPPABLE_ZSTD.match(head) and first not in (b"", b"[")


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines without surrounding white space; the first also without a byte order mark."""
    yield stream.readline().removeprefix(BOM).strip(WHITESPACE)
    for line in stream:
        yield line.strip(WHITESPACE)


def _records(lines: IO[bytes], start: int) -> Iterator[Record]:
    for number, line in enumerate(lines, start):
        if stripped := line.strip(WHITESPACE):
            yield record_of(number, stripped)


def record_of(number: int, data: bytes | msgspec.Raw) -> Record:
    """What a line, or an element of an array, holds."""
    try:
        return Record(number, _value(data))
    except UnusableError as error:
        return Record(number, reason=str(error))


def _value(data: bytes | msgspec.Raw) -> object:
    try:
        return _decode(data)
    except UnicodeDecodeError:
        raise UnusableError("invalid UTF-8") from None
    except RecursionError:
        raise UnusableError("nested too deeply") from None
    except msgspec.DecodeError:
        return _cleaned(_leniently(bytes(data)))


def _leniently(data: bytes) -> object:
    """Python's own decoder also takes lone surrogates, NaN and infinity, which ``_cleaned`` then tells apart."""
    try:
        return json.loads(data.decode())
    except UnicodeDecodeError:
        raise UnusableError("invalid UTF-8") from None
    except RecursionError:
        raise UnusableError("nested too deeply") from None
    except ValueError:
        raise UnusableError("not JSON") from None


def _cleaned(value: object) -> object:
    """``value`` with U+FFFD for each lone surrogate, so that whatever comes later can encode it."""
    try:
        written = json.dumps(_with_finite_logprobs(value), ensure_ascii=False, allow_nan=False)
    except RecursionError:
        raise UnusableError("nested too deeply") from None
    except ValueError:
        raise UnusableError("NaN or infinity") from None
    return json.loads(_LONE_SURROGATE.sub("\ufffd", written))


def _with_finite_logprobs(value: object, inside: bool = False) -> object:
    """Minus infinity is what a token that can't come has for a log probability: no reason to lose the row."""
    if isinstance(value, dict):
        return {name: _with_finite_logprobs(held, inside or name == "logprobs") for name, held in value.items()}
    if isinstance(value, list):
        return [_with_finite_logprobs(held, inside) for held in value]
    if inside and isinstance(value, float) and not isfinite(value):
        return _IMPOSSIBLE if value < 0 else None
    return value


def _array(line: bytes, stream: IO[bytes], number: int, path: str | os.PathLike[str]) -> Iterator[Record]:
    """The elements of one JSON array; or lines again, where the bracket only opened the first of them."""
    data = line + b"\n" + stream.read()
    try:
        elements = _elements(data)
    except UnusableError as error:
        if not _is_json(line):
            _malformed(str(error), path)
        yield from _records(io.BytesIO(data), number)
        return
    for index, element in enumerate(elements, 1):
        yield record_of(index, element) if isinstance(element, msgspec.Raw) else _cleaned_record(index, element)


def _elements(data: bytes) -> list[Any]:
    """Undecoded elements, so that not all need be in memory; decoded where only the lenient decoder reads them."""
    try:
        return [*_decode_elements(data)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        elements = _leniently(data)
        return elements if isinstance(elements, list) else [elements]


def _cleaned_record(number: int, value: object) -> Record:
    try:
        return Record(number, _cleaned(value))
    except UnusableError as error:
        return Record(number, reason=str(error))


def _is_json(line: bytes) -> bool:
    try:
        _value(line)
    except UnusableError:
        return False
    return True


def _malformed(reason: str, path: str | os.PathLike[str]) -> NoReturn:
    hint = "write one JSON object per line, or check that the array is complete"
    raise InputError(
        "malformed-array", f"starts as a JSON array but is not one: {reason}", display_path(path), hint=hint
    )
