"""The command line: parse, call, print, exit. One module per group of commands; ``main`` turns errors into statuses."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from signal import SIG_DFL, SIGTERM, signal
from threading import current_thread, main_thread
from types import FrameType

import click
from click.shell_completion import shell_complete

from modecollapse import __version__
from modecollapse.cli.caching import cache
from modecollapse.cli.comparing import compare
from modecollapse.cli.corpora import modes, power, temperature
from modecollapse.cli.freezing import baseline
from modecollapse.cli.output import hang_up, print_json
from modecollapse.cli.saved import explain, gate, show
from modecollapse.config import DEFAULT_ENCODER
from modecollapse.errors import ModecollapseError
from modecollapse.report import SCHEMA_VERSION

_COMPLETING = "_MODECOLLAPSE_COMPLETE"
"""Set by a shell's completion script, to what it asks for."""

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

_HELP = """\
Tell lost modes from mere temperature sharpening in the generations of a retrained language model.

\b
Examples:
  modecollapse compare base.jsonl new.jsonl
  modecollapse compare base.jsonl new.jsonl -o report.json
  modecollapse modes base.jsonl
  modecollapse temperature base.jsonl new.jsonl
  modecollapse power base.jsonl --samples 40
  modecollapse show report.json --all
  modecollapse explain report.json "sea · sailors · ship"
  modecollapse gate report.json --fail-on collapsed
  modecollapse baseline base.jsonl -o base.modes

\b
Exit status of compare and gate:
  0    the gate passed (temperature sharpening alone passes)
  1    the gate failed
  2    could not compare: usage, unusable input, missing model
  3    the evidence is too thin for what the policy asks
  130  interrupted (143: terminated)
"""


_COMPLETION_EXAMPLES = """\
\b
Examples:
  eval "$(modecollapse completion bash)"          in ~/.bashrc
  eval "$(modecollapse completion zsh)"           in ~/.zshrc
  modecollapse completion fish | source           in ~/.config/fish/config.fish
"""


class InOrder(click.Group):
    """Lists its commands in the order in which a user meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were added."""
        return list(self.commands)


@click.group(cls=InOrder, help=_HELP, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    __version__,
    message=f"%(prog)s %(version)s (report schema {SCHEMA_VERSION}, default encoder {DEFAULT_ENCODER})",
)
def cli() -> None:
    """All commands."""


@click.command(short_help="Print a completion script for a shell.", epilog=_COMPLETION_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script that completes commands, options and their values in SHELL."""
    return shell_complete(cli, {}, "modecollapse", _COMPLETING, f"{shell}_source")


for _command in (compare, modes, temperature, power, show, explain, gate, baseline, cache, completion):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if _COMPLETING in os.environ:
        return shell_complete(cli, {}, "modecollapse", _COMPLETING, os.environ[_COMPLETING])
    try:
        with _ending_on_termination():
            return _run(given)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except BrokenPipeError:
        hang_up()
        return 0
    except _Terminated:
        return EXIT_TERMINATED
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except Exception as error:
        return _fail(error, given)


def _run(given: list[str]) -> int:
    # Not cli.main(): click would exit 1 on a closed pipe, and 1 means that the gate failed.
    with cli.make_context("modecollapse", given) as context:
        return int(cli.invoke(context) or 0)


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which a build system sends: to be treated like Ctrl-C, or the processes of an engine would live on."""


@contextmanager
def _ending_on_termination() -> Iterator[None]:
    if current_thread() is not main_thread():
        yield
        return
    before = signal(SIGTERM, _terminate)
    try:
        yield
    finally:
        signal(SIGTERM, before or SIG_DFL)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise _Terminated


def _fail(error: Exception, given: Sequence[str]) -> int:
    """Say what is wrong: a line on stderr, with ``--json`` also a document on stdout."""
    from modecollapse.render.escape import for_terminal

    shown = _explained(error)
    if "--debug" in given:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            print(for_terminal(line), file=sys.stderr)  # noqa: T201
    print(f"error: {for_terminal(str(shown))}", file=sys.stderr)  # noqa: T201
    if "--json" in given or "--format=json" in given or ("--format", "json") in pairwise(given):
        print_json({"error": {key: getattr(shown, key) for key in ("code", "message", "file", "line", "hint")}})
    return EXIT_ERROR


def _explained(error: Exception) -> ModecollapseError:
    if isinstance(error, ModecollapseError):
        return error
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "modecollapse"
        return ModecollapseError("usage", error.format_message().rstrip("."), hint=f"see {command} --help")
    if isinstance(error, OSError) and error.strerror:
        return ModecollapseError("system", error.strerror.lower(), error.filename and str(error.filename))
    hint = "this is a bug; --debug shows the traceback"
    return ModecollapseError("internal", f"internal error: {type(error).__name__}: {error}", hint=hint)
