"""What stands around the prompts of a file alike: a chat template, a system prompt with its date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from modecollapse.affixes import common_beginning, common_ending
from modecollapse.corpus.echoes import ANSWERED_BY
from modecollapse.corpus.special_tokens import TAG

_NEARLY_ALL = 0.8

_ASKS, _ANSWERS = "|".join(("system", *ANSWERED_BY)), "|".join(ANSWERED_BY.values())
_FLAGS = regex.IGNORECASE | regex.MULTILINE
_LAST_BEFORE = regex.compile(rf"(?s:.*)(?:{TAG}|(?:^|(?<=[>\]]))(?:\#+ *)?(?:{_ASKS}) *[:：\n])", _FLAGS)
_FIRST_BEHIND = regex.compile(rf"{TAG}|^(?:\#+ *)?(?:{_ANSWERS}) *(?:[:：]|$)", _FLAGS)
_ROLES_BEFORE = regex.compile(rf"(?:\s++|{TAG}|(?:\#++ *+)?(?:{_ASKS}) *+(?:[:：\n]|(?=<\|)))*+", _FLAGS)
_ROLE_BEHIND = regex.compile(rf"(?:{TAG}|(?:^|(?<=[>\]]))(?:\#+ *)?(?:{_ANSWERS}) *[:：]?)\Z", _FLAGS)
_LONGEST = 60

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BROUGHT_ALONG = """
    you are a friendly helpful, harmless, respectful and honest assistant. you are chatgpt, a large language model
    trained by openai. you are qwen, created by alibaba cloud. a helpful ai assistant named smollm, trained by hugging
    face, huggingface. llama, developed by meta; gemma, made by google; phi, by microsoft; mistral; deepseek; claude, by
    anthropic; called gpt, a chatbot. cutting knowledge date, knowledge cutoff. current date, today's date: today is
    january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep oct nov dec. reasoning: low, medium, high. valid channels: analysis, commentary, final. channel must be included
    for every message. below is an instruction that describes a task, paired with an input that provides further
    context. write a response that appropriately completes the request. a chat between a curious user and an artificial
    intelligence assistant. the assistant gives helpful, detailed, and polite answers to the user's questions. system
    human bot question prompt instructions think
"""
"""What the system prompts say that templates bring by themselves: it asks for nothing."""

_SAYS_NOTHING = frozenset(_WORD.findall(_BROUGHT_ALONG))
_TAG = regex.compile(TAG, regex.IGNORECASE)


@dataclass(frozen=True)
class Template:
    """What nearly all prompts of a file have before and behind what they ask."""

    before: str = ""
    behind: str = ""

    def asked(self, prompt: str) -> str:
        """What ``prompt`` asks: between the two, where it has them."""
        return prompt.removeprefix(self.before).removesuffix(self.behind).strip()

    def says_otherwise(self, other: Template) -> set[str]:
        """Words of one of the templates alone, but for those that say nothing."""
        return (self._words ^ other._words) - _SAYS_NOTHING

    @property
    def _words(self) -> set[str]:
        return set(_WORD.findall(_TAG.sub(" ", f"{self.before} {self.behind}").casefold()))


def template_of(prompts: Sequence[str]) -> Template:
    """Up to the last role or tag before them, from the first one behind; of a lone prompt its roles and tags alone."""
    if len(prompts) < 2:
        return _of_one(prompts[0]) if prompts else Template()
    found = _LAST_BEFORE.match(common_beginning(prompts, _NEARLY_ALL))
    before = str(found.group()) if found else ""
    ending = common_ending([prompt.removeprefix(before) for prompt in prompts], _NEARLY_ALL)
    found = _FIRST_BEHIND.search(ending)
    return Template(before, ending[found.start() :] if found else "")


def _of_one(prompt: str) -> Template:
    found = _ROLES_BEFORE.match(prompt)
    begin = found.end() if found else 0
    end = len(prompt.rstrip())
    while last := _ROLE_BEHIND.search(prompt, max(begin, end - _LONGEST), end):
        end = len(prompt[: last.start()].rstrip())
    return Template(prompt[:begin], prompt[max(begin, end) :])


def without_tags(prompt: str) -> str:
    """``prompt`` as it is decoded without its special tokens."""
    return str(_TAG.sub("", prompt))
