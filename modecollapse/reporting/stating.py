"""What every result states in the same way: corpora, shares, examples and the temperature. Decides nothing."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from modecollapse.corpus import Corpus
from modecollapse.judgement.base import Judgement
from modecollapse.judgement.modes import share_interval
from modecollapse.judgement.movement import Movement, undecided
from modecollapse.judgement.provisos import contradicted
from modecollapse.pairing import Pair, Side
from modecollapse.report import (
    CorpusSummary,
    Estimate,
    Evidence,
    Example,
    FieldsTaken,
    Share,
    SkippedRow,
    Temperature,
)
from modecollapse.stats.escort import BETAS, Escort

_EXAMPLE_LENGTH = 240
_HOTTEST = 4.0
"""No sampling temperature beyond this is proposed: such a corpus has hardly a text to choose from."""


def stated_temperature(judgement: Judgement, pair: Pair) -> Temperature:
    """The inverse temperature, or why there is none; by log probabilities where rows have them."""
    known = judgement.tree.next_tokens
    if known is not None and known.escort is not None:
        return _known_temperature(known.escort, judgement, pair)
    beta, moved = judgement.tree.beta, judgement.movement
    evidence = Evidence.TEXT if pair.tokens is None else Evidence.TOKEN_IDS
    if beta is None or moved not in (Movement.SHARPENED, Movement.HOTTER, Movement.SAME):
        return Temperature(None, (None, None), evidence, None, Estimate(None), [_note(judgement)])
    beyond = beta.unbounded
    notes = (
        ["The inverse temperature is at least this: texts alone can't tell how far beyond it goes."] if beyond else []
    )
    span = (beta.low, None if beyond else beta.high)
    apart_from_one = moved is not Movement.SAME and not beta.low <= 1 <= beta.high and beta.value <= _HOTTEST
    recovery = _recovery(beta.value, span, pair) if apart_from_one else Estimate(None)
    return Temperature(beta.value, span, evidence, None, recovery, notes)


def _recovery(beta: float, span: tuple[float, float | None], pair: Pair) -> Estimate:
    """What to sample the new model at: its own temperature, as far as rows tell it, times β."""
    own, (low, high) = pair.sampled_at(Side.NEW), span
    return Estimate(own * beta, (own * low, None if high is None else own * high))


def _known_temperature(found: Escort, judgement: Judgement, pair: Pair) -> Temperature:
    """The temperature by log probabilities; none where the openings, or these, did not move along one."""
    moved, beta = judgement.movement, found.beta
    explained = None if found.explained is None else found.explained.value
    along = moved in (Movement.SHARPENED, Movement.HOTTER, Movement.SAME, Movement.UNKNOWN)
    if not along or contradicted(judgement.tree):
        return Temperature(None, (None, None), Evidence.LOGPROBS, explained, Estimate(None), [_note(judgement)])
    beyond = beta.value >= BETAS[-1]
    span = (beta.low, None if beyond else beta.high)
    changed = found.explained is not None and not beta.low <= 1 <= beta.high
    recovery = _recovery(beta.value, span, pair) if changed else Estimate(None)
    return Temperature(beta.value, span, Evidence.LOGPROBS, explained, recovery)


def _note(judgement: Judgement) -> str:
    why = without_temperature(judgement)
    if why == _TOO_FEW:
        return f"No temperature could be estimated: {why}."
    return f"{why[0].upper()}{why[1:]}, so no temperature is stated."


def without_temperature(judgement: Judgement) -> str:
    """Why no temperature is stated, where none is."""
    if contradicted(judgement.tree):
        return "one temperature does not explain how the next tokens diverge"
    if judgement.movement is Movement.UNKNOWN or judgement.tree.beta is None:
        return _TOO_FEW
    if undecided(judgement.tree, judgement.movement):
        return "the openings are more concentrated, and this sample does not show whether one temperature did that"
    return "the openings did not move as any temperature moves them"


_TOO_FEW = "it takes six prompts with four or more samples on both sides, and openings that repeat"


def stated_share(count: int, rows: int) -> Share:
    """``count`` of ``rows``, with its interval."""
    return Share(count / rows if rows else 0.0, share_interval(count, rows), count)


def examples(pair: Pair, order: NDArray[np.int64], most: int) -> list[Example]:
    """The first texts in ``order``, from different prompts where there are several; rows of a baseline have none."""
    if pair.rows.concealment is not None:
        order = order[~np.isin(pair.side[order], (Side.BASE, Side.RUNG))]
    _, firsts = np.unique(pair.rows.prompts[order], return_index=True)
    chosen = dict.fromkeys([*order[np.sort(firsts)[:most]].tolist(), *order[:most].tolist()])
    return [_example(pair, row) for row in list(chosen)[:most]]


def _example(pair: Pair, row: int) -> Example:
    """The text of a row, shortened for reading."""
    prompt = pair.rows.prompts[row]
    return Example(
        text=_shorten(pair.rows.texts[row]),
        prompt=_shorten(pair.rows.prompt_texts[prompt] or pair.prompt_keys[prompt]),
        line=int(pair.lines[row]),
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _EXAMPLE_LENGTH else text[: _EXAMPLE_LENGTH - 1] + "…"


def summary(corpus: Corpus) -> CorpusSummary:
    """The corpus as it was read."""
    counts = np.array(list(Counter(corpus.prompt_keys).values()))
    known, times = np.unique(corpus.temperatures[~np.isnan(corpus.temperatures)], return_counts=True)
    temperatures = {f"{value:g}": int(count) for value, count in zip(known, times, strict=True)}
    unknown = int(np.isnan(corpus.temperatures).sum())
    return CorpusSummary(
        name=corpus.name,
        rows=corpus.rows,
        used=len(corpus),
        skipped=[SkippedRow(skipped.line, skipped.reason) for skipped in corpus.skipped],
        prompts=len(counts),
        samples_per_prompt={"min": float(counts.min()), "median": float(np.median(counts)), "max": float(counts.max())},
        fields=FieldsTaken(corpus.fields.text, corpus.fields.prompt, corpus.fields.temperature, corpus.fields.dialect),
        temperatures={**temperatures, **({"unknown": unknown} if unknown else {})},
        sha256=corpus.sha256,
    )
