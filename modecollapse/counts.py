"""The waist of the program: counts are all that the statistics see.

``CountTable`` holds how many rows of each prompt fell into each combination of modes, on either side. ``WordTree``
holds the first words of each row, and gives the counts at its nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modecollapse import strata

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FEWEST_OF_SIDE = 2

_LARGEST = np.iinfo(np.int64).max


def _joined(columns: Sequence[NDArray[np.integer]]) -> Ints:
    """One number per row, ``(rows,)``: in the order of the first of ``columns``, then of the second, and so on.

    Rows are told apart by one column of numbers, which takes less memory than a group-by of many.
    """
    joined, width = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        low, high = (int(end(initial=0)) for end in (column.min, column.max))
        if width * (high - low + 1) > _LARGEST:
            known, joined = np.unique(joined, return_inverse=True)
            width = len(known)
        width *= high - low + 1
        joined = joined * (high - low + 1) + (column - low)
    return joined


@dataclass(frozen=True)
class CountTable:
    """Counts of rows by prompt, mode and side.

    A *cell* is a combination of a prompt and one mode (or none, -1) per level: ``prompts`` has shape ``(cells,)``,
    ``labels`` ``(cells, levels)``, ``base`` and ``new`` ``(cells,)``. ``levels`` gives the level of each mode, shape
    ``(modes,)``. Prompts are numbered from 0 to ``n_prompts`` - 1; each has rows on both sides.

    ``blocks``, shape ``(cells,)``, is there where rows depend on each other between prompts: rows of one block do, and
    cells are cut by block as well.
    """

    prompts: Ints
    labels: Ints
    base: Ints
    new: Ints
    levels: Ints
    n_prompts: int
    blocks: Ints | None = None

    @classmethod
    def from_rows(
        cls,
        prompts: NDArray[np.integer],
        new: Bools,
        labels: NDArray[np.integer],
        levels: NDArray[np.integer],
        blocks: Ints | None = None,
    ) -> CountTable:
        """Count rows. ``prompts``, ``new`` and ``blocks`` have shape ``(rows,)``, ``labels`` ``(rows, levels)``.

        Rows of a prompt that stands on one side only are left out: no stratified test can use them.
        """
        found, prompt = np.unique(prompts, return_inverse=True)
        paired = np.logical_and(*(np.bincount(prompt[side], minlength=len(found)) > 0 for side in (new, ~new)))
        rows = np.flatnonzero(paired[prompt])
        labels, new = labels[rows], new[rows]
        columns = [(np.cumsum(paired) - 1)[prompt[rows]], *labels.T, *([] if blocks is None else [blocks[rows]])]
        _, first, cell = np.unique(_joined(columns), return_index=True, return_inverse=True)
        sides = [np.bincount(cell[side], minlength=len(first)) for side in (~new, new)]
        return cls(
            prompts=columns[0][first].astype(np.int64),
            labels=labels[first].astype(np.int64),
            base=sides[0].astype(np.int64),
            new=sides[1].astype(np.int64),
            levels=np.asarray(levels, dtype=np.int64),
            n_prompts=int(paired.sum()),
            blocks=None if blocks is None else blocks[rows[first]].astype(np.int64),
        )

    @property
    def n_modes(self) -> int:
        """How many modes there are, over all levels."""
        return len(self.levels)

    def totals(self) -> tuple[Ints, Ints]:
        """Rows of each prompt: base and new, each of shape ``(prompts,)``."""
        return tuple(  # type: ignore[return-value]  # two arrays by construction
            np.bincount(self.prompts, weights=side, minlength=self.n_prompts).astype(np.int64)
            for side in (self.base, self.new)
        )

    def by_mode(self) -> tuple[Ints, Ints]:
        """Counts of each mode in each prompt: base and new, each of shape ``(prompts, modes)``, read-only."""
        return self._by_mode

    @cached_property
    def _by_mode(self) -> tuple[Ints, Ints]:
        cell, level = np.nonzero(self.labels >= 0)
        place = self.prompts[cell] * self.n_modes + self.labels[cell, level]
        base, new = (
            np.bincount(place, weights=side[cell], minlength=self.n_prompts * self.n_modes)
            .astype(np.int64)
            .reshape(self.n_prompts, self.n_modes)
            for side in (self.base, self.new)
        )
        base.flags.writeable = new.flags.writeable = False
        return base, new

    def member(self, mode: int) -> Bools:
        """Which cells belong to ``mode``, shape ``(cells,)``."""
        found: Bools = self.labels[:, self.levels[mode]] == mode
        return found

    def rows(self) -> tuple[Ints, Bools]:
        """One entry per row: its cell and whether it is on the new side."""
        cell = np.arange(len(self.prompts))
        cells = np.concatenate([np.repeat(cell, self.base), np.repeat(cell, self.new)])
        side = np.concatenate([np.zeros(self.base.sum(), bool), np.ones(self.new.sum(), bool)])
        return cells, side

    def take(self, keep: Bools) -> CountTable:
        """The cells where ``keep``, shape ``(cells,)``, is true; prompts left with one side only are dropped."""
        base = np.bincount(self.prompts, weights=self.base * keep, minlength=self.n_prompts) > 0
        new = np.bincount(self.prompts, weights=self.new * keep, minlength=self.n_prompts) > 0
        paired = base & new
        keep = keep & paired[self.prompts]
        return CountTable(
            prompts=(np.cumsum(paired) - 1)[self.prompts[keep]],
            labels=self.labels[keep],
            base=self.base[keep],
            new=self.new[keep],
            levels=self.levels,
            n_prompts=int(paired.sum()),
            blocks=None if self.blocks is None else self.blocks[keep],
        )

    def thinned(self, most: int, seed: int) -> CountTable:
        """The table of at most about ``most`` rows: the same part of each prompt and side, drawn at random.

        The same table where it has no more. Two rows of each prompt and side stay at least.
        """
        cells, side = self.rows()
        if len(cells) <= most:
            return self
        random = np.random.default_rng(seed).random(len(cells))
        chosen = strata.thinned(2 * self.prompts[cells] + side, random, most, _FEWEST_OF_SIDE)
        base, new = (np.bincount(cells[chosen & of_side], minlength=len(self.prompts)) for of_side in (~side, side))
        kept = base + new > 0
        return replace(
            self,
            prompts=self.prompts[kept],
            labels=self.labels[kept],
            base=base[kept],
            new=new[kept],
            blocks=None if self.blocks is None else self.blocks[kept],
        )

    def nodes(self, level: int) -> Nodes:
        """The modes of one level as children of one node per prompt; rows without a mode are a child of their own."""
        frame = pd.DataFrame(
            {"prompt": self.prompts, "mode": self.labels[:, level], "base": self.base, "new": self.new}
        )
        items = frame.groupby(["prompt", "mode"], sort=True)[["base", "new"]].sum().reset_index()
        return Nodes(
            node=items["prompt"].to_numpy(dtype=np.int64),
            word=items["mode"].to_numpy(dtype=np.int64),
            base=items["base"].to_numpy(dtype=np.int64),
            new=items["new"].to_numpy(dtype=np.int64),
            prompt=np.arange(self.n_prompts),
            depth=np.ones(self.n_prompts, dtype=np.int64),
        )

    def swapped(self) -> CountTable:
        """The same table with the sides exchanged."""
        return replace(self, base=self.new, new=self.base)


@dataclass(frozen=True)
class Nodes:
    """Counts of next words at nodes (prompt, prefix) of the word tree.

    Items are (node, word) pairs seen on either side: ``node``, ``word``, ``base`` and ``new`` have shape ``(items,)``,
    and items are grouped by node. ``prompt`` and ``depth`` (1 for the first word) have shape ``(nodes,)``.
    """

    node: Ints
    word: Ints
    base: Ints
    new: Ints
    prompt: Ints
    depth: Ints

    def __len__(self) -> int:
        return len(self.prompt)

    def totals(self) -> tuple[Ints, Ints]:
        """Texts that pass through each node: base and new, each of shape ``(nodes,)``."""
        base = np.bincount(self.node, weights=self.base, minlength=len(self)).astype(np.int64)
        new = np.bincount(self.node, weights=self.new, minlength=len(self)).astype(np.int64)
        return base, new

    def take(self, keep: Bools) -> Nodes:
        """The nodes where ``keep``, shape ``(nodes,)``, is true."""
        items = keep[self.node]
        renumber = np.cumsum(keep) - 1
        return Nodes(
            node=renumber[self.node[items]],
            word=self.word[items],
            base=self.base[items],
            new=self.new[items],
            prompt=self.prompt[keep],
            depth=self.depth[keep],
        )

    def swapped(self) -> Nodes:
        """The same nodes with the sides exchanged."""
        return Nodes(self.node, self.word, base=self.new, new=self.base, prompt=self.prompt, depth=self.depth)


NEARLY_ALL = 0.95
"""Share of the texts of a side from which all of them are said to have something."""


def _part(some: Bools, among: Bools) -> float:
    return float(some[among].mean()) if among.any() else 0.0


@dataclass(frozen=True)
class WordTree:
    """The first words of each row: ``words`` has shape ``(rows, depth)``, -1 after the end; ``new`` tells the side."""

    prompts: Ints
    new: Bools
    words: NDArray[np.integer]

    def take(self, keep: Bools) -> WordTree:
        """The rows where ``keep``, shape ``(rows,)``, is true."""
        return WordTree(self.prompts[keep], self.new[keep], self.words[keep])

    def past_shared(self) -> WordTree:
        """The tree from where texts begin to differ: first words that nearly all of both sides have are taken off.

        All texts may begin with a tag or a phrase of a template: it says nothing, and hides what comes after it. Texts
        that leave it stay as they are.
        """
        words, shared = self.words, np.ones(len(self.words), dtype=bool)
        length = 0
        while length < words.shape[1] - 1 and shared.any():
            found, count = np.unique(words[shared, length], return_counts=True)
            further = shared & (words[:, length] == found[count.argmax()]) & (words[:, length + 1] >= 0)
            if not len(further) or min(_part(further, self.new), _part(further, ~self.new)) < NEARLY_ALL:
                break
            shared, length = further, length + 1
        if not length:
            return self
        words = words.copy()
        words[shared] = np.pad(words[shared, length:], ((0, 0), (0, length)), constant_values=-1)
        return WordTree(self.prompts, self.new, words)

    def nodes(self, depth: int, min_base: int, min_new: int) -> Nodes:
        """Nodes at ``depth`` (1: the first word) that at least so many texts of each side pass through."""
        names = [f"w{i}" for i in range(depth)]
        frame = pd.DataFrame(self.words[:, :depth], columns=names)
        frame.insert(0, "prompt", self.prompts)
        frame["base"], frame["new"] = ~self.new, self.new
        frame = frame[frame[names[-1]] >= 0]
        prefix = ["prompt", *names[:-1]]
        items = frame.groupby([*prefix, names[-1]], sort=True)[["base", "new"]].sum().reset_index()
        if items.empty:
            nothing = np.zeros(0, dtype=np.int64)
            return Nodes(nothing, nothing, nothing, nothing, nothing, nothing)
        through = items.groupby(prefix, sort=True)[["base", "new"]].transform("sum")
        items = items[(through["base"] >= min_base) & (through["new"] >= min_new)]
        node = items.groupby(prefix, sort=True).ngroup().to_numpy().astype(np.int64)
        prompts = items.groupby(prefix, sort=True)["prompt"].first().to_numpy(dtype=np.int64)
        return Nodes(
            node=node,
            word=items[names[-1]].to_numpy(dtype=np.int64),
            base=items["base"].to_numpy(dtype=np.int64),
            new=items["new"].to_numpy(dtype=np.int64),
            prompt=prompts,
            depth=np.full(len(prompts), depth, dtype=np.int64),
        )


def stack(parts: list[Nodes]) -> Nodes:
    """Nodes of several depths as one."""
    offsets = np.cumsum([0, *(len(part) for part in parts)])
    return Nodes(
        node=np.concatenate([part.node + int(offset) for part, offset in zip(parts, offsets, strict=False)]),
        word=np.concatenate([part.word for part in parts]),
        base=np.concatenate([part.base for part in parts]),
        new=np.concatenate([part.new for part in parts]),
        prompt=np.concatenate([part.prompt for part in parts]),
        depth=np.concatenate([part.depth for part in parts]),
    )
