from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score

from modecollapse.facets.manner import STYLE_NAMES
from modecollapse.facets.persona import PersonaFacet, Style, Voice
from modecollapse.facets.reading import Reading
from tests.facets.made import DIMENSIONS, TOPICS, join, rows

VOICES = {
    "pirate": ["ahoy", "matey", "plunder", "buccaneer"],
    "scholar": ["empirical", "hypothesis", "evidence", "analysis"],
    "poet": ["moonlight", "whisper", "longing", "silken"],
    "coach": ["hustle", "champion", "sweat", "teamwork"],
}
HABITS = {
    "hedging": "Perhaps the {0} could be near the {1}, and maybe it might seem likely.",
    "shouting": "The {0} is really very very near the {1}! Absolutely! So truly never far!",
}
PROMPTS = list(TOPICS)


def spoken(counts, seed, prompts=8, padded=False, habit=None):
    """Rows in several voices on the subject of each prompt; ``padded``: every other text is five times as long."""
    random = np.random.default_rng(seed)
    fixed = np.random.default_rng(7)
    subject, voice = fixed.normal(size=(prompts, DIMENSIONS)), fixed.normal(size=(len(VOICES), DIMENSIONS)) * 0.6
    long = fixed.normal(size=DIMENSIONS)
    who = random.permutation([name for name, count in counts.items() for _ in range(count)])
    asked = random.integers(0, prompts, size=len(who))
    texts, vectors = [], []
    for i, (name, prompt) in enumerate(zip(who, asked, strict=True)):
        own = random.choice(VOICES[name], size=2, replace=False)
        about = random.choice(TOPICS[PROMPTS[prompt % len(PROMPTS)]], size=2, replace=False)
        manner = HABITS[habit[i % 2]] if habit else "The {0} is near the {1}."
        stretched = padded and i % 2
        filler = " It goes on with another remark on that." * (8 if stretched else 0)
        texts.append(f"{own[0]} {own[1]}, {manner.format(*about)}{filler} {random.integers(10**9)}")
        vectors.append(subject[prompt] + voice[list(VOICES).index(name)] + long * stretched)
    noise = random.normal(size=(len(who), DIMENSIONS)) * 0.3
    return rows(texts, np.array(vectors) + noise, asked, prompts), who


EVEN = dict.fromkeys(VOICES, 80)


@pytest.fixture(scope="module")
def base():
    return spoken(EVEN, seed=1, padded=True)


@pytest.fixture(scope="module")
def learnt(base):
    new, _ = spoken({**EVEN, "pirate": 200, "poet": 5}, seed=2)
    return PersonaFacet().learn(join(base[0], new), base[0], seed=0)


def voices(partition, labels):
    """The coarsest voice level."""
    return labels[:, next(m.level for m in partition.modes if m.label.startswith("voice: "))]


def test_voices_are_found_across_prompts_and_lengths(base, learnt):
    """A persona must not be the subject or the length in disguise."""
    found = voices(learnt, learnt.label(base[0]))
    long = np.array([len(text) > 200 for text in base[0].texts])
    assert adjusted_mutual_info_score(base[1], found) > 0.6
    assert adjusted_mutual_info_score(base[0].prompts, found) < 0.1
    assert adjusted_mutual_info_score(long, found) < 0.1


def test_voices_are_named_by_their_words(base, learnt):
    found = voices(learnt, learnt.label(base[0]))
    for name, own in VOICES.items():
        commonest = np.bincount(found[base[1] == name]).argmax()
        assert set(learnt.modes[commonest].label.removeprefix("voice: ").split(" · ")) & set(own)


def test_styles_are_found_and_tagged():
    both, _ = spoken(EVEN, seed=3, habit=["hedging", "shouting"])
    partition = PersonaFacet().learn(both, both, seed=0)
    level = next(mode.level for mode in partition.modes if mode.label.startswith("style: "))
    found = partition.label(both)[:, level]
    hedged = np.array(["maybe" in text for text in both.texts])
    assert adjusted_mutual_info_score(hedged, found) > 0.3
    share = {partition.modes[mode].label: hedged[found == mode].mean() for mode in np.unique(found)}
    assert max(share.values()) > 0.9 and min(share.values()) < 0.1
    assert all(("hedging" in label) == (part > 0.5) for label, part in share.items())


def test_styles_of_scripts_without_spaces_are_named_by_whole_words():
    """A style of Chinese was “mixed (3)”: its words, cut into characters, were too short to name anything."""
    some = rows(["因为我喜欢什么？", "я пью чай"], np.ones((2, 4)), [0, 0], 1, ["zh", "ru"])
    longer = rows(["如果下雨", "为什么下雨"], np.ones((2, 4)), [0, 0], 1, ["zh", "zh"])
    assert [found[0] for found in Reading.of(longer).grammar_words] == ["如果", "为什么"]
    assert Reading.of(some).grammar_words == [["因为", "我", "*", "*", "什么", "?"], ["я", "*", "*"]]
    many = rows(["因为下雨，所以回家。", "什么天气？怎么办？"] * 20, np.ones((40, 4)), [0] * 40, 1, ["zh"] * 40)
    reading, labels = Reading.of(many), np.array([[0], [1]] * 20, dtype=np.int32)
    names = Style.learn(reading, in_english=False).names(reading, labels, [2])
    assert ["因为" in name for name in names] == [True, False]
    assert ["什么" in name for name in names] == [False, True]


def test_names_and_ids_are_unique_and_levels_disjoint(base, learnt):
    assert len({mode.label for mode in learnt.modes}) == len(learnt.modes) == len(learnt.stability)
    assert len({mode.id for mode in learnt.modes}) == len(learnt.modes)
    for level, labels in enumerate(learnt.label(base[0]).T):
        assert {learnt.modes[i].level for i in labels} == {level}


def test_row_order_changes_nothing(base):
    order = np.random.default_rng(5).permutation(len(base[0]))
    shuffled = base[0].take(order)
    one, two = PersonaFacet().learn(base[0], base[0], seed=0), PersonaFacet().learn(shuffled, shuffled, seed=0)
    assert one.modes == two.modes
    np.testing.assert_array_equal(one.label(base[0])[order], two.label(shuffled))


def test_batches_are_labelled_as_the_whole(base, learnt):
    whole = learnt.label(base[0])
    parts = [learnt.label(base[0].take(part)) for part in np.array_split(np.arange(len(base[0])), 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert learnt.label(base[0].take(np.arange(0))).shape == (0, whole.shape[1])


def test_a_prompt_never_seen_is_labelled(learnt):
    strange, _ = spoken(dict.fromkeys(VOICES, 5), seed=9, prompts=11)
    assert (learnt.label(strange) >= 0).all()


@pytest.mark.parametrize("change", [{}, {"pirate": 300}, {"poet": 0}])
def test_ids_of_base_voices_outlive_another_new_corpus(base, learnt, change):
    new, _ = spoken({**EVEN, **change}, seed=4)
    other = PersonaFacet().learn(join(base[0], new), base[0], seed=0)
    first, second = (voices(partition, partition.label(base[0])) for partition in (learnt, other))
    same = [learnt.modes[a].id == other.modes[b].id for a, b in zip(first, second, strict=True)]
    assert np.mean(same) > 0.7


def test_one_sample_per_prompt_has_no_voice_and_says_so():
    random = np.random.default_rng(0)
    texts = [f"The {random.choice(TOPICS['sea'])} may be near, {i}" for i in range(200)]
    vectors = random.normal(size=(200, DIMENSIONS))
    alone = rows(texts, vectors, np.arange(200) // 2, 100)
    partition = PersonaFacet().learn(alone, alone, seed=0)
    assert "no-voice" in [code for code, _ in partition.notes]
    assert all(mode.label.startswith("style: ") for mode in partition.modes)
    assert partition.label(alone).shape[1] >= 1


@pytest.mark.parametrize("how_many", [0, 1, 30])
def test_few_rows_have_no_personas_but_a_note(base, how_many):
    few = base[0].take(np.arange(how_many))
    partition = PersonaFacet().learn(few, few, seed=0)
    assert partition.label(few).shape == (how_many, 0)
    assert [code for code, _ in partition.notes] == ["too-few-rows"]


@pytest.mark.parametrize("text", ["", "!!!", "\ud800", "🙂 🙂", "a" * 5_000])
def test_texts_without_words_are_no_accident(text):
    same = rows([text] * 200, np.ones((200, DIMENSIONS)), np.arange(200) % 4, 4)
    assert (PersonaFacet().learn(same, same, seed=0).label(same) >= 0).all()


def test_english_habits_are_not_heard_in_other_languages():
    said = ["Die Art ist so: well, ha."] * 2
    both = rows(said, np.ones((2, DIMENSIONS)), [0, 0], 1, languages=["en", "de"])
    english, german = Reading.of(both).style_counts
    lexical = [STYLE_NAMES.index(name) for name in ("archaic", "emphatic", "interjecting")]
    assert (english[lexical] > 0).all() and not german[lexical].any()


@pytest.mark.parametrize(("foreign", "heard"), [(0, True), (12, True), (96, False)])
def test_registers_of_english_are_heard_where_the_base_is_in_english(foreign, heard):
    """Beside them all texts in other languages would be one style, and a style would be a language in disguise."""
    made, _ = spoken(EVEN, seed=3)
    languages = np.where(np.arange(len(made)) < foreign, "fr", "en")
    languages[-20:] = "und"
    base = replace(made, languages=languages)
    new = replace(made, languages=np.full(len(made), "fr"))
    partition = PersonaFacet().learn(join(base, new), base, seed=0)
    style = next(source for source in partition.sources if source.name == "style")
    assert style.features.in_english == heard
    assert np.isfinite(style.project(Reading.of(base))).all()


def test_a_voice_that_shares_no_word_is_named_by_its_habits():
    """Two ways of saying it, of things that are spoken of once alone."""
    base, _ = spoken(EVEN, seed=1)
    texts = [f"Zq{i} so very really!" if i % 2 else f"Zq{i} stands there in peace." for i in range(len(base))]
    reading = Reading.of(replace(base, texts=texts))
    labels = np.array([[i % 2] for i in range(len(base))], dtype=np.int32)
    quiet, loud = Voice.learn(reading).names(reading, labels, [2])
    assert "emphatic" in loud
    assert "emphatic" not in quiet
