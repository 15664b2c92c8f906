"""Refusals: what a model says in place of an answer. The commonest formulas of nine languages, no more.

A formula is an apology followed by an inability ("I'm sorry, but I can't …"), or an inability to do what assistants are
asked for ("I cannot assist with …"). Either half alone is everyday language.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from modecollapse.words import weight

MOST_WORDS = 60
_CHARACTERS_READ = 400


_CANNOT = (
    "(?:can't|cannot|can not|won't|will not|(?:am|'m) (?:unable|not able) to|don't feel comfortable|must decline"
    "|have to decline)"
)
_SERVE = (
    "(?:help|assist|provide|fulfil|comply|answer|respond|create|generate|write|produce|engage|support|discuss|offer"
    "|share|do that|do this|participate|promote|to )"
)
_AS_AN_AI = r"(?:as an? (?:ai|artificial|(?:large )?language)[^.]{0,60}?[ ,]+)?"
_PAUSE = "[ ,.;:!。]{0,3}"
_FORMULAS = (
    # English
    rf"(?:i'?m|i am)?(?: so| very| really| truly)? ?sorry{_PAUSE}(?:but )?{_AS_AN_AI}i ?{_CANNOT}",
    rf"(?:i apologi[sz]e|my apologies|unfortunately|regrettably){_PAUSE}(?:but )?{_AS_AN_AI}i ?{_CANNOT}",
    rf"{_AS_AN_AI}i ?{_CANNOT} {_SERVE}",
    # German, French, Spanish, Italian, Portuguese
    rf"(?:(?:es )?tut mir leid|leider|entschuldigung){_PAUSE}(?:aber )?(?:\w{{1,12}} )?"
    r"(?:ich (?:kann|darf)|(?:kann|darf) ich)\b[^.]{0,60}\b(?:nicht|keine?n?)\b",
    rf"(?:(?:je suis )?(?:vraiment )?désolée?|je regrette|malheureusement){_PAUSE}(?:mais )?je ne (?:peux|puis)\b",
    rf"(?:lo siento|lo lamento|lamentablemente){_PAUSE}(?:pero )?no (?:puedo|me es posible)\b",
    rf"(?:mi dispiace|mi spiace|purtroppo){_PAUSE}(?:ma )?non posso\b",
    rf"(?:desculpe|lamento|sinto muito|infelizmente){_PAUSE}(?:mas )?(?:eu )?não posso\b",
    # Russian, Chinese, Japanese
    rf"(?:извините|простите|к сожалению|мне жаль){_PAUSE}(?:но )?я не (?:могу|имею)\b",
    rf"(?:很|非常)?(?:抱歉|对不起|對不起|遗憾){_PAUSE}(?:但是?)?我?(?:无法|無法|不能)",
    r"我(?:无法|無法|不能)(?:为您|为你)?(?:提供|协助|協助|帮助|幫助|回答|满足)",
    r"(?:申し訳(?:ありません|ございません)|すみません)[^。]{0,60}(?:できません|できかねます|いたしかねます)",
)
_REFUSAL = regex.compile("|".join(f"(?:{formula})" for formula in _FORMULAS))
_SPACE = regex.compile(r"[\s*_#>]++")
_PLAIN = str.maketrans({"’": "'", "，": ",", "！": "!", "、": ","})


def is_refusal(text: str, words: Sequence[str]) -> bool:
    """Whether a text of at most 60 words opens with a refusal."""
    head = _SPACE.sub(" ", text[:_CHARACTERS_READ]).strip().lower().translate(_PLAIN)
    return _REFUSAL.match(head) is not None and sum(map(weight, words)) <= MOST_WORDS
