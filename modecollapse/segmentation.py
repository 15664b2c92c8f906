"""Words of scripts that are written without spaces, cut as the bundled encoder's vocabulary cuts them.

The vocabulary was learnt from texts in sixteen languages (Chinese, Japanese and Thai among them), and its likeliest
pieces are mostly words (Kudo 2018). What it does not know stands there as pairs of neighbouring characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import chain, groupby, pairwise

from modecollapse.embed.pieces import PieceTokenizer
from modecollapse.embed.weights import universal
from modecollapse.words import units, weight

_KANA = frozenset("はがをにのへもとでや")
"""Particles of Japanese that pieces begin or end with."""


def segmented(found: Sequence[str]) -> list[str]:
    """``found`` (see ``words.units``) with whole words in place of the characters of unspaced scripts.

    Raises ``ModelError`` where there are such characters and the bundled encoder is not installed.
    """
    if "".join(found).isascii():
        return list(found)
    runs = groupby(found, key=unspaced)
    return list(chain.from_iterable(_paired(_pieces("".join(run))) if cut else run for cut, run in runs))


def unspaced(unit: str) -> bool:
    """Whether it is a character of a script without spaces."""
    return weight(unit) == 0.5


def is_word(word: str) -> bool:
    """Whether it is long enough to say something: one letter is not, one ideograph is."""
    return len(word) > 1 or _is_ideograph(word)


def _is_ideograph(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def bare(word: str, grammar: Set[str]) -> str:
    """A word of an unspaced script without particles around it; "" where it is nothing but ``grammar``.

    Pieces of the vocabulary often hold a particle as well: "的朋友", "自己的", "は何".
    """
    if word.isascii() or not all(map(unspaced, word)):
        return word
    if len(word) == 1:
        return "" if word in grammar else word
    begins = word[0] == "的" or (word[0] in _KANA and _is_ideograph(word[1]))
    ends = (word[-1] in "的了" and len(word) > 2) or (word[-1] in _KANA and _is_ideograph(word[-2]))
    left = word[begins : len(word) - ends]
    return "" if len(left) < 2 or _is_made_of(left, grammar) else left


def _is_made_of(word: str, parts: Set[str]) -> bool:
    return not word or any(word[:end] in parts and _is_made_of(word[end:], parts) for end in range(1, len(word) + 1))


def _pieces(run: str) -> list[str]:
    """Pieces of the vocabulary; single characters where it has none."""
    found: list[str] = []
    for piece, known in _vocabulary().pieces(run):
        if found and piece and unicodedata.category(piece[0]).startswith("M"):  # no character without what it is on
            found[-1] += piece
        else:
            found += [piece] if known else units(piece, len(piece))
    return found


def _paired(pieces: Sequence[str]) -> Iterator[str]:
    """The pieces; single characters that stand side by side as overlapping pairs."""
    for single, some in groupby(pieces, key=unspaced):
        run = list(some)
        yield from map("".join, pairwise(run)) if single and len(run) > 1 else run


@cache
def _vocabulary() -> PieceTokenizer:
    return PieceTokenizer(universal("sp.model"))
