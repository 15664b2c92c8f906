import json
from dataclasses import replace

import jsonschema
import pytest

from modecollapse import schema
from modecollapse.errors import InputError
from modecollapse.render import json as json_format
from modecollapse.report import Estimate, Report
from tests.reports import ALL, hostile


@pytest.mark.parametrize("name", ALL)
def test_saved_report_reads_back_the_same(name):
    text = ALL[name]().to_json()
    assert Report.from_json(text).to_json() == text
    assert Report.from_json(text.encode()).to_json() == text


@pytest.mark.parametrize("name", ALL)
def test_report_keeps_to_the_shipped_schema(name):
    jsonschema.Draft202012Validator(schema.shipped()).validate(json.loads(ALL[name]().to_json()))


def test_shipped_schema_is_that_of_the_dataclasses():
    """If this fails: python -m modecollapse.schema, and think about schema_version."""
    assert schema.shipped() == schema.generated()


@pytest.mark.parametrize("change", [{"verdict": "fine"}, {"schema_version": 2}, {"facets": {}}, {"headline": None}])
def test_schema_refuses_what_is_no_report(change):
    document = json.loads(ALL["lost"]().to_json()) | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema.shipped())


def test_schema_takes_additions():
    document = json.loads(ALL["lost"]().to_json()) | {"added_later": 1}
    jsonschema.validate(document, schema.shipped())
    assert Report.from_json(json.dumps(document)).verdict == "lost"


def test_version_stands_first_and_order_is_stable():
    text = ALL["collapsed"]().to_json()
    assert text.startswith('{\n  "schema_version": 1,\n  "verdict": "collapsed"')
    assert text == ALL["collapsed"]().to_json()


def test_no_nan():
    report = ALL["lost"]()
    odd = replace(report.temperature, recovery_temperature=Estimate(float("nan"), (float("-inf"), float("inf"))))
    document = replace(report, temperature=odd).to_json()
    assert "NaN" not in document
    assert "Infinity" not in document
    assert Report.from_json(document).temperature.recovery_temperature == Estimate(None, (None, None))


def test_paths_only_under_provenance():
    document = json.loads(ALL["lost"]().to_json())
    assert "/data" in json.dumps(document.pop("provenance"))
    assert "/data" not in json.dumps(document)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not-a-report"),
        (b"[1]", "not-a-report"),
        (b'{"text": "a generation"}', "not-a-report"),
        (b"\xff\xfe", "not-a-report"),
        (b"[" * 100_000, "not-a-report"),
        (b'{"schema_version": 1}', "not-a-report"),
        (b'{"schema_version": true}', "not-a-report"),
        (b'{"schema_version": 2}', "newer-report"),
    ],
)
def test_what_is_no_report(raw, code):
    with pytest.raises(InputError) as caught:
        Report.from_json(raw)
    assert caught.value.code == code


HIDDEN = "\x1b[31m\x07\x7f\x9b\u202e\u2066\u200b\u2028\ufeff\U000e0041"


def test_json_shows_no_control_characters():
    text = json_format.render(hostile(HIDDEN))
    assert not set(HIDDEN) - set("[31m") & set(text)
    assert json.loads(text)["headline"] == HIDDEN  # hidden from terminals, unchanged for programs


def test_lone_surrogates_are_spelled_out():
    text = json_format.render(hostile("a\ud800b"))
    assert Report.from_json(text).headline == "a\\ud800b"
