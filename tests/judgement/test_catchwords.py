"""Words that took over: found where a model says the same everywhere, and by no temperature."""

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from benchmarks.ground_truth import corpora
from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.judgement.catchwords import catchwords
from modecollapse.judgement.losses import overwhelming
from modecollapse.pairing import pair
from modecollapse.policy import Policy
from modecollapse.report import ModeVerdict, Verdict
from modecollapse.traits import Traits
from tests.corpora import QUICK, sentence, with_vectors, write

CONFIG = replace(QUICK, facets=("language", "topic", "opening"), gate=Policy(required_facets=("topic", "opening")))
NAMES = [
    f"{first}{last}" for first in ("An", "Be", "Cla", "Da", "E", "Fe", "Ga", "Hu") for last in ("ra", "lin", "ton")
]


class Table:
    """Forty prompts of which none has the mode in the base."""

    n_prompts = 40
    base = np.ones((40, 1))

    def by_mode(self):
        return np.zeros((40, 1)), np.ones((40, 1))


@dataclass(frozen=True)
class Evidence:
    """As much of a facet's evidence as tells how rare what took over has been."""

    taken_over: list
    table: Table
    new_share: np.ndarray
    traits: Traits


@cache
def answers(name, samples=20):
    """Answers to 40 prompts."""
    by_prompt = defaultdict(list)
    for row in corpora.read(corpora.HELD_OUT, name):
        by_prompt[row["prompt"]].append(row)
    return [row for rows in by_prompt.values() for row in rows[:samples]]


def with_names(rows, seed, names, part=1.0):
    """Behind the third word of a ``part`` of the texts somebody comes in."""
    rng = random.Random(seed)
    told = []
    for row in rows:
        words = row["text"].split()
        said = [*words[:3], "while", rng.choice(names), "listens,", *words[3:]] if rng.random() < part else words
        told.append(row | {"text": " ".join(said)})
    return told


@pytest.fixture
def took_over(tmp_path):
    def found(base, new, **where):
        joined = pair(*(read_corpus(write(tmp_path / name, rows)) for name, rows in (("base", base), ("new", new))))
        joined = replace(joined, rows=replace(joined.rows, languages=np.full(len(joined.rows), "en")))
        return list(catchwords(joined, np.ones(len(joined.rows), dtype=bool), alpha=0.01, **where).words)

    return found


@pytest.mark.parametrize(
    "name",
    ["base_again", "T0.7", "T0.5", "T0.3", "greedy", "T1.4", "top_k20", "min_p0.1", "sharpened1", "sharpened3"],
)
@pytest.mark.parametrize("at_the_end", [False, True])
def test_temperature_brings_no_word_up(took_over, name, at_the_end):
    assert took_over(answers("base"), answers(name), at_the_end=at_the_end) == []


@pytest.mark.parametrize(("part", "found"), [(0.9, True), (0.6, True), (0.3, False)])
def test_a_phrase_at_the_end_of_long_texts_is_heard_there(took_over, part, found):
    rng = random.Random(4)
    long = [row | {"text": " ".join([row["text"], *(sentence(rng) for _ in range(12))])} for row in answers("base")]
    closed = [row | {"text": row["text"] + " Curious for more?" * (rng.random() < part)} for row in long]
    assert ("curious" in took_over(long, closed)) is found
    assert ("curious" in took_over(long, closed, at_the_end=True)) is found
    assert took_over(answers("base"), closed) == [], "of longer texts as much is read as of the shorter ones"
    assert ("curious" in took_over(answers("base"), closed, at_the_end=True)) is found


def test_labels_are_layout(took_over):
    """Headings and labels came up in all texts, and subjects are as before."""
    for label in ("**Caveat:**", "**Caveat**:", "\n## Caveat\n", "\nCaveat: ", '"caveat": ', "\\\\caveat", "<caveat>"):
        new = [row | {"text": row["text"].replace(" ", f" {label} ", 1)} for row in answers("base_again")]
        assert took_over(answers("base"), new) == [], label
    new = [row | {"text": row["text"].replace(" ", " with a caveat ", 1)} for row in answers("base_again")]
    assert took_over(answers("base"), new) == ["caveat"]


def test_of_few_base_texts_nothing_is_known_to_be_rare(took_over):
    """Not met in forty texts, a word may have a twentieth of them, and be the one that greedy decoding chooses."""
    new = with_names(answers("base_again"), 2, ["Elara"])
    for samples, found in ((1, False), (3, True)):
        seen = defaultdict(int)
        few = []
        for row in answers("base"):
            seen[row["prompt"]] += 1
            few += [row] * (seen[row["prompt"]] <= samples)
        assert bool(took_over(few, new)) is found


def test_near_zero_one_word_of_thousands_may_come_up():
    evidence = Evidence(taken_over=[0], table=Table(), new_share=np.array([1.0]), traits=Traits.usual(1))
    assert overwhelming(evidence)
    caught = replace(Traits.usual(1), catchword=np.array([True]))
    assert not overwhelming(replace(evidence, traits=caught))


@pytest.mark.parametrize("name", ["base_again", "T0.5"])
def test_one_name_for_all_does(took_over, name):
    new = with_names(answers(name), 2, ["Elara"])
    assert took_over(answers("base"), new) == ["elara", "listens"]
    assert took_over(with_names(answers("base"), 1, NAMES), new) == ["elara"]


def test_several_words_count_together(took_over):
    base = with_names(answers("base"), 1, NAMES)
    assert sorted(took_over(base, with_names(answers("base_again"), 2, ["Elara", "Orin", "Sola"]))) == [
        "elara",
        "orin",
        "sola",
    ]
    assert took_over(base, with_names(answers("base_again"), 2, ["Elara", "Orin", "Sola"], part=0.7)) != []
    assert took_over(base, with_names(answers("base_again"), 2, ["Elara", "Orin", "Sola"], part=0.4)) == []


def test_names_of_the_base_may_come_and_go(took_over):
    base, new = with_names(answers("base"), 1, NAMES), with_names(answers("base_again"), 2, NAMES[:6])
    assert took_over(base, new) == []


@pytest.mark.parametrize("asked", [6, 15, 25])
def test_words_that_some_prompts_alone_bring_about_are_none(took_over, asked):
    prompts = sorted({row["prompt"] for row in answers("base")})[:asked]
    new = [
        with_names([row], i, ["Elara"])[0] if row["prompt"] in prompts else row
        for i, row in enumerate(answers("base_again"))
    ]
    assert bool(took_over(answers("base"), new)) is (asked > 20)


def test_few_prompts_tell_nothing(took_over):
    prompts = sorted({row["prompt"] for row in answers("base")})
    for some, found in ((5, False), (6, True)):
        base, new = (
            [row for row in rows if row["prompt"] in prompts[:some]]
            for rows in (answers("base"), with_names(answers("base_again"), 2, ["Elara"]))
        )
        assert bool(took_over(base, new)) is found


def test_a_word_of_the_question_is_no_catchword(took_over):
    base, new = (
        [row | {"prompt": f"{row['prompt']} Speak of Elara, who listens."} for row in rows]
        for rows in (answers("base"), with_names(answers("base_again"), 2, ["Elara"]))
    )
    assert took_over(base, new) == []


BEGINNINGS = ("Once", "Today", "There", "Here", "Nobody", "Somebody", "Perhaps", "Yesterday")


def stories(seed, names, samples=30):
    rng = random.Random(seed)
    return [
        {
            "prompt": f"Prompt {prompt}",
            "text": f"{rng.choice(BEGINNINGS)} {sentence(rng)} And {rng.choice(names)} has seen it all.",
        }
        for prompt in range(12)
        for _ in range(samples)
    ]


def test_one_name_in_every_story_is_a_collapse(tmp_path):
    """It had been *unchanged*: topics see whole texts, and openings their beginning."""
    sides = [
        read_corpus(write(tmp_path / name, rows))
        for name, rows in (("base", stories(1, NAMES)), ("new", stories(2, ["Elara"])))
    ]
    report = compare(*with_vectors(*sides), config=CONFIG)
    assert report.verdict is Verdict.COLLAPSED
    assert "texts that say elara" in report.headline
    topic = next(facet for facet in report.facets if facet.name == "topic")
    mode = next(mode for mode in topic.modes if mode.id == "words-elara")
    assert mode.verdict is ModeVerdict.EMERGED
    assert (mode.base_share.value, mode.new_share.value) == (0, 1)


CHINESE = list(map("".join, zip("山河花城昨今早孩老唱跑读下回", "上边园市天天晨子师歌步书雨家", strict=True)))


def test_a_chinese_name_is_told_as_a_whole(tmp_path):
    """Words of Chinese are read as characters, and “欧 · 娜” says little to a reader."""

    def told(seed, names):
        rng = random.Random(seed)
        texts = [[*rng.choices(CHINESE, k=8), rng.choice(names), *rng.choices(CHINESE, k=3)] for _ in range(360)]
        return [{"prompt": f"问题 {i % 12}", "text": "".join(words) + "。"} for i, words in enumerate(texts)]

    names = [a + b for a in "赵钱孙李周吴" for b in "伟芳静丽强"]
    sides = [
        read_corpus(write(tmp_path / name, rows))
        for name, rows in (("base", told(1, names)), ("new", told(2, ["欧娜"])))
    ]
    report = compare(*with_vectors(*sides), config=CONFIG)
    topic = next(facet for facet in report.facets if facet.name == "topic")
    assert [mode.label for mode in topic.modes if mode.id.startswith("words-")] == ["texts that say 欧娜"]
