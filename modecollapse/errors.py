"""Errors that a user can act on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class ModecollapseError(Exception):
    """Could not compare: what is wrong, where, and what to do next.

    ``code`` is a stable kebab-case word for programs; ``message`` one sentence for people; ``hint`` what to do.
    The command line turns it into one line on stderr (and JSON on stdout with ``--json``) and exit status 2.
    """

    code: str
    message: str
    file: str | None = None
    line: int | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = "" if self.file is None else f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{hint}"


class InputError(ModecollapseError):
    """A corpus can't be read or used."""


class ConfigError(ModecollapseError):
    """A configuration value or option can't be used."""


class ModelError(ModecollapseError):
    """An encoder can't be loaded or used."""
