"""Single traces by their repeats: texts that agree word for word far beyond what their openings allow.

A model that learnt single samples repeats them whole, at whatever strength its first words show; a model at a lower
temperature repeats a whole text only when it hardly has a choice left at any word, the first included. Per prompt, let
f be the chance that two new texts agree in the first open word, and v that they agree in the prompt's most repeated
phrase, one which the base does not repeat itself. The statistic is the mean of v (1 − f) over prompts.

Null hypothesis: every next-word distribution is an escort q ∝ p^β, with one β per prompt, log-normal over prompts with
deviation ``SPREAD``, around the highest centre that the observed f allow, or that the other repeated phrases ask for:
where several first words are nearly as likely, a low temperature leaves them open and repeats a phrase after each, a
trace repeats one. Null distribution by simulation: p at the
first open word from a mixture of Pitman–Yor posteriors given the base's counts, p at later words from the mixture
fitted to the base's later nodes (weights by maximum likelihood, Kiefer & Wolfowitz 1956).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modecollapse.counts import Nodes, WordTree
from modecollapse.stats import pitman_yor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PHRASE = 12
"""Words, from the first open one, in which two texts must agree."""

DEPTH = 18
"""Words of each text that the tests of single traces read: a phrase and the locked words before it."""

SPREAD = 0.5
"""Deviation of log β over prompts that the null allows."""

LEAST = 0.005
"""Below this value there is nothing to explain: a chance repeat or two is no trace."""

_LOCKED = 0.9
_BETAS = np.array([0.7, 1.0, 1.2, 1.45, 1.75, 2.1, 2.5, 3.0, 4.0, 6.0, 10.0, 30.0, np.inf])
_CENTRES = np.append(np.exp(np.linspace(np.log(_BETAS[0]), np.log(_BETAS[-2]), 60)), np.inf)
_SIZES = np.array([2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64])
_MOST_PROMPTS = 150
_LATER_NODES = 300
_ROOT_DRAWS = 30
_CHAINS = 60


@dataclass(frozen=True)
class Repeats:
    """The statistic, its mean under the null, its p-value, the mean of v, and the centre of β that the null allowed.

    The p-value is 1, and the null not simulated, where the statistic is below ``LEAST``.
    """

    value: float
    null_mean: float
    p_value: float
    repeated: float
    beta: float


def unlocked(tree: WordTree) -> WordTree:
    """The tree from each prompt's first open word on: where nine base texts in ten agree, the word is taken off.

    Texts that leave the locked prefix are left out. Only base texts decide, so the new ones remain free to differ.
    """
    prompts, new, words = tree.prompts, tree.new, tree.words.copy()
    for _ in range(words.shape[1] - 1):
        locked, favourite = _favourites(prompts, new, words[:, 0])
        if not locked.any():
            break
        here = locked[prompts]
        keep = ~here | (words[:, 0] == favourite[prompts])
        prompts, new, words, here = prompts[keep], new[keep], words[keep], here[keep]
        words[here] = np.column_stack([words[here, 1:], np.full(here.sum(), -1)])
    return WordTree(prompts, new, words)


def _favourites(prompts: Ints, new: NDArray[np.bool_], word: NDArray[np.integer]) -> tuple[NDArray[np.bool_], Ints]:
    """Per prompt, whether the base's favourite word is locked there, and which one it is."""
    size = int(prompts.max(initial=-1)) + 1
    base = ~new & (word >= 0)
    pairs, count = np.unique(np.column_stack([prompts[base], word[base]]), axis=0, return_counts=True)
    order = np.argsort(count, kind="stable")
    favourite, most = np.full(size, -1, dtype=np.int64), np.zeros(size)
    favourite[pairs[order, 0]] = pairs[order, 1]
    most[pairs[order, 0]] = count[order]
    total = np.bincount(prompts[base], minlength=size)
    return (most >= _LOCKED * total) & (total > 0), favourite


def repeats(tree: WordTree, resamples: int, seed: int) -> Repeats:
    """Test an :func:`unlocked` tree for whole phrases repeated beyond what one β per prompt allows."""
    rng = np.random.default_rng(seed)
    first = tree.nodes(1, min_base=2, min_new=2)
    chosen = np.zeros(len(first), dtype=bool)
    chosen[rng.permutation(len(first))[:_MOST_PROMPTS]] = True
    first = first.take(chosen)
    if not len(first):
        return Repeats(0.0, 0.0, 1.0, 0.0, 1.0)
    agree = _agreement(first)
    repeated, others = _repeated(tree, first.prompt, first.totals()[1])
    value = float((repeated * (1 - agree)).mean())
    if value < LEAST:
        return Repeats(value, 0.0, 1.0, float(repeated.mean()), 1.0)
    null_agree, null_repeated, null_others = _simulate(first, _later_nodes(tree, first.prompt, rng), rng)
    centre = max(_highest_centre(null_agree, float(agree.mean())), _lowest_centre(null_others, others))
    weights = _around(centre)
    null = null_repeated * (1 - null_agree)
    # One β and one draw per prompt and resample.
    prompts = np.arange(len(first))
    beta = rng.choice(len(_BETAS), size=(resamples, len(first)), p=weights)
    draw = rng.integers(null.shape[2], size=beta.shape)
    means = null[prompts, beta, draw].mean(1)
    p_value = (1 + int((means >= value).sum())) / (1 + resamples)
    return Repeats(value, float(means.mean()), p_value, float(repeated.mean()), centre)


def _agreement(nodes: Nodes) -> Floats:
    """Chance that two new texts agree in the next word, shape ``(nodes,)``."""
    total = nodes.totals()[1]
    pairs = np.bincount(nodes.node, weights=nodes.new * (nodes.new - 1), minlength=len(nodes))
    agree: Floats = pairs / (total * (total - 1))
    return agree


def _repeated(tree: WordTree, prompts: Ints, totals: Ints) -> tuple[Floats, Floats]:
    """Chance that two new texts agree in the most repeated phrase, and in any other: each of shape ``(prompts,)``.

    Phrases that the base repeats itself do not count.
    """
    size = int(tree.prompts.max()) + 1
    whole = tree.words[:, PHRASE - 1] >= 0
    rows = np.column_stack([tree.prompts[whole], tree.words[whole, :PHRASE]])
    phrases, phrase = np.unique(rows, axis=0, return_inverse=True)
    new = np.bincount(phrase.ravel(), weights=tree.new[whole], minlength=len(phrases))
    base = np.bincount(phrase.ravel(), weights=~tree.new[whole], minlength=len(phrases))
    pairs = np.where(base < 2, new * (new - 1), 0.0)
    most = np.zeros(size)
    np.maximum.at(most, phrases[:, 0], pairs)
    others = np.bincount(phrases[:, 0], weights=pairs, minlength=size) - most
    all_pairs = totals * (totals - 1)
    return most[prompts] / all_pairs, others[prompts] / all_pairs


def _later_nodes(tree: WordTree, prompts: Ints, rng: np.random.Generator) -> list[Ints]:
    """The base's counts at nodes of ``prompts`` after the first open word, some of them."""
    base = tree.take(~tree.new & np.isin(tree.prompts, prompts))
    samples: list[Ints] = []
    for depth in range(2, PHRASE + 1):
        nodes = base.nodes(depth, min_base=2, min_new=0)
        if not len(nodes):
            break
        samples += np.split(nodes.base, np.flatnonzero(np.diff(nodes.node)) + 1)
    return [samples[i] for i in sorted(rng.permutation(len(samples))[:_LATER_NODES].tolist())]


def _simulate(first: Nodes, later: list[Ints], rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Agreement, repeats of one phrase and of others under each β: arrays of shape ``(nodes, betas, draws)``."""
    kept = _kept_pairs(pitman_yor.mixture(later), rng)
    groups = np.split(first.base, np.flatnonzero(np.diff(first.node)) + 1)
    seen = [base[base > 0] for base in groups]
    roots = pitman_yor.mixture(seen)
    totals = first.totals()[1]
    shape = (len(seen), len(_BETAS), _ROOT_DRAWS)
    agree, repeated, others = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for i, counts in enumerate(seen):
        p = pitman_yor.posterior(roots, counts, _ROOT_DRAWS, rng)
        for j, beta in enumerate(_BETAS):
            m = rng.multinomial(totals[i], pitman_yor.escort(p, beta))
            pairs = m * (m - 1) / (totals[i] * (totals[i] - 1))
            size = np.searchsorted(_SIZES, m.clip(2, _SIZES[-1]))
            share = kept[j, size, rng.integers(_CHAINS, size=m.shape)]
            whole = pairs * share
            agree[i, j], repeated[i, j] = pairs.sum(1), whole.max(1)
            others[i, j] = whole.sum(1) - repeated[i, j]
    return agree, repeated, others


def _kept_pairs(later: pitman_yor.Mixture, rng: np.random.Generator) -> Floats:
    """Of the pairs in a group that agrees in one word, the share that still agrees at the end of the phrase.

    Shape ``(betas, sizes, chains)``: groups of each of ``_SIZES`` followed down ``_CHAINS`` branches of the tree.
    """
    p = pitman_yor.posterior(later, np.zeros(0, dtype=np.int64), 400, rng)
    shape = (len(_SIZES), _CHAINS)
    kept = np.zeros((len(_BETAS), *shape))
    for j, beta in enumerate(_BETAS):
        q = pitman_yor.escort(p, beta)
        size = np.repeat(_SIZES, _CHAINS)
        owner = np.arange(len(size))
        for _ in range(PHRASE - 1):
            children = rng.multinomial(size, q[rng.integers(len(q), size=len(size))])
            group, word = np.nonzero(children >= 2)
            size, owner = children[group, word], owner[group]
        pairs = np.bincount(owner, weights=size * (size - 1), minlength=shape[0] * shape[1]).reshape(shape)
        kept[j] = pairs / (_SIZES * (_SIZES - 1))[:, None]
    return kept


def _around(centre: float) -> Floats:
    """Weights over ``_BETAS`` of a log-normal β; infinity stands alone."""
    if np.isinf(centre):
        return np.where(np.isinf(_BETAS), 1.0, 0.0)
    log_beta = np.log(_BETAS[:-1])
    # The grid is uneven: each point stands for the stretch around it.
    near = np.exp(-0.5 * ((log_beta - np.log(centre)) / SPREAD) ** 2) * np.gradient(log_beta)
    return np.append(near / near.sum(), 0.0)


def _highest_centre(null_agree: Floats, agree: float) -> float:
    """The highest centre of β whose agreement is not above the observed one, by two standard errors."""
    found = _CENTRES[0]
    for centre in _CENTRES:
        mean = np.einsum("ijk,j->i", null_agree, _around(centre)) / null_agree.shape[2]
        second = np.einsum("ijk,j->i", null_agree**2, _around(centre)) / null_agree.shape[2]
        error = np.sqrt((second - mean**2).sum()) / len(mean)
        if mean.mean() - 2 * error <= agree:
            found = centre
    return float(found)


def _lowest_centre(null_others: Floats, others: Floats) -> float:
    """The lowest centre of β that brings as many repeats of further phrases as observed, and two standard errors."""
    most = others.mean() + 2 * others.std() / np.sqrt(len(others))
    means = np.array([_around(centre) @ null_others.mean((0, 2)) for centre in _CENTRES])
    # Nearly greedy texts repeat one phrase only: where none is enough, the centre that brings most.
    return float(_CENTRES[means.argmax() if means.max() < most else np.flatnonzero(means >= most)[0]])
