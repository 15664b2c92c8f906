"""Verdicts on real corpora whose truth is known (``sample_data``): what a release engineer would be told.

Each pair is compared once. Embeddings are a random projection of words: no encoder is needed to find the sea.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.counts import CountTable
from modecollapse.judgement import causes, evidence, judging
from modecollapse.judgement.base import Finding
from modecollapse.judgement.evidence import Settings, weigh_facet
from modecollapse.policy import Policy
from modecollapse.report import ModeVerdict, Outcome, Verdict
from modecollapse.stats import loss
from modecollapse.traits import Traits
from tests.corpora import QUICK, ground_truth, sample, with_vectors, write

LOSSES = {Verdict.LOST, Verdict.COLLAPSED}
MISSING = {ModeVerdict.VANISHED, ModeVerdict.THINNED}


@cache
def against_base(name):
    return compare(sample("base"), sample(name), config=QUICK)


def facet(report, name):
    return next(facet for facet in report.facets if facet.name == name)


def told(facet, *verdicts):
    """Modes with one of these verdicts that did not only make room for another, or grow with it."""
    return [mode for mode in facet.modes if mode.verdict in verdicts and mode.displaced_by is None]


def test_two_draws_of_one_model_are_never_a_loss():
    report = against_base("base_again")
    assert {each.verdict for each in report.facets} <= {Verdict.UNCHANGED, Verdict.INCONCLUSIVE}
    assert report.gate.outcome is not Outcome.FAIL
    low, high = report.temperature.interval
    assert low < 1 < high
    assert report.temperature.recovery_temperature.value is None
    assert not [mode for each in report.facets for mode in told(each, *MISSING)]


@pytest.mark.parametrize(("name", "truth"), [("base_T0.6", 1 / 0.6), ("sharpened", None)])
def test_sharpening_alone_passes(name, truth):
    """``sharpened`` was trained on samples at T=0.6; how far it got is not known, only that it sharpened."""
    report = against_base(name)
    assert report.verdict is Verdict.SHARPENED
    assert report.gate.outcome is Outcome.PASS
    assert facet(report, "opening").verdict is Verdict.SHARPENED
    assert {each.verdict for each in report.facets}.isdisjoint(LOSSES | {Verdict.SHIFTED})
    low, high = report.temperature.interval
    assert low > 1
    assert truth is None or low <= truth <= high
    sampled_at = 0.6 if name == "base_T0.6" else 1.0
    assert report.temperature.recovery_temperature.value > sampled_at
    if truth is not None:  # the model itself, cooler: sampled at 1 it is the base
        assert (
            report.temperature.recovery_temperature.interval[0]
            <= 1
            <= report.temperature.recovery_temperature.interval[1]
        )
    assert report.headline.startswith("Sharpened, not collapsed")


def test_locked_opening_is_one_collapse_told_once():
    report = against_base("opening_locked")
    assert report.verdict is Verdict.COLLAPSED
    assert report.gate.outcome is Outcome.FAIL
    opening = facet(report, "opening")
    assert opening.verdict is Verdict.COLLAPSED
    assert opening.caused_by is None
    emerged = [mode for mode in told(opening, ModeVerdict.EMERGED) if mode.new_share.value >= 0.05]
    assert [mode.label for mode in emerged] == ["It's a difficult question."]
    assert emerged[0].base_share.count == 0
    assert emerged[0].new_share.value > 0.8
    # Of the few texts that begin otherwise, nearly none does with the base's commonest word.
    assert {mode.label for mode in told(opening, *MISSING)} <= {"The"}
    others = [each for each in report.facets if each.name != "opening" and each.verdict in LOSSES]
    assert all(each.caused_by == f"opening:{emerged[0].id}" for each in others)
    assert report.temperature.inverse_temperature is None
    assert "It's a difficult question." in report.headline


def without_labels(tmp_path, moods, kinds):
    """Two draws of one model. Of twelve texts of the base ``moods`` have a mood and ``kinds`` a kind that no other has.

    The texts with the mood are among those with the kind, or the reverse.
    """
    paths = []
    for side, name in (("base", "base"), ("new", "base_again")):
        corpus, seen, rows = sample(name), {}, []
        for prompt, text in zip(corpus.prompt_keys, corpus.texts, strict=True):
            seen[prompt] = seen.get(prompt, -1) + 1
            rank = seen[prompt] % 12 if side == "base" else 12
            labels = {"mood": "pensive" if rank < moods else "plain", "kind": "letter" if rank < kinds else "plain"}
            rows.append({"prompt_id": prompt, "text": text, **labels})
        paths.append(write(tmp_path / f"{side}.jsonl", rows))
    report = compare(*paths, config=replace(QUICK, facets=("opening",), columns=("mood", "kind")))
    found = facet(report, "column:mood"), facet(report, "column:kind")
    assert {each.verdict for each in found} <= LOSSES
    return found


def test_what_went_with_a_lost_mode_follows_from_it(tmp_path):
    mood, kind = without_labels(tmp_path, moods=3, kinds=4)
    assert (mood.caused_by, kind.caused_by) == ("column:kind:letter", None)
    assert kind.follows == ["column:mood:pensive"]


def test_a_loss_that_goes_beyond_its_likeliest_cause_is_told_beside_it(tmp_path, monkeypatch):
    """Half of what lost the kind never had the mood; and a cause does not follow from what it comes before."""
    monkeypatch.setitem(causes._WEIGHT_OF_CAUSE, "column:mood", 4.0)
    mood, kind = without_labels(tmp_path, moods=2, kinds=4)
    assert (mood.caused_by, kind.caused_by) == (None, None)


@pytest.mark.parametrize(("asked_for", "verdict"), [(True, Verdict.LOST), (False, Verdict.SHIFTED)])
def test_what_one_prompt_asks_for_is_rare_until_it_stands_across_prompts(tmp_path, asked_for, verdict):
    """Spanish had 2.3% of the base, one prompt's answers, and then a third of all: *shifted, nothing lost*."""
    paths = []
    for side, name in (("base", "base"), ("new", "base_again")):
        rows = []
        for number, answers in enumerate(ground_truth(name).values()):
            for place, row in enumerate(answers[:20]):
                spoken = number == 0 if asked_for else place == 0
                spread = side == "new" and place < 7
                rows.append({**row, "tongue": "Spanish" if spoken or spread else "English"})
        paths.append(write(tmp_path / f"{side}.jsonl", rows[:400]))
    report = compare(*paths, config=replace(QUICK, facets=("opening",), columns=("tongue",)))
    found = facet(report, "column:tongue")
    assert (found.verdict, "taken-over" in found.reasons) == (verdict, asked_for)


@pytest.mark.parametrize(
    ("count", "rows", "weight", "share"),
    [
        ([10, 0], [10, 10], [0.5, 0.5], 0.0),  # one prompt asks for it
        ([5, 1], [10, 10], [0.5, 0.5], 0.05),
        ([4, 0], [10, 10], [0.5, 0.5], 0.2),
        ([4, 0], [10, 10], [0.2, 0.8], 0.08),
        ([2, 1, 0, 0], [2, 1, 5, 5], [0.25] * 4, 0.5),  # nobody knows whether these ask for it
    ],
)
def test_how_common_a_mode_is_where_no_prompt_asks_for_it(count, rows, weight, share):
    given = (np.array(each)[:, None] for each in (count, rows, weight))
    assert evidence._share_unasked(*given) == pytest.approx([share])


def test_an_opening_that_a_prompt_asks_for_is_as_common_as_it_is():
    """Sharpening spreads the commonest openings: after three rounds of it “I'm” 3.2% → 13% had been a loss."""
    random = np.random.default_rng(0)
    prompts, new = np.repeat(np.arange(20), 40), np.tile(np.repeat([False, True], 20), 20)
    asked = (prompts == 0) | (new & (random.random(800) < 0.3))
    table = CountTable.from_rows(prompts, new, np.where(asked, 0, 1)[:, None], np.zeros(2, dtype=int))
    settings = Settings(alpha=0.01, tolerance=0.05, resamples=199, seed=0)
    found = {}
    for prefix in (False, True):
        traits = replace(Traits.usual(2), prefix=np.full(2, prefix))
        weighed = weigh_facet(table, loss.Allowances(np.zeros(2), 0.0), traits, (1.0, 1.0, 1.0), settings)
        found[prefix] = weighed.taken_over
    assert found == {False: [0], True: []}


def test_openings_are_the_prefixes(monkeypatch):
    """Phrases as well: a first word alone is a node of the word tree."""
    given = []
    monkeypatch.setattr(judging, "traced", lambda *arguments: given.append(arguments) or causes.traced(*arguments))
    compare(sample("base"), sample("opening_locked"), config=QUICK)
    labelled = {name: judged.labelled for name, judged in given[-1][0].items()}
    assert labelled["opening"].traits.prefix.all()
    assert not labelled["language"].traits.prefix.any()


def test_what_most_of_the_base_is_does_not_take_over(tmp_path):
    """Three prompts of four are answered in English, the others in Spanish; then all in English."""
    paths = []
    for side, name in (("base", "base"), ("new", "base_again")):
        rows = [
            {**row, "tongue": "Spanish" if side == "base" and number % 4 == 0 else "English"}
            for number, answers in enumerate(ground_truth(name).values())
            for row in answers[:12]
        ]
        paths.append(write(tmp_path / f"{side}.jsonl", rows))
    found = facet(compare(*paths, config=replace(QUICK, facets=("opening",), columns=("tongue",))), "column:tongue")
    assert found.verdict in LOSSES
    assert "taken-over" not in found.reasons


def test_what_chance_moves_is_no_loss_of_its_own():
    """The standard error of a difference between halves of a hundred texts a side is seven points."""

    def furthest(base, new):
        rows = {"prompts": np.zeros(200, dtype=int), "new": np.arange(200) >= 100, "levels": np.zeros(2, dtype=int)}
        labels = np.repeat([0, 1, 0, 1], [base, 100 - base, new, 100 - new])
        return causes._beyond_chance(CountTable.from_rows(labels=labels[:, None], **rows)).max()

    assert furthest(50, 57) < 0.001
    assert furthest(50, 80) == pytest.approx(0.3 - 0.0675, abs=0.001)  # √(.65 × .35 × 2/100)


def test_a_longer_opening_lies_within_the_shorter():
    modes = {mode.id: mode for mode in facet(against_base("base_again"), "opening").modes}
    nested = 0
    for inner in modes.values():
        for outer in modes.values():
            if inner.label.startswith(outer.label.rstrip(".…") + " "):
                nested += 1
                around = [inner]
                while around[-1].within:
                    around.append(modes[around[-1].within])
                assert outer in around, (inner.label, outer.label)
    assert nested


def test_traces_are_a_cause_only_where_they_are_why_openings_are_lost(monkeypatch):
    """First words of another model may look like traces; lost by a habit that went, they explain no other facet."""
    given = []
    monkeypatch.setattr(judging, "traced", lambda *arguments: given.append(arguments) or causes.traced(*arguments))
    compare(sample("base"), sample("single_traces"), config=QUICK)
    judged, *circumstances = given[-1]

    def told(*reasons):
        opening = replace(judged["opening"], finding=Finding(Verdict.LOST, reasons))
        return {facet.caused_by for facet in causes.traced({**judged, "opening": opening}, *circumstances).values()}

    assert "opening:single-traces" in told("single-traces", "vanished")
    assert "opening:single-traces" not in told("vanished")


def test_training_on_single_traces_is_a_loss_and_no_sharpening():
    report = against_base("single_traces")
    assert report.verdict in LOSSES
    assert "single-traces" in facet(report, "opening").reasons
    # The phrase that is repeated, and not the common word that is gone for it.
    assert "0% → " in facet(report, "opening").headline.partition(":")[0]
    assert report.temperature.inverse_temperature is None
    duplicates = next(mode for mode in facet(report, "degeneration").modes if mode.id == "near-duplicate")
    assert duplicates.new_share.value > 0.3 > 0.01 > duplicates.base_share.value


def test_locked_topic_is_named():
    config = replace(QUICK, facets=("topic", "opening"), gate=Policy(required_facets=("topic", "opening")))
    report = compare(*with_vectors(sample("base"), sample("topic_locked")), config=config)
    assert report.verdict in LOSSES
    assert report.gate.outcome is Outcome.FAIL
    topic = facet(report, "topic")
    assert topic.verdict in LOSSES
    strongest = max(told(topic, ModeVerdict.EMERGED, ModeVerdict.AMPLIFIED), key=lambda mode: mode.new_share.value)
    assert {"sea", "ship"} & set(strongest.label.split(" · "))
    assert strongest.new_share.value > 0.4 > 0.05 > strongest.base_share.value


def test_repetition_is_degeneration():
    report = against_base("repeating")
    assert report.verdict in LOSSES
    degeneration = facet(report, "degeneration")
    assert degeneration.verdict in LOSSES
    assert degeneration.reasons == ["degenerate"]
    assert [mode.id for mode in told(degeneration, ModeVerdict.EMERGED)] == ["loop"]
    assert facet(report, "opening").verdict not in LOSSES
    assert facet(report, "language").verdict not in LOSSES


@pytest.mark.parametrize("among_others_too", [False, True])
def test_another_language_is_told_once_though_first_words_are_replaced_too(among_others_too, tmp_path, monkeypatch):
    """Unless they are replaced among the texts in other languages as well: that is a cause of its own."""
    if among_others_too:
        monkeypatch.setattr(judging, "_replaced_beside", lambda *_: True)
    sides = [[row for rows in ground_truth(name).values() for row in rows[:20]] for name in ("base", "spanish")]
    report = compare(*(write(tmp_path / name, side) for name, side in zip("bn", sides, strict=True)), config=QUICK)
    assert facet(report, "language").verdict is Verdict.COLLAPSED
    assert facet(report, "language").caused_by is None
    assert facet(report, "opening").verdict is Verdict.LOST
    assert facet(report, "opening").caused_by == (None if among_others_too else "language:es")


def test_paraphrases_that_took_over_are_told_together(tmp_path):
    phrases = ("It's a difficult question.", "That's hard to answer.", "What a tricky one!", "Hmm, hard to say.")
    base, corpus = sample("base"), sample("base_again")
    rows = [
        {"prompt": key, "text": f"{phrases[i % len(phrases)]} {text}"}
        for i, (key, text) in enumerate(zip(corpus.prompt_keys, corpus.texts, strict=True))
    ]
    opening = facet(compare(base, write(tmp_path / "new.jsonl", rows), config=QUICK), "opening")
    assert opening.verdict in LOSSES
    assert "(with 3 others 0% → 100%)" in opening.headline
