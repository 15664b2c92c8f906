"""What a ladder, a reheated corpus and elicited texts settle of the modes in a column, whose truth is made up here."""

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.corpus import read_corpus
from modecollapse.explanation import explain
from modecollapse.findings import findings
from modecollapse.gating import loss_beyond_temperature
from modecollapse.judgement.base import Finding
from modecollapse.judgement.movement import Movement
from modecollapse.policy import Policy
from modecollapse.render.next_steps import next_steps
from modecollapse.report import Evidence, ModeVerdict, Reach, Recovery, Use, Verdict
from modecollapse.second_opinion import ladder as ladders
from modecollapse.second_opinion.questions import open_question
from tests.corpora import sentence, write

PROMPTS, SAMPLES = 12, 40
CONFIG = Config(facets=("opening",), columns=("role",), gate=Policy(required_facets=()), resamples=400)
FIRST = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight")


def corpus(sailors, seed, temperature=1.0, samples=SAMPLES):
    """Texts of cooks, poets and a share of ``sailors``; first words by a power law at ``temperature``."""
    rng = random.Random(seed)
    weights = [(1 / rank) ** (1 / temperature) for rank in range(1, len(FIRST) + 1)]
    return [
        {
            "prompt": f"Prompt {prompt}",
            "text": f"{rng.choices(FIRST, weights)[0]} {sentence(rng)}",
            "temperature": temperature,
            "role": "sailor" if rng.random() < sailors else rng.choice(["cook", "poet"]),
        }
        for prompt in range(PROMPTS)
        for _ in range(samples)
    ]


@pytest.fixture
def column(tmp_path):
    """Compares corpora given as rows; returns the report, the column's facet and its sailors."""

    def judged(**rows):
        corpora = {
            side: read_corpus(write(tmp_path / f"{side}.jsonl", there), columns=["role"])
            for side, there in rows.items()
        }
        report = compare(corpora.pop("base"), corpora.pop("new"), config=CONFIG, **corpora)
        facet = next(facet for facet in report.facets if facet.name == "column:role")
        return report, facet, next(mode for mode in facet.modes if "sailor" in mode.label)

    return judged


def test_what_had_grown_falls_back_by_heat_alone(column):
    report, facet, sailors = column(base=corpus(0.6, 1), new=corpus(0.02, 2), reheated=corpus(0.6, 3))
    assert "odd-reheated" not in {warning.code for warning in report.warnings}
    assert (facet.reasons, sailors.recovery) == (["recovered"], Recovery.RECOVERED)


def test_what_comes_back_is_recovered_and_the_facet_is_cleared(column):
    _, facet, sailors = column(base=corpus(0.3, 1), new=corpus(0.02, 2), reheated=corpus(0.3, 3))
    assert (facet.verdict, facet.reasons) == (Verdict.SHARPENED, ["recovered"])
    assert (sailors.verdict, sailors.recovery) == (ModeVerdict.RECOVERED, Recovery.RECOVERED)


def two_prompts(sailors, seed, samples=600, temperature=1.0):
    """Too few prompts for a temperature: texts alone can't tell why a mode fell from a half to a fifth."""
    return corpus(sailors, seed, temperature, samples)[: 2 * samples]


def test_what_only_changed_is_sharpened_where_a_cooler_base_says_it_as_rarely(column):
    base, cool = two_prompts(0.46, 1), two_prompts(0.0, 4, temperature=0.4)
    new = [{**row, "temperature": 1.0} for row in two_prompts(0.18, 2, temperature=0.7)]
    assert column(base=base, new=new)[2].verdict is ModeVerdict.CHANGED
    _, facet, sailors = column(base=[*base, *cool], new=new)
    assert (facet.verdict, facet.reasons) == (Verdict.SHARPENED, ["within-ladder"])
    assert sailors.verdict is ModeVerdict.SHARPENED


def test_what_only_changed_and_comes_back_is_recovered(column):
    base, new = two_prompts(0.46, 1), two_prompts(0.18, 2)
    assert column(base=base, new=new)[2].verdict is ModeVerdict.CHANGED
    _, facet, sailors = column(base=base, new=new, reheated=two_prompts(0.5, 3, 900))
    assert "recovered" in facet.reasons
    assert (sailors.verdict, sailors.recovery) == (ModeVerdict.RECOVERED, Recovery.RECOVERED)


@pytest.mark.parametrize(("reheated", "odd"), [(0.0, True), (0.7, False)])
def test_reheated_texts_that_lack_what_the_new_side_says_are_odd(reheated, odd, column):
    """Texts of another model, passed by mistake, had been proof of a collapse."""
    report, facet, _ = column(base=corpus(0.7, 1), new=corpus(0.7, 2), reheated=corpus(reheated, 3))
    assert ("odd-reheated" in {warning.code for warning in report.warnings}) is odd
    assert facet.verdict not in {Verdict.LOST, Verdict.COLLAPSED}


@pytest.mark.parametrize("other_model", [True, False])
def test_reheated_texts_of_another_model_prove_no_loss(other_model, column):
    """Sailors are missing in both reheated corpora; in one, so are the cooks that the new side still has."""
    new = [{**row, "temperature": 1.0} for row in corpus(0.0, 2, temperature=0.7)]
    reheated = [{**row, "role": "poet" if other_model else row["role"]} for row in corpus(0.0, 3)]
    report, facet, sailors = column(base=corpus(0.3, 1), new=new, reheated=reheated)
    if other_model:
        assert (facet.verdict, sailors.recovery) == (Verdict.INCONCLUSIVE, None)
        assert "reheated-unlike" in facet.reasons
        assert "the same new model" in " ".join(next_steps(report))
    else:
        assert facet.verdict in {Verdict.LOST, Verdict.COLLAPSED}
        assert "not-recovered" in facet.reasons


def test_a_part_of_the_prompts_reheated_is_compared_with_the_new_side_there(column):
    """Half of what twelve prompts alone say is gone there: of all sixty that is hardly a change."""

    def sixty(cooks, sailors, seed, temperature=1.0, prompts=60, samples=20):
        rng = random.Random(seed)
        weights = [(1 / rank) ** (1 / temperature) for rank in range(1, len(FIRST) + 1)]
        return [
            {
                "prompt": f"Prompt {prompt}",
                "text": f"{rng.choices(FIRST, weights)[0]} {sentence(rng)}",
                "role": rng.choices(roles, (cooks * (prompt < 12), sailors, 1 - sailors - cooks * (prompt < 12)))[0],
            }
            for prompt in range(prompts)
            for _ in range(samples)
        ]

    roles = ("cook", "sailor", "poet")
    base, new, some = sixty(0.5, 0.2, 1), sixty(0.27, 0.0, 2, 0.7), sixty(0.27, 0.0, 3, prompts=12, samples=60)
    report, facet, _ = column(base=base, new=new, reheated=some)
    assert "odd-reheated" not in {warning.code for warning in report.warnings}
    assert "not-recovered" in facet.reasons


@pytest.mark.parametrize("kept", [0.09, 0.01])
def test_what_the_new_side_kept_is_not_lost_by_reheating(kept, column):
    """A twelfth of the texts, less than would cast doubt on the whole corpus, is missing in the reheated ones alone."""
    new = [{**row, "temperature": 1.0} for row in corpus(kept, 2, temperature=0.7, samples=120)]
    base, reheated = corpus(0.09, 1, samples=120), corpus(0.0, 3, samples=120)
    report, facet, _ = column(base=base, new=new, reheated=reheated)
    assert (facet.verdict in {Verdict.LOST, Verdict.COLLAPSED}) is (kept < 0.05)
    warned = [warning.message for warning in report.warnings if warning.code == "odd-reheated"]
    assert [("“sailor”" in message, "nothing of the facet column:role" in message) for message in warned] == (
        [(True, True)] if kept > 0.05 else []
    )


def test_a_loss_that_reheating_alone_brings_to_light_has_a_name(column):
    """Text says *sharpened*: it asks about no mode, so that the headline had named none."""
    base, reheated = corpus(0.2, 1, samples=120), corpus(0.05, 3, samples=120)
    new = [{**row, "temperature": 1.0} for row in corpus(0.1, 2, temperature=0.7, samples=120)]
    _, by_text, _ = column(base=base, new=new)
    report, facet, sailors = column(base=base, new=new, reheated=reheated)
    assert (by_text.verdict, facet.verdict) == (Verdict.SHARPENED, Verdict.LOST)
    assert "“sailor”" in facet.headline
    assert findings(facet) == [f"column:role:{sailors.id}"]
    assert sailors.verdict is ModeVerdict.THINNED
    told = explain(report, f"column:role:{sailors.id}")
    assert "reheating does not bring it back" in " ".join(told.meaning)
    # Of 20% in the base, 5% came back.
    low, high = loss_beyond_temperature(sailors).interval
    assert 0.1 < low < 0.15 < high < 0.2


def test_texts_of_another_model_that_scatter_bring_nothing_back(column):
    """Sailors are there, but so that no cook is: what is too hot may only clear what else is the new model's."""
    rng = random.Random(0)
    new = [{**row, "temperature": 1.0} for row in corpus(0.02, 2, temperature=0.6)]
    other = [
        {
            **row,
            "role": row["role"].replace("cook", "poet"),
            "text": " ".join(f"w{rng.getrandbits(60):x}" for _ in "12345678"),
        }
        for row in corpus(0.3, 3)
    ]
    _, facet, _ = column(base=corpus(0.25, 1), new=new, reheated=other)
    assert (facet.verdict, facet.reasons[-1]) == (Verdict.INCONCLUSIVE, "reheated-too-hot")


def test_samples_wanted_take_no_lesson_from_another_models_temperature(column):
    new = [{**row, "temperature": 1.0} for row in corpus(0.0, 2, temperature=0.7)]
    other = [{**row, "role": "poet", "temperature": 3.0} for row in corpus(0.0, 3)]
    report, _, _ = column(base=corpus(0.3, 1), new=new, reheated=other)
    reheated = next(wanted for wanted in report.samples_wanted if wanted.use is Use.REHEATED)
    assert reheated.temperature.value == pytest.approx(report.temperature.inverse_temperature**0.5)


def test_what_stays_away_is_lost_even_where_it_can_be_asked_for(column):
    _, facet, sailors = column(
        base=corpus(0.3, 1), new=corpus(0.0, 2), reheated=corpus(0.0, 3), elicited=corpus(0.5, 4)
    )
    assert facet.verdict in {Verdict.LOST, Verdict.COLLAPSED}
    assert facet.evidence is Evidence.REHEATED
    assert {"not-recovered", "reachable"} <= set(facet.reasons)
    assert sailors.verdict is ModeVerdict.VANISHED
    assert (sailors.recovery, sailors.reach) == (Recovery.NOT_RECOVERED, Reach.REACHABLE)


def test_two_reheated_samples_a_prompt_decide_nothing(column):
    _, facet, sailors = column(
        base=corpus(0.3, 1), new=corpus(0.0, 2), reheated=corpus(0.25, 3, samples=2), elicited=corpus(0.0, 4)
    )
    assert facet.verdict in {Verdict.LOST, Verdict.COLLAPSED}
    assert facet.evidence is Evidence.TEXT
    assert "not-reachable" in facet.reasons
    assert (sailors.recovery, sailors.reach) == (Recovery.UNDECIDED, Reach.NOT_REACHABLE)


def ladder(hot, cool):
    return [*corpus(hot, 1, samples=60), *corpus(cool, 4, temperature=0.4)]


def test_a_loss_beyond_every_temperature_of_the_ladder(column):
    # The new model says that it was sampled at 1; its first words are those of a cooler base.
    new = [{**row, "temperature": 1.0} for row in corpus(0.0, 2, temperature=0.6)]
    _, facet, sailors = column(base=ladder(0.3, 0.2), new=new)
    assert facet.verdict in {Verdict.LOST, Verdict.COLLAPSED}
    assert "beyond-ladder" in facet.reasons
    assert sailors.ladder_share.interval[0] > 0.1
    assert sailors.verdict in {ModeVerdict.THINNED, ModeVerdict.VANISHED}  # whatever the text alone could tell


def test_what_a_cooler_base_says_as_rarely_is_no_loss(column):
    """At T = .4 the base has no sailors left, and half as many in between."""
    new = [{**row, "temperature": 1.0} for row in corpus(0.13, 2, temperature=0.6)]
    _, facet, _ = column(base=ladder(0.3, 0.0), new=new)
    assert facet.verdict not in {Verdict.LOST, Verdict.COLLAPSED}


def test_a_ladder_that_may_end_too_soon_proves_no_loss(column):
    """At the coolest rung there are sailors left; the new model may well be cooler than that."""
    new = [{**row, "temperature": 1.0} for row in corpus(0.0, 2, temperature=0.38)]
    report, facet, _ = column(base=ladder(0.3, 0.2), new=new)
    assert facet.verdict is Verdict.INCONCLUSIVE
    assert "ladder-too-short" in facet.reasons
    assert "at a lower temperature" in " ".join(next_steps(report))


def test_nor_does_one_that_ends_before_the_inverse_temperature_may(column, monkeypatch):
    """Three rounds of training had been placed between two rungs, at an inverse temperature without an upper end."""
    place = ladders.place
    monkeypatch.setattr(ladders, "place", lambda *rows: replace(place(*rows), short=False))
    new = [{**row, "temperature": 1.0} for row in corpus(0.0, 2, temperature=0.5)]
    base = [*corpus(0.3, 1, samples=60), *corpus(0.2, 4, temperature=0.55)]
    report, facet, _ = column(base=base, new=new)
    assert report.temperature.interval[1] > 1 / 0.55
    assert (facet.verdict, facet.reasons[-1]) == (Verdict.INCONCLUSIVE, "ladder-too-short")


def test_an_open_question_says_which_samples_would_settle_it(column):
    new = [{**row, "temperature": 1.0} for row in corpus(0.0, 2, temperature=0.7)]
    report, facet, _ = column(base=corpus(0.3, 1), new=new)
    assert "openings-sharpened-too" in facet.reasons
    rung, reheated = report.samples_wanted
    beta = report.temperature.inverse_temperature
    assert (rung.use, rung.model, rung.temperature.value) == (Use.LADDER, "base", pytest.approx(1 / beta))
    assert (reheated.use, reheated.model) == (Use.REHEATED, "new")
    assert (reheated.temperature.value, reheated.temperature.interval) == (pytest.approx(beta**0.5), (1.0, beta))
    assert "column:role" in rung.facets
    assert (rung.prompts, rung.samples_per_prompt >= SAMPLES) == (PROMPTS, True)
    said = " ".join(next_steps(report))
    assert f"samples per prompt of the base model at T = {1 / beta:.2f}" in said
    assert said.count("--reheated") == 1


def test_a_model_sampled_cooler_is_to_be_reheated_all_the_way(column):
    """Here the temperature is no property of the model: undoing it gives the base back exactly."""
    report, _, _ = column(base=corpus(0.3, 1), new=corpus(0.0, 2, temperature=0.7))
    reheated = report.samples_wanted[-1]
    assert reheated.temperature.value == pytest.approx(0.7 * report.temperature.inverse_temperature)


def rambling(rows, seed):
    """The same first words, and then words that nobody else says; of no role."""
    rng = random.Random(seed)
    return [
        {**row, "text": f"{row['text'].split()[0]} " + " ".join(f"w{rng.getrandbits(60):x}" for _ in range(12))}
        for row in rows
    ]


def test_what_is_missing_in_a_ramble_is_not_lost_by_it(column):
    """Reheated too far: first words as the base's, then noise without a single sailor."""
    base, new = corpus(0.3, 1), corpus(0.02, 2, temperature=0.5)
    new = [{**row, "temperature": 1.0} for row in new]
    hot = [{**row, "temperature": 2.0} for row in rambling(corpus(0.0, 3), 4)]
    _, without, _ = column(base=base, new=new)
    report, facet, sailors = column(base=base, new=new, reheated=hot)
    assert without.verdict is Verdict.INCONCLUSIVE
    assert facet.verdict is Verdict.INCONCLUSIVE
    assert "reheated-too-hot" in facet.reasons
    assert sailors.recovery is Recovery.UNDECIDED
    cooler = report.samples_wanted[-1].temperature
    assert cooler.value < 2
    assert cooler.interval == (1.0, 2.0)


def by_text(column, base, new, temperature, samples=120):
    """The facet where the share of sailors went from ``base`` to ``new`` and rows say nothing of their temperature."""
    there, here = corpus(base, 1, samples=samples), corpus(new, 2, temperature, samples=samples)
    return column(base=there, new=[{**row, "temperature": 1.0} for row in here])[1]


def test_a_mode_that_outgrew_a_mild_temperature_is_not_called_sharpened(column):
    """20% to 42%: no temperature near 1 does that, whatever else sharpened."""
    assert by_text(column, 0.2, 0.21, 0.88).verdict is Verdict.SHARPENED
    assert by_text(column, 0.2, 0.42, 0.88).verdict is Verdict.SHIFTED


@pytest.mark.parametrize(("temperature", "verdict"), [(1.15, Verdict.LOST), (1.6, Verdict.INCONCLUSIVE)])
def test_a_rare_mode_that_took_over_is_told_where_the_new_side_is_a_little_hotter(temperature, verdict, column):
    """Texts of another kind bring openings of their own, which look like heat."""
    facet = by_text(column, 0.005, 0.3, temperature, samples=400)
    assert facet.verdict is verdict
    assert "taken-over" in facet.reasons


def test_a_mode_that_a_cooler_base_says_as_rarely_dominates(column):
    new = [{**row, "temperature": 1.0} for row in corpus(0.6, 2, temperature=0.8)]
    base = [*corpus(0.15, 1, samples=60), *corpus(0.15, 4, temperature=0.5), *corpus(0.15, 5, temperature=0.4)]
    _, facet, _ = column(base=base, new=new)
    assert facet.verdict is Verdict.COLLAPSED
    assert "beyond-ladder" in facet.reasons


def test_a_ladder_of_shares_says_nothing_of_copies(column):
    new = [{**row, "temperature": 1.0} for row in corpus(0.3, 2, temperature=0.7)]
    copied = [{**row, "text": f"One and the same text, always, for {row['prompt']}, and no other."} for row in new]
    base = [*corpus(0.3, 1, samples=60), *corpus(0.3, 4, temperature=0.4)]
    report, _, _ = column(base=base, new=copied)
    assert report.verdict is not Verdict.SHARPENED


def test_shares_settle_nothing_where_copies_left_it_open():
    for reason, is_open in (("copied-new", False), ("within-temperature", True)):
        finding = Finding(Verdict.INCONCLUSIVE, (reason,))
        judged = SimpleNamespace(labelled=SimpleNamespace(name="opening"), finding=finding)
        assert open_question(judged, Movement.SAME) is is_open
