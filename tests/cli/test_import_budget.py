"""What the user waits for: commands that compute nothing load no library that takes seconds to import."""

import json
import os
import subprocess
import sys

import pytest

from modecollapse.render.formats import FORMATS
from tests.reports import ALL

HEAVY = (
    *("torch", "sentence_transformers", "transformers", "sklearn", "pandas", "scipy", "statsmodels"),
    *("py3langid", "datasketch", "numpy"),
)
_CODE = """
import json, sys
from modecollapse.cli import main
status = main(sys.argv[2:])
print(json.dumps([status, [name for name in sys.argv[1].split(",") if name in sys.modules]]), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["compare", "--help"],
        ["compare", "gone.jsonl", "gone-too.jsonl"],
        ["modes", "--help"],
        ["modes", "gone.jsonl"],
        ["temperature", "--help"],
        ["temperature", "gone.jsonl", "gone-too.jsonl"],
        ["power", "--help"],
        ["power", "gone.jsonl", "--samples", "40", "--loss", "5%"],
        ["show", "report.json"],
        *(["show", "report.json", "--format", name] for name in FORMATS),
        ["gate", "report.json"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_loaded(arguments, tmp_path):
    (tmp_path / "report.json").write_text(ALL["unchanged"]().to_json(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _CODE, ",".join(HEAVY), *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    status, loaded = json.loads(done.stderr.splitlines()[-1])
    assert status == (2 if "gone.jsonl" in arguments else 0)
    assert loaded == []


def test_public_names_are_at_hand_and_cost_nothing_before_they_are_used():
    code = (
        "import sys, modecollapse; "
        "assert not {'numpy', 'torch', 'msgspec'} & set(sys.modules); "
        "import modecollapse.comparison; "
        "assert all(callable(getattr(modecollapse, name)) for name in modecollapse.__all__ if name != '__version__')"
    )
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=True
    )
