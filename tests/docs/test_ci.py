"""What docs/ci.md shows must run: the five lines, the policy, the action's script, the job for GitLab."""

import gzip
import json
import os
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest
import yaml

from modecollapse.config import FACETS
from modecollapse.policy import Policy, read_accepted
from modecollapse.settings import load

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
FEW = 5


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A directory with the sample data, a pair cut to five rows per prompt, and the program on the path."""
    directory = tmp_path_factory.mktemp("ci")
    (directory / "sample_data").symlink_to(ROOT / "sample_data")
    (directory / "bin").mkdir()
    command = directory / "bin" / "modecollapse"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m modecollapse "$@"\n')
    command.chmod(0o755)
    (directory / "bin" / "python").symlink_to(sys.executable)
    for name in ("base", "sharpened"):
        with gzip.open(ROOT / "sample_data" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            rows = sorted(map(json.loads, file), key=lambda row: row["prompt_id"])
        few = [row for _, group in groupby(rows, lambda row: row["prompt_id"]) for row in list(group)[:FEW]]
        (directory / f"few_{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in few), encoding="utf-8")
    return directory


def bash(script, directory, **more):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MODECOLLAPSE_")}
    environment |= {"PYTHONPATH": str(ROOT), "PATH": f"{directory / 'bin'}{os.pathsep}{os.environ['PATH']}", **more}
    return subprocess.run(
        ["bash", "-c", script], cwd=directory, env=environment, capture_output=True, encoding="utf-8", timeout=300
    )


@pytest.mark.parametrize(
    ("base", "new", "status"),
    [
        ("sample_data/base.jsonl.gz", "sample_data/topic_locked.jsonl.gz", 1),
        ("sample_data/base.jsonl.gz", "sample_data/sharpened.jsonl.gz", 0),
        ("few_base.jsonl", "few_sharpened.jsonl", 3),
    ],
)
def test_five_lines(workplace, base, new, status):
    lines = blocks("sh")[0].splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("python3 -m venv")
    assert lines[1].startswith("pip install")
    script = "\n".join(lines[2:]).replace("sample_data/base.jsonl.gz", base)
    done = bash(script.replace("sample_data/topic_locked.jsonl.gz", new), workplace)
    assert done.stdout.splitlines()[-1] == f"exit status {status}", done.stderr
    assert json.loads((workplace / "report.json").read_text(encoding="utf-8"))["schema_version"] == 1
    assert (workplace / "junit.xml").exists()


def test_policy_is_read_as_it_stands(tmp_path):
    shown, accepted = blocks("toml")
    (tmp_path / "pyproject.toml").write_text(shown)
    (tmp_path / "accepted-losses.toml").write_text(accepted)
    policy = load({}, environment={}, directory=tmp_path).gate
    assert (policy.largest_loss("topic"), policy.largest_loss("persona")) == (0.1, 0.2)
    assert [loss.finding for loss in policy.accepted_losses] == ["language:fr"]
    assert read_accepted(tmp_path / "accepted-losses.toml") == policy.accepted_losses


def test_defaults_are_those_that_the_table_names():
    table = dict(re.findall(r"^\| `(\w+)` \| `--[\w-]+` \| `?([^|`]*)`? \|", DOCUMENT, re.MULTILINE))
    assert table["fail_on"] == ", ".join(verdict.value for verdict in Policy().fail_on)
    assert table["required_facets"] == ", ".join(Policy().required_facets)
    assert set(table["required_facets"].split(", ")) < set(FACETS)


class TestAction:
    ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

    def run(self, workplace, new, options="--facet language --facet opening", reports="reports"):
        summary, outputs = workplace / "summary", workplace / "outputs"
        for path in (summary, outputs):
            path.write_text("")
        step = next(step for step in self.ACTION["runs"]["steps"] if step.get("id") == "compare")
        done = bash(
            step["run"],
            workplace,
            BASE="sample_data/base.jsonl.gz",
            NEW=new,
            OPTIONS=options,
            REPORTS=reports,
            GITHUB_ACTION_PATH=str(ROOT),
            GITHUB_STEP_SUMMARY=str(summary),
            GITHUB_OUTPUT=str(outputs),
        )
        return done, summary.read_text(encoding="utf-8"), outputs.read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("new", "status", "level", "outputs"),
        [
            ("opening_locked", 1, "error", "verdict=collapsed\ngate=fail\n"),
            ("sharpened", 0, "notice", "verdict=sharpened\ngate=pass\n"),
        ],
    )
    def test_step_says_what_was_found(self, workplace, new, status, level, outputs):
        done, summary, said = self.run(workplace, f"sample_data/{new}.jsonl.gz")
        assert done.returncode == status, done.stderr
        assert re.search(rf"^::{level}[ :]", done.stdout, re.MULTILINE)
        assert ("::error" in done.stdout) == (level == "error")
        assert outputs.split("\n")[0].removeprefix("verdict=").capitalize() in summary
        assert said == outputs
        assert {path.name for path in (workplace / "reports").iterdir()} == {
            *("report.json", "report.html", "report.md", "junit.xml")
        }

    def test_failed_comparison_leaves_no_old_report(self, workplace):
        self.run(workplace, "sample_data/opening_locked.jsonl.gz")
        done, summary, outputs = self.run(workplace, "gone.jsonl")
        assert done.returncode == 2
        assert "no such file" in done.stderr
        assert (summary, outputs) == ("", "")

    def test_inputs_are_data_and_never_script(self, workplace):
        evil = "$(touch hacked);`touch hacked`"
        done, *_ = self.run(workplace, evil, options='--facet $(touch${IFS}hacked) ";touch hacked"')
        assert done.returncode == 2
        assert not (workplace / "hacked").exists()
        for step in self.ACTION["runs"]["steps"]:
            assert "${{" not in step.get("run", "")

    def test_every_input_is_used_and_every_one_used_is_there(self):
        text = (ROOT / "action.yml").read_text(encoding="utf-8")
        assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(self.ACTION["inputs"])
        (example,) = (block for block in blocks("yaml") if "actions/checkout" in block)
        steps = yaml.safe_load(example)["jobs"]["modes"]["steps"]
        assert set(steps[-1]["with"]) <= set(self.ACTION["inputs"])

    def test_install_is_that_of_the_readme(self):
        (install,) = (s["run"] for s in self.ACTION["runs"]["steps"] if s.get("name", "").startswith("Install"))
        assert "constraints.txt" in install


def test_gitlab_job(workplace):
    (example,) = (block for block in blocks("yaml") if "image:" in block)
    job = yaml.safe_load(example)["modes"]
    script = [line for line in job["script"] if not line.startswith("pip ")]
    assert len(script) == len(job["script"]) - 1
    (workplace / "junit.xml").unlink(missing_ok=True)
    assert bash("\n".join(script), workplace).returncode == 1
    assert job["allow_failure"]["exit_codes"] == 3
    for path in [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]:
        assert (workplace / path).exists()
