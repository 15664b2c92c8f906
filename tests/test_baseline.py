"""A frozen base must say what its texts say, hold none of them, and refuse what it can't answer."""

import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import baseline, compare, modes, temperature
from modecollapse.cli import main
from modecollapse.concealment import Concealment, is_sealed, sealed
from modecollapse.config import Config
from modecollapse.corpus import read_corpus
from modecollapse.errors import InputError, ModelError
from modecollapse.facets import sequence
from modecollapse.facets.readers import readers
from modecollapse.frozen import VERSION, read_baseline
from modecollapse.policy import Policy
from modecollapse.segmentation import segmented
from modecollapse.stats import unseen, verbatim
from modecollapse.words import weight, words
from tests.corpora import QUICK, SAMPLE_DATA, made_up, sample, with_vectors, write

ALL_FACETS = replace(QUICK, facets=None, gate=Policy())
SHARED = 8


def frozen(corpus, tmp_path, name="base.modes", **options):
    path = tmp_path / name
    path.write_bytes(baseline(corpus, **options).to_bytes())
    return str(path)


def essence(report):
    """All that a report says, but for what rests on simulation and for texts."""
    return [
        (
            facet.name,
            facet.verdict,
            list(facet.reasons),
            facet.caused_by,
            [(mode.id, mode.verdict, mode.base_share, mode.new_share, mode.displaced_by) for mode in facet.modes],
            [mode.predicted_share and round(mode.predicted_share.value, 6) for mode in facet.modes],
        )
        for facet in report.facets
    ]


def test_it_says_what_the_texts_say(tmp_path):
    """With embeddings of their own, so that all five facets are judged and no encoder is loaded."""
    base, *others = with_vectors(sample("base"), sample("sharpened"), sample("topic_locked"))
    file = frozen(base, tmp_path, config=ALL_FACETS)
    for new in others:
        by_texts, by_baseline = (compare(side, new, config=ALL_FACETS) for side in (base, file))
        assert essence(by_baseline) == essence(by_texts)
        # The words of a name may change places: a baseline hides which rare words are grammar.
        assert sorted(words(by_baseline.headline, 99)) == sorted(words(by_texts.headline, 99))
        assert by_baseline.temperature == by_texts.temperature
        assert by_baseline.corpora.base.sha256 == by_texts.corpora.base.sha256
        # Names may differ in words that few texts of the base and none of the new side have.
        labels = [[mode.label for facet in each.facets for mode in facet.modes] for each in (by_texts, by_baseline)]
        assert np.mean([one == other for one, other in zip(*labels, strict=True)]) > 0.9
        assert not any(is_sealed(word) for label in labels[1] for word in words(label, 40))


def test_it_need_not_have_been_a_file(tmp_path):
    base, new = sample("base"), sample("opening_locked")
    held = baseline(base, config=QUICK)
    by_file, in_memory = (compare(side, new, config=QUICK) for side in (frozen(base, tmp_path, config=QUICK), held))
    assert essence(in_memory) == essence(by_file)
    with pytest.raises(InputError, match="can't stand for new"):
        compare(base, held, config=QUICK)


@pytest.mark.parametrize("name", ["opening_locked", "single_traces", "base_again", "repeating"])
def test_it_says_of_openings_and_languages_what_the_texts_say(name, tmp_path):
    file = frozen(sample("base"), tmp_path, config=QUICK)
    by_texts, by_baseline = (compare(side, sample(name), config=QUICK) for side in (sample("base"), file))
    assert essence(by_baseline) == essence(by_texts)
    assert by_baseline.headline == by_texts.headline


@cache
def packed():
    return baseline(sample("base"), config=QUICK).to_bytes()


@pytest.mark.parametrize("rare", ["患者张伟诊断为糖尿病", "ผู้ป่วยเป็นโรคเบาหวาน", "患者は糖尿病です"])
def test_words_without_spaces_are_hidden_as_well(rare, tmp_path):
    """Cut into words, Chinese, Japanese and Thai had stood in clear."""
    usual = ["今天天气很好，我喜欢音乐。", "我的朋友在家里看书。", "他明天去北京工作。"]
    texts = [f"{usual[number % 3]}{number}" for number in range(60)]
    rows = [{"prompt": f"p{n % 6}", "text": text} for n, text in enumerate([*texts, rare])]
    held = baseline(read_corpus(write(tmp_path / "base.jsonl", rows)), config=QUICK)
    members = zipfile.ZipFile(io.BytesIO(held.to_bytes()))
    kept = json.loads("[" + ",".join(members.read("rows.jsonl").decode().splitlines()) + "]")
    assert "音乐" in str(kept)
    assert not [word for word in segmented(words(rare, 99)) if len(word) > 1 and word in str(kept)]


class TestWhatItHolds:
    @pytest.fixture
    def members(self):
        archive = zipfile.ZipFile(io.BytesIO(packed()))
        return {name: archive.read(name).decode() for name in archive.namelist()}

    def test_no_run_of_words_that_few_texts_share(self, members):
        """Four words in a row of any text, unless eight texts begin with them, or they are all of them grammar."""
        runs = Counter()
        for text in sample("base").texts:
            said = re.findall(r"[a-z]{4,}", text.lower())
            runs.update({" ".join(said[i : i + 4]) for i in range(len(said) - 3)})
        kept = " ".join(re.findall(r"[a-z]{4,}", members["rows.jsonl"].lower()))
        grammar = set(json.loads(members["manifest.json"])["grammar"])
        rare = [run for run, texts in runs.items() if texts < SHARED and not set(run.split()) <= grammar]
        assert len(rare) > 5_000
        # Words in alphabetical order may meet as they do in a text, by accident.
        assert sum(run in kept for run in rare) < 0.0005 * len(rare)

    def test_no_text_and_no_word_of_few_texts(self, members):
        texts_with = Counter(word for text in sample("base").texts for word in set(words(text, 10_000)))
        rare = {word for word, texts in texts_with.items() if texts == 1 and len(word) > 6 and word.isalpha()}
        found = set(re.findall(r"\w{7,}", members["rows.jsonl"] + members["manifest.json"]))
        assert len(rare) > 1_000
        # Prompts stand there in full, and names of the fields.
        prompts = {word for text in sample("base").prompt_texts.values() for word in words(text, 1_000)}
        grammar = set(json.loads(members["manifest.json"])["grammar"])
        names = set(re.findall(r'"(\w+)":', members["manifest.json"] + members["rows.jsonl"]))
        assert rare & found <= prompts | grammar | names

    def test_modes_can_be_read_by_other_programs(self, members):
        manifest = json.loads(members["manifest.json"])
        english = next(mode for mode in manifest["modes"] if (mode["facet"], mode["id"]) == ("language", "en"))
        report = compare(sample("base"), sample("base_again"), config=QUICK)
        counted = next(mode for mode in report.facets[0].modes if mode.id == "en")
        # A doubtful text may be told by what the new side speaks.
        assert english["count"] == pytest.approx(counted.base_share.count, abs=5)

    def test_the_same_base_gives_the_same_bytes(self):
        assert packed() == baseline(sample("base"), config=QUICK).to_bytes()


def test_with_texts_examples_are_shown(tmp_path):
    without = compare(frozen(sample("base"), tmp_path, config=QUICK), sample("opening_locked"), config=QUICK)
    assert not any(mode.examples.base for facet in without.facets for mode in facet.modes)
    kept = frozen(sample("base"), tmp_path, texts=True, config=QUICK)
    with_texts = compare(kept, sample("opening_locked"), config=QUICK)
    assert any(mode.examples.base for facet in with_texts.facets for mode in facet.modes)
    assert essence(with_texts) == essence(without)


class TestRefusals:
    """What can't be answered from a baseline is an error that says what to do."""

    @pytest.fixture
    def file(self, tmp_path):
        return frozen(read_corpus(write(tmp_path / "b.jsonl", made_up(6, 8, 1))), tmp_path, config=QUICK)

    def test_it_stands_for_the_base_alone(self, file):
        with pytest.raises(InputError, match="can't stand for new"):
            compare(sample("base"), file, config=QUICK)

    def test_it_is_not_frozen_twice(self, file):
        with pytest.raises(InputError, match="baseline already"):
            baseline(file, config=QUICK)

    def test_columns_are_those_it_was_frozen_with(self, file):
        with pytest.raises(InputError, match="no column 'role'") as caught:
            compare(file, sample("base"), config=replace(QUICK, columns=("role",)))
        assert "--facet column:role" in caught.value.hint

    def test_facets_of_other_packages_read_texts(self, file, monkeypatch):
        monkeypatch.setattr("modecollapse.config.installed_plugins", lambda: ("refusal-style",))
        with pytest.raises(InputError, match="reads texts") as caught:
            compare(file, sample("base"), config=replace(QUICK, plugins=("refusal-style",)))
        assert "--with-texts" in caught.value.hint

    def test_another_encoder_is_refused(self, file, tmp_path):
        class Encoder:
            max_tokens = None

            def __init__(self, name):
                self.name = self.fingerprint = name

            def encode(self, texts):
                return np.stack([np.random.default_rng(len(text)).normal(size=8) for text in texts]).astype(np.float32)

            def truncated(self, texts):
                return 0

        config = replace(QUICK, facets=("topic",), cache=False)
        encoded = frozen(sample("base"), tmp_path, "encoded.modes", config=config, encoder=Encoder("one"))
        assert compare(encoded, sample("base_again"), config=config, encoder=Encoder("one")).facets[0].modes
        with pytest.raises(ModelError, match="encoded by one"):
            compare(encoded, sample("base_again"), config=config, encoder=Encoder("other"))

    @pytest.mark.parametrize(
        ("member", "change", "code"),
        [
            ("manifest.json", lambda old: re.sub(rb'"version": \d+', b'"version": 99', old), "other-baseline-version"),
            ("manifest.json", lambda old: b"[]", "not-a-baseline"),
            ("manifest.json", lambda old: old.replace(b'"sha256"', b'"sha"'), "not-a-baseline"),
            ("rows.jsonl", lambda old: old[: len(old) // 2], "not-a-baseline"),
            ("rows.jsonl", lambda old: old.replace(b'"stems"', b'"steams"'), "not-a-baseline"),
            ("rows.jsonl", lambda old: old.replace(b'"prompt":0', b'"prompt":99'), "not-a-baseline"),
            ("rows.jsonl", None, "not-a-baseline"),
        ],
    )
    def test_a_damaged_file_is_told(self, file, tmp_path, member, change, code):
        archive = zipfile.ZipFile(file)
        path = tmp_path / "damaged.modes"
        with zipfile.ZipFile(path, "w") as out:
            for name in archive.namelist():
                content = archive.read(name)
                if name != member:
                    out.writestr(name, content)
                elif change is not None:
                    out.writestr(name, change(content))
        with pytest.raises(InputError) as caught:
            read_baseline(str(path))
        assert caught.value.code == code

    def test_a_truncated_file_is_told(self, file, tmp_path):
        path = tmp_path / "short.modes"
        path.write_bytes(open(file, "rb").read()[:500])  # noqa: PTH123, SIM115
        with pytest.raises(InputError, match="not a baseline"):
            read_baseline(str(path))


def test_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    base, new = (str(SAMPLE_DATA / f"{name}.jsonl.gz") for name in ("base", "opening_locked"))
    only = [each for facet in ("language", "opening") for each in ("--facet", facet)]
    assert main(["baseline", base, "-o", "base.modes", *only]) == 0
    assert capsys.readouterr().out == ""
    assert main(["compare", "base.modes", new, *only, "--no-cache"]) == 1
    assert capsys.readouterr().out.startswith("Collapsed: opening – “It's a difficult question.”")
    assert main(["baseline", base, "-o", "base.json"]) == 2
    assert "ends in .modes" in capsys.readouterr().err
    assert main(["baseline", "gone.jsonl", "-o", "x.modes"]) == 2


class TestConcealment:
    @given(st.text(st.characters(categories=("L", "N", "P", "So")), min_size=1), st.text(min_size=1))
    def test_seals_are_equal_where_words_are(self, one, other):
        for word in words(one, 5) + words(other, 5):
            assert sealed(sealed(word)) == sealed(word)
            assert weight(sealed(word)) == weight(word)
        for word, another in zip(words(one, 5), words(other, 5), strict=False):
            alike = weight(word) == 0.5 and weight(another) == 0.5  # few enough ideographs to meet
            assert (sealed(word) == sealed(another)) == (word == another) or alike

    @given(st.lists(st.sampled_from(["a", "b", "c", "."]), max_size=6))
    def test_openings_are_legible_as_far_as_they_are_shared(self, said):
        shared = Concealment(frozenset({("a",), ("a", "b")}), frozenset(), frozenset(), frozenset())
        kept = shared.sequence(said)
        depth = 2 if said[:2] == ["a", "b"] else 1 if said[:1] == ["a"] else 0
        assert kept[:depth] == said[:depth]
        assert all(is_sealed(word) or word == "." for word in kept[depth:])
        assert [shared.revealed(word) for word in kept] == said


def test_other_commands_take_it_too(tmp_path):
    base, new = with_vectors(sample("base"), sample("sharpened"))
    file = frozen(base, tmp_path, config=ALL_FACETS)
    shares = [
        [(mode.id, mode.share) for facet in modes(each, config=ALL_FACETS).facets for mode in facet.modes]
        for each in (base, file)
    ]
    assert shares[0] == shares[1]
    assert not any(mode.examples for facet in modes(file, config=ALL_FACETS).facets for mode in facet.modes)
    assert temperature(file, new).temperature == temperature(base, new).temperature


def test_as_many_words_are_kept_as_the_tests_read():
    assert sequence.FIRST == verbatim.DEPTH
    assert sequence.RUNNING == unseen.DEPTH


def test_a_base_of_rows_with_embeddings_keeps_them(tmp_path):
    rows = [{**row, "embedding": [1.0, float(i % 7), 2.0]} for i, row in enumerate(made_up(6, 8, 1))]
    corpus = read_corpus(write(tmp_path / "b.jsonl", rows))
    again = read_baseline(frozen(corpus, tmp_path, config=Config(facets=("language",))))
    assert np.array_equal(again.vectors, corpus.vectors)


def test_the_page_tells_the_version_and_everything_that_is_kept():
    page = (SAMPLE_DATA.parent / "docs" / "baseline.md").read_text(encoding="utf-8")
    assert f"`version` ({VERSION})" in page
    assert all(f"`{name}`" in page for name in readers())
