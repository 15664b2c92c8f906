"""What a release engineer writes into the policy must be what decides."""

from dataclasses import replace

import pytest

from modecollapse.errors import ConfigError
from modecollapse.findings import findings
from modecollapse.gating import evaluate, loss_beyond_temperature
from modecollapse.policy import FacetPolicy, Policy, read_accepted
from modecollapse.report import AcceptedLoss, ModeVerdict, Outcome, Share, Verdict
from modecollapse.settings import load
from tests.reports import ALL, facet, mode, steady

SEA = "topic:sea-sailors-ocean"


def accepting(*names, **more):
    return Policy(accepted_losses=tuple(AcceptedLoss(name, "on purpose", "2026-11-24") for name in names), **more)


def judged(report, policy):
    return evaluate(report.verdict, report.facets, policy)


def with_loss(verdict, base, new, predicted, **others):
    gone = mode("sea · sailors · ocean", verdict, base, new, predicted, **others)
    return (*steady("language", "opening"), facet("topic", Verdict.SHIFTED, "", modes=(gone,)))


class TestAcceptedLosses:
    def test_a_loss_passes_once_all_that_was_found_is_accepted(self):
        report = ALL["lost"]()
        both = findings(next(each for each in report.facets if each.name == "topic"))
        assert len(both) == 2  # the sea has vanished, and 海 is thinned
        half = judged(report, accepting(both[0]))
        assert half.outcome is Outcome.FAIL
        assert [loss.finding for loss in half.accepted] == both[:1]
        full = judged(report, accepting(*both))
        assert full.outcome is Outcome.PASS
        assert "beyond what is accepted" in full.reasons[0]
        assert any("on purpose" in reason and both[0] in reason for reason in full.reasons)

    def test_what_follows_from_an_accepted_cause_passes_with_it(self):
        report = ALL["collapsed"]()  # the topic is lost because the opening took over
        cause = next(each for each in report.facets if each.name == "opening")
        assert judged(report, accepting(*findings(cause))).outcome is Outcome.PASS
        assert judged(report, accepting(findings(cause)[0])).outcome is Outcome.FAIL

    def test_facets_that_blame_each_other_end_in_a_failure(self):
        one = facet("topic", Verdict.LOST, "", caused_by="opening:x")
        other = facet("opening", Verdict.LOST, "", caused_by="topic:y")
        gate = evaluate(Verdict.LOST, (*steady("language"), one, other), accepting("language:fr"))
        assert gate.outcome is Outcome.FAIL

    def test_a_loss_without_modes_is_accepted_by_its_reason_alone(self):
        traces = facet("opening", Verdict.LOST, "", reasons=("single-traces",))
        facets = (*steady("language", "topic"), traces)
        assert evaluate(Verdict.LOST, facets, accepting("opening:single-traces")).outcome is Outcome.PASS
        assert evaluate(Verdict.LOST, facets, accepting("opening:certainly")).outcome is Outcome.FAIL

    def test_a_facet_of_which_nothing_can_be_accepted_fails(self):
        facets = (*steady("language", "opening"), facet("topic", Verdict.LOST, ""))
        assert evaluate(Verdict.LOST, facets, accepting("topic:anything")).outcome is Outcome.FAIL

    @pytest.mark.parametrize("verdict", [ModeVerdict.KEPT, ModeVerdict.SHARPENED, ModeVerdict.RECOVERED])
    def test_a_mode_that_is_back_is_stale_and_fails_nothing(self, verdict):
        gate = evaluate(Verdict.SHIFTED, with_loss(verdict, 0.1, 0.1, 0.1), accepting(SEA))
        assert gate.outcome is Outcome.PASS
        assert [loss.finding for loss in gate.stale] == [SEA]
        assert any("Stale" in reason and SEA in reason for reason in gate.reasons)

    @pytest.mark.parametrize("verdict", [ModeVerdict.CHANGED, ModeVerdict.UNDECIDED, ModeVerdict.UNDETECTABLE])
    def test_a_mode_that_cannot_be_judged_is_neither_met_nor_stale(self, verdict):
        gate = evaluate(Verdict.SHIFTED, with_loss(verdict, 0.1, 0.05, 0.1), accepting(SEA))
        assert (list(gate.accepted), list(gate.stale)) == ([], [])

    def test_what_this_report_does_not_know_is_not_stale(self):
        """Topics are learnt anew with every new side: another id is no recovery."""
        assert not evaluate(Verdict.UNCHANGED, steady("language"), accepting(SEA)).stale
        assert not evaluate(Verdict.UNCHANGED, steady("language", "topic"), accepting(SEA)).stale

    def test_a_way_of_speaking_that_is_gone_is_stale_once_it_could_be_judged(self):
        traces = accepting("opening:single-traces")
        assert evaluate(Verdict.UNCHANGED, steady("language", "opening"), traces).stale
        thin = facet("opening", Verdict.INCONCLUSIVE, "")
        assert not evaluate(Verdict.UNCHANGED, (*steady("language"), thin), traces).stale

    def test_a_mode_that_only_made_room_for_another_is_still_missing(self):
        facets = with_loss(ModeVerdict.THINNED, 0.3, 0.1, 0.3, displaced_by="other")
        assert not evaluate(Verdict.SHIFTED, facets, accepting(SEA)).stale


class TestLargestLoss:
    """The bound of an interval decides, never the estimate."""

    def test_surely_more_fails_whatever_the_verdict_is_called(self):
        facets = with_loss(ModeVerdict.THINNED, 0.3, 0.05, 0.3)
        policy = Policy(fail_on=(), max_loss=0.1)
        gate = evaluate(Verdict.SHIFTED, facets, policy)
        assert gate.outcome is Outcome.FAIL
        assert "sea · sailors · ocean" in gate.reasons[0]
        assert evaluate(Verdict.SHIFTED, facets, replace(policy, max_loss=0.29)).outcome is Outcome.PASS

    def test_perhaps_more_is_thin_evidence(self):
        wide = Share(0.15, (0.05, 0.30))
        gone = replace(mode("sea", ModeVerdict.THINNED, 0.15, 0.02), predicted_share=wide)
        facets = (*steady("language", "opening"), facet("topic", Verdict.SHIFTED, "", modes=(gone,)))
        assert evaluate(Verdict.SHIFTED, facets, Policy(max_loss=0.1)).outcome is Outcome.INCONCLUSIVE

    def test_what_temperature_explains_is_no_loss(self):
        facets = with_loss(ModeVerdict.ABSENT_SHARPENED, 0.3, 0.0, 0.2)
        assert evaluate(Verdict.SHARPENED, facets, Policy(max_loss=0.0)).outcome is Outcome.PASS

    def test_an_accepted_mode_is_not_measured(self):
        facets = with_loss(ModeVerdict.THINNED, 0.3, 0.05, 0.3)
        assert evaluate(Verdict.SHIFTED, facets, accepting(SEA, max_loss=0.1)).outcome is Outcome.PASS

    def test_interval_is_newcombes(self):
        """Newcombe (1998), example (a): 56/70 against 48/80 gives .0524 to .3339 by the score method."""
        gone = replace(
            mode("sea", ModeVerdict.THINNED, 0.8, 0.6),
            predicted_share=Share(56 / 70, (0.6918, 0.8773)),  # Wilson's intervals of the two
            new_share=Share(48 / 80, (0.4905, 0.7004)),
        )
        loss = loss_beyond_temperature(gone)
        assert loss.value == pytest.approx(0.2)
        assert loss.interval == pytest.approx((0.0524, 0.3339), abs=2e-4)

    @pytest.mark.parametrize("verdict", [ModeVerdict.UNDECIDED, ModeVerdict.CHANGED])
    def test_a_mode_of_which_nobody_can_tell_may_have_lost_nothing_or_all_that_is_missing(self, verdict):
        low, high = loss_beyond_temperature(mode("sea", verdict, 0.3, 0.05, 0.3)).interval
        assert (low, high > 0.2) == (0.0, True)


class TestExceptions:
    LOST = (*steady("language", "topic", "opening"), facet("persona", Verdict.LOST, "gone"))
    THIN = (*steady("language", "topic", "opening"), facet("persona", Verdict.INCONCLUSIVE, ""))

    @pytest.mark.parametrize(
        ("facets", "policy", "outcome"),
        [
            (LOST, Policy(), Outcome.FAIL),
            (LOST, Policy(ignored_facets=("persona",)), Outcome.PASS),
            (LOST, Policy(facet={"persona": FacetPolicy(fail_on=(Verdict.COLLAPSED,))}), Outcome.PASS),
            (LOST, Policy(fail_on=(), facet={"persona": FacetPolicy(fail_on=(Verdict.LOST,))}), Outcome.FAIL),
            (THIN, Policy(), Outcome.PASS),
            (THIN, Policy(facet={"persona": FacetPolicy(required=True)}), Outcome.INCONCLUSIVE),
            (THIN, Policy(facet={"persona": FacetPolicy(required=True, inconclusive=Outcome.FAIL)}), Outcome.FAIL),
            (THIN, Policy(("persona",), facet={"persona": FacetPolicy(required=False)}), Outcome.PASS),
            (THIN, Policy(("persona",), ignored_facets=("persona",)), Outcome.PASS),
        ],
    )
    def test_what_differs_for_one_facet_decides_there(self, facets, policy, outcome):
        verdict = Verdict.LOST if facets is self.LOST else Verdict.UNCHANGED
        assert evaluate(verdict, facets, policy).outcome is outcome

    def test_an_open_question_on_a_column_does_not_pass(self):
        facets = (*steady("language", "topic", "opening"), facet("column:role", Verdict.INCONCLUSIVE, ""))
        assert evaluate(Verdict.UNCHANGED, facets, Policy()).outcome is Outcome.INCONCLUSIVE

    def test_sharpening_passes_and_says_so(self):
        assert "Sharpening alone passes." in judged(ALL["sharpened"](), Policy()).reasons[0]


class TestFile:
    ENTRY = '[[accepted]]\nfinding = "topic:8-1a"\nreason = "Left out of the data."\ndate = 2026-01-31\n'

    def test_entries_are_read(self, tmp_path):
        path = tmp_path / "accepted.toml"
        path.write_text(self.ENTRY + self.ENTRY.replace("topic:8-1a", "column:a b:x-1"))
        first, second = read_accepted(path)
        assert first == AcceptedLoss("topic:8-1a", "Left out of the data.", "2026-01-31")
        assert second.finding == "column:a b:x-1"

    @pytest.mark.parametrize(
        ("change", "line", "said"),
        [
            (("reason", "raeson"), 6, "has no reason"),
            (('"Left out of the data."', '" "'), 6, "gives no reason"),
            (("topic:8-1a", "8-1a"), 6, "no finding"),
            (("2026-01-31", '"today"'), 6, "'today'"),
            (("date", "until = 2027-01-01\ndate"), 6, "unknown key until"),
            (("topic:8-1b", "topic:8-1a"), 6, "accepted twice"),
            (("[[accepted]]", "[[allowed]]"), None, "something else"),
        ],
    )
    def test_what_cannot_be_used_is_named_with_its_line(self, tmp_path, change, line, said):
        path = tmp_path / "accepted.toml"
        second = self.ENTRY.replace("topic:8-1a", change[0] if change[0].startswith("topic:8-1b") else "topic:8-1c")
        changed = second.replace(*change) if "topic:8-1a" not in change[0] else self.ENTRY.replace(*change)
        path.write_text(self.ENTRY + "\n" + changed)
        with pytest.raises(ConfigError, match=said) as caught:
            read_accepted(path)
        assert caught.value.line == line

    def test_a_facet_that_is_none_is_a_slip_of_the_hand(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "accepted.toml").write_text(self.ENTRY.replace("topic:", "tpoic:"))
        with pytest.raises(ConfigError, match="can't hold 'tpoic'"):
            load({"accepted_losses": "accepted.toml"}, environment={})

    def test_policy_of_a_file_and_paths_beside_it(self, tmp_path, monkeypatch):
        (tmp_path / "pyproject.toml").write_text(
            '[tool.modecollapse.gate]\naccepted_losses = "ci/accepted.toml"\nmax_loss = "10%"\n'
            '[tool.modecollapse.gate.facet.persona]\nfail_on = ["collapsed"]\nmax_loss = "20%"\n'
            '[tool.modecollapse.gate.facet."column:role"]\nrequired = false\n'
        )
        (tmp_path / "ci").mkdir()
        (tmp_path / "ci" / "accepted.toml").write_text(self.ENTRY)
        below = tmp_path / "below"
        below.mkdir()
        monkeypatch.chdir(below)
        policy = load({}, environment={}).gate
        assert policy.accepted_losses[0].finding == "topic:8-1a"
        assert (policy.largest_loss("topic"), policy.largest_loss("persona")) == (0.1, 0.2)
        assert policy.fails_on("persona") == (Verdict.COLLAPSED,)
        assert policy.facet["column:role"].required is False
        assert load({"accepted_losses": ""}, environment={}).gate.accepted_losses == ()


def test_what_is_not_accepted_is_named():
    report = ALL["lost"]()
    both = findings(next(each for each in report.facets if each.name == "topic"))
    assert f"not accepted: {both[1]}" in judged(report, accepting(both[0])).reasons[0]


def test_a_renamed_set_of_prompts_passes_under_no_policy():
    facets = [facet(name, Verdict.INCONCLUSIVE, "", reasons=("no-common-prompts",)) for name in ("language", "topic")]
    lenient = Policy(required_facets=(), inconclusive=Outcome.PASS)
    assert evaluate(Verdict.INCONCLUSIVE, facets, lenient).outcome is Outcome.INCONCLUSIVE


def test_an_entry_beneath_a_commented_header_is_told_by_its_line(tmp_path):
    file = tmp_path / "accepted.toml"
    file.write_text('\n[[accepted]] # the sea\nfinding = "topic:sea"\ndate = 2026-01-31\n')
    with pytest.raises(ConfigError) as caught:
        read_accepted(file)
    assert caught.value.line == 2
