"""Every format in the register, on every made report and on hostile ones."""

import re
import unicodedata

import pytest

from modecollapse.cli import main
from modecollapse.render.formats import ENDINGS, FORMATS, renderer
from modecollapse.render.terminal import View, render_gate
from modecollapse.render.terminal import render as render_terminal
from modecollapse.report import Report
from tests.render.readers import workflow_command
from tests.reports import ALL, hostile

EVIL = (
    "a|b `c` <script>alert(1)</script> </details> <!-- ::error::x \x1b[2J\x9b31m\x07 [/red] @mention #123 GH-1 "
    "![img](http://x.y/z.png) [l](javascript:x) https://x.y www.x.y \u202egnp\u2066 \ud800 \r\nline\n::add-mask::x\n"
    "##[error]y ##vso[task.complete]z ]]> &lt; \x00\ufffe\u200b \\| $x$ :tada: %0A::stop-commands::t"
)
STARTS = (
    "::error::x",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r\n::error::x",
    "  ::add-mask::x",
    "- x",
    "# x",
    "1. x",
)
REPORTS = {
    **ALL,
    "hostile": lambda: hostile(EVIL),
    **{f"starts {text!r}": lambda t=text: hostile(t) for text in STARTS},
}


@pytest.fixture(params=list(FORMATS))
def format_name(request):
    return request.param


@pytest.fixture(params=list(REPORTS))
def report(request):
    return REPORTS[request.param]()


def test_document_is_whole_deterministic_and_harmless(format_name, report):
    render = renderer(format_name)
    document = render(report)
    assert document == render(report)
    assert document.endswith("\n")
    document.encode()  # no lone surrogate
    lines = document.replace("\r\n", "\n") if format_name == "csv" else document  # RFC 4180 asks for CRLF
    hidden = {c for c in lines if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - set("\n\u200c\u200d")
    assert not hidden


def test_no_line_is_a_command_of_a_build_system(format_name, report):
    commands = [found for line in renderer(format_name)(report).splitlines() if (found := workflow_command(line))]
    if format_name == "github":
        assert {name for name, *_ in commands} <= {"error", "warning", "notice"}
        commands = [found for _, _, data in commands for part in data.split("\n") if (found := workflow_command(part))]
    assert commands == []


@pytest.mark.parametrize(
    "text", [*STARTS, EVIL, f"{'long ' * 12}::add-mask::x"]
)  # the last is folded before the colons
@pytest.mark.parametrize("view", [View(every_mode=True, details=True), View(width=60)])
def test_no_line_of_a_terminal_is_a_command_either(text, view):
    lines = [*render_terminal(hostile(text), view).splitlines(), *render_gate(hostile(text)).splitlines()]
    assert [line for line in lines if workflow_command(line)] == []


def test_saved_report_gives_the_same_document(format_name):
    for made in (*ALL.values(), lambda: hostile("a|b\n@c")):
        report = made()
        assert renderer(format_name)(Report.from_json(report.to_json())) == renderer(format_name)(report)


def test_several_files_at_once_and_one_printed(tmp_path, capsys):
    saved = tmp_path / "report.json"
    saved.write_text(ALL["collapsed"]().to_json(), encoding="utf-8")
    paths = {tmp_path / f"out{ending}": name for ending, name in ENDINGS.items()}
    options = [part for path in paths for part in ("-o", str(path))]
    assert main(["show", str(saved), "--format", "markdown", *options]) == 0
    assert capsys.readouterr().out == renderer("markdown")(ALL["collapsed"]())
    for path, name in paths.items():
        assert path.read_bytes().decode() == renderer(name)(ALL["collapsed"]())


def test_every_format_says_what_was_found(format_name):
    """Whoever sees one format alone learns the verdict and the mode behind it."""
    document = renderer(format_name)(ALL["lost"]())
    assert re.search("lost", document, re.IGNORECASE)
    assert "sea · sailors · ocean" in document
    assert "vanished" in document
