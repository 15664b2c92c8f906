"""The whole path on small corpora: what must hold for any input, and what odd input must not do."""

import json
import math
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, replace

import jsonschema
import numpy as np
import pytest

from modecollapse.cli import main
from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.errors import InputError
from modecollapse.judgement.evidence import Settings, weigh_tree
from modecollapse.judgement.weighing import word_tree
from modecollapse.pairing import pair
from modecollapse.report import Estimate, Evidence, ModeVerdict, Outcome, Report, Temperature, Verdict, json_schema
from modecollapse.reporting.wording import headline
from tests.corpora import QUICK, WITHOUT_ENCODER, made_up, sample, sentence, with_vectors, write

LOSSES = {Verdict.LOST, Verdict.COLLAPSED}
SCHEMA = jsonschema.Draft202012Validator(json_schema())


@pytest.fixture
def against(tmp_path):
    """Compare rows with rows, through files, and hold the report to what every report must be."""

    def comparison(base, new, config=QUICK, **named):
        report = compare(
            write(tmp_path / "base.jsonl", base), write(tmp_path / "new.jsonl", new), config=config, **named
        )
        check(report)
        return report

    return comparison


def check(report):
    """Valid against the published schema, the same after reading it back, and every number finite."""
    text = report.to_json()
    SCHEMA.validate(json.loads(text))
    assert Report.from_json(text).to_json() == text
    assert list(_not_finite(asdict(report))) == []


def _not_finite(value):
    if isinstance(value, float) and not math.isfinite(value):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _not_finite(part)


def facet(report, name):
    return next(facet for facet in report.facets if facet.name == name)


def codes(report):
    return [warning.code for warning in report.warnings]


def without_what_may_differ(report):
    """The report without provenance and line numbers: the same for the same rows, whatever their order."""
    kept = json.loads(report.to_json())
    del kept["provenance"]
    for side in kept["corpora"].values():
        for skipped in (side or {}).get("skipped", []):
            del skipped["line"]
    for facet in kept["facets"]:
        for mode in facet["modes"]:
            for example in [*mode["examples"]["base"], *mode["examples"]["new"]]:
                del example["line"]
    return kept


# Order and chance


def test_order_of_rows_decides_nothing(tmp_path):
    """All facets: learning is where row order sneaks in."""
    base, new = (_with_openings(made_up(6, 15, seed), seed) for seed in (1, 2))
    shuffled = [random.Random(seed).sample(rows, len(rows)) for seed, rows in ((3, base), (4, new))]
    config = replace(QUICK, facets=None)
    reports = []
    for rows in ((base, new), shuffled):
        corpora = [read_corpus(write(tmp_path / f"{i}.jsonl", side)) for i, side in enumerate(rows)]
        reports.append(compare(*with_vectors(*corpora, dimensions=32), config=config))
    one, other = map(without_what_may_differ, reports)
    assert one == other
    check(reports[0])


def _with_openings(rows, seed):
    rng = random.Random(seed)
    openings = ("Well, here it is. ", "As an old sailor, I say: ", "")
    return [row | {"text": rng.choice(openings) + row["text"]} for row in rows]


_ALONE = """
import sys
from dataclasses import replace
from modecollapse.comparison import compare
from tests.corpora import QUICK
report = compare(sys.argv[1], sys.argv[2], config=QUICK)
sys.stdout.write(replace(report, provenance={}).to_json())
"""


def test_same_bytes_in_every_process(tmp_path):
    paths = [str(write(tmp_path / f"{seed}.jsonl", _with_openings(made_up(6, 10, seed), seed))) for seed in (1, 2)]
    outputs = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", _ALONE, *paths], env=environment, capture_output=True, check=True, timeout=120
        )
        outputs.add(done.stdout)
    here = compare(*paths, config=QUICK)
    outputs.add(replace(here, provenance={}).to_json().encode())
    assert len(outputs) == 1


# Sides


def test_swapping_the_corpora_mirrors_the_shares(tmp_path):
    base = write(tmp_path / "base.jsonl", _with_openings(made_up(6, 10, 1), 1))
    new = write(tmp_path / "new.jsonl", [row | {"text": "Here we go. " + row["text"]} for row in made_up(6, 14, 2)])
    forward, backward = compare(base, new, config=QUICK), compare(new, base, config=QUICK)
    for one, other in zip(forward.facets, backward.facets, strict=True):
        shares = {mode.id: (mode.base_share, mode.new_share) for mode in one.modes}
        assert {mode.id: (mode.new_share, mode.base_share) for mode in other.modes} == shares
        assert (one.effective_modes.base.value, one.effective_modes.new.value) == pytest.approx(
            (other.effective_modes.new.value, other.effective_modes.base.value)
        )
    assert any(mode.new_share.value > mode.base_share.value == 0 for mode in facet(forward, "opening").modes)


def test_swapping_the_corpora_turns_the_sign_of_the_temperature():
    settings = Settings(alpha=0.01, tolerance=0.05, resamples=100, seed=0)
    logs = []
    for base, new in ((sample("base"), sample("base_T0.6")), (sample("base_T0.6"), sample("base"))):
        pooled = pair(base, new)
        beta = weigh_tree(word_tree(pooled, np.ones(len(pooled.rows), dtype=bool)), settings).beta
        logs.append(math.log(beta.value))
    forward, backward = logs
    assert forward > math.log(1.2)
    assert backward == pytest.approx(-forward, abs=0.1)


# Too little to say


def test_same_file_twice_is_a_warning_and_never_a_finding(against):
    rows = _with_openings(made_up(8, 10, 1), 1)
    report = against(rows, rows)
    assert codes(report)[0] == "identical-corpora"
    assert {each.verdict for each in report.facets} <= {Verdict.UNCHANGED, Verdict.INCONCLUSIVE}
    assert report.temperature.recovery_temperature.value is None


def test_same_rows_in_another_order_are_the_same_file(against):
    rows = made_up(3, 5, 1)
    assert "identical-corpora" in codes(against(rows, rows[::-1]))


def test_same_file_twice_with_several_temperatures(against):
    rows = [row | {"temperature": (0.6, 1.0)[i % 2]} for i, row in enumerate(made_up(8, 20, 1))]
    report = against(rows, rows)
    assert "identical-corpora" in codes(report)
    assert {each.verdict for each in report.facets} <= {Verdict.UNCHANGED, Verdict.INCONCLUSIVE}


def test_prompts_of_one_side_are_named(against):
    report = against(made_up(8, 5, 1), made_up(10, 5, 2))
    message = next(warning.message for warning in report.warnings if warning.code == "unmatched-prompts")
    assert "2 prompts stand in new only" in message
    assert "Prompt 8" in message
    assert "Prompt 9" in message


def test_no_common_prompt_is_inconclusive(tmp_path, capsys):
    base = write(tmp_path / "base.jsonl", made_up(4, 5, 1))
    new = write(tmp_path / "new.jsonl", [row | {"prompt": "Other " + row["prompt"]} for row in made_up(4, 5, 2)])
    options = [option for name in WITHOUT_ENCODER for option in ("--facet", name)]
    assert main(["compare", str(base), str(new), *options, "--json"]) == 3
    report = Report.from_json(capsys.readouterr().out)
    check(report)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert all(each.reasons == ["no-common-prompts"] for each in report.facets)


@pytest.mark.parametrize("samples", [(1, 1), (1, 50), (50, 1)], ids=str)
def test_one_sample_per_prompt_has_no_temperature_and_says_so(against, samples):
    report = against(made_up(8, samples[0], 1), made_up(8, samples[1], 2))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.temperature.inverse_temperature is None
    assert "No temperature could be estimated" in report.temperature.notes[0]
    assert {"one-sample-per-prompt", "few-prompts"} & set(codes(report))
    assert facet(report, "opening").samples_needed > 10


def test_a_thousand_prompts_of_one_sample(against):
    report = against(made_up(1000, 1, 1), made_up(1000, 1, 2))
    assert report.verdict not in LOSSES
    assert report.temperature.inverse_temperature is None
    assert "one-sample-per-prompt" in codes(report)


def test_one_row_a_side_proves_nothing(against):
    """Two rows that agree are no evidence that nothing was lost."""
    report = against(made_up(1, 1, 1), made_up(1, 1, 2))
    assert {each.verdict for each in report.facets} == {Verdict.INCONCLUSIVE}
    assert report.gate.outcome is Outcome.INCONCLUSIVE


def test_one_prompt_alone_is_not_enough_for_sharpening(against):
    report = against(made_up(1, 60, 1), made_up(1, 60, 2))
    assert report.verdict in {Verdict.UNCHANGED, Verdict.INCONCLUSIVE}
    assert "few-prompts" in codes(report)


def one_prompt(texts):
    return [{"prompt": "Tell me something.", "text": text} for text in texts]


def varied(seed, texts=120, favoured=8):
    """Four texts in ten begin with the same word, the others each with one of twelve; unless none is ``favoured``."""
    rng = random.Random(seed)
    firsts = [
        "Well",
        *["Yes", "No", "Once", "There", "It", "They", "People", "Nobody", "Maybe", "Sure", "Today", "Here"],
    ]
    return one_prompt(f"{rng.choices(firsts, [favoured] + [1] * 12)[0]}, {sentence(rng).lower()}" for _ in range(texts))


def locked(opening, seed=2):
    return one_prompt(f"{opening} {sentence(random.Random(seed + i)).lower()}" for i in range(120))


@pytest.mark.parametrize("prompts", [1, 2])
def test_a_new_opening_of_all_answers_to_one_prompt_is_a_collapse(against, prompts):
    base, new = (
        [{**row, "prompt": f"Prompt {i % prompts}"} for i, row in enumerate(rows)]
        for rows in (varied(1), locked("It's a difficult question to answer, and"))
    )
    report = against(base, new)
    assert report.verdict is Verdict.COLLAPSED
    assert facet(report, "opening").verdict is Verdict.COLLAPSED
    message = next(warning.message for warning in report.warnings if warning.code == "few-prompts")
    assert "order of first words" in message
    assert any(test.name == "stats.order.reversal" and test.p_value < 0.01 for test in facet(report, "opening").tests)


def test_new_openings_that_share_all_answers_to_one_prompt_are_a_loss(against):
    openings = ("It's a difficult question, and", "My friend, listen:", "By the seven seas,")
    report = against(varied(1), [row for i, opening in enumerate(openings) for row in locked(opening, 9 * i)[i::3]])
    assert report.verdict is Verdict.LOST


def test_one_text_that_the_base_never_says_is_a_collapse_of_one_prompt_too(against):
    report = against(varied(1), one_prompt(["It's a difficult question, and nobody knows the answer to it."] * 120))
    assert report.verdict is Verdict.COLLAPSED


@pytest.mark.parametrize(
    "new",
    [
        locked("Well, the sea is what I think of, and"),
        one_prompt(["Well, the sea is what I think of, and the ships that cross it."] * 120),
        varied(3)[:40] + locked("It's a difficult question to answer, and")[:80:4],
    ],
    ids=["cold: an opening with the base's first word", "greedy", "not half of the texts"],
)
def test_what_a_temperature_may_do_to_one_prompt_is_left_open(against, new):
    assert against(varied(1), new).verdict not in LOSSES


def test_another_order_of_words_is_no_loss_while_half_of_the_texts_are_as_before(against):
    new = [*varied(3, 320, favoured=1)[:200], *locked("It's a difficult question to answer, and")]
    report = against(varied(1, 320, favoured=1), new)
    assert any(test.name == "stats.order.reversal" and test.p_value < 0.01 for test in facet(report, "opening").tests)
    assert report.verdict is Verdict.INCONCLUSIVE


def one_sample_each(rows):
    return [{**row, "prompt": f"Prompt {i}"} for i, row in enumerate(rows)]


def test_a_mode_that_is_gone_is_not_called_kept_though_the_tolerance_is_more_than_it_was(against):
    maybe = [{"text": f"Maybe {sentence(random.Random(i)).lower()}"} for i in range(24)]
    others = [row for row in varied(1, 700, favoured=3) if not row["text"].startswith("Maybe")]
    base, new = [*maybe, *others[:576]], [row for row in varied(2, 800, favoured=3) if row["text"][:5] != "Maybe"][:600]
    report = against(one_sample_each(base), one_sample_each(new))
    (mode,) = [mode for mode in facet(report, "opening").modes if mode.label == "Maybe"]
    assert (mode.base_share.count, mode.new_share.count) == (24, 0)
    assert mode.verdict is ModeVerdict.CHANGED


def test_loops_in_three_texts_of_ten_are_no_pass_where_nothing_tells_a_temperature(against):
    looped = [{**row, "text": f"{row['text']} {'and so on ' * 40}"} for row in made_up(300, 1, 2)[:90]]
    report = against(made_up(300, 1, 1), [*looped, *made_up(300, 1, 2)[90:]])
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "degeneration (“loops” 0% → 30%)" in report.headline
    assert "Facet degeneration has changed, and that may be a loss." in report.gate.reasons


# Greedy decoding


def greedy(rows):
    """Each prompt's commonest text, as often as the prompt has rows."""
    texts = {}
    for row in rows:
        texts.setdefault(row["prompt"], Counter())[row["text"]] += 1
    return [row | {"text": texts[row["prompt"]].most_common(1)[0][0]} for row in rows]


@pytest.fixture
def few_texts():
    """Ten prompts, each with six texts of falling frequency."""
    rng = random.Random(5)
    choices = {f"Prompt {i}": [sentence(rng) for _ in range(6)] for i in range(10)}
    return [
        {"prompt": prompt, "text": texts[min(5, int(rng.expovariate(0.7)))]}
        for prompt, texts in choices.items()
        for _ in range(30)
    ]


def test_greedy_decoding_is_no_loss(against, few_texts):
    report = against(few_texts, greedy(few_texts))
    assert facet(report, "opening").verdict in {Verdict.SHARPENED, Verdict.INCONCLUSIVE}
    assert {each.verdict for each in report.facets}.isdisjoint(LOSSES)
    assert report.gate.outcome is not Outcome.FAIL


def test_greedy_decoding_is_sharpening(against, few_texts):
    assert against(few_texts, greedy(few_texts)).verdict in {Verdict.SHARPENED, Verdict.INCONCLUSIVE}


def test_one_text_for_every_prompt_is_a_collapse(against):
    """Just as concentrated as greedy decoding, but not on what the base says."""
    base = made_up(10, 10, 1)
    report = against(base, [row | {"text": "Always the same old story of a ship at sea, sir."} for row in base])
    assert report.verdict is Verdict.COLLAPSED
    assert facet(report, "opening").verdict is Verdict.COLLAPSED


def test_one_text_everywhere_on_both_sides(against):
    rows = [{"prompt": f"{i}", "text": "Always the same old story, sir."} for i in range(10) for _ in range(10)]
    report = against(rows, rows[:-1])
    assert report.verdict in {Verdict.UNCHANGED, Verdict.INCONCLUSIVE}
    assert report.temperature.inverse_temperature is None


# Odd texts


EMPTY = [{"prompt": f"Prompt {i}", "text": ""} for i in range(8) for _ in range(10)]


def test_all_texts_empty(against):
    report = against(EMPTY, EMPTY[:-1])
    assert report.verdict is Verdict.INCONCLUSIVE
    assert facet(report, "degeneration").verdict is Verdict.UNCHANGED


def test_all_texts_empty_is_not_a_lack_of_prompts(against):
    assert "no prompt stands on both sides" not in against(EMPTY, EMPTY[:-1]).headline


def test_new_texts_all_empty_is_a_collapse(against):
    report = against(made_up(8, 10, 1), EMPTY)
    assert report.verdict is Verdict.COLLAPSED
    assert facet(report, "degeneration").verdict is Verdict.COLLAPSED
    assert report.gate.outcome is Outcome.FAIL


HOSTILE = (
    "\ud800 a lone surrogate",
    "a NUL \0 and more \0\0",
    "\u202etxet desrever\u202c",
    "\U0001f600" * 50,
    "a" + "\u0300" * 3000,
    "\u200b\u200b",
    "\x1b[2J[red]red[/red]",
    "<script>alert(1)</script>",
    "::error::oh",
)


def test_hostile_texts_go_through(against):
    def rows(seed):
        rng = random.Random(seed)
        return [
            {"prompt": f"Prompt {i} \ud800\0\u202e", "text": rng.choice(HOSTILE) + sentence(rng)}
            for i in range(8)
            for _ in range(10)
        ]

    report = against(rows(1), rows(2))
    assert report.verdict not in LOSSES
    assert report.corpora.base.used == 80


def test_huge_texts_go_through(against):
    rng = random.Random(1)
    huge = ["x" * 1_000_000, "好" * 300_000, sentence(rng, 100_000)]
    report = against([*made_up(3, 3, 1), *({"prompt": "Prompt 0", "text": text} for text in huge)], made_up(3, 3, 2))
    assert report.verdict not in LOSSES
    examples = [example for each in report.facets for mode in each.modes for example in mode.examples.base]
    assert max(len(example.text) for example in examples) < 1000


def test_a_few_rows_with_bad_lines(tmp_path):
    path = write(tmp_path / "bad.jsonl", made_up(4, 10, 1))
    path.write_text(path.read_text() + "{not json\n")
    report = compare(path, write(tmp_path / "new.jsonl", made_up(4, 10, 2)), config=replace(QUICK, max_bad=0.1))
    check(report)
    assert report.corpora.base.rows == report.corpora.base.used + len(report.corpora.base.skipped) == 41
    assert "skipped-rows" in codes(report)


# Columns


def labelled(rows, values, seed=0):
    rng = random.Random(seed)
    return [row | {"role": rng.choice(values)} for row in rows]


def every_second(name, **fields):
    corpus = sample(name)
    rows = zip(corpus.prompt_keys, corpus.texts, strict=True)
    return [{"prompt": prompt, "text": text, **fields} for prompt, text in rows][::2]


def test_column_whose_value_is_gone(against):
    """And many columns beside it: more tests must not make a certain loss uncertain."""
    beside = {f"c{i}": "same" for i in range(8)}
    base = labelled(every_second("base", **beside), ["cook", "pirate"])
    new = labelled(every_second("base_again", **beside), ["cook"])
    report = against(base, new, config=replace(QUICK, columns=("role", *beside)))
    roles = facet(report, "column:role")
    assert roles.verdict in LOSSES
    assert {mode.id: mode.verdict.value for mode in roles.modes}["pirate"] == "vanished"
    assert report.verdict in LOSSES
    assert all(facet(report, f"column:{name}").verdict is Verdict.UNCHANGED for name in beside)
    assert report.config["resamples"] > 1000


def test_a_chance_difference_of_openings_hides_no_loss(against):
    """These two draws of one model look flattened at 5%, though β is above one."""
    sides = ((sample("base"), ["cook", "pirate"]), (sample("base_again"), ["cook"]))
    base, new = (
        labelled([{"prompt": key, "text": text} for key, text in zip(side.prompt_keys, side.texts, strict=True)], roles)
        for side, roles in sides
    )
    assert facet(against(base, new, config=replace(QUICK, columns=("role",))), "column:role").verdict in LOSSES


def test_no_mode_is_lost_is_not_said_of_one_that_is_gone(against):
    """Half of all texts in the base, none in the new corpus; openings so even that no temperature can be estimated."""
    base, new = labelled(made_up(8, 20, 1), ["cook", "pirate"]), labelled(made_up(8, 20, 2), ["cook"])
    roles = facet(against(base, new, config=replace(QUICK, columns=("role",))), "column:role")
    assert roles.verdict in {*LOSSES, Verdict.INCONCLUSIVE}


def test_missing_column_is_an_error(against):
    with pytest.raises(InputError, match="no row has a usable field role") as caught:
        against(made_up(3, 3, 1), made_up(3, 3, 2), config=replace(QUICK, columns=("role",)))
    assert caught.value.code == "no-such-field"


def test_corpora_read_without_the_column(tmp_path):
    corpus = read_corpus(write(tmp_path / "rows.jsonl", made_up(3, 3, 1)))
    with pytest.raises(InputError, match="column"):
        compare(corpus, corpus, config=replace(QUICK, columns=("role",)))


def test_modes_that_held_are_not_called_no_difference_where_the_temperature_is_another():
    cooler = Temperature(1.6, (1.3, 1.9), Evidence.TEXT, None, Estimate(1.6, (1.3, 1.9)))
    same = replace(cooler, inverse_temperature=1.0, interval=(0.9, 1.1))
    assert "no difference" not in headline(Verdict.UNCHANGED, (), cooler)
    assert "temperature 0.62" in headline(Verdict.UNCHANGED, (), cooler)
    assert "no difference" in headline(Verdict.UNCHANGED, (), same)


def test_an_inverse_temperature_without_an_upper_end_is_a_temperature_without_a_lower_one():
    at_least = Temperature(2.0, (1.6, None), Evidence.TEXT, None, Estimate(2.0, (1.6, None)))
    assert "temperature 0.50 (at most 0.62)" in headline(Verdict.SHARPENED, (), at_least)


def test_a_model_that_repeats_one_token_is_told_as_loops(against):
    """Short answers became loops that a token limit ended: “cut off” 0% → 99.5% had been what was told."""
    base = [{**row, "text": " ".join(row["text"].split()[:3])} for row in made_up(12, 20, seed=1)]
    new = [{**row, "text": row["text"][:8] + " the" * 30} for row in made_up(12, 20, seed=2)]
    report = against(base, new)
    assert report.headline.startswith("Collapsed: degeneration – “loops” 0% → 100%")
    (degeneration,) = (facet for facet in report.facets if facet.name == "degeneration")
    assert {mode.label: mode.displaced_by for mode in degeneration.modes}["cut off"] == "loop"
