"""The language model: many texts at once are told apart as the library tells them one by one."""

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from modecollapse.language_detection import readings
from modecollapse.language_model import language_model
from tests.test_embed import ELSEWHERE, REAL

TEXTS = [
    *REAL,
    *ELSEWHERE.values(),
    "",
    " ",
    "a",
    "ALL IN CAPITALS",
    "1 2 3",
    "long " * 500,
    "\ud800 lone",
    "né à Zürich",
]


def test_probabilities_are_those_of_the_library():
    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model = language_model()
    ours = model.probabilities(TEXTS)
    expected = [dict(theirs.rank(text)) for text in TEXTS]
    assert np.allclose(ours, [[row[code] for code in model.languages] for row in expected], atol=1e-4)


def test_a_text_is_read_alike_in_any_company():
    model = language_model()
    together = model.probabilities(TEXTS * 100)
    alone = np.concatenate([model.probabilities([text]) for text in TEXTS])
    assert np.array_equal(together, np.tile(alone, (100, 1)))


@pytest.mark.parametrize("texts", [[], [""], ["", "Ein Satz auf Deutsch, der nicht sehr lang ist."]])
def test_few_texts_and_empty_ones(texts):
    assert len(readings(texts)) == len(texts)
