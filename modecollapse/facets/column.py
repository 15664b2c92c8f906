"""The column facet: the user's own labels (a judge's, a classifier's) as modes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import regex
from numpy.typing import NDArray

from modecollapse.errors import InputError
from modecollapse.facets.base import Mode, Rows

MOST_VALUES = 200
OTHER = "other"
UNLABELLED = "unlabelled"


@dataclass(frozen=True)
class ColumnPartition:
    """The values of one column; ``values`` has one entry per mode before ``other`` and ``unlabelled``."""

    column: str
    modes: Sequence[Mode]
    notes: Sequence[tuple[str, str]]
    values: Sequence[str]

    def label(self, rows: Rows) -> NDArray[np.int32]:
        """See :class:`~modecollapse.facets.base.Partition`; one level.

        Raises :class:`InputError` where the rows have no such column.
        """
        found = _values(rows, self.column)
        return np.array([self._mode(value) for value in found], dtype=np.int32).reshape(-1, 1)

    def _mode(self, value: str | None) -> int:
        other, unlabelled = len(self.values), len(self.values) + 1
        return unlabelled if value is None else self._index.get(value, other)

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {value: mode for mode, value in enumerate(self.values)}


@dataclass(frozen=True)
class ColumnFacet:
    """Cuts generations by the values of ``column``."""

    column: str
    needs_vectors: bool = False

    @property
    def name(self) -> str:
        """``column:NAME``."""
        return f"column:{self.column}"

    def learn(self, rows: Rows, anchor: Rows, seed: int) -> ColumnPartition:
        """The commonest values in ``rows``; an id is made of the value, so neither ``anchor`` nor ``seed`` is used.

        Raises :class:`InputError` where the rows have no such column.
        """
        counts = Counter(value for value in _values(rows, self.column) if value is not None)
        values = sorted(counts, key=lambda value: (-counts[value], value))[:MOST_VALUES]
        modes = [Mode(_id(value), value, f"{self.column} is «{value}»") for value in values]
        modes.append(Mode(OTHER, "other values", f"{self.column} is none of the {len(values)} commonest values"))
        modes.append(Mode(UNLABELLED, "unlabelled", f"{self.column} is missing"))
        return ColumnPartition(self.column, modes, _notes(self.column, counts), values)


def _values(rows: Rows, column: str) -> Sequence[str | None]:
    if column not in rows.columns:
        hint = "columns that the rows have: " + (", ".join(sorted(rows.columns)) or "none")
        raise InputError("no-such-column", f"no row has a column named {column!r}", hint=hint)
    return rows.columns[column]


def _id(value: str) -> str:
    """The value itself where it is a good id; else what is left of it and a hash that tells it from others."""
    slug = regex.sub(r"[^a-z0-9]++", "-", value.lower()[:200]).strip("-")[:40].rstrip("-")
    if slug == value and value not in {OTHER, UNLABELLED}:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


def _notes(column: str, counts: Counter[str]) -> list[tuple[str, str]]:
    if len(counts) <= MOST_VALUES:
        return []
    rest = sum(counts.values()) - sum(count for _, count in counts.most_common(MOST_VALUES))
    text = f"{column} has {len(counts)} values: all but the {MOST_VALUES} commonest are counted as other ({rest} rows)"
    return [("column-has-many-values", text)]
