from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score

from modecollapse.facets.metric import metric, save
from modecollapse.facets.topic import TopicFacet
from tests.facets.made import DIMENSIONS, TOPICS, join, rows, topical

EVEN = dict.fromkeys(TOPICS, 60)


@pytest.fixture(scope="module")
def base():
    return topical(EVEN, seed=1)


@pytest.fixture(scope="module")
def learnt(base):
    new, _ = topical({**EVEN, "sea": 200, "music": 0}, seed=2)
    return TopicFacet().learn(join(base[0], new), base[0], seed=0)


def at_level(partition, level):
    return [mode for mode in partition.modes if mode.level == level]


def test_finds_the_topics_that_are_there(base, learnt):
    labels = learnt.label(base[0])
    assert adjusted_mutual_info_score(base[1], labels[:, 1]) > 0.85
    assert [len(at_level(learnt, level)) for level in range(3)] == [5, 9, 18]  # the base's own, and one in eight beside


def test_names_say_what_the_topic_is(base, learnt):
    labels = learnt.label(base[0])[:, 1]
    for topic, topic_words in TOPICS.items():
        commonest = np.bincount(labels[base[1] == topic]).argmax()
        named = set(learnt.modes[commonest].label.split(" · "))
        assert named <= set(topic_words) and len(named) >= 3


def test_names_and_ids_are_unique(learnt):
    assert len({mode.label for mode in learnt.modes}) == len(learnt.modes)
    assert len({mode.id for mode in learnt.modes}) == len(learnt.modes)


def test_levels_nest(base, learnt):
    labels = learnt.label(base[0])
    for level in range(1, labels.shape[1]):
        parents = np.array([-1 if mode.parent is None else mode.parent for mode in learnt.modes])
        np.testing.assert_array_equal(parents[labels[:, level]], labels[:, level - 1])


def test_row_order_changes_nothing(base):
    new, _ = topical(EVEN, seed=3)
    both = join(base[0], new)
    order = np.random.default_rng(5).permutation(len(both))
    one = TopicFacet().learn(both, base[0], seed=0)
    two = TopicFacet().learn(both.take(order), base[0].take(np.arange(len(base[0]))[::-1]), seed=0)
    assert one.modes == two.modes
    np.testing.assert_array_equal(one.label(both)[order], two.label(both.take(order)))


def test_batches_are_labelled_as_the_whole(base, learnt):
    whole = learnt.label(base[0])
    parts = [learnt.label(base[0].take(part)) for part in np.array_split(np.arange(len(base[0])), 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert learnt.label(base[0].take(np.arange(0))).shape == (0, whole.shape[1])


@pytest.mark.parametrize("change", [{}, {"sea": 200}, {"garden": 0}, {"music": 150, "money": 10}])
def test_ids_of_base_modes_outlive_another_new_corpus(base, learnt, change):
    """Accepted losses are kept by id: the eight coarse topics must be known again when only the new corpus differs."""
    new, _ = topical({**EVEN, **change}, seed=4)
    other = TopicFacet().learn(join(base[0], new), base[0], seed=0)
    first, second = learnt.label(base[0])[:, 1], other.label(base[0])[:, 1]
    same = [learnt.modes[a].id == other.modes[b].id for a, b in zip(first, second, strict=True)]
    assert np.mean(same) > 0.8


def test_a_topic_is_the_same_in_every_language(base):
    """Sentences lie near others of their language unless its mean is removed."""
    english, topics = base
    offset = np.zeros(DIMENSIONS)
    offset[0] = 0.8
    vectors = np.concatenate([english.vectors, english.vectors + offset])
    languages = np.repeat(["en", "fr"], len(english))
    texts = [*english.texts, *(f"{text} fr" for text in english.texts)]
    both = rows(texts, vectors, np.tile(english.prompts, 2), 6, languages)
    labels = TopicFacet().learn(both, both, seed=0).label(both)[:, 1]
    assert adjusted_mutual_info_score(np.tile(topics, 2), labels) > 0.7
    assert adjusted_mutual_info_score(languages, labels) < 0.1


def test_languages_that_the_encoder_cannot_read_have_no_topic(base):
    english, _ = base
    dull = np.ones(DIMENSIONS) + 0.05 * np.random.default_rng(0).normal(size=(60, DIMENSIONS))
    hindi = rows([f"हिन्दी {i}" for i in range(60)], dull, np.zeros(60), 6, np.full(60, "hi"))
    both = join(english, hindi)
    partition = TopicFacet().learn(both, both, seed=0)
    labels = partition.label(both)
    assert (labels[len(english) :] == -1).all() and (labels[: len(english)] >= 0).all()
    assert [code for code, message in partition.notes if "hi" in message] == ["unread-language"]


def test_a_base_of_which_hardly_a_text_can_be_read_has_no_topics_and_says_so(base):
    dull = np.ones(DIMENSIONS) + 0.02 * np.random.default_rng(0).normal(size=(90, DIMENSIONS))
    hindi = rows([f"हिन्दी {i}" for i in range(90)], dull, np.zeros(90), 6, np.full(90, "hi"))
    anchor = join(base[0].take(np.arange(25)), hindi)
    partition = TopicFacet().learn(join(anchor, topical(EVEN, seed=2)[0]), anchor, seed=0)
    assert not partition.modes
    assert "25 rows of the base" in dict(partition.notes)["too-few-rows"]


def test_topics_that_are_the_prompts_are_told_so(base):
    english, topics = base
    by_prompt = rows(english.texts, english.vectors, [list(TOPICS).index(topic) for topic in topics], len(TOPICS))
    notes = TopicFacet().learn(by_prompt, by_prompt, seed=0).notes
    assert any(code == "facets-overlap" and "prompt" in message for code, message in notes)


def test_real_topics_are_stabler_than_noise(learnt):
    random = np.random.default_rng(0)
    noise = rows([f"text {i}" for i in range(400)], random.normal(size=(400, DIMENSIONS)), np.zeros(400), 1)
    shapeless = TopicFacet().learn(noise, noise, seed=0)
    assert len(learnt.stability) == len(learnt.modes)
    assert np.median(learnt.stability[4:12]) > 0.75
    assert np.median(shapeless.stability[4:12]) < 0.5


@pytest.mark.parametrize("how_many", [0, 1, 30])
def test_few_rows_have_no_topics_but_a_note(base, how_many):
    few = base[0].take(np.arange(how_many))
    partition = TopicFacet().learn(few, few, seed=0)
    assert partition.label(few).shape == (how_many, 0)
    assert [code for code, _ in partition.notes] == ["too-few-rows"]


def test_equal_texts_are_one_topic():
    same = rows(
        [f"text {i % 2}" for i in range(200)], np.repeat([np.eye(DIMENSIONS)[0]], 200, axis=0), np.zeros(200), 1
    )
    labels = TopicFacet().learn(same, same, seed=0).label(same)
    assert all(len(np.unique(level)) == 1 for level in labels.T)


def test_a_handful_of_texts_said_over_and_over_are_as_many_topics():
    """Points in a few places alone: of two centres in one place one has none, and a comparison of ratings broke."""
    random = np.random.default_rng(0)
    places = random.normal(size=(6, DIMENSIONS)).astype(np.float32)
    chosen = random.integers(6, size=600)
    texts = [f"{place}" for place in chosen]
    base = rows(texts[:300], places[chosen[:300]], [0] * 300, 1)
    both = rows(texts, places[chosen], [0] * 600, 1)
    partition = TopicFacet().learn(both, base, 0)
    assert len(partition.stability) == len(partition.modes)
    labels = partition.label(both)
    for level in labels.T:
        assert len({frozenset(chosen[level == mode]) for mode in np.unique(level)}) <= 6
        assert all(len(set(level[chosen == place])) == 1 for place in range(6))


def test_importing_the_facet_loads_no_heavy_library():
    heavy = "sklearn scipy pandas torch stopwordsiso"
    code = f"import sys, modecollapse.facets.topic; print([m for m in '{heavy}'.split() if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("name", ["default", "fast"])
def test_a_metric_is_read_as_it_was_written(name, tmp_path, monkeypatch):
    found = metric(name)
    assert found.shape == (512, 512) and np.array_equal(found, found.T)
    assert (np.linalg.eigvalsh(found) > 0).all()
    save({name: found}, tmp_path / "metric.npz")
    monkeypatch.setattr("modecollapse.facets.metric.FILE", tmp_path / "metric.npz")
    np.testing.assert_array_equal(metric.__wrapped__(name), found)


def test_what_tells_no_subject_makes_no_topic_under_the_encoders_metric():
    random = np.random.default_rng(0)
    values, directions = np.linalg.eigh(metric("default"))
    subject, form = random.integers(0, 4, 480), random.integers(0, 4, 480)
    centres = np.eye(4) * 1.2
    vectors = centres[subject] @ directions[:, -4:].T + 2 * centres[form] @ directions[:, :4].T
    vectors += random.normal(scale=0.2 / np.sqrt(512), size=vectors.shape)
    texts = [f"text number {i}" for i in range(480)]
    made = rows(texts, vectors, np.arange(480) % 6, 6)
    told = {}
    for name in ("", "default"):
        given = replace(made, metric=name)
        labels = TopicFacet().learn(given, given.take(np.arange(0)), 0).label(given)[:, 0]
        told[name] = [adjusted_mutual_info_score(truth, labels) for truth in (subject, form)]
    assert told[""][1] > 0.9 > 0.1 > told[""][0]
    assert told["default"][0] > 0.9 > 0.1 > told["default"][1]
    assert values[0] * 2 < values[-1] / 2


def test_a_topic_may_be_named_by_what_its_prompt_asks_for(base):
    """Texts on the sea say its words; here their prompts do as well."""
    asked = replace(base[0], prompt_texts=[f"Write of {' and '.join(TOPICS['sea'])}."] * len(base[0].prompt_texts))
    partition = TopicFacet().learn(asked, asked, seed=0)
    commonest = np.bincount(partition.label(asked)[base[1] == "sea", 1]).argmax()
    assert set(partition.modes[commonest].label.split(" · ")) <= set(TOPICS["sea"])
