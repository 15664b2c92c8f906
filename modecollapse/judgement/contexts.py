"""Rows with log probabilities → the contexts at which both models' next tokens are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modecollapse.corpus.logprobs import DEPTH, TokenLogprobs
from modecollapse.stats.escort import FEWEST_PROMPTS, Contexts

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_MOST_CONTEXTS = 2000
"""The contexts that most texts pass: an estimate needs no more, and time must not grow with the corpus."""

_MOST_ROWS = 64
"""Rows of a context and side whose lists are averaged. One model gives them all alike; a mixture of models does not."""


def shared_contexts(logprobs: TokenLogprobs, prompts: Ints, new: Bools) -> Contexts | None:
    """Contexts (a prompt and the same tokens after it) that texts of both sides pass.

    ``prompts`` and ``new`` (the side) have shape ``(rows,)``. Where both sides list next tokens at contexts of three
    prompts or more, these contexts; else those where the base does, with the new tokens' counts alone. None where there
    are neither, or where the sides name their tokens in unlike ways.
    """
    places = _places(logprobs, prompts, new)
    chosen = _chosen(places)
    if chosen is None:
        return None
    places = places[places["context"].isin(chosen.index)]
    chosen = chosen.sort_index()
    known = bool(chosen["new_listed"].all())
    items = _items(logprobs, places if known else places[~places["new"]])
    if known and not (items["base"].notna() & items["new"].notna()).any():
        return None
    counts = [_drawn(places, side).reindex(items.index, fill_value=0) for side in (False, True)]
    context = np.searchsorted(chosen.index.to_numpy(), items.index.get_level_values("context").to_numpy())
    found = Contexts(
        context=context.astype(np.int64),
        base=items["base"].to_numpy(dtype=np.float64),
        new=items["new"].to_numpy(dtype=np.float64),
        base_count=counts[0].to_numpy().astype(np.int64),
        new_count=counts[1].to_numpy().astype(np.int64),
        prompt=chosen["prompt"].to_numpy(dtype=np.int64),
        base_texts=chosen["base"].to_numpy(dtype=np.int64),
        new_texts=chosen["new"].to_numpy(dtype=np.int64),
    )
    return found.take(np.ones(len(context), dtype=bool))


def _places(logprobs: TokenLogprobs, prompts: Ints, new: Bools) -> pd.DataFrame:
    """One row per text and place whose tokens so far are known: its context, next token and side."""
    parts = []
    context, alive = prompts.astype(np.int64), np.arange(len(prompts))
    offset = 0
    for depth in range(DEPTH):
        alive = alive[logprobs.sampled[alive, depth] >= 0]
        token = logprobs.sampled[alive, depth]
        groups = pd.DataFrame({"context": context[alive], "token": token}).groupby(["context", "token"], sort=True)
        place = alive * DEPTH + depth
        part = {"context": context[alive] + offset, "token": token, "new": new[alive], "prompt": prompts[alive]}
        listed = logprobs.starts[place + 1] > logprobs.starts[place]
        parts.append(pd.DataFrame(part | {"place": place, "listed": listed}))
        offset += int(context.max(initial=-1)) + 1
        context = np.full(len(prompts), -1, dtype=np.int64)
        context[alive] = groups.ngroup().to_numpy()
    return pd.concat(parts, ignore_index=True)


def _chosen(places: pd.DataFrame) -> pd.DataFrame | None:
    """The contexts to compare, with their texts a side; None where there are none."""
    sides = places.assign(
        base=~places["new"], base_listed=places["listed"] & ~places["new"], new_listed=places["listed"] & places["new"]
    )
    summed = sides.groupby("context")[["base", "new", "base_listed", "new_listed"]].sum()
    summed["prompt"] = places.groupby("context")["prompt"].first()
    summed = summed[(summed["base_listed"] > 0) & (summed["new"] > 0)]
    both = summed[summed["new_listed"] > 0]
    summed = both if both["prompt"].nunique() >= FEWEST_PROMPTS else summed.assign(new_listed=0)
    passed = summed[["base", "new"]].min(axis=1).to_numpy()
    order = np.argsort(-passed, kind="stable")[:_MOST_CONTEXTS]
    return summed.iloc[order] if len(summed) else None


def _drawn(places: pd.DataFrame, new: bool) -> pd.Series[int]:
    """Texts of one side that go on with each (context, token)."""
    return places[places["new"] == new].groupby(["context", "token"]).size()


def _items(logprobs: TokenLogprobs, places: pd.DataFrame) -> pd.DataFrame:
    """Probabilities ``base`` and ``new`` by (context, token), NaN where a side does not list the token."""
    sides = {name: _averaged(logprobs, places[places["new"] == new]) for name, new in (("base", False), ("new", True))}
    return pd.DataFrame(sides).rename_axis(["context", "token"]).sort_index()


def _averaged(logprobs: TokenLogprobs, places: pd.DataFrame) -> pd.Series[float]:
    """The mean of the rows' lists at each context: the next-token distribution of whatever mixture wrote the rows.

    A token is left out below the mean of the most that a list leaves for one it does not show (its smallest
    probability, or all of the mass that is left): not every list would show it.
    """
    places = places[places["listed"]]
    places = places[places.groupby("context").cumcount() < _MOST_ROWS]
    entries, owner = logprobs.entries(places["place"].to_numpy(dtype=np.int64))
    context = places["context"].to_numpy()[owner]
    frame = pd.DataFrame({"context": context, "token": logprobs.keys[entries], "row": owner})
    frame["p"] = np.exp(logprobs.log_p[entries].astype(np.float64))
    rows = frame.groupby("context")["row"].nunique()
    lists = frame.groupby("row").agg(context=("context", "first"), smallest=("p", "min"), held=("p", "sum"))
    lists["p"] = np.minimum(lists["smallest"], np.maximum(0.0, 1 - lists["held"]))
    # Sums in the order of the values: rounding must not depend on the order of the rows.
    cut = lists.sort_values(["context", "p"]).groupby("context")["p"].sum() / rows
    mean = frame.sort_values(["context", "token", "p"]).groupby(["context", "token"])["p"].sum()
    of_context = mean.index.get_level_values("context")
    mean = mean / rows.reindex(of_context).to_numpy()
    return mean[mean.to_numpy() >= cut.reindex(of_context).to_numpy() * (1 - 1e-6)]
