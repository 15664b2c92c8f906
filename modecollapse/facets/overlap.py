"""Whether a facet's modes are something else in disguise: the prompt, the language or the length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Reader, Rows, of_each
from modecollapse.facets.clustering import ROWS_PER_MODE, Labels

LENGTH = Reader("length", of_each(len), int)
DISGUISE = {"prompt": 0.5, "language": 0.3, "length": 0.3}
LENGTH_BINS = 5


def too_few(facet: str, rows: int, base_rows: int) -> tuple[str, str]:
    """The note of a facet that has not enough rows to find any mode; see ``clustering.granularities``."""
    counted = f"{base_rows} rows of the base" if base_rows else f"{rows} rows"
    return "too-few-rows", f"{facet}: {counted} are too few to find modes of about {ROWS_PER_MODE} rows each"


def factors(rows: Rows) -> dict[str, NDArray[np.int64]]:
    """What modes should not be, as one number per row: prompt, language and bin of length (fifths)."""
    lengths = np.array(rows.read(LENGTH), dtype=np.float64)
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, LENGTH_BINS + 1)[1:-1])) if len(rows) else lengths
    found = {"prompt": rows.prompts.astype(np.int64), "length": np.digitize(lengths, edges)}
    if rows.languages is not None:
        found["language"] = np.unique(rows.languages, return_inverse=True)[1]
    return found


def overlap_notes(facet: str, rows: Rows, labels: Labels) -> tuple[tuple[str, str], ...]:
    """A note, code ``facets-overlap``, for each factor that the modes of some level mostly repeat.

    Measured by adjusted mutual information (Vinh, Epps & Bailey 2010): 0 for chance, 1 for the same partition.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    notes = []
    for factor, values in sorted(factors(rows).items()):
        shared = max(adjusted_mutual_info_score(values, level) for level in labels.T)
        if shared > DISGUISE[factor]:
            message = (
                f"{facet} modes follow the {factor} (adjusted mutual information {shared:.2f}): read them together"
            )
            notes.append(("facets-overlap", message))
    return tuple(notes)
