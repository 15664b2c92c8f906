"""What stands around nearly every text of one side alone (a greeting, a tag, a signature), and how texts are written.

Where all new answers begin with "Sure!" or end with a signature, that is one change, of the opening or of the format.
It is no subject and no voice: embeddings and style are read of what it stands around. Nor is HTML: they are read of
what a browser shows. Where a limit ends the texts of one side earlier, they are read as far as both sides go
(``limits``). Where those of one side alone have no capital letters, or no marks, both are read without. A baseline
without texts is read as it was frozen: what it would have to be read without is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from modecollapse.affixes import NEARLY_ALL, Affix, frame_before, frame_behind
from modecollapse.facets.overlap import LENGTH
from modecollapse.facets.surface import ESCAPED, FRONT, SURFACE, TAIL, WRITINGS, shares_written
from modecollapse.limits import Limit, find_limit
from modecollapse.pairing import Pair, Side
from modecollapse.quantities import percent
from modecollapse.texts import Altered
from modecollapse.words import weight, without_html, words

BROKEN_OFF_EARLIER = "broken-off-earlier"
AS_FROZEN = "read-as-frozen"

HARDLY_ANY = 0.05
_FEWEST_PROMPTS = 5
"""With fewer, what all texts begin with may be what they were asked."""
_LEFT = 20
"""Characters that half of the texts at least have besides: what leaves less is what they say."""
_A_PHRASE = 3
"""Words, from which an ending says something: fewer may be a tag, or the string at which sampling stopped."""
_LOOKED_AT = 2_000
"""Texts of either side: one in twenty of them is well known."""

Shares = tuple[float, float]
"""Parts of the texts of base and new."""


@dataclass(frozen=True)
class Framed:
    """What nearly all texts of ``side`` have around them, as ``shares`` do; ``examples`` are up to two texts' own."""

    affix: Affix
    side: Side
    shares: Shares
    examples: Sequence[str]


@dataclass(frozen=True)
class Wrapping:
    """What the texts of a comparison are read without.

    ``frames`` stand around one side's. ``escaped`` are the shares of texts that hold HTML, ``writings``
    those of each way of writing that is one side's alone, ``limit`` is one side's.
    """

    frames: Sequence[Framed] = ()
    escaped: Shares = (0.0, 0.0)
    limit: Limit | None = None
    writings: Mapping[str, Shares] = field(default_factory=dict)

    @property
    def _as_html(self) -> bool:
        return max(self.escaped) > HARDLY_ANY

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.frames or self._as_html or self.writings or self.limit)

    def unwrap(self, text: str) -> str:
        """``text`` without frames and HTML, as far as the limit."""
        text = without_html(text) if self._as_html else text
        for frame in self.frames:
            text = frame.affix.off(text)
        for name in self.writings:
            text = WRITINGS[name].alike(text)
        return text if self.limit is None else self.limit.within(text)

    def of_new_alone(self) -> Wrapping:
        """What it takes to read only the new side's texts otherwise."""
        return Wrapping(
            frames=[frame for frame in self.frames if frame.side is Side.NEW],
            escaped=self.escaped if self.escaped[Side.BASE] <= HARDLY_ANY else (0.0, 0.0),
            limit=self.limit if self.limit and self.limit.side is Side.BASE else None,
            writings={name: shares for name, shares in self.writings.items() if shares[Side.BASE] >= NEARLY_ALL},
        )

    def beyond(self, other: Wrapping) -> Wrapping:
        """What ``other`` has not."""
        return Wrapping(
            frames=[frame for frame in self.frames if frame not in other.frames],
            escaped=self.escaped if self.escaped != other.escaped else (0.0, 0.0),
            limit=self.limit if self.limit != other.limit else None,
            writings={name: shares for name, shares in self.writings.items() if name not in other.writings},
        )

    def told(self) -> Iterator[tuple[str, str, str, str]]:
        """What was found, as (stable kebab-case code, what, how texts are read then, what to do)."""
        if self._as_html:
            base, new = map(percent, self.escaped)
            what = f"{base} of the base texts and {new} of the new ones hold HTML, such as <br> or &quot;"
            yield "escaped-texts", what, "languages, topics and personas are read as a browser shows them", ""
        for frame in self.frames:
            has, lacks = (percent(frame.shares[side]) for side in (frame.side, 1 - frame.side))
            of, other = _names(frame.side)
            around = " or ".join(f"“{_shown(example)}”" for example in frame.examples)
            what = f"{has} of the {of} texts {'end' if frame.affix.last else 'begin'} with {around}, {lacks} of the "
            advice = " Where it is not the model's own (a template, a tag), take it off the file."
            yield "wrapped-texts", f"{what}{other} ones", "languages, topics and personas are read without it", advice
        for name, shares in self.writings.items():
            base, new = map(percent, shares)
            what = f"{base} of the base texts and {new} of the new ones are {name}"
            advice = " Where the model itself does not write so, write both files alike."
            yield "texts-written-alike", what, "languages, topics and personas are read as if all were", advice
        if self.limit is not None:
            of, other = _names(self.limit.side)
            what = (
                f"{percent(self.limit.broken_off)} of the {of} texts end within a sentence or without a mark, and "
                f"{percent(self.limit.longer)} of the {other} ones go on beyond the longest of these"
            )
            read = f"languages, topics and personas are read as far as both go, {self.limit.length} bytes"
            advice = (
                " Where they were generated with different limits of tokens, give both the same to compare all that "
                "they say."
            )
            yield BROKEN_OFF_EARLIER, what, read, advice


@dataclass(frozen=True)
class Treatment:
    """How texts are read for a comparison: ``without`` what; ``as_frozen`` is what a baseline can't be read without."""

    without: Wrapping = field(default_factory=Wrapping)
    as_frozen: Wrapping = field(default_factory=Wrapping)

    @property
    def ends_alike(self) -> bool:
        """Whether nearly all new texts end with the same words, be they the model's or a tool's."""
        behind = [frame.affix for frame in self.without.frames if frame.side is Side.NEW and frame.affix.last]
        return any(sum(map(weight, words(affix.text, _LOOKED_AT))) >= _A_PHRASE for affix in behind)

    def inside(self, pair: Pair) -> Pair:
        """``pair`` with texts as they are read; none is read before it is asked for, nor has been encoded."""
        if not self.without:
            return pair
        unwrap = self.without.unwrap
        rows, encoded = replace(pair.rows, texts=Altered(pair.rows.texts, unwrap), ahead={}), pair.encoded
        if encoded is not None:
            held = np.flatnonzero(encoded.any(axis=1))
            wrapped = [unwrap(text) != text for text in _texts(pair, held)]
            encoded = encoded.copy()
            encoded[held[np.array(wrapped, dtype=bool)]] = 0
        return replace(pair, rows=rows, encoded=encoded)

    @cached_property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Warnings for the report, as (stable kebab-case code, message)."""
        read = [(code, f"{what}: {how}.{advice}") for code, what, how, advice in self.without.told()]
        return read + [
            (
                AS_FROZEN,
                f"{what}, and the baseline has no texts that could be read alike: languages, topics and personas may "
                "differ by that alone. Freeze the base --with-texts, or compare with its texts.",
            )
            for _, what, _, _ in self.as_frozen.told()
        ]


def find_wrapping(pair: Pair, sound: NDArray[np.bool_]) -> Treatment:
    """What stands around nearly all texts of one side, and around hardly any of the other's; ``sound`` rows count.

    Nothing where rows have embeddings of their own, which are of the whole texts.
    """
    compared = sound & pair.matched
    sides = [np.flatnonzero(compared & (pair.side == side))[:_LOOKED_AT] for side in (Side.BASE, Side.NEW)]
    prompts = min(len(np.unique(pair.rows.prompts[index])) for index in sides)
    if pair.rows.vectors is not None or prompts < _FEWEST_PROMPTS:
        return Treatment()
    surfaces = [[found for rows in pair.rows.batches(index) for found in rows.read(SURFACE)] for index in sides]
    base, new = (float(np.mean([found[ESCAPED] for found in own])) for own in surfaces)
    found = Wrapping(tuple(_frames(pair, sides)), (base, new), find_limit(pair, sides), _writings(surfaces))
    if not pair.rows.known:
        return Treatment(found)
    possible = found.of_new_alone()
    return Treatment(possible, found.beyond(possible))


def _frames(pair: Pair, sides: Sequence[NDArray[np.int64]]) -> Iterator[Framed]:
    ends = [_ends(pair, index, frozen=bool(pair.rows.known) and side == Side.BASE) for side, index in enumerate(sides)]
    for side, find in ((side, find) for side in (Side.BASE, Side.NEW) for find in (frame_before, frame_behind)):
        texts = [each[find is frame_behind] for each in ends]
        affix = find(texts[side])
        base, new = (sum(map(affix.around, own)) / len(own) for own in texts)
        around = [affix.found(text) for text in texts[side]]
        left = [length - len(found) for found, length in zip(around, _lengths(pair, sides[side]), strict=True) if found]
        if affix.text and (base, new)[1 - side] <= HARDLY_ANY and np.median(left) >= _LEFT:
            yield Framed(affix, side, (base, new), list(dict.fromkeys(filter(None, around)))[:2])


def _ends(pair: Pair, index: NDArray[np.int64], *, frozen: bool) -> tuple[list[str], list[str]]:
    """What the texts of a side begin with, and what they end with; of a baseline, as far as it shows that."""
    if not frozen:
        texts = list(map(without_html, _texts(pair, index)))
        return texts, texts
    read = [(rows.read(FRONT), rows.read(TAIL)) for rows in pair.rows.batches(index)]
    fronts, tails = ([text for part in parts for text in part] for parts in zip(*read, strict=True))
    return fronts, tails


def _lengths(pair: Pair, index: NDArray[np.int64]) -> list[int]:
    return [length for rows in pair.rows.batches(index) for length in rows.read(LENGTH)]


def _writings(surfaces: Sequence[Sequence[Sequence[int]]]) -> dict[str, Shares]:
    """How nearly all texts of one side are written, and hardly any of the other."""
    base, new = map(shares_written, surfaces)
    both = {name: (base[name], new[name]) for name in WRITINGS}
    return {name: had for name, had in both.items() if max(had) >= NEARLY_ALL and min(had) <= HARDLY_ANY}


def _texts(pair: Pair, index: NDArray[np.int64]) -> list[str]:
    """In content-hash order, as rows are: a random sample of a side."""
    return [text for rows in pair.rows.batches(index) for text in rows.texts]


def _names(side: Side) -> tuple[str, str]:
    return ("new", "base") if side is Side.NEW else ("base", "new")


def _shown(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:60]} …"
