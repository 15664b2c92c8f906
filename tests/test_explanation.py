"""One mode explained: the right mode, numbers that are the report's, and what a reader can do about it."""

import json
from dataclasses import replace

import pytest

from modecollapse.cli import main
from modecollapse.errors import ModecollapseError
from modecollapse.explanation import explain
from modecollapse.policy import read_accepted
from modecollapse.report import ModeVerdict, Recovery, Verdict
from tests.reports import ALL, facet, hostile, mode, share


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def save(report, name="report.json"):
        (tmp_path / name).write_text(report.to_json(), encoding="utf-8")
        return name

    return save


@pytest.mark.parametrize(
    "name", ["topic:sea-sailors-ocean", "sea-sailors-ocean", "Sea · Sailors · Ocean", "sailors", "SAILORS"]
)
def test_a_mode_is_found_by_whatever_names_it_alone(name):
    assert explain(ALL["lost"](), name).finding == "topic:sea-sailors-ocean"


def test_a_whole_label_beats_a_part_of_another():
    report = ALL["collapsed"]()
    opening = next(each for each in report.facets if each.name == "opening")
    longer = replace(opening.modes[1], id="certainly-here", label="certainly! here")
    facets = [replace(each, modes=(*each.modes, longer)) if each is opening else each for each in report.facets]
    assert explain(replace(report, facets=facets), "certainly!").finding == "opening:certainly"
    with pytest.raises(ModecollapseError, match="several modes") as caught:
        explain(replace(report, facets=facets), "certainl")
    assert "opening:certainly-here" in caught.value.hint


def test_what_names_nothing_is_an_error_that_shows_what_there_is():
    with pytest.raises(ModecollapseError) as caught:
        explain(ALL["lost"](), "pirates")
    assert caught.value.code == "no-such-mode"
    assert "language:language-usual" in caught.value.hint


def test_texts_that_are_missing_are_counted_from_the_prediction():
    """9% predicted, of which the interval begins at 7.3%: 7.3% of 1,440 texts are 106."""
    report = ALL["lost"]()
    low = next(m for f in report.facets for m in f.modes if m.id == "sea-sailors-ocean").predicted_share.interval[0]
    (counted, *_) = explain(report, "sailors").changes
    assert f"about {round(low * 1440)} more of the 1,440 new texts" in counted


def test_a_mode_that_fell_for_unknown_reasons_may_be_asked_for_in_hotter_texts():
    fallen = mode("sea", ModeVerdict.CHANGED, 0.46, 0.18, 0.45)
    report = replace(ALL["inconclusive"](), facets=(facet("topic", Verdict.INCONCLUSIVE, "", modes=(fallen,)),))
    assert any("--reheated" in change for change in explain(report, "sea").changes)
    risen = replace(fallen, new_share=replace(fallen.new_share, value=0.6))
    report = replace(report, facets=(replace(report.facets[0], modes=(risen,)),))
    assert not any("--reheated" in change for change in explain(report, "sea").changes)


def test_only_a_mode_that_fails_its_facet_can_be_accepted_and_only_with_a_reason(tmp_path):
    assert explain(ALL["lost"](), "money").acceptance is None
    entry = explain(replace(ALL["lost"](), provenance={"created": "2026-11-24T10:00:00"}), "sailors").acceptance
    path = tmp_path / "accepted.toml"
    path.write_text(entry)
    with pytest.raises(ModecollapseError, match="gives no reason"):
        read_accepted(path)
    path.write_text(entry.replace('reason = ""', 'reason = "No ships in the new data."'))
    (accepted,) = read_accepted(path)
    assert (accepted.finding, accepted.date) == ("topic:sea-sailors-ocean", "2026-11-24")


def test_better_evidence_is_told_and_no_longer_asked_for():
    report = ALL["lost"]()
    asked = " ".join(explain(report, "sailors").changes)
    assert "--reheated" in asked
    topic = next(each for each in report.facets if each.name == "topic")
    back = replace(
        topic.modes[0], verdict=ModeVerdict.RECOVERED, recovery=Recovery.RECOVERED, reheated_share=share(0.11)
    )
    facets = [replace(each, modes=(back, *each.modes[1:])) if each is topic else each for each in report.facets]
    told = explain(replace(report, facets=facets), "sailors")
    assert any("11%" in line and "it is back" in line for line in told.evidence)
    assert "--reheated" not in " ".join(told.changes)


def test_on_the_screen_and_as_json(saved, capsys):
    path = saved(ALL["collapsed"]())
    assert main(["explain", path, "certainly"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Vanished: opening “certainly!” 35% → 0.4% of all texts.\n")
    assert "Certainly! Here are five ideas" in shown
    assert main(["explain", path, "certainly", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert document["explanation"]["mode"]["base_share"]["value"] == 0.35
    assert main(["explain", path, "nothing", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "no-such-mode"


@pytest.mark.parametrize("evil", ["\x1b[2J", "[red]x[/red]", "\u202eabc", "a\nb\n[[accepted]]", "\x9b31m"])
def test_hostile_texts_stay_texts(saved, capsys, evil):
    path = saved(hostile(evil))
    assert main(["explain", path, f"column:{evil}:poisoned"]) == 0
    shown = capsys.readouterr().out
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert "\n[[accepted]]" not in shown
    if evil.startswith("[red]"):
        assert evil in shown


def test_a_finding_that_is_no_mode_says_so_and_how_it_is_accepted():
    report = ALL["lost"]()
    topic = next(each for each in report.facets if each.name == "topic")
    whole = replace(topic, reasons=("single-traces",))
    facets = [whole if each is topic else each for each in report.facets]
    with pytest.raises(ModecollapseError, match="as a whole") as caught:
        explain(replace(report, facets=facets), "topic:single-traces")
    assert 'finding = "topic:single-traces"' in str(caught.value.hint)
