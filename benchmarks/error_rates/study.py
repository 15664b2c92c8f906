"""One comparison of the study: rows drawn by seed, the tool run on them, what it said kept."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.error_rates.conditions import CONDITIONS, FRESH, Mix
from benchmarks.ground_truth import corpora

Row = dict[str, Any]

BASES = ("base", "base_again")
"""Independent draws of the same model: pooled, and dealt out anew by every seed."""

_GONE = ("vanished", "thinned")


def run(data: Path, name: str, samples: int, prompts: int, seed: int) -> dict[str, Any]:
    """Compare under one condition with so many samples per prompt and side, and prompts."""
    from modecollapse.comparison import compare

    condition = CONDITIONS[name]
    rng = np.random.default_rng([seed, samples, prompts])
    deal = Deal(data, rng, samples, prompts, condition.fields)
    with tempfile.TemporaryDirectory() as folder:
        paths = {side: Path(folder) / f"{side}.jsonl" for side in ("base", "new", "reheated", "elicited")}
        rungs = [row for rung in condition.rungs for row in deal.rows(Mix(((rung, 1.0),)), more=("temperature",))]
        write(paths["base"], [*deal.rows(condition.base, more=("temperature",) if rungs else ()), *rungs])
        write(paths["new"], deal.rows(condition.new))
        extra = {}
        for side, corpus in (("reheated", condition.reheated), ("elicited", condition.elicited)):
            if corpus:
                write(paths[side], deal.rows(Mix(((corpus, 1.0),))))
                extra[side] = paths[side]
        begin = time.monotonic()
        report = compare(paths["base"], paths["new"], encoder=_encoder(), **extra)
    return {
        "key": [name, samples, prompts, seed],
        "verdict": report.verdict.value,
        "facets": {
            facet.name: {
                "verdict": facet.verdict.value,
                "reasons": list(facet.reasons),
                "caused_by": facet.caused_by,
                "gone": sum(mode.verdict.value in _GONE for mode in facet.modes),
                "recovery": Counter(
                    mode.recovery.value
                    for mode in facet.modes
                    if mode.recovery is not None and mode.base_share.value >= report.config["tolerance"]
                ),
                "modes": len(facet.modes),
            }
            for facet in report.facets
        },
        "beta": report.temperature.inverse_temperature,
        "interval": list(report.temperature.interval),
        "seconds": round(time.monotonic() - begin, 2),
    }


class Deal:
    """Rows dealt to the sides of one comparison, no row twice."""

    def __init__(
        self, data: Path, rng: np.random.Generator, samples: int, prompts: int, fields: tuple[str, ...]
    ) -> None:
        self._data, self._rng, self._samples, self._fields = data, rng, samples, fields
        everyone = [_corpus(data, base, fields) for base in BASES]
        self._prompts = sorted(rng.permutation(sorted(everyone[0]))[:prompts].tolist())
        # Log probabilities were kept for one of the base's draws alone.
        pooled = everyone[:1] if "logprobs" in fields else everyone
        self._fresh = {key: self._shuffled([row for some in pooled for row in some[key]]) for key in self._prompts}

    def rows(self, mix: Mix, more: tuple[str, ...] = ()) -> list[Row]:
        """``samples`` rows of each prompt, or as many as there are."""
        kept = ("prompt_id", "prompt", "text", *self._fields, *more)
        found = []
        for key in self._prompts:
            left = self._samples
            for corpus, share in mix.parts:
                # A share of few rows is rounded at random, so that it holds on average.
                wanted = left if share == 1.0 or corpus == FRESH else self._rounded(share * self._samples)
                found += self._take(corpus, key, wanted, mix)
                left -= wanted
        # In no order: a file put together from parts is a question of its own.
        found = self._shuffled(found)
        return [{name: row[name] for name in kept if name in row} for row in found]

    def _take(self, corpus: str, key: str, wanted: int, mix: Mix) -> list[Row]:
        if corpus != FRESH:
            return self._shuffled(_corpus(self._data, corpus, self._fields)[key])[:wanted]
        spare = self._fresh[key]
        if mix.without is not None:
            spare = [row for row in spare if not mix.without.search(row["text"])]
        taken = spare[:wanted]
        chosen = {id(row) for row in taken}
        self._fresh[key] = [row for row in self._fresh[key] if id(row) not in chosen]
        return taken

    def _shuffled(self, rows: list[Row]) -> list[Row]:
        return [rows[i] for i in self._rng.permutation(len(rows))]

    def _rounded(self, value: float) -> int:
        return int(value + self._rng.random())


@lru_cache(maxsize=1)
def _encoder() -> Any:  # noqa: ANN401
    """The default encoder, loaded once: it takes a tenth of a comparison."""
    from modecollapse.embed import load_encoder

    return load_encoder("default")


@lru_cache(maxsize=8)
def _corpus(data: Path, name: str, fields: tuple[str, ...]) -> dict[str, list[Row]]:
    """The rows of a corpus by prompt, with those that were drawn later, but for what these were drawn without."""
    rows = defaultdict(list)
    later = "logprobs" not in fields and corpora.is_there(data, f"{name}_more")
    for part in (name, f"{name}_more") if later else (name,):
        for row in corpora.read(data, part):
            rows[row["prompt_id"]].append(row)
    return rows


def write(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
