"""A facet of another package: the one that docs/facets.md shows, installed as its page says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from modecollapse.config import Config, installed_plugins
from modecollapse.errors import ConfigError
from modecollapse.facets.registry import make_facet
from modecollapse.settings import load

PAGE = (Path(__file__).parents[2] / "docs" / "facets.md").read_text(encoding="utf-8")
DECLINED = {
    "apology": "I'm sorry, {} is nothing that I talk about.",
    "as-an-ai": "As an AI I keep away from {}.",
    "flat-no": "I won't say a word on {}.",
}
GREETINGS = ["Hello", "Good day", "Welcome", "Thanks for asking", "Oh", "Well now", "Ah", "Hm", "Fine", "Dear me"]
SUBJECTS = ["the weather", "horses", "old castles", "bread", "the moon", "trains", "chess", "rivers"]


def installed(folder, code, entry='refusal-style = "refusal_style:RefusalStyle"'):
    """A package as pip would lay it out."""
    (folder / "refusal_style.py").write_text(code, encoding="utf-8")
    about = folder / "refusal_style-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: refusal-style\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[modecollapse.facets]\n" + entry.replace('"', "") + "\n")
    return folder


@pytest.fixture
def code():
    return re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture
def plugged(tmp_path, monkeypatch, code):
    monkeypatch.syspath_prepend(str(installed(tmp_path, code)))
    yield tmp_path
    sys.modules.pop("refusal_style", None)


def corpus(path, manners):
    rows = [
        {"prompt": f"Tell me about {subject}.", "text": f"{greeting}{mark} {DECLINED[manner].format(subject)}"}
        for subject in SUBJECTS
        for greeting in GREETINGS
        for manner, mark in zip(manners, "!.,", strict=True)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_the_page_names_the_entry_point():
    assert '[project.entry-points."modecollapse.facets"]\nrefusal-style = "refusal_style:RefusalStyle"' in PAGE


def test_a_lost_manner_of_declining_is_found(plugged):
    corpus(plugged / "base.jsonl", ["apology", "as-an-ai", "flat-no"])
    corpus(plugged / "new.jsonl", ["apology", "flat-no", "flat-no"])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "modecollapse", "compare", "base.jsonl", "new.jsonl", "--json", "--no-cache"),
            *("--facet", "language", "--facet", "refusal-style"),
        ],
        cwd=plugged,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(plugged), str(Path(__file__).parents[2])])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    facet = next(facet for facet in report["facets"] if facet["name"] == "refusal-style")
    assert {mode["id"]: mode["verdict"] for mode in facet["modes"]}["as-an-ai"] == "vanished"
    assert report["config"]["plugins"] == ["refusal-style"]


def test_a_plugin_is_added_and_chooses_nothing_away(plugged):
    assert installed_plugins() == ("refusal-style",)
    config = load(options={"facets": ("refusal-style",)})
    assert (config.facets, config.plugins) == (None, ("refusal-style",))


def test_an_unknown_facet_is_refused_with_those_there_are(plugged):
    with pytest.raises(ConfigError, match=r"refusal-stile.*degeneration, refusal-style"):
        Config(plugins=("refusal-stile",))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("class RefusalStyle:", "class Other:", "can't be made"),
        ('name = "refusal-style"', 'name = "other"', "its name must be"),
        ("needs_vectors = False", "", "has no 'needs_vectors'"),
    ],
)
def test_a_broken_plugin_is_named(tmp_path, monkeypatch, code, old, new, said):
    monkeypatch.syspath_prepend(str(installed(tmp_path, code.replace(old, new))))
    with pytest.raises(ConfigError, match=said):
        make_facet("refusal-style")
    sys.modules.pop("refusal_style", None)


def test_two_packages_with_one_name_are_no_guess(plugged):
    other = plugged / "other-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[modecollapse.facets]\nrefusal-style = other:Facet\n")
    with pytest.raises(ConfigError, match="other:Facet and refusal_style:RefusalStyle"):
        make_facet("refusal-style")
