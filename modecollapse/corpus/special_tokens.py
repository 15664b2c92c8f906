"""Tokens that steer a model, where texts were decoded with them: padding, and what begins and ends an answer."""

from __future__ import annotations

import re

TAG = (
    r"<\|[^\s<>|]{1,40}\|>|<｜[^\s<>｜]{1,40}｜>|</?s>|<(?:pad|bos|eos|unk|sop|eop)>|<(?:PAD|BOS_TOKEN|EOS_TOKEN)>"
    r"|<(?:start|end)_of_turn>|\[/?INST\]|\[(?:PAD|CLS|SEP|gMASK)\]"
)
"""A pattern for one of them, whatever it stands for."""

_AROUND = (
    r"<\|(?:begin_?of_?text|start_?of_?text|end_?of_?text|im_end|eo[tm]_id|end|return|bos|eos|\w{0,20}pad\w{0,20})\|>"
    r"|<\|(?:END_OF_TURN_TOKEN|pad_token)\|>|<｜(?:(?:begin|end)[▁ ]of[▁ ]sentence|[▁ ]pad[▁ ])｜>"
    r"|</?s>|<(?:pad|bos|eos|sop|eop)>|<(?:PAD|BOS_TOKEN|EOS_TOKEN)>|<end_of_turn>|\[(?:PAD|CLS|SEP|gMASK)\]"
)
"""Those that begin, end or fill up a text. A model that repeats others (``[/INST]``, ``<|im_start|>``) is broken."""

_BEGIN = re.compile(rf"(?:\s*(?:{_AROUND}))+\s*")
_LAST = re.compile(rf"(?:{_AROUND})\Z")
_LONGEST = 52


def without_special_tokens(text: str) -> str:
    """``text`` without those around it, and without blanks beside them. What stands in its middle stays."""
    text = without_beginning(text)
    end = begun = _without_blanks(text, len(text))
    if "<s>" in text and text.endswith("</s>", 0, end):
        return text  # struck out, in HTML
    while last := _LAST.search(text, max(0, end - _LONGEST), end):
        end = _without_blanks(text, last.start())
    return text if end == begun else text[:end]


def without_beginning(text: str) -> str:
    """``text`` without those before it alone."""
    begin = _BEGIN.match(text)
    return text if begin is None else text[begin.end() :]


def _without_blanks(text: str, end: int) -> int:
    """Where the last character before ``end`` is none."""
    while end and text[end - 1].isspace():
        end -= 1
    return end
