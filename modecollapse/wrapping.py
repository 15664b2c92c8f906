"""What stands around nearly every text of one side alone (a greeting, a tag, a signature), and how texts are written.

Where all new answers begin with "Sure!" or end with a signature, that is one change, of the opening or of the format.
It is no subject and no voice: embeddings and style are read of what it stands around. Nor is HTML, with a reference in
place of each quotation mark: they are read of what it stands for. Where a limit ends the texts of one side earlier,
they are read as far as both sides go (``limits``). Where those of one side alone have no capital letters, or no marks,
both are read without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from modecollapse.affixes import common_beginning, common_ending
from modecollapse.limits import Limit, find_limit
from modecollapse.pairing import Pair, Side
from modecollapse.quantities import percent
from modecollapse.texts import Altered
from modecollapse.words import dereferenced

BROKEN_OFF_EARLIER = "broken-off-earlier"

NEARLY_ALL, HARDLY_ANY = 0.95, 0.05
_FEWEST_PROMPTS = 5
"""With fewer, what all texts begin with may be what they were asked."""
_SENTENCE = re.compile(r"(?:^|(?<=\s))[A-ZÀ-ÖØ-ÞΑ-ΩА-Я0-9][^\n]*[.!?)\]]\s*\Z")
"""Behind texts of which some end without a mark, so that what they have in common begins in its middle."""
_LEFT = 20
"""Characters that half of the texts at least have besides: what leaves less is what they say."""
_PART_OF_A_SENTENCE = re.compile(r"[\w'’ ]+\Z")
_LOOKED_AT = 2_000
"""Texts of either side: one in twenty of them is well known."""


_LONGEST = 40
_NUMBERED = rf"(?<![A-Za-z0-9])(?=[A-Za-z]{{0,{_LONGEST}}}[0-9])[A-Za-z0-9]{{1,{_LONGEST}}}(?![A-Za-z0-9])"
"""A number, a part of a date or an id: in each text it may be another."""
_ANY_NUMBER = "0"


@dataclass(frozen=True)
class Affix:
    """What nearly all texts of ``side`` begin (end, where ``last``) with; ``shares`` of base and new have it.

    In ``text`` "0" stands for whatever number, date or id; ``examples`` are two texts' own, one where all are alike.
    """

    text: str
    last: bool
    side: Side
    shares: tuple[float, float] = (0.0, 0.0)
    examples: Sequence[str] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = _NUMBERED.join(map(re.escape, self.text.split(_ANY_NUMBER)))
        return re.compile(rf"(?:{words})\Z" if self.last else words)

    def found(self, text: str) -> str:
        """What of it ``text`` has, as it stands there; "" where it has not."""
        if self.last:
            longest = len(self.text) + _LONGEST * self.text.count(_ANY_NUMBER)
            found = self._pattern.search(text, max(0, len(text) - longest))
        else:
            found = self._pattern.match(text)
        return found.group() if found else ""

    def around(self, text: str) -> bool:
        """Whether ``text`` has it."""
        return bool(self.found(text))

    def off(self, text: str) -> str:
        """``text`` without it."""
        length = len(self.found(text))
        bare = text[: len(text) - length] if self.last else text[length:]
        return bare.strip() if length else text


_UNMARKED = re.compile(r"[^\w\s]+")


def _without_capitals(text: str) -> bool:
    return text == text.lower() and text != text.upper()


def _in_capitals(text: str) -> bool:
    return text == text.upper() and text != text.lower()


def _without_marks(text: str) -> bool:
    return _UNMARKED.search(text) is None


_WRITINGS: Mapping[str, tuple[Callable[[str], bool], Callable[[str], str]]] = {
    "without a capital letter": (_without_capitals, str.lower),
    "in capital letters alone": (_in_capitals, str.lower),
    "without punctuation": (_without_marks, lambda text: _UNMARKED.sub("", text)),
}
"""What is told of one side's texts: whether a text is so, and how both sides' are read alike."""


@dataclass(frozen=True)
class Wrapping:
    """The affixes of a comparison, which shares of base and new hold character references, and one side's limit.

    ``writings`` names what only one side is (see ``_WRITINGS``), with the shares of base and new.
    """

    affixes: Sequence[Affix] = ()
    escaped: tuple[float, float] = (0.0, 0.0)
    limit: Limit | None = None
    writings: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def _as_html(self) -> bool:
        return max(self.escaped) > HARDLY_ANY

    def unwrap(self, text: str) -> str:
        """``text`` without affixes and references, as far as the limit."""
        text = dereferenced(text) if self._as_html else text
        for affix in self.affixes:
            text = affix.off(text)
        for name in self.writings:
            text = _WRITINGS[name][1](text)
        return text if self.limit is None else self.limit.within(text)

    def inside(self, pair: Pair) -> Pair:
        """``pair`` with texts without them, of which none is read before it is asked for, nor has been encoded."""
        if not self.affixes and not self._as_html and not self.writings and self.limit is None:
            return pair
        rows, encoded = replace(pair.rows, texts=Altered(pair.rows.texts, self.unwrap), ahead={}), pair.encoded
        if encoded is not None:
            held = np.flatnonzero(encoded.any(axis=1))
            wrapped = [self.unwrap(text) != text for text in _texts(pair, held)]
            encoded = encoded.copy()
            encoded[held[np.array(wrapped, dtype=bool)]] = 0
        return replace(pair, rows=rows, encoded=encoded)

    @property
    def notes(self) -> Iterator[tuple[str, str]]:
        """Warnings for the report, as (stable kebab-case code, message)."""
        if self._as_html:
            base, new = map(percent, self.escaped)
            yield (
                "escaped-texts",
                f"{base} of the base texts and {new} of the new ones hold HTML's character references, such as &quot;: "
                "all are read as what they stand for.",
            )
        for affix in self.affixes:
            has, lacks = (percent(affix.shares[side]) for side in (affix.side, 1 - affix.side))
            of, other = ("new", "base") if affix.side is Side.NEW else ("base", "new")
            what = " or ".join(f"“{_shown(example)}”" for example in affix.examples)
            told = f"{has} of the {of} texts {'end' if affix.last else 'begin'} with {what}"
            yield (
                "wrapped-texts",
                f"{told}, {lacks} of the {other} ones: languages, topics and personas are read without it. "
                "Where it is not the model's own (a template, a tag), take it off the file.",
            )
        for name, shares in self.writings.items():
            base, new = map(percent, shares)
            yield (
                "texts-written-alike",
                f"{base} of the base texts and {new} of the new ones are {name}: languages, topics and personas are "
                "read as if all were. Where the model itself does not write so, write both files alike.",
            )
        if self.limit is not None:
            of, other = ("new", "base") if self.limit.side is Side.NEW else ("base", "new")
            yield (
                BROKEN_OFF_EARLIER,
                f"{percent(self.limit.broken_off)} of the {of} texts end within a sentence or without a mark, "
                f"and {percent(self.limit.longer)} of the {other} ones go on beyond the longest of these: languages, "
                f"topics and personas are read as far as both go, {self.limit.length} bytes. Where they were "
                "generated with different limits of tokens, give both the same to compare all that they say.",
            )


def find_wrapping(pair: Pair, sound: NDArray[np.bool_]) -> Wrapping:
    """What stands around nearly all texts of one side, and around hardly any of the other's; ``sound`` rows count.

    None where a side has no texts (a baseline without them), as it may have the same around its own, nor where rows
    have embeddings of their own, which are of the whole texts.
    """
    compared = sound & pair.matched
    sides = [np.flatnonzero(compared & (pair.side == side))[:_LOOKED_AT] for side in (Side.BASE, Side.NEW)]
    prompts = min(len(np.unique(pair.rows.prompts[index])) for index in sides)
    if pair.rows.known or pair.rows.vectors is not None or prompts < _FEWEST_PROMPTS:
        return Wrapping()
    raw = [_texts(pair, index) for index in sides]
    texts, found = [[dereferenced(text) for text in own] for own in raw], []
    base, new = (float(np.mean([a != b for a, b in zip(*own, strict=True)])) for own in zip(raw, texts, strict=True))
    escaped = (base, new)
    for side in (Side.BASE, Side.NEW):
        for last in (False, True):
            affix = Affix(_ending(texts[side]) if last else _beginning(texts[side]), last, side)
            base, new = (sum(map(affix.around, own)) / len(own) for own in texts)
            if affix.text and (base, new)[1 - side] <= HARDLY_ANY and _leaves_something(affix, texts[side]):
                examples = dict.fromkeys(filter(None, map(affix.found, texts[side])))
                found.append(replace(affix, shares=(base, new), examples=list(examples)[:2]))
    return Wrapping(tuple(found), escaped, find_limit(pair, sides), _writings(texts))


def _writings(texts: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """How nearly all texts of one side are written, and hardly any of the other."""
    found = {}
    for name, (is_so, _) in _WRITINGS.items():
        base, new = (sum(map(is_so, own)) / len(own) for own in texts)
        if max(base, new) >= NEARLY_ALL and min(base, new) <= HARDLY_ANY:
            found[name] = (base, new)
    return found


def _texts(pair: Pair, index: NDArray[np.int64]) -> list[str]:
    """In content-hash order, as rows are: a random sample of a side."""
    return [text for rows in pair.rows.batches(index) for text in rows.texts]


def _beginning(texts: Sequence[str]) -> str:
    """The longest that nearly all of ``texts`` begin with, up to a mark or the end of a line: a part of no sentence."""
    return _PART_OF_A_SENTENCE.sub("", common_beginning(_numbers_alike(texts), NEARLY_ALL))


def _ending(texts: Sequence[str]) -> str:
    """The same of their ends, from a mark, a line or a sentence on."""
    common = common_ending(_numbers_alike(texts), NEARLY_ALL)
    ending = _PART_OF_A_SENTENCE.sub("", common[::-1])[::-1]
    sentence = None if any(map(str.isalpha, ending)) else _SENTENCE.search(common)
    return sentence.group() if sentence else ending


def _numbers_alike(texts: Sequence[str]) -> list[str]:
    return [re.sub(_NUMBERED, _ANY_NUMBER, text) for text in texts]


def _leaves_something(affix: Affix, texts: Sequence[str]) -> bool:
    return bool(np.median([len(affix.off(text)) for text in texts if affix.around(text)]) >= _LEFT)


def _shown(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:60]} …"
