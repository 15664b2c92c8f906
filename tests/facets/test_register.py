from __future__ import annotations

from collections import Counter

import numpy as np

from modecollapse.facets.manner import style_counts
from modecollapse.facets.reading import Reading
from modecollapse.facets.register import DIRECTIONS, FILE, english, features, packed, unpacked
from modecollapse.facets.terms import Terms
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


def places(texts):
    read = Terms.of([units(text, 150) for text in texts])
    return english().of(read, style_counts(texts, read))


def test_eras_are_told_apart_whatever_is_said() -> None:
    """Each sentence is nearer to the others of its era than to those of the other; what these say is the same."""
    points = np.stack([places(era) for era in (OLD, NEW)])
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
    assert np.isfinite(places(["", "🙂 — 12 «»"])).all()


def test_points_are_kept_to_the_hundredth() -> None:
    points = places(OLD)
    assert np.abs(unpacked(packed(points)) - points).max() <= 0.00501
    assert unpacked(packed(np.full((1, DIRECTIONS), 1e9))).max() == 327.67
    assert unpacked([]).shape == (0, DIRECTIONS)


def test_features_are_found_in_a_row_of_texts_as_they_are_in_each() -> None:
    """Looked up as numbers they must be the sequences that ``features`` spells, which the directions were learnt by."""
    with np.load(FILE, allow_pickle=False) as kept:
        place = {name: i for i, name in enumerate(bytes(kept["features"]).decode().split("\n"))}
    known, read = (
        english(),
        [units(text, 150) for text in [*OLD, "", "No.", "I say", *NEW, "The ship that 12 men saw ran."]],
    )
    habits = style_counts([""] * len(read), Terms.of([[]] * len(read)))
    expected = []
    for own in read:
        point = known.habits(habits)[0] @ known.directions[len(known.idf) :] - known.centre
        for part in features(own):
            counts = Counter(place[name] for name in part if name in place)
            weights = {i: (1 + np.log(count)) * known.idf[i] for i, count in counts.items()}
            length = np.sqrt(sum(weight**2 for weight in weights.values()))
            point = point + sum((weight / length * known.directions[i] for i, weight in weights.items()), start=0)
        expected.append(point)
    found = known.of(Terms.of(read), habits)
    assert np.allclose(found, expected, atol=1e-4)
    assert packed(known.of(Terms.of(read[3:4]), habits[:1])) == packed(found[3:4])
