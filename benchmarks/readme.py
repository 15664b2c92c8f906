"""Run the commands that the README shows, and write what they print beneath them.

    python -m benchmarks.readme

In a ``console`` block, a line ``$ modecollapse …`` is a command and the lines down to the next one are its output;
where that ends with ``…`` it is cut there, after as many lines as there are. ``tests/docs`` runs the same commands.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
WIDTH = 100
CUT = "…"
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """One command of a document and the output that stands beneath it, as lines."""

    command: str
    output: list[str]

    def cut(self, printed: str) -> list[str]:
        """As much of ``printed`` as the document shows."""
        lines = printed.splitlines()
        if self.output and self.output[-1] == CUT:
            return [*lines[: len(self.output) - 1], CUT]
        return lines


def commands(text: str) -> list[Shown]:
    """The commands of all ``console`` blocks, in order."""
    return [shown for block in _BLOCK.findall(text) for shown in _in_block(block)]


def run(command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run ``modecollapse …`` in ``directory``, where ``sample_data`` must stand, as a terminal of 100 columns would."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MODECOLLAPSE_")}
    environment |= {"COLUMNS": str(WIDTH), "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    program = f'"{sys.executable}" -m modecollapse'
    line = command.replace("modecollapse", program, 1)
    return subprocess.run(line, shell=True, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def main() -> None:
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "sample_data").symlink_to(ROOT / "sample_data")
        README.write_text(_BLOCK.sub(lambda block: _renewed(block.group(), directory), text), encoding="utf-8")


def _in_block(block: str) -> Iterator[Shown]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *output = part.rstrip("\n").split("\n")
        yield Shown(command, output)


def _renewed(block: str, directory: Path) -> str:
    parts = []
    for shown in _in_block(block):
        done = run(shown.command, directory)
        if done.returncode not in (0, 1, 3):
            sys.exit(f"{shown.command}\n{done.stderr}")
        print(f"exit {done.returncode}: {shown.command}")
        parts.append("\n".join([f"$ {shown.command}", *shown.cut(done.stdout)]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
