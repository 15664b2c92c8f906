from __future__ import annotations

import numpy as np

from modecollapse.facets.manner import style_counts
from modecollapse.facets.reading import Manner, Reading
from modecollapse.facets.register import DIRECTIONS, english
from modecollapse.words import units
from tests.facets.made import rows

OLD = [
    "Whither goest thou, good sir, and wherefore hast thou forsaken thy lady's house?",
    "I pray thee, tell me what thou didst hear, for my heart is sore troubled.",
    "He hath sworn upon his sword that he would neither eat nor sleep till it be done.",
    "Then spake the knight unto her: Fair damsel, weep not, for I shall not fail thee.",
]
NEW = [
    "Where are you going, and why did you move out of your girlfriend's place?",
    "Just tell me what you heard, okay? I'm really worried about all this.",
    "He's sworn he won't eat or sleep until it's done, which is kind of crazy.",
    "So the guy told her: don't cry, I'm not going to let you down.",
]


def place(text):
    read = units(text, 150)
    return np.array(english().of(read, style_counts(text, read)))


def test_eras_are_told_apart_whatever_is_said() -> None:
    """Each sentence is nearer to the others of its era than to those of the other; what these say is the same."""
    points = np.stack([[place(text) for text in era] for era in (OLD, NEW)])
    for era in (0, 1):
        for i in range(len(OLD)):
            own, other = (np.delete(points[which], i, axis=0).mean(axis=0) for which in (era, 1 - era))
            assert np.linalg.norm(points[era, i] - own) < np.linalg.norm(points[era, i] - other), (OLD, NEW)[era][i]


def test_nothing_is_heard_in_another_language_than_english() -> None:
    texts = ["Je ne sais pas ce que tu veux dire.", "I don't know what you mean."]
    given = rows(texts, np.eye(2), [0, 0], 1, languages=["fr", "en"])
    found = Reading.of(given).register
    assert found.shape == (2, DIRECTIONS)
    assert not found[0].any()
    assert found[1].any()


def test_a_text_without_words_has_a_place() -> None:
    assert np.isfinite(Manner.of("").register).all()
    assert np.isfinite(Manner.of("🙂 — 12 «»").register).all()
