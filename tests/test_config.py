import dataclasses
import json
from operator import attrgetter

import pytest

from modecollapse.config import Config
from modecollapse.errors import ConfigError
from modecollapse.policy import FacetPolicy, Policy
from modecollapse.report import Outcome, Verdict
from modecollapse.settings import load


def loaded(directory, environment=None, saved=None, **options):
    return load(options, environment=environment or {}, directory=directory, saved=saved)


def test_later_layers_win(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.modecollapse]\nalpha = 0.02\ntolerance = 0.1\nseed = 1\n")
    config = loaded(tmp_path, {"MODECOLLAPSE_TOLERANCE": "0.2", "MODECOLLAPSE_SEED": "2"}, seed="3")
    assert (config.alpha, config.tolerance, config.seed, config.max_bad) == (0.02, 0.2, 3, 0.01)


def test_own_file_beats_pyproject_and_is_found_from_below(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.modecollapse]\nseed = 1\n")
    (tmp_path / "modecollapse.toml").write_text('[gate]\nfail_on = ["collapsed"]\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nseed = 9\n")  # says nothing about this program
    config = loaded(below)
    assert config.gate.fail_on == (Verdict.COLLAPSED,)
    assert config.seed == 0


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        ({"max_bad": "2%"}, "max_bad", 0.02),
        ({"required_facets": ("language,topic", "opening")}, "gate.required_facets", ("language", "topic", "opening")),
        ({"required_facets": ("",)}, "gate.required_facets", ()),
        ({"max_loss": "10%"}, "gate.max_loss", 0.1),
        ({"fail_on": ("lost,shifted",)}, "gate.fail_on", (Verdict.LOST, Verdict.SHIFTED)),
        ({"cache": False}, "cache", False),
        ({"inconclusive": "fail"}, "gate.inconclusive", Outcome.FAIL),
    ],
)
def test_options_come_as_strings(tmp_path, options, field, value):
    assert attrgetter(field)(loaded(tmp_path, **options)) == value


@pytest.mark.parametrize(
    ("text", "environment", "options", "said"),
    [
        ("alpah = 0.1", {}, {}, ["modecollapse.toml:1", "alpah", "did you mean alpha?"]),
        ("\nalpha = 1.5", {}, {}, ["modecollapse.toml:2", "alpha must lie between 0 and 1, not 1.5"]),
        ("alpha = nan", {}, {}, ["alpha must lie between 0 and 1"]),
        ('seed = "many"', {}, {}, ["modecollapse.toml:1", "seed can't be 'many'"]),
        ("seed = true", {}, {}, ["seed can't be True"]),
        ('facets = ["tpoic"]', {}, {}, ["facets can't hold 'tpoic'", "topic"]),
        ('[gate]\nfail_on = ["inconclusive"]', {}, {}, ["modecollapse.toml:2", 'inconclusive = "fail"']),
        ('fail_on = ["lost"]', {}, {}, ["modecollapse.toml:1", "did you mean gate.fail_on?"]),
        ("gate = 1", {}, {}, ["modecollapse.toml", "gate must be a table"]),
        ("[gate.facet]\ntopic = 1", {}, {}, ["gate.facet.topic must be a table"]),
        ("[gate.facet.tpoic]\nmax_loss = 0.1", {}, {}, ["modecollapse.toml:2", "'tpoic'", "topic"]),
        ("seed = 3\n[gate.facet.topic]\nmax_loss = 2", {}, {}, ["modecollapse.toml:3", "max_loss must lie between"]),
        ("[gate.facet.topic]\nseed = 2", {}, {}, ["modecollapse.toml:2", "unknown key gate.facet.topic.seed"]),
        ('[gate]\naccepted_losses = "gone.toml"', {}, {}, ["gone.toml", "can't be read"]),
        ("alpha = ", {}, {}, ["modecollapse.toml", "not valid TOML"]),
        ("[tool.modecollapse]\nalpha = 0.1", {}, {}, ["unknown key tool"]),
        ("", {"MODECOLLAPSE_ALPAH": "1"}, {}, ["MODECOLLAPSE_ALPAH", "did you mean MODECOLLAPSE_ALPHA?"]),
        ("", {"MODECOLLAPSE_CACHE": "maybe"}, {}, ["MODECOLLAPSE_CACHE can't be 'maybe'"]),
        ("", {}, {"max_bad": "1%%"}, ["--max-bad can't be '1%%'"]),
        ("", {}, {"fail_on": ("dead",)}, ["--fail-on can't be 'dead'", "dead"]),
        ("", {}, {"facets": ("column:",)}, ["--facet can't hold 'column:'"]),
        ("", {}, {"seed": "-1"}, ["--seed must be at least 0, not -1"]),
    ],
)
def test_what_cannot_be_used_is_named_where_it_stands(tmp_path, text, environment, options, said):
    (tmp_path / "modecollapse.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, environment, **options)
    for part in said:
        assert part in str(caught.value)


def test_a_file_that_is_not_toml_is_told_by_its_line(tmp_path):
    (tmp_path / "modecollapse.toml").write_text("seed = 1\nalpha = = 2\n")
    with pytest.raises(ConfigError) as caught:
        load({}, environment={}, directory=tmp_path)
    assert caught.value.line == 2


def test_a_byte_order_mark_is_no_error(tmp_path):
    (tmp_path / "modecollapse.toml").write_bytes("seed = 7\n".encode("utf-8-sig"))
    assert load({}, environment={}, directory=tmp_path).seed == 7


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[gate]\ninconclusive = "maybe"\n', "pass, fail, inconclusive"),
        ('[gate]\nfail_on = ["loost"]\n', "lost"),
        ("[gate.facet.topic]\nrequird = true\n", "gate.facet.topic.required"),
    ],
)
def test_what_could_have_stood_there_is_said(tmp_path, text, hint):
    (tmp_path / "modecollapse.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load({}, environment={}, directory=tmp_path)
    assert hint in str(caught.value.hint)


def test_line_is_that_of_the_own_table(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nseed = 1\n[tool.modecollapse]\nseed = -5\n")
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path)
    assert caught.value.line == 4


def test_column_adds_and_chooses_nothing_away(tmp_path):
    config = loaded(tmp_path, facets=("column:role",))
    assert config.facets is None
    assert config.columns == ("role",)
    assert config.gate == Policy()


@pytest.mark.parametrize(
    ("options", "required"),
    [
        ({"facets": ("language", "language", "column:role")}, ("language",)),
        ({"facets": ("topic", "persona")}, ("topic",)),
        ({"facets": ("persona",)}, ("persona",)),
        ({"facets": ("language",), "required_facets": ("topic",)}, ("topic",)),
    ],
)
def test_chosen_facets_narrow_what_is_required(tmp_path, options, required):
    """Else ``--facet language`` would always exit 3, for topics that nobody asked about."""
    assert loaded(tmp_path, **options).gate.required_facets == required


def test_saved_policy_is_the_weakest_layer(tmp_path):
    policy = Policy(
        fail_on=(Verdict.COLLAPSED,), required_facets=("topic",), facet={"topic": FacetPolicy(max_loss=0.1)}
    )
    saved = Config(gate=policy, seed=7).to_dict()
    config = loaded(tmp_path, {"MODECOLLAPSE_REQUIRED_FACETS": "opening"}, saved)
    assert config.gate.fail_on == (Verdict.COLLAPSED,)
    assert config.gate.required_facets == ("opening",)
    assert config.gate.facet == {"topic": FacetPolicy(max_loss=0.1)}
    assert config.seed == 0  # only the policy is taken over


@pytest.mark.parametrize("path", ["/home/me/models/e5", "./e5", "~/models/e5/", "C:\\models\\e5"])
def test_report_holds_every_value_and_no_path(path):
    plain = Config(embedder=path, cache_dir="/home/me/cache", facets=("topic",)).to_dict()
    assert plain["embedder"] == "e5"
    assert "home" not in json.dumps(plain)
    assert set(plain) == {each.name for each in dataclasses.fields(Config)} - {"cache_dir", "engine", "workers"}
    assert Config().to_dict()["gate"]["fail_on"] == ["lost", "collapsed"]


def test_library_use_is_checked_too():
    with pytest.raises(ConfigError, match="alpha must lie"):
        Config(alpha=5)
    with pytest.raises(ConfigError, match="facets"):
        Config(facets=("column:role",))
    with pytest.raises(ConfigError, match="max_loss"):
        Config(gate=Policy(facet={"topic": FacetPolicy(max_loss=5)}))


def test_empty_variable_of_a_pipeline_is_not_set(tmp_path):
    """It would switch the gate off: ``fail_on`` of nothing."""
    assert loaded(tmp_path, {"MODECOLLAPSE_FAIL_ON": "", "MODECOLLAPSE_MAX_LOSS": " "}) == Config()
