"""What commands read and print: paths checked, saved reports in, results out in the format asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from modecollapse import sources
from modecollapse.errors import InputError, ModecollapseError
from modecollapse.render.formats import ENDINGS, TERMINAL
from modecollapse.report import SCHEMA_VERSION, Report, encode

if TYPE_CHECKING:
    from modecollapse.progress import OnTerminal, Silent
    from modecollapse.render.screen import View


class Result(Protocol):
    """What a command on corpora finds."""

    def to_json(self) -> str:
        """The result as JSON."""


@dataclass(frozen=True)
class Output:
    """Where a report goes and how."""

    format: str
    files: tuple[Path, ...]
    every_mode: bool
    details: bool

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Output:
        """As the options of ``options.report_output`` say."""
        return cls(chosen_format(options), options["files"], options["every_mode"], options["details"])


def chosen_format(options: Mapping[str, Any]) -> str:
    """The format to print, by ``--json`` or ``--format``."""
    if options["as_json"] and options["format"] not in (None, "json"):
        raise click.UsageError(f"--json and --format {options['format']} contradict each other")
    return "json" if options["as_json"] else options["format"] or TERMINAL


def check_paths(inputs: Sequence[str], outputs: Sequence[Path] = (), endings: Collection[str] = ENDINGS) -> None:
    """Raises ``ModecollapseError`` where an input is missing or an output could not be written: before any work."""
    from modecollapse.render import files

    if list(inputs).count("-") > 1:
        raise InputError("stdin-twice", "standard input can be read only once")
    for name in inputs:
        if not _is_there(name):
            raise InputError("file-not-found", "no such file", name, hint="check the path")
    files.check(outputs, endings)
    read = [file for name in inputs if name != "-" and not sources.is_address(name) for file in sources.files(name)]
    read_from = {Path(file).resolve() for file in read}
    for path in outputs:
        if path.resolve() in read_from:
            raise ModecollapseError("cannot-write", "would overwrite what is being read", str(path))


def _is_there(name: str) -> bool:
    """Whether an input is there, as far as this can be told at once: an address is asked when it is read."""
    if name == "-" or sources.is_address(name):
        return True
    try:
        return all(Path(file).exists() for file in sources.files(name))
    except FileNotFoundError:
        return False


def read_report(name: str) -> Report:
    """The saved report in the file ``name``, or on standard input."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return Report.from_json(raw)
    except InputError as error:
        raise InputError(error.code, error.message, name, error.line, error.hint) from error


def deliver(report: Report, output: Output) -> None:
    """Write the report's files, then print it."""
    from modecollapse.render import files
    from modecollapse.render.formats import renderer

    files.write(report, output.files)
    if output.format != TERMINAL:
        print_out(renderer(output.format)(report), encoding="utf-8")
        return
    from modecollapse.render.terminal import render

    print_out(render(report, view(output.every_mode, output.details)))


def deliver_result(result: Result, options: Mapping[str, Any], render: Callable[[Any, View], str]) -> None:
    """Write a result's JSON to the files asked for, then print it: as JSON, or as ``render`` makes it."""
    from modecollapse.render import files
    from modecollapse.render.escape import for_json

    document = for_json(result.to_json()) + "\n"
    files.write_bytes(dict.fromkeys(options["files"], document.encode()))
    if options["as_json"]:
        print_out(document, encoding="utf-8")
    else:
        print_out(render(result, view(options.get("every_mode", False))))


def status(report: Report, exit_zero: bool) -> int:
    """The exit status that the gate asks for."""
    from modecollapse.gating import EXIT_STATUS

    return 0 if exit_zero else EXIT_STATUS[report.gate.outcome]


def watching(quiet: bool) -> AbstractContextManager[OnTerminal | Silent]:
    """Progress on a terminal, silence elsewhere."""
    from modecollapse.progress import OnTerminal, Silent

    return nullcontext(Silent()) if quiet or not sys.stderr.isatty() else OnTerminal()


def view(every_mode: bool = False, details: bool = False) -> View:
    """The terminal as it is."""
    from modecollapse.render.screen import View

    return View(width(), color(), every_mode, details)


def width() -> int | None:
    """Cells to fill: those of the terminal, or ``COLUMNS``; None where stdout is neither."""
    import shutil

    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return shutil.get_terminal_size().columns
    return None


def color() -> bool:
    """Whether to print in colour."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and (sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR")))


def print_json(values: Mapping[str, Any]) -> None:
    """Print ``values`` as a JSON document of the report's schema version."""
    from modecollapse.render.escape import for_json

    print_out(for_json(encode({"schema_version": SCHEMA_VERSION, **values})) + "\n", encoding="utf-8")


def print_out(text: str, encoding: str | None = None) -> None:
    """Print to stdout; whoever reads it may leave early, and the exit status stays what it was to be."""
    if encoding and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        hang_up()


def hang_up() -> None:
    """Let Python's own last flush of stdout go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
