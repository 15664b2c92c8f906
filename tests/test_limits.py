"""Texts that a limit of tokens ends are compared as far as both sides go: what they did not come to say is no loss."""

import gzip
import json
import random

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.corpus import read_corpus
from modecollapse.limits import Limit, find_limit
from modecollapse.pairing import Side, pair
from modecollapse.report import Verdict
from tests.corpora import SAMPLE_DATA, sentence, write


def told(seed, sentences=(3, 9), end="", prompts=8, samples=10):
    """Rows of several sentences; an answer that ends by itself is as long as it likes."""
    rng = random.Random(seed)
    return [
        {"prompt": f"Prompt {prompt}", "text": " ".join(sentence(rng) for _ in range(rng.randint(*sentences))) + end}
        for prompt in range(prompts)
        for _ in range(samples)
    ]


def cut(rows, words):
    return [{**row, "text": " ".join(row["text"].split()[:words])} for row in rows]


def limit(tmp_path, base, new):
    corpora = [read_corpus(write(tmp_path / f"{side}.jsonl", rows)) for side, rows in (("base", base), ("new", new))]
    both = pair(*corpora)
    return find_limit(both, [np.flatnonzero(both.side == side) for side in (Side.BASE, Side.NEW)])


def test_the_side_that_breaks_off_earlier_is_found(tmp_path):
    base, new = told(1), told(2)
    found = limit(tmp_path, base, cut(new, 20))
    assert found.side is Side.NEW
    assert found.broken_off > 0.8  # every twelfth word ends a sentence
    assert found.longer > 0.9
    read = [len(found.within(row["text"]).split()) for row in [*base, *cut(new, 20)]]
    assert 12 <= min(read) <= max(read) <= 20
    assert limit(tmp_path, cut(base, 20), new).side is Side.BASE
    assert limit(tmp_path, cut(base, 20), cut(new, 32)).side is Side.BASE


def test_a_limit_takes_many_broken_texts_of_about_one_length(tmp_path):
    base, new = told(1), cut(told(2, samples=40), 20)
    short = [{**row, "text": sentence(random.Random(i))} for i, row in enumerate(new)]
    some, few = ([new[i] if i % one_in == 0 else row for i, row in enumerate(short)] for one_in in (4, 8))
    assert limit(tmp_path, base, some).broken_off == pytest.approx(0.25, abs=0.05)
    assert limit(tmp_path, base, few) is None
    twice = [cut([row], 20 if i % 2 else 36)[0] for i, row in enumerate(told(2))]
    assert limit(tmp_path, base, twice) is not None
    thrice = [cut([row], 12 if i % 2 else 36)[0] for i, row in enumerate(told(2))]
    assert limit(tmp_path, base, thrice) is None


@pytest.mark.parametrize(
    ("base", "new", "why"),
    [
        (told(1), told(2), "both end by themselves"),
        (cut(told(1), 20), cut(told(2), 20), "both have the same limit"),
        (told(1), told(2, sentences=(1, 1)), "short answers that are finished are short"),
        (told(1), cut(told(2), 6), "a few words are an answer"),
        (told(1, (4, 30)), [{**row, "text": row["text"][:-1]} for row in told(2, (1, 12))], "no mark at the end"),
        (told(1, prompts=2, samples=5), cut(told(2, prompts=2, samples=5), 20), "ten texts show nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_limit_is_made_up(tmp_path, base, new, why):
    assert limit(tmp_path, base, new) is None


@pytest.mark.parametrize(
    ("text", "length", "read"),
    [
        ("The sea is blue", 100, "The sea is blue"),
        ("The sea is blue", 13, "The sea is"),
        ("海是藍色的", 7, "海是"),
        ("Long" * 30, 50, ("Long" * 30)[:50]),
        ("", 5, ""),
        ("a\ud800b and c", 6, "ab"),
    ],
)
def test_words_stay_whole(text, length, read):
    assert Limit(Side.NEW, length, 1.0, 1.0).within(text) == read


def test_texts_cut_short_have_lost_no_topic(tmp_path):
    base, new = (
        [json.loads(line) for line in gzip.decompress((SAMPLE_DATA / f"{name}.jsonl.gz").read_bytes()).splitlines()]
        for name in ("base", "base_again")
    )
    base = write(tmp_path / "base.jsonl", cut(base, 8))
    report = compare(base, write(tmp_path / "new.jsonl", new), config=Config(embedder="fast", cache=False))
    topic = next(facet for facet in report.facets if facet.name == "topic")
    assert topic.verdict is Verdict.UNCHANGED  # LOST where base and new are read to their ends
    warnings = {warning.code: warning.message for warning in report.warnings}
    assert "of the base texts end within a sentence" in warnings["broken-off-earlier"]
    assert "unequal-lengths" not in warnings
