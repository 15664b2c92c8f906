"""Words of scripts that are written without spaces, cut as the bundled encoder's vocabulary cuts them.

The vocabulary was learnt from texts in sixteen languages (Chinese, Japanese and Thai among them), and its likeliest
pieces are mostly words (Kudo 2018). What it does not know stands there as pairs of neighbouring characters.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import accumulate, chain, groupby, islice, pairwise

from modecollapse.embed.pieces import LONGEST_PIECE, PieceTokenizer
from modecollapse.embed.weights import universal
from modecollapse.words import units, weight

_NEARLY_ALL = 0.9
"""Part of the texts with a character that also say the word it is taken to be part of."""
_LONGEST_NAME, _PLACES, _CUT = 6, 3, 50

_KANA = frozenset("はがをにのへもとでや")
_PARTICLES = _KANA | frozenset("的了是在和也就都很不我你他她它这那吗呢吧か")
"""Words of one character, of Chinese and Japanese, that are seldom part of another one."""


def segmented(found: Sequence[str]) -> list[str]:
    """``found`` (see ``words.units``) with whole words in place of the characters of unspaced scripts.

    Raises ``ModelError`` where there are such characters and the bundled encoder is not installed.
    """
    if "".join(found).isascii():
        return list(found)
    return list(chain.from_iterable(_paired(_pieces(run)) if cut else run for cut, run in _runs(found)))


def stretches(found: Sequence[str]) -> list[str]:
    """``found`` with all that may be a word in place of the characters of unspaced scripts.

    Where a word ends depends on what stands around it: whether a text says it, ``segmented`` does not tell surely.
    """
    if "".join(found).isascii():
        return list(found)
    return list(chain.from_iterable(_parts(run) if cut else run for cut, run in _runs(found)))


def unspaced(unit: str) -> bool:
    """Whether it is a character of a script without spaces."""
    return weight(unit) == 0.5


def written_out(character: str, texts: Sequence[str]) -> str:
    """The word around a character of an unspaced script: the longest stretch that nearly all ``texts`` have of it.

    Where these share a whole phrase, its commonest piece with that character.
    """
    said = [set(_around(character, text)) for text in texts if character in text]
    counts = Counter(chain.from_iterable(said))
    often = [part for part, count in counts.items() if count >= _NEARLY_ALL * len(said)]
    longest = max(often, key=lambda part: (len(part), counts[part], part), default=character)
    if len(longest) < _LONGEST_NAME:
        return longest
    cut = (segmented(units(text, len(text))) for text in texts[:_CUT])
    pieces = Counter(piece for found in cut for piece in found if character in piece)
    return max(pieces, key=lambda piece: (pieces[piece], piece), default=character)


def _around(character: str, text: str) -> Iterator[str]:
    """Stretches of up to ``_LONGEST_NAME`` characters around the first places of the character in the text."""
    for place in islice((i for i, each in enumerate(text) if each == character), _PLACES):
        for begin in range(max(0, place - _LONGEST_NAME + 1), place + 1):
            for end in range(place + 1, min(len(text), begin + _LONGEST_NAME) + 1):
                if all(map(unspaced, text[begin:end])):
                    yield text[begin:end]


def is_word(word: str) -> bool:
    """Whether it is long enough to say something: one letter is not, one ideograph is."""
    return len(word) > 1 or _is_ideograph(word)


def without_particles(word: str, grammar: Set[str]) -> str:
    """A word of an unspaced script without particles around it; "" where nothing but ``grammar`` is left.

    Pieces of the vocabulary often hold a particle as well: "的朋友", "自己的", "は何".
    """
    if word in grammar:
        return ""
    if len(word) < 2 or not (unspaced(word[0]) and unspaced(word[-1])):
        return word
    begins = word[0] in "的是" or (word[0] in _KANA and _is_ideograph(word[1]))
    ends = word[-1] == "是" or (word[-1] in "的了" and len(word) > 2) or (word[-1] in _KANA and _is_ideograph(word[-2]))
    left = word[begins : len(word) - ends]
    return "" if left in grammar else left


def _is_ideograph(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _runs(found: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """Stretches of characters of unspaced scripts, and what is between them."""
    return ((cut, list(run)) for cut, run in groupby(found, key=unspaced))


def _parts(run: Sequence[str]) -> Iterator[str]:
    for begin in range(len(run)):
        yield from accumulate(run[begin : begin + LONGEST_PIECE])


def _pieces(run: Sequence[str]) -> list[str]:
    """Pieces of the vocabulary; single characters where it has none."""
    found: list[str] = []
    for piece, known in _vocabulary().pieces("".join(run)):
        if found and unicodedata.category(piece[0]).startswith("M"):  # no mark without the character that it is on
            found[-1] += piece
        else:
            found += [piece] if known else units(piece, len(piece))
    return found


def _paired(pieces: Sequence[str]) -> Iterator[str]:
    """The pieces; single characters that stand side by side as overlapping pairs, unless they are particles."""
    for kind, some in groupby(pieces, key=_kind_of_single):
        run = list(some)
        yield from map("".join, pairwise(run)) if kind and len(run) > 1 else run


def _kind_of_single(piece: str) -> str:
    """What single characters of one word have in common; "" for all other pieces."""
    if not unspaced(piece) or piece in _PARTICLES:
        return ""
    return "katakana" if "ァ" <= piece[0] <= "ー" else "other"


@cache
def _vocabulary() -> PieceTokenizer:
    return PieceTokenizer(universal("sp.model"))
