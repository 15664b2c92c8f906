"""Tones: how a text says what others say as well, where prompts do not tell what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score

from modecollapse.facets.counterparts import PASSAGE, Said
from modecollapse.facets.counterparts import is_parallel as reading_is_parallel
from modecollapse.facets.persona import PersonaFacet
from modecollapse.facets.reading import Reading
from tests.facets.made import TOPICS, join, rows

DIMENSIONS = 64
TONES = {
    "old": "Thou shalt find the {0} beside the {1}, and unto thee it cometh.",
    "plain": "You will find the {0} next to the {1}, and it comes to you.",
    "news": "The {0} has been found near the {1}, officials said, and it is coming.",
}
GRAMMAR = ["the", "and", "it", "to", "you", "of", "in", "is", "that", "for"]
NOUNS = [word for words in TOPICS.values() for word in words]


def told(things, seed, tones=tuple(TONES), prompts=3, worded=True):
    """Each of ``things`` told in each of ``tones``: the thing moves the vector far more than the tone does.

    Not ``worded``: by their words, tones cannot be told.
    """
    random, fixed = np.random.default_rng(seed), np.random.default_rng(7)
    own = fixed.normal(size=(len(TONES), DIMENSIONS)) * 0.35
    texts, vectors, asked, tone_of = [], [], [], []
    for thing in things:
        about = np.random.default_rng([99, thing])
        nouns, centre = about.choice(NOUNS, size=2, replace=False), about.normal(size=DIMENSIONS)
        for tone in tones:
            # Or length would tell one tone from another.
            padding = "".join(f" {number} is so." for number in random.integers(10**9, size=random.integers(8)))
            words = TONES[tone].format(*nouns) if worded else " ".join([*random.choice(GRAMMAR, size=16), *nouns])
            texts.append(f"{words}{padding} {random.integers(10**9)} {thing}")
            vectors.append(centre + own[list(TONES).index(tone)] + random.normal(size=DIMENSIONS) * 0.3)
            asked.append(thing % prompts)
            tone_of.append(tone)
    return rows(texts, np.array(vectors), asked, prompts), np.array(tone_of)


def is_parallel(rows):
    return reading_is_parallel(Reading.of(rows))


@pytest.fixture(scope="module")
def base():
    return told(range(120), seed=1)


def levels(partition, labels, source):
    return [labels[:, n] for n in sorted({m.level for m in partition.modes if m.label.startswith(f"{source}: ")})]


def test_a_tone_is_heard_where_the_same_is_said_in_each():
    """Where embeddings alone tell it, nothing else hears it: they tell what is said before how it is said."""
    some, tones = told(range(120), seed=4, worded=False)
    partition = PersonaFacet().learn(some, some, seed=0)
    labels = partition.label(some)
    heard = {
        source: max(adjusted_mutual_info_score(tones, level) for level in levels(partition, labels, source))
        for source in ("voice", "style", "tone")
    }
    assert heard["tone"] > 0.6 and heard["voice"] < 0.2 and heard["style"] < 0.2


def test_a_tone_that_went_falls_in_a_mode_of_its_own(base):
    some, tones = base
    new, _ = told(range(60, 180), seed=2, tones=("plain", "news"))
    partition = PersonaFacet().learn(join(some, new), some, seed=0)
    coarsest = min(m.level for m in partition.modes if m.label.startswith("tone: "))
    of_base, of_new = partition.label(some)[:, coarsest], partition.label(new)[:, coarsest]
    fallen = [m for m in np.unique(of_base) if (of_base == m).mean() > 0.1 and (of_new == m).mean() < 0.02]
    assert {(tones[of_base == mode] == "old").mean() > 0.9 for mode in fallen} == {True}


def test_what_others_say_in_the_same_words_for_it_is_taken_out():
    """What is left of the features is the tone's part alone, whatever each thing said adds to them."""
    some, tones = told(range(40), seed=3)
    thing = np.array([int(text.rsplit(" ", 1)[1]) for text in some.texts])
    features = np.column_stack([(tones == tone) for tone in TONES]) + 100.0 * thing[:, None]
    left = Said.learn(features, some).taken_from(features, some)
    np.testing.assert_allclose(left, [[(tone == own) - 1 / 3 for own in TONES] for tone in tones], atol=1e-9)


def test_nothing_is_parallel_that_says_each_thing_once_or_is_one_cloud(base):
    some, tones = base
    assert is_parallel(some)
    assert not is_parallel(some.take(np.flatnonzero(tones == "old")))
    cloud = np.random.default_rng(0).normal(size=(1, DIMENSIONS)) * (np.arange(360)[:, None] % 4 - 1.5)
    assert not is_parallel(replace(some, vectors=(cloud + 0.1 * some.vectors).astype(np.float32)))
    assert not is_parallel(some.take(np.arange(1)))


def test_a_prompt_that_asks_for_one_thing_needs_no_counterparts(base):
    """Voices and styles are set against the other answers to the prompt already."""
    some, _ = told(range(120), seed=1, prompts=120)
    assert not is_parallel(some)


def test_translations_are_no_counterparts(base):
    some, tones = base
    spoken = {"old": "en", "plain": "de", "news": "fr"}
    assert not is_parallel(replace(some, languages=np.array([spoken[tone] for tone in tones])))


def sources(partition):
    return {mode.label.partition(":")[0] for mode in partition.modes}


def test_tones_are_heard_where_either_side_has_counterparts_as_often(base):
    """Verses told once, beside a base that tells each three times, had been one tone: *lost*, with nothing missing."""
    some, _ = base
    again, _ = told(range(120, 240), seed=6)
    once = again.take(np.flatnonzero(np.arange(len(again)) % 3 == 0))
    cloud = rows([f"Nothing more to say, {i}." for i in range(360)], np.ones((360, DIMENSIONS)), [0] * 360, 3)
    learnt = {
        name: PersonaFacet().learn(join(some, new), some, seed=0)
        for name, new in {"again": again, "once": once, "cloud": cloud, "a part": some.take(np.arange(200))}.items()
    }
    assert {name for name, partition in learnt.items() if "tone" in sources(partition)} == {"again", "a part"}
    assert "tone" not in sources(PersonaFacet().learn(join(cloud, some), cloud, seed=0))


def test_copies_are_no_counterparts(base):
    """A prompt that stands twice, under two names, says nothing in other words."""
    some, tones = base
    one = some.take(np.flatnonzero(tones == "old"))
    assert not is_parallel(join(one, replace(one, prompts=(one.prompts + 1) % 3, hashes=one.hashes + np.uint64(1))))


def test_texts_that_share_a_passage_word_for_word_are_no_counterparts(base):
    """Texts put together of the same passages, or that all quote one, are near each other, and say it in one way."""
    some, _ = base
    words = np.random.default_rng(8).choice(NOUNS, size=PASSAGE)

    def quoting(count):
        """With a passage of ``count`` words at the end: the number of the thing, and others."""
        return replace(some, texts=[f"{text} {' '.join(words[: count - 1])}" for text in some.texts])

    assert not is_parallel(quoting(PASSAGE))
    assert is_parallel(quoting(PASSAGE - 1))


def test_order_and_batches_change_nothing(base):
    some, _ = base
    order = np.random.default_rng(5).permutation(len(some))
    one, two = (PersonaFacet().learn(each, each, seed=0) for each in (some, some.take(order)))
    assert one.modes == two.modes
    whole = one.label(some)
    np.testing.assert_array_equal(whole[order], two.label(some.take(order)))
    parts = [one.label(some.take(part)) for part in np.array_split(np.arange(len(some)), 5)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert one.label(some.take(np.arange(0))).shape == (0, whole.shape[1])
