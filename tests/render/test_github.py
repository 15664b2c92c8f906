"""Annotations, as the runner of GitHub Actions reads them."""

from dataclasses import replace

from modecollapse.config import Config
from modecollapse.findings import findings
from modecollapse.gating import evaluate
from modecollapse.policy import FacetPolicy, Policy
from modecollapse.render.github import render
from modecollapse.report import AcceptedLoss, ModeVerdict, Outcome, ReportWarning, Verdict
from tests.render.readers import workflow_command
from tests.reports import ALL, facet, mode, steady


def under(report, policy):
    """``report`` as it would be had it been made under ``policy``."""
    gate = evaluate(report.verdict, report.facets, policy)
    return replace(report, gate=gate, config=Config(gate=policy).to_dict())


def accepting(*names):
    return Policy(accepted_losses=tuple(AcceptedLoss(name, "meant to go", "2026-01-31") for name in names))


def annotations(report):
    """Level, title and message of each annotation, in the order of the log."""
    found = [workflow_command(line) for line in render(report).splitlines()[1:]]
    return [(level, properties["title"].removeprefix("modecollapse: "), data) for level, properties, data in found]


def titles(report, level):
    return [title for found, title, _ in annotations(report) if found == level]


def test_headline_first_then_the_gravest():
    report = ALL["collapsed"]()
    first = render(report).splitlines()[0]
    assert first.startswith("Collapsed: One opening has taken over: 85% of new texts")
    assert first.endswith(" Gate: fail.")
    assert titles(report, "error") == [
        "the gate fails",
        "opening is collapsed",
        "topic is lost",
        "opening “certainly!” vanished",
        "opening “once upon a” thinned",
    ]
    assert titles(report, "warning") == ["skipped-lines"]
    assert titles(report, "notice") == []


def test_annotation_says_what_is_lost_with_a_text():
    _, _, data = next(each for each in annotations(ALL["lost"]()) if "vanished" in each[1])
    said, text = data.split("\n")
    assert said.startswith("“sea · sailors · ocean” 12% → 0% of all texts, predicted 9.0% (")
    assert text.startswith("base: The sea was grey")


def test_sharpening_is_a_notice_that_says_what_to_do():
    report = ALL["sharpened"]()
    ((level, title, data),) = annotations(report)
    assert (level, title) == ("notice", "sharpened")
    assert "Sample the new model at T = 1.43" in data


def test_nothing_to_say_is_one_line():
    assert render(ALL["unchanged"]()).splitlines() == ["Unchanged: The new model says what the base said. Gate: pass."]


def test_thin_evidence_is_a_warning_that_says_what_to_do():
    report = ALL["inconclusive"]()
    assert titles(report, "error") == []
    assert titles(report, "warning") == [
        "the gate is inconclusive",
        "topic is inconclusive",
        "opening is inconclusive",
        "few-prompts",
    ]
    assert "Draw about 40 samples per prompt" in annotations(report)[0][2]


def test_thin_evidence_is_an_error_where_the_policy_says_so():
    report = under(ALL["inconclusive"](), Policy(inconclusive=Outcome.FAIL))
    assert titles(report, "error") == ["the gate fails", "topic is inconclusive", "opening is inconclusive"]


def test_accepted_loss_is_a_notice_and_a_stale_one_a_warning():
    lost = ALL["lost"]()
    both = findings(next(each for each in lost.facets if each.name == "topic"))
    report = under(lost, accepting(*both, "persona:persona-usual"))
    assert titles(report, "error") == []
    assert ("notice", "topic is lost") in [each[:2] for each in annotations(report)]
    assert "accepted: meant to go" in next(data for _, title, data in annotations(report) if title == "topic is lost")
    assert titles(report, "warning") == ["an accepted loss is gone"]


def test_loss_that_the_policy_lets_pass_is_a_warning():
    report = under(ALL["lost"](), Policy(fail_on=(Verdict.COLLAPSED,)))
    assert titles(report, "error") == []
    assert titles(report, "warning") == ["topic is lost"]
    spared = under(ALL["lost"](), Policy(facet={"topic": FacetPolicy(fail_on=())}))
    assert titles(spared, "error") == []


def test_loss_too_large_for_the_policy_is_an_error_whatever_the_verdict():
    gone = mode("sea", ModeVerdict.THINNED, 0.3, 0.05, 0.3)
    facets = (*steady("language", "opening"), facet("topic", Verdict.SHIFTED, "moved", modes=(gone,)))
    report = under(replace(ALL["lost"](), verdict=Verdict.SHIFTED, facets=facets), Policy(max_loss=0.1))
    assert "topic is shifted" in titles(report, "error")
    assert "surely lost" in next(data for _, title, data in annotations(report) if title == "topic is shifted")


def test_no_more_than_ten_of_a_level_and_the_rest_is_named():
    modes = tuple(mode(f"mode {number}", ModeVerdict.VANISHED, 0.05, 0, 0.05) for number in range(20))
    warnings = tuple(ReportWarning(f"code-{number}", "message") for number in range(10))
    report = replace(ALL["lost"](), facets=(facet("topic", Verdict.LOST, "", modes=modes),), warnings=warnings)
    errors = titles(report, "error")
    assert len(errors) == 10
    assert errors[:3] == ["the gate fails", "topic is lost", "topic “mode 0” vanished"]
    assert errors[-1] == "13 more, see the report"
    last = next(data for _, title, data in annotations(report) if title == errors[-1])
    assert "topic “mode 7” vanished; topic “mode 8” vanished" in last
    assert len(titles(report, "warning")) == 10  # as many as are shown: none is folded
    assert titles(report, "warning")[-1] == "code-9"


def test_messages_stay_short_enough_to_be_shown():
    long = replace(ALL["collapsed"](), warnings=(ReportWarning("c" * 5000, "word " * 50_000),))
    assert max(len(data) for _, _, data in annotations(long)) <= 4096  # the runner cuts what is longer
    assert max(len(title) for _, title, _ in annotations(long)) <= 255
