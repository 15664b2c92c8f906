"""Words of which hardly a text is left: found where a subject was filtered out, and nowhere else."""

import random
import re
from collections import defaultdict
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.ground_truth import corpora
from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.judgement import subjects
from modecollapse.judgement.subjects import Level, lost_words
from modecollapse.pairing import pair
from modecollapse.policy import Policy
from modecollapse.report import ModeVerdict, Verdict
from tests.corpora import QUICK, sentence, with_vectors, write

WORK = re.compile(r"\bwork\w*", re.IGNORECASE)
CONFIG = replace(QUICK, facets=("language", "topic", "opening"), gate=Policy(required_facets=("topic", "opening")))


@cache
def answers(name, samples=40):
    """Answers of up to 64 tokens to 40 prompts, one in eleven of which says "work" at T = 1."""
    by_prompt = defaultdict(list)
    for row in corpora.read(corpora.HELD_OUT, name):
        by_prompt[row["prompt"]].append(row)
    return [row for rows in by_prompt.values() for row in rows[:samples]]


def without_work(rows):
    return [row for row in rows if not WORK.search(row["text"])]


@pytest.fixture
def gone(tmp_path):
    """Which words the new rows lack; every word is a family of its own.

    Texts that a ``rule`` picks are a mode, of which temperature may have left the ``least`` part or more.
    """

    def found(base, new, rule=None, least=0.0):
        joined = pair(*(read_corpus(write(tmp_path / name, rows)) for name, rows in (("base", base), ("new", new))))
        joined = replace(joined, rows=replace(joined.rows, languages=np.full(len(joined.rows), "en")))
        labels = np.array([0 if rule and rule(text) else -1 for text in joined.rows.texts], dtype=np.int32)
        levels = [Level(np.full(len(labels), -1, dtype=np.int32), np.zeros(0)), Level(labels, np.array([least]))]
        return list(lost_words(joined, np.ones(len(joined.rows), dtype=bool), None, alpha=0.01, levels=levels).words)

    return found


@pytest.mark.parametrize("name", ["base_again", "T0.7", "T0.5", "T0.3", "top_k20", "sharpened1", "sharpened3"])
def test_temperature_takes_no_words_away(gone, name):
    assert gone(answers("base"), answers(name)) == []


@pytest.mark.parametrize("name", ["base_again", "T0.7", "T0.5"])
def test_a_filter_does(gone, name):
    assert gone(answers("base"), without_work(answers(name))) == ["work"]


def test_the_same_words_whatever_the_order_of_rows(gone):
    base, new = list(answers("base")), without_work(answers("T0.7"))
    random.Random(0).shuffle(base)
    assert gone(base, new[::-1]) == ["work"]


def test_shorter_answers_have_not_lost_what_comes_later(gone):
    short = [row | {"text": " ".join(row["text"].split()[:8])} for row in answers("base_again")]
    assert gone(answers("base"), short) == []


def test_fewer_samples_of_some_prompts_are_no_loss(gone):
    """Two in three prompts have a tenth of the samples: what they are about is said less by that alone."""
    asked = sorted({row["prompt"] for row in answers("base")})[::3]
    seen = defaultdict(int)
    fewer = []
    for row in answers("base_again"):
        seen[row["prompt"]] += 1
        if row["prompt"] in asked or seen[row["prompt"]] <= 4:
            fewer.append(row)
    assert gone(answers("base"), fewer) == []


BEGINNINGS = ("Once", "Today", "There", "Here", "Nobody", "Somebody", "Perhaps", "Yesterday")


def about(rng, share, prompts=20, samples=30):
    """Sentences at random, of which a ``share`` goes on to speak of work."""
    return [
        {
            "prompt": f"Prompt {prompt}",
            "text": f"{BEGINNINGS[min(int(rng.expovariate(0.5)), 7)]} {sentence(rng)} "
            + ("And then back to work." if rng.random() < share else "And then back to bed."),
        }
        for prompt in range(prompts)
        for _ in range(samples)
    ]


@pytest.fixture
def against(tmp_path):
    def comparison(base, new, **extra):
        rows = {"base": base, "new": new, **extra}
        read = [read_corpus(write(tmp_path / f"{side}.jsonl", some)) for side, some in rows.items()]
        vectors = dict(zip(rows, with_vectors(*read), strict=True))
        return compare(vectors.pop("base"), vectors.pop("new"), **vectors, config=CONFIG)

    return comparison


def topic(report):
    return next(facet for facet in report.facets if facet.name == "topic")


def subject(report):
    return next((mode for mode in topic(report).modes if mode.id.startswith("words-")), None)


def test_a_subject_that_no_topic_stands_for_is_lost(against):
    """It had been *unchanged*: a seventh of all texts, spread over all topics."""
    report = against(about(random.Random(0), 0.15), about(random.Random(1), 0.0))
    assert report.verdict is Verdict.LOST
    found = subject(report)
    assert found.id == "words-work"
    assert found.verdict is ModeVerdict.VANISHED
    assert found.base_share.value > 0.1 > 0.005 > found.new_share.value
    assert "work" in report.headline


def test_words_are_sought_beside_the_modes_of_every_facet(against, monkeypatch):
    given = []

    def spy(*arguments):
        given.extend(arguments[-1])
        return lost_words(*arguments)

    monkeypatch.setattr(subjects, "lost_words", spy)
    against(about(random.Random(0), 0.15), about(random.Random(1), 0.0))
    assert len(given) > 4, "levels of languages, topics, openings and degeneration"
    assert all(((level.least >= 0) & (level.least <= 1)).all() for level in given)
    assert any((level.least > 0.5).any() for level in given), "near T = 1 no mode goes"
    assert all(level.labels.max() < len(level.least) for level in given)


def test_it_is_no_finding_where_it_is_still_said(against):
    report = against(about(random.Random(0), 0.15), about(random.Random(1), 0.12))
    assert subject(report) is None
    assert report.verdict not in (Verdict.LOST, Verdict.COLLAPSED)


def test_reheated_texts_that_have_it_clear_it(against):
    rng = random.Random(2)
    report = against(about(random.Random(0), 0.15), about(random.Random(1), 0.0), reheated=about(rng, 0.15))
    assert subject(report).reheated_share.value > 0.1


def test_nothing_more_is_sought_where_something_is_lost(against):
    """All new texts are in another language: that every English word is gone follows from it."""
    spanish = [
        {"prompt": f"Prompt {i % 20}", "text": "La vida es un sueño, y los sueños son de todos los que trabajan aquí."}
        for i in range(600)
    ]
    report = against(about(random.Random(0), 0.15), spanish)
    assert report.verdict in (Verdict.LOST, Verdict.COLLAPSED)
    assert subject(report) is None


def test_what_one_mode_holds_is_left_to_that_mode(gone):
    """As if all that is said of work were said in one language: that is judged itself, and temperature may take it."""
    base, new = answers("base"), without_work(answers("base_again"))
    assert gone(base, new, rule=WORK.search) == []
    assert gone(base, new, rule=lambda text: "e" in text) == ["work"]


def test_a_mode_takes_no_words_that_temperature_would_have_left(gone):
    """Near T = 1 eight rare openings went, as no temperature takes them; none was judged, and the words were theirs."""
    base, new = answers("base"), without_work(answers("base_again"))
    assert gone(base, new, rule=WORK.search, least=0.9) == ["work"]


def test_a_mode_that_holds_some_of_the_words_and_stays_explains_nothing(gone):
    """A word in 50 of 260 texts had been left to a mode of 85 that held 25 of them, and that was as large as before."""
    base, new = answers("base"), without_work(answers("base_again"))
    half = {row["text"] for row in base if WORK.search(row["text"])}
    half = set(sorted(half)[::2])
    others = {row["text"] for row in [*base, *new] if not WORK.search(row["text"])}
    others = set(sorted(others)[::9])
    assert gone(base, new, rule=(half | others).__contains__) == ["work"]
    # Nor do texts that are in no mode.
    assert gone(base, new, rule=lambda text: not WORK.search(text)) == ["work"]


def test_texts_with_more_to_say_are_no_smaller_mode(gone):
    """One mode of all texts says nothing, however many more words of content the new ones have."""

    def some(rng, share, filled):
        """Thirty words, part of them filled in with grammar; a ``share`` of the texts speaks of work."""
        grammar = ("the", "of", "it", "is", "a")
        for prompt in range(20):
            for _ in range(15):
                words = sentence(rng, 30).rstrip(".").split()
                words = [rng.choice(grammar) if rng.random() < filled else word for word in words]
                if rng.random() < share:
                    words[rng.randrange(10)] = "work"
                yield {"prompt": f"Prompt {prompt}", "text": " ".join(words)}

    base, new = list(some(random.Random(1), 0.08, 0.6)), list(some(random.Random(2), 0.0, 0.1))
    assert gone(base, new, rule=lambda text: True) == gone(base, new) == ["work"]


def test_a_mode_that_grew_owes_no_more_words_than_it_had(tmp_path):
    """What took another mode's place may be other texts. It had 12 of the word's texts; 45 went with the other mode.

    Had the mode that grew ninefold owed nine times as many, the word would be told as gone beside it.
    """

    def rows(letters, saying):
        rng = random.Random(3)
        for number, mode in enumerate("a" * letters[0] + "b" * letters[1]):
            words = sentence(rng).split()
            place = number if mode == "a" else number - letters[0]
            said = "work" if place < saying["ab".index(mode)] else words[0]
            yield {"prompt": f"Prompt {number % 20}", "text": " ".join([mode, said, *words])}

    joined = pair(
        read_corpus(write(tmp_path / "base.jsonl", list(rows((360, 40), (45, 12))))),
        read_corpus(write(tmp_path / "new.jsonl", list(rows((40, 360), (0, 3))))),
    )
    joined = replace(joined, rows=replace(joined.rows, languages=np.full(len(joined.rows), "en")))
    everything = np.ones(len(joined.rows), dtype=bool)
    labels = np.array(["ab".index(text[0]) for text in joined.rows.texts], dtype=np.int32)
    assert list(lost_words(joined, everything, None, alpha=0.01).words) == ["work"]
    assert not lost_words(joined, everything, None, alpha=0.01, levels=[Level(labels, np.zeros(2))]).words
