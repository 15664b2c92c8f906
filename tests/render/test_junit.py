"""The JUnit XML by the schema that Jenkins holds reports to, and what a viewer would make of it."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from modecollapse.findings import findings
from modecollapse.policy import Policy
from modecollapse.render.junit import render
from modecollapse.report import ModeVerdict, Outcome, Verdict
from tests.render.test_formats import EVIL, REPORTS
from tests.render.test_github import accepting, under
from tests.reports import ALL, facet, hostile, mode, steady

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[1] / "data" / "junit-10.xsd")


def cases(report):
    """Result and message of each case, by suite and name."""
    root = ElementTree.fromstring(render(report).encode())
    found = {}
    for suite in root:
        for case in suite.iter("testcase"):
            results = [child for child in case if child.tag != "system-out"]
            assert len(results) <= 1
            result = (results[0].tag, results[0].get("message")) if results else ("passed", None)
            key = suite.get("name").removeprefix("modecollapse."), case.get("name")
            assert key not in found
            found[key] = result
    return found


def results(report):
    return {key: result for key, (result, _) in cases(report).items()}


@pytest.mark.parametrize("name", REPORTS)
def test_valid_and_rightly_counted(name):
    document = render(REPORTS[name]())
    SCHEMA.validate(document)
    root = ElementTree.fromstring(document.encode())
    for element in (root, *root):
        assert element.get("tests") == str(len(list(element.iter("testcase"))))
        assert element.get("failures") == str(len(list(element.iter("failure"))))
        assert element.get("errors") == "0"
    for suite in root:
        assert suite.get("skipped") == str(len(list(suite.iter("skipped"))))
    assert {"time", "timestamp"}.isdisjoint(key for element in root.iter() for key in element.attrib)


def test_suite_per_facet_and_case_per_lost_mode():
    report = ALL["collapsed"]()
    assert results(report) == {
        ("gate", "the gate passes"): "failure",
        ("language", "no mode is lost"): "passed",
        ("topic", "no mode is lost"): "failure",
        ("persona", "no mode is lost"): "passed",
        ("opening", "no mode is lost"): "failure",
        ("opening", "“certainly!” is there [certainly]"): "failure",
        ("opening", "“once upon a” is there [once-upon-a]"): "failure",
        ("degeneration", "no mode is lost"): "passed",
    }


def test_failure_says_what_is_lost_and_shows_a_text():
    root = ElementTree.fromstring(render(ALL["lost"]()).encode())
    failure = root.find(".//testcase[@name='“sea · sailors · ocean” is there [sea-sailors-ocean]']/failure")
    assert failure.get("type") == "vanished"
    assert failure.get("message").startswith("Facet topic is lost: “sea · sailors · ocean” 12% → 0% of all texts")
    assert "base: The sea was grey that morning" in failure.text


def test_what_is_not_known_is_skipped_and_never_passed():
    found = results(ALL["inconclusive"]())
    assert found["gate", "the gate passes"] == "skipped"
    assert found["topic", "no mode is lost"] == found["opening", "no mode is lost"] == "skipped"
    lenient = results(under(ALL["inconclusive"](), Policy(inconclusive=Outcome.PASS)))
    assert lenient["gate", "the gate passes"] == "passed"
    assert lenient["topic", "no mode is lost"] == "skipped"
    strict = results(under(ALL["inconclusive"](), Policy(inconclusive=Outcome.FAIL)))
    assert strict["topic", "no mode is lost"] == "failure"


def test_accepted_loss_is_skipped_with_its_reason():
    lost = ALL["lost"]()
    topic = next(each for each in lost.facets if each.name == "topic")
    found = cases(under(lost, accepting(*findings(topic))))
    assert found["gate", "the gate passes"][0] == "passed"
    assert found["topic", "no mode is lost"][0] == "skipped"
    assert found["topic", "no mode is lost"][1].startswith("accepted: meant to go")
    assert found["topic", "“sea · sailors · ocean” is there [sea-sailors-ocean]"] == (
        "skipped",
        "accepted: meant to go",
    )


def test_half_accepted_fails_for_the_other_half():
    found = results(under(ALL["lost"](), accepting("topic:sea-sailors-ocean")))
    assert found["gate", "the gate passes"] == found["topic", "no mode is lost"] == "failure"
    assert found["topic", "“sea · sailors · ocean” is there [sea-sailors-ocean]"] == "skipped"
    assert [result for (suite, _), result in found.items() if suite == "topic"].count("failure") == 2


def test_loss_that_the_policy_lets_pass_neither_fails_nor_passes():
    found = cases(under(ALL["lost"](), Policy(fail_on=(Verdict.COLLAPSED,))))
    assert found["gate", "the gate passes"][0] == "passed"
    assert found["topic", "no mode is lost"][0] == "skipped"
    assert found["topic", "no mode is lost"][1].startswith("Facet topic is lost, which the policy lets pass: «sea")
    assert found["topic", "“sea · sailors · ocean” is there [sea-sailors-ocean]"][0] == "skipped"
    assert "failure" not in {result for result, _ in found.values()}


def test_one_collapse_is_told_once():
    took = mode("the winner", ModeVerdict.EMERGED, 0, 0.8)
    made_room = mode("made room", ModeVerdict.VANISHED, 0.3, 0.0, 0.3, displaced_by="the-winner")
    follower = facet(
        "topic", Verdict.LOST, "", modes=(mode("sea", ModeVerdict.VANISHED, 0.1, 0),), caused_by="opening:x"
    )
    facets = (*steady("language"), facet("opening", Verdict.COLLAPSED, "", modes=(took, made_room)), follower)
    names = {name for _, name in cases(replace(ALL["lost"](), facets=facets))}
    assert names == {"the gate passes", "no mode is lost"}


def test_a_pass_says_what_it_rests_on():
    root = ElementTree.fromstring(render(ALL["sharpened"]()).encode())
    said = root.find(".//testcase[@classname='modecollapse.gate']/system-out").text
    assert "Inverse temperature 1.43" in said
    assert "Next: Sample the new model at T = 1.43" in said


def test_hostile_text_is_readable():
    names = [name for suite, name in cases(hostile(EVIL)) if suite.startswith("column:")]
    shown = next(name for name in names if name != "no mode is lost")
    for part in ("a|b `c` <script>", "</details>", r"\x1b[2J", "]]>", r"\ud800", r"\x00\ufffe", r"#\x23[error]y"):
        assert part in shown
