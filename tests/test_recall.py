from dataclasses import replace

import pytest

from modecollapse import recall
from modecollapse.config import Config
from tests.reports import ALL

REPORT = ALL["collapsed"]()


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "a"}')
    (tmp_path / "b.jsonl").write_text('{"text": "b"}')
    return {"base": str(tmp_path / "a.jsonl"), "new": str(tmp_path / "b.jsonl"), "reheated": None}


@pytest.fixture
def config(tmp_path):
    return Config(cache_dir=tmp_path / "cache")


def test_same_files_and_settings_are_recalled(files, config):
    recall.put(config, recall.key(files, config), REPORT)
    found = recall.get(config, recall.key(files, config))
    assert replace(found, provenance=REPORT.provenance).to_json() == REPORT.to_json()
    assert found.provenance["recalled"] is True


def test_whatever_a_report_depends_on_changes_the_key(files, config, tmp_path):
    keys = {recall.key(files, config), recall.key(files, replace(config, seed=1))}
    keys.add(recall.key({**files, "reheated": files["base"]}, config))
    keys.add(recall.key({**files, "base": files["new"], "new": files["base"]}, config))
    (tmp_path / "a.jsonl").write_text('{"text": "changed"}')
    keys.add(recall.key(files, config))
    assert len(keys) == 5
    assert None not in keys


def test_nothing_is_recalled_that_may_change_unseen(files, config):
    assert recall.key({**files, "base": "-"}, config) is None
    assert recall.key(files, replace(config, embedder="/some/model")) is None
    assert recall.key(files, replace(config, cache=False)) is None
    assert recall.key({**files, "base": "missing.jsonl"}, config) is None


def test_an_encoder_in_a_folder_counts_with_its_bytes(files, config, tmp_path):
    model = tmp_path / "model"
    (model / "1_Pooling").mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"weights")
    chosen = replace(config, embedder=str(model))
    keys = [recall.key(files, chosen), recall.key(files, chosen)]
    (model / "1_Pooling" / "config.json").write_text("{}")
    keys.append(recall.key(files, chosen))
    (model / "model.safetensors").write_bytes(b"others!")
    keys.append(recall.key(files, chosen))
    assert keys[0] == keys[1]
    assert len({*keys, recall.key(files, config), recall.key(files, replace(config, embedder="fast"))}) == 5
    assert None not in keys


def test_a_folder_that_hangs_on_what_lies_elsewhere_is_not_recalled(files, config, tmp_path, monkeypatch):
    model, elsewhere = tmp_path / "default", tmp_path / "elsewhere"
    model.mkdir()
    elsewhere.mkdir()
    chosen = replace(config, embedder=str(model))
    assert recall.key(files, chosen) is None  # empty: not even a model
    (model / "model.safetensors").write_bytes(b"weights")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert recall.key(files, replace(config, embedder="~/default")) == recall.key(files, chosen) is not None
    (model / "1_Pooling").symlink_to(elsewhere)
    assert recall.key(files, chosen) is None
    (model / "1_Pooling").unlink()
    (model / "adapter_config.json").write_text('{"base_model_name_or_path": "another"}')
    assert recall.key(files, chosen) is None
    assert recall.key(files, replace(config, embedder="x" * 5_000)) is None


def test_a_damaged_file_is_computed_anew(files, config, tmp_path):
    key = recall.key(files, config)
    recall.put(config, key, REPORT)
    (tmp_path / "cache" / "reports" / f"{key}.json").write_text("{")
    assert recall.get(config, key) is None


def test_old_reports_make_room(config, tmp_path, monkeypatch):
    monkeypatch.setattr(recall, "MOST_REPORTS", 3)
    for number in range(6):
        recall.put(config, str(number), REPORT)
    assert len(list((tmp_path / "cache" / "reports").iterdir())) == 3
