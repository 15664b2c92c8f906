"""The studies: which corpora are compared, and where what was found is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.ground_truth import corpora


@dataclass(frozen=True)
class Study:
    """Comparisons of one set of corpora.

    ``page`` is its document, which begins with ``title`` and ``how`` it was made; ``data`` is where its corpora come
    with the repository, None where they do not.
    """

    name: str
    page: Path
    title: str
    how: str
    data: Path | None


FIRST = Study(
    "study",
    Path("docs/error_rates.md"),
    "# Error rates",
    "by `python -m benchmarks.error_rates`. Corpora: `benchmarks/ground_truth` (one small model, 40 prompts, answers "
    "of at most 24 tokens). Which rules were mended after a first look at them: [method.md](method.md), section 7.",
    corpora.PACKED,
)
HELD_OUT = Study(
    "held_out",
    Path("docs/error_rates_held_out.md"),
    "# Error rates on prompts that were held out",
    "by `python -m benchmarks.error_rates --held-out`. Corpora: `benchmarks/ground_truth --held-out`, the models of "
    "[error_rates.md](error_rates.md) asked 40 other prompts, answers of at most 64 tokens. "
    "No rule was mended after verdicts on texts alone; one was after a false *lost* by a ladder (development.md, 47). "
    "First-person openings are 5% of these answers, just the tolerance. Single traces count as losses here as "
    "well, though none was of these prompts.",
    corpora.HELD_OUT,
)
SECOND_MODEL = Study(
    "second_model",
    Path("docs/error_rates_second_model.md"),
    "# Error rates on another model",
    "by `python -m benchmarks.error_rates --second-model --data DIR/second_model`. Corpora: `benchmarks/ground_truth "
    "--second-model --out DIR`, Gemma 3 270M as it was pretrained, retrained and decoded as the model of "
    "[error_rates.md](error_rates.md) was; 40 beginnings of texts, ten of them in other languages than English, "
    "continued by at most 32 tokens.",
    None,
)
