"""Shells complete what the program knows, in its own words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modecollapse.config import FACETS
from modecollapse.report import Verdict

ROOT = str(Path(__file__).parents[2])


def completed(*words):
    asked = {"COMP_WORDS": " ".join(["modecollapse", *words]), "COMP_CWORD": str(len(words))}
    done = subprocess.run(
        [sys.executable, "-m", "modecollapse"],
        env={**os.environ, **asked, "PYTHONPATH": ROOT, "_MODECOLLAPSE_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["comp"], ["compare", "completion"]),
        (["gate", "r.json", "--fail-on", ""], [verdict.value for verdict in Verdict]),
        (["gate", "r.json", "--required-facets", "topic,p"], ["topic,persona"]),
        (["compare", "a", "b", "--facet", ""], list(FACETS)),
        (["gate", "r.json", "--inconclusive", "f"], ["fail"]),
    ],
)
def test_words_are_completed(words, expected):
    assert completed(*words) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_asks_this_program(shell):
    done = subprocess.run(
        [sys.executable, "-m", "modecollapse", "completion", shell],
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert f"_MODECOLLAPSE_COMPLETE={shell}_complete" in done.stdout
