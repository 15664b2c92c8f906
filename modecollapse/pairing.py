"""Two corpora side by side: prompts matched, rows pooled, sides kept apart."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modecollapse import strata
from modecollapse.corpus import Corpus
from modecollapse.corpus.logprobs import TokenLogprobs, concatenate
from modecollapse.embed.vectors import Vectors
from modecollapse.facets.base import UNREAD, Rows
from modecollapse.texts import Texts

TOKENS = 18
"""First tokens of a row that the token tree reaches."""

MOST_ROWS_OF_TREE = 200_000
"""Rows whose first words are looked at: what they tell is sure long before, and their tree would not stay small."""

_FEWEST_OF_SIDE = 4  # texts of a prompt and side: fewer tell no temperature

_MANY_TEXTS = 5

MOST_RUNGS = 8
"""A base with more sampling temperatures than this is a mixture, not a ladder."""


class Side(IntEnum):
    """Which corpus a row came from. ``RUNG`` is the base at another temperature than its main one."""

    BASE = 0
    NEW = 1
    REHEATED = 2
    ELICITED = 3
    RUNG = 4
    ASIDE = 5


@dataclass(frozen=True)
class Pair:
    """The rows of several corpora that stand for one comparison.

    ``rows`` pools them; ``side`` says which corpus each came from (``Side``), shape ``(rows,)``; ``lines`` and
    ``temperatures`` and ``samples`` are those of the files. ``matched`` is true where the row's prompt stands in both
    base and new. ``tokens`` holds the first token ids of each row, shape ``(rows, TOKENS)``, -1 after the end, where
    base and new have them, ``logprobs`` the log probabilities where any row has some. ``prompt_keys`` names the prompts
    that ``rows.prompts`` counts. ``encoded`` holds the encoder's vectors of rows of a baseline, zeros for others.
    ``vectors`` are those of all rows where the rows have none of their own, zeros for rows that take no part.
    ``blocks``, shape ``(rows,)``, is there where rows depend on each other between prompts: those of one block do.
    ``truncated`` says whether rows tell that only the new side's tail was cut off, ``unanswered`` by how much a
    larger part of the new side's rows than of the base's had no answer and was left out.
    """

    rows: Rows
    side: NDArray[np.int8]
    lines: NDArray[np.int64]
    temperatures: NDArray[np.float64]
    samples: NDArray[np.int64]
    matched: NDArray[np.bool_]
    tokens: NDArray[np.int64] | None
    prompt_keys: Sequence[str]
    only_base: Sequence[str]
    only_new: Sequence[str]
    logprobs: TokenLogprobs | None = None
    encoded: NDArray[np.float16] | None = None
    vectors: Vectors | None = None
    blocks: NDArray[np.int64] | None = None
    truncated: bool = False
    unanswered: float = 0.0

    def take(self, index: NDArray[np.int64]) -> Pair:
        """The rows at ``index``, in that order."""
        return replace(
            self,
            rows=self.rows.take(index),
            side=self.side[index],
            lines=self.lines[index],
            temperatures=self.temperatures[index],
            samples=self.samples[index],
            matched=self.matched[index],
            blocks=None if self.blocks is None else self.blocks[index],
            tokens=None if self.tokens is None else self.tokens[index],
            logprobs=None if self.logprobs is None else self.logprobs.take(index),
            encoded=None if self.encoded is None else self.encoded[index],
        )

    def batch(self, index: NDArray[np.int64]) -> Rows:
        """The rows at ``index`` as a facet sees them, with their vectors."""
        rows = self.rows.take(index)
        if self.vectors is None:
            return rows
        return replace(rows, vectors=self.vectors.take(index), metric=self.vectors.metric)

    def recast(self, base: NDArray[np.bool_], new: NDArray[np.bool_]) -> Pair:
        """The same rows with other parts: ``base`` and ``new`` say which rows now stand for the sides."""
        side = np.full(len(self.side), Side.ASIDE, dtype=np.int8)
        side[base], side[new] = Side.BASE, Side.NEW
        return replace(self, side=side, matched=_matched(self.rows.prompts, side))

    def sampled_at(self, side: Side) -> float:
        """The one temperature that all rows of a side that tell it were sampled at, if above 0; else 1."""
        known = np.unique(self.temperatures[(self.side == side) & ~np.isnan(self.temperatures)])
        return float(known[0]) if len(known) == 1 and known[0] > 0 else 1.0

    def numbers(self, member: NDArray[np.bool_]) -> tuple[NDArray[np.int64], bool]:
        """Sample numbers of the rows of one corpus that are ``member``, and whether the rows have them themselves.

        Else each row's number is its place within its prompt in the file.
        """
        given = self.samples[member]
        if (given >= 0).all():
            return given, True
        return strata.places(self.rows.prompts[member], self.lines[member]), False

    def bounded(self, member: NDArray[np.bool_], most: int = MOST_ROWS_OF_TREE) -> NDArray[np.bool_]:
        """The rows of ``member`` whose words are looked at: all, unless they are more than about ``most``.

        Else the same part of each prompt and side, the first by content hash.
        """
        index = np.flatnonzero(member)
        if len(index) <= most:
            return member
        sides = self.rows.prompts[index].astype(np.int64) * len(Side) + self.side[index]
        chosen = np.zeros_like(member)
        chosen[index] = strata.thinned(sides, index, most, _FEWEST_OF_SIDE)
        return chosen

    def in_blocks(self, shared: Mapping[Side, bool]) -> Pair:
        """The rows with those of one number and side as a block; ``shared`` tells which sides' numbers mean something.

        Rows of the other side that have no numbers are numbered in content-hash order, so that no file's order counts.
        """
        blocks = np.full(len(self.side), -1, dtype=np.int64)
        for side, meaning in shared.items():
            member = self.side == side
            numbers, given = self.numbers(member)
            if not given and not meaning:
                numbers = strata.places(self.rows.prompts[member], np.arange(int(member.sum())))
            blocks[member] = np.unique(numbers, return_inverse=True)[1] + blocks.max() + 1
        return replace(self, blocks=blocks)


def pair(base: Corpus, new: Corpus, reheated: Corpus | None = None, elicited: Corpus | None = None) -> Pair:
    """Pool the corpora, rows in content-hash order, so that nothing downstream depends on the order of the files."""
    given = [(side, corpus) for side, corpus in enumerate((base, new, reheated, elicited)) if corpus is not None]
    side = np.concatenate([np.full(len(corpus), side, dtype=np.int8) for side, corpus in given])
    side[: len(base)][_off_main_temperature(base, np.unique(new.temperatures))] = Side.RUNG
    side[: len(base) + len(new)][np.concatenate([_written_again(base), _written_again(new)])] = Side.ASIDE
    pooled = _pooled([corpus for _, corpus in given], side)
    in_base, in_new = set(base.prompt_keys), set(new.prompt_keys)
    return replace(
        pooled,
        matched=_matched(pooled.rows.prompts, pooled.side),
        only_base=sorted(in_base - in_new),
        only_new=sorted(in_new - in_base),
        truncated=truncation(new) is True and truncation(base) is not True,
        unanswered=_unanswered(new) - _unanswered(base),
    )


def _unanswered(corpus: Corpus) -> float:
    left_out = 0 if corpus.reasoning.kept else corpus.reasoning.unfinished
    return left_out / max(1, len(corpus) + left_out)


def alone(corpus: Corpus, *, every_temperature: bool = False) -> Pair:
    """The rows of one corpus, all on the base side: each counted once, and those at its main temperature alone.

    Those at other temperatures stay where ``every_temperature``.
    """
    side = np.full(len(corpus), Side.BASE, dtype=np.int8)
    if not every_temperature:
        side[_off_main_temperature(corpus, np.empty(0))] = Side.RUNG
    side[_written_again(corpus)] = Side.ASIDE
    pooled = _pooled([corpus], side)
    return pooled.take(np.flatnonzero(pooled.side == Side.BASE))


def _pooled(corpora: Sequence[Corpus], side: NDArray[np.int8]) -> Pair:
    """The rows of ``corpora``, one after the other, in content-hash order; all count as matched."""
    keys = sorted(set().union(*(corpus.prompt_keys for corpus in corpora)))
    number = {key: index for index, key in enumerate(keys)}
    lines = np.concatenate([corpus.lines for corpus in corpora])
    hashes = np.concatenate([corpus.hashes for corpus in corpora])
    frozen = corpora[0].frozen
    rows = Rows(
        texts=Texts.joined([corpus.texts for corpus in corpora]),
        prompts=np.array([number[key] for corpus in corpora for key in corpus.prompt_keys], dtype=np.int32),
        prompt_texts=_prompt_texts(keys, [corpus.prompt_texts for corpus in corpora]),
        hashes=hashes,
        vectors=_vectors(corpora),
        columns=_columns(corpora),
        known=_known(corpora),
        concealment=None if frozen is None else frozen.concealment,
    )
    pooled = Pair(
        rows=rows,
        side=side,
        lines=lines,
        temperatures=np.concatenate([corpus.temperatures for corpus in corpora]),
        samples=np.concatenate([corpus.samples for corpus in corpora]),
        matched=np.ones(len(side), dtype=bool),
        tokens=_tokens(corpora),
        prompt_keys=keys,
        only_base=(),
        only_new=(),
        logprobs=_logprobs(corpora),
        encoded=_encoded(corpora),
    )
    return pooled.take(np.lexsort((lines, side, hashes)))


def repetition(corpus: Corpus) -> int:
    """How often each row stands in the file, where all stand equally often; 1 otherwise.

    Samples never repeat so evenly; a file written twice does. Where prompts have fewer than five texts, greedy decoding
    does as well, and then the answer is 1.
    """
    _, first, counts = np.unique(corpus.hashes, return_index=True, return_counts=True)
    distinct = Counter(corpus.prompt_keys[row] for row in first.tolist())
    return int(np.gcd.reduce(counts)) if statistics.median(distinct.values()) >= _MANY_TEXTS else 1


def _written_again(corpus: Corpus) -> NDArray[np.bool_]:
    """Rows beyond the share of each text that stays when every row is counted once."""
    times, met = repetition(corpus), Counter[int]()
    again = np.zeros(len(corpus), dtype=bool)
    if times == 1:
        return again
    for row, text in enumerate(corpus.hashes.tolist()):
        again[row] = met[text] % times > 0
        met[text] += 1
    return again


def truncation(corpus: Corpus) -> bool | None:
    """Whether rows say that the tail was cut off by top-p, top-k or min-p; None where none of them says anything."""
    with np.errstate(invalid="ignore"):
        off = corpus.decoding
        cut = [off["top_p"] < 1, off["top_k"] >= 1, off["min_p"] > 0]
    known = any(not np.isnan(values).all() for values in corpus.decoding.values())
    return any(bool(part.any()) for part in cut) if known else None


def _matched(prompts: NDArray[np.int32], side: NDArray[np.int8]) -> NDArray[np.bool_]:
    both = np.intersect1d(prompts[side == Side.BASE], prompts[side == Side.NEW])
    return np.isin(prompts, both)


def _off_main_temperature(base: Corpus, asked: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Base rows at another temperature than the one compared: the one ``asked`` for, else the commonest.

    ``asked`` holds the temperatures of the new side; where they are several, no row is set apart.
    """
    known = ~np.isnan(base.temperatures)
    rungs, counts = np.unique(base.temperatures[known], return_counts=True)
    if not 1 < len(rungs) <= MOST_RUNGS or len(asked) > 1:
        return np.zeros(len(base), dtype=bool)
    main = asked[0] if len(asked) and asked[0] in rungs else rungs[np.argmax(counts + 1e-9 * rungs)]
    off: NDArray[np.bool_] = known & (base.temperatures != main)
    return off


def _prompt_texts(keys: Sequence[str], texts: Sequence[Mapping[str, str]]) -> list[str]:
    return [next((known[key] for known in texts if known.get(key)), "") for key in keys]


def _vectors(corpora: Sequence[Corpus]) -> NDArray[np.float32] | None:
    """The rows' own embeddings, where every corpus has them with the same number of dimensions."""
    given = [corpus.vectors for corpus in corpora if corpus.vectors is not None]
    if len(given) < len(corpora) or len({vectors.shape[1] for vectors in given}) > 1:
        return None
    return np.concatenate(given)


def _encoded(corpora: Sequence[Corpus]) -> NDArray[np.float16] | None:
    given = [corpus.frozen.encoded for corpus in corpora if corpus.frozen is not None]
    width = next((vectors.shape[1] for vectors in given if vectors is not None), None)
    if width is None:
        return None
    parts = (corpus.frozen.encoded if corpus.frozen is not None else None for corpus in corpora)
    return np.concatenate(
        [
            np.zeros((len(corpus), width), dtype=np.float16) if part is None else part
            for corpus, part in zip(corpora, parts, strict=True)
        ]
    )


def _known(corpora: Sequence[Corpus]) -> dict[str, list[Any]]:
    """What has been read off the rows of a baseline; the others' texts are still to be read."""
    frozen = [corpus.frozen.known for corpus in corpora if corpus.frozen is not None]
    return {
        name: [
            value
            for corpus in corpora
            for value in (corpus.frozen.known[name] if corpus.frozen is not None else [UNREAD] * len(corpus))
        ]
        for name in dict.fromkeys(name for known in frozen for name in known)
    }


def _columns(corpora: Sequence[Corpus]) -> dict[str, list[str | None]]:
    names = sorted(set().union(*(corpus.columns for corpus in corpora)))
    return {
        name: [value for corpus in corpora for value in corpus.columns.get(name, [None] * len(corpus))]
        for name in names
    }


def _tokens(corpora: Sequence[Corpus]) -> NDArray[np.int64] | None:
    """First token ids; the end of a text is a symbol of its own (one above the largest id)."""
    given = [row for corpus in corpora if corpus.token_ids is not None for row in corpus.token_ids]
    if len(given) < sum(len(corpus) for corpus in corpora):
        return None
    end = max((int(row[:TOKENS].max(initial=0)) for row in given), default=0) + 1
    tokens = np.full((len(given), TOKENS), -1, dtype=np.int64)
    for row, ids in zip(tokens, given, strict=True):
        ended = [*ids[:TOKENS].tolist(), end][:TOKENS]
        row[: len(ended)] = ended
    return tokens


def _logprobs(corpora: Sequence[Corpus]) -> TokenLogprobs | None:
    if not any(corpus.logprobs is not None and len(corpus.logprobs.keys) for corpus in corpora):
        return None
    return concatenate([corpus.logprobs or TokenLogprobs.nothing(len(corpus)) for corpus in corpora])
