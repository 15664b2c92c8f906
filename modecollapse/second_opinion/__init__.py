"""Better evidence: what a base at several temperatures, a reheated corpus and elicited texts settle.

Where openings are sharpened too, text at one temperature can't tell whether a topic shrank by entropy inside it or by
loss. The first two compare at equal temperature, so that nothing is left for temperature to explain:

* **ladder**: the new corpus against the base at the new corpus's own temperature, mixed from neighbouring rungs;
* **reheated**: base against the new model sampled at the temperature that should undo the sharpening;
* **elicited**: texts of the new model when asked for what seems lost. What can be reached is lost all the same.

All three answer for the modes in question: those that text found missing, or could not clear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modecollapse.judgement.base import Judgement
from modecollapse.judgement.evidence import Settings
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair
from modecollapse.second_opinion import elicited, ladder, reheated


def settle(
    pair: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], judgement: Judgement, settings: Settings
) -> Judgement:
    """``judgement`` with its open questions settled where the rows hold better evidence; unchanged where they don't."""
    judgement = ladder.settle(pair, labelled, names, judgement, settings)
    judgement = reheated.settle(pair, labelled, names, judgement, settings)
    return elicited.settle(pair, judgement)
