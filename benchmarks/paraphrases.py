"""From which likeness on do openings say much the same?

    python -m benchmarks.paraphrases [--encoder default] [--write]

Openings that a reader would call the same in other words, beside others that are not, written by hand in three
languages. Of the pairs that the tool puts together, how many belong together (precision), and of those that do, how
many are put together (recall)? ``--write`` puts the table into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from benchmarks.document import put
from modecollapse.embed import embed, load_encoder
from modecollapse.paraphrases import alike
from modecollapse.progress import Silent

COSINES = (0.6, 0.65, 0.7, 0.75, 0.8)

SAME: dict[str, Sequence[Sequence[str]]] = {
    "English": (
        (
            *("It's a difficult question.", "That's a hard question to answer", "This is a tough question"),
            *("That is a challenging question.", "It is hard to answer that", "A difficult question, indeed."),
        ),
        ("What a great question!", "Great question!", "That's an excellent question.", "Good question!"),
        (
            *("I'm sorry, but I cannot", "I apologize, but I am unable to", "Sorry, I can't do that."),
            *("I can't help with that", "Unfortunately, I am not able to"),
        ),
        ("Sure, here is", "Certainly! Here's", "Of course! Here are", "Absolutely! Here is"),
        ("As an AI language model", "As a large language model, I", "As an artificial intelligence, I"),
        ("I think that", "I believe that", "In my opinion,", "In my view,"),
        ("Once upon a time", "Long ago, there was", "A long time ago, in"),
        ("I'm thrilled to", "I'm excited to", "I'm delighted to", "I'd be happy to"),
        ("The key to", "The secret to"),
        ("It's important to note that", "It is worth noting that", "Note that"),
        ("First of all,", "Firstly,", "To begin with,"),
        ("The sea is", "The ocean is"),
        ("Here are some tips", "Here are a few tips"),
        *(("As a sailor, I",), ("As a poet, I",), ("As a doctor, I",), ("The answer is",), ("In short,",)),
        *(("Yes, it is",), ("No, it is",), ("Dear friend,",), ("My favorite",), ("Life is a",), ("When I was",)),
        *(("If I were",), ("There are many",), ("One of the",)),
    ),
    "German": (
        ("Das ist eine schwierige Frage.", "Eine schwere Frage.", "Das ist schwer zu beantworten"),
        ("Gerne! Hier ist", "Natürlich! Hier sind", "Klar, hier ist"),
        ("Es tut mir leid, aber ich kann", "Leider kann ich nicht"),
        ("Ich denke, dass", "Ich glaube, dass"),
        ("Als Sprachmodell",),
    ),
    "Chinese": (
        ("这是一个困难的问题", "这个问题很难回答", "这是个很难的问题"),
        ("当然可以！以下是", "当然！这里有", "好的，以下是"),
        ("抱歉，我不能", "对不起，我无法"),
        ("我认为", "我觉得"),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="default")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder)
    lines = [f"| cosine | {' | '.join(SAME)} |", "|---|" + "---|" * len(SAME)]
    found = {}
    for language, groups in SAME.items():
        phrases = [phrase for group in groups for phrase in group]
        truth = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        vectors = embed(phrases, encoder, None, Silent())
        found[language] = [_cell(alike(vectors, np.zeros(len(phrases), np.int64), cosine), truth) for cosine in COSINES]
    lines += [f"| {cosine} | {' | '.join(cells)} |" for cosine, *cells in zip(COSINES, *found.values(), strict=True)]
    print("\n".join(lines))
    if arguments.write:
        put("paraphrases", "\n".join(lines))


def _cell(given: np.ndarray, truth: np.ndarray) -> str:
    pairs = np.triu_indices(len(truth), 1)
    together, belong = ((labels[:, None] == labels)[pairs] for labels in (given, truth))
    right = int((together & belong).sum())
    return f"{right} of {together.sum()} right, {right} of {belong.sum()} found"


if __name__ == "__main__":
    main()
