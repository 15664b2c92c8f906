"""Word counts with known truth: p drawn per prompt, q an escort of it, or a collapse."""

import numpy as np

from modecollapse.counts import Nodes


def words(rng, prompts, size=40, tail=1.0):
    """p of each prompt, shape (prompts, size): a shuffled power law with gamma noise."""
    law = np.arange(1, size + 1) ** -tail * rng.gamma(1.0, size=(prompts, size))
    return law / law.sum(1, keepdims=True)


def escort(p, beta):
    q = p**beta
    return q / q.sum(1, keepdims=True)


def nodes(rng, p, q, base, new):
    """One node per prompt with so many texts a side."""
    parts = []
    for prompt, (row_p, row_q) in enumerate(zip(p, q, strict=True)):
        n, m = rng.multinomial(base, row_p), rng.multinomial(new, row_q)
        seen = np.flatnonzero(n + m)
        parts.append((np.full(len(seen), prompt), seen, n[seen], m[seen]))
    node, word, n, m = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Nodes(node, word, n, m, prompt=np.arange(len(p)), depth=np.ones(len(p), dtype=np.int64))
