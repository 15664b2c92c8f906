"""Study of the rule that log probabilities hold *sharpened* back: how often on sharpenings, how often on losses.

A model whose every distribution is known (known_model.py), 12 prompts × 20 samples, and what retraining may do to it:
an escort with noise on every log probability, or a locked opening behind an escort. Printed per row: how often the
first tokens' movement is *sharpened* by text alone, how often log probabilities hold that back, the share that one
temperature explains, what it leaves in nats per token, and the share of new tokens that the lists hold.

    python -m benchmarks.log_probabilities
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.known_model import Model, base, locked, rows, sharpened
from modecollapse.corpus.logprobs import LogprobsGathered
from modecollapse.counts import WordTree
from modecollapse.judgement.contexts import shared_contexts
from modecollapse.judgement.evidence import Settings, TreeEvidence, weigh_next_tokens, weigh_tree
from modecollapse.judgement.movement import Movement, movement
from modecollapse.judgement.provisos import contradicted

SETTINGS = Settings(alpha=0.01, tolerance=0.05, resamples=100, seed=0)
PROMPTS, SAMPLES, SEEDS = 12, 20, 4


def evidence(model: Model, seed: int, top: int) -> TreeEvidence:
    """Tree evidence of base against ``model``."""
    drawn = [*rows(base, PROMPTS, SAMPLES, 2 * seed, top=top), *rows(model, PROMPTS, SAMPLES, 2 * seed + 1, top=top)]
    gathered = LogprobsGathered()
    for row in drawn:
        gathered.append(row["logprobs"], row["token_ids"])
    prompts = np.array([int(row["prompt"].split()[1]) for row in drawn])
    new = np.arange(len(drawn)) >= PROMPTS * SAMPLES
    tree = weigh_tree(WordTree(prompts, new, np.array([row["token_ids"] for row in drawn])), SETTINGS)
    contexts = shared_contexts(gathered.gathered(), prompts, new)
    return replace(tree, next_tokens=weigh_next_tokens(contexts, (np.nan, np.nan), SETTINGS))


def row(name: str, model: Model, top: int) -> str:
    found = [evidence(model, seed, top) for seed in range(SEEDS)]
    moved = [movement(tree, SETTINGS.alpha) for tree in found]
    said = [tree for tree, word in zip(found, moved, strict=True) if word is Movement.SHARPENED]
    held = sum(contradicted(tree) for tree in said)
    shares = [tree.next_tokens.escort for tree in found if tree.next_tokens and tree.next_tokens.escort]
    explained = [fit.explained.value for fit in shares if fit.explained]
    high = [fit.explained.high for fit in shares if fit.explained]
    told = f"{np.mean(explained):.2f} (upper {np.mean(high):.2f})" if explained else "–"
    covered = np.mean([fit.covered for fit in shares]) if shares else np.nan
    left = np.mean([fit.residual for fit in shares]) if shares else np.nan
    return f"| {name} | {top} | {len(said)} of {SEEDS} | {held} | {told} | {left:.3f} | {covered:.2f} |"


def main() -> None:
    print(
        "| new model | top-k | sharpened by text | held back | explained | left | listed |\n"
        "|---|---|---|---|---|---|---|"
    )
    for top in (20, 5):
        for beta in (1.2, 1.5):
            for noise in (0.3, 0.8):
                print(row(f"escort {beta}, noise {noise}", sharpened(beta, noise), top), flush=True)
    for beta in (1.0, 1.3):
        for share in (0.2, 0.5):
            for rank in (0, 2):
                print(row(f"rank {rank} locked {share:.0%}, escort {beta}", locked(share, rank, beta), 20), flush=True)


if __name__ == "__main__":
    main()
