"""Log probabilities of next tokens, as the usual tools write them → flat arrays that grow with rows, not with texts.

A shape is one value per row, a list with one entry per token of the text (or an object that holds it):

* OpenAI chat: ``{"content": [{"token", "bytes", "top_logprobs": [{"token", "logprob", "bytes"}, …]}, …]}``;
* OpenAI completions: ``{"tokens": […], "top_logprobs": [{token: logprob, …}, …]}``;
* vLLM: ``[{"123": {"logprob": …, "rank": …}, …}, …]``, the sampled token first where there are no ``token_ids``;
* compact: ``[[[id, logprob], [id, logprob], …], …]``, the sampled token and then the most likely ones.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice, zip_longest
from math import exp

import numpy as np
from numpy.typing import NDArray

DEPTH = 5
"""Tokens from the start of a text whose log probabilities are kept."""

MOST = 20
"""Most likely tokens kept of each: what the usual services return at most."""

_ROUNDING = 0.01
_ZERO = -50.0
"""Services write such values (-9999) where a token can't come."""

_STRING = 1 << 62
_LARGEST_ID = 1 << 31
_ID_IN_WORDS = "token_id:"

Listed = list[tuple[int, float]]
Position = tuple[int, Listed]


class MalformedError(ValueError):
    """A value that is in none of the shapes, or holds what no log probability can be."""


@dataclass(frozen=True)
class TokenLogprobs:
    """The most likely next tokens at the first ``DEPTH`` places of each row.

    A token is an integer: its id, or a hash where only its string is known. ``sampled`` has shape ``(rows, DEPTH)``,
    -1 where unknown. Places are numbered row * ``DEPTH`` + depth; the tokens listed at place i are
    ``keys[starts[i]:starts[i + 1]]``, with their natural log probabilities in ``log_p``.
    """

    sampled: NDArray[np.int64]
    starts: NDArray[np.int64]
    keys: NDArray[np.int64]
    log_p: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.sampled)

    @classmethod
    def nothing(cls, rows: int) -> TokenLogprobs:
        """Rows of which nothing is known."""
        sampled = np.full((rows, DEPTH), -1, dtype=np.int64)
        return cls(sampled, np.zeros(rows * DEPTH + 1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))

    def take(self, index: NDArray[np.int64]) -> TokenLogprobs:
        """The rows at ``index``, in that order."""
        places = (index[:, None] * DEPTH + np.arange(DEPTH)).ravel()
        entries, _ = self.entries(places)
        lengths = self.starts[places + 1] - self.starts[places]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return TokenLogprobs(self.sampled[index], starts, self.keys[entries], self.log_p[entries])

    def entries(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Entries of ``keys`` listed at ``places`` (row * DEPTH + depth), and for each its position in ``places``."""
        lengths = self.starts[places + 1] - self.starts[places]
        owner = np.repeat(np.arange(len(places)), lengths)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return self.starts[places][owner] + within, owner


def concatenate(parts: Sequence[TokenLogprobs]) -> TokenLogprobs:
    """The rows of several, one after another."""
    ends = np.cumsum([0, *(len(part.keys) for part in parts)])
    return TokenLogprobs(
        sampled=np.concatenate([part.sampled for part in parts]),
        starts=np.concatenate([[0], *(part.starts[1:] + end for part, end in zip(parts, ends, strict=False))]),
        keys=np.concatenate([part.keys for part in parts]),
        log_p=np.concatenate([part.log_p for part in parts]),
    )


class LogprobsGathered:
    """Log probabilities as they are read, row by row. ``malformed`` counts the rows whose value is unusable."""

    def __init__(self) -> None:
        """Begin without rows."""
        self.malformed = 0
        self._empty = 0
        self._sampled = array("q")
        self._lengths = array("B")
        self._keys = array("q")
        self._values = array("f")

    def append(self, value: object, token_ids: object) -> None:
        """Add one row's value, None where it has none; what is malformed counts as none.

        The ``token_ids`` of a row without log probabilities still say what was drawn.
        """
        try:
            positions = _drawn_alone(token_ids) if value is None else positions_of(value, token_ids)
        except MalformedError:
            self.malformed += 1
            positions = _drawn_alone(token_ids)
        if not positions and not self._sampled:
            self._empty += 1  # rows before the first that has any take no room
            return
        for sampled, listed in islice(_padded(positions), DEPTH):
            self._sampled.append(sampled)
            self._lengths.append(len(listed))
            self._keys.extend(key for key, _ in listed)
            self._values.extend(value for _, value in listed)

    def gathered(self) -> TokenLogprobs | None:
        """All rows; None where nothing is known of any."""
        if not self._sampled:
            return None
        none_yet = TokenLogprobs.nothing(self._empty)
        starts = np.concatenate([[0], np.cumsum(np.frombuffer(self._lengths, dtype=np.uint8), dtype=np.int64)])
        there = TokenLogprobs(
            sampled=np.frombuffer(self._sampled, dtype=np.int64).reshape(-1, DEPTH),
            starts=starts,
            keys=np.frombuffer(self._keys, dtype=np.int64),
            log_p=np.frombuffer(self._values, dtype=np.float32),
        )
        return concatenate([none_yet, there])


def _padded(positions: Iterable[Position]) -> Iterator[Position]:
    yield from positions
    while True:
        yield -1, []


def _drawn_alone(token_ids: object) -> list[Position]:
    try:
        return [(_key(token), []) for token in token_ids[:DEPTH]] if isinstance(token_ids, list) else []
    except MalformedError:
        return []


def positions_of(value: object, token_ids: object = None) -> list[Position]:
    """(sampled token, listed tokens by falling log probability) of the first tokens. Raises :class:`MalformedError`."""
    if isinstance(value, dict):
        if isinstance(value.get("tokens"), list):
            return _completions(value)
        value = value.get("content")
        if value is None:  # a refusal has logprobs of its own kind
            return []
    if not isinstance(value, list):
        raise MalformedError
    if value and isinstance(value[0], list) and value[0] and not isinstance(value[0][0], list):
        value = [value]  # a text of one token, read as one of several generations
    ids = token_ids if isinstance(token_ids, list) else []
    return [_position(entry, token) for entry, token in zip_longest(value[:DEPTH], ids[: len(value[:DEPTH])])]


def _completions(value: Mapping[str, object]) -> list[Position]:
    tokens, tops = value["tokens"], value.get("top_logprobs") or []
    if not isinstance(tokens, list) or not isinstance(tops, list):
        raise MalformedError
    pairs = zip_longest(tokens[:DEPTH], tops[: len(tokens[:DEPTH])])
    return [(sampled := _key(token), _sorted(_items(top), drop_last=sampled)) for token, top in pairs]


def _position(entry: object, token_id: object) -> Position:
    if entry is None:
        return (-1 if token_id is None else _key(token_id)), []
    if isinstance(entry, list):
        pairs = [_pair(pair) for pair in entry]
        return (pairs[0][0], _sorted(pairs[1:])) if pairs else (-1, [])
    if not isinstance(entry, dict):
        raise MalformedError
    if "token" in entry:
        tops = entry.get("top_logprobs") or []
        if not isinstance(tops, list) or not all(isinstance(top, dict) for top in tops):
            raise MalformedError
        return _token(entry), _sorted((_token(top), top.get("logprob")) for top in tops)
    items = list(_items(entry))
    if not items:
        return -1, []
    sampled = items[0][0] if token_id is None else _key(token_id)
    return sampled, _sorted(items, drop_last=sampled)


def _items(top: object) -> Iterator[tuple[int, object]]:
    """The tokens of an object; vLLM's keys are ids, and its values objects."""
    if top is None:
        return
    if not isinstance(top, dict):
        raise MalformedError
    for name, value in top.items():
        if isinstance(value, dict):
            yield _key(_ID_IN_WORDS + name), value.get("logprob")
        else:
            yield _key(name), value


def _pair(pair: object) -> tuple[int, object]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise MalformedError
    return _key(pair[0]), pair[1]


def _token(entry: Mapping[str, object]) -> int:
    """Tokens that are parts of one character share a string: their bytes tell them apart."""
    given = entry.get("bytes")
    if isinstance(given, list) and given:
        try:
            return _hashed(bytes(given))
        except (TypeError, ValueError):
            raise MalformedError from None
    return _key(entry.get("token"))


def _key(token: object) -> int:
    if isinstance(token, str):
        name = token.removeprefix(_ID_IN_WORDS)
        if name == token or not (name.isascii() and name.isdecimal() and len(name) < 11):
            return _hashed(token.encode("utf-8", "surrogatepass"))
        token = int(name)
    if isinstance(token, int) and not isinstance(token, bool) and 0 <= token < _LARGEST_ID:
        return token
    raise MalformedError


def _hashed(token: bytes) -> int:
    return int.from_bytes(blake2b(token, digest_size=7).digest(), "little") | _STRING


def _sorted(pairs: Iterable[tuple[int, object]], drop_last: int | None = None) -> Listed:
    """The most likely tokens, at most ``MOST``; without ``drop_last`` where it is the least likely.

    Some tools add the sampled token to the list: kept there, what is listed would depend on what was drawn.
    """
    found: dict[int, float] = {}
    for key, value in pairs:
        logprob = _logprob(value)
        if logprob > _ZERO:
            found[key] = max(logprob, found.get(key, logprob))
    listed = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    if sum(exp(logprob) for _, logprob in listed) > 1 + _ROUNDING:
        raise MalformedError
    if listed and listed[-1][0] == drop_last:
        listed.pop()
    return listed[:MOST]


def _logprob(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError
    if not value <= _ROUNDING:  # NaN is not
        raise MalformedError
    return min(0.0, float(max(value, 2 * _ZERO)))
