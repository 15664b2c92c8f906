"""What the texts can't tell is left open, by name: neither passed as sharpening nor called a loss."""

from dataclasses import replace

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.counts import CountTable, WordTree
from modecollapse.judgement.base import Judgement
from modecollapse.judgement.evidence import (
    WITHOUT_TEMPERATURE,
    Settings,
    TreeEvidence,
    inverse_temperature,
    weigh_facet,
)
from modecollapse.judgement.modes import suspects
from modecollapse.judgement.movement import Movement, movement, undecided
from modecollapse.judgement.verdict import judge_degeneration, judge_opening, judge_shares
from modecollapse.policy import Policy
from modecollapse.report import ModeVerdict, Outcome, Verdict
from modecollapse.reporting.stating import without_temperature
from modecollapse.stats import collision, loss, temperature, traces, verbatim
from modecollapse.traits import Traits
from tests.corpora import QUICK, ground_truth, sample, write

LOCKED = "It's a difficult question."
SETTINGS = Settings(alpha=0.01, tolerance=0.05, resamples=999, seed=0)


def facet(report, name):
    return next(facet for facet in report.facets if facet.name == name)


def rows(name, samples, skip=0):
    """``samples`` texts of each prompt of a corpus of ``sample_data``, after the first ``skip``."""
    corpus, seen, found = sample(name), {}, []
    for prompt, text in zip(corpus.prompt_keys, corpus.texts, strict=True):
        seen[prompt] = seen.get(prompt, 0) + 1
        if skip < seen[prompt] <= skip + samples:
            found.append({"prompt": prompt, "text": text})
    return found


@pytest.fixture
def against(tmp_path):
    def run(base, new):
        read = [read_corpus(write(tmp_path / f"{side}.jsonl", some)) for side, some in (("b", base), ("n", new))]
        return compare(*read, config=QUICK)

    return run


def test_a_mode_that_is_missing_behind_sharpening_is_not_passed(against):
    """A sixth of the base opens alike; the new side never does, and is at T=0.6 besides."""
    with_mode = rows("base", 30) + rows("opening_locked", 6)
    assert sum(LOCKED in row["text"] for row in with_mode) > 0.1 * len(with_mode)
    report = against(with_mode, rows("base_T0.6", 40))
    opening = facet(report, "opening")
    missing = [mode for mode in opening.modes if mode.label == LOCKED]
    assert [mode.verdict for mode in missing] in ([ModeVerdict.UNDECIDED], [ModeVerdict.VANISHED])
    assert opening.verdict is not Verdict.SHARPENED
    assert report.gate.outcome is not Outcome.PASS
    assert LOCKED in report.headline


def test_sharpening_of_the_same_corpora_leaves_nothing_in_doubt(against):
    """The control: both sides have the mode."""
    report = against(rows("base", 30), rows("base_T0.6", 36))
    assert facet(report, "opening").verdict is Verdict.SHARPENED
    assert not [mode for each in report.facets for mode in each.modes if mode.verdict is ModeVerdict.UNDECIDED]


def behind_sharpening(tmp_path, left):
    """What is said of a language of a sixth, of which ``left`` texts of eleven are left behind T = .7.

    Two prompts of forty ask for it, on either side: there it stays.
    """
    english, cooler, spanish = (ground_truth(name) for name in ("base", "T0.7", "spanish"))
    asked, others = sorted(english)[:2], sorted(english)[2:]
    base = [row for key in others for row in [*english[key][:9], *spanish[key][:2]]]
    new = [row for key in others for row in [*cooler[key][: 11 - left], *spanish[key][2 : 2 + left]]]
    base += [row for key in asked for row in spanish[key][:11]]
    new += [row for key in asked for row in spanish[key][11:22]]
    report = compare(*(write(tmp_path / name, side) for name, side in (("b", base), ("n", new))), config=QUICK)
    assert report.temperature.interval[0] > 1
    return facet(report, "language")


def test_a_language_that_stays_where_it_is_asked_for_is_not_passed_elsewhere(tmp_path):
    """22% to 5%, all of it where it was asked for: that was as much as temperature may leave, and *sharpened*."""
    language = behind_sharpening(tmp_path, left=0)
    assert language.verdict is Verdict.INCONCLUSIVE
    assert [mode.label for mode in language.modes if mode.verdict is ModeVerdict.UNDECIDED] == ["Spanish"]
    assert behind_sharpening(tmp_path, left=1).verdict is Verdict.SHARPENED


@pytest.mark.parametrize(("beta", "doubted"), [(1.5, True), (2.5, False)])
def test_beyond_measure_a_mode_is_left_where_it_is_the_likeliest_alone(beta, doubted):
    """At T = .2 and .3 that was no doubt: an opening of a tenth had stayed in those prompts that it always begins."""
    rows = np.arange(40 * 24)
    prompt, new = rows // 24, rows % 24 >= 12
    has = (prompt < 3) | (~new & (rows % 12 < 2))
    table = CountTable.from_rows(prompt, new, has.astype(int)[:, None], np.zeros(2, dtype=np.int64))
    allowances = loss.Allowances(np.full(2, loss.ENTROPY_ALLOWANCE), 0.0)
    evidence = weigh_facet(table, allowances, Traits.usual(2), (beta - 0.3, beta, beta + 0.4), SETTINGS)
    assert suspects(evidence, SETTINGS).tolist() == [False, doubted]


def test_modes_that_a_higher_temperature_moved_are_flattened(against):
    opening = facet(against(rows("base_T0.6", 40), rows("base", 40)), "opening")
    assert opening.verdict is Verdict.FLATTENED
    words = {mode.verdict for mode in opening.modes}
    assert ModeVerdict.FLATTENED in words
    assert not words & {ModeVerdict.CHANGED, ModeVerdict.SHARPENED}


def test_a_mode_that_changed_for_unknown_reasons_is_not_kept(tmp_path):
    """One sample per prompt: no temperature can be told, and a label that fell from a half to a fifth may be either."""

    def labelled(side, every):
        texts = [
            {"prompt": f"Question {i}?", "text": row["text"], "mood": "calm" if i % every == 0 else "grave"}
            for i, row in enumerate(rows(side, 40))
        ]
        return read_corpus(write(tmp_path / f"{side}.jsonl", texts), columns=("mood",))

    def moods(new, every):
        config = replace(QUICK, facets=("opening",), columns=("mood",))
        report = compare(labelled("base", 2), labelled(new, every), config=config)
        return facet(report, "column:mood")

    fallen = moods("base_again", 5)
    verdicts = {mode.label: mode.verdict for mode in fallen.modes}
    assert (verdicts["calm"], verdicts["grave"]) == (ModeVerdict.CHANGED, ModeVerdict.CHANGED)
    assert "“calm” 50% → 20%" in fallen.headline or "“grave” 50% → 80%" in fallen.headline
    steady = moods("base_again", 2)
    assert {mode.verdict for mode in steady.modes} == {ModeVerdict.KEPT}


@pytest.mark.parametrize("new", ["base_again", "base_T0.6"])
def test_a_sample_too_small_to_hold_a_mode_clears_nothing(against, new):
    """In 60 texts a mode of the tolerance's share is three texts: its loss would not be seen."""
    report = against(rows("base", 5), rows(new, 5))
    for name in QUICK.gate.required_facets:
        assert facet(report, name).verdict is Verdict.INCONCLUSIVE
    assert report.gate.outcome is Outcome.INCONCLUSIVE


def risen(direction, spread, repeats_p=1.0):
    """Evidence of first words that pile up, so far along the base's favourites, and of a phrase that came to a sixth.

    ``spread`` is the half width of the interval of the direction.
    """
    prompts = np.repeat(np.arange(40), 40)
    new = np.tile(np.arange(40) >= 20, 40)
    table = CountTable.from_rows(
        prompts, new, np.where(new & (prompts % 6 == 0), 0, -1)[:, None], np.zeros(1, dtype=np.int64)
    )
    nothing = loss.Allowances(np.zeros(1), loss.REST_ALLOWANCE)
    evidence = weigh_facet(table, nothing, Traits.usual(1), (1.5, 1.8, 2.1), SETTINGS)
    tree = tree_of(direction, spread, repeats_p)
    moved = movement(tree, SETTINGS.alpha)
    return evidence, moved, judge_opening(evidence, True, tree, moved, SETTINGS)


@pytest.mark.parametrize(
    ("beta", "expected"),
    [
        ((1.0, 0.98, 1.02), Movement.SAME),
        ((1.03, 0.98, 1.09), Movement.SAME),
        ((1.03, 1.01, 1.05), Movement.SHARPENED),  # little, but surely
        ((1.1, 0.95, 1.3), Movement.SHARPENED),  # of few texts, who knows
        ((1.8, 1.5, 2.1), Movement.SHARPENED),
    ],
)
def test_first_words_that_agree_more_at_the_temperature_of_the_base_are_not_sharpened(beta, expected):
    """A loss concentrates them too: without its sad texts, a corpus was “sharpened” at T = 1.00 (0.98 to 1.02)."""
    tree = replace(tree_of(0.6, 0.2), beta=temperature.InverseTemperature(*beta, 100))
    assert movement(tree, SETTINGS.alpha) is expected


def tree_of(direction, spread, repeats_p=1.0):
    sure, never = collision.OneSided(0.5, 9.0, 1e-9), collision.OneSided(-0.5, -9.0, 1.0)
    return TreeEvidence(
        prompts=40,
        plane=collision.Plane(*np.tile([[0.1], [0.1], [0.8]], 40)),
        replaced=1.0,
        concentrated=sure,
        flattened=never,
        direction=direction,
        direction_bounds=(direction - spread, direction + spread),
        unsupported=traces.Unsupported(1, 2, 1, 1, 2, 1),
        repeats=verbatim.Repeats(0.1, 0.0, repeats_p, 0.1, 2.0),
        beta=temperature.InverseTemperature(1.8, 1.5, 2.1, 100),
    )


@pytest.mark.parametrize(
    ("beta", "share", "expected"),
    [(1.5, 0.6, Verdict.COLLAPSED), (1.5, 0.3, Verdict.INCONCLUSIVE), (2.5, 0.6, Verdict.INCONCLUSIVE)],
)
def test_cooling_makes_loops_but_only_decoding_near_zero_makes_mostly_loops(beta, share, expected):
    evidence, _, _ = risen(direction=0.4, spread=0.1)
    tree = replace(tree_of(0.4, 0.1), beta=temperature.InverseTemperature(beta, beta - 0.2, beta + 0.2, 100))
    found = judge_degeneration(evidence, True, (0.0, share), Movement.SHARPENED, SETTINGS, tree)
    assert found.verdict is expected


@pytest.mark.parametrize(("high", "expected"), [(0.9, Verdict.FLATTENED), (1.02, Verdict.SHIFTED)])
def test_fewer_loops_are_what_heat_does_only_where_there_is_heat(high, expected):
    """A tag after every new text had ended all that were cut off, “as a higher temperature predicts” at β = .97."""
    evidence, _, _ = risen(direction=0.4, spread=0.1)
    tree = replace(tree_of(0.4, 0.1), beta=temperature.InverseTemperature(high - 0.05, high - 0.1, high, 100))
    assert judge_degeneration(evidence, True, (0.3, 0.2), Movement.HOTTER, SETTINGS, tree).verdict is expected


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0.92, 1.02, True), (0.5, 1.3, False), (0.6, 0.8, False), (0.72, 0.95, False), (0.86, 0.98, True)],
)
def test_a_rare_mode_that_took_over_is_told_where_heat_is_chance(low, high, told):
    """Equal sides look hotter one time in twenty: a label that went from 1% to 72% had been an open question.

    So do texts of another kind, by their own openings: no heat up to T = 1.25 makes a rare mode common.
    """
    evidence, _, _ = risen(direction=0.4, spread=0.1)
    tree = replace(tree_of(0.4, 0.1), beta=temperature.InverseTemperature((low + high) / 2, low, high, 100))
    found = judge_shares(evidence, True, tree, Movement.HOTTER, SETTINGS)
    assert "taken-over" in found.reasons
    assert (found.verdict in (Verdict.LOST, Verdict.COLLAPSED)) == told


@pytest.mark.parametrize("moved", [Movement.SAME, Movement.UNKNOWN])
@pytest.mark.parametrize(("low", "expected"), [(0.51, Verdict.INCONCLUSIVE), (0.75, Verdict.COLLAPSED)])
def test_a_topic_that_filled_up_is_no_collapse_where_it_may_be_heat(moved, low, expected):
    """T = 1.4 with 20 samples of three prompts: β .51 to 1.10, and a topic of 15% had 85%."""
    evidence, _, _ = risen(direction=0.4, spread=0.1)
    modes = np.arange(len(evidence.base_share))
    filled = replace(
        evidence,
        base_share=np.where(modes == 0, 0.15, evidence.base_share),
        new_share=np.where(modes == 0, 0.85, evidence.new_share),
        grown=modes == 0,
        gone=modes < 0,
        taken_over=[],
    )
    tree = replace(tree_of(0.4, 0.1), beta=temperature.InverseTemperature(0.8, low, 1.1, 4))
    found = judge_shares(filled, True, tree, moved, SETTINGS)
    assert (found.verdict, found.reasons[-1]) == (expected, "dominates")


@pytest.mark.parametrize(("agreement", "expected"), [(0.22, Verdict.COLLAPSED), (1.0, Verdict.INCONCLUSIVE)])
def test_loops_behind_many_openings_are_no_greedy_decoding(agreement, expected):
    """The few sound texts of a model that mostly repeats one token had looked concentrated, and excused the others."""
    evidence, moved, _ = risen(direction=0.1, spread=0.3)
    assert moved is Movement.UNEXPLAINED
    few = tree_of(0.1, 0.3)
    everyone = replace(few, plane=replace(few.plane, qq=np.full(40, agreement)))
    found = judge_degeneration(
        evidence, True, (0.0, 0.94), moved, SETTINGS, few, of_all=lambda: (everyone, Movement.UNEXPLAINED)
    )
    assert found.verdict is expected


@pytest.mark.parametrize(
    ("of_all", "expected"), [(Movement.SAME, Verdict.COLLAPSED), (Movement.SHARPENED, Verdict.INCONCLUSIVE)]
)
def test_where_few_texts_are_sound_the_first_words_of_all_tell_the_temperature(of_all, expected):
    """24 sound texts of 400 happened to look sharpened, and 94% loops were an open question."""
    evidence, _, _ = risen(direction=0.4, spread=0.1)
    few = replace(tree_of(0.4, 0.1), beta=None)
    found = judge_degeneration(
        evidence, True, (0.0, 0.94), Movement.SHARPENED, SETTINGS, few, of_all=lambda: (few, of_all)
    )
    assert found.verdict is expected


def test_what_may_have_come_up_by_temperature_beyond_measure_is_no_loss():
    """Greedy decoding of a model that says many things brings a phrase of one text in a thousand to a sixth of all."""
    evidence, moved, found = risen(direction=0.25, spread=0.1)
    assert evidence.taken_over == [0]
    assert moved is Movement.UNEXPLAINED
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "taken-over" in found.reasons


def test_the_same_phrase_away_from_the_favourites_is_a_loss():
    _, moved, found = risen(direction=-0.1, spread=0.31)
    assert moved is Movement.UNEXPLAINED
    assert found.verdict is Verdict.LOST


@pytest.mark.parametrize(
    ("direction", "expected"), [(0.1, Movement.TRACES), (0.45, Movement.UNEXPLAINED)], ids=["traces", "along"]
)
def test_repeated_phrases_are_traces_unless_first_words_surely_went_along_the_favourites(direction, expected):
    """Copies of draws from the base take Cpq nowhere. Iterated sharpening takes it up, and repeats phrases too."""
    assert risen(direction, spread=0.12, repeats_p=0.0005)[1] is expected


@pytest.mark.parametrize(
    ("direction", "spread", "repeats_p", "open_"),
    [(0.4, 0.3, 1.0, True), (0.1, 0.05, 1.0, False), (0.45, 0.12, 0.0005, False)],
    ids=["wide", "surely not along", "phrases repeated"],
)
def test_a_temperature_that_may_explain_the_openings_is_not_said_to_be_none(direction, spread, repeats_p, open_):
    """T = 1 against T = .9 and .7 of one model: more concentrated, too little to show along what."""
    tree = tree_of(direction, spread, repeats_p)
    assert undecided(tree, Movement.UNEXPLAINED) is open_
    assert not undecided(tree, Movement.REDIRECTED)
    why = without_temperature(Judgement(tree, Movement.UNEXPLAINED, WITHOUT_TEMPERATURE, {}))
    assert ("this sample does not show" in why) is open_
    assert ("did not move as any temperature" in why) is not open_


def test_tolerance_decides_how_many_texts_clear_a_facet(tmp_path):
    base, new = (read_corpus(write(tmp_path / f"{side}.jsonl", rows(side, 8))) for side in ("base", "base_again"))
    wide = replace(QUICK, tolerance=0.2, facets=("language",), gate=Policy(required_facets=("language",)))
    assert compare(base, new, config=wide).verdict is Verdict.UNCHANGED
    narrow = replace(wide, tolerance=0.04)
    assert compare(base, new, config=narrow).verdict is Verdict.INCONCLUSIVE


def shares_of(base, new, prompts=40, samples=4):
    """Evidence of a facet of two modes; so many of every four texts of each prompt and side have the second one."""
    rows = np.arange(prompts * 2 * samples)
    prompt, within = rows // (2 * samples), rows % (2 * samples)
    is_new = within >= samples
    has = within % 4 < np.where(is_new, new, base)
    table = CountTable.from_rows(prompt, is_new, has.astype(int)[:, None], np.zeros(2, dtype=np.int64))
    allowances = loss.Allowances(np.full(2, loss.ENTROPY_ALLOWANCE), 0.0)
    return weigh_facet(table, allowances, Traits.usual(2), WITHOUT_TEMPERATURE, SETTINGS)


@pytest.mark.parametrize(("moved", "known"), [(Movement.UNKNOWN, True), (Movement.SAME, False)])
@pytest.mark.parametrize(
    ("base", "new", "expected"),
    [(2, 0, Verdict.INCONCLUSIVE), (1, 4, Verdict.INCONCLUSIVE), (0, 4, Verdict.COLLAPSED), (0, 1, Verdict.LOST)],
    ids=["gone", "grown", "unheard of, and all there is", "unheard of, and a quarter"],
)
def test_without_a_temperature_only_a_mode_nobody_met_before_is_a_loss(moved, known, base, new, expected):
    """Decoding near zero takes away what is not likeliest, and what is likeliest everywhere; it makes nothing new."""
    tree = tree_of(0.4, 0.1)
    evidence = shares_of(base, new)
    found = judge_shares(evidence, True, tree if known else replace(tree, beta=None), moved, SETTINGS)
    assert found.verdict is expected
    assert ("temperature-unknown" in found.reasons) is (expected is Verdict.INCONCLUSIVE)


def test_without_a_temperature_a_new_phrase_is_a_loss_from_half_of_all_texts():
    """Greedy decoding makes a phrase out of one text in a thousand, but not everybody's."""
    tree = replace(tree_of(0.4, 0.1), beta=None)
    for new, expected in [(1, Verdict.INCONCLUSIVE), (3, Verdict.COLLAPSED)]:
        assert judge_opening(shares_of(0, new), True, tree, Movement.SAME, SETTINGS).verdict is expected


def test_two_samples_of_a_prompt_tell_no_temperature():
    """With two, intervals at T = 0.7 or 1.4 mostly miss: they are drawn to 1."""
    rng = np.random.default_rng(0)
    for samples, told in [(3, False), (4, True)]:
        first = rng.choice(5, p=[0.5, 0.2, 0.15, 0.1, 0.05], size=40 * 2 * samples)
        words = np.column_stack([first, *[np.arange(len(first))] * (temperature.DEPTH - 1)])
        tree = WordTree(np.repeat(np.arange(40), 2 * samples), np.tile(np.arange(2 * samples) >= samples, 40), words)
        assert (inverse_temperature(tree, SETTINGS) is not None) is told


@pytest.mark.parametrize(("distinct", "expected"), [(1, Verdict.INCONCLUSIVE), (20, Verdict.COLLAPSED)])
def test_what_one_repeated_text_of_a_prompt_is_like_is_no_mode_of_a_model(tmp_path, distinct, expected):
    """Three prompts tell no temperature. Greedy decoding then shows one text of each, twenty times over."""
    base, new = rows("base", 20), rows("base_again", 20)
    few = sorted({row["prompt"] for row in base})[:3]
    base = [row | {"tone": "plain"} for row in base if row["prompt"] in few]
    new = [row | {"tone": "solemn"} for prompt in few for row in _first(new, prompt, distinct) * (20 // distinct)]
    paths = [write(tmp_path / f"{side}.jsonl", some) for side, some in (("b", base), ("n", new))]
    report = compare(*paths, config=replace(QUICK, columns=("tone",)))
    assert facet(report, "column:tone").verdict is expected


def _first(some, prompt, count):
    return [row for row in some if row["prompt"] == prompt][:count]


def test_few_prompts_with_many_samples_may_show_that_the_temperature_moved_little():
    """Over three to five prompts β at T = 0.3 and greedy decoding never ended below 1.9."""
    few = replace(tree_of(0.4, 0.1), prompts=4, beta=temperature.InverseTemperature(1.1, 0.9, 1.3, 30))
    gone = shares_of(2, 0, prompts=4, samples=400)
    assert judge_shares(gone, True, few, Movement.UNKNOWN, SETTINGS).verdict is Verdict.LOST
    wide = replace(few, beta=temperature.InverseTemperature(1.1, 0.5, 2.4, 30))
    assert judge_shares(gone, True, wide, Movement.UNKNOWN, SETTINGS).verdict is Verdict.INCONCLUSIVE


def test_a_mode_of_which_hardly_a_text_is_left_is_not_hidden_by_others_that_fell_a_little():
    """A register of 18% was at 2%, others at four fifths of what they had been: together more than half was left."""
    rng = np.random.default_rng(0)
    prompt, new = np.repeat(np.arange(40), 600), np.tile(np.arange(600) >= 300, 40)
    before, after = [0.18, *[0.12] * 4, *[0.068] * 5], [0.02, *[0.105] * 4, *[0.112] * 5]
    labels = np.where(new, rng.choice(10, len(new), p=after), rng.choice(10, len(new), p=before))
    table = CountTable.from_rows(prompt, new, labels[:, None], np.zeros(10, dtype=np.int64))
    allowances = loss.Allowances(np.full(10, loss.ENTROPY_ALLOWANCE), 0.0)
    evidence = weigh_facet(table, allowances, Traits.usual(10), (0.98, 1.0, 1.02), SETTINGS)
    gone = evidence.gone
    assert gone.sum() > 1 and evidence.new_share[gone].sum() > 0.5 * evidence.prediction.low[gone].sum()
    tree = replace(tree_of(0.4, 0.1), beta=None)
    found = judge_shares(evidence, True, tree, Movement.SAME, SETTINGS)
    assert "thinned" in found.reasons
