"""What a user sees when something is wrong: one line, status 2, and JSON where JSON was asked for."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from modecollapse import __version__
from modecollapse.cli import main
from modecollapse.embed.bundled import BundledEncoder
from tests.cli.test_saved import ENVIRONMENT, run


@pytest.fixture(autouse=True)
def corpora(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("base.jsonl", "new.jsonl"):
        (tmp_path / name).write_text('{"prompt": "p", "text": "t"}\n')


PAIR = ["compare", "base.jsonl", "new.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], "usage", "Missing command (see modecollapse --help)"),
        (["comapre"], "usage", "compare"),
        (["compare", "base.jsonl"], "usage", "Missing argument 'NEW' (see modecollapse compare --help)"),
        ([*PAIR, "--tolerence", "1"], "usage", "--tolerance"),
        ([*PAIR, "--engine", "spark"], "usage", "'spark' is not one of"),
        ([*PAIR, "--format", "pdf"], "usage", "'pdf' is not one of"),
        (["compare", "base.jsonl", "gone.jsonl"], "file-not-found", "gone.jsonl: no such file"),
        (["compare", "-", "-"], "stdin-twice", "standard input can be read only once"),
        ([*PAIR, "--reheated", "gone"], "file-not-found", "gone: no such file"),
        ([*PAIR, "-o", "report.pdf"], "unknown-format", "report.pdf: no format has this ending (supported: .json"),
        ([*PAIR, "-o", "no/where.json"], "cannot-write", "no/where.json: its directory does not exist"),
        ([*PAIR, "--alpha", "2"], "bad-value", "--alpha must lie between 0 and 1, not 2"),
        ([*PAIR, "--max-bad", "lots"], "bad-value", "--max-bad can't be 'lots'"),
        ([*PAIR, "--facet", "topics"], "bad-value", "--facet can't hold 'topics'"),
        ([*PAIR, "--fail-on", "death"], "bad-value", "--fail-on can't be 'death'"),
        (["show", "gone.json"], "file-not-found", "gone.json: no such file"),
        (["show", "base.jsonl"], "not-a-report", "base.jsonl: "),
        (["show", "."], "system", ".: is a directory"),
        (["gate", "gone.json"], "file-not-found", "gone.json: no such file"),
    ],
)
def test_one_line_and_status_2(arguments, code, said, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err
    if not arguments:
        return  # alone, --json would be the mistake
    assert main([*arguments, "--json"]) == 2
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["schema_version"] == 1
    assert list(document["error"]) == ["code", "message", "file", "line", "hint"]
    assert err.count("\n") == 1
    assert document["error"]["code"] == code


def test_contradiction(capsys):
    assert main([*PAIR, "--json", "--format", "terminal"]) == 2
    assert "contradict" in capsys.readouterr().err


def test_same_in_a_process_of_its_own():
    done = run(*PAIR[:2], "gone.jsonl", "--json")
    assert done.returncode == 2
    assert done.stderr == "error: gone.jsonl: no such file (check the path)\n"
    assert json.loads(done.stdout)["error"]["file"] == "gone.jsonl"


def test_output_must_not_overwrite_an_input(tmp_path, capsys):
    (tmp_path / "base.json").write_text("[]")
    assert main(["compare", "base.json", "new.jsonl", "-o", str(tmp_path / "base.json")]) == 2
    assert "would overwrite what is being read" in capsys.readouterr().err
    assert (tmp_path / "base.json").read_text() == "[]"


def test_configuration_error_names_file_and_line(tmp_path, capsys):
    (tmp_path / "pyproject.toml").write_text("[tool.modecollapse]\n\ntolerence = 0.1\n")
    assert main(PAIR) == 2
    assert capsys.readouterr().err == ("error: pyproject.toml:3: unknown key tolerence (did you mean tolerance?)\n")


def test_hostile_names_are_spelled_out(capsys):
    assert main(["show", "\x1b[2Jgone\n\u202e\udcff.json", "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == "error: \\x1b[2Jgone\\n\\u202e\\udcff.json: no such file (check the path)\n"
    assert "\x1b" not in out
    assert json.loads(out)["error"]["code"] == "file-not-found"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["compare", "--help"], ["show", "--help"], ["gate", "-h"]])
def test_help(arguments, capsys):
    assert main(arguments) == 0
    assert "Usage: modecollapse" in capsys.readouterr().out


def test_help_has_examples(capsys):
    main(["--help"])
    main(["compare", "--help"])
    out = capsys.readouterr().out
    assert "  modecollapse compare base.jsonl new.jsonl\n" in out
    assert "130  interrupted" in out


def test_version_tells_schema_and_model_too(capsys):
    assert main(["--version"]) == 0
    said = f"(report schema 1, default encoder {BundledEncoder.name})"
    assert capsys.readouterr().out == f"modecollapse {__version__} {said}\n"


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX signal")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(sent, status):
    """Ctrl-C, or the end that a build system makes, while the report is read from a pipe that nobody fills."""
    code = "import sys; from modecollapse.cli import main; print('ready', flush=True); sys.exit(main(['gate', '-']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        # A shell that runs the tests in the background has them ignore Ctrl-C, and what they start as well.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.3)
    process.send_signal(sent)
    _, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert b"Traceback" not in err
