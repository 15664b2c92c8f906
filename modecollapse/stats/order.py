"""Is the order in which a model favours words still the same?

Null hypothesis: at every node, whatever word the base gives more probability than another one, the new model gives no
less. Every escort with β > 0 keeps that order, up to greedy decoding, and so does every truncation (top-p, top-k,
min-p): so a reversal is beyond all temperatures, and samples of a single prompt can show it. A model that was
retrained reverses words that are nearly as likely; by itself it is no loss.

For a pair of words each side is a sign test of the texts that say either; a reversal takes both (intersection-union:
Berger 1982, "Multiparameter hypothesis testing and acceptance sampling"). Over all pairs at all nodes Bonferroni's
factor counts those alone that have texts enough to show anything (Tarone 1990, "A modified Bonferroni method for
discrete data").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from modecollapse.counts import Nodes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_WORDS = 200
"""Of a node, the commonest of either side: rarer ones show nothing."""


def reversal(nodes: Nodes, alpha: float) -> float:
    """The p-value, adjusted for the number of pairs that could be told from chance at ``alpha``; 1 without nodes."""
    found = [_pairs(nodes.base[of], nodes.new[of]) for of in _groups(nodes)]
    if not found:
        return 1.0
    p_values, least = (np.concatenate(parts) for parts in zip(*found, strict=True))
    least = np.sort(least)
    tellable = np.searchsorted(least, alpha / np.arange(1, len(least) + 2), "right")
    factor = int(np.flatnonzero(tellable <= np.arange(1, len(least) + 2))[0]) + 1
    return float(min(1.0, factor * p_values.min(initial=1.0)))


def _groups(nodes: Nodes) -> list[Ints]:
    return np.split(np.arange(len(nodes.node)), np.flatnonzero(np.diff(nodes.node)) + 1) if len(nodes) else []


def _pairs(base: Ints, new: Ints) -> tuple[Floats, Floats]:
    """Per pair of words, the one before the other in the base: p-value, and the least that it could be."""
    common = np.argsort(-np.maximum(base, new), kind="stable")[:_MOST_WORDS]
    base, new = base[common], new[common]
    here, there = np.meshgrid(np.arange(len(base)), np.arange(len(base)), indexing="ij")
    here, there = here[here != there], there[here != there]
    before, after = _sign_test(base[here], base[there]), _sign_test(new[there], new[here])
    totals = np.minimum(base[here] + base[there], new[here] + new[there])
    return np.maximum(before, after), 0.5**totals


def _sign_test(more: Ints, less: Ints) -> Floats:
    """One-sided p-values of *more is not the likelier one*, given the texts of both."""
    found: Floats = np.where(more > 0, special.betainc(np.maximum(more, 1), less + 1.0, 0.5), 1.0)
    return found


_FEWEST_TEXTS = 8
"""Base texts from which a word can be the one that was passed over."""


@dataclass(frozen=True)
class Leader:
    """The commonest first word of the new texts, its share there, and that of the base's commonest one in the base.

    ``p_value`` is that of its having come to stand there in the order of the base; see ``overturned``.
    """

    word: str
    share: float
    before: float
    p_value: float


def overturned(base: Sequence[str], new: Sequence[str], weights: Floats) -> Leader | None:
    """Whether words are in the base's order at each of many prompts, if of few texts; None without any.

    ``base`` and ``new`` have the first word of each text; ``weights``, shape ``(base texts,)``, sum to 1 and give each
    prompt the weight that it has among the new texts. Where the base prefers A to B at a prompt, p(B) - p(A) is at most
    0 and q(A) - q(B) at most 1; where it prefers B, at most 1 and 0. So the means over all prompts add up to 1 at most
    as long as no prompt reverses the order: a word that stands before nearly all new texts must have been as common as
    any other. Its first token may begin other words too, but none with another first letter: words that begin as A does
    count for it in the base, and those that begin as B does in the new texts.

    A is the ``Leader``, and B any of the base's words (Bonferroni over those with texts enough). One-sided: a normal
    test of the means, and a sign test of the base's texts.
    """
    if not base or not new:
        return None
    word, count = min(Counter(new).items(), key=lambda item: (-item[1], item[0]))
    shares = {each: float(weights @ (np.array(base) == each)) for each in sorted(set(base))}
    others = [each for each, texts in Counter(base).items() if texts >= _FEWEST_TEXTS and each[:1] != word[:1]]
    p_value = min([1.0, *(len(others) * _passed_over(word, other, base, new, weights) for other in others)])
    return Leader(word, count / len(new), max(shares.values()), p_value)


def _passed_over(leader: str, other: str, base: Sequence[str], new: Sequence[str], weights: Floats) -> float:
    before = np.array([(word == other) - (word[:1] == leader[:1]) for word in base], dtype=np.float64)
    after = np.array([(word == leader) - (word[:1] == other[:1]) for word in new], dtype=np.float64)
    mean = float(weights @ before)
    variance = float(weights**2 @ (before - mean) ** 2 + after.var() / len(after))
    if variance == 0:
        return 1.0
    of_means = special.ndtr((1 - mean - after.mean()) / np.sqrt(variance))
    of_base = _sign_test(np.array([(before > 0).sum()]), np.array([(before < 0).sum()]))[0]
    return float(max(of_means, of_base))
