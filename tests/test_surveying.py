"""The census: shares that add up, typical texts, and an answer for any corpus that can be read."""

import json
import math
import random
from dataclasses import replace

import jsonschema
import pytest

from modecollapse import modes, schema
from modecollapse.config import Config
from modecollapse.errors import InputError
from modecollapse.policy import Policy
from tests.corpora import QUICK, made_up, sample, sentence, with_vectors, write

SCHEMA = jsonschema.Draft202012Validator(schema.shipped("modes"))


@pytest.fixture
def census(tmp_path):
    def take(rows, config=QUICK):
        found = modes(write(tmp_path / "corpus.jsonl", rows), config=config)
        SCHEMA.validate(json.loads(found.to_json()))
        return found

    return take


def facet(found, name):
    return next(facet for facet in found.facets if facet.name == name)


def codes(found):
    return [warning.code for warning in found.warnings]


def openings(counts, prompts=4):
    rng = random.Random(0)
    return [
        {"prompt": f"Prompt {number % prompts}", "text": f"{opening} {sentence(rng)}"}
        for opening, count in counts.items()
        for number in range(count)
    ]


def test_shares_are_those_of_the_texts(census):
    found = facet(census(openings({"Well then, friends:": 60, "Not at all.": 30, "Let us see:": 10})), "opening")
    shares = {mode.label.lower(): mode.share for mode in found.modes if mode.level == 0}
    assert [shares[label].count for label in sorted(shares, key=lambda key: -shares[key].value)] == [60, 30, 10]
    assert sum(share.value for share in shares.values()) == pytest.approx(1)
    assert all(share.interval[0] < share.value < share.interval[1] for share in shares.values())
    assert all(mode.prompts == 4 for mode in found.modes)
    [cut] = found.cuts
    assert (cut.half_in, cut.modes, cut.placed) == (1, 3, pytest.approx(1))
    entropy = -sum(p * math.log(p) for p in (0.6, 0.3, 0.1))
    assert cut.effective_modes.value == pytest.approx(math.exp(entropy))
    assert cut.effective_modes.interval[0] <= cut.effective_modes.value <= cut.effective_modes.interval[1]


def test_an_opening_that_holds_everything_is_not_hidden_by_those_within_it(census):
    found = facet(
        census(openings({"A hard question. Yes:": 12, "A hard question. No:": 12, "A hard question.": 40})), "opening"
    )
    whole = found.modes[0]
    assert (whole.share.value, whole.level) == (1.0, 0)
    assert 0 in [cut.level for cut in found.cuts]
    assert min(cut.half_in for cut in found.cuts if cut.half_in) == 1


def test_headline_counts(census):
    said = census(openings({"Well then, friends:": 60, "Not at all.": 40})).headline
    assert said.startswith("100 texts, 4 prompts: 1 language and 2 openings; half of the texts are in 1 language and 1")


def test_topics_have_typical_texts_and_every_row_one():
    [corpus] = with_vectors(sample("base"))
    found = facet(modes(corpus, config=Config(facets=("topic",), gate=Policy(required_facets=("topic",)))), "topic")
    [cut] = found.cuts
    finest = [mode for mode in found.modes if mode.level == cut.level]
    assert sum(mode.share.count for mode in finest) == found.texts
    assert all(0 <= mode.stability <= 1 for mode in finest)
    assert all(len(mode.examples) == min(2, mode.share.count) for mode in finest)
    ids = {mode.id for mode in found.modes}
    assert all(mode.parent in ids for mode in finest)


def test_order_of_rows_changes_nothing_but_lines(tmp_path):
    rows = openings({"Well then, friends:": 30, "Not at all.": 30})
    shuffled = random.Random(1).sample(rows, len(rows))
    first, second = (modes(write(tmp_path / "c.jsonl", each), config=QUICK) for each in (rows, shuffled))

    def kept(found):
        document = json.loads(found.to_json())
        del document["provenance"]
        for part in document["facets"]:
            for mode in part["modes"]:
                for example in mode["examples"]:
                    del example["line"]
        return document

    assert kept(first) == kept(second)


def test_one_prompt_has_no_interval_of_diversity(census):
    found = census([{"text": row["text"]} for row in openings({"Well then, friends:": 30, "Not at all.": 30})])
    assert facet(found, "opening").cuts[0].effective_modes.interval == (None, None)
    assert "no-prompts" in codes(found)


def test_one_sample_per_prompt_is_told(census):
    assert "one-sample-per-prompt" in codes(census(made_up(30, 1, 0)))
    assert "one-sample-per-prompt" not in codes(census(made_up(10, 3, 0)))


def test_a_single_text(census):
    assert census([{"prompt": "p", "text": "Hello there."}]).headline.startswith("1 text, 1 prompt")


def test_degenerate_texts_alone(census):
    found = census([{"prompt": f"p{number % 3}", "text": "ha " * 60} for number in range(30)])
    assert "100% of them are empty, loops or soft repetition" in found.headline
    assert facet(found, "language").modes == []


def test_temperatures_are_counted_together_and_that_is_told(census):
    rows = [row | {"temperature": 0.5 + number % 2} for number, row in enumerate(made_up(4, 10, 0))]
    found = census(rows)
    assert "several-temperatures" in codes(found)
    assert facet(found, "language").texts == 40


def test_repeated_rows_count_once(census):
    found = census([row for row in made_up(4, 8, 0) for _ in range(2)])
    assert "repeated-rows" in codes(found)
    assert facet(found, "language").texts == 32


def test_own_columns(census):
    rows = [row | {"role": "cat" if number % 4 else "dog"} for number, row in enumerate(made_up(4, 10, 0))]
    found = facet(census(rows, replace(QUICK, columns=("role",))), "column:role")
    assert [(mode.label, mode.share.value) for mode in found.modes] == [("cat", 0.75), ("dog", 0.25)]


def test_empty_file(tmp_path):
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match="empty"):
        modes(tmp_path / "empty.jsonl", config=QUICK)
