"""Tokens that steer a model, where texts were decoded with them: padding, and what begins and ends an answer."""

from __future__ import annotations

import re

_NAMES = "pad|bos|eos|unk|sop|eop|eod|(?:pad|bos|eos|unk)_token|extra_id_[0-9]+"
TAG = (
    r"<\|[^<>|]{1,40}\|>|<｜[^<>｜]{1,40}｜>|</?s>|<(?:start|end)_of_turn>|\[/?INST\]"
    rf"|<(?:{_NAMES})>|\[(?:pad|cls|sep|eos|bos|g?mask)\]"
)
"""A pattern for one of them, in small letters or in capitals."""

_BEFORE_A_TEXT = "|".join(
    (
        rf"</?s>|<(?:{_NAMES})>|<end_of_turn>|\[(?:pad|cls|sep|eos|bos|g?mask)\]",
        r"<\|(?:end_?of_?text|begin_?of_?text|start_?of_?text|im_end|eo[tm]_id|end|\w*pad\w*|[be]os)\|>",
        "<｜(?:(?:begin|end)[▁ ]of[▁ ]sentence|[▁ ]pad[▁ ])｜>",
    )
)
"""Not those that begin a turn or reasoning, which tell what follows."""

_BEGIN = re.compile(rf"(?:\s*(?:{_BEFORE_A_TEXT}))+\s*", re.IGNORECASE)
_LAST = re.compile(rf"(?:{TAG})\Z", re.IGNORECASE)
_LONGEST = 44


def without_special_tokens(text: str) -> str:
    """``text`` without those around it, and without blanks beside them. What stands in its middle stays."""
    end = len(text)
    while last := _LAST.search(text, max(0, (last_end := _without_blanks(text, end)) - _LONGEST), last_end):
        end = last.start()
    if end < len(text):
        text = text[: _without_blanks(text, end)]
    begin = _BEGIN.match(text)
    return text if begin is None else text[begin.end() :]


def _without_blanks(text: str, end: int) -> int:
    """Where the last character before ``end`` is none."""
    while end and text[end - 1].isspace():
        end -= 1
    return end
