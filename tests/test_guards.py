"""What a corpus may be like without being what the tests assume: said, and never made a finding of."""

import random
from dataclasses import dataclass, replace

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.facets.whole_text import WholeText, chance_of_copies, copies
from modecollapse.judgement.base import Finding
from modecollapse.judgement.copies import (
    Repeats,
    allowing_for_copies,
    on_copies,
    on_new_copies,
    on_risen_copies,
    without_copies,
)
from modecollapse.judgement.evidence import Settings
from modecollapse.pairing import Side, pair
from modecollapse.policy import Policy
from modecollapse.report import Verdict
from tests.corpora import QUICK, sentence, write

LOSSES = {Verdict.LOST, Verdict.COLLAPSED}
OPENING = replace(QUICK, facets=("opening",), gate=Policy(required_facets=("opening",)))


@pytest.fixture
def against(tmp_path):
    def comparison(base, new, config=OPENING):
        paths = [write(tmp_path / f"{side}.jsonl", rows) for side, rows in (("base", base), ("new", new))]
        return compare(*paths, config=config)

    return comparison


def codes(report):
    return [warning.code for warning in report.warnings]


def facet(report, name):
    return next(facet for facet in report.facets if facet.name == name)


# Seeds shared between prompts

OPENINGS = tuple(f"{sentence(random.Random(i), 2)[:-1]} indeed, " for i in range(12))


def seeded(prompts, samples, seed, sample_field=True):
    """Each prompt prefers other openings; sample j of every prompt is drawn with the same uniform number."""
    shares = np.random.default_rng(0).dirichlet(np.full(len(OPENINGS), 0.5), size=prompts) + 0.02
    uniform, rng = np.random.default_rng(seed).random(samples), random.Random(seed)
    return [
        {"prompt": f"Prompt {i}", "text": OPENINGS[opening] + sentence(rng)} | ({"sample": j} if sample_field else {})
        for i, share in enumerate(shares)
        for j, opening in enumerate(np.searchsorted(share.cumsum() / share.sum(), uniform).tolist())
    ]


@pytest.mark.parametrize("sample_field", [True, False])
def test_shared_seeds_are_told_and_are_no_change(against, sample_field):
    report = against(*(seeded(12, 12, seed, sample_field) for seed in (1, 2)))
    assert codes(report).count("shared-seeds") == 2
    assert report.error_rates is None, "measured on samples with a seed of their own"
    assert facet(report, "opening").verdict is Verdict.INCONCLUSIVE
    assert facet(report, "opening").tests[0].p_value > 0.01


def test_row_order_decides_nothing_where_samples_are_numbered(against):
    base, new = seeded(8, 10, 1), seeded(8, 10, 2)
    shuffled = [random.Random(seed).sample(rows, len(rows)) for seed, rows in ((3, base), (4, new))]
    one, other = against(base, new), against(*shuffled)
    assert "shared-seeds" in codes(one)
    assert facet(one, "opening").tests == facet(other, "opening").tests
    assert one.temperature == other.temperature


def test_a_locked_opening_is_found_despite_shared_seeds(against):
    base = seeded(12, 12, 1)
    locked = [row | {"text": f"As ever, dear friend: {row['text']}"} for row in seeded(12, 12, 2)]
    report = against(base, locked)
    assert "shared-seeds" in codes(report)
    assert report.verdict is Verdict.COLLAPSED


# Copies


def topical(prompts, samples, seed, share, copied=1, opening="Thought: "):
    """Texts that all open alike; the part ``share`` of the distinct ones plays the cook. ``copied`` rows of each."""
    rng = random.Random(seed)
    rows = []
    for i in range(prompts):
        for _ in range(samples // copied):
            role = "cook" if rng.random() < share else "pirate"
            rows += [{"prompt": f"Prompt {i}", "text": opening + sentence(rng), "role": role}] * copied
    return rows


ROLES = replace(QUICK, facets=("degeneration",), columns=("role",), gate=Policy(required_facets=()))


def test_a_base_of_copies_supports_no_loss(against):
    """Eight rows of one text say 'always' where the model may say it as often as not."""
    base = topical(12, 8, 1, 0.95, copied=8)
    new = topical(12, 8, 2, 0.35)
    report = against(base, new, ROLES)
    assert "duplicate-samples" in codes(report)
    assert "84 of 96 texts of base" in next(w.message for w in report.warnings if w.code == "duplicate-samples")
    assert report.error_rates is None, "measured on samples drawn one by one"
    role = facet(report, "column:role")
    assert role.verdict is Verdict.INCONCLUSIVE
    assert "copied-base" in role.reasons


@pytest.mark.parametrize("word", [Verdict.LOST, Verdict.COLLAPSED, Verdict.SHIFTED, Verdict.FLATTENED])
def test_nothing_is_said_to_be_lost_or_kept_against_copies(word):
    open_ = Finding(Verdict.INCONCLUSIVE, ("copied-base", "thinned"))
    found = Finding(word, ("thinned",))
    assert on_copies(found, mostly=True) == open_
    assert on_copies(found, mostly=False) == (open_ if word in LOSSES else found)
    assert on_copies(Finding(Verdict.SHARPENED), mostly=True).verdict is Verdict.SHARPENED


def partly_copied(seed, share, copied=4):
    """Eight texts a prompt, of which all but one of ``copied`` are copies of another one."""
    return topical(24, copied, seed, share, copied=copied) + topical(24, 8 - copied, seed + 1, share)


@pytest.mark.parametrize(("share", "copied"), [(0.8, Verdict.INCONCLUSIVE), (1.0, Verdict.COLLAPSED)])
def test_a_third_of_copies_is_too_much_for_a_loss_that_is_not_overwhelming(against, share, copied):
    """A real API drew the answers to one question in one conversation: at T = 1, a third of them were copies.

    Most cooks gone are a loss to a base of samples; pirates, never met before, in half of all texts to this one, too.
    """
    new = topical(24, 8, 9, 0.02 if share < 1 else 0.35)
    alone, beside_copies = (against(base, new, ROLES) for base in (topical(24, 8, 1, share), partly_copied(1, share)))
    assert facet(alone, "column:role").verdict in LOSSES
    told = [w.message for w in beside_copies.warnings if w.code == "duplicate-samples"]
    assert told[0].startswith("72 of 192 texts of base")
    role = facet(beside_copies, "column:role")
    assert role.verdict is copied
    assert ("copied-base" in role.reasons) == (copied is Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(("copied", "open_"), [(3, True), (2, False)])
def test_a_quarter_of_copies_is_too_much_and_an_eighth_is_not(against, copied, open_):
    """But an eighth is enough for the study, whose samples are drawn one by one, to promise nothing."""
    report = against(partly_copied(1, 0.8, copied), topical(24, 8, 9, 0.02), ROLES)
    assert "duplicate-samples" in codes(report)
    assert report.error_rates is None
    role = facet(report, "column:role")
    assert ("copied-base" in role.reasons) is open_
    assert (role.verdict in LOSSES) is not open_


@pytest.mark.parametrize(("copied", "mostly"), [(3, False), (7, True)])
def test_only_a_base_that_is_mostly_copies_leaves_open_what_came_up(against, monkeypatch, copied, mostly):
    asked = []
    monkeypatch.setattr(
        "modecollapse.judgement.copies.on_copies", lambda finding, **how: asked.append(how) or on_copies(finding, **how)
    )
    against(partly_copied(1, 0.9, copied), topical(24, 8, 9, 0.65), ROLES)
    assert asked
    assert all(how == {"mostly": mostly} for how in asked)


def test_few_copies_are_told_to_nobody(against):
    """Two texts of sixteen may be alike by chance, or by a retry."""
    base = topical(2, 8, 1, 0.5)
    base[1], base[9] = dict(base[0]), dict(base[8])
    assert "duplicate-samples" not in codes(against(base, topical(2, 8, 2, 0.5), ROLES))


def test_no_temperature_beyond_what_can_be_set_is_proposed_for_one_text_per_prompt(against):
    rng = random.Random(3)
    base, new = [], []
    for i in range(10):
        texts = [sentence(rng) for _ in range(6)]
        base += [{"prompt": f"{i}", "text": texts[min(5, int(rng.expovariate(0.7)))]} for _ in range(20)]
        new += [{"prompt": f"{i}", "text": texts[0]} for _ in range(20)]
    report = against(base, new)
    assert report.verdict in {Verdict.SHARPENED, Verdict.INCONCLUSIVE}
    wanted = report.temperature.recovery_temperature.value
    assert wanted is None or wanted <= 4
    assert "duplicate-samples" in codes(report)


def test_copies_on_the_new_side_are_told_and_excuse_nothing(against):
    base = topical(10, 10, 1, 0.5, opening="")
    report = against(base, [row | {"text": f"Once and for all, dear: {row['prompt']} is as it is."} for row in base])
    assert codes(report).count("duplicate-samples") == 1
    assert report.error_rates is not None
    assert report.verdict in LOSSES


def one_beginning(seed, copied):
    """Texts of which nine in ten begin with their prompt's favourite words; ``copied`` rows of each."""
    rng = random.Random(seed)
    return [
        {"prompt": f"Prompt {i}", "text": text}
        for i in range(30)
        for _ in range(12 // copied)
        for text in [f"{'Well, look' if rng.random() < 0.8 else rng.choice(['So', 'Hm', 'Oh'])} {sentence(rng, 20)}"]
        for _ in range(copied)
    ]


def test_one_text_of_each_prompt_is_not_the_base_at_a_lower_temperature(against):
    """Chat models begin alike at T = 1: one answer each, said again and again, had been *sharpened* to T = .54."""
    new = [row for row in one_beginning(2, copied=12) if row["text"].startswith("Well")]
    report = against(one_beginning(1, copied=1), new)
    assert report.temperature.inverse_temperature is not None
    opening = facet(report, "opening")
    assert (opening.verdict, opening.reasons) == (Verdict.INCONCLUSIVE, ["copied-new"])


def test_copies_that_the_base_has_too_excuse_no_one():
    sharpened = Finding(Verdict.SHARPENED)
    assert on_new_copies(sharpened, unknown=False, alone=True).reasons == ("copied-new",)
    assert on_new_copies(sharpened, unknown=False, alone=False) == sharpened
    lost = Finding(Verdict.LOST, ("thinned",))
    assert on_new_copies(lost, unknown=False, alone=True) == lost
    assert on_new_copies(lost, unknown=True, alone=False).reasons == ("temperature-unknown", "thinned")


@dataclass(frozen=True)
class Judged:
    """As much of a judged facet as copies may change."""

    finding: Finding


@pytest.mark.parametrize(("prompts", "rose"), [(0, False), (1, False), (5, True)])
def test_prompts_of_which_one_text_is_left_are_seen(tmp_path, prompts, rose):
    """A sixth of the prompts had one answer each, and the whole had been *shifted, nothing lost*."""
    new = one_beginning(2, copied=1)
    left = {f"Prompt {i}": next(row for row in new if row["prompt"] == f"Prompt {i}") for i in range(prompts)}
    sides = {"base": one_beginning(1, copied=1), "new": [left.get(row["prompt"], row) for row in new]}
    joined = pair(**{side: read_corpus(write(tmp_path / side, rows)) for side, rows in sides.items()})
    settings = Settings(0.01, 0.05, 400, 0)
    base, later = (Repeats.read(joined, joined.matched, side) for side in (Side.BASE, Side.NEW))
    assert base.rose_to(later, settings) == rose
    passing = {"opening": Judged(Finding(Verdict.UNCHANGED)), "topic": Judged(Finding(Verdict.UNCHANGED))}
    found = allowing_for_copies(passing, joined, joined.matched, False, settings)
    assert found["opening"].finding.verdict is (Verdict.INCONCLUSIVE if rose else Verdict.UNCHANGED)
    assert found["topic"] == passing["topic"]


def test_openings_pass_no_more_where_copies_rose():
    assert on_risen_copies(Finding(Verdict.UNCHANGED)) == Finding(Verdict.INCONCLUSIVE, ("copied-new",))
    for word in (Verdict.SHARPENED, Verdict.LOST):
        assert on_risen_copies(Finding(word)).verdict is word


def test_the_chance_that_two_texts_of_a_prompt_are_copies():
    """Prompt 0: one pair of six. 1: one text alone. 2: a pair that prompt 3 says as well. 3: short ones."""
    long = "A text of eight words or more, said {}."
    texts = [long.format("a"), long.format("a"), long.format("b"), long.format("c"), long.format("d")]
    texts += [long.format("e"), long.format("e"), long.format("e"), "Yes.", "Yes."]
    prompts = [0, 0, 0, 0, 1, 2, 2, 3, 3, 3]
    chances = chance_of_copies(np.array(prompts), [WholeText.of(text) for text in texts], 5)
    np.testing.assert_allclose(chances, [1 / 6, np.nan, 0, 0, np.nan])


def test_a_file_written_twice_is_read_once(against):
    base, new = with_role(1, 0.25), with_role(2, 0.25)
    once, twice = against(base, new, ROLES), against(base, new * 2, ROLES)
    assert "repeated-rows" in codes(twice)
    assert "duplicate-samples" not in codes(twice)
    assert facet(twice, "column:role").tests == facet(once, "column:role").tests
    assert twice.verdict == once.verdict


def test_one_text_per_prompt_is_no_file_written_twice(against):
    base = with_role(1, 0.25)
    greedy = [row | {"text": next(other["text"] for other in base if other["prompt"] == row["prompt"])} for row in base]
    report = against(base, greedy)
    assert "repeated-rows" not in codes(report)
    assert "duplicate-samples" in codes(report)


def stocked(seed, share, copied=("I am sorry, but I can not help you with that.",)):
    """Texts of 20 prompts, of which the ``share`` are one of the ``copied``."""
    rng = random.Random(seed)
    return [
        {"prompt": f"Prompt {i}", "text": rng.choice(copied) if rng.random() < share else f"So {sentence(rng, 12)}"}
        for i in range(20)
        for _ in range(16)
    ]


def without_duplicates(rows):
    return list({(row["prompt"], row["text"]): row for row in rows}.values())


@pytest.mark.parametrize("side", ["base", "new"])
def test_shares_of_a_side_whose_copies_were_taken_out_are_no_evidence(against, side):
    """A stock answer that is half of both sides' texts had *collapsed* a model beside a base that was de-duplicated."""
    rows = {"base": stocked(1, 0.6), "new": stocked(2, 0.6)}
    assert "copies-left-out" not in codes(against(**rows))
    rows[side] = without_duplicates(rows[side])
    report = against(**rows)
    told = [warning.message for warning in report.warnings if warning.code == "copies-left-out"]
    assert len(told) == 1
    assert told[0].startswith(f"No text of {side} ")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert not any(found.verdict in LOSSES for found in report.facets)


def test_what_the_base_has_no_text_of_is_seen_beside_copies_that_were_taken_out(against):
    """That each text stands once hides no mode."""
    new = [row | {"text": row["text"].replace("So", "Arr, me hearties, so")} for row in stocked(2, 0.3)]
    report = against(without_duplicates(stocked(1, 0.3)), new)
    assert "copies-left-out" in codes(report)
    assert facet(report, "opening").verdict in LOSSES


@pytest.mark.parametrize(("several", "uneven", "found"), [(1, True, None), (3, True, Side.BASE), (3, False, None)])
def test_texts_of_the_base_may_be_what_the_model_was_trained_on(tmp_path, several, uneven, found):
    """One for each prompt, or any number of a base that has as many texts of each prompt: no copies were taken out."""
    base, rng = stocked(1, 0.0), random.Random(3)
    by_prompt = {row["prompt"]: [other for other in base if other["prompt"] == row["prompt"]] for row in base}
    new = stocked(2, 0.0) + [row for rows in by_prompt.values() for row in rows[:several] * 5]
    left = [row for rows in by_prompt.values() for row in rows[: rng.randint(4, 16) if uneven else 16]]
    joined = pair(*(read_corpus(write(tmp_path / name, rows)) for name, rows in (("b", left), ("n", new))))
    assert without_copies(joined, joined.matched) is found


def test_a_stock_answer_and_a_short_one_are_no_copies():
    prompts = [0, 0, 1, 1, 2, 2, 2, 3, 3]
    stock = "I am sorry, but I can not help you with that request."
    own = "The old sailor walks slowly over the bridge at night again."
    texts = [stock, stock, stock, stock, own, own, own + " So.", "Yes.", "Yes."]
    assert copies(np.array(prompts), [WholeText.of(text) for text in texts]).tolist() == [
        False,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
        False,
    ]


# Prompts


def test_prompts_with_the_same_text_under_several_other_ids_are_pointed_out(against):
    base, new = (
        [
            {"prompt_id": f"{run}-{i}", "prompt": f"Tell me about {i // 2}.", "text": sentence(random.Random(i))}
            for i in range(8)
        ]
        for run in ("a", "b")
    )
    report = against(base, new)
    message = next(warning.message for warning in report.warnings if warning.code == "prompts-differ-by-name")
    assert message.startswith("4 prompts")
    assert "--prompt-field" in message
    assert report.verdict is Verdict.INCONCLUSIVE


# Truncation


def with_role(seed, share, **fields):
    """Each prompt has openings of its own; the part ``share`` of all texts plays the ghost."""
    rng = random.Random(seed)
    return [
        {"prompt": f"Prompt {i}", "text": OPENINGS[min(int(rng.expovariate(0.6)) + i, 11)] + sentence(rng)}
        | {"role": "ghost" if rng.random() < share else "cook", **fields}
        for i in range(6)
        for _ in range(40)
    ]


@pytest.mark.parametrize(("told", "expected"), [({"top_p": 0.9}, "may-be-truncation"), ({"top_p": 1.0}, "thinned")])
def test_a_tail_mode_that_truncation_may_have_cut_is_not_lost(against, told, expected):
    base, new = with_role(1, 0.25, top_p=1.0), with_role(2, 0.0, **told)
    report = against(base, new, ROLES)
    role = facet(report, "column:role")
    assert expected in role.reasons
    assert (role.verdict in LOSSES) == (expected == "thinned")
    assert ("unequal-truncation" in codes(report)) == (expected == "may-be-truncation")


# What a majority gives way to


def test_a_column_that_turns_over_is_a_collapse(against):
    """Two values: the one that fell only made room for the other, which is no excuse."""
    report = against(topical(12, 8, 1, 0.95), topical(12, 8, 2, 0.02), ROLES)
    assert facet(report, "column:role").verdict is Verdict.COLLAPSED
    assert "duplicate-samples" not in codes(report)


def heated(seed, share, rate):
    """As ``with_role``, openings spread by ``rate``; ghosts are a part ``share``."""
    rng = random.Random(seed)
    return [
        {"prompt": f"Prompt {i}", "text": OPENINGS[min(int(rng.expovariate(rate)), 11)] + sentence(rng)}
        | {"role": "ghost" if rng.random() < share else rng.choice(["cook", "poet"])}
        for i in range(12)
        for _ in range(60)
    ]


@pytest.mark.parametrize("ghosts", [0.0, 0.08])
def test_a_role_from_nowhere_is_more_than_heat(against, ghosts):
    """The openings are those of a hotter model in either case; heat brings no role that the base never has."""
    report = against(heated(1, 0.0, 0.9), heated(2, ghosts, 0.6), replace(ROLES, facets=("opening",)))
    assert facet(report, "opening").verdict is Verdict.FLATTENED
    assert (facet(report, "column:role").verdict is Verdict.SHIFTED) == (ghosts > 0)
    for wanted in report.samples_wanted:
        assert sorted(wanted.temperature.interval) == list(wanted.temperature.interval)


def numbers_in(answer, numbers, seed):
    rng = random.Random(seed)
    return [{"prompt": f"Prompt {i}", "text": answer.format(rng.choice(numbers))} for i in range(12) for _ in range(20)]


@pytest.mark.parametrize(
    ("answer", "told"), [("The year is {}.", True), ("I would not give it the long number {}.", False)]
)
def test_answers_that_are_long_numbers_are_told_to_look_alike(against, answer, told):
    """All years but one are gone, and the openings can't know; they do not read as far as the last word."""
    report = against(numbers_in(answer, range(1990, 2000), 0), numbers_in(answer, [1997], 1))
    assert ("numbers-as-one" in codes(report)) is told


def test_ratings_that_are_gone_are_lost(against):
    """Of ten ratings one is left: openings that read all numbers as one had been *unchanged*."""
    report = against(numbers_in("Rating: {}/10.", range(1, 11), 0), numbers_in("Rating: {}/10.", [7], 1))
    assert facet(report, "opening").verdict in (Verdict.LOST, Verdict.COLLAPSED)
    assert "numbers-as-one" not in codes(report)


def test_the_day_on_which_texts_were_written_is_no_opening(against):
    base, new = (
        [row | {"text": f"[{time}] {row['text']}"} for row in numbers_in("The answer is {}.", range(5), seed)]
        for seed, time in enumerate(("2026-11-01 09:15", "2026-11-29 18:15"))
    )
    assert facet(against(base, new), "opening").verdict not in LOSSES


@pytest.mark.parametrize(("words", "told"), [(8, True), (30, False)])
def test_short_texts_beside_long_ones_are_told(against, words, told):
    """Eight words of each text against the whole of it had made topics *collapsed*, with no word on why."""
    rng = random.Random(0)
    base = [{"prompt": f"Prompt {i}", "text": sentence(rng, 50)} for i in range(8) for _ in range(20)]
    new = [{**row, "text": " ".join(sentence(rng, 50).split()[:words])} for row in base]
    for one, other in ((base, new), (new, base)):
        assert ("unequal-lengths" in codes(against(one, other))) is told
