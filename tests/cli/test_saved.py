"""``show`` and ``gate`` on a saved report, as a user runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from modecollapse import schema
from modecollapse.cli import main
from tests.reports import ALL, hostile

ROOT = str(Path(__file__).parents[2])
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith(("MODECOLLAPSE_", "COLUMNS"))}
ENVIRONMENT |= {"PYTHONPATH": ROOT}  # the tests run elsewhere, on this checkout


def run(*arguments, **more):
    command = [sys.executable, *more.pop("python", ()), "-m", "modecollapse", *map(str, arguments)]
    environment = ENVIRONMENT | more.pop("env", {})
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=60, **more)


@pytest.fixture(params=list(ALL))
def name(request):
    return request.param


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def save(name):
        path = tmp_path / f"{name}.json"
        path.write_text(ALL[name]().to_json(), encoding="utf-8")
        return str(path)

    return save


STATUS = {"unchanged": 0, "sharpened": 0, "lost": 1, "collapsed": 1, "inconclusive": 3}


def test_show_exits_zero_whatever_it_shows(name, saved, capsys):
    assert main(["show", saved(name)]) == 0
    out, err = capsys.readouterr()
    assert name in out.splitlines()[0].lower()
    assert err == ""


def test_show_as_json_is_the_report(name, saved, capsys):
    assert main(["show", saved(name), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, schema.shipped())
    assert document == json.loads(ALL[name]().to_json())


def test_gate_status_and_words(name, saved, capsys):
    assert main(["gate", saved(name)]) == STATUS[name]
    assert capsys.readouterr().out == f"Gate: {ALL[name]().gate.outcome.value}. {' '.join(ALL[name]().gate.reasons)}\n"
    assert main(["gate", saved(name), "--exit-zero"]) == 0


def test_gate_as_json(saved, capsys):
    assert main(["gate", saved("lost"), "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert document["gate"] == {
        "outcome": "fail",
        "reasons": ["Facet topic is lost."],
        "accepted": [],
        "stale": [],
    }


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--fail-on", "collapsed"], 0),
        (["--fail-on", "collapsed,unchanged"], 1),
        (["--fail-on", "collapsed", "--required-facets", "column:role"], 3),
        (["--fail-on", "", "--required-facets", "column:role", "--inconclusive", "fail"], 1),
    ],
)
def test_policy_by_options(saved, options, status):
    assert main(["gate", saved("lost"), *options]) == status


def test_policy_by_file_and_environment(saved, tmp_path, monkeypatch):
    (tmp_path / "modecollapse.toml").write_text('[gate]\nfail_on = ["collapsed"]')
    assert main(["gate", saved("lost")]) == 0
    monkeypatch.setenv("MODECOLLAPSE_FAIL_ON", "lost")
    assert main(["gate", saved("lost")]) == 1


def test_report_on_standard_input(saved):
    with Path(saved("lost")).open(encoding="utf-8") as file:
        assert run("gate", "-", stdin=file).returncode == 1


def test_neither_numpy_nor_a_model_is_loaded(saved):
    """A saved report is gated on machines that have no model, in a moment."""
    check = (
        "import sys; from modecollapse.cli import main; status = main(sys.argv[1:]); "
        "print(sorted({'numpy', 'scipy', 'pandas', 'torch', 'sklearn', 'sentence_transformers'} & set(sys.modules)), "
        "'rich.table' in sys.modules, status, file=sys.stderr)"
    )
    for command, expected in (("show", "[] True 0\n"), ("gate", "[] True 1\n")):
        done = subprocess.run(
            [sys.executable, "-c", check, command, saved("lost")], capture_output=True, text=True, env=ENVIRONMENT
        )
        assert done.stderr == expected
    helped = subprocess.run([sys.executable, "-c", check, "--help"], capture_output=True, text=True, env=ENVIRONMENT)
    assert helped.stderr == "[] False 0\n"


def test_piped_output_is_plain_and_whole(saved):
    done = run("show", saved("collapsed"))
    assert "\x1b" not in done.stdout
    assert (
        "One opening has taken over: 85% of new texts begin «it's a difficult question.», which temperature can't "
        in (done.stdout.splitlines()[0])
    )


def test_columns_and_no_color_are_respected(saved):
    narrow = run("show", saved("collapsed"), env={"COLUMNS": "80"}).stdout
    assert max(map(len, narrow.splitlines())) <= 80
    assert "\x1b[" in run("show", saved("collapsed"), env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b" not in run("show", saved("collapsed"), env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX pipe")
@pytest.mark.parametrize(("command", "status"), [("show", 0), ("gate", 1), ("--help", 0)])
def test_closed_pipe_ends_quietly(saved, command, status):
    """The reader is gone before the first word: no traceback, and the status is what it was to be."""
    read, write = os.pipe()
    os.close(read)
    arguments = [command] if command == "--help" else [command, saved("lost")]
    done = subprocess.run(
        [sys.executable, "-m", "modecollapse", *arguments], stdout=write, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (status, b"")


def test_ascii_standard_output(saved):
    """No text is worth a crash; JSON stays UTF-8, as JSON is."""
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    shown = run("show", saved("lost"), env=ascii_only)
    assert shown.returncode == 0
    assert "\\u6d77" in shown.stdout
    assert "海" in run("show", saved("lost"), "--json", env=ascii_only).stdout


def test_output_file_is_the_report(saved, tmp_path, capsys):
    target = tmp_path / "copy.json"
    assert main(["show", saved("lost"), "-o", str(target), "-o", str(tmp_path / "again.JSON")]) == 0
    assert target.read_text(encoding="utf-8") == (tmp_path / "again.JSON").read_text(encoding="utf-8")
    assert json.loads(target.read_text(encoding="utf-8"))["verdict"] == "lost"
    assert capsys.readouterr().out.startswith("Lost")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.JSON", "copy.json", "lost.json"]


def test_output_keeps_the_rights_and_the_link(saved, tmp_path):
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    assert main(["show", saved("lost"), "-o", str(link)]) == 0
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.read_text().startswith("{")


def test_failed_write_leaves_the_old_file(saved, tmp_path, monkeypatch, capsys):
    target = tmp_path / "out.json"
    target.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.chmod", full)
    assert main(["show", saved("lost"), "-o", str(target)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lost.json", "out.json"]


def test_hostile_report_reaches_no_terminal(tmp_path):
    evil = "\x1b]0;owned\x07\x9b2J\u202e[red]::error::x\ud800"
    path = tmp_path / "evil.json"
    path.write_text(hostile(evil).to_json(), encoding="utf-8")
    for arguments in (["show", path], ["show", path, "--json"], ["gate", path], ["show", path, "--all", "-v"]):
        done = run(*arguments)
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.stdout + done.stderr), arguments
