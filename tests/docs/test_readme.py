"""What the README and the documents say must be so: commands, what they print, files that they point to."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from benchmarks import readme

ROOT = readme.ROOT
TEXT = readme.README.read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("sample_data/*.md")])
STATUS = {"sharpened": 0, "topic_locked": 1}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[readme.Shown, int, str]]:
    """Every command of the README in order, in one directory: its exit status and output."""
    directory = tmp_path_factory.mktemp("readme")
    (directory / "sample_data").symlink_to(ROOT / "sample_data")
    runs = [(shown, readme.run(shown.command, directory)) for shown in readme.commands(TEXT)]
    return [(shown, done.returncode, done.stdout) for shown, done in runs]


_FACET = re.compile(r"^(?:└ )?(?:language|topic|persona|opening|degeneration) +[a-z]+(?= )")


def _in_essence(lines: list[str]) -> str:
    """Verdicts; of what is no report, words without numbers and layout.

    Between processors vectors differ in their last digit, and clusters by a few texts: a mode may have another share,
    name or granularity, a verdict may not.
    """
    facets = [found.group() for line in lines if (found := _FACET.match(line))]
    if facets:
        lines = [re.split("[:,]| for ", lines[0])[0], *facets, *(line for line in lines if line.startswith("Gate:"))]
    text = re.sub(r'(?<="headline": ")(\w+).*', r"\1", "\n".join(lines))
    return re.sub(r"\s+", " ", re.sub(r"<?\d[\d.,]*%?", "#", text)).strip()


def test_essence_is_the_verdicts() -> None:
    report = [
        "Collapsed: topic – “sea” 2% → 62%.",
        "",
        "topic   collapsed  27.8 → 15.5  “sea” 2.1% → 62%",
        "Gate: fail.",
    ]
    assert _in_essence(report) == "Collapsed topic collapsed Gate: fail."
    assert _in_essence(report) != _in_essence([line.replace("ollapsed", "harpened") for line in report])


def test_commands_print_what_the_readme_shows(printed: list[tuple[readme.Shown, int, str]]) -> None:
    assert len(printed) >= 4
    for shown, _, output in printed:
        assert _in_essence(shown.cut(output)) == _in_essence(shown.output), (
            f"python -m benchmarks.readme: {shown.command}"
        )


def test_exit_status_is_what_the_readme_says(printed: list[tuple[readme.Shown, int, str]]) -> None:
    found = {
        name: status
        for shown, status, _ in printed
        for name in STATUS
        if f"compare sample_data/base.jsonl.gz sample_data/{name}." in shown.command
    }
    assert found == STATUS


def test_first_command_shown_is_the_one_that_the_install_line_runs() -> None:
    install, _ = _shell_commands()
    assert install.split(" && ")[-1] == readme.commands(TEXT)[0].command


def test_ci_installs_and_tests_as_the_readme_says() -> None:
    script = ROOT / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()
    _, test = _shell_commands()
    install, pytest_command = test.split(" && ")[-2:]
    assert install in lines
    assert lines[-1] == pytest_command
    assert script.stat().st_mode & stat.S_IXUSR


def _shell_commands() -> list[str]:
    """The two commands that do everything, each on one line."""
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "pip install" in block]


def test_no_dependency_is_left_unpinned() -> None:
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project.scripts]")[0]
    wanted = re.findall(r'^  "([a-z0-9-]+)(?:[>=<;].*)?",$', project, re.MULTILINE)
    assert len(wanted) > 20
    assert set(wanted) <= pinned


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("heading", ["### Verdicts of a facet", "### Reasons", "### Modes"])
def test_report_page_explains_every_word(heading: str) -> None:
    from modecollapse.report import ModeVerdict, Verdict
    from modecollapse.reporting.wording import REASONS

    words = {"### Verdicts of a facet": [*Verdict], "### Reasons": [*REASONS], "### Modes": [*ModeVerdict]}[heading]
    page = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    section = page.split(heading)[1].split("\n#")[0]
    explained = {
        word for row in re.findall(r"^\| (.*?) \|", section, re.MULTILINE) for word in row.replace("`", "").split(", ")
    }
    assert [str(getattr(word, "value", word)) for word in words if getattr(word, "value", word) not in explained] == []


def test_report_page_explains_every_field() -> None:
    from modecollapse import report

    page = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    for part in (report.Report, report.FacetReport, report.ModeReport, report.Temperature, report.CorpusSummary):
        assert [name for name in part.__dataclass_fields__ if f"`{name}`" not in page] == [], part.__name__
