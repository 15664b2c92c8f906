"""``compare`` as a command: what it hands to the library, and what it does with the report."""

import json
import sys
from types import SimpleNamespace

import pytest

from modecollapse.cli import main
from modecollapse.errors import InputError
from modecollapse.report import Outcome, Verdict
from tests.reports import ALL


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A stand-in for ``modecollapse.comparison``: remembers its arguments; ``answer`` is what it returns or raises."""
    monkeypatch.chdir(tmp_path)
    for name in ("base.jsonl", "new.jsonl", "hot.jsonl"):
        (tmp_path / name).write_text('{"prompt": "p", "text": "t"}\n')
    stand_in = SimpleNamespace(answer=ALL["lost"](), given=None)

    def compare(base, new, **named):
        stand_in.given = {"base": base, "new": new, **named}
        if isinstance(stand_in.answer, BaseException):
            raise stand_in.answer
        return stand_in.answer

    monkeypatch.setitem(sys.modules, "modecollapse.comparison", SimpleNamespace(compare=compare))
    return stand_in


PAIR = ["compare", "base.jsonl", "new.jsonl"]


@pytest.mark.parametrize(
    ("name", "status"), [("unchanged", 0), ("sharpened", 0), ("lost", 1), ("collapsed", 1), ("inconclusive", 3)]
)
def test_status_is_that_of_the_gate(library, name, status, capsys):
    library.answer = ALL[name]()
    assert main(PAIR) == status
    out, err = capsys.readouterr()
    assert name in out.splitlines()[0].lower()
    assert err == ""
    assert main([*PAIR, "--exit-zero"]) == 0


def test_options_reach_the_library(library):
    main(
        [
            *PAIR,
            *("--reheated", "hot.jsonl", "--facet", "topic", "--facet", "column:role", "--text-field", "a.b"),
            *("--no-cache", "--alpha", "5%", "--seed", "7", "--required-facets", "topic,opening"),
            *("--fail-on", "collapsed", "--inconclusive", "pass", "--max-bad", "0", "--embedder", "fast"),
            *("--engine", "local", "-q"),
        ]
    )
    given, config = library.given, library.given["config"]
    assert (given["base"], given["new"], given["reheated"], given["elicited"]) == (
        "base.jsonl",
        "new.jsonl",
        "hot.jsonl",
        None,
    )
    assert (config.facets, config.columns) == (("topic",), ("role",))
    assert (config.text_field, config.embedder, config.cache) == ("a.b", "fast", False)
    assert (config.alpha, config.seed, config.max_bad) == (0.05, 7, 0.0)
    assert config.gate.required_facets == ("topic", "opening")
    assert config.gate.fail_on == (Verdict.COLLAPSED,)
    assert config.gate.inconclusive is Outcome.PASS


def test_cache_is_on_unless_refused(library):
    main(PAIR)
    assert library.given["config"].cache is True


def test_json_alone_on_stdout(library, tmp_path, capsys):
    assert main([*PAIR, "--json", "-o", "report.json"]) == 1
    out = capsys.readouterr().out
    assert json.loads(out)["verdict"] == "lost"
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == out


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            InputError("no-text", "no text field", "base.jsonl", 3, "try --text-field"),
            "base.jsonl:3: no text field (try",
        ),
        (ZeroDivisionError("oh\x1b[2J"), "internal error: ZeroDivisionError: oh\\x1b[2J (this is a bug; --debug"),
    ],
)
def test_error_of_the_library_is_one_line(library, tmp_path, error, said, capsys):
    library.answer = error
    assert main([*PAIR, "-o", "report.json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1
    assert not (tmp_path / "report.json").exists()


def test_debug_shows_where(library, capsys):
    library.answer = ZeroDivisionError("oh")
    assert main([*PAIR, "--debug"]) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "test_compare.py" in err
    assert err.splitlines()[-1].startswith("error: internal error")


def test_internal_error_as_json(library, capsys):
    library.answer = RecursionError("deep")
    assert main([*PAIR, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "internal"


def test_interrupted(library, capsys):
    library.answer = KeyboardInterrupt()
    assert main(PAIR) == 130
    assert capsys.readouterr().out == ""


class Terminal:
    """Makes stderr look like a terminal."""

    def __init__(self, stream):
        self.stream = stream

    def isatty(self):
        return True

    def __getattr__(self, name):
        return getattr(self.stream, name)


@pytest.mark.parametrize(("options", "watched"), [([], True), (["-q"], False)])
def test_progress_on_a_terminal_unless_quiet(library, monkeypatch, options, watched):
    monkeypatch.setattr(sys, "stderr", Terminal(sys.stderr))
    main([*PAIR, *options])
    progress = library.given["progress"]
    progress.stage("reading [red] \x1b", 10)
    progress.advance(3)
    assert (type(progress._watcher).__name__ == "OnTerminal") is watched


def test_no_progress_off_a_terminal(library):
    main(PAIR)
    assert type(library.given["progress"]._watcher).__name__ == "Silent"


@pytest.fixture
def timed(library, monkeypatch):
    """The stand-in as a library that tells its stages."""

    def compare(*_, progress, **__):
        progress.stage("reading base.jsonl")
        progress.stage("testing")
        progress.advance(3)
        return library.answer

    monkeypatch.setitem(sys.modules, "modecollapse.comparison", SimpleNamespace(compare=compare))


def test_timings_are_said_and_kept_in_the_report(timed, capsys):
    main([*PAIR, "--timings", "--json"])
    out, err = capsys.readouterr()
    stages = json.loads(out)["provenance"]["timings"]
    assert [(stage["name"], stage["items"]) for stage in stages] == [("reading base.jsonl", 0), ("testing", 3)]
    assert [line.split()[0] for line in err.splitlines()] == ["reading", "testing", "all"]


def test_timings_are_of_this_run_and_never_of_a_recalled_one(timed, capsys):
    made = []
    for options in ([], ["--timings", "-q"], []):
        main([*PAIR, "--json", *options])
        made.append(json.loads(capsys.readouterr().out)["provenance"])
    first, again, recalled = made
    assert "timings" not in first
    assert "timings" in again
    assert "recalled" not in again
    assert recalled["recalled"]
    assert "timings" not in recalled
