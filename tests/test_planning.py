"""What is promised of a base: bounded by what can be kept, and harmless to ask of any corpus."""

import json
import random
from dataclasses import replace

import jsonschema
import pytest

from modecollapse import power, schema
from modecollapse.config import Config
from modecollapse.errors import ConfigError, InputError
from modecollapse.policy import Policy
from tests.corpora import QUICK, made_up, sample, sentence, with_vectors, write

SCHEMA = jsonschema.Draft202012Validator(schema.shipped("power"))
OPENINGS = replace(QUICK, facets=("opening",), gate=Policy(required_facets=("opening",)))


@pytest.fixture
def planned(tmp_path):
    def plan(rows, config=QUICK, **named):
        found = power(write(tmp_path / "base.jsonl", rows), config=config, **named)
        SCHEMA.validate(json.loads(found.to_json()))
        return found

    return plan


def facet(found, name):
    return next(facet for facet in found.facets if facet.name == name)


def openings(shares, prompts=10, samples=30):
    """Rows that open in these ways, whatever the prompt."""
    rng = random.Random(0)
    names = [name for name, share in shares.items() for _ in range(round(share * prompts * samples))]
    rng.shuffle(names)
    return [
        {"prompt": f"Prompt {number % prompts}", "text": f"{name} {sentence(rng)}"} for number, name in enumerate(names)
    ]


THREE = openings({"Well then, friends:": 0.67, "Not at all.": 0.3, "Let us see:": 0.03})


def test_a_common_mode_is_promised_and_a_rare_one_not(planned):
    modes = {mode.label: mode for mode in facet(planned(THREE), "opening").modes}
    common, rare = modes["Not at all."].outlooks[0], modes["Let us see:"].outlooks[0]
    assert common.removal_power > 0.95
    assert 0 < common.smallest_loss < common.share
    assert rare.removal_power < 0.8
    assert rare.smallest_loss is None


def test_sharpening_hides_losses(planned):
    found = planned(THREE)
    for mode in facet(found, "opening").modes:
        plain, sharpened = mode.outlooks
        assert (plain.inverse_temperature, sharpened.inverse_temperature) == (1.0, 1.5)
        assert sharpened.removal_power <= plain.removal_power + 1e-9


def test_a_loss_behind_sharpening_is_lost_in_openings_alone(planned):
    rows = [row | {"role": "cat" if number % 3 else "dog"} for number, row in enumerate(THREE)]
    found = planned(rows, replace(QUICK, columns=("role",)))
    [dog] = [mode for mode in facet(found, "column:role").modes if mode.label == "dog"]
    plain, sharpened = dog.outlooks
    assert plain.lost_power > 0.8
    assert sharpened.lost_power == 0


def test_more_samples_reveal_no_less(planned):
    few, many = (facet(planned(THREE, samples=samples), "opening") for samples in (5, 200))
    for before, after in zip(few.modes, many.modes, strict=True):
        assert after.outlooks[0].removal_power >= before.outlooks[0].removal_power - 0.02


def test_samples_needed_are_enough_and_fewer_are_not(planned):
    [mode] = [mode for mode in facet(planned(THREE, loss=0.2), "opening").modes if mode.label == "Not at all."]
    needed = mode.outlooks[0].samples_needed
    assert needed is not None
    enough, half = (
        next(mode for mode in facet(planned(THREE, samples=samples), "opening").modes if mode.label == "Not at all.")
        for samples in (2 * needed, max(1, needed // 2))
    )
    assert enough.outlooks[0].smallest_loss <= 0.2
    assert half.outlooks[0].smallest_loss is None or half.outlooks[0].smallest_loss > 0.15


def test_a_mode_of_one_prompt_alone_is_not_promised(planned):
    rows = openings({"Well then, friends:": 0.7, "Not at all.": 0.3})
    for row in rows:
        if row["prompt"] == "Prompt 0":
            row["text"] = "A friend is like that. " + row["text"]
    modes = {mode.label: mode for mode in facet(planned(rows), "opening").modes}
    bound = next(mode for label, mode in modes.items() if label.startswith("A friend is"))
    assert (bound.prompts, bound.firm, bound.outlooks[0].removal_power) == (1, False, 0)


def test_topics_that_come_and_go_are_not_promised():
    [corpus] = with_vectors(sample("base"))
    found = facet(power(corpus, config=Config(facets=("topic",), gate=Policy(required_facets=("topic",)))), "topic")
    assert {mode.firm for mode in found.modes} == {True, False}
    assert all(mode.stability >= 0.7 for mode in found.modes if mode.firm)
    assert all(mode.outlooks[0].removal_power < 0.8 for mode in found.modes if mode.stability < 0.7)


def test_without_a_temperature_nothing_is_lost_for_certain(planned):
    found = planned(openings({"Well then, friends:": 0.7, "Not at all.": 0.3}, prompts=2, samples=100))
    assert found.temperature_known is False
    assert all(outlook.lost_power == 0 for mode in facet(found, "opening").modes for outlook in mode.outlooks)


def test_headline_answers_first(planned):
    said = planned(THREE, OPENINGS, samples=40).headline
    assert said.startswith("With 40 new samples per prompt, the complete removal of ")
    assert "four times in five" in said


def test_as_many_samples_as_the_base_has(planned):
    assert planned(THREE).samples == 30


def test_order_of_rows_does_not_count(tmp_path):
    shuffled = random.Random(1).sample(THREE, len(THREE))
    first, second = (power(write(tmp_path / "b.jsonl", rows), config=OPENINGS) for rows in (THREE, shuffled))
    first, second = (replace(found, provenance={}) for found in (first, second))
    assert first.to_json() == second.to_json()


def test_only_the_main_temperature_is_planned_with(planned):
    rows = [row | {"temperature": 1.0} for row in THREE] + [row | {"temperature": 0.5} for row in made_up(10, 5, 1)]
    found = planned(rows, OPENINGS)
    assert found.samples == 30
    assert "rows-left-out" in [warning.code for warning in found.warnings]


@pytest.mark.parametrize(
    "rows",
    [
        [{"prompt": "p", "text": "Hello there."}],
        made_up(1, 30, 0),
        made_up(30, 1, 0),
        [{"prompt": f"p{number % 3}", "text": "ha " * 60} for number in range(30)],
    ],
    ids=["one text", "one prompt", "one sample", "degenerate"],
)
def test_thin_corpora_promise_no_finding_that_is_certain(planned, rows):
    found = planned(rows)
    assert all(outlook.lost_power == 0 for each in found.facets for mode in each.modes for outlook in mode.outlooks)


def test_degeneration_has_nothing_to_lose(planned):
    assert [facet.name for facet in planned(THREE).facets] == ["language", "opening"]
    with pytest.raises(ConfigError, match="rise"):
        planned(THREE, replace(QUICK, facets=("degeneration",), gate=Policy(required_facets=("degeneration",))))


def test_empty_file(tmp_path):
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match="empty"):
        power(tmp_path / "empty.jsonl", config=QUICK)
