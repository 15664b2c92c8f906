"""Words that a baseline keeps without keeping the texts: rare ones as hashes, which still tell whether two are equal.

A hash stands for its word wherever words are only counted and compared. It hides texts from readers, not from somebody
who hashes all words of a dictionary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from modecollapse.words import weight

_MARK = "ℵ"
"""Begins every sealed word: a letter, so that it is taken for a word, and in no text that has been through NFKC."""

_IDEOGRAPHS = range(0x20000, 0x2A6D6)
"""What stands for a character of a script without spaces: one of these counts as half a word, as that does."""


@lru_cache(maxsize=65_536)
def sealed(word: str) -> str:
    """What stands for ``word``, or for a sealed word itself; punctuation and words in a row are not sealed."""
    kind = weight(word)
    whole = kind > 0 or (" " not in word and any(map(str.isalnum, word)))  # several characters of an unspaced script
    if is_sealed(word) or not whole:
        return word
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    number = int.from_bytes(digest, "little")
    return chr(_IDEOGRAPHS[number % len(_IDEOGRAPHS)]) if kind == 0.5 else _MARK + _in_letters(number)


def is_sealed(word: str) -> bool:
    """Whether ``word`` stands for another."""
    return word.startswith(_MARK) or (len(word) == 1 and ord(word) in _IDEOGRAPHS)


def _in_letters(number: int) -> str:
    """A 64-bit number in letters: digits would fall away when words are cut."""
    return "".join(chr(ord("a") + (number >> shift) % 16) for shift in range(0, 64, 4))


@dataclass(frozen=True)
class Concealment:
    """Which words stay legible: those of ``openings`` where a text begins with one, those in ``words`` elsewhere.

    ``openings`` are all prefixes of words that enough texts share, ``words`` those of enough texts, ``names`` such as
    may name a mode, ``grammar`` the function words of the base's languages, ``beginnings`` and
    ``endings`` what enough texts begin and end with, whatever numbers stand there; of endings the last word first.
    """

    openings: frozenset[tuple[str, ...]]
    words: frozenset[str]
    names: frozenset[str]
    grammar: frozenset[str]
    beginnings: frozenset[tuple[str, ...]] = frozenset()
    endings: frozenset[tuple[str, ...]] = frozenset()
    _seen: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def shared(self, words: Sequence[str]) -> int:
        """How many of the words that a text begins with enough texts begin with."""
        return _depth(words, self.openings)

    def shared_at(self, words: Sequence[str], *, last: bool) -> int:
        """How many of the words that a text has at its beginning, or at its end, enough texts have there."""
        return _depth(words, self.endings if last else self.beginnings)

    def sequence(self, words: Sequence[str]) -> list[str]:
        """The words that a text begins with: legible as far as enough texts begin so."""
        depth = self.shared(words)
        return [*words[:depth], *map(self._sealed, words[depth:])]

    def bag(self, words: Iterable[str]) -> list[str]:
        """Words of a text, in alphabetical order, each as often as it stands there."""
        return sorted(word if word in self.words else self._sealed(word) for word in words)

    def named(self, words: Iterable[str]) -> list[str]:
        """Words that may name a mode, in alphabetical order."""
        return sorted(word if word in self.names else self._sealed(word) for word in words)

    def revealed(self, word: str) -> str:
        """The word behind a seal, if a text that was sealed here has it."""
        return self._seen.get(word, word)

    def _sealed(self, word: str) -> str:
        seal = sealed(word)
        self._seen[seal] = word
        return seal


def _depth(words: Sequence[str], shared: frozenset[tuple[str, ...]]) -> int:
    return next((d for d in range(len(words)) if tuple(words[: d + 1]) not in shared), len(words))
