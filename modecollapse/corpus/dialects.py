"""Where the usual tools put a generation and its prompt: rows of many shapes → text, prompt, settings.

A shape is a dotted path: ``choices.*.message`` is the ``message`` of each element of ``choices``. What a path leads to
may be a string, a chat message, a list of chat messages that ends with the model's own, or a list of typed content
parts; more than one match is more than one generation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from modecollapse.corpus.jsonl import UnusableError

Row = Mapping[str, Any]

SETTINGS = ("temperature", "top_p", "top_k", "min_p")

_SHAPES_OF_ELEMENT = ("", ".text", ".message", ".generated_text", ".output", ".response", ".completion")


def _of_list(*names: str) -> tuple[str, ...]:
    """Fields that hold several generations, as strings or objects."""
    return tuple(f"{name}.*{shape}" for name in names for shape in _SHAPES_OF_ELEMENT)


def _of_field(*names: str) -> tuple[str, ...]:
    """Fields that hold one generation, or several."""
    return tuple(
        path for name in names for path in (name, f"{name}.text", f"{name}.message", f"{name}.content", *_of_list(name))
    )


_CHATS = ("messages", "conversations", "conversation")

# The more telling a shape is, the earlier it stands: next to "generated_text", "output" is likely a reference answer,
# and next to any other field "text" is likely what was asked about.
_DIALECTS: Sequence[tuple[str, Sequence[str]]] = (
    ("openai-batch", ("response.body.choices.*.message", "response.body.choices.*.text", "response.body.output")),
    ("anthropic-batch", ("result.message",)),
    ("openai", ("choices.*.message", "response.choices.*.message", "completion.choices.*.message")),
    ("lm-evaluation-harness", ("resps.*.*", "resps.*", "filtered_resps.*.*", "filtered_resps.*")),
    ("vllm", ("outputs.*.text",)),
    ("plain", _of_field("generated_text", "generation", "completion", "response")),
    (
        "several",
        _of_list("generated_texts", "generations", "completions", "responses", "outputs", "samples", "texts"),
    ),
    ("plain", _of_field("output", "text")),
    ("openai", ("choices.*.text", "response.choices.*.text")),
    ("chat", ("message", *_CHATS)),
)

_PROMPT_IDS = ("prompt_id", "custom_id", "doc_id", "question_id", "task_id")
_LONE_PROMPT_IDS = ("problem_id", "query_id", "qid")
"""Ids only where rows have no prompt beside them: some number each row of a prompt by these."""

_PROMPTS = (
    "prompt",
    "instruction",
    "question",
    "query",
    *_CHATS,
    "arguments.gen_args_0.arg_0",
    "arguments.0.0",
    "doc.prompt",
    "doc.question",
    "inputs",
    "input",
)
_SETTINGS_IN = ("sampling_params", "params", "generation_config", "arguments.gen_args_0.arg_1", "arguments.0.1")

_OWN_ROLES = frozenset({"assistant", "gpt", "model", "bot"})
_ASKING_ROLES = frozenset({"user", "human"})
_TEXT_PARTS = frozenset({"text", "output_text", "message"})


@dataclass(frozen=True)
class Asked:
    """What the user wants taken, as dotted paths; None: find it."""

    text: str | None = None
    prompt: str | None = None
    temperature: str | None = None
    columns: Sequence[str] = ()


class Generation(NamedTuple):
    """One text (None where this one of several is missing) and what stands beside it, unchecked but for numbers."""

    text: str | None
    sample: int
    settings: Mapping[str, float]
    token_ids: Any
    logprobs: object
    embedding: object
    columns: Mapping[str, Any]


class Reading(NamedTuple):
    """What one row says. ``prompt_key`` is the prompt's id, or its text where it has none.

    ``answer_filter`` is there where lm-evaluation-harness wrote the row: it writes each once per filter.
    """

    prompt_key: str
    prompt_text: str
    generations: Sequence[Generation]
    answer_filter: str | None


class Reader:
    """Reads rows by the shape that fits most of those it is shown first; an odd row by the one field that fits it."""

    def __init__(self, rows: Sequence[Row], asked: Asked) -> None:
        """Settle from the first ``rows`` where text and prompt stand."""
        self._asked = asked
        self._paths = _ordered_paths() if asked.text is None else _of_field(asked.text)
        self.text = _most_common(self._paths, (path for row in rows for path in self._fitting(row)))
        prompts = tuple(path for path in _PROMPTS if path != asked.text or path in _CHATS)
        self._prompt_text = _most_common(prompts, _present(rows, prompts, _prompt))
        lone = _LONE_PROMPT_IDS if self._prompt_text is None else ()
        ids = (*_PROMPT_IDS, *lone) if asked.prompt is None else (asked.prompt,)
        self._prompt_id = _most_common(ids, _present(rows, ids, _identifier))
        self.temperature = _most_common(*self._temperatures(rows))
        self._prompt_ids = _first(self._prompt_id, ids)
        self._prompt_texts = _first(self._prompt_text, prompts)

    @property
    def dialect(self) -> str:
        """The name of the shape; ``custom`` where the user named the field."""
        if self._asked.text is not None:
            return "custom"
        return next((name for name, paths in _DIALECTS if self.text in paths), "unknown")

    @property
    def prompt(self) -> str | None:
        """The path of what identifies a prompt."""
        return self._prompt_id or (self._prompt_text if self._asked.prompt is None else None)

    def read(self, row: object) -> Reading:
        """The generations of a row. Raises :class:`UnusableError` with a short, stable reason."""
        if not isinstance(row, dict):
            raise UnusableError("not an object")
        generations = self._generations(row, self._path(row))
        texts = [generation.text for generation in generations if generation.text is not None]
        key, prompt = self._prompt_of(row, texts)
        answer_filter = row.get("filter")
        return Reading(key, prompt, generations, answer_filter if isinstance(answer_filter, str) else None)

    def _temperatures(self, rows: Sequence[Row]) -> tuple[Sequence[str], Iterable[str]]:
        if self._asked.temperature is not None:
            return (self._asked.temperature,), (self._asked.temperature,)
        paths = ("temperature", *(f"{name}.temperature" for name in _SETTINGS_IN))
        return paths, (path for row in rows for path in paths if _get(row, path) is not None)

    def _fitting(self, row: Row) -> Iterator[str]:
        for path in self._paths:
            if any(_as_text(value) is not None for value, _ in _walk(row, _steps(path), None)):
                yield path

    def _path(self, row: Row) -> str:
        if self.text and any(_as_text(value) is not None for value, _ in _walk(row, _steps(self.text), None)):
            return self.text
        fitting = list(self._fitting(row))
        if not fitting:
            given = any(
                isinstance(value, int | float) for path in self._paths for value, _ in _walk(row, _steps(path), None)
            )
            raise UnusableError("text is not a string" if given else "no text")
        if self._asked.text is None and len({path.split(".")[0] for path in fitting}) > 1:
            raise UnusableError("several fields could be the text")
        return fitting[0]

    def _generations(self, row: Row, path: str) -> list[Generation]:
        found = list(_walk(row, _steps(path), None))
        sources = [row, *(source for name in _SETTINGS_IN if isinstance(source := _get(row, name), dict))]
        return [
            Generation(
                text=_as_text(value),
                sample=_sample(row, own or {}, index, len(found)),
                settings=self._settings([*([own] if own else []), *sources], index, len(found)),
                token_ids=_beside(row, own or {}, "token_ids", index, len(found), vector=True),
                logprobs=_beside(row, own or {}, "logprobs", index, len(found), vector=True),
                embedding=_beside(row, own or {}, "embedding", index, len(found), vector=True),
                columns={name: _beside(row, own or {}, name, index, len(found)) for name in self._asked.columns},
            )
            for index, (value, own) in enumerate(found)
        ]

    def _settings(self, sources: Sequence[Row], index: int, count: int) -> dict[str, float]:
        settings = {}
        for name in SETTINGS:
            path = self._asked.temperature if name == "temperature" and self._asked.temperature else name
            for source in sources:
                number = _number(_share(_get(source, path), index, count))
                if number is not None:
                    settings[name] = number
                    break
        return settings

    def _prompt_of(self, row: Row, texts: Collection[str]) -> tuple[str, str]:
        """Key and text of the row's prompt; the one key "" where the rows of this file have no prompt."""
        text = next((t for path in self._prompt_texts if (t := _prompt(row, path, texts)) is not None), None)
        key = next((k for path in self._prompt_ids if (k := _identifier(row, path, texts)) is not None), None)
        if self._asked.prompt is None:
            key = text if key is None else key
        elif text is None:
            text = key
        if key is None and (self.prompt or self._asked.prompt):
            raise UnusableError("no prompt")
        return key or "", text or ""


def field_names(rows: Iterable[Row]) -> list[str]:
    """The dotted paths of the values in ``rows``, in the order of appearance, each once."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(_leaves(row, "", 4)))
    return list(names)


def longest_field(rows: Sequence[Row]) -> str | None:
    """The field of the rows themselves that holds the longest strings, prompts aside; None where none holds any."""
    lengths: Counter[str] = Counter()
    prompts = {*_PROMPTS, *_PROMPT_IDS, *_LONE_PROMPT_IDS}
    for row in rows:
        texts = {name: value for name, value in row.items() if name not in prompts and isinstance(value, str)}
        lengths.update({name: len(value) for name, value in texts.items() if value})
    return lengths.most_common(1)[0][0] if lengths else None


def _leaves(value: object, name: str, depth: int) -> Iterator[str]:
    if depth and isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key, depth - 1)
    elif depth and isinstance(value, list) and value and isinstance(value[0], dict | list):
        yield from _leaves(value[0], f"{name}.0", depth - 1)
    else:
        yield name


def _ordered_paths() -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for _, paths in _DIALECTS for path in paths))


def _most_common(paths: Sequence[str], found: Iterable[str]) -> str | None:
    """The path found most often, the earlier of two where they tie."""
    counts = Counter(found)
    return max((path for path in paths if counts[path]), key=lambda path: counts[path], default=None)


def _present(rows: Sequence[Row], paths: Sequence[str], value: Callable[[Row, str], str | None]) -> Iterator[str]:
    return (path for row in rows for path in paths if value(row, path) is not None)


def _first(path: str | None, paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(paths) if path is None else (path, *(other for other in paths if other != path))


def _walk(value: object, steps: Sequence[str], own: Row | None) -> Iterator[tuple[object, Row | None]]:
    """What the path leads to (None: nothing), each with the element of the innermost list that it stands in."""
    if not steps:
        yield value, own
    elif steps[0] == "*":
        for element in value if isinstance(value, list) else ():
            yield from _walk(element, steps[1:], element if isinstance(element, dict) else None)
    elif isinstance(value, dict):
        size = _name_length(value, steps)
        yield from _walk(value[".".join(steps[:size])], steps[size:], own) if size else [(None, own)]
    elif isinstance(value, list) and steps[0] in map(str, range(len(value))):
        yield from _walk(value[int(steps[0])], steps[1:], own)
    else:
        yield None, own


def _name_length(value: Row, steps: Sequence[str]) -> int:
    """How many steps make the name of a field in ``value``, which may hold dots itself; 0 where there is none."""
    if steps[0] in value:
        return 1
    return next((size for size in range(2, len(steps) + 1) if ".".join(steps[:size]) in value), 0)


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _get(row: Row, path: str) -> object:
    """The value at a path without ``*``; None where there is none."""
    if path in row:
        return row[path]
    return next(_walk(row, _steps(path), None), (None, None))[0] if "." in path else None


def _beside(row: Row, own: Row, name: str, index: int, count: int, *, vector: bool = False) -> object:
    """The value of a generation's own field, or its share of the row's."""
    value = _get(own, name)
    return value if value is not None else _share(_get(row, name), index, count, vector=vector)


def _share(value: object, index: int, count: int, *, vector: bool = False) -> object:
    """The share of one of ``count`` generations: its element of a list of that length, else what all have in common.

    A ``vector`` belongs to one generation alone.
    """
    if isinstance(value, list) and len(value) == count and (not vector or isinstance(value[index], list)):
        return value[index]
    return None if vector and count > 1 else value


def _sample(row: Row, own: Row, index: int, count: int) -> int:
    """The index within the prompt; -1 where it is unknown."""
    value = _share(_get(row, "sample"), index, count) if count == 1 else own.get("sample", own.get("index"))
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return value
    return index if count > 1 else -1


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _as_text(value: object) -> str | None:
    """The text of a string, a message of the model, a chat that ends with one, or typed content parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _content(value) if _role(value) in (None, *_OWN_ROLES) else None
    if not isinstance(value, list) or not value:
        return None
    if _is_chat(value):
        return _as_text(value[-1])
    return _joined_parts(value)


def _role(message: Row) -> object:
    return message.get("role", message.get("from"))


def _is_chat(value: list[Any]) -> bool:
    return all(isinstance(message, dict) and isinstance(_role(message), str) for message in value)


def _content(message: Row, nesting: int = 3) -> str | None:
    content = message.get("content", message.get("value"))
    if content is None:
        content = message.get("refusal")
    if isinstance(content, str):
        return content
    return _joined_parts(content, nesting - 1) if isinstance(content, list) and nesting else None


def _joined_parts(parts: list[Any], nesting: int = 3) -> str | None:
    """Content parts such as ``{"type": "text", "text": …}`` in one; thoughts, images and calls of tools are no text."""
    if not all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in parts):
        return None
    read = (part.get("text", _content(part, nesting)) for part in parts if part["type"] in _TEXT_PARTS)
    texts = [text for text in read if isinstance(text, str)]
    return "".join(texts) if texts else None


def _identifier(row: Row, path: str, texts: Collection[str] = ()) -> str | None:
    """An identifier: a number 7.0, as it comes out of a data frame, is the same as 7."""
    value = _get(row, path)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _prompt(row, path, texts)


def _prompt(row: Row, path: str, texts: Collection[str] = ()) -> str | None:
    text = _prompt_text(_get(row, path), texts)
    if path == "instruction" and text is not None and isinstance(row.get("input"), str) and row["input"]:
        # Alpaca's convention: the same instruction with another input is another prompt.
        return f"{text}\n\n{row['input']}"
    return text


def _prompt_text(value: object, texts: Collection[str]) -> str | None:
    """A prompt as one text: a chat with the names of its roles, but for a lone question, and without the answer."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        return _content(value)
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(part, str) for part in value):
        return "\n".join(value)
    return _chat_text(value, texts) if _is_chat(value) else _joined_parts(value)


def _chat_text(messages: list[Any], texts: Collection[str]) -> str:
    asked = messages[:-1] if _as_text(messages[-1]) in texts else messages
    if len(asked) == 1 and _role(asked[0]) in _ASKING_ROLES:
        return _content(asked[0]) or ""
    return "\n\n".join(f"{_role(message)}: {_content(message) or ''}" for message in asked)
