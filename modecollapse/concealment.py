"""Words that a baseline keeps without keeping the texts: rare ones as hashes, which still tell whether two are equal.

A hash stands for its word wherever words are only counted and compared. It hides texts from readers, not from somebody
who tries all words of a dictionary: the salt stands in the baseline beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from modecollapse.words import weight

_MARK = "ℵ"
"""Begins every sealed word: a letter, so that it is taken for a word, and in no text that has been through NFKC."""

_IDEOGRAPHS = range(0x20000, 0x2A6D6)
"""What stands for a character of a script without spaces: one of these counts as half a word, as that does."""


@dataclass(frozen=True)
class Concealment:
    """Which words stay legible: those in ``openings`` where a text begins with one, those in ``words`` elsewhere.

    ``openings`` are all prefixes of words that enough texts share, ``words`` those of enough texts.
    """

    salt: str
    openings: frozenset[tuple[str, ...]]
    words: frozenset[str]
    _seen: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def sequence(self, words: Sequence[str]) -> list[str]:
        """The words that a text begins with: legible as long as enough texts begin so."""
        depth = next((d for d in range(len(words)) if tuple(words[: d + 1]) not in self.openings), len(words))
        return [*words[:depth], *map(self._sealed, words[depth:])]

    def bag(self, words: Iterable[str]) -> list[str]:
        """Words of a text, in alphabetical order, each as often as it stands there."""
        return sorted(word if word in self.words else self._sealed(word) for word in words)

    def revealed(self, word: str) -> str:
        """The word behind a seal, if a text that was sealed here has it."""
        return self._seen.get(word, word)

    def _sealed(self, word: str) -> str:
        kind = weight(word)
        if kind == 0:
            return word
        digest = hashlib.blake2b(f"{self.salt}\0{word}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        number = int.from_bytes(digest, "little")
        sealed = _MARK + _in_letters(number) if kind == 1 else chr(_IDEOGRAPHS[number % len(_IDEOGRAPHS)])
        self._seen[sealed] = word
        return sealed


def _in_letters(number: int) -> str:
    """A 64-bit number in letters: digits would fall away when words are cut."""
    return "".join(chr(ord("a") + (number >> shift) % 16) for shift in range(0, 64, 4))
