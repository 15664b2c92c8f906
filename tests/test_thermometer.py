"""The temperature alone must be the temperature of the report, and say plainly where there is none."""

import json
import random

import jsonschema
import pytest

from modecollapse import compare, schema, temperature
from modecollapse.config import Config
from tests.corpora import QUICK, SAMPLE_DATA, made_up, write

SCHEMA = jsonschema.Draft202012Validator(schema.shipped("temperature"))
BASE = SAMPLE_DATA / "base.jsonl.gz"


def measured(base, new, **named):
    found = temperature(base, new, **named)
    SCHEMA.validate(json.loads(found.to_json()))
    return found


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("base_T0.6", "Sharper: the new model is like the base at temperature 0."),
        ("base_again", "No change of temperature found: inverse temperature "),
        ("opening_locked", "No temperature can be stated: the openings did not move as any temperature moves them."),
        ("single_traces", "No temperature can be stated: "),
    ],
)
def test_same_numbers_as_the_report(name, word):
    new = SAMPLE_DATA / f"{name}.jsonl.gz"
    found = measured(BASE, new)
    assert found.temperature == compare(BASE, new, config=QUICK).temperature
    assert found.headline.startswith(word)


def test_the_other_way_round_is_flatter():
    found = measured(SAMPLE_DATA / "base_T0.6.jsonl.gz", BASE)
    assert found.headline.startswith("Flatter: the new model is like the base at temperature")
    assert found.temperature == compare(SAMPLE_DATA / "base_T0.6.jsonl.gz", BASE, config=QUICK).temperature
    # 0.6 is what the base was sampled at, and the new model is the same at 1.
    like = float(found.headline.split("temperature ")[1].split()[0])
    assert like == pytest.approx(1.0, abs=0.15)


def test_recovery_is_a_temperature_to_sample_at():
    """Rows at T = 0.6 of the base itself: sampling at 1 gives the base back, not at 1 / 0.6."""
    wanted = measured(BASE, SAMPLE_DATA / "base_T0.6.jsonl.gz").temperature.recovery_temperature
    assert wanted.interval[0] <= 1.0 <= wanted.interval[1]


def test_no_encoder_is_loaded(monkeypatch):
    def refuse(*_):
        raise AssertionError("an encoder was asked for")

    monkeypatch.setattr("modecollapse.embed.load_encoder", refuse)
    measured(BASE, SAMPLE_DATA / "base_T0.8.jsonl.gz")


def test_order_of_rows_does_not_count(tmp_path):
    base, new = made_up(8, 12, 0), made_up(8, 12, 1)
    paths = [write(tmp_path / f"{name}.jsonl", rows) for name, rows in (("base", base), ("new", new))]
    again = [
        write(tmp_path / f"{name}-again.jsonl", random.Random(2).sample(rows, len(rows)))
        for name, rows in (("base", base), ("new", new))
    ]
    first, second = measured(*paths), measured(*again)
    assert (first.headline, first.temperature) == (second.headline, second.temperature)


@pytest.mark.parametrize(("prompts", "samples"), [(1, 30), (20, 1)])
def test_too_little_to_tell(tmp_path, prompts, samples):
    base, new = (write(tmp_path / f"{seed}.jsonl", made_up(prompts, samples, seed)) for seed in (0, 1))
    found = measured(base, new)
    assert found.temperature.inverse_temperature is None
    assert "it takes six prompts with four or more samples" in found.headline


def test_degenerate_texts_alone(tmp_path):
    rows = [{"prompt": f"p{number % 8}", "text": "ha " * 60} for number in range(80)]
    path = write(tmp_path / "loops.jsonl", rows)
    assert measured(path, path).temperature.inverse_temperature is None


def test_no_prompt_in_common(tmp_path):
    base = write(tmp_path / "base.jsonl", made_up(3, 4, 0))
    new = write(tmp_path / "new.jsonl", [row | {"prompt": "other"} for row in made_up(1, 4, 1)])
    found = measured(base, new)
    assert found.headline.startswith("No temperature can be stated")
    assert "unmatched-prompts" in [warning.code for warning in found.warnings]


def test_a_stricter_error_rate_needs_no_more_code_paths():
    new = SAMPLE_DATA / "base_T0.8.jsonl.gz"
    strict = Config(facets=QUICK.facets, gate=QUICK.gate, alpha=0.002)
    assert measured(BASE, new, config=strict).temperature == compare(BASE, new, config=strict).temperature
