"""The opening facet: phrases that many texts begin with, as prefixes of the word tree.

A prefix is followed while one continuation keeps three quarters of its texts, so that "It's a difficult question." is
one mode and not five. Prefixes nest: a mode's ``parent`` is the shorter opening that contains it, its ``level`` the
number of modes around it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import regex
from numpy.typing import NDArray

from modecollapse.concealment import Concealment
from modecollapse.facets.base import Mode, Reader, Rows, of_each
from modecollapse.facets.sequence import FIRST_WORDS
from modecollapse.words import END, encode, spelling, weight, words

DEPTH = 12
LEARNING_ROWS = 50_000
KEPT_BY_ONE_CHILD = 0.75
SUPPORT_ROWS = 8
SUPPORT_SHARE = 0.004
ONE_PROMPT_SHARE = 0.8
RESTATED_SHARE = 0.8
SPELLINGS_READ = 200

Prefix = tuple[str, ...]
HEAD_CHARACTERS = 1_000


def _shared_head(concealment: Concealment, head: str) -> str:
    depth = concealment.shared(words(head, DEPTH))
    return spelling(head, depth) if depth else ""


HEAD = Reader("head", of_each(lambda text: text[:HEAD_CHARACTERS]), str, keep=_shared_head)
Index = NDArray[np.int64]


@dataclass(frozen=True)
class OpeningPartition:
    """Prefixes of words, one per mode, in the order of ``modes``."""

    modes: Sequence[Mode]
    notes: Sequence[tuple[str, str]]
    prefixes: Sequence[Prefix]

    @property
    def phrases(self) -> list[int]:
        """The modes that say something by themselves, as indices."""
        return [index for index, mode in enumerate(self.modes) if not mode.bare]

    @property
    def holders(self) -> NDArray[np.int64]:
        """The opening around each one, as an index: ``(modes,)``, -1 for none."""
        return np.array([-1 if mode.parent is None else mode.parent for mode in self.modes], dtype=np.int64)

    def label(self, rows: Rows) -> NDArray[np.int32]:
        """See :class:`~modecollapse.facets.base.Partition`; one level per depth of nesting, at least one."""
        levels = 1 + max((mode.level for mode in self.modes), default=0)
        labels = np.full((len(rows), levels), -1, dtype=np.int32)
        for row, found in enumerate(rows.read(FIRST_WORDS)):
            for mode in self._of([rows.revealed(word) for word in found[:DEPTH]]):
                labels[row, self.modes[mode].level] = mode
        return labels

    def _of(self, opening: Sequence[str]) -> Iterator[int]:
        for depth in self._depths:
            mode = self._index.get(tuple(opening[:depth])) if depth <= len(opening) else None
            if mode is not None:
                yield mode

    @cached_property
    def _index(self) -> Mapping[Prefix, int]:
        return {prefix: mode for mode, prefix in enumerate(self.prefixes)}

    @cached_property
    def _depths(self) -> Sequence[int]:
        return sorted({len(prefix) for prefix in self.prefixes})


@dataclass(frozen=True)
class OpeningFacet:
    """Cuts generations by the phrase they open with."""

    name: str = "opening"
    needs_vectors: bool = False

    def learn(self, rows: Rows, anchor: Rows, seed: int) -> OpeningPartition:
        """Openings of ``rows``. An id is made of the prefix itself, so neither ``anchor`` nor ``seed`` is used."""
        sample = rows.take(rows.sample(LEARNING_ROWS))
        codes, vocabulary = encode(sample.read(FIRST_WORDS), DEPTH)
        vocabulary = [sample.revealed(word) for word in vocabulary]
        support = max(SUPPORT_ROWS, SUPPORT_SHARE * len(sample))
        found = {
            tuple(vocabulary[code] for code in codes[members[0], :depth]): members
            for depth, members in _ends(codes, vocabulary.index(END) if vocabulary else 0, support)
        }
        containing = _telling(found)
        remarks = [_remark(prefix, sample, found[prefix]) for prefix in containing]
        modes: dict[Prefix, Mode] = {}
        for (prefix, around), remark in zip(containing.items(), remarks, strict=True):
            parent = None if around is None else list(containing).index(around)
            level = 0 if around is None else modes[around].level + 1
            modes[prefix] = _mode(prefix, level, parent, _label(prefix, sample, found[prefix]), remark)
        return OpeningPartition(list(modes.values()), _notes(remarks), list(modes))


def _ends(codes: NDArray[np.int32], end: int, support: float) -> Iterator[tuple[int, Index]]:
    """Where chains end: depth and rows of every supported prefix of which no child keeps enough, depth first."""
    stack = [(0, np.arange(len(codes)))]
    while stack:
        depth, members = stack.pop()
        children = _children(codes, depth, members) if depth < DEPTH else {}
        children.pop(end, None)
        largest = max((len(rows) for rows in children.values()), default=0)
        if depth and largest < KEPT_BY_ONE_CHILD * len(members):
            yield depth, members
        stack.extend((depth + 1, rows) for rows in children.values() if len(rows) >= support)


def _children(codes: NDArray[np.int32], depth: int, members: Index) -> dict[int, Index]:
    """The rows of each continuation of a prefix. No row has ended before its prefix has."""
    column = codes[members, depth]
    order = np.argsort(column, kind="stable")
    values, starts = np.unique(column[order], return_index=True)
    return dict(zip(values.tolist(), np.split(members[order], starts[1:]), strict=True)) if len(members) else {}


def _telling(prefixes: Iterable[Prefix]) -> dict[Prefix, Prefix | None]:
    """The prefixes that say something beyond the opening around them, each with that opening; outer ones first.

    A bare word is a mode where no other is around it, and around those that say something as a whole.
    """
    containing: dict[Prefix, Prefix | None] = {}
    for prefix in sorted(prefixes):
        shorter = (prefix[:depth] for depth in range(len(prefix) - 1, 0, -1))
        around = next((other for other in shorter if other in containing), None)
        beyond = prefix if around is None or _is_bare(around) else prefix[len(around) :]
        if _says_something(beyond) or (around is None and _is_bare(prefix)):
            containing[prefix] = around
    return containing


def _is_bare(prefix: Prefix) -> bool:
    """One word alone ("The") says little, but a model that never begins with "I" any more lost a way to open."""
    return _is_first_word(prefix) and not _says_something(prefix)


def _is_first_word(prefix: Prefix) -> bool:
    return sum(weight(word) > 0 for word in prefix) == 1


def _says_something(phrase: Prefix) -> bool:
    """Two words, or one and the punctuation that ends it. ("The" opens too many texts to mean anything.)"""
    said = sum(weight(word) for word in phrase)
    return said >= 2 or (said >= 1 and weight(phrase[-1]) == 0)


def _mode(prefix: Prefix, level: int, parent: int | None, label: str, remark: str) -> Mode:
    return Mode(
        id=_id(prefix),
        label=label,
        rule=f"opens with «{label}» (letter case, markup, dates and long numbers aside)"
        + (f"; {remark}" if remark else ""),
        level=level,
        parent=parent,
        node=_is_first_word(prefix),
        bare=_is_bare(prefix),
    )


def _label(prefix: Prefix, sample: Rows, members: Index) -> str:
    """The commonest spelling; members are in content-hash order."""
    heads = sample.take(np.sort(members)[:SPELLINGS_READ]).read(HEAD)
    # A baseline keeps of a text no more than the opening that it shares with others.
    spellings = Counter(spelling(head, len(prefix)) for head in heads if len(words(head, len(prefix))) == len(prefix))
    return min(spellings, key=lambda text: (-spellings[text], text))


def _id(prefix: Prefix) -> str:
    normal = " ".join(prefix)
    plain = regex.sub(r"[\p{M}']++", "", unicodedata.normalize("NFKD", normal))
    slug = regex.sub(r"[^a-z0-9]++", "-", plain).strip("-")[:40].rstrip("-")
    digest = hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


def _remark(prefix: Prefix, sample: Rows, members: Index) -> str:
    """What makes an opening less telling: it repeats the prompt, or only one prompt brings it about."""
    prompts, counts = np.unique(sample.prompts[members], return_counts=True)
    said = [word for word in prefix if weight(word)]
    restating = 0
    for prompt, count in zip(prompts, counts, strict=True):
        asked = set(words(sample.prompt_texts[prompt], 400))
        restating += count * (len(said) > 1 and sum(word in asked for word in said) >= RESTATED_SHARE * len(said))
    if restating >= RESTATED_SHARE * len(members):
        return "restates the prompt"
    if len(sample.prompt_texts) > 1 and counts.max() >= ONE_PROMPT_SHARE * len(members):
        return f"{counts.max() / len(members):.0%} of its texts answer one prompt"
    return ""


def _notes(remarks: Sequence[str]) -> list[tuple[str, str]]:
    remarked = sum(bool(remark) for remark in remarks)
    if not remarked:
        return []
    return [
        ("openings-of-prompts", f"{remarked} of {len(remarks)} openings restate a prompt or answer one prompt alone")
    ]
