"""Is hardly a text left that says one of these words?

Temperature acts on the next word, where it is said; a word that is said in many places is favoured in some of them.
So words hardly leave: between unharmed corpora, down to T = .3, no family of words was found below a third of its share
(``benchmarks.subjects``), where single texts, phrases and topics come and go. A filter leaves none.

Null hypothesis: the words stand in new texts at least ``KEPT`` times as often as in the base's. Counts are taken as
Poisson, which errs on the side of no finding; given their sum, the new one is a binomial (Przyborowski & Wilenski
1940). The base's texts are weighted as the new side has read of their prompt, and count for as many as have the
variance of the weighted sum (Fay & Feuer 1997).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

KEPT = 1 / 3
"""Part of a word's share that temperature leaves: measured down to T = .3; near zero any word goes."""


def depleted(base: Floats, base_variance: Floats, new: Floats, kept: float = KEPT) -> Floats:
    """One-sided p-values of *at least* ``kept`` *of it is left*; all arrays have one entry per set of words.

    ``base`` is the weighted sum of the base's texts that have it, ``base_variance`` the sum of their squared weights,
    ``new`` the number of new texts that have it.
    """
    scale = np.divide(base_variance, base, out=np.ones_like(base), where=base > 0)
    chance = kept * scale / (1 + kept * scale)
    p_values: Floats = np.where(base > 0, special.betainc(np.maximum(base / scale, 1e-9), new + 1, 1 - chance), 1.0)
    return p_values
