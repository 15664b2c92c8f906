"""``modes``, ``temperature`` and ``power`` as a user runs them."""

import json
import re

import jsonschema
import pytest
from rich.cells import cell_len

from modecollapse import modes, power, schema, temperature
from modecollapse.cli import main
from tests.cli.test_saved import run
from tests.corpora import QUICK, SAMPLE_DATA, made_up, write

BASE, NEW = SAMPLE_DATA / "base.jsonl.gz", SAMPLE_DATA / "sharpened.jsonl.gz"
WITHOUT_ENCODER = ("--facet", "language", "--facet", "opening", "--facet", "degeneration")
COMMANDS = {
    "modes": ("modes", BASE, *WITHOUT_ENCODER),
    "temperature": ("temperature", BASE, NEW),
    "power": ("power", BASE, "--samples", "40", "--loss", "10%", *WITHOUT_ENCODER),
}


@pytest.fixture(params=list(COMMANDS))
def name(request):
    return request.param


def test_first_line_answers_and_the_status_is_0(name):
    done = run(*COMMANDS[name])
    assert (done.returncode, done.stderr) == (0, "")
    first = {
        "modes": "720 texts, 12 prompts: 8 languages and 14 openings; half of the texts are in 1 language.",
        "temperature": "Sharper: the new model is like the base at temperature 0.",
        "power": "With 40 new samples per prompt, the complete removal of any language of ",
    }
    assert done.stdout.startswith(first[name])


def test_json_is_that_of_the_library_and_keeps_to_its_schema(name, tmp_path):
    done = run(*COMMANDS[name], "--json", "-o", tmp_path / "one.json", "-o", tmp_path / "two.json")
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(schema.shipped(name)).validate(document)
    assert (tmp_path / "one.json").read_text(encoding="utf-8") == done.stdout
    assert (tmp_path / "two.json").read_text(encoding="utf-8") == done.stdout
    twin = {
        "modes": lambda: modes(BASE, config=QUICK),
        "temperature": lambda: temperature(BASE, NEW),
        "power": lambda: power(BASE, samples=40, loss=0.1, config=QUICK),
    }
    expected = json.loads(twin[name]().to_json())
    for each in (document, expected):
        del each["provenance"], each["config"]
    assert document == expected


def test_shipped_schema_is_that_of_the_dataclasses(name):
    """If this fails on purpose: ``python -m modecollapse.schema``."""
    assert schema.shipped(name) == schema.generated(name)


def test_width_is_respected_and_nothing_is_cut_when_piped(name):
    narrow = run(*COMMANDS[name], env={"COLUMNS": "80"}).stdout
    assert max(map(cell_len, narrow.splitlines())) <= 80
    piped = run(*COMMANDS[name]).stdout
    assert "\x1b" not in piped
    [first, *_] = piped.splitlines()
    assert first.endswith(".")
    assert re.sub(r"\s+", " ", narrow).startswith(first)


def test_colour_where_asked(name):
    assert "\x1b[" in run(*COMMANDS[name], env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b" not in run(*COMMANDS[name], env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout


@pytest.fixture
def hostile(tmp_path):
    evil = "\x1b]0;owned\x07\x9b2J\u202e[red]::error::x\ud800 "
    rows = [
        row | {"prompt": evil + row["prompt"], "text": f"{evil * (number % 2)}{row['text']}", "role": evil}
        for number, row in enumerate(made_up(6, 12, 0))
    ]
    return write(tmp_path / "evil\x1b[2J.jsonl", rows)


@pytest.mark.parametrize("options", [(), ("--json",), ("--all",)])
@pytest.mark.parametrize("command", ["modes", "power"])
def test_hostile_text_reaches_no_terminal(hostile, command, options):
    done = run(command, hostile, *WITHOUT_ENCODER, "--facet", "column:role", *options)
    assert done.returncode == 0
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.stdout + done.stderr)
    assert "[red]" in done.stdout  # shown, not obeyed


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_hostile_names_reach_no_terminal(hostile, tmp_path, options):
    other = write(tmp_path / "\u202enew.jsonl", made_up(6, 12, 1))
    done = run("temperature", hostile, other, *options)
    assert done.returncode == 0
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.stdout + done.stderr)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "base.jsonl", made_up(3, 4, 0))
    (tmp_path / "base.json").write_text("[]")
    (tmp_path / "empty.jsonl").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["modes"], "usage", "Missing argument 'CORPUS' (see modecollapse modes --help)"),
        (["modes", "gone.jsonl"], "file-not-found", "gone.jsonl: no such file"),
        (["modes", "empty.jsonl"], "no-usable-row", "empty.jsonl: no usable row: the file is empty"),
        (["modes", "base.jsonl", "--facet", "topics"], "bad-value", "--facet can't hold 'topics'"),
        (["modes", "base.jsonl", "-o", "out.html"], "unknown-format", "no format has this ending (supported: .json)"),
        (["modes", "base.json", "-o", "base.json"], "cannot-write", "would overwrite what is being read"),
        (["temperature", "base.jsonl"], "usage", "Missing argument 'NEW'"),
        (["temperature", "base.jsonl", "empty.jsonl"], "no-usable-row", "the file is empty"),
        (["temperature", "-", "-"], "stdin-twice", "standard input can be read only once"),
        (["temperature", "base.jsonl", "base.jsonl", "--facet", "topic"], "usage", "--facet"),
        (["power", "base.jsonl", "--samples", "0"], "usage", "--samples"),
        (["power", "base.jsonl", "--loss", "lots"], "usage", "'lots' is no share between 0% and 100%"),
        (["power", "base.jsonl", "--loss", "100%"], "usage", "'100%' is no share between 0% and 100%"),
        (["power", "base.jsonl", "--facet", "degeneration"], "nothing-to-lose", "judged by their rise"),
        (["power", "empty.jsonl"], "no-usable-row", "the file is empty"),
    ],
)
def test_errors_are_one_line_and_json_where_asked(here, arguments, code, said, capsys):
    assert main([*arguments, "--json"]) == 2
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert said in err
    assert json.loads(out)["error"]["code"] == code


def test_a_failed_run_leaves_the_old_file(here, capsys):
    (here / "out.json").write_text("old")
    assert main(["modes", "empty.jsonl", "-o", "out.json"]) == 2
    assert (here / "out.json").read_text() == "old"


def test_standard_input(here):
    with (here / "base.jsonl").open(encoding="utf-8") as file:
        done = run("modes", "-", *WITHOUT_ENCODER, stdin=file)
    assert done.stdout.startswith("12 texts, 3 prompts")
