from dataclasses import replace

import pytest

import modecollapse
from modecollapse.cli import main
from modecollapse.config import Config
from modecollapse.errors import ConfigError
from modecollapse.gating import EXIT_STATUS, evaluate
from modecollapse.judgement.verdict import overall
from modecollapse.policy import Policy
from modecollapse.render.formats import FORMATS
from modecollapse.report import AcceptedLoss, ModeVerdict, Outcome, Verdict
from modecollapse.reporting.assemble import decisive
from tests.reports import ALL, facet, mode, steady


@pytest.mark.parametrize(
    ("name", "status"), [("unchanged", 0), ("sharpened", 0), ("lost", 1), ("collapsed", 1), ("inconclusive", 3)]
)
def test_default_policy(name, status):
    gate = ALL[name]().gate
    assert EXIT_STATUS[gate.outcome] == status
    assert all(reason.endswith(".") for reason in gate.reasons)
    assert gate.reasons


def test_loss_in_a_facet_that_is_not_required_fails():
    facets = (*steady("language", "topic", "opening"), facet("persona", Verdict.LOST, "gone"))
    gate = evaluate(Verdict.LOST, facets, Policy())
    assert gate.outcome is Outcome.FAIL
    assert gate.reasons == ["Facet persona is lost."]


def test_failure_outweighs_doubt_and_tells_both():
    facets = (facet("language", Verdict.LOST, ""), facet("topic", Verdict.INCONCLUSIVE, ""), *steady("opening"))
    gate = evaluate(Verdict.LOST, facets, Policy())
    assert gate.outcome is Outcome.FAIL
    assert len(gate.reasons) == 2


def test_required_facet_that_was_not_compared_is_a_doubt():
    gate = evaluate(Verdict.UNCHANGED, steady("language", "topic"), Policy())
    assert gate.outcome is Outcome.INCONCLUSIVE
    assert gate.reasons == ["Required facet opening was not compared."]


def test_facet_that_is_not_required_may_be_inconclusive():
    facets = (*steady("language", "topic", "opening"), facet("persona", Verdict.INCONCLUSIVE, ""))
    assert evaluate(Verdict.UNCHANGED, facets, Policy()).outcome is Outcome.PASS


def may_have_lost(**others):
    """All is sharpened, but for modes that are missing from a facet that need not be judged."""
    missing = mode("voice: pirate", ModeVerdict.THINNED, 0.38, 0.04, 0.41)
    reasons = ("openings-sharpened-too", "thinned")
    facets = [facet(name, Verdict.SHARPENED, "") for name in ("language", "topic", "opening")]
    facets.append(facet("persona", Verdict.INCONCLUSIVE, "", reasons=reasons, modes=(missing,)))
    return evaluate(Verdict.INCONCLUSIVE, facets, Policy(**others))


def test_modes_that_may_be_lost_are_no_pass_whatever_must_be_judged():
    """A model that had kept one of three registers passed as *sharpened*: personas are not required by default."""
    gate = may_have_lost()
    assert gate.outcome is Outcome.INCONCLUSIVE
    assert gate.reasons == ["Facet persona has changed, and that may be a loss."]
    assert may_have_lost(inconclusive=Outcome.FAIL).outcome is Outcome.FAIL
    required = may_have_lost(required_facets=("persona",))
    assert required.reasons == ["Required facet persona is inconclusive."]


def test_no_whole_is_sharpened_while_modes_may_be_lost():
    """What the first line says, beside what the gate makes of it."""
    facets = [
        *(facet(name, Verdict.SHARPENED, "") for name in ("language", "topic", "opening")),
        facet("persona", Verdict.INCONCLUSIVE, "", reasons=("openings-sharpened-too", "vanished")),
    ]
    verdicts = {each.name: each.verdict for each in facets}
    assert overall(verdicts, decisive(facets, Config()), changed=True) is Verdict.INCONCLUSIVE
    ignoring = Config(gate=Policy(ignored_facets=("persona",)))
    assert overall(verdicts, decisive(facets, ignoring), changed=True) is Verdict.SHARPENED
    # One sample a prompt, and a persona of 14% that went to 0.3%: nothing tells a temperature, and it had passed.
    facets[-1] = replace(facets[-1], reasons=("temperature-unknown",))
    assert overall(verdicts, decisive(facets, Config()), changed=True) is Verdict.INCONCLUSIVE
    facets[-1] = replace(facets[-1], reasons=("too-few-samples",))
    assert overall(verdicts, decisive(facets, Config()), changed=True) is Verdict.SHARPENED


def test_modes_that_may_be_lost_can_be_ignored_or_accepted():
    assert may_have_lost(ignored_facets=("persona",)).outcome is Outcome.PASS
    accepted = AcceptedLoss(finding="persona:voice-pirate", reason="meant", date="2026-11-30")
    assert may_have_lost(accepted_losses=(accepted,)).outcome is Outcome.PASS


def test_what_may_be_a_loss_where_no_temperature_is_known_can_be_accepted_mode_by_mode():
    """Who meant a voice to go can say so, though one sample a prompt never shows that it is lost."""
    gone, within = (
        mode("voice: pirate", ModeVerdict.UNDECIDED, 0.3, 0.01),
        mode("voice: captain", ModeVerdict.CHANGED, 0.2, 0.01, within="voice-pirate"),
    )
    other = mode("voice: formal", ModeVerdict.CHANGED, 0.3, 0.1)
    risen = mode("voice: plain", ModeVerdict.CHANGED, 0.1, 0.5)
    unknown = Policy(accepted_losses=(AcceptedLoss(finding="persona:voice-pirate", reason="meant", date="2026-11-30"),))
    for modes, outcome in {(gone, within, risen): Outcome.PASS, (gone, other): Outcome.INCONCLUSIVE}.items():
        facets = (
            *steady("language", "topic", "opening"),
            facet("persona", Verdict.INCONCLUSIVE, "", reasons=("temperature-unknown",), modes=modes),
        )
        gate = evaluate(Verdict.INCONCLUSIVE, facets, unknown)
        assert gate.outcome is outcome
        assert [loss.finding for loss in gate.accepted] == ["persona:voice-pirate"] and not gate.stale


def test_what_took_over_is_not_accepted_with_what_fell_for_it():
    fell, rose = mode("fell", ModeVerdict.UNDECIDED, 0.5, 0.2), mode("rose", ModeVerdict.CHANGED, 0.1, 0.6)
    accepted = Policy(accepted_losses=(AcceptedLoss(finding="persona:fell", reason="meant", date="2026-11-30"),))
    facets = (
        *steady("language", "topic", "opening"),
        facet("persona", Verdict.INCONCLUSIVE, "", reasons=("dominates", "temperature-unknown"), modes=(fell, rose)),
    )
    assert evaluate(Verdict.INCONCLUSIVE, facets, accepted).outcome is Outcome.INCONCLUSIVE


def test_nothing_could_be_judged():
    facets = (facet("persona", Verdict.INCONCLUSIVE, ""),)
    assert evaluate(Verdict.INCONCLUSIVE, facets, Policy(required_facets=())).outcome is Outcome.INCONCLUSIVE
    assert evaluate(Verdict.INCONCLUSIVE, (), Policy(required_facets=())).outcome is Outcome.INCONCLUSIVE


def test_policy_can_be_loosened_after_the_comparison():
    report = ALL["inconclusive"]()  # topic and opening could not be judged
    assert evaluate(report.verdict, report.facets, Policy(("language",))).outcome is Outcome.PASS
    assert evaluate(report.verdict, report.facets, Policy(("topic",))).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FAIL])
def test_policy_decides_about_thin_evidence(outcome):
    report = ALL["inconclusive"]()
    assert evaluate(report.verdict, report.facets, Policy(inconclusive=outcome)).outcome is outcome


def test_fail_on():
    report = ALL["sharpened"]()
    assert evaluate(report.verdict, report.facets, Policy(fail_on=(Verdict.SHARPENED,))).outcome is Outcome.FAIL
    lost = ALL["lost"]()
    assert evaluate(lost.verdict, lost.facets, Policy(fail_on=(Verdict.COLLAPSED,))).outcome is Outcome.PASS
    whole = evaluate(Verdict.SHIFTED, steady("language"), replace(Policy(), fail_on=(Verdict.SHIFTED,)))
    assert whole.reasons[0] == "The comparison as a whole is shifted."


def test_twin_of_the_command_takes_the_policy_of_the_report():
    report = ALL["lost"]()
    strict = replace(report, config=Config(gate=Policy(fail_on=(Verdict.COLLAPSED,))).to_dict())
    assert modecollapse.gate(report).outcome is Outcome.FAIL
    assert modecollapse.gate(strict).outcome is Outcome.PASS
    assert modecollapse.gate(strict, Policy()).outcome is Outcome.FAIL


@pytest.mark.parametrize("name", ["terminal", *FORMATS])
def test_twin_of_show_gives_what_the_command_prints(name, tmp_path, capsys):
    (tmp_path / "report.json").write_text(ALL["lost"]().to_json(), encoding="utf-8")
    main(["show", str(tmp_path / "report.json"), "--format", name])
    assert modecollapse.show(ALL["lost"](), name) == capsys.readouterr().out


def test_what_thin_evidence_may_pass_is_said():
    facets = (facet("topic", Verdict.INCONCLUSIVE, ""), *steady("language", "opening"))
    gate = evaluate(Verdict.INCONCLUSIVE, facets, Policy(inconclusive=Outcome.PASS))
    assert gate.outcome is Outcome.PASS
    assert gate.reasons == ["Required facet topic is inconclusive. The policy lets that pass."]


def test_a_format_that_there_is_not_is_an_error_that_names_those_there_are():
    with pytest.raises(ConfigError, match="bogus") as caught:
        modecollapse.show(ALL["lost"](), "bogus")
    assert "markdown" in str(caught.value.hint)
