"""The language facet: right about sentences, silent about what has no language, and told when two are mixed."""

from __future__ import annotations

import numpy as np
import pytest

from modecollapse.facets.base import Rows
from modecollapse.facets.language import LanguageFacet
from modecollapse.language_detection import UNDETERMINED, likeliest, read_all

SENTENCES = {
    "en": "The weather was so bad yesterday that nobody wanted to leave the house.",
    "fr": "Il faisait si mauvais hier que personne ne voulait sortir de la maison.",
    "de": "Gestern war das Wetter so schlecht, dass niemand das Haus verlassen wollte.",
    "es": "Ayer hizo tan mal tiempo que nadie quiso salir de casa en todo el día.",
    "it": "Ieri il tempo era così brutto che nessuno voleva uscire di casa.",
    "pt": "Ontem o tempo estava tão ruim que ninguém quis sair de casa.",
    "nl": "Het weer was gisteren zo slecht dat niemand het huis uit wilde gaan.",
    "ru": "Вчера погода была такой плохой, что никто не хотел выходить из дома.",
    "zh": "昨天天气太糟糕了，没有人愿意离开家。",
    "ja": "昨日は天気がとても悪かったので、誰も家を出たがりませんでした。",
    "ko": "어제는 날씨가 너무 나빠서 아무도 집을 나서고 싶어 하지 않았다.",
    "ar": "كان الطقس سيئا للغاية أمس لدرجة أن أحدا لم يرغب في مغادرة المنزل.",
    "el": "Χθες ο καιρός ήταν τόσο κακός που κανείς δεν ήθελε να φύγει από το σπίτι.",
    "he": "אתמול מזג האוויר היה כל כך גרוע שאף אחד לא רצה לצאת מהבית.",
    "th": "เมื่อวานอากาศแย่มากจนไม่มีใครอยากออกจากบ้าน",
    "hi": "कल मौसम इतना खराब था कि कोई भी घर से बाहर नहीं निकलना चाहता था।",
}


def rows_of(texts):
    return Rows(
        texts=texts,
        prompts=np.zeros(len(texts), np.int32),
        prompt_texts=[""],
        hashes=np.array([hash_of(text) for text in texts], dtype=np.uint64),
    )


def hash_of(text):
    return sum((i + 1) * ord(c) for i, c in enumerate(text)) % 2**63


def codes_of(texts, learnt_from=None):
    rows = rows_of(learnt_from or texts)
    partition = LanguageFacet().learn(rows, rows, 0)
    return list(partition.codes(partition.label(rows_of(texts))))


def test_sentences():
    assert codes_of(list(SENTENCES.values())) == list(SENTENCES)


def test_modes_are_named_in_english():
    rows = rows_of(list(SENTENCES.values()))
    labels = {mode.id: mode.label for mode in LanguageFacet().learn(rows, rows, 0).modes}
    assert labels["fr"] == "French"
    assert labels["und"].startswith("undetermined")


@pytest.mark.parametrize(
    "text", ["", "   ", "12345", "🎉🎉🎉", "```python\nimport os\nfor x in y:\n    print(x)\n```", "---"]
)
def test_what_has_no_language_is_undetermined(text):
    assert codes_of([text], [SENTENCES["en"]] * 20) == ["und"]


def test_short_answers_take_the_language_of_the_corpus():
    english = [f"{SENTENCES['en']} Number {i}." for i in range(50)]
    assert codes_of(["I think so too.", "The sea."], english) == ["en", "en"]


def test_a_language_never_met_is_not_forced_into_the_common_one():
    english = [f"{SENTENCES['en']} Number {i}." for i in range(50)]
    assert set(codes_of([SENTENCES["de"], SENTENCES["ja"]], english)) == {"und"}
    assert codes_of([SENTENCES["de"]], [*english, SENTENCES["de"]]) == ["de"]


def test_half_and_half_is_mixed():
    texts = [SENTENCES["en"] * 4, SENTENCES["de"] * 4] * 5
    half = "\n".join([SENTENCES["en"]] * 3 + [SENTENCES["de"]] * 3)
    assert codes_of([half], texts) == ["mixed"]


def test_a_quoted_phrase_is_not_mixed():
    text = SENTENCES["en"] * 6 + " As they say, c'est la vie, mon ami. " + SENTENCES["en"] * 6
    assert codes_of([text], [SENTENCES["en"], SENTENCES["fr"]] * 10) == ["en"]


def test_code_and_links_do_not_decide():
    text = SENTENCES["fr"] + "\n```python\nfor line in open(path):\n    print(line)\n" + "x = x + 1\n" * 50
    assert codes_of([text, "https://example.com/the/weather/was/bad " + SENTENCES["fr"]]) == ["fr", "fr"]


def test_the_likeliest_language_is_the_best_of_all_that_are_likely():
    """Of equals the last by its code; none where there is no letter, or nothing that tells one from the other."""
    odd = ["", "1", "日本", "はい", "ok", "😀", "aaaa", "МИР", "שלום", "Ça va?", "q", "x y", "ß", "ი", "\ud800abc"]
    texts = [*SENTENCES.values(), *odd]
    found = [(reading.letters, *reading.best) for reading in read_all(texts)]
    assert likeliest(texts) == found
    assert likeliest(texts[::-1]) == found[::-1]
    assert [code for _, code, _ in likeliest(list(SENTENCES.values()))] == list(SENTENCES)
    assert likeliest(["1"]) == [(0, UNDETERMINED, 0.0)]


def test_order_of_rows_does_not_matter():
    texts = list(SENTENCES.values())
    forward, backward = rows_of(texts), rows_of(texts[::-1])
    assert LanguageFacet().learn(forward, forward, 0) == LanguageFacet().learn(backward, backward, 0)


@pytest.mark.parametrize(
    "text", ["`" * 10**5, "<a" * 10**5, "\ud800 hello there", "a@" * 10**5, "." * 10**5, "\u0301" * 10**5]
)
def test_hostile_text_is_labelled(text):
    assert codes_of([text], [SENTENCES["en"]])[0] in {"en", "und"}
