"""What is left of a feature once prompt, length, formatting and language have had their say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Rows
from modecollapse.facets.naming import languages_of
from modecollapse.facets.reading import Reading

Matrix = NDArray[np.float64]

PROMPT_ROWS = 3
LANGUAGE_ROWS = 20


def rows_with_own_mean(rows: Rows) -> NDArray[np.bool_]:
    """Which rows belong to a prompt with enough rows for a mean of its own."""
    return np.bincount(rows.prompts, minlength=len(rows.prompt_texts))[rows.prompts] >= PROMPT_ROWS


@dataclass(frozen=True)
class Adjustment:
    """Least squares within prompts: features minus their prompt's mean, minus what the covariates explain of the rest.

    Covariates are length, formatting and language. Prompts are known by their text; ``feature_means`` and
    ``covariate_means`` have one row per known prompt and a last one, of all rows, for any other prompt. Which corpus a
    row came from is not known here, so a mean is that of both.
    """

    prompts: Mapping[str, int]
    languages: tuple[str, ...]
    feature_means: Matrix
    covariate_means: Matrix
    slopes: Matrix

    @classmethod
    def learn(cls, features: Matrix, reading: Reading) -> Adjustment:
        """From ``features`` of shape ``(rows, width)``."""
        rows = reading.rows
        names, counts = np.unique(languages_of(rows), return_counts=True)
        languages = tuple(str(name) for name in names[counts >= LANGUAGE_ROWS])[1:]
        covariates = _covariates(reading, languages)
        known = sorted({rows.prompt_texts[p] for p in rows.prompts[rows_with_own_mean(rows)]})
        prompts = {text: i for i, text in enumerate(known)}
        groups = _groups(rows, prompts)
        means = [_group_means(values, groups, len(known)) for values in (features, covariates)]
        left = covariates - means[1][groups]
        slopes = np.asarray(np.linalg.lstsq(left, features - means[0][groups], rcond=1e-6)[0], dtype=np.float64)
        return cls(prompts, languages, means[0], means[1], slopes)

    def apply(self, features: Matrix, reading: Reading) -> Matrix:
        """The residuals of ``features``, same shape."""
        groups = _groups(reading.rows, self.prompts)
        covariates = _covariates(reading, self.languages) - self.covariate_means[groups]
        return np.asarray(features - self.feature_means[groups] - covariates @ self.slopes)


def _covariates(reading: Reading, languages: tuple[str, ...]) -> Matrix:
    spoken = languages_of(reading.rows)
    return np.column_stack([reading.length_and_format, *(spoken == name for name in languages)]).astype(np.float64)


def _groups(rows: Rows, prompts: Mapping[str, int]) -> NDArray[np.int64]:
    of_prompt = np.array([prompts.get(text, len(prompts)) for text in rows.prompt_texts], dtype=np.int64)
    return of_prompt[rows.prompts]


def _group_means(values: Matrix, groups: NDArray[np.int64], count: int) -> Matrix:
    sums = np.zeros((count + 1, values.shape[1]))
    np.add.at(sums, groups, values)
    found = sums / np.maximum(np.bincount(groups, minlength=count + 1), 1)[:, None]
    found[count] = values.mean(axis=0)
    return found
